variable "first_day" {
  default = "2024/01/01"
}

variable "days" {}

resource "aws_athena_named_query" "recent" {
  name     = "recent-users"
  database = aws_glue_catalog_database.shop.name
  query    = <<-EOT
    SELECT DISTINCT user_id
    FROM ${aws_glue_catalog_table.events.name}
    WHERE dt >= date_format(date_add('day', -${var.days}, current_date), '%Y/%m/%d')
  EOT
}

resource "aws_athena_named_query" "everything" {
  name     = "everything"
  database = aws_glue_catalog_database.shop.name
  query    = "SELECT * FROM ${aws_glue_catalog_database.shop.name}.${aws_glue_catalog_table.events.name}"
}

resource "aws_athena_named_query" "daily" {
  name     = "daily-users"
  database = aws_glue_catalog_database.shop.name
  query    = templatefile("${path.module}/sql/daily.sql", { table = aws_glue_catalog_table.events.name, day = var.day })
}

resource "aws_athena_named_query" "sessions" {
  name     = "sessions"
  database = aws_glue_catalog_database.shop.name
  query    = file("sql/sessions.sql")
}

resource "aws_athena_prepared_statement" "of_user" {
  name            = "events_of_user"
  workgroup       = "primary"
  query_statement = "SELECT payload FROM shop.events WHERE user_id = ?"
}

resource "aws_athena_named_query" "computed" {
  name     = "computed"
  database = aws_glue_catalog_database.shop.name
  query    = var.query
}
