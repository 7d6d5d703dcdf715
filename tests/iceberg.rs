//! Tables that pyiceberg writes: what `lakelint scan` makes of their metadata, beside their files and what pyiceberg plans to read.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

mod needed;
mod python;

const PACKAGES: [&str; 1] = ["pyiceberg[sql-sqlite,pyarrow,pyiceberg-core]==0.12.0"];

/// A folder with tables and what is true of them; `None` without Python and its packages.
fn written() -> Option<(tempfile::TempDir, Value)> {
    let environment = python::environment(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("iceberg"), &PACKAGES);
    let python = needed::or_skip("tables that pyiceberg writes", environment)?;
    // Outside of this repository, which is a project of its own.
    let tables = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/iceberg/write.py");
    let output = Command::new(&python).arg(script).arg(tables.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some((tables, serde_json::from_slice(&output.stdout).unwrap()))
}

fn lakelint(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lakelint"));
    let output = command.args(arguments).current_dir(folder).env("LAKELINT_OFFLINE", "1").output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code().is_some_and(|code| code < 2), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// What is stored of a table.
fn stored(folder: &Path, table: &str) -> Value {
    let path = folder.join(format!(".lakelint/lake/tables/{table}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The likely bytes of a statement.
fn read_of(folder: &Path, sql: &str) -> u64 {
    std::fs::write(folder.join("query.sql"), sql).unwrap();
    let report: Value = serde_json::from_str(&lakelint(folder, &["cost", "--format", "json", "query.sql"])).unwrap();
    let bytes = report.pointer("/queries/0/bytes/likely").and_then(Value::as_u64);
    bytes.unwrap_or_else(|| panic!("{report:#}"))
}

fn sum(values: &Value) -> u64 {
    values.as_array().unwrap().iter().map(|value| value.as_u64().unwrap()).sum()
}

#[test]
fn tables_of_pyiceberg_are_what_its_metadata_says() {
    let Some((folder, truth)) = written() else { return };
    let folder = folder.path();
    lakelint(folder, &["scan", "wh"]);
    for (name, truth) in truth.as_object().unwrap() {
        let table = stored(folder, &format!("lake.{name}"));
        let layout = &table["layout"];
        assert_eq!(sum(&layout["partitions"]["files"]), truth["files"], "files of {name}");
        assert_eq!(sum(&layout["partitions"]["bytes"]), truth["bytes"], "bytes of {name}");
        assert_eq!(layout["iceberg"]["rows"], truth["rows"], "rows of {name}");
        assert_eq!(layout["iceberg"]["snapshots"], truth["snapshots"], "snapshots of {name}");
        let partitions = layout["partitions"]["files"].as_array().unwrap().len() as u64;
        assert_eq!(partitions, truth["partitions"], "partitions of {name}");
        let removed: u64 =
            layout["iceberg"]["removed"].as_array().unwrap().iter().map(|day| day["bytes"].as_u64().unwrap()).sum();
        assert_eq!(removed, truth["old_bytes"], "bytes of old snapshots of {name}");
        let unnamed = &layout["iceberg"]["unnamed"];
        assert_eq!((&unnamed["files"], &unnamed["bytes"]), (&truth["old_files"], &truth["old_bytes"]), "{name}");
        let columns = layout["footers"]["columns"].as_array().unwrap();
        for (path, bytes) in truth["columns"].as_object().unwrap() {
            let column = columns.iter().find(|column| column["path"] == *path);
            let column = column.unwrap_or_else(|| panic!("{name} lacks `{path}`"));
            assert_eq!(sum(&column["bytes"]), *bytes, "bytes of `{path}` of {name}");
        }
        for predicate in truth["predicates"].as_array().unwrap() {
            let sql = predicate["sql"].as_str().unwrap();
            let likely = read_of(folder, &format!("select * from lake.{name} where {sql}"));
            // Of each file all is read but the four bytes that it starts with. Files of an older specification may be kept by
            // their partition, but never by their bounds.
            let planned = predicate["bytes"].as_u64().unwrap() - 4 * predicate["files"].as_u64().unwrap();
            assert_eq!(likely, planned, "{name} where {sql}");
        }
    }
}

/// A folder with a copy of a part of a bucket, and a Glue export of its only table; the copy has the table's metadata, or only a
/// data file.
fn copied(has_metadata: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir_all(root.join("copy/orders/data")).unwrap();
    std::fs::write(root.join("copy/orders/data/a.parquet"), [0; 100]).unwrap();
    let name = "00003-a.metadata.json";
    if has_metadata {
        std::fs::create_dir_all(root.join("copy/orders/metadata")).unwrap();
        let metadata = r#"{"format-version": 2, "location": "s3://lake/clean/orders", "last-updated-ms": 1,
            "current-schema-id": 0, "schemas": [{"schema-id": 0, "fields": [{"id": 1, "name": "id", "type": "long"}]}],
            "default-spec-id": 0, "partition-specs": [{"spec-id": 0, "fields": []}], "snapshots": []}"#;
        std::fs::write(root.join("copy/orders/metadata").join(name), metadata).unwrap();
    }
    let table = serde_json::json!({"TableList": [{
        "Name": "orders", "DatabaseName": "lake",
        "StorageDescriptor": {"Location": "s3://lake/clean/orders", "Columns": [{"Name": "id", "Type": "bigint"}]},
        "Parameters": {"table_type": "ICEBERG", "metadata_location": format!("s3://lake/clean/orders/metadata/{name}")}
    }]});
    std::fs::write(root.join("glue.json"), table.to_string()).unwrap();
    folder
}

fn scan(folder: &Path, source: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lakelint"));
    command.args(["scan", source, "glue.json"]).current_dir(folder).env("LAKELINT_OFFLINE", "1");
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    errors.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn metadata_of_an_export_is_found_in_a_copy_of_its_bucket() {
    for source in ["s3://lake/clean=copy", "copy"] {
        let folder = copied(true);
        let said = scan(folder.path(), source);
        assert!(!said.contains("metadata"), "{source}: {said}");
        let layout = &stored(folder.path(), "lake.orders")["layout"];
        // The table was never written to: what lies there is of nobody.
        assert_eq!(layout["iceberg"]["data"]["files"], 0, "{source}");
        assert_eq!(layout["iceberg"]["unnamed"], serde_json::json!({"files": 1, "bytes": 100}), "{source}");
    }
}

#[test]
fn metadata_that_is_missing_is_said() {
    let folder = copied(false);
    let said = scan(folder.path(), "s3://lake/clean=copy");
    assert!(said.contains("the metadata of `lake.orders` was not read, no source of this run holds it"), "{said}");
    assert!(said.contains("give a folder with the table's `metadata` folder as a source"), "{said}");
    assert_eq!(stored(folder.path(), "lake.orders")["layout"]["iceberg"], Value::Null);
}
