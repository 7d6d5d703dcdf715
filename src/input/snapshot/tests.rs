//! A snapshot on the disk: how it is written, and that what was changed since is refused with a reason.

use chrono::NaiveDate;

use super::footers_part::LARGEST;
use super::*;
use crate::expr::ColumnType;
use crate::input::fetch::FetchedMachine;
use crate::lake::{Column, DeclaredBy, FileFooter, Footers, Layout, Location, Partition, PartitionKey};

mod round_trip;

fn daily(days: usize) -> Table {
    let mut table = Table::new(TableName::parse("lake.sales"), DeclaredBy::Ddl);
    table.partition_keys = vec![PartitionKey::new("dt", ColumnType::String)];
    let first = NaiveDate::from_ymd_opt(2024, 1, 1).expect("a date");
    let partition = |day: NaiveDate| Partition {
        values: vec![Some(day.to_string().into())],
        files: 12,
        bytes: 1_234_567_890,
        largest: 128_000_000,
        newest: None,
    };
    let partitions = first.iter_days().take(days).map(partition).collect();
    table.layout = Some(Layout { source: "listing.txt".into(), partitions, ..Layout::default() });
    table
}

fn write(folder: &Path, shown: &str, tables: &[Table]) -> Result<()> {
    super::write(folder, shown, &Content { tables, ..Content::default() })
}

/// A snapshot of these tables in a new folder, named `lake`.
fn written(tables: &[Table]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("tempdir");
    let folder = dir.path().join("lake");
    write(&folder, "lake", tables).expect("written");
    (dir, folder)
}

fn read_all(folder: &Path) -> Result<Vec<Table>> {
    Snapshot::open(folder, "lake")?.tables(|_| true)
}

/// The message after some text of a file was replaced.
fn error_after(file: &str, from: &str, to: &str) -> String {
    let (_dir, folder) = written(&[daily(3)]);
    let path = folder.join(file);
    let text = fs::read_to_string(&path).expect("text");
    assert!(text.contains(from), "{text}");
    fs::write(&path, text.replacen(from, to, 1)).expect("written");
    format!("{:#}", read_all(&folder).expect_err("an error"))
}

#[test]
fn a_partition_takes_less_than_60_bytes_and_one_line_per_array() {
    let size = |days| {
        let (_dir, folder) = written(&[daily(days)]);
        fs::metadata(folder.join("tables/lake.sales.json")).expect("a file").len()
    };
    let per_partition = (size(1_100) - size(100)) / 1_000;
    assert!(per_partition < 60, "{per_partition}");

    let (_dir, folder) = written(&[daily(100)]);
    let text = |folder: &Path| fs::read_to_string(folder.join("tables/lake.sales.json")).expect("text");
    let before = text(&folder);
    let mut table = daily(100);
    let partition = &mut table.layout.as_mut().expect("a layout").partitions[50];
    (partition.files, partition.bytes) = (13, 1_300_000_000);
    write(&folder, "lake", &[table]).expect("written");
    let after = text(&folder);
    assert_eq!(before.lines().zip(after.lines()).filter(|(a, b)| a != b).count(), 2);
    assert_eq!(before.lines().count(), after.lines().count());
}

#[test]
fn views_and_state_machines_are_kept_beside_the_tables() {
    let dir = tempfile::tempdir().expect("tempdir");
    let folder = dir.path().join("lake");
    let name = TableName::parse("lake.recent");
    let views = BTreeMap::from([(name, "create view lake.recent as select 1".to_string())]);
    let definitions = [("load", "{}"), ("Load", "{ }"), ("../up", "{  }")];
    let machine = |text: &str| FetchedMachine { kind: Some(WorkflowKind::Express), definition: text.to_string() };
    let fetched = definitions.map(|(name, text)| (name.to_string(), machine(text))).into();
    super::write(
        &folder,
        "lake",
        &Content { tables: &[], views: views.clone(), machines: fetched, ..Content::default() },
    )
    .expect("written");
    let snapshot = Snapshot::open(&folder, "lake").expect("opened");
    assert_eq!(snapshot.views().expect("views"), views);
    let stored = machines(&folder, "lake").expect("machines");
    let names = stored.iter().filter_map(|(path, machine)| Some((path.file_name()?.to_str()?, machine.name.as_str())));
    assert_eq!(
        names.collect::<Vec<_>>(),
        [("_..-up.asl.json", "../up"), ("load-2.asl.json", "load"), ("load.asl.json", "Load")]
    );
    assert!(stored.values().all(|machine| machine.kind == Some(WorkflowKind::Express)));
    let index = folder.join(MACHINE_INDEX);
    let text = fs::read_to_string(&index).expect("an index").replace("load.asl.json", "../load.json");
    fs::write(&index, text).expect("changed");
    let error = machines(&folder, "lake").expect_err("a path that leads out").to_string();
    assert!(error.contains("`lake/machines.json` names a file `../load.json`"), "{error}");
    write(&folder, "lake", &[]).expect("written again");
    assert!(machines(&folder, "lake").expect("machines").is_empty(), "what is gone is not kept");
}

#[test]
fn the_format_is_the_documented_one() {
    let mut table = daily(1);
    table.columns = vec![Column { name: "id".into(), data_type: ColumnType::Integer(8) }];
    table.location = Some(Location::parse("s3://b/sales"));
    let (_dir, folder) = written(&[table]);
    let line = |file: &str| fs::read_to_string(folder.join(file)).expect("text").replace('\n', " ");
    assert_eq!(
        line("snapshot.json"),
        r#"{ "version": 2, "tables": [ { "name": [ "lake", "sales" ], "file": "lake.sales.json", "partitions": 1, "files": 12, "bytes": 1234567890 } ] } "#
    );
    let none = r#"{ "objects": 0, "bytes": 0, "examples": [] }"#;
    let names = [
        "hidden",
        "zero_byte",
        "archived",
        "outside_partitions",
        "stray",
        "inconsistent_names",
        "noncurrent",
        "delete_markers",
        "unfinished_uploads",
    ];
    let oddities = names.map(|name| format!("\"{name}\": {none}")).join(", ");
    let expected = [
        r#"{ "name": [ "lake", "sales" ], "kind": "hive", "declared_by": "ddl", "format": null, "#,
        r#""location": { "bucket": "b", "path": "sales" }, "max_range_days": null, "columns": { "id": "bigint" }, "#,
        r#""partition_keys": [ { "name": "dt", "type": "string", "transform": "identity", "format": null } ], "#,
        r#""projection": null, "registered": null, "layout": { "source": "listing.txt", "#,
        r#""partitions": { "values": [ [ "2024-01-01" ] ], "files": [ 12 ], "bytes": [ 1234567890 ], "largest": [ 128000000 ], "newest": null }, "#,
        r#""sizes": { "files": [], "bytes": [] }, "formats": [], "oddities": { "#,
        &oddities,
        r#" }, "unsplittable": [], "footers": null, "classes": [], "gaps": [], "iceberg": null } } "#,
    ];
    assert_eq!(line("tables/lake.sales.json"), expected.concat());
}

#[test]
fn another_version_and_broken_files_are_named_with_their_line() {
    let table = "tables/lake.sales.json";
    let cases = [
        (
            "snapshot.json",
            "\"version\": 2",
            "\"version\": 3",
            "`lake/snapshot.json` has version 3, made by a newer lakelint; this one reads version 2",
        ),
        ("snapshot.json", "lake.sales.json", "../x.json", "`lake/snapshot.json` names a file `../x.json`"),
        ("snapshot.json", "\"bytes\"", "\"byte\"", "`lake/snapshot.json` line 12 cannot be understood: "),
        ("snapshot.json", "lake.sales.json", "gone.json", "`lake/tables/gone.json` cannot be read: take it again"),
        (
            "snapshot.json",
            "\"files\": 36",
            "\"files\": 37",
            "its partitions, files or bytes are not those of `snapshot.json`",
        ),
        (table, "\"sales\"", "\"orders\"", "it holds `lake.orders`, expected `lake.sales`"),
        (table, "\"dt\"", "dt", "`lake/tables/lake.sales.json` line 14 cannot be understood: expected value"),
        (table, "\"hive\"", "\"hbase\"", "unknown variant `hbase`"),
        (table, "\"kind\"", "\"kid\"", "unknown field `kid`"),
        (table, "\n12,", "", "`partitions` has 2 `files`, but 3 `bytes`"),
        (table, "\n\"2024-01-01\",", "", "`partitions` has 2 values of a key for 3 partitions"),
        (table, "2024-01-01", "2024-01-02", "not different: `2024-01-02` stands before `2024-01-02`"),
        (table, "2024-01-02", "2024-02-02", "not sorted, or not different: `2024-02-02` stands before `2024-01-03`"),
        (table, "\"identity\"", "\"bucket[x]\"", "`bucket[x]` is no transform"),
        (table, "\n1234567890,", "\n-1,", "invalid value: integer `-1`"),
    ];
    for (file, from, to, expected) in cases {
        let message = error_after(file, from, to);
        assert!(message.contains(expected), "{message}");
        assert!(message.contains(AGAIN), "{message}");
    }
}

#[test]
fn a_footer_that_counts_more_bytes_than_any_file_has_is_an_error() {
    let read = |bytes: u64| {
        let mut table = daily(1);
        let file = FileFooter { partition: 0, bytes, footer: 1, indexes: 0, row_groups: 0..0 };
        let layout = table.layout.as_mut().expect("a layout");
        layout.footers = Some(Footers { files: vec![file], of_files: 1, ..Footers::default() });
        let (_dir, folder) = written(&[table]);
        read_all(&folder).map_err(|error| error.to_string())
    };
    assert!(read(LARGEST).is_ok());
    let error = read(LARGEST + 1).expect_err("an error");
    assert!(error.contains("a footer counts 140737488355329 bytes, no file has as many"), "{error}");
}

#[test]
fn every_truncation_is_an_error() {
    let (_dir, folder) = written(&[daily(2)]);
    for file in ["snapshot.json", "tables/lake.sales.json"] {
        let path = folder.join(file);
        let whole = fs::read(&path).expect("bytes");
        for length in 0..whole.len() - 2 {
            fs::write(&path, &whole[..length]).expect("written");
            let message = format!("{:#}", read_all(&folder).expect_err("an error"));
            assert!(message.contains(file) && message.contains("is truncated"), "{message}");
        }
        fs::write(&path, whole).expect("written");
    }
    assert_eq!(read_all(&folder).expect("whole again").len(), 1);
}

#[test]
fn a_new_snapshot_replaces_the_old_one_and_nothing_else() {
    let other = Table { name: TableName::parse("lake.other"), ..daily(1) };
    let (dir, folder) = written(&[other, daily(1)]);
    fs::write(folder.join(".gitattributes"), "* -diff").expect("written");
    write(&folder, "lake", &[daily(2)]).expect("written");
    let mut left: Vec<_> = ignore::Walk::new(dir.path()).flatten().filter(|e| e.path().is_file()).collect();
    left.sort_by(|a, b| a.path().cmp(b.path()));
    let names: Vec<_> = left.iter().filter_map(|e| e.path().strip_prefix(dir.path()).ok()).collect();
    assert_eq!(names, [Path::new("lake/snapshot.json"), Path::new("lake/tables/lake.sales.json")]);
    assert!(folder.join(".gitattributes").exists());
    assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 1);

    let taken = dir.path().join("sql");
    fs::create_dir(&taken).expect("made");
    write(&taken, "sql", &[]).expect("an empty folder is fine");
    fs::remove_file(taken.join("snapshot.json")).expect("removed");
    let error = write(&taken, "sql", &[]).expect_err("not a snapshot").to_string();
    assert!(error.starts_with("`sql` is no snapshot and not empty"), "{error}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_the_old_snapshot() {
    let (dir, folder) = written(&[daily(1)]);
    fs::rename(&folder, dir.path().join(".lake.old")).expect("moved");
    let left = dir.path().join(".lake.new-1");
    fs::create_dir_all(left.join("tables")).expect("made");
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(7200);
    fs::File::open(&left).and_then(|folder| folder.set_modified(long_ago)).expect("set");
    check(&folder, "lake").expect("restored");
    assert_eq!(read_all(&folder).expect("read").len(), 1);
    write(&folder, "lake", &[daily(2)]).expect("written");
    assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 1);
}

#[test]
fn a_scan_leaves_what_another_one_is_writing() {
    let (dir, folder) = written(&[daily(1)]);
    fs::create_dir_all(dir.path().join(".lake.new-1/tables")).expect("made");
    write(&folder, "lake", &[daily(2)]).expect("written");
    assert!(dir.path().join(".lake.new-1/tables").exists());
}

#[test]
fn only_wanted_tables_are_opened() {
    let other = Table { name: TableName::parse("lake.other"), ..daily(1) };
    let (_dir, folder) = written(&[other, daily(1)]);
    fs::write(folder.join("tables/lake.other.json"), "{").expect("written");
    let snapshot = Snapshot::open(&folder, "lake").expect("opened");
    assert_eq!(snapshot.names().collect::<Vec<_>>(), ["other", "sales"]);
    assert_eq!(snapshot.tables(|name| name.table() == "sales").expect("read").len(), 1);
    assert!(snapshot.tables(|_| true).is_err());
}
