//! `scan s3://bucket --glue` of Iceberg tables: their metadata is read from the bucket through the SDK.

use apache_avro::types::Value as Avro;
use apache_avro::{Schema, Writer};
use serde_json::{Value, json};

use crate::child::{lakelint, printed};
use crate::server::{Fault, On, Server, json::page};

const LIST: &str = r#"{"type": "record", "name": "manifest_file", "fields": [
    {"name": "manifest_path", "type": "string", "field-id": 500},
    {"name": "manifest_length", "type": "long", "field-id": 501},
    {"name": "partition_spec_id", "type": "int", "field-id": 502},
    {"name": "content", "type": "int", "field-id": 517},
    {"name": "partitions", "field-id": 507, "type": {"type": "array", "items": {"type": "record", "name": "r508", "fields": [
        {"name": "contains_null", "type": "boolean", "field-id": 509}]}}}]}"#;

const MANIFEST: &str = r#"{"type": "record", "name": "manifest_entry", "fields": [
    {"name": "status", "type": "int", "field-id": 0},
    {"name": "data_file", "field-id": 2, "type": {"type": "record", "name": "r2", "fields": [
        {"name": "content", "type": "int", "field-id": 134},
        {"name": "file_path", "type": "string", "field-id": 100},
        {"name": "file_format", "type": "string", "field-id": 101},
        {"name": "partition", "field-id": 102, "type": {"type": "record", "name": "r102", "fields": []}},
        {"name": "record_count", "type": "long", "field-id": 103},
        {"name": "file_size_in_bytes", "type": "long", "field-id": 104}]}}]}"#;

fn record(fields: Vec<(&str, Avro)>) -> Avro {
    Avro::Record(fields.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
}

fn avro(schema: &str, value: Avro) -> Vec<u8> {
    let schema = Schema::parse_str(schema).expect("a schema");
    let mut writer = Writer::new(&schema, Vec::new()).expect("a writer");
    writer.append_value(value).expect("a record");
    writer.into_inner().expect("written")
}

/// A table whose only snapshot names one file of 1,000 bytes, beside another file of 700 bytes.
fn put(server: &Server, name: &str) {
    let at = format!("s3://lake/{name}");
    let metadata = json!({
        "format-version": 2, "location": at, "last-updated-ms": 1, "current-schema-id": 0, "default-spec-id": 0,
        "schemas": [{ "schema-id": 0, "type": "struct", "fields": [
            { "id": 1, "name": "id", "required": true, "type": "long" }] }],
        "partition-specs": [{ "spec-id": 0, "fields": [] }], "properties": {}, "current-snapshot-id": 1,
        "snapshots": [{ "snapshot-id": 1, "timestamp-ms": 1, "manifest-list": format!("{at}/metadata/snap.avro"),
            "summary": { "operation": "append" } }],
    });
    let list = record(vec![
        ("manifest_path", Avro::String(format!("{at}/metadata/m0.avro"))),
        ("manifest_length", Avro::Long(1)),
        ("partition_spec_id", Avro::Int(0)),
        ("content", Avro::Int(0)),
        ("partitions", Avro::Array(vec![record(vec![("contains_null", Avro::Boolean(false))])])),
    ]);
    let file = record(vec![
        ("content", Avro::Int(0)),
        ("file_path", Avro::String(format!("{at}/data/new.parquet"))),
        ("file_format", Avro::String("PARQUET".into())),
        ("partition", record(vec![])),
        ("record_count", Avro::Long(10)),
        ("file_size_in_bytes", Avro::Long(1000)),
    ]);
    let entry = record(vec![("status", Avro::Int(1)), ("data_file", file)]);
    server.put("lake", &format!("{name}/metadata/00001-a.metadata.json"), metadata.to_string());
    server.put("lake", &format!("{name}/metadata/snap.avro"), avro(LIST, list));
    server.put("lake", &format!("{name}/metadata/m0.avro"), avro(MANIFEST, entry));
    server.put("lake", &format!("{name}/data/new.parquet"), vec![0; 1000]);
    server.put("lake", &format!("{name}/data/old.parquet"), vec![0; 700]);
}

fn catalog(server: &Server, names: &[&str]) {
    let table = |name: &&str| {
        json!({
            "Name": name, "DatabaseName": "db", "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": { "Location": format!("s3://lake/{name}"), "Columns": [{ "Name": "id", "Type": "bigint" }] },
            "Parameters": {
                "table_type": "ICEBERG", "metadata_location": format!("s3://lake/{name}/metadata/00001-a.metadata.json"),
            },
        })
    };
    let all: Vec<Value> = names.iter().map(table).collect();
    server.on_json("AWSGlue.GetDatabase", |_| Ok(json!({ "Database": { "Name": "db" } })));
    server.on_json("AWSGlue.GetTables", move |input| page("TableList", 100, &all, input));
    server.on_json("AWSGlue.GetPartitions", |input| page("Partitions", 1000, &[], input));
}

#[test]
fn metadata_in_the_bucket_tells_what_is_current_and_what_cannot_be_read_is_said() {
    let server = Server::start();
    for name in ["good", "lost", "shut"] {
        put(&server, name);
    }
    server.remove("lake", "lost/metadata/00001-a.metadata.json");
    server.fault(On::operation("GetObject").under("shut/metadata/m0.avro"), Fault::AccessDenied);
    catalog(&server, &["good", "lost", "shut"]);
    let folder = tempfile::tempdir().expect("a folder");
    let ran = lakelint(folder.path(), &server, &["scan", "s3://lake", "--glue", "db", "--footers", "none"]);
    let text = printed(&ran);
    assert!(ran.status.success(), "{text}");
    let layout = |name: &str| -> Value {
        let path = folder.path().join(format!(".lakelint/lake/tables/db.{name}.json"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{name}: {e}: {text}"));
        serde_json::from_str::<Value>(&text).expect("JSON")["layout"].clone()
    };
    let good = layout("good");
    assert_eq!((&good["partitions"]["files"], &good["partitions"]["bytes"]), (&json!([1]), &json!([1000])));
    assert_eq!(good["iceberg"]["unnamed"], json!({ "files": 1, "bytes": 700 }));
    assert_eq!(server.bytes_read("lake", "good/data/new.parquet"), 0);
    // What is not known is not guessed from the folder.
    assert_eq!((layout("lost"), layout("shut")), (Value::Null, Value::Null));
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("the metadata of `db.lost` cannot be read") && words.contains("does not exist"), "{text}");
    assert!(words.contains("the metadata of `db.shut` cannot be read") && words.contains("access denied"), "{text}");
    assert!(words.contains("give all of the table's `metadata` folder"), "{text}");
}
