# Good: a day that the caller names.
resource "aws_athena_named_query" "visitors" {
  name      = "visitors"
  workgroup = aws_athena_workgroup.reports.id
  database  = aws_glue_catalog_database.web.name
  query     = templatefile("${path.module}/sql/visitors.sql.tftpl", { table = aws_glue_catalog_table.clicks.name, days = 7 })
}

# Wasteful: the filter is on the time of the click, not on its day.
resource "aws_athena_named_query" "last_hours" {
  name     = "last-hours"
  database = aws_glue_catalog_database.web.name
  query    = file("${path.module}/sql/last_hours.sql")
}

# Wasteful: a function of a column that is no key, in a heredoc.
resource "aws_athena_named_query" "months" {
  name     = "months"
  database = aws_glue_catalog_database.web.name

  query = <<-SQL
    -- the months of ${var.stage}
    SELECT date_trunc('month', clicked_at) AS month, count(DISTINCT user_id) AS users
    FROM ${aws_glue_catalog_database.web.name}.${aws_glue_catalog_table.clicks.name}
    GROUP BY 1
  SQL
}

# Wasteful: both sides of the session are read as a whole.
resource "aws_athena_named_query" "long_sessions" {
  name     = "long-sessions"
  database = aws_glue_catalog_database.web.name

  query = <<SQL
SELECT s.*
FROM ${one(aws_glue_catalog_table.sessions[*].name)} s
WHERE cardinality(s.pages) > 100
SQL
}

# Good: a day of sessions.
resource "aws_athena_named_query" "sessions_of_day" {
  name     = "sessions-of-day"
  database = aws_glue_catalog_database.web.name
  query    = "SELECT user_id FROM ${aws_glue_catalog_table.sessions[0].name} WHERE started_at >= timestamp '2025-06-29 00:00:00'"
}

# Wasteful: all humans of all days, through the view.
resource "aws_athena_named_query" "humans" {
  name     = "humans"
  database = aws_glue_catalog_database.web.name
  query    = "SELECT count(DISTINCT user_id) AS humans FROM humans"
}

resource "aws_athena_named_query" "countries" {
  name     = local.reports.countries.name
  database = aws_glue_catalog_database.web.name
  query    = local.reports.countries.query
}

# Wasteful: where the local is written.
resource "aws_athena_named_query" "pages" {
  name     = local.reports["pages"].name
  database = aws_glue_catalog_database.web.name
  query    = local.reports["pages"].query
}

# Wasteful: where the default of the variable is written.
resource "aws_athena_named_query" "bots" {
  name     = "bots"
  database = aws_glue_catalog_database.web.name
  query    = var.bots_query
}

# Not known here.
resource "aws_athena_named_query" "export" {
  name     = "export"
  database = aws_glue_catalog_database.web.name
  query    = var.export_query
}

resource "aws_athena_prepared_statement" "clicks_of_user" {
  name            = "clicks_of_user"
  workgroup       = aws_athena_workgroup.adhoc.name
  query_statement = "SELECT page, clicked_at FROM ${local.database}.clicks WHERE user_id = ? AND day >= ?"
}

# lakelint: ignore[missing-partition-filter] few users ask, and seldom
resource "aws_athena_prepared_statement" "all_of_user" {
  name            = "all_of_user"
  workgroup       = aws_athena_workgroup.adhoc.name
  query_statement = "SELECT page, clicked_at FROM ${local.database}.clicks WHERE user_id = ?"
}
