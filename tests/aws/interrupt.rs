//! Ctrl-C in the middle of a scan: what costs is stopped, and what was listed is kept.
#![cfg(unix)]

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::child::{command, lakelint, printed};
use crate::server::{Fault, Object, On, Server, athena};

/// Starts a scan, and interrupts it when `is_due`.
fn interrupted(dir: &std::path::Path, server: &Server, args: &[&str], is_due: impl Fn() -> bool) -> Output {
    let home = tempfile::tempdir().expect("home");
    let mut command = command(dir, home.path(), &server.url(), args);
    let child: Child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    let start = Instant::now();
    while !is_due() {
        assert!(start.elapsed() < Duration::from_secs(60), "it is not due");
        std::thread::sleep(Duration::from_millis(20));
    }
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(sent.success());
    child.wait_with_output().expect("ended")
}

#[test]
fn a_statement_that_runs_is_stopped() {
    let server = Server::start();
    let table = json!({ "Name": "t", "TableType": "EXTERNAL_TABLE", "Columns": [{ "Name": "id", "Type": "bigint" }],
        "PartitionKeys": [{ "Name": "n", "Type": "int" }], "Parameters": { "location": "s3://lake/t/" } });
    server.on_json("AmazonAthena.ListTableMetadata", move |_| Ok(json!({ "TableMetadataList": [table] })));
    athena::serve(&server, |_| athena::Outcome {
        polls: u64::MAX,
        ..athena::Outcome::rows(&["partition"], Vec::new())
    });
    let dir = tempfile::tempdir().expect("folder");
    std::fs::write(dir.path().join("list.txt"), "2024-01-01 00:00:00 1000 t/a.csv\n").expect("written");
    let args = ["scan", "s3://lake=list.txt", "--glue", "lake", "--workgroup", "w"];
    let output = interrupted(dir.path(), &server, &args, || server.count("AmazonAthena.GetQueryExecution") >= 2);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.contains("interrupted: query 00000000-0000-0000-0000-000000000000 is stopped on Athena"), "{text}");
    assert_eq!(server.count("AmazonAthena.StopQueryExecution"), 1);
    assert!(!dir.path().join(".lakelint/lake").exists());
}

#[test]
fn a_listing_goes_on_where_it_was() {
    let server = Server::start();
    let key = |i: usize| format!("events/dt={:04}/{:03}.csv", i / 1000, i % 1000);
    server.bucket("lake").generated(200_000, move |i| Object::new(key(i), 3));
    server.fault(On::operation("ListObjectsV2"), Fault::Delay(Duration::from_millis(100)));
    let dir = tempfile::tempdir().expect("folder");
    let args = ["scan", "s3://lake/", "--footers", "none", "--concurrency", "2"];
    let output = interrupted(dir.path(), &server, &args, || server.count("ListObjectsV2") >= 50);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.contains("interrupted: what was listed is kept, and the same command goes on from there"), "{text}");
    assert!(!dir.path().join(".lakelint/lake").exists());
    server.heal();
    let output = lakelint(dir.path(), &server, &args);
    let text = printed(&output);
    assert!(output.status.success() && text.contains("of an interrupted scan"), "{text}");
    assert!(text.contains("200 partitions, 200,000 files, 600 kB"), "{text}");
}
