resource "aws_sfn_state_machine" "hourly" {
  name     = "hourly"
  role_arn = aws_iam_role.hourly.arn
  type     = "EXPRESS"

  definition = <<-EOT
    {
      "StartAt": "Load",
      "States": {
        "Load": {
          "Type": "Task",
          "Resource": "arn:aws:states:::glue:startJobRun.sync",
          "Parameters": { "JobName": "${aws_glue_job.load.name}" },
          "Next": "Ask"
        },
        "Ask": {
          "Type": "Task",
          "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
          "Parameters": { "QueueUrl": "${aws_sqs_queue.asks.url}", "MessageBody.$": "$$.Task.Token" },
          "End": true
        }
      }
    }
  EOT
}

resource "aws_glue_job" "load" {
  name              = "load"
  role_arn          = aws_iam_role.glue.arn
  glue_version      = "4.0"
  worker_type       = "G.1X"
  number_of_workers = 20

  command {
    name            = "glueetl"
    script_location = "s3://scripts/load.py"
  }
}
