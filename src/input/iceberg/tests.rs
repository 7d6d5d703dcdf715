//! Metadata of small tables, written here: what every format version says, and what broken files lead to.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Mutex;

use apache_avro::types::Value as Avro;
use apache_avro::{Schema, Writer};

use super::*;
use crate::expr::Value;

/// The schema of a manifest list, of what is needed.
const LIST: &str = r#"{"type": "record", "name": "manifest_file", "fields": [
    {"name": "manifest_path", "type": "string", "field-id": 500},
    {"name": "manifest_length", "type": "long", "field-id": 501},
    {"name": "partition_spec_id", "type": "int", "field-id": 502},
    {"name": "content", "type": "int", "field-id": 517},
    {"name": "partitions", "field-id": 507, "type": ["null", {"type": "array", "items":
        {"type": "record", "name": "r508", "fields": [
            {"name": "contains_null", "type": "boolean", "field-id": 509},
            {"name": "lower_bound", "type": ["null", "bytes"], "field-id": 510}]}}]}]}"#;

const MANIFEST: &str = r#"{"type": "record", "name": "manifest_entry", "fields": [
    {"name": "status", "type": "int", "field-id": 0},
    {"name": "snapshot_id", "type": ["null", "long"], "field-id": 1},
    {"name": "data_file", "field-id": 2, "type": {"type": "record", "name": "r2", "fields": [
        {"name": "content", "type": "int", "field-id": 134},
        {"name": "file_path", "type": "string", "field-id": 100},
        {"name": "file_format", "type": "string", "field-id": 101},
        {"name": "partition", "field-id": 102, "type": {"type": "record", "name": "r102", "fields": [
            {"name": "ts_day", "type": ["null", {"type": "int", "logicalType": "date"}], "field-id": 1000}]}},
        {"name": "record_count", "type": "long", "field-id": 103},
        {"name": "file_size_in_bytes", "type": "long", "field-id": 104},
        {"name": "column_sizes", "field-id": 108, "type": ["null", {"type": "array", "logicalType": "map", "items":
            {"type": "record", "name": "k117_v118", "fields": [
                {"name": "key", "type": "int", "field-id": 117}, {"name": "value", "type": "long", "field-id": 118}]}}]},
        {"name": "lower_bounds", "field-id": 125, "type": ["null", {"type": "array", "logicalType": "map", "items":
            {"type": "record", "name": "k126_v127", "fields": [
                {"name": "key", "type": "int", "field-id": 126}, {"name": "value", "type": "bytes", "field-id": 127}]}}]},
        {"name": "upper_bounds", "field-id": 128, "type": ["null", {"type": "array", "logicalType": "map", "items":
            {"type": "record", "name": "k129_v130", "fields": [
                {"name": "key", "type": "int", "field-id": 129}, {"name": "value", "type": "bytes", "field-id": 130}]}}]},
        {"name": "split_offsets", "field-id": 132, "type": ["null", {"type": "array", "items": "long"}]}]}}]}"#;

const METADATA: &str = r#"{"format-version": 2, "location": "s3://b/wh/t", "last-updated-ms": 300000,
    "current-schema-id": 0, "schemas": [{"schema-id": 0, "type": "struct", "fields": [
        {"id": 1, "name": "id", "required": true, "type": "long"},
        {"id": 2, "name": "ts", "required": true, "type": "timestamp"}]}],
    "default-spec-id": 0, "partition-specs": [{"spec-id": 0, "fields": [
        {"name": "ts_day", "transform": "day", "source-id": 2, "field-id": 1000}]}],
    "properties": {"write.target-file-size-bytes": "4000"},
    "current-snapshot-id": 3, "snapshots": [
        {"snapshot-id": 1, "timestamp-ms": 100000, "manifest-list": "gone", "summary": {"operation": "append"}},
        {"snapshot-id": 2, "parent-snapshot-id": 1, "timestamp-ms": 200000, "manifest-list": "gone",
         "summary": {"operation": "delete", "deleted-data-files": "1", "removed-files-size": "700"}},
        {"snapshot-id": 3, "parent-snapshot-id": 2, "timestamp-ms": 300000, "manifest-list": "list",
         "summary": {"operation": "overwrite", "deleted-data-files": "1", "removed-files-size": "50"}}]}"#;

fn record(fields: Vec<(&str, Avro)>) -> Avro {
    Avro::Record(fields.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
}

fn optional(value: Option<Avro>) -> Avro {
    match value {
        None => Avro::Union(0, Box::new(Avro::Null)),
        Some(value) => Avro::Union(1, Box::new(value)),
    }
}

fn pairs(values: &[(i32, Avro)]) -> Avro {
    let pair = |(key, value): &(i32, Avro)| record(vec![("key", Avro::Int(*key)), ("value", value.clone())]);
    optional(Some(Avro::Array(values.iter().map(pair).collect())))
}

/// An entry: status, content, day, size; ids from its size on.
fn entry(status: i32, content: i32, day: Option<i32>, size: i64) -> Avro {
    let bound = |id: i64| pairs(&[(1, Avro::Bytes(id.to_le_bytes().to_vec()))]);
    let file = record(vec![
        ("content", Avro::Int(content)),
        ("file_path", Avro::String(format!("s3://b/wh/t/data/{size}.parquet"))),
        ("file_format", Avro::String("PARQUET".into())),
        ("partition", record(vec![("ts_day", optional(day.map(Avro::Date)))])),
        ("record_count", Avro::Long(10)),
        ("file_size_in_bytes", Avro::Long(size)),
        ("column_sizes", pairs(&[(1, Avro::Long(size / 4)), (2, Avro::Long(size / 2))])),
        ("lower_bounds", bound(size)),
        ("upper_bounds", bound(size + 9)),
        ("split_offsets", optional(None)),
    ]);
    record(vec![("status", Avro::Int(status)), ("snapshot_id", optional(Some(Avro::Long(2)))), ("data_file", file)])
}

fn avro(schema: &str, records: Vec<Avro>) -> Vec<u8> {
    let schema = Schema::parse_str(schema).expect("schema");
    let mut writer = Writer::new(&schema, Vec::new()).expect("writer");
    for record in records {
        writer.append_value(record).expect("record");
    }
    writer.into_inner().expect("written")
}

fn files(entries: Vec<Avro>) -> HashMap<String, Vec<u8>> {
    let bounds =
        record(vec![("contains_null", Avro::Boolean(false)), ("lower_bound", optional(Some(Avro::Bytes(vec![1, 0]))))]);
    let manifest = |path: &str, content| {
        record(vec![
            ("manifest_path", Avro::String(path.into())),
            ("manifest_length", Avro::Long(9)),
            ("partition_spec_id", Avro::Int(0)),
            ("content", Avro::Int(content)),
            ("partitions", optional(Some(Avro::Array(vec![bounds.clone(), bounds.clone()])))),
        ])
    };
    HashMap::from([
        ("list".to_string(), avro(LIST, vec![manifest("m", 0)])),
        ("m".to_string(), avro(MANIFEST, entries)),
    ])
}

fn described(metadata: &str, files: HashMap<String, Vec<u8>>) -> Result<Described, String> {
    let metadata = Metadata::read(metadata.as_bytes())?;
    let files = Mutex::new(files);
    let open = |name: &str| -> Result<Box<dyn Read + Send>, String> {
        let bytes = files.lock().expect("lock").get(name).cloned().ok_or("it does not exist")?;
        Ok(Box::new(std::io::Cursor::new(bytes)))
    };
    describe(&metadata, "t", &open)
}

fn usual() -> Vec<Avro> {
    vec![
        entry(1, 0, Some(19_727), 4000),
        entry(0, 0, Some(19_727), 1000),
        entry(1, 0, None, 2000),
        entry(2, 0, Some(19_728), 9000),
        entry(1, 1, Some(19_727), 100),
        entry(1, 2, Some(19_727), 200),
    ]
}

#[test]
fn deleted_entries_do_not_count_and_delete_files_count_apart() {
    let found = described(METADATA, files(usual())).expect("a table");
    let layout = &found.layout;
    let partitions: Vec<(Option<&str>, u64, u64, Option<i64>)> =
        layout.partitions.iter().map(|p| (p.values[0].as_deref(), p.files, p.bytes, p.newest)).collect();
    assert_eq!(partitions, [(None, 1, 2000, Some(200)), (Some("2024-01-05"), 2, 5000, Some(200))]);
    let facts = layout.iceberg.as_ref().expect("facts");
    assert_eq!((facts.data.files, facts.small.files, facts.rows), (3, 2, 30));
    assert_eq!((facts.position_deletes.bytes, facts.equality_deletes.bytes), (100, 200));
    assert_eq!((facts.snapshots, facts.oldest, facts.newest), (3, Some(100), Some(300)));
    assert_eq!(facts.removed, Some(vec![Removed { last_named: 200, bytes: 750 }]));
    assert_eq!((facts.freed_before(200), facts.freed_before(201)), (Some(0), Some(750)));
    assert_eq!(facts.deletes_since, Some(200));
    let footers = layout.footers.as_ref().expect("footers");
    assert!(footers.of_manifests);
    let bytes: Vec<&[u64]> = footers.columns.iter().map(|column| &column.bytes[..]).collect();
    assert_eq!(bytes, [&[500, 250, 1000][..], &[1000, 500, 2000]]);
    assert_eq!(
        footers.files.iter().map(|f| (f.partition, f.footer)).collect::<Vec<_>>(),
        [(0, 496), (1, 246), (1, 996)]
    );
    assert_eq!(footers.columns[0].values[1].range, Some((Value::Int(1000), Value::Int(1009))));
}

#[test]
fn a_table_that_was_never_written_to_is_empty() {
    let found =
        described(&METADATA.replace("\"current-snapshot-id\": 3", "\"current-snapshot-id\": -1"), HashMap::new());
    let layout = found.expect("a table").layout;
    assert_eq!((layout.partitions.len(), layout.files(), layout.footers), (0, 0, None));
}

#[test]
fn a_summary_that_tells_no_sizes_leaves_them_unknown() {
    let silent = METADATA.replace(", \"removed-files-size\": \"50\"", "");
    let facts = described(&silent, files(usual())).expect("a table").layout.iceberg.expect("facts");
    assert_eq!((facts.removed.clone(), facts.freed_before(1_000)), (None, None));
}

#[test]
fn what_branches_tags_and_the_table_keep_is_not_freed() {
    let removed = |more: &str| {
        let text = METADATA.replace("\"current-snapshot-id\": 3", &format!("{more}, \"current-snapshot-id\": 3"));
        let facts = described(&text, files(usual())).expect("a table").layout.iceberg.expect("facts");
        facts.removed.expect("summaries that tell").iter().map(|day| day.bytes).sum::<u64>()
    };
    let tagged =
        |id: u64| removed(&format!(r#""refs": {{"main": {{"snapshot-id": 3}}, "t": {{"snapshot-id": {id}}}}}"#));
    assert_eq!(removed(r#""refs": {"main": {"snapshot-id": 3, "type": "branch"}}"#), 750);
    assert_eq!((tagged(1), tagged(2), tagged(3), tagged(9)), (0, 700, 750, 0));
    assert_eq!(removed(r#""refs": {"main": {"snapshot-id": 3, "min-snapshots-to-keep": 2}}"#), 700);
    assert_eq!(removed(r#""refs": {"main": {"snapshot-id": 3, "min-snapshots-to-keep": 9}}"#), 0);
}

#[test]
fn errors_name_the_file() {
    let mut broken = files(usual());
    broken.insert("m".to_string(), b"PAR1".to_vec());
    let error = described(METADATA, broken).expect_err("an error");
    assert!(error.starts_with("`m`: it is no Avro file that can be read: "), "{error}");
    let error = described(METADATA, HashMap::new()).expect_err("an error");
    assert_eq!(error, "`list`: it does not exist");
    let none =
        r#"{"type": "record", "name": "r", "fields": [{"name": "a", "type": {"type": "array", "items": "null"}}]}"#;
    let endless = HashMap::from([("list".to_string(), avro(none, vec![record(vec![("a", Avro::Array(vec![]))])]))]);
    assert!(described(METADATA, endless).expect_err("an error").contains("recurses, or holds nothing"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 300, ..Default::default() })]

    #[test]
    fn mutated_manifests_are_errors_at_worst(at in 0.0..1.0_f64, byte in proptest::num::u8::ANY, of_list in proptest::bool::ANY, cut in proptest::bool::ANY) {
        let mut files = files(usual());
        let bytes = files.get_mut(if of_list { "list" } else { "m" }).expect("file");
        let at = (at * bytes.len() as f64) as usize;
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] = byte;
        }
        let _ = described(METADATA, files);
    }
}
