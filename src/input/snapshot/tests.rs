//! What is written is read back as it was; what was changed since is refused with a reason.

use std::ops::Range;

use chrono::{DateTime, NaiveDate};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use super::footers_part::LARGEST;
use super::*;
use crate::expr::{ColumnType, Value};
use crate::lake::{
    ChunkValues, Codec, Column, DeclaredBy, FileFooter, FileFormat, Footers, Layout, LeafColumn, Location, ObjectRef,
    Oddities, Oddity, Partition, PartitionKey, Projection, ProjectionKind, TableKind, Transform, Usage,
};

fn daily(days: usize) -> Table {
    let mut table = Table::new(TableName::parse("lake.sales"), DeclaredBy::Ddl);
    table.partition_keys = vec![PartitionKey::new("dt", ColumnType::String)];
    let first = NaiveDate::from_ymd_opt(2024, 1, 1).expect("a date");
    let partition = |day: NaiveDate| Partition {
        values: vec![Some(day.to_string().into())],
        files: 12,
        bytes: 1_234_567_890,
        largest: 128_000_000,
    };
    let partitions = first.iter_days().take(days).map(partition).collect();
    table.layout = Some(Layout { source: "listing.txt".into(), partitions, ..Layout::default() });
    table
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
fn the_format_is_the_documented_one() {
    let mut table = daily(1);
    table.columns = vec![Column { name: "id".into(), data_type: ColumnType::Integer(8) }];
    table.location = Some(Location::parse("s3://b/sales"));
    let (_dir, folder) = written(&[table]);
    let line = |file: &str| fs::read_to_string(folder.join(file)).expect("text").replace('\n', " ");
    assert_eq!(
        line("snapshot.json"),
        r#"{ "version": 1, "tables": [ { "name": [ "lake", "sales" ], "file": "lake.sales.json", "partitions": 1, "files": 12, "bytes": 1234567890 } ] } "#
    );
    let none = r#"{ "objects": 0, "bytes": 0, "examples": [] }"#;
    let names = ["hidden", "zero_byte", "archived", "outside_partitions", "stray", "inconsistent_names"];
    let oddities = names.map(|name| format!("\"{name}\": {none}")).join(", ");
    let expected = [
        r#"{ "name": [ "lake", "sales" ], "kind": "hive", "declared_by": "ddl", "format": null, "#,
        r#""location": { "bucket": "b", "path": "sales" }, "max_range_days": null, "columns": { "id": "bigint" }, "#,
        r#""partition_keys": [ { "name": "dt", "type": "string", "transform": "identity", "format": null } ], "#,
        r#""projection": null, "registered": null, "layout": { "source": "listing.txt", "#,
        r#""partitions": { "values": [ [ "2024-01-01" ] ], "files": [ 12 ], "bytes": [ 1234567890 ], "largest": [ 128000000 ] }, "#,
        r#""sizes": { "files": [], "bytes": [] }, "formats": [], "oddities": { "#,
        &oddities,
        r#" }, "unsplittable": [], "footers": null } } "#,
    ];
    assert_eq!(line("tables/lake.sales.json"), expected.concat());
}

#[test]
fn another_version_and_broken_files_are_named_with_their_line() {
    let table = "tables/lake.sales.json";
    let cases = [
        (
            "snapshot.json",
            "\"version\": 1",
            "\"version\": 2",
            "`lake/snapshot.json` has version 2, made by a newer lakelint; this one reads version 1",
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

fn column_type() -> impl Strategy<Value = ColumnType> {
    let names = ["string", "bigint", "tinyint", "double", "float", "decimal(12,2)", "date", "timestamp", "binary"];
    let nested = "(array|struct|map|row)<[a-z]{1,5}:[a-z<>, ()\"]{0,12}>";
    prop_oneof![
        proptest::sample::select(names.to_vec()).prop_map(ColumnType::parse),
        nested.prop_map(|text| ColumnType::parse(&text)),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let date = |days: i32| NaiveDate::from_num_days_from_ce_opt(days).expect("a date");
    prop_oneof![
        any::<i64>().prop_map(Value::Int),
        any::<bool>().prop_map(Value::Bool),
        (proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::INFINITE)
            .prop_map(Value::Float),
        any::<String>().prop_map(Value::String),
        (-4_000_000..4_000_000i32).prop_map(move |days| Value::Date(date(days))),
        (any::<i32>(), 0..1_000_000_000u32).prop_map(|(seconds, nanos)| {
            Value::Timestamp(DateTime::from_timestamp(i64::from(seconds), nanos).expect("a time").naive_utc())
        }),
    ]
}

fn chunk() -> impl Strategy<Value = ChunkValues> {
    (option::of((value(), value())), option::of(any::<u64>())).prop_map(|(range, nulls)| ChunkValues { range, nulls })
}

fn leaf(groups: usize) -> impl Strategy<Value = LeafColumn> {
    let values = prop_oneof![Just(Vec::new()), vec(chunk(), groups)];
    (any::<String>(), column_type(), vec(0..=LARGEST, groups), values)
        .prop_map(|(path, data_type, bytes, values)| LeafColumn { path, data_type, bytes, values })
}

/// Footers of files of these partitions, each with so many row groups.
fn footers(files: Vec<(u32, u32)>) -> impl Strategy<Value = Footers> {
    let groups: usize = files.iter().map(|(_, groups)| *groups as usize).sum();
    let sizes = proptest::array::uniform3(0..=LARGEST);
    let parts = (vec(sizes, files.len()), vec((0..=LARGEST, any::<u64>()), groups), vec(leaf(groups), 0..3));
    (parts, any::<u64>(), vec(".*", 0..3)).prop_map(move |((sizes, starts, columns), of_files, unreadable)| {
        let mut end = 0;
        let file = |((partition, groups), [bytes, footer, indexes]): (&(u32, u32), [u64; 3])| {
            let row_groups: Range<u32> = end..end + groups;
            end += groups;
            FileFooter { partition: *partition, bytes, footer, indexes, row_groups }
        };
        Footers {
            files: files.iter().zip(sizes).map(file).collect(),
            starts: starts.iter().map(|(start, _)| *start).collect(),
            rows: starts.iter().map(|(_, rows)| *rows).collect(),
            columns,
            of_files,
            unreadable,
        }
    })
}

type Values = Vec<Option<Box<str>>>;

fn values(keys: usize) -> impl Strategy<Value = Vec<Values>> {
    let text = option::of(any::<String>().prop_map(String::into_boxed_str));
    let most = if keys == 0 { 2 } else { 8 };
    btree_set(vec(text, keys), 0..most).prop_map(|rows| rows.into_iter().collect())
}

fn oddity() -> impl Strategy<Value = Oddity> {
    (0..9u64, 0..9u64, vec(any::<String>(), 0..3)).prop_map(|(objects, bytes, examples)| Oddity {
        objects,
        bytes,
        examples,
    })
}

fn layout(keys: usize) -> impl Strategy<Value = Layout> {
    let format = option::of(proptest::sample::select(vec![FileFormat::Parquet, FileFormat::Csv, FileFormat::Ion]));
    let codec = proptest::sample::select(vec![Codec::None, Codec::Gzip, Codec::Bzip2, Codec::Lzo]);
    let usage = (any::<u64>(), any::<u64>()).prop_map(|(files, bytes)| Usage { files, bytes });
    let partitions = values(keys).prop_flat_map(|rows| {
        let numbers = vec((0..1u64 << 40, 0..1u64 << 50, any::<u64>()), rows.len());
        let partition = |(values, (files, bytes, largest))| Partition { values, files, bytes, largest };
        numbers.prop_map(move |numbers| rows.iter().cloned().zip(numbers).map(partition).collect::<Vec<_>>())
    });
    let with_footers = partitions.prop_flat_map(|partitions| {
        let files = vec((0..partitions.len().max(1) as u32, 0..4u32), if partitions.is_empty() { 0..1 } else { 0..5 });
        let footers = files.prop_flat_map(|mut files| {
            files.sort();
            footers(files)
        });
        (Just(partitions), option::of(footers))
    });
    let sizes = vec(any::<u32>(), 0..9);
    let unsplittable = vec((any::<String>(), any::<u64>()), 0..3);
    (with_footers, btree_map((format, codec), usage, 0..4), vec(oddity(), 6), sizes, unsplittable, ".*").prop_map(
        |((partitions, footers), formats, mut odd, sizes, unsplittable, source)| {
            let mut next = || odd.pop().unwrap_or_default();
            let oddities = Oddities {
                hidden: next(),
                zero_byte: next(),
                archived: next(),
                outside_partitions: next(),
                stray: next(),
                inconsistent_names: next(),
            };
            let unsplittable = unsplittable.into_iter().map(|(key, bytes)| ObjectRef { key, bytes }).collect();
            let mut layout =
                Layout { source, partitions, formats, oddities, unsplittable, footers, ..Layout::default() };
            sizes.iter().for_each(|size| layout.histogram.add(u64::from(*size)));
            layout
        },
    )
}

fn key() -> impl Strategy<Value = PartitionKey> {
    let transform = prop_oneof![
        Just(Transform::Identity),
        Just(Transform::Day),
        Just(Transform::Hour),
        any::<u32>().prop_map(Transform::Bucket),
        any::<u32>().prop_map(Transform::Truncate),
    ];
    ("[a-z ]{0,6}", column_type(), transform, option::of(".*"))
        .prop_map(|(name, data_type, transform, format)| PartitionKey { name, data_type, transform, format })
}

fn projection() -> impl Strategy<Value = Projection> {
    let kind = prop_oneof![
        vec(any::<String>(), 0..3).prop_map(|values| ProjectionKind::Enum { values }),
        (any::<i64>(), any::<i64>(), any::<u64>(), option::of(any::<u32>()))
            .prop_map(|(min, max, interval, digits)| ProjectionKind::Integer { min, max, interval, digits }),
        (any::<String>(), any::<String>(), any::<String>(), any::<u64>(), option::of(any::<String>()))
            .prop_map(|(from, to, format, interval, unit)| ProjectionKind::Date { from, to, format, interval, unit }),
        Just(ProjectionKind::Injected),
        any::<String>().prop_map(ProjectionKind::Invalid),
    ];
    (btree_map(any::<String>(), kind, 0..3), option::of(any::<String>()))
        .prop_map(|(keys, template)| Projection { keys, template })
}

fn table() -> impl Strategy<Value = Table> {
    let by = [DeclaredBy::Config, DeclaredBy::Glue, DeclaredBy::Ddl, DeclaredBy::Ctas, DeclaredBy::Layout];
    let name = vec("[a-z0-9_ ./\"-]{1,6}", 1..4).prop_map(TableName);
    let declared = (name, any::<bool>(), proptest::sample::select(by.to_vec()), option::of(any::<u32>()));
    let columns = vec(("[a-z\"]{0,4}", column_type()), 0..4);
    let location = option::of((option::of(any::<String>()), any::<String>()));
    let stored = vec(key(), 0..4).prop_flat_map(|keys| {
        let (registered, layout) = (values(keys.len()), layout(keys.len()));
        (Just(keys), option::of(registered), option::of(layout), option::of(projection()))
    });
    (declared, columns, location, stored).prop_map(
        |((name, iceberg, by, days), columns, location, (keys, registered, layout, projection))| {
            let mut table = Table::new(name, by);
            table.kind = if iceberg { TableKind::Iceberg } else { TableKind::Hive };
            table.format = iceberg.then_some(FileFormat::Orc);
            table.max_range_days = days;
            table.columns = columns.into_iter().map(|(name, data_type)| Column { name, data_type }).collect();
            table.location = location.map(|(bucket, path)| Location { bucket, path });
            table.partition_keys = keys;
            table.registered_partitions = registered;
            table.layout = layout;
            table.projection = projection;
            table
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn tables_are_read_as_they_were_written(tables in vec(table(), 0..4)) {
        let (_dir, folder) = written(&tables);
        let read = read_all(&folder).expect("read");
        prop_assert_eq!(format!("{read:#?}"), format!("{tables:#?}"));
        let text = |folder: &Path| fs::read(folder.join("snapshot.json")).expect("bytes");
        let first = text(&folder);
        write(&folder, "lake", &read).expect("written");
        prop_assert_eq!(first, text(&folder));
    }
}
