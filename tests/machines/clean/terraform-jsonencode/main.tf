locals {
  lambda_errors = ["Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException"]
}

resource "aws_sfn_state_machine" "ingest" {
  name     = "${var.environment}-ingest"
  role_arn = aws_iam_role.ingest.arn

  definition = jsonencode({
    Comment        = "Fetches files from a partner and converts them"
    StartAt        = "Fetch"
    TimeoutSeconds = 10800
    States = {
      Fetch = {
        Type     = "Task"
        Resource = aws_lambda_function.fetch.arn
        Retry = [{
          ErrorEquals     = local.lambda_errors
          IntervalSeconds = 2
          MaxAttempts     = 6
          BackoffRate     = 2
        }]
        Catch = [{ ErrorEquals = ["States.ALL"], Next = "Failed" }]
        Next  = "Convert"
      }
      Convert = {
        Type     = "Task"
        Resource = "arn:aws:states:::glue:startJobRun.sync"
        Parameters = {
          JobName = aws_glue_job.convert.name
        }
        Catch = [{ ErrorEquals = ["States.ALL"], Next = "Failed" }]
        End   = true
      }
      Failed = {
        Type  = "Fail"
        Error = "IngestFailed"
      }
    }
  })
}

resource "aws_glue_job" "convert" {
  name              = "convert"
  role_arn          = aws_iam_role.glue.arn
  glue_version      = "5.0"
  worker_type       = "G.1X"
  number_of_workers = 4
  timeout           = 60
  max_retries       = 0

  command {
    name            = "glueetl"
    script_location = "s3://scripts/convert.py"
  }
}

resource "aws_lambda_function" "fetch" {
  function_name = "fetch"
  role          = aws_iam_role.fetch.arn
  runtime       = "python3.12"
  handler       = "fetch.handler"
  filename      = "fetch.zip"
  timeout       = 300
  memory_size   = 512
}

resource "aws_cloudwatch_event_rule" "daily" {
  name                = "ingest-daily"
  schedule_expression = "rate(1 day)"
}

resource "aws_cloudwatch_event_target" "ingest" {
  rule     = aws_cloudwatch_event_rule.daily.name
  arn      = aws_sfn_state_machine.ingest.arn
  role_arn = aws_iam_role.events.arn
}
