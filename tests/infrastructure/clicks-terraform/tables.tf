resource "aws_glue_catalog_database" "web" {
  name = local.database
}

# Good: Parquet, projected days.
resource "aws_glue_catalog_table" "clicks" {
  name          = "clicks"
  database_name = aws_glue_catalog_database.web.name
  description   = "One row per click."
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL                    = "TRUE"
    classification              = "parquet"
    "projection.enabled"        = "true"
    "projection.day.type"       = "date"
    "projection.day.format"     = "yyyy-MM-dd"
    "projection.day.range"      = "2022-01-01,NOW"
    "storage.location.template" = "${local.lake}/curated/clicks/day=$${day}/"
  }

  partition_keys {
    name = "day"
    type = "string"
  }

  storage_descriptor {
    location      = "${local.lake}/curated/clicks/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    columns {
      name = "user_id"
      type = "string"
    }
    columns {
      name = "page"
      type = "string"
    }
    columns {
      name = "country"
      type = "string"
    }
    columns {
      name = "user_agent"
      type = "string"
    }
    columns {
      name = "clicked_at"
      type = "timestamp"
    }
  }
}

# Wasteful: JSON in the curated layer.
resource "aws_glue_catalog_table" "campaigns" {
  name          = "campaigns"
  database_name = aws_glue_catalog_database.web.name

  parameters = {
    classification = "json"
  }

  storage_descriptor {
    location     = "s3://web-lake/curated/campaigns/"
    input_format = "org.apache.hadoop.mapred.TextInputFormat"

    ser_de_info {
      serialization_library = "org.openx.data.jsonserde.JsonSerDe"
    }

    columns {
      name = "campaign_id"
      type = "string"
    }
    columns {
      name = "started"
      type = "date"
    }
  }
}

# Good: Iceberg, partitioned by day.
resource "aws_glue_catalog_table" "sessions" {
  count         = var.stage == "test" ? 0 : 1
  name          = "sessions"
  database_name = aws_glue_catalog_database.web.name

  open_table_format_input {
    iceberg_input {
      metadata_operation = "CREATE"
      version            = 2

      iceberg_table_input {
        location = "${local.lake}/curated/sessions/"

        schema {
          type = "struct"

          fields {
            id       = 1
            name     = "user_id"
            required = true
            type     = "\"string\""
          }
          fields {
            id       = 2
            name     = "started_at"
            required = true
            type     = <<EOF
"timestamp"
EOF
          }
          fields {
            id       = 3
            name     = "pages"
            required = false
            type     = jsonencode({ type = "list", element-id = 4, element = "string", element-required = false })
          }
        }

        partition_spec {
          fields {
            name      = "started_day"
            source_id = 2
            transform = "day"
          }
        }
      }
    }
  }
}

# One for each source: no table, for nobody knows which.
resource "aws_glue_catalog_table" "raw" {
  for_each      = toset(["app", "web"])
  name          = "raw_${each.key}"
  database_name = aws_glue_catalog_database.web.name

  storage_descriptor {
    location = "${local.lake}/raw/${each.key}/"
  }
}

resource "aws_glue_catalog_table" "humans" {
  name          = "humans"
  database_name = aws_glue_catalog_database.web.name
  table_type    = "VIRTUAL_VIEW"

  parameters = {
    presto_view = "true"
  }

  view_original_text = "/* Presto View: ${base64encode(jsonencode({
    originalSql = <<-SQL
      SELECT user_id, page, day
      FROM ${aws_glue_catalog_table.clicks.name}
      WHERE user_agent NOT LIKE '%bot%'
    SQL
    catalog     = "awsdatacatalog"
    schema      = aws_glue_catalog_database.web.name
  }))} */"
}
