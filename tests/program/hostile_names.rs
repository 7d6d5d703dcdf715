//! Names that want to leave their place, and what must not come of them.

#![allow(dead_code, reason = "each test binary takes what it needs")]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

/// What must never reach a terminal.
pub const TITLE: &str = "\u{1b}]0;owned\u{7}";
pub const FORGED: &str = "\nerror: forged\r\n::error::forged\n";

/// Only line feeds and tabs, and no line that a name has made.
pub fn assert_plain(what: &str, text: &str) {
    let turning = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let bad = text.char_indices().find(|(_, c)| (c.is_control() && !"\n\t".contains(*c)) || turning(*c));
    let around = bad.map(|(at, _)| text.chars().skip(text[..at].chars().count().saturating_sub(40)).take(80));
    assert_eq!(bad, None, "{what}: {:?}", around.map(String::from_iter));
    let forged = text.lines().find(|line| line.starts_with("error: forged") || line.starts_with("::error::forged"));
    assert_eq!(forged, None, "{what}:\n{text}");
}

/// Every file below a folder.
pub fn files(folder: &Path) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), vec![folder.to_path_buf()]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).expect("a folder").flatten() {
            match entry.file_type().expect("a kind").is_dir() {
                true => open.push(entry.path()),
                false => drop(found.insert(entry.path().strip_prefix(folder).expect("below").display().to_string())),
            }
        }
    }
    found
}

fn keys() -> Vec<String> {
    let long = "é".repeat(480);
    let mut keys = vec![
        format!("t/dt=2024-01-01/a{FORGED}.csv.tmp"),
        format!("t/dt=2024-01-01/{TITLE}.csv.tmp"),
        format!("t/dt=2024-01-02{TITLE}/a.csv"),
        format!("t/dt=2024-01-03{FORGED}/a.csv"),
        "t/dt=100%25%0a%1b[2J/a.csv".to_string(),
        "t/dt=..%2F..%2F..%2Fup/a.csv".to_string(),
        "t/../../../../up/dt=1/a.csv".to_string(),
        format!("t/dt=2024-01-04/{long}.csv.tmp"),
        "t/dt=2024-01-05/\u{202e}vsc.a\u{9b}2J.csv.tmp".to_string(),
        format!("t/date{TITLE}=2024-01-05/a.csv"),
        format!("loose{TITLE}/dt=2024-01-01/a.csv"),
        format!("loose{FORGED}/dt=2024-01-01/a.csv"),
        "../../up/dt=2024-01-01/a.csv".to_string(),
        "/etc/dt=2024-01-01/a.csv".to_string(),
    ];
    keys.sort();
    keys
}

/// A listing, a catalog and a query, all with hostile names.
pub fn lake(folder: &Path) {
    let object = |key: &String| json!({ "Key": key, "Size": 5_000_000_000u64, "StorageClass": "STANDARD" });
    let listing = json!({ "Name": "b", "Contents": keys().iter().map(object).collect::<Vec<_>>() });
    let key = json!([{ "Name": "dt", "Type": "string" }]);
    let table = |name: &str, location: &str| {
        json!({
            "Name": name, "DatabaseName": "lake", "PartitionKeys": key,
            "StorageDescriptor": { "Location": location, "Columns": [{ "Name": format!("c{TITLE}"), "Type": "string" }],
                "InputFormat": "org.apache.hadoop.mapred.TextInputFormat" },
        })
    };
    let tables = json!({ "TableList": [
        table("t", "s3://b/t/"),
        table(&format!("ev{TITLE}il"), &format!("s3://b/loose{TITLE}/")),
        table(&format!("x{FORGED}y"), &format!("s3://b/loose{FORGED}/")),
        table("../../../up", "s3://b/t/dt=2024-01-01/"),
    ] });
    std::fs::write(folder.join("listing.json"), listing.to_string()).expect("written");
    std::fs::write(folder.join("glue.json"), tables.to_string()).expect("written");
    let query =
        format!("-- name: q{TITLE}\nSELECT * FROM lake.t;\nSELECT * FROM lake.\"ev{TITLE}il\" WHERE x = '{TITLE}';\n");
    std::fs::write(folder.join("q.sql"), query).expect("written");
}
