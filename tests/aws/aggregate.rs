//! An inventory table that Athena adds up, from the command line to the snapshot.

use std::path::Path;
use std::process::Output;

use serde_json::json;

use crate::child::{lakelint, printed};
use crate::server::{Server, athena};

/// Bytes of the newest delivery: 2 TB, ten dollars.
const FILES: u64 = 2_000_000_000_000;

/// An inventory table with projected deliveries, of which the older one has no manifest any more.
fn server(rows: usize, outcome: impl Fn(athena::Outcome) -> athena::Outcome + Send + Sync + 'static) -> Server {
    let server = Server::start();
    server.put("reports", "lake/all/hive/dt=2024-01-04-01-00/symlink.txt", "x");
    server.put("reports", "lake/all/hive/dt=2024-01-05-01-00/symlink.txt", "x");
    let manifest = json!({ "files": [{ "size": FILES - 1 }, { "size": 1 }] });
    server.put("reports", "lake/all/2024-01-05T01-00Z/manifest.json", manifest.to_string());
    describe(&server);
    athena::serve(&server, move |_| outcome(athena::Outcome { scanned: FILES / 2, ..tallies(rows) }));
    server
}

/// Answers what the table is.
pub fn describe(server: &Server) {
    server.on_json("AmazonAthena.GetTableMetadata", |input| {
        assert_eq!((&input["DatabaseName"], &input["TableName"]), (&json!("ops"), &json!("inventory")));
        let column = |(name, kind): (&str, &str)| json!({ "Name": name, "Type": kind });
        let columns = [("bucket", "string"), ("key", "string"), ("size", "bigint"), ("storage_class", "string")];
        Ok(json!({ "TableMetadata": {
            "Name": "inventory", "TableType": "EXTERNAL_TABLE", "Columns": columns.map(column),
            "PartitionKeys": [column(("dt", "string"))],
            "Parameters": { "location": "s3://reports/lake/all/hive/", "projection.enabled": "true" },
        } }))
    });
}

/// What the statement finds in so many folders.
pub fn tallies(folders: usize) -> athena::Outcome {
    let text = |text: &str| Some(text.to_owned());
    let row = |i: usize| {
        let folder = json!([format!("t/dt={i:05}")]).to_string();
        let cells = ["data.parquet", "STANDARD", "10", "2", "3000", "1600"].map(text);
        let mut row = vec![text("lake"), Some(folder)];
        row.extend(cells);
        row.extend([None, text("[\"a.parquet\",\"b.parquet\"]"), None]);
        row
    };
    let columns =
        ["bucket", "folder", "what", "class", "slot", "objects", "bytes", "largest", "newest", "examples", "top"];
    athena::Outcome::rows(&columns, (0..folders).map(row).collect())
}

fn scan(dir: &Path, server: &Server, more: &[&str]) -> Output {
    let args =
        ["scan", "--inventory", "ops.inventory", "--on", "athena", "--workgroup", "w", "--output", "s3://results/x"];
    lakelint(dir, server, &[&args, more].concat())
}

fn is_written(dir: &Path) -> bool {
    dir.join(".lakelint/lake/snapshot.json").exists()
}

#[test]
fn a_dry_run_shows_the_statement_and_what_it_costs_at_most() {
    let (dir, server) = (tempfile::tempdir().expect("folder"), server(1, |outcome| outcome));
    let output = scan(dir.path(), &server, &["--dry-run"]);
    let text = printed(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("FROM \"ops\".\"inventory\"\n  WHERE \"dt\" = '2024-01-05-01-00'"), "{text}");
    assert!(text.contains("at most 2 TB for at most $10.00"), "{text}");
    let made = format!("made {} requests", server.requests().len());
    assert!(text.contains(&made) && text.contains(", to find that out"), "{made}: {text}");
    assert_eq!(server.count("AmazonAthena.StartQueryExecution"), 0);
    assert!(!is_written(dir.path()));
}

#[test]
fn what_may_cost_too_much_is_not_run() {
    let (dir, server) = (tempfile::tempdir().expect("folder"), server(1, |outcome| outcome));
    let output = scan(dir.path(), &server, &["--max-usd", "9.99"]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("may read 2 TB for $10.00, and `--max-usd` allows $9.99"), "{text}");
    assert_eq!(server.count("AmazonAthena.StartQueryExecution"), 0);
    assert!(!is_written(dir.path()));
}

#[test]
fn tallies_become_a_snapshot_page_by_page() {
    let (dir, server) = (tempfile::tempdir().expect("folder"), server(2_500, |outcome| outcome));
    let output = scan(dir.path(), &server, &["--max-usd", "10"]);
    let text = printed(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 table, 2,500 partitions, 5,000 files"), "{text}");
    assert!(text.contains("the statement has read 1 TB for $5.00"), "{text}");
    assert_eq!(server.count("AmazonAthena.GetQueryResults"), 3);
    // It is planned once, and what that takes is counted.
    assert_eq!((server.count("AmazonAthena.GetTableMetadata"), server.count("GetObject")), (1, 1));
    assert!(text.contains(&format!("made {} requests", server.requests().len())), "{text}");
    assert!(is_written(dir.path()));
}

#[test]
fn the_newest_of_registered_deliveries_is_added_up() {
    let (dir, server) = (tempfile::tempdir().expect("folder"), server(3, |outcome| outcome));
    let column = |(name, kind): (&str, &str)| json!({ "Name": name, "Type": kind });
    let columns =
        [("bucket", "string"), ("key", "string"), ("size", "bigint"), ("storage_class", "string")].map(column);
    server.on_json("AmazonAthena.GetTableMetadata", move |_| {
        Ok(json!({ "TableMetadata": {
            "Name": "inventory", "TableType": "EXTERNAL_TABLE", "Columns": columns,
            "PartitionKeys": [column(("dt", "string"))], "Parameters": { "location": "s3://reports/lake/all/hive/" },
        } }))
    });
    athena::serve(&server, |statement| {
        assert_eq!(statement, "SHOW PARTITIONS `inventory`");
        let rows = ["dt=2024-01-05-01-00", "dt=2024-01-03-01-00"].map(|line| vec![Some(line.to_owned())]);
        athena::Outcome::rows(&["partition"], rows.to_vec())
    });
    let output = scan(dir.path(), &server, &["--dry-run"]);
    let text = printed(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("WHERE \"dt\" = '2024-01-05-01-00'") && text.contains("at most 2 TB"), "{text}");
    assert_eq!(server.count("ListObjectsV2"), 0);
}

#[test]
fn what_ends_badly_leaves_no_snapshot() {
    let failed = |_| athena::Outcome::failed("Query exhausted resources of account 123456789012");
    let cancelled = |outcome| athena::Outcome { state: "CANCELLED", ..outcome };
    let empty = |outcome| athena::Outcome { rows: Vec::new(), ..outcome };
    let cases = [
        (server(1, failed), "Query exhausted resources of account ***"),
        (server(1, cancelled), "was cancelled on Athena"),
        (server(1, empty), "`ops.inventory` holds no objects in its newest delivery"),
    ];
    for (server, expected) in cases {
        let dir = tempfile::tempdir().expect("folder");
        let output = scan(dir.path(), &server, &[]);
        let text = printed(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(expected), "{expected}: {text}");
        assert!(!text.contains("123456789012"), "{text}");
        assert!(!is_written(dir.path()), "{expected}");
    }
}
