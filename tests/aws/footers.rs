//! Footers of objects: what is read of them, and that it is what a scan of the same files on the disk reads.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::child::{lakelint, printed};
use crate::columnar::parquet;
use crate::server::{Fault, On, Server};

/// A table of Parquet files, one of ORC files and one of text, in a bucket and in the folder `copy`.
fn lake(server: &Server, dir: &Path) {
    let orc = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/orc");
    let read = |name: &str| std::fs::read(orc.join(name)).expect("an ORC file");
    let mut files = Vec::new();
    for day in 1..=6_i64 {
        for part in 0..2 {
            files.push((format!("events/dt=2024-01-0{day}/part-{part}.parquet"), parquet(8 + day + part)));
        }
        let body = read(if day % 2 == 0 { "inventory-direct.orc" } else { "inventory-dictionary.orc" });
        files.push((format!("clicks/dt=2024-01-0{day}/part-0.orc"), body));
        files.push((format!("logs/dt=2024-01-0{day}/part-0.csv"), b"a,b\n1,2\n".to_vec()));
    }
    for (key, body) in files {
        let path = dir.join("copy").join(&key);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, &body).expect("written");
        server.put("lake", &key, body);
    }
}

fn scan(dir: &Path, server: &Server, source: &str, output: &str, footers: &str) -> Output {
    let output = lakelint(dir, server, &["scan", source, "--output", output, "--footers", footers]);
    assert!(output.status.success(), "{}", printed(&output));
    output
}

fn table(dir: &Path, output: &str, name: &str) -> Value {
    let path = dir.join(output).join(format!("tables/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(&path).expect("a table")).expect("JSON")
}

/// How many footers of a table the snapshot holds.
fn files(table: &Value) -> usize {
    table["layout"]["footers"]["files"]["partition"].as_array().map_or(0, Vec::len)
}

#[test]
fn objects_are_read_in_part_and_say_what_files_say() {
    let (server, dir) = (Server::start(), tempfile::tempdir().expect("folder"));
    lake(&server, dir.path());
    scan(dir.path(), &server, "s3://lake=copy", "local", "all");
    assert_eq!(server.requests().len(), 0);
    scan(dir.path(), &server, "s3://lake/", "remote", "all");
    for name in ["events", "clicks", "logs"] {
        let (local, remote) = (table(dir.path(), "local", name), table(dir.path(), "remote", name));
        for part in ["columns", "partition_keys", "location"] {
            assert_eq!(remote[part], local[part], "{name} {part}");
        }
        assert_eq!(remote["layout"]["footers"], local["layout"]["footers"], "{name}");
        assert_eq!(remote["layout"]["footers"].is_null(), name == "logs");
        assert_eq!(remote["columns"].as_object().expect("columns").is_empty(), name == "logs", "{name}");
    }
    let reads: Vec<_> = server.requests().into_iter().filter(|request| request.operation == "GetObject").collect();
    assert!(reads.iter().all(|read| read.range.is_some() && !read.key.starts_with("logs/")), "{reads:?}");
    for read in reads.iter().filter(|read| read.key.starts_with("events/")) {
        let size = server.bucket("lake").get(&read.key).expect("an object").size;
        assert!(server.bytes_read("lake", &read.key) < size / 2, "{} of {size} bytes", read.key);
    }
}

#[test]
fn a_sample_is_read_or_nothing_at_all() {
    let (server, dir) = (Server::start(), tempfile::tempdir().expect("folder"));
    lake(&server, dir.path());
    scan(dir.path(), &server, "s3://lake/", "some", "3");
    let keys: std::collections::BTreeSet<String> =
        server.requests().into_iter().filter(|request| request.operation == "GetObject").map(|r| r.key).collect();
    assert_eq!(files(&table(dir.path(), "some", "events")), 3, "{keys:?}");
    assert_eq!(files(&table(dir.path(), "some", "clicks")), 3, "{keys:?}");
    // The columns may come from two files more.
    assert!(keys.len() <= 10, "{keys:?}");
    server.forget();
    scan(dir.path(), &server, "s3://lake/", "none", "none");
    assert_eq!(server.count("GetObject"), 0);
    assert_eq!(table(dir.path(), "none", "events")["layout"]["footers"], Value::Null);
}

#[test]
fn footers_that_cannot_be_read_are_warnings() {
    let (server, dir) = (Server::start(), tempfile::tempdir().expect("folder"));
    lake(&server, dir.path());
    server.fault(On::operation("GetObject").under("events/dt=2024-01-02/"), Fault::AccessDenied);
    server.hook(On::operation("GetObject"), |server| server.remove("lake", "clicks/dt=2024-01-03/part-0.orc"));
    let output = scan(dir.path(), &server, "s3://lake/", "out", "all");
    let text = printed(&output);
    assert!(text.contains("the footers of 2 of 12 files of `events` cannot be read"), "{text}");
    assert!(text.contains("access denied") && text.contains("s3:GetObject"), "{text}");
    assert!(text.contains("`s3://lake/events/dt=2024-01-02/part-0.parquet`"), "{text}");
    assert!(text.contains("`s3://lake/clicks/dt=2024-01-03/part-0.orc`: the footer of this file"), "{text}");
    assert!(!text.contains("123456789012"), "{text}");
    assert_eq!(files(&table(dir.path(), "out", "events")), 10);
    assert_eq!(files(&table(dir.path(), "out", "clicks")), 5);
    // All that was listed counts.
    assert_eq!(table(dir.path(), "out", "clicks")["layout"]["partitions"]["files"].as_array().map(Vec::len), Some(6));
}

#[test]
fn a_second_scan_reads_what_has_changed() {
    let (server, dir) = (Server::start(), tempfile::tempdir().expect("folder"));
    lake(&server, dir.path());
    scan(dir.path(), &server, "s3://lake/", "out", "all");
    let first = table(dir.path(), "out", "events");
    server.forget();
    let output = scan(dir.path(), &server, "s3://lake/", "out", "all");
    assert!(printed(&output).contains("read 0 footers, knew 18 from the last scan"), "{}", printed(&output));
    // Footers tell leaves: the columns of a table that nobody describes are read again, of its first and last file.
    let keys: std::collections::BTreeSet<String> =
        server.requests().into_iter().filter(|request| request.operation == "GetObject").map(|r| r.key).collect();
    assert!(keys.len() <= 4, "{keys:?}");
    assert_eq!(table(dir.path(), "out", "events"), first);
    server.put("lake", "events/dt=2024-01-03/part-0.parquet", parquet(30));
    let output = scan(dir.path(), &server, "s3://lake/", "out", "all");
    assert!(printed(&output).contains("read 1 footer, knew 17 from the last scan"), "{}", printed(&output));
    assert_ne!(table(dir.path(), "out", "events"), first);
}
