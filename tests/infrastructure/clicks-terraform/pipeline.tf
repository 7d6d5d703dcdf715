resource "aws_kinesis_firehose_delivery_stream" "clicks" {
  name        = "clicks"
  destination = "extended_s3"

  extended_s3_configuration {
    role_arn           = aws_iam_role.firehose.arn
    bucket_arn         = aws_s3_bucket.lake.arn
    prefix             = "curated/clicks/day=!{timestamp:yyyy-MM-dd}/"
    buffering_size     = 128
    buffering_interval = 900

    data_format_conversion_configuration {
      input_format_configuration {
        deserializer {
          open_x_json_ser_de {}
        }
      }
      output_format_configuration {
        serializer {
          parquet_ser_de {}
        }
      }
      schema_configuration {
        database_name = aws_glue_catalog_database.web.name
        table_name    = aws_glue_catalog_table.clicks.name
        role_arn      = aws_iam_role.firehose.arn
      }
    }
  }
}

resource "aws_sfn_state_machine" "report" {
  name     = "report"
  role_arn = aws_iam_role.report.arn

  definition = jsonencode({
    StartAt        = "Users"
    TimeoutSeconds = 3600
    States = {
      Users = {
        Type     = "Task"
        Resource = "arn:aws:states:::athena:startQueryExecution.sync"
        Parameters = {
          QueryString = <<-SQL
            SELECT country, count(DISTINCT user_id) AS users
            FROM ${aws_glue_catalog_table.clicks.name}
            GROUP BY country
          SQL
          QueryExecutionContext = { Database = aws_glue_catalog_database.web.name }
          WorkGroup             = aws_athena_workgroup.reports.name
        }
        Catch = [{ ErrorEquals = ["States.ALL"], Next = "Failed" }]
        Next  = "Yesterday"
      }
      # Good: one day.
      Yesterday = {
        Type     = "Task"
        Resource = "arn:aws:states:::athena:startQueryExecution.sync"
        Parameters = {
          QueryString           = "SELECT page, count(*) AS clicks FROM ${local.database}.clicks WHERE day = cast(current_date - interval '1' day AS varchar) GROUP BY page"
          QueryExecutionContext = { Database = aws_glue_catalog_database.web.name }
          WorkGroup             = aws_athena_workgroup.reports.name
        }
        Catch = [{ ErrorEquals = ["States.ALL"], Next = "Failed" }]
        End   = true
      }
      Failed = { Type = "Fail", Error = "ReportFailed" }
    }
  })
}

resource "aws_cloudwatch_event_rule" "report" {
  name                = "report"
  schedule_expression = "rate(1 day)"
}

resource "aws_cloudwatch_event_target" "report" {
  rule     = aws_cloudwatch_event_rule.report.name
  arn      = aws_sfn_state_machine.report.arn
  role_arn = aws_iam_role.events.arn
}
