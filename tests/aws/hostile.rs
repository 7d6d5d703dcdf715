//! Names that want to leave their place, in a bucket, an inventory, a catalog and among state machines: nothing but the snapshot
//! is written, and nothing but text is printed.

use std::io::Write as _;
use std::path::Path;
use std::process::Output;

use flate2::write::GzEncoder;
use md5::Digest;
use serde_json::json;

use crate::child::{lakelint, printed};
use crate::columnar::parquet;
use crate::names::{self, FORGED, TITLE, files};
use crate::server::{Fault, On, Server, pages};

fn keys() -> Vec<String> {
    vec![
        format!("t/dt=1/a{FORGED}.parquet"),
        format!("t/dt=1/{TITLE}.parquet"),
        format!("t/dt=2{TITLE}/a.parquet"),
        format!("t/dt=3{FORGED}/a.parquet"),
        "t/dt=100%25%0a%1b[2J/a.parquet".to_string(),
        "t/dt=%2e%2e%2fup/a.parquet".to_string(),
        "t/dt=a b+c&d=e;\"'<>\\/a.parquet".to_string(),
        "t/../../../../up/dt=1/a.parquet".to_string(),
        "../../up/dt=1/a.parquet".to_string(),
        "/etc/dt=1/a.parquet".to_string(),
        format!("loose{TITLE}/dt=1/a.parquet"),
        format!("loose{FORGED}/dt=1/a.parquet"),
        format!("denied{TITLE}{FORGED}/dt=1/a.parquet"),
        format!("t/dt=4/{}.parquet", "é".repeat(504)),
        "t/dt=5/\u{202e}a\u{9b}2J\u{fffd}.parquet".to_string(),
    ]
}

fn assert_plain(output: &Output) {
    for bytes in [&output.stdout, &output.stderr] {
        names::assert_plain("output", &String::from_utf8(bytes.clone()).expect("UTF-8"));
    }
}

/// Scans in a folder deep below another, and looks for what was written where.
fn scan(server: &Server, prepare: impl FnOnce(&Path), args: &[&str]) -> (tempfile::TempDir, Output) {
    let around = tempfile::tempdir().expect("folder");
    let base = around.path().join("a/b/c/d");
    std::fs::create_dir_all(&base).expect("folders");
    prepare(&base);
    let before = files(around.path());
    let output = lakelint(&base, server, args);
    assert!(output.status.success(), "{}", printed(&output));
    assert_plain(&output);
    for new in files(around.path()).difference(&before) {
        assert!(new.starts_with("a/b/c/d/.lakelint/lake"), "{new:?} was written");
        assert!(!new.contains(char::is_control), "{new:?} was written");
    }
    for args in [&["check", "--as-of", "2024-06-30", "-v"][..], &["cost", "--as-of", "2024-06-30", "--explain"]] {
        assert_plain(&lakelint(&base, server, args));
    }
    (around, output)
}

#[test]
fn of_objects_in_a_bucket() {
    let server = Server::start();
    for key in keys() {
        server.put("lake", &key, parquet(2));
    }
    server.fault(On::operation("ListObjectsV2").under("denied"), Fault::AccessDenied);
    server.fault(On::operation("GetObject").under("t/dt=1/"), Fault::AccessDenied);
    server.fault(On::operation("GetObject").under("loose"), Fault::AccessDenied);
    let (around, output) = scan(&server, |_| (), &["scan", "s3://lake/", "--footers", "all", "--uploads"]);
    let text = printed(&output);
    assert!(text.contains("denied") && text.contains("is missing from the snapshot"), "{text}");
    let index = around.path().join("a/b/c/d/.lakelint/lake/snapshot.json");
    let index: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(index).expect("a snapshot")).expect("JSON");
    let names: Vec<String> =
        index["tables"].as_array().expect("tables").iter().map(|table| table["name"].to_string()).collect();
    let found: u64 =
        index["tables"].as_array().expect("tables").iter().filter_map(|table| table["files"].as_u64()).sum();
    assert!(found >= 10, "{found} files of {names:?}");
    // What can be read is asked for by the very key.
    for key in keys().iter().filter(|key| key.starts_with("t/dt=")) {
        assert!(server.requests().iter().any(|r| r.operation == "GetObject" && r.key == *key), "{key:?}");
    }
}

#[test]
fn of_objects_in_an_inventory() {
    let server = Server::start();
    let encoded = |key: &String| {
        key.bytes()
            .map(|b| if b.is_ascii_alphanumeric() { char::from(b).into() } else { format!("%{b:02X}") })
            .collect::<String>()
    };
    let lines: String = keys().iter().map(|key| format!("\"lake\",\"{}\",\"5000\"\n", encoded(key))).collect();
    let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(lines.as_bytes()).expect("written");
    let body = gzip.finish().expect("written");
    let prepare = |base: &Path| {
        std::fs::create_dir_all(base.join("data")).expect("made");
        std::fs::create_dir_all(base.join("2024-01-05T00-00Z")).expect("made");
        std::fs::write(base.join("data/1.csv.gz"), &body).expect("written");
        let sum: String = md5::Md5::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
        let file = json!({ "key": "p/data/1.csv.gz", "size": body.len(), "MD5checksum": sum });
        let manifest = json!({ "sourceBucket": "lake", "version": "2016-11-30", "fileFormat": "CSV",
            "fileSchema": "Bucket, Key, Size", "files": [file] });
        std::fs::write(base.join("2024-01-05T00-00Z/manifest.json"), manifest.to_string()).expect("written");
    };
    scan(&server, prepare, &["scan", "2024-01-05T00-00Z/manifest.json"]);
    assert_eq!(server.requests().len(), 0);
}

#[cfg(all(feature = "glue", feature = "sfn"))]
#[test]
fn of_tables_and_state_machines() {
    let server = Server::start();
    let names: Vec<String> = ["../../../up", "/etc/x", "a\\b", "CON", ""]
        .map(str::to_string)
        .into_iter()
        .chain([format!("x{TITLE}"), format!("y{FORGED}z"), "é".repeat(120), "%2e%2e%2f".into(), ".hidden".into()])
        .collect();
    let table = |name: &String| {
        json!({ "Name": name, "DatabaseName": "lake", "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": [{ "Name": format!("dt{TITLE}"), "Type": "string" }], "Parameters": { "x": TITLE },
            "StorageDescriptor": { "Location": format!("s3://lake/{name}/"),
                "Columns": [{ "Name": format!("c{FORGED}"), "Type": "string" }] } })
    };
    server.on_json("AWSGlue.GetDatabase", |_| Ok(json!({ "Database": { "Name": "lake" } })));
    server.on_json("AWSGlue.GetTables", pages("TableList", 100, names.iter().map(table).collect()));
    server.on_json("AWSGlue.GetPartitions", pages("Partitions", 1000, vec![json!({ "Values": [FORGED] })]));
    server.fault(On::operation("AWSGlue.GetPartitions").saying("owned"), Fault::AccessDenied);
    let machine = |name: &String| {
        json!({ "name": name, "type": "STANDARD", "creationDate": 1.7e9,
            "stateMachineArn": format!("arn:aws:states:us-east-1:123456789012:stateMachine:{name}") })
    };
    server.on_json(
        "AWSStepFunctions.ListStateMachines",
        pages("stateMachines", 100, names.iter().map(machine).collect()),
    );
    server.on_json("AWSStepFunctions.DescribeStateMachine", |input| {
        let definition = json!({ "StartAt": TITLE, "States": { TITLE: { "Type": "Succeed", "Comment": FORGED } } });
        Ok(json!({ "stateMachineArn": input["stateMachineArn"], "name": "x", "type": "STANDARD",
            "definition": definition.to_string(), "roleArn": "arn:aws:iam::123456789012:role/r", "creationDate": 1.7e9 }))
    });
    server.fault(On::operation("AWSStepFunctions.DescribeStateMachine").saying("owned"), Fault::AccessDenied);
    let listing = |base: &Path| {
        std::fs::write(base.join("listing.txt"), "2024-01-01 00:00:00 1000 a.csv\n").expect("written");
    };
    let (_around, output) = scan(&server, listing, &["scan", "s3://lake=listing.txt", "--glue", "lake", "--sfn"]);
    assert!(printed(&output).contains("states:DescribeStateMachine"), "{}", printed(&output));
}
