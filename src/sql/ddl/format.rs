//! The file format that a table definition names.

use crate::lake::FileFormat;
use crate::sql::cursor::{Properties, property};

/// The format from STORED AS (a name or an input format's class), the serde's class and the properties. Athena's defaults: text
/// for a definition, Parquet for a CTAS and for Iceberg (`parquet_by_default`). `None` for a format that lakelint does not know.
pub(super) fn format(
    stored_as: Option<&str>,
    serde: Option<&str>,
    delimited: bool,
    properties: &Properties,
    parquet_by_default: bool,
) -> Option<FileFormat> {
    let delimited_text = if delimited { FileFormat::Csv } else { FileFormat::Text };
    let stored = stored_as.filter(|s| !s.eq_ignore_ascii_case("iceberg"));
    match (serde.and_then(known), stored.map(known)) {
        // Text files: the serde says what the text is.
        (Some(FileFormat::Text), None | Some(Some(FileFormat::Text))) | (None, Some(Some(FileFormat::Text))) => {
            Some(delimited_text)
        }
        (Some(format), None | Some(None | Some(FileFormat::Text))) => Some(format),
        (_, Some(format)) => format,
        (None, None) if serde.is_some() => None,
        (None, None) => {
            let named = property(properties, "format").or(property(properties, "classification"));
            match named.map(known) {
                Some(Some(FileFormat::Text)) => Some(FileFormat::Text),
                Some(format) => format,
                None if parquet_by_default => Some(FileFormat::Parquet),
                None => Some(delimited_text),
            }
        }
    }
}

/// A format by its name or by the name of a serde's or input format's class.
fn known(name: &str) -> Option<FileFormat> {
    let name = name.to_lowercase();
    let parts: [(&str, FileFormat); 16] = [
        ("parquet", FileFormat::Parquet),
        ("csv", FileFormat::Csv),
        ("multidelimit", FileFormat::Csv),
        ("json", FileFormat::Json),
        ("cloudtrail", FileFormat::Json),
        ("avro", FileFormat::Avro),
        ("orc", FileFormat::Orc),
        ("ionhive", FileFormat::Ion),
        ("com.amazon.ion", FileFormat::Ion),
        ("text", FileFormat::Text),
        ("lazysimple", FileFormat::Text),
        ("sequencefile", FileFormat::Text),
        ("grok", FileFormat::Text),
        ("regex", FileFormat::Text),
        ("tsv", FileFormat::Csv),
        ("xml", FileFormat::Text),
    ];
    if name == "ion" {
        return Some(FileFormat::Ion);
    }
    parts.iter().find(|(part, _)| name.contains(part)).map(|(_, format)| *format)
}
