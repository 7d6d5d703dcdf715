//! The statement on another SQL engine, row by row beside the collector.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::*;
use crate::input::layout::{Collector, EXAMPLES, LARGEST, Object, Run, Scope, State, Sums, Tally, TallyKind};
use crate::lake::{DeclaredBy, Location, PartitionKey, SizeHistogram, StorageClass, Table, TableName};
use statement::Inventory;

#[path = "../../../tests/needed/mod.rs"]
mod needed;
#[path = "../../../tests/python/mod.rs"]
mod python;

const FOLDERS: [&str; 14] = [
    "",
    "t",
    "t/dt=2024-01-01",
    "t/dt=2024-01-02",
    "t/dt=__HIVE_DEFAULT_PARTITION__",
    "t/dt=a%2Fb",
    "t/date=2024-01-03",
    "a//b",
    "/lead",
    "x/_hidden/y",
    "ü/é=ß",
    "new\nline/'quote\"",
    "u/dt=1/hour=2",
    "..",
];

const NAMES: [&str; 44] = [
    "",
    "a",
    "a.csv",
    "A.CSV",
    "a.csv.gz",
    "b.csv.gz",
    "c.csv.gz",
    "d.csv.gz",
    "e.csv.gz",
    "f.csv.gz",
    "a.CSV.gz",
    "a.csv.GZ",
    "a.Gz",
    "b.gz",
    "b.tar.gz",
    "b.TAR.bz2",
    "c.parquet",
    "c.snappy.parquet",
    "c.snappy",
    "d.zİp",
    "d.ſql",
    "d.ZIP",
    "x_$folder$",
    "_SUCCESS",
    ".hidden",
    ".gz",
    "e.",
    "e..gz",
    "f.json.bz2",
    "000000_0",
    "g.c000",
    "new\nline.csv\n",
    "tab\t.log.zst",
    "\u{1}.tsv.lzo",
    "😀.ndjson.lz4",
    "..",
    "h.crc",
    "'q'.orc",
    "%41.csv",
    "a+b c.csv.gzip",
    "a\"b\\.txt",
    "é.avro",
    "e\u{301}.ion.zstd",
    "_$folder$",
];

/// A row of an inventory.
#[derive(Debug, Clone)]
struct Entry {
    key: String,
    size: Option<u64>,
    /// Milliseconds since 1970.
    modified: i64,
    class: Option<&'static str>,
    is_latest: bool,
    is_delete_marker: bool,
}

impl Entry {
    fn object(&self) -> Object<'_> {
        let state = match (self.is_delete_marker, self.is_latest) {
            (true, _) => State::DeleteMarker,
            (false, false) => State::Noncurrent,
            (false, true) => State::Current,
        };
        Object {
            class: self.class.map(StorageClass::of_name),
            modified: Some(self.modified.div_euclid(1000)),
            state,
            ..Object::new(&self.key, self.size.unwrap_or(0))
        }
    }

    fn line(&self) -> String {
        let line = json!({
            "bucket": "b", "key": self.key, "size": self.size, "last_modified_date": self.modified,
            "storage_class": self.class, "is_latest": self.is_latest, "is_delete_marker": self.is_delete_marker,
            "dt": "2024-01-05-01-00",
        });
        format!("{line}\n")
    }
}

/// Every name in every folder, with sizes at and around all powers of two, and versions of some.
fn entries() -> Vec<Entry> {
    const CLASSES: [Option<&str>; 6] =
        [Some("STANDARD"), None, Some("GLACIER"), Some("DEEP_ARCHIVE"), Some("GLACIER_IR"), Some("NEW")];
    let keys = FOLDERS.iter().flat_map(|folder| NAMES.iter().map(move |name| (*folder, *name)));
    let mut entries = Vec::new();
    for (i, (folder, name)) in keys.enumerate() {
        let key = if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") };
        if key.is_empty() {
            continue;
        }
        let power = 1_u64 << (i * 7 % 51);
        let size = [power, power - 1, power + 1, 0][i % 4];
        let modified = 1_704_067_200_000 + (i as i64 * 7_919) % 100_000;
        let class = CLASSES[i / 3 % CLASSES.len()];
        let entry = Entry { key, size: Some(size), modified, class, is_latest: true, is_delete_marker: false };
        if i % 5 == 0 {
            let old = |age: u64| Entry { size: Some(size / age), is_latest: false, ..entry.clone() };
            entries.extend((1..6).map(old));
        }
        if i % 7 == 0 {
            let deleted = Entry { size: None, class: None, is_delete_marker: true, ..entry.clone() };
            entries.extend([deleted.clone(), Entry { is_latest: false, modified: modified - 5_000, ..deleted }]);
        }
        entries.push(entry);
    }
    entries
}

/// What the collector's own workers make of the entries.
fn expected(entries: &[Entry]) -> BTreeMap<(String, TallyKind), Sums> {
    let mut runs: BTreeMap<&str, Run> = BTreeMap::new();
    for entry in entries {
        let (folder, name) = entry.key.rsplit_once('/').unwrap_or(("", &entry.key));
        runs.entry(folder).or_default().add(name, &entry.object());
    }
    let tallies = runs.iter().flat_map(|(folder, run)| run.tallies(folder));
    tallies.map(|Tally { folder, kind, sums }| ((folder, kind), sums)).collect()
}

/// Rows added up: each is a part of a tally.
fn added_up(rows: &[Tally]) -> BTreeMap<(String, TallyKind), Sums> {
    let mut found: BTreeMap<(String, TallyKind), Sums> = BTreeMap::new();
    for Tally { folder, kind, sums } in rows.iter().cloned() {
        let into = found.entry((folder, kind)).or_default();
        into.objects += sums.objects;
        into.bytes += sums.bytes;
        into.largest = into.largest.max(sums.largest);
        into.newest = into.newest.max(sums.newest);
        into.sizes.absorb(&sums.sizes);
        into.examples.extend(sums.examples);
        into.examples.sort();
        into.examples.dedup();
        into.examples.truncate(EXAMPLES);
        into.top.extend(sums.top);
        into.top.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        into.top.truncate(LARGEST);
    }
    found
}

fn columns(form: &str) -> Vec<(String, String)> {
    let kinds = match form {
        "csv" => ["string"; 7],
        "millis" => ["string", "string", "boolean", "boolean", "bigint", "bigint", "string"],
        _ => ["string", "string", "boolean", "boolean", "bigint", "timestamp", "string"],
    };
    let names = ["bucket", "key", "is_latest", "is_delete_marker", "size", "last_modified_date", "storage_class"];
    names.iter().zip(kinds).map(|(name, kind)| (name.to_string(), kind.to_string())).collect()
}

/// The statement's rows on DuckDB; `None` where it cannot be had.
fn on_duckdb(dir: &Path, entries: &[Entry], form: &str) -> Option<Vec<Tally>> {
    let inventory = Inventory::of("lake", "inventory", &columns(form)).expect("an inventory");
    let (objects, statement) = (dir.join("objects.jsonl"), dir.join("statement.sql"));
    std::fs::write(&objects, entries.iter().map(Entry::line).collect::<String>()).expect("written");
    std::fs::write(&statement, inventory.statement(Some(("dt", "2024-01-05-01-00")))).expect("written");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = python::environment(&root.join("target/tmp/aggregate"), &["duckdb==1.5.5"]);
    let python = needed::or_skip("the statement on DuckDB, with python3", python)?;
    let run = root.join("tests/aggregate/run");
    let output = Command::new(python).arg(run).args([&objects, &statement]).arg(form).output().expect("python");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{form}: {}: {said}", output.status);
    let row = |line: &str| {
        let (bucket, tally) = row::read(serde_json::from_str(line).expect("a row"), inventory.time).expect(line);
        assert_eq!(bucket, "b");
        tally
    };
    Some(String::from_utf8(output.stdout).expect("text").lines().map(row).collect())
}

fn tables() -> Vec<Table> {
    let table = |name: &str, location: &str, keys: &[&str]| {
        let mut table = Table::new(TableName::parse(name), DeclaredBy::Ddl);
        table.location = Some(Location::parse(location));
        table.partition_keys = keys.iter().map(|key| PartitionKey::new(key, crate::expr::ColumnType::String)).collect();
        table
    };
    vec![table("lake.t", "s3://b/t", &["dt"]), table("lake.a", "s3://b/a", &[])]
}

/// Layouts of described and derived tables as text.
fn collected(fill: impl Fn(&mut Collector, &Scope, &[Table])) -> String {
    let tables = tables();
    let scope = Scope::of_keys("inventory", Some("b".to_string()), "", &tables);
    let mut collector = Collector::default();
    collector.start();
    fill(&mut collector, &scope, &tables);
    format!("{:#?}", collector.finish(&tables))
}

#[test]
fn the_statement_says_what_the_collector_says_row_by_row() {
    let entries = entries();
    let expected = expected(&entries);
    assert!(expected.len() > 150, "{}", expected.len());
    let layouts = collected(|collector, scope, tables| {
        entries.iter().for_each(|entry| collector.add(scope, tables, entry.object(), None));
    });
    let dir = tempfile::tempdir().expect("tempdir");
    for form in ["parquet", "millis", "csv"] {
        let Some(rows) = on_duckdb(dir.path(), &entries, form) else { return };
        let found = added_up(&rows);
        for (tally, sums) in &expected {
            assert_eq!(found.get(tally), Some(sums), "{form}: {tally:?}");
        }
        assert_eq!(found.len(), expected.len(), "{form}");
        let from_rows = collected(|collector, scope, tables| {
            rows.iter().for_each(|tally| collector.add_tally(scope, tables, tally));
        });
        assert_eq!(from_rows, layouts, "{form}");
    }
}

#[test]
fn every_slot_of_sizes_is_the_collectors() {
    let around = |power: u64| [power.saturating_sub(1), power, power + 1];
    let sizes = (0..60).flat_map(|bit| around(1 << bit)).chain([0]);
    let entry = |(i, size): (usize, u64)| Entry {
        // Sums stay below 2^63, as Trino's do.
        key: format!("{i}/x.csv"),
        size: Some(size),
        modified: 0,
        class: None,
        is_latest: true,
        is_delete_marker: false,
    };
    let entries: Vec<Entry> = sizes.enumerate().map(entry).collect();
    let dir = tempfile::tempdir().expect("tempdir");
    let Some(rows) = on_duckdb(dir.path(), &entries, "parquet") else { return };
    assert_eq!(rows.len(), entries.len());
    assert_eq!(added_up(&rows), expected(&entries));
}

#[test]
fn tables_that_are_no_inventory_are_told() {
    let error = |columns: &[(&str, &str)]| {
        let columns: Vec<(String, String)> = columns.iter().map(|(n, k)| (n.to_string(), k.to_string())).collect();
        Inventory::of("lake", "t", &columns).expect_err("an error").to_string()
    };
    assert!(error(&[("bucket", "string"), ("id", "bigint")]).contains("it has no column `key`"));
    assert!(error(&[("bucket", "string"), ("key", "bigint")]).contains("its column `key` is of type `bigint`"));
    let keys = [("bucket", "string"), ("key", "string")];
    assert!(error(&keys).contains("`lake.t` has no column `size`: add `Size` to the optional fields"));
    assert!(error(&[keys[0], keys[1], ("size", "double")]).contains("type `double`"));
    let size = ("size", "bigint");
    assert!(error(&[keys[0], keys[1], size, ("last_modified_date", "date")]).contains("type `date`"));
}

#[test]
fn what_the_table_lacks_is_left_out_and_names_are_quoted() {
    let columns: Vec<(String, String)> =
        ["bucket", "key", "size"].map(|name| (name.to_string(), "string".to_string())).to_vec();
    let inventory = Inventory::of("my\"db", "t", &columns).expect("an inventory");
    let sql = inventory.statement(Some(("dt", "it's")));
    assert!(sql.contains("FROM \"my\"\"db\".\"t\"\n  WHERE \"dt\" = 'it''s'"), "{sql}");
    assert!(sql.contains("url_decode(key) AS key") && sql.contains("true AS is_latest"), "{sql}");
    assert!(!sql.contains("storage_class") && !sql.contains("last_modified_date"), "{sql}");
    assert!(!inventory.statement(None).contains("\"dt\""));
}

#[test]
fn rows_of_another_form_are_errors() {
    let row = |cells: [&str; 11]| cells.map(|cell| (cell != "-").then(|| cell.to_string())).to_vec();
    let good = ["b", "[\"f\\n\"]", "data.csv.gz", "STANDARD", "3", "1", "9", "9", "7", "[\"x\"]", "-"];
    let (bucket, tally) = row::read(row(good), statement::Time::Seconds).expect("a row");
    assert_eq!((bucket.as_str(), tally.folder.as_str(), tally.sums.newest), ("b", "f\n", Some(7)));
    assert_eq!(tally.sums.sizes, {
        let mut sizes = SizeHistogram::default();
        sizes.add(9);
        sizes
    });
    let others =
        [(0, "-"), (1, "[]"), (1, "f"), (2, "other"), (2, "-"), (4, "48"), (5, "x"), (8, "x"), (10, "[\"1x\"]")];
    for (at, cell) in others {
        let mut cells = good;
        cells[at] = cell;
        assert!(row::read(row(cells), statement::Time::Seconds).is_err(), "{at} {cell}");
    }
    assert!(row::read(vec![None; 10], statement::Time::Seconds).is_err());
}
