resource "aws_sfn_state_machine" "thumbnails" {
  name     = "thumbnails"
  role_arn = aws_iam_role.thumbnails.arn

  definition = templatefile("${path.module}/thumbnails.json.tftpl", {
    thumbnail_arn = aws_lambda_function.thumbnail.arn
    max_attempts  = 4
    table         = aws_dynamodb_table.thumbnails.name
  })
}

resource "aws_lambda_function" "thumbnail" {
  function_name = "thumbnail"
  role          = aws_iam_role.thumbnail.arn
  runtime       = "nodejs22.x"
  handler       = "index.handler"
  filename      = "thumbnail.zip"
}
