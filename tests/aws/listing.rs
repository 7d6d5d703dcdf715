//! Listings of buckets: totals are those of the bucket, whatever happens on the way.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::child::{command, lakelint, printed};
use crate::server::{Fault, Object, On, Server};

/// Files, bytes and partitions of the snapshot, as its index says.
fn totals(dir: &Path) -> (u64, u64, u64) {
    let text = std::fs::read_to_string(dir.join(".lakelint/lake/snapshot.json")).expect("a snapshot");
    let index: Value = serde_json::from_str(&text).expect("JSON");
    let sum =
        |name: &str| index["tables"].as_array().expect("tables").iter().map(|t| t[name].as_u64().unwrap_or(0)).sum();
    (sum("files"), sum("bytes"), sum("partitions"))
}

fn tables_text(dir: &Path) -> String {
    let mut files: Vec<_> = std::fs::read_dir(dir.join(".lakelint/lake/tables")).expect("tables").flatten().collect();
    files.sort_by_key(|file| file.file_name());
    files.iter().map(|file| std::fs::read_to_string(file.path()).expect("a table")).collect()
}

/// Two tables of `days` partitions with `files` objects each, and a folder with as many in all.
fn lake(server: &Server, days: usize, files: usize) -> (u64, u64) {
    let mut bytes = 0;
    for table in ["orders", "users"] {
        for day in 0..days {
            for file in 0..files {
                let size = (1 + day * 7 + file) as u64;
                bytes += size;
                let key = format!("curated/{table}/dt={day:05}/part-{file:04}.snappy.parquet");
                server.bucket("lake").insert(Object::new(key, size));
            }
        }
    }
    for file in 0..days * files {
        bytes += 3;
        server.bucket("lake").insert(Object::new(format!("raw/events/part-{file:08}.json.gz"), 3));
    }
    ((3 * days * files) as u64, bytes)
}

const SCAN: [&str; 4] = ["scan", "s3://lake/", "--footers", "none"];

#[test]
fn a_hundred_thousand_objects_are_listed_in_parallel() {
    let server = Server::start();
    let (files, bytes) = lake(&server, 340, 100);
    let dir = tempfile::tempdir().expect("folder");
    let output = lakelint(dir.path(), &server, &SCAN);
    assert!(output.status.success(), "{}", printed(&output));
    let found = totals(dir.path());
    assert_eq!((found.0, found.1), (files, bytes), "{}", printed(&output));
    let asked = server.count("ListObjectsV2");
    assert!((102..400).contains(&asked), "{asked} requests");
    let at_once = server.most_at_once();
    assert!((2..=32).contains(&at_once), "{at_once} requests at once");
    assert!(printed(&output).contains("$0.005 per 1,000 requests"), "{}", printed(&output));
    assert!(!dir.path().join(".lakelint/lake.scan").exists());
}

#[test]
fn throttling_errors_resets_and_cut_pages_change_nothing() {
    let server = Server::start();
    let (files, bytes) = lake(&server, 40, 50);
    for (nth, fault) in [(2, Fault::SlowDown), (3, Fault::Reset), (5, Fault::CutBody), (6, Fault::Internal)] {
        server.fault(On::operation("ListObjectsV2").nth(nth), fault);
    }
    let dir = tempfile::tempdir().expect("folder");
    let output = lakelint(dir.path(), &server, &SCAN);
    assert!(output.status.success(), "{}", printed(&output));
    let found = totals(dir.path());
    assert_eq!((found.0, found.1), (files, bytes));
}

#[test]
fn a_denied_prefix_is_a_gap_and_a_denied_bucket_an_error() {
    let server = Server::start();
    lake(&server, 4, 5);
    server.fault(On::operation("ListObjectsV2").under("curated/users/"), Fault::AccessDenied);
    let dir = tempfile::tempdir().expect("folder");
    let output = lakelint(dir.path(), &server, &SCAN);
    assert!(output.status.success(), "{}", printed(&output));
    assert_eq!(totals(dir.path()).0, 40);
    assert!(
        printed(&output).contains("`s3://lake/curated/users/` is missing from the snapshot: access denied"),
        "{}",
        printed(&output)
    );

    server.fault(On::operation("ListObjectsV2"), Fault::AccessDenied);
    let output = lakelint(dir.path(), &server, &SCAN);
    assert_eq!(output.status.code(), Some(2), "{}", printed(&output));
    assert!(printed(&output).contains("allow `s3:ListBucket` on `arn:aws:s3:::lake`"), "{}", printed(&output));
    assert_eq!(totals(dir.path()).0, 40, "the old snapshot stays");
}

#[test]
fn a_killed_scan_goes_on_where_it_was() {
    let server = Server::start();
    let (files, bytes) = lake(&server, 100, 100);
    let (whole, dir, home) =
        (tempfile::tempdir().expect("a"), tempfile::tempdir().expect("b"), tempfile::tempdir().expect("c"));
    let output = lakelint(whole.path(), &server, &SCAN);
    assert!(output.status.success(), "{}", printed(&output));
    let needed = server.count("ListObjectsV2");

    server.fault(On::operation("ListObjectsV2"), Fault::Delay(Duration::from_millis(200)));
    let args: Vec<&str> = SCAN.iter().copied().chain(["--concurrency", "2"]).collect();
    let mut child = command(dir.path(), home.path(), &server.url(), &args).spawn().expect("started");
    while server.count("ListObjectsV2") < needed + 20 {
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
    assert!(!dir.path().join(".lakelint/lake").exists());
    server.heal();
    let before = server.count("ListObjectsV2");
    let output = lakelint(dir.path(), &server, &SCAN);
    assert!(output.status.success(), "{}", printed(&output));
    assert!(printed(&output).contains("of an interrupted scan"), "{}", printed(&output));
    let found = totals(dir.path());
    assert_eq!((found.0, found.1), (files, bytes));
    assert_eq!(tables_text(dir.path()), tables_text(whole.path()));
    let again = server.count("ListObjectsV2") - before;
    assert!(again + 5 < needed, "{again} requests of {needed}");
}

#[test]
fn requests_are_limited_and_none_are_made_offline() {
    let server = Server::start();
    lake(&server, 40, 50);
    let dir = tempfile::tempdir().expect("folder");
    let args: Vec<&str> = SCAN.iter().copied().chain(["--max-requests", "3"]).collect();
    let output = lakelint(dir.path(), &server, &args);
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).contains("stopped after 3 requests (`--max-requests`)"), "{}", printed(&output));
    // The last one may not have been answered when the scan ended.
    let made = server.requests().len();
    assert!((2..=3).contains(&made), "{made}");
    server.forget();

    let home = tempfile::tempdir().expect("home");
    let mut offline = command(dir.path(), home.path(), &server.url(), &SCAN);
    let output = offline.env("LAKELINT_OFFLINE", "1").output().expect("run");
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).contains("LAKELINT_OFFLINE is set"), "{}", printed(&output));
    for flag in ["--dry-run", "--print-policy"] {
        let args: Vec<&str> = SCAN.iter().copied().chain([flag]).collect();
        assert!(lakelint(dir.path(), &server, &args).status.success());
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn expired_credentials_end_the_scan_and_keys_of_any_kind_are_listed() {
    let server = Server::start();
    let long = "é".repeat(500);
    for key in
        ["t/dt=1/a\nb.csv", "t/dt=1/100%25.csv", "t/dt=1/../x.csv", "t/dt=1/a+b c.csv", &format!("t/dt=1/{long}.csv")]
    {
        server.bucket("lake").insert(Object::new(key.to_string(), 2));
    }
    let dir = tempfile::tempdir().expect("folder");
    let output = lakelint(dir.path(), &server, &SCAN);
    assert!(output.status.success(), "{}", printed(&output));
    // Names that start with a dot are hidden, `..` too.
    assert_eq!(totals(dir.path()).1, 8, "{}", tables_text(dir.path()));
    assert!(tables_text(dir.path()).contains("t/dt=1/../x.csv"));
    server.fault(On::operation("ListObjectsV2"), Fault::ExpiredToken);
    let output = lakelint(dir.path(), &server, &SCAN);
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).contains("the credentials have expired"), "{}", printed(&output));
    assert!(!printed(&output).contains("AKIA"));
}

#[test]
fn footers_of_a_sample_of_the_objects_are_read_in_part() {
    let server = Server::start();
    for day in 21..=25 {
        let path = format!("sample_sql/lake/curated/exchange_rates/dt=2025-06-{day}/part-0.snappy.parquet");
        let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path)).expect("a file of the sample");
        server.bucket("lake").insert(Object::with_body(format!("rates/dt=2025-06-{day}/part-0.snappy.parquet"), bytes));
    }
    let dir = tempfile::tempdir().expect("folder");
    let read = |args: &[&str]| {
        let output = lakelint(dir.path(), &server, args);
        assert!(output.status.success(), "{}", printed(&output));
        printed(&output)
    };
    assert!(!read(&SCAN).contains("footer"));
    assert_eq!(server.count("GetObject"), 0);
    let text = read(&["scan", "s3://lake/", "--footers", "2"]);
    assert!(text.contains("read 2 footers"), "{text}");
    let text = read(&["scan", "s3://lake/"]);
    assert!(text.contains("read 3 footers, knew 2 from the last scan"), "{text}");
    assert!(tables_text(dir.path()).contains("\"currency\""), "{}", tables_text(dir.path()));
}
