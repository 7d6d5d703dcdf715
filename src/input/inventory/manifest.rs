//! `manifest.json` of an S3 Inventory report
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html>).

use anyhow::{Result, bail};
use serde::Deserialize;

/// The version of the format that is read.
const VERSION: &str = "2016-11-30";

/// What one report consists of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    pub source_bucket: String,
    /// The ARN of the bucket that holds its files.
    pub destination_bucket: Option<String>,
    pub version: String,
    pub file_format: String,
    pub file_schema: String,
    pub files: Vec<DataFile>,
}

/// One file of a report.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct DataFile {
    /// In the destination bucket.
    pub key: String,
    /// In bytes.
    pub size: u64,
    #[serde(rename = "MD5checksum")]
    pub md5: String,
}

/// Format of a report's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Without a header, compressed with gzip.
    Csv,
    Orc,
    Parquet,
}

impl Manifest {
    /// The format of its files. An error says what this report lacks to be read.
    pub(super) fn format(&self) -> Result<Format> {
        if self.version != VERSION {
            bail!("its version is `{}`: only `{VERSION}` is known", self.version);
        }
        let format = match self.file_format.as_str() {
            "CSV" => Format::Csv,
            "ORC" => Format::Orc,
            "Parquet" => Format::Parquet,
            other => bail!("its files are of the unknown format `{other}`: expected `CSV`, `ORC` or `Parquet`"),
        };
        let words = || self.file_schema.split(|c: char| !c.is_alphanumeric() && c != '_');
        if !words().any(|word| word.eq_ignore_ascii_case("key")) {
            bail!("its files hold no keys: `fileSchema` is `{}`", self.file_schema);
        }
        if !words().any(|word| word.eq_ignore_ascii_case("size")) {
            bail!(
                "its files do not say how large objects are: add `Size` to the `OptionalFields` of the inventory's configuration \
                 (`aws s3api put-bucket-inventory-configuration --bucket {}`) and scan its next report",
                self.source_bucket
            );
        }
        Ok(format)
    }

    /// The name of the bucket that holds its files.
    pub(super) fn destination(&self) -> Option<&str> {
        let bucket = self.destination_bucket.as_deref()?;
        Some(bucket.rsplit_once(":::").map_or(bucket, |(_, name)| name)).filter(|name| !name.is_empty())
    }

    /// The columns of CSV files in their order.
    pub(super) fn columns(&self) -> Vec<&str> {
        self.file_schema.split(',').map(str::trim).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(version: &str, format: &str, schema: &str) -> Manifest {
        let text = format!(
            r#"{{"sourceBucket": "lake", "destinationBucket": "arn:aws:s3:::reports", "version": "{version}",
                "creationTimestamp": "1514944800000", "fileFormat": "{format}", "fileSchema": "{schema}",
                "files": [{{"key": "lake/all/data/a.csv.gz", "size": 5, "MD5checksum": "f11166069f1990abeb9c97ace9cdfabc"}}]}}"#
        );
        serde_json::from_str(&text).expect("manifest")
    }

    #[test]
    fn formats_and_columns_are_told() {
        let csv = manifest(VERSION, "CSV", "Bucket, Key, Size");
        assert_eq!(csv.destination(), Some("reports"));
        assert_eq!((csv.format().expect("format"), csv.columns()), (Format::Csv, vec!["Bucket", "Key", "Size"]));
        let orc = manifest(VERSION, "ORC", "struct<bucket:string,key:string,size:bigint>");
        assert_eq!(orc.format().expect("format"), Format::Orc);
        let parquet =
            "message s3.inventory { required binary bucket (UTF8); required binary key (UTF8); optional int64 size; }";
        assert_eq!(manifest(VERSION, "Parquet", parquet).format().expect("format"), Format::Parquet);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let error =
            |version, format, schema| manifest(version, format, schema).format().expect_err("error").to_string();
        assert!(error("2030-01-01", "CSV", "Bucket, Key, Size").contains("only `2016-11-30` is known"));
        assert!(error(VERSION, "Avro", "Bucket, Key, Size").contains("unknown format `Avro`"));
        assert!(error(VERSION, "CSV", "Bucket, Key, StorageClass").contains("add `Size` to the `OptionalFields`"));
        let parquet = "message s3.inventory { required binary bucket (UTF8); required binary key (UTF8); }";
        assert!(error(VERSION, "Parquet", parquet).contains("`Size`"));
    }
}
