resource "aws_glue_job" "nightly" {
  name         = "nightly"
  role_arn     = var.role
  glue_version = "4.0"
  timeout      = 60

  command {
    script_location = "s3://${aws_s3_bucket.scripts.id}/glue/nightly.py"
  }
}

resource "aws_glue_job" "hourly" {
  name         = "hourly"
  role_arn     = var.role
  glue_version = "4.0"
  timeout      = 60

  command {
    script_location = "s3://${aws_s3_bucket.scripts.id}/glue/hourly.py"
  }

  default_arguments = {
    "--job-bookmark-option" = "job-bookmark-enable"
  }
}
