//! Buckets that change while they are listed, lie elsewhere, want to be paid, or hold unfinished uploads.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use serde_json::{Value, json};

use crate::child::{command, lakelint, printed};
use crate::server::{Fault, Object, On, Server, Upload};

const SCAN: [&str; 4] = ["scan", "s3://lake/", "--footers", "none"];

fn tables(dir: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(dir.join(".lakelint/lake/snapshot.json")).expect("a snapshot");
    let index: Value = serde_json::from_str(&text).expect("JSON");
    index["tables"].as_array().expect("tables").clone()
}

fn sum(dir: &Path, what: &str) -> u64 {
    tables(dir).iter().filter_map(|table| table[what].as_u64()).sum()
}

fn table(dir: &Path, name: &str) -> Value {
    let path = dir.join(format!(".lakelint/lake/tables/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("a table")).expect("JSON")
}

#[test]
fn keys_that_stay_count_once_while_others_come_and_go() {
    const FOREIGN: u64 = 1_000_000;
    let server = Server::start();
    let mut stable = 0_u64;
    for day in 0..60 {
        for file in 0..100 {
            server.bucket("lake").insert(Object::new(format!("events/dt={day:04}/{file:03}-stable.csv"), 1));
            stable += 1;
        }
    }
    let count = AtomicUsize::new(0);
    server.hook(On::operation("ListObjectsV2"), move |server| {
        let n = count.fetch_add(1, SeqCst);
        // Before, in and after what is listed just now, in folders that are there and in new ones.
        for day in [0, n % 60, 59, 70 + n] {
            for key in ["000-a", "050-b", "zzz"] {
                server.bucket("lake").insert(Object::new(format!("events/dt={day:04}/{key}-{n}.csv"), FOREIGN));
                if n >= 2 {
                    server.remove("lake", &format!("events/dt={day:04}/{key}-{}.csv", n - 2));
                }
            }
        }
    });
    let dir = tempfile::tempdir().expect("folder");
    let output = lakelint(dir.path(), &server, &SCAN);
    assert!(output.status.success(), "{}", printed(&output));
    assert_eq!(sum(dir.path(), "bytes") % FOREIGN, stable, "{}", printed(&output));
}

#[test]
fn a_bucket_of_another_region_is_followed() {
    let server = Server::start();
    server.put("lake", "events/dt=1/a.csv", "1,2\n");
    server.bucket("lake").region = "eu-west-1".into();
    let dir = tempfile::tempdir().expect("folder");
    let output = lakelint(dir.path(), &server, &SCAN);
    assert!(output.status.success(), "{}", printed(&output));
    assert_eq!(sum(dir.path(), "bytes"), 4);
    assert_eq!(server.requests()[0].status, 301);
    let refused = server.requests().iter().filter(|request| request.status == 301).count();
    assert_eq!(refused, 1, "the region is known after that");
}

#[test]
fn the_requester_says_that_it_pays_when_asked_to() {
    let server = Server::start();
    server.put("lake", "events/dt=1/a.csv", "1,2\n");
    server.bucket("lake").requester_pays = true;
    let dir = tempfile::tempdir().expect("folder");
    let output = lakelint(dir.path(), &server, &SCAN);
    assert_eq!(output.status.code(), Some(2), "{}", printed(&output));
    assert!(printed(&output).contains("`s3:ListBucket`"), "{}", printed(&output));
    assert!(server.requests().iter().all(|request| !request.pays));
    server.forget();
    let uploads = [&SCAN[..], &["--requester-pays", "--uploads"]].concat();
    let output = lakelint(dir.path(), &server, &uploads);
    assert!(output.status.success(), "{}", printed(&output));
    assert!(server.requests().iter().all(|request| request.pays), "{:?}", server.requests());
}

fn upload(key: &str, id: u32, parts: &[u64]) -> Upload {
    Upload { key: key.into(), id: format!("id{id}"), initiated: 1_704_067_200, parts: parts.to_vec() }
}

#[test]
fn unfinished_uploads_are_counted_with_their_parts() {
    let server = Server::start();
    server.put("lake", "events/dt=1/a.csv", "1,2\n");
    for n in 0..1_500 {
        server.bucket("lake").uploads.push(upload(&format!("events/dt=1/{n:05}\n.csv"), n, &[1]));
    }
    server.bucket("lake").uploads.push(upload("events/dt=2/large", 1_500, &vec![10; 2_500]));
    let dir = tempfile::tempdir().expect("folder");
    let args = [&SCAN[..], &["--uploads"]].concat();
    let output = lakelint(dir.path(), &server, &args);
    assert!(output.status.success(), "{}", printed(&output));
    let found = table(dir.path(), "events")["layout"]["oddities"]["unfinished_uploads"].clone();
    assert_eq!((&found["objects"], &found["bytes"]), (&json!(1_501), &json!(26_500)), "{found}");
    assert_eq!(sum(dir.path(), "files"), 1);
    // Those of the uploads two pages, those of the large one three.
    assert_eq!((server.count("ListMultipartUploads"), server.count("ListParts")), (2, 1_503));
}

#[test]
fn uploads_that_may_not_be_seen_are_told() {
    let server = Server::start();
    server.put("lake", "events/dt=1/a.csv", "1,2\n");
    server.bucket("lake").uploads.push(upload("events/dt=1/b", 1, &[7]));
    let args = [&SCAN[..], &["--uploads"]].concat();
    for (operation, action) in
        [("ListMultipartUploads", "s3:ListBucketMultipartUploads"), ("ListParts", "s3:ListMultipartUploadParts")]
    {
        server.heal();
        server.fault(On::operation(operation), Fault::AccessDenied);
        let dir = tempfile::tempdir().expect("folder");
        let output = lakelint(dir.path(), &server, &args);
        assert!(output.status.success(), "{operation}: {}", printed(&output));
        assert!(printed(&output).contains(&format!("allow `{action}`")), "{}", printed(&output));
        assert_eq!(sum(dir.path(), "bytes"), 4);
    }
}

#[test]
fn what_is_denied_is_marked_in_the_snapshot_and_told_by_check() {
    let server = Server::start();
    for table in ["orders", "users"] {
        server.put("lake", &format!("{table}/dt=2024-01-01/a.csv"), "1,2\n");
        server.put("lake", &format!("{table}/dt=2024-01-02/a.csv"), "1,2\n");
    }
    server.fault(On::operation("ListObjectsV2").under("users/"), Fault::AccessDenied);
    let (dir, home) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("home"));
    let output = lakelint(dir.path(), &server, &SCAN);
    assert!(output.status.success(), "{}", printed(&output));
    assert!(printed(&output).contains("warning: `s3://lake/users/` is missing"), "{}", printed(&output));
    assert_eq!(table(dir.path(), "orders")["layout"]["gaps"], json!([]));
    let text = std::fs::read_to_string(dir.path().join(".lakelint/lake/snapshot.json")).expect("a snapshot");
    let gaps = json!([{ "prefix": "s3://lake/users/", "reason": "access denied" }]);
    assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON")["gaps"], gaps);

    std::fs::write(dir.path().join("q.sql"), "SELECT * FROM orders WHERE dt = '2024-01-01';\n").expect("written");
    let asked = server.requests().len();
    let check = |args: &[&str]| {
        let mut check =
            command(dir.path(), home.path(), &server.url(), &[&["check", "--as-of", "2024-06-30"], args].concat());
        check.env("LAKELINT_OFFLINE", "1").output().expect("run")
    };
    let text = printed(&check(&[]));
    assert!(text.contains("1 prefix could not be listed (s3://lake/users/: access denied)"), "{text}");
    let found: Value = serde_json::from_slice(&check(&["--format", "json"]).stdout).expect("JSON");
    assert_eq!(found["summary"]["incomplete"], json!([{ "table": null, "gaps": gaps }]));
    let cost = |args: &[&str]| {
        let args = [&["cost", "--as-of", "2024-06-30", "q.sql"], args].concat();
        lakelint(dir.path(), &server, &args)
    };
    for format in ["table", "markdown"] {
        let text = printed(&cost(&["--format", format])).replace("\n  ", " ");
        assert!(text.contains("1 prefix could not be listed (s3://lake/users/: access denied)"), "{text}");
    }
    let found: Value = serde_json::from_slice(&cost(&["--format", "json"]).stdout).expect("JSON");
    assert_eq!(found["incomplete"], gaps);
    assert_eq!(server.requests().len(), asked);

    // With a place that somebody has described, the gap is the table's.
    let glue = json!({ "TableList": [{ "Name": "users", "DatabaseName": "lake", "PartitionKeys": [{ "Name": "dt" }],
        "StorageDescriptor": { "Location": "s3://lake/users/", "Columns": [{ "Name": "a", "Type": "string" }] } }] });
    std::fs::write(dir.path().join("glue.json"), glue.to_string()).expect("written");
    std::fs::write(dir.path().join("old.txt"), "2024-01-01 00:00:00 9 users/dt=2023-12-31/a.csv\n").expect("written");
    let args = ["scan", "s3://lake/", "s3://lake=old.txt", "glue.json", "--footers", "none"];
    let output = lakelint(dir.path(), &server, &args);
    assert!(output.status.success(), "{}", printed(&output));
    assert_eq!(table(dir.path(), "lake.users")["layout"]["gaps"], gaps);
    assert!(printed(&check(&[])).contains("1 prefix of lake.users could not be listed"), "{}", printed(&check(&[])));
}
