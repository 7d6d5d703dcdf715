//! Lifecycle rules of buckets, and the tables that they are about.

use super::*;
use crate::lake::{LifecycleRule, ResourceKind};

fn rules(lake: &Lake) -> Vec<(String, (String, u32, u32), LifecycleRule)> {
    let told = |resource: &crate::lake::Resource| match &resource.kind {
        ResourceKind::Lifecycle(rule) => Some((resource.name.clone(), on_disk(lake, resource.span), rule.clone())),
        _ => None,
    };
    lake.resources.iter().filter_map(told).collect()
}

const TEMPLATE: &str = "Resources:
  Lake:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub 'lake-${Stage}'
      LifecycleConfiguration:
        Rules:
          - Id: archive
            Status: Enabled
            Prefix: raw/
            ExpirationInDays: 400
            Transitions: [{StorageClass: GLACIER, TransitionInDays: 90}]
            NoncurrentVersionExpiration: {NoncurrentDays: 30}
            AbortIncompleteMultipartUpload: {DaysAfterInitiation: 7}
          - {Status: Disabled, ExpirationInDays: 1}
          - {Status: Enabled, Prefix: !Ref Free, ExpirationInDays: 1}
          - {Status: Enabled, TagFilters: [{Key: a, Value: b}], ExpirationInDays: 1}
          - !If [A, {Status: Enabled}, {Status: Enabled}]
  ByRef:
    Type: AWS::Glue::Table
    Properties: {DatabaseName: d, TableInput: {Name: by_ref, StorageDescriptor: {Location: !Sub 's3://${Lake}/raw/a/${Free}'}}}
  ByName:
    Type: AWS::Glue::Table
    Properties: {DatabaseName: d, TableInput: {Name: by_name, StorageDescriptor: {Location: !Sub 's3://lake-${Stage}/raw'}}}
  Beside:
    Type: AWS::Glue::Table
    Properties: {DatabaseName: d, TableInput: {Name: beside, StorageDescriptor: {Location: !Sub 's3://${Lake}/rawer/'}}}
  Other:
    Type: AWS::Glue::Table
    Properties: {DatabaseName: d, TableInput: {Name: other, StorageDescriptor: {Location: !Sub 's3://${Free}/raw/'}}}
";

const MODULE: &str = r#"
resource "aws_s3_bucket" "lake" {
  bucket = "lake-${var.stage}"
  lifecycle_rule {
    id      = "old"
    enabled = true
    noncurrent_version_expiration {
      days = 60
    }
  }
}
resource "aws_s3_bucket_lifecycle_configuration" "lake" {
  count  = 1
  bucket = aws_s3_bucket.lake.id
  rule {
    id     = "archive"
    status = "Enabled"
    filter {
      and {
        prefix = "raw/"
      }
    }
    expiration {
      days = 400
    }
    transition {
      days          = 90
      storage_class = "GLACIER"
    }
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
  rule {
    id     = "tagged"
    status = "Enabled"
    filter {
      tag {
        key   = "a"
        value = "b"
      }
    }
    expiration {
      days = 1
    }
  }
  rule {
    id     = "off"
    status = "Disabled"
  }
  rule {
    id     = "open"
    status = "Enabled"
    filter {
      prefix = var.free
    }
  }
}
resource "aws_glue_catalog_table" "by_ref" {
  name          = "by_ref"
  database_name = "d"
  storage_descriptor {
    location = "s3://${aws_s3_bucket.lake.bucket}/raw/a/${var.free}"
  }
}
resource "aws_glue_catalog_table" "by_name" {
  name          = "by_name"
  database_name = "d"
  storage_descriptor {
    location = "s3://lake-${var.stage}/raw"
  }
}
resource "aws_glue_catalog_table" "beside" {
  name          = "beside"
  database_name = "d"
  storage_descriptor {
    location = "s3://${aws_s3_bucket.lake.id}/rawer/"
  }
}
resource "aws_glue_catalog_table" "other" {
  name          = "other"
  database_name = "d"
  storage_descriptor {
    location = "s3://${var.free}/raw/"
  }
}
"#;

#[test]
fn rules_tell_what_becomes_of_objects_and_tables_know_theirs() {
    let template = [("archive".to_string(), 8), ("Lake".to_string(), 17)];
    let module = [("old".to_string(), 5), ("archive".to_string(), 16), ("tagged".to_string(), 38)];
    for (name, text, expected) in [("t.yaml", TEMPLATE, &template[..]), ("t.tf", MODULE, &module[..])] {
        let folder = folder(&[(name, text)]);
        let lake = lake(folder.path());
        let rules = rules(&lake);
        let places: Vec<_> = rules.iter().map(|(name, at, _)| (name.clone(), at.1)).collect();
        assert_eq!(places, expected, "{rules:?}");
        let (_, _, archive) = rules.iter().find(|(name, ..)| name == "archive").expect("the rule");
        let days = (archive.expiration_days, archive.noncurrent_days, archive.abort_days);
        assert_eq!((days, &*archive.prefix), ((Some(400), Some(30), Some(7)), "raw/"));
        let archived = |table: &&crate::lake::Table| lake.archiving(table).is_some();
        let tables = lake.catalog.iter().map(|(_, table)| table);
        let archived: Vec<_> = tables.filter(archived).map(|table| table.name.table().to_string()).collect();
        assert_eq!(archived, ["by_name", "by_ref"], "{name}");
        let transition = lake.archiving(lake.catalog.iter().next().expect("a table").1);
        assert!(transition.is_none(), "beside is the first");
    }
}

#[test]
fn what_expires_before_is_not_archived_and_buckets_by_name_are_those_of_other_files() {
    let ddl = "CREATE EXTERNAL TABLE d.t (a int) STORED AS PARQUET LOCATION 's3://lake-dev/raw/t/'";
    for (days, is_archived) in [(400, true), (90, false), (30, false)] {
        let template =
            TEMPLATE.replace("!Sub 'lake-${Stage}'", "lake-dev").replace("InDays: 400", &format!("InDays: {days}"));
        let folder = folder(&[("t.yaml", &template), ("t.ddl", ddl)]);
        let lake = lake(folder.path());
        let table =
            lake.catalog.iter().map(|(_, table)| table).find(|table| table.name.table() == "t").expect("a table");
        assert_eq!(lake.archiving(table).is_some(), is_archived, "{days}");
        assert_eq!(lake.lifecycle_of(table).count(), 1);
    }
}
