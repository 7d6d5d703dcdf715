//! `metadata.json`: format versions 1 to 3 (<https://iceberg.apache.org/spec/#table-metadata>). What is not needed is skipped.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::Value as Json;

/// Larger metadata is refused: it is read as a whole.
const LARGEST: u64 = 512 << 20;
/// The newest format that is known.
const NEWEST: u8 = 3;

/// A table's metadata as one file holds it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Metadata {
    pub format_version: u8,
    pub location: String,
    pub last_updated_ms: i64,
    /// Format 1: the current one.
    pub schema: Option<SchemaJson>,
    pub schemas: Vec<SchemaJson>,
    pub current_schema_id: Option<i64>,
    /// Format 1: the fields of the only specification.
    partition_spec: Option<Vec<SpecField>>,
    pub partition_specs: Vec<Spec>,
    pub default_spec_id: i64,
    pub current_snapshot_id: Option<i64>,
    pub snapshots: Vec<Snapshot>,
    /// Branches and tags by name; `main` is the table itself.
    pub refs: BTreeMap<String, Ref>,
    properties: BTreeMap<String, Json>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct SchemaJson {
    pub schema_id: i64,
    pub fields: Vec<FieldJson>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct FieldJson {
    pub id: i32,
    pub name: String,
    pub r#type: TypeJson,
    pub doc: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum TypeJson {
    Primitive(String),
    Nested(Box<NestedJson>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "kebab-case")]
pub(super) enum NestedJson {
    Struct { fields: Vec<FieldJson> },
    List { element_id: i32, element: TypeJson },
    Map { key_id: i32, key: TypeJson, value_id: i32, value: TypeJson },
}

/// A partition specification.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Spec {
    pub spec_id: i64,
    pub fields: Vec<SpecField>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct SpecField {
    /// `None` where a transform takes several columns, which format 3 allows.
    pub source_id: Option<i32>,
    pub transform: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Snapshot {
    pub snapshot_id: i64,
    pub parent_snapshot_id: Option<i64>,
    pub timestamp_ms: i64,
    pub manifest_list: Option<String>,
    /// Format 1: the manifests themselves.
    pub manifests: Option<Vec<String>>,
    pub summary: Summary,
}

/// A branch or a tag.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Ref {
    pub snapshot_id: i64,
    pub min_snapshots_to_keep: Option<u64>,
}

/// The counters of a snapshot that are needed; numbers are texts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Summary {
    pub operation: Option<String>,
    pub deleted_data_files: Option<String>,
    pub removed_delete_files: Option<String>,
    pub removed_files_size: Option<String>,
}

impl Metadata {
    /// Reads a file, which may be compressed; an error says what is wrong with it.
    pub(super) fn read(input: impl Read) -> Result<Metadata, String> {
        let mut bytes = Vec::new();
        limited(input, &mut bytes)?;
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut text = Vec::new();
            limited(MultiGzDecoder::new(&bytes[..]), &mut text)?;
            bytes = text;
        }
        let metadata: Metadata =
            serde_json::from_slice(&bytes).map_err(|e| format!("it is no Iceberg metadata: {e}"))?;
        metadata.checked()
    }

    fn checked(mut self) -> Result<Metadata, String> {
        match self.format_version {
            0 => return Err("it is no Iceberg metadata: it has no `format-version`".to_string()),
            version if version > NEWEST => {
                return Err(format!("its format version is {version}, {NEWEST} is the newest known"));
            }
            _ => {}
        }
        if let (true, Some(fields)) = (self.partition_specs.is_empty(), self.partition_spec.take()) {
            self.partition_specs.push(Spec { spec_id: self.default_spec_id, fields });
        }
        if self.current_snapshot_id == Some(-1) {
            self.current_snapshot_id = None;
        }
        if self.current_snapshot_id.is_some() && self.current().is_none() {
            return Err("its current snapshot is not among its snapshots".to_string());
        }
        if self.current_schema().is_none() {
            return Err("its current schema is not among its schemas".to_string());
        }
        Ok(self)
    }

    /// `None` of a table that was never written to.
    pub(super) fn current(&self) -> Option<&Snapshot> {
        self.snapshot(self.current_snapshot_id?)
    }

    pub(super) fn snapshot(&self, id: i64) -> Option<&Snapshot> {
        self.snapshots.iter().find(|snapshot| snapshot.snapshot_id == id)
    }

    pub(super) fn current_schema(&self) -> Option<&SchemaJson> {
        let current = self.schemas.iter().find(|schema| Some(schema.schema_id) == self.current_schema_id);
        current.or(self.schema.as_ref())
    }

    pub(super) fn spec(&self, id: i64) -> Option<&Spec> {
        self.partition_specs.iter().find(|spec| spec.spec_id == id)
    }

    pub(super) fn property(&self, name: &str) -> Option<&str> {
        self.properties.get(name)?.as_str()
    }

    /// A property that is a whole number, as a text or a number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        let value = self.properties.get(name)?;
        value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
    }
}

fn limited(input: impl Read, to: &mut Vec<u8>) -> Result<(), String> {
    input.take(LARGEST + 1).read_to_end(to).map_err(|e| format!("it cannot be read: {e}"))?;
    match to.len() as u64 > LARGEST {
        true => Err(format!("it is larger than {} MiB", LARGEST >> 20)),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const FIRST: &str = r#"{"format-version": 1, "location": "s3://b/t", "last-updated-ms": 5,
        "schema": {"type": "struct", "fields": [{"id": 1, "name": "Id", "required": false, "type": "long"},
            {"id": 2, "name": "tags", "type": {"type": "list", "element-id": 3, "element": "string", "element-required": true}}]},
        "partition-spec": [{"name": "Id", "transform": "bucket[4]", "source-id": 1, "field-id": 1000}],
        "properties": {"write.target-file-size-bytes": "1024", "odd": 7},
        "current-snapshot-id": -1, "snapshots": [], "unknown": {"a": [1, {}]}}"#;

    fn error(text: &str) -> String {
        Metadata::read(text.as_bytes()).expect_err("an error")
    }

    #[test]
    fn format_1_has_one_schema_and_one_specification() {
        let metadata = Metadata::read(FIRST.as_bytes()).expect("metadata");
        assert_eq!(metadata.current_schema().map(|schema| schema.fields.len()), Some(2));
        assert_eq!(metadata.spec(0).map(|spec| spec.fields[0].transform.as_str()), Some("bucket[4]"));
        assert!(metadata.current().is_none());
        assert_eq!(metadata.number("write.target-file-size-bytes"), Some(1024));
        assert_eq!((metadata.number("odd"), metadata.property("odd")), (Some(7), None));
    }

    #[test]
    fn compressed_metadata_is_read() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(FIRST.as_bytes()).expect("packed");
        assert_eq!(Metadata::read(&packed.finish().expect("packed")[..]).expect("metadata").location, "s3://b/t");
    }

    #[test]
    fn other_texts_are_errors() {
        assert!(error("[]").starts_with("it is no Iceberg metadata: "));
        assert!(error(r#"{"a": 1}"#).contains("no `format-version`"));
        assert!(error(r#"{"format-version": 9}"#).contains("its format version is 9, 3 is the newest known"));
        assert!(error(&FIRST.replace("-1", "7")).contains("its current snapshot is not among"));
        assert!(error(r#"{"format-version": 2, "current-schema-id": 1}"#).contains("its current schema is not among"));
    }

    proptest::proptest! {
        #[test]
        fn mutated_metadata_is_an_error_at_worst(at in 0..FIRST.len(), byte in proptest::num::u8::ANY) {
            let mut bytes = FIRST.as_bytes().to_vec();
            bytes[at] = byte;
            let _ = Metadata::read(&bytes[..]);
            let _ = Metadata::read(&bytes[..at]);
        }
    }
}
