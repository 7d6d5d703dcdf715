locals {
  prefix = "s3://${aws_s3_bucket.lake.bucket}"
}

resource "aws_s3_bucket" "lake" {
  bucket = "acme-lake"
}

resource "aws_glue_catalog_database" "shop" {
  name = "shop"
}

resource "aws_glue_catalog_table" "events" {
  name          = "events"
  database_name = aws_glue_catalog_database.shop.name
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    classification              = "json"
    "projection.enabled"        = true
    "projection.dt.type"        = "date"
    "projection.dt.format"      = "yyyy/MM/dd"
    "projection.dt.range"       = "${var.first_day},NOW"
    "storage.location.template" = "${local.prefix}/events/$${dt}"
  }

  partition_keys {
    name = "dt"
    type = "string"
  }

  storage_descriptor {
    location     = "${local.prefix}/events/"
    input_format = "org.apache.hadoop.mapred.TextInputFormat"

    ser_de_info {
      serialization_library = "org.openx.data.jsonserde.JsonSerDe"
    }

    columns {
      name = "user_id"
      type = "string"
    }
    columns {
      name    = "payload"
      type    = "string"
      comment = "as sent"
    }
  }
}

resource "aws_glue_catalog_table" "sessions" {
  name          = "sessions"
  database_name = aws_glue_catalog_database.shop.name

  open_table_format_input {
    iceberg_input {
      metadata_operation = "CREATE"
    }
  }

  storage_descriptor {
    location = "${local.prefix}/sessions/"

    dynamic "columns" {
      for_each = var.columns
      content {
        name = columns.value.name
        type = columns.value.type
      }
    }
  }
}

resource "aws_glue_catalog_table" "each" {
  for_each      = toset(["a", "b"])
  name          = "raw_${each.key}"
  database_name = aws_glue_catalog_database.shop.name
}

resource "aws_glue_catalog_table" "open" {
  name          = "open"
  database_name = aws_glue_catalog_database.shop.name

  dynamic "partition_keys" {
    for_each = var.keys
    content {
      name = partition_keys.value
    }
  }
}
