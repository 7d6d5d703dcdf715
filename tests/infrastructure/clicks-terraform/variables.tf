variable "stage" {
  type    = string
  default = "prod"
}

variable "bucket" {
  description = "The bucket of the lake."
  type        = string
}

variable "export_query" {
  type = string
}

variable "bots_query" {
  type    = string
  default = "SELECT user_id FROM web_prod.clicks WHERE user_agent LIKE '%bot%'"
}

locals {
  lake     = "s3://${aws_s3_bucket.lake.bucket}"
  database = "web_${var.stage}"

  reports = {
    countries = {
      name  = "countries"
      query = "SELECT country, count(*) AS clicks FROM clicks WHERE day = '2025-06-29' GROUP BY country"
    }
    pages = {
      name  = "pages"
      query = "SELECT page, count(*) AS clicks FROM clicks GROUP BY page"
    }
  }
}
