resource "aws_s3_bucket" "lake" {
  bucket = "${var.bucket}-${var.stage}"
}

resource "aws_s3_bucket_lifecycle_configuration" "lake" {
  bucket = aws_s3_bucket.lake.id

  rule {
    id     = "archive"
    status = "Enabled"

    filter {
      prefix = "curated/"
    }

    transition {
      days          = 60
      storage_class = "STANDARD_IA"
    }

    transition {
      days          = 365
      storage_class = "DEEP_ARCHIVE"
    }
  }

  # Expired before they would be archived.
  rule {
    id     = "raw"
    status = "Enabled"

    filter {
      prefix = "raw/"
    }

    transition {
      days          = 90
      storage_class = "GLACIER"
    }

    expiration {
      days = 60
    }
  }
}

resource "aws_s3_bucket" "results" {
  bucket_prefix = "athena-results-"
}

resource "aws_s3_bucket_lifecycle_configuration" "results" {
  bucket = aws_s3_bucket.results.id

  rule {
    id     = "expire"
    status = "Enabled"
    filter {}

    expiration {
      days = 14
    }
  }
}

resource "aws_athena_workgroup" "reports" {
  name = "reports"

  configuration {
    bytes_scanned_cutoff_per_query = 500000000000

    result_configuration {
      output_location = "s3://${aws_s3_bucket.results.bucket}/reports/"
    }
  }
}

# lakelint: ignore[workgroup-without-scan-limit] the exports are large on purpose
resource "aws_athena_workgroup" "exports" {
  name = "exports"
}

resource "aws_athena_workgroup" "adhoc" {
  name = "adhoc-${var.stage}"

  configuration {
    result_configuration {
      output_location = "s3://${aws_s3_bucket.results.bucket}/adhoc/"
    }
  }
}
