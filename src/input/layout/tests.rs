//! Layouts of small folders and listings, read end to end.

use super::*;
use crate::config::Config;
use crate::input::tests::{sources, write};
use crate::lake::{DeclaredBy, FileFormat, Lake, Lookup, TableName};

fn read_lake(dir: &Path, lake: &[&str], config: &str) -> Result<Lake> {
    let mut sources = sources(dir, &[]);
    sources.lake = lake.iter().map(|s| s.to_string()).collect();
    let config: Config = toml::from_str(config).expect("config");
    crate::input::read(&sources, &config)
}

fn table<'a>(lake: &'a Lake, name: &str) -> &'a Table {
    match lake.catalog.lookup(&TableName::parse(name)) {
        Lookup::Found(id) => lake.catalog.get(id),
        other => panic!("{name}: {other:?}; have {:?}", lake.catalog.iter().map(|t| &t.1.name).collect::<Vec<_>>()),
    }
}

/// `values files bytes` per partition.
fn partitions(table: &Table) -> Vec<String> {
    let layout = table.layout.as_ref().expect("layout");
    let values = |p: &crate::lake::Partition| {
        p.values.iter().map(|v| v.as_deref().unwrap_or("NULL")).collect::<Vec<_>>().join("/")
    };
    layout.partitions.iter().map(|p| format!("{} {} {}", values(p), p.files, p.bytes)).collect()
}

const EVENTS: &str =
    "[[tables]]\nname = \"lake.events\"\npartition-keys = [\"dt\"]\nlocation = \"s3://b/raw/events/\"\n";

#[test]
fn a_folder_is_matched_by_the_end_of_the_location() {
    let dir = tempfile::tempdir().expect("tempdir");
    for (name, size) in [("a.csv", 10), ("b.csv", 20), ("_SUCCESS", 0), ("c.csv", 0), ("d.crc", 5)] {
        write(dir.path(), &format!("lake/raw/events/dt=2024-01-01/{name}"), vec![b'x'; size]);
    }
    write(dir.path(), "lake/raw/events/dt=2024-01-02/a.csv", "x");
    write(dir.path(), "lake/raw/events/date=2024-01-03/a.csv", "xx");
    write(dir.path(), "lake/raw/events/loose.csv", "xxx");
    let lake = read_lake(dir.path(), &["lake"], EVENTS).expect("lake");
    let events = table(&lake, "events");
    assert_eq!(partitions(events), ["2024-01-01 3 35", "2024-01-02 1 1"]);
    let layout = events.layout.as_ref().expect("layout");
    assert_eq!(layout.source, "lake");
    assert_eq!(layout.oddities.hidden.examples, ["lake/raw/events/dt=2024-01-01/_SUCCESS"]);
    assert_eq!(layout.oddities.zero_byte.objects, 1);
    assert_eq!(layout.oddities.stray.examples, ["lake/raw/events/dt=2024-01-01/d.crc"]);
    assert_eq!(layout.oddities.inconsistent_names.examples, ["date=2024-01-03"]);
    assert_eq!(layout.oddities.outside_partitions.examples, ["lake/raw/events/loose.csv"]);
    assert!(lake.unreadable.is_empty());
}

#[test]
fn a_folder_may_be_the_table_itself() {
    let dir = tempfile::tempdir().expect("tempdir");
    write(dir.path(), "data/events/dt=2024-01-01/a.csv", "x");
    for argument in ["data/events", "s3://b/raw/events=data/events", "s3://b/raw=data"] {
        let lake = read_lake(dir.path(), &[argument], EVENTS).expect("lake");
        assert_eq!(partitions(table(&lake, "events")), ["2024-01-01 1 1"], "{argument}");
        assert_eq!(lake.catalog.iter().count(), 1);
    }
    let lake = read_lake(dir.path(), &["data/events"], "").expect("lake");
    assert_eq!(partitions(table(&lake, "events")), ["2024-01-01 1 1"]);
    assert_eq!(table(&lake, "events").declared_by, DeclaredBy::Layout);
    assert_eq!(table(&lake, "events").location.as_ref().expect("location").to_string(), "data/events/");
}

const LISTING: &str = "\
2024-01-05 12:00:00         10 raw/events/dt=2024-01-01/a b.json.gz
2024-01-05 12:00:00         20 raw/events/dt=2024-01-02/b.json.gz
2024-01-05 12:00:00          0 raw/events/dt=2024-01-03/
2024-01-05 12:00:00         30 curated/orders/region=eu/dt=20240101/c.snappy.parquet
2024-01-05 12:00:00         40 curated/orders/region=__HIVE_DEFAULT_PARTITION__/dt=20240101/c.snappy.parquet
2024-01-05 12:00:00          7 curated/orders/notes.csv
2024-01-05 12:00:00          5 flat/sub/a.csv
2024-01-05 12:00:00          6 flat/b.csv
2024-01-05 12:00:00          6 docs/readme.md
2024-01-05 12:00:00          6 top.csv
";

#[test]
fn a_listing_gives_described_and_derived_tables() {
    let dir = tempfile::tempdir().expect("tempdir");
    write(dir.path(), "listing.txt", LISTING);
    let lake = read_lake(dir.path(), &["listing.txt"], EVENTS).expect("lake");
    assert_eq!(partitions(table(&lake, "lake.events")), ["2024-01-01 1 10", "2024-01-02 1 20"]);
    let orders = table(&lake, "curated.orders");
    assert_eq!(partitions(orders), ["NULL/20240101 1 40", "eu/20240101 1 30"]);
    assert_eq!(orders.format, Some(FileFormat::Parquet));
    assert_eq!(orders.layer, Some(crate::lake::Layer::Curated));
    let names: Vec<&str> = orders.partition_keys.iter().map(|k| k.name.as_str()).collect();
    assert_eq!(names, ["region", "dt"]);
    let outside = &orders.layout.as_ref().expect("layout").oddities.outside_partitions;
    assert_eq!((outside.objects, &outside.examples[..]), (1, &["curated/orders/notes.csv".to_string()][..]));
    assert_eq!(partitions(table(&lake, "flat")), [" 2 11"]);
    assert_eq!(lake.catalog.iter().count(), 4);
    let largest = &table(&lake, "events").layout.as_ref().expect("layout").unsplittable;
    assert_eq!(largest[0].key, "raw/events/dt=2024-01-02/b.json.gz");
}

#[test]
fn listings_say_what_is_wrong_with_them() {
    let dir = tempfile::tempdir().expect("tempdir");
    write(dir.path(), "a.txt", "2024-01-05 12:00:00 10 raw/events/dt=1/a\ngarbage\n                 PRE sub/\n");
    write(dir.path(), "b.json", r#"{"Contents": [{"Key": "raw/events/dt=2/a", "Size": 5}], "IsTruncated": true}"#);
    let lake = read_lake(dir.path(), &["a.txt", "b.json"], EVENTS).expect("lake");
    let messages: Vec<&str> = lake.unreadable.iter().map(|u| u.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "line 2 of this listing cannot be read: `garbage`",
            "this listing does not go into 1 folder (`PRE` lines)",
            "this listing is truncated: objects are missing after its last page",
        ]
    );
    assert_eq!(partitions(table(&lake, "events")), ["1 1 10", "2 1 5"]);
    assert_eq!(table(&lake, "events").layout.as_ref().expect("layout").source, "a.txt, b.json");
}

#[test]
fn objects_of_two_possible_tables_are_not_guessed() {
    let dir = tempfile::tempdir().expect("tempdir");
    write(dir.path(), "l.txt", "2024-01-05 12:00:00 10 t/dt=1/a\n");
    let config = "[[tables]]\nname = \"dev.t\"\nlocation = \"s3://dev/t\"\n[[tables]]\nname = \"prod.t\"\nlocation = \"s3://prod/t\"\n";
    let lake = read_lake(dir.path(), &["l.txt"], config).expect("lake");
    assert_eq!(lake.unreadable[0].message, "objects under `t/dt=1` may belong to `dev.t` or `prod.t`");
    assert!(lake.catalog.iter().all(|(_, t)| t.layout.is_none()));
    let lake = read_lake(dir.path(), &["s3://prod=l.txt"], config).expect("lake");
    assert!(table(&lake, "prod.t").layout.is_some() && table(&lake, "dev.t").layout.is_none());
}

#[test]
fn a_glue_export_describes_tables_before_objects_are_matched() {
    let dir = tempfile::tempdir().expect("tempdir");
    let glue = r#"{"Table": {"Name": "logs", "DatabaseName": "ops", "PartitionKeys": [{"Name": "year", "Type": "string"},
        {"Name": "month", "Type": "string"}], "StorageDescriptor": {"Location": "s3://b/logs/"},
        "Parameters": {"projection.enabled": "true", "projection.year.type": "injected", "projection.month.type": "injected",
        "storage.location.template": "s3://b/logs/${year}/${month}/"}}}
        {"Partitions": [{"Values": ["2024", "01"], "DatabaseName": "ops", "TableName": "logs"}]}"#;
    write(dir.path(), "glue.json", glue);
    write(
        dir.path(),
        "l.json",
        r#"{"Contents": [{"Key": "logs/2024/01/a.gz", "Size": 5},
        {"Key": "logs/2024/01/b.gz", "Size": 6, "StorageClass": "DEEP_ARCHIVE"}], "Name": "b"}"#,
    );
    let lake = read_lake(dir.path(), &["l.json", "glue.json"], "").expect("lake");
    let logs = table(&lake, "ops.logs");
    assert_eq!(partitions(logs), ["2024/01 1 5"]);
    assert_eq!(logs.layout.as_ref().expect("layout").oddities.archived.bytes, 6);
    assert_eq!(logs.registered_partitions.as_ref().expect("registered").len(), 1);
    assert_eq!(lake.files, 2);
}

#[cfg(unix)]
#[test]
fn loops_of_links_in_a_folder_end() {
    let dir = tempfile::tempdir().expect("tempdir");
    write(dir.path(), "lake/t/dt=1/a.csv", "x");
    std::os::unix::fs::symlink(dir.path().join("lake"), dir.path().join("lake/t/dt=1/loop")).expect("link");
    std::os::unix::fs::symlink("nowhere", dir.path().join("lake/t/dead")).expect("link");
    let lake = read_lake(dir.path(), &["lake"], "").expect("lake");
    assert_eq!(partitions(table(&lake, "t")), ["1 1 1"]);
    assert!(lake.unreadable.is_empty(), "{:?}", lake.unreadable);
}

#[test]
fn footers_of_a_local_folder_give_columns() {
    let dir = tempfile::tempdir().expect("tempdir");
    let file = dir.path().join("lake/orders/dt=2024-01-01/a.parquet");
    std::fs::create_dir_all(file.parent().expect("parent")).expect("folder");
    footers::tests::write_parquet(&file, 1);
    for config in ["", "[[tables]]\nname = \"orders\"\npartition-keys = [\"dt\"]\n"] {
        let lake = read_lake(dir.path(), &["lake"], config).expect("lake");
        let orders = table(&lake, "orders");
        // A declared table keeps the columns of its declaration.
        assert_eq!(orders.columns.len(), if config.is_empty() { 2 } else { 0 });
    }
}

#[test]
fn folders_that_the_keys_do_not_explain_leave_the_layout_unknown() {
    let dir = tempfile::tempdir().expect("tempdir");
    write(dir.path(), "l.txt", "2024-01-05 12:00:00 10 raw/events/2024/01/a\n");
    let lake = read_lake(dir.path(), &["s3://b=l.txt"], EVENTS).expect("lake");
    assert!(table(&lake, "events").layout.is_none());
}

#[test]
fn folders_of_days_are_one_table() {
    let dir = tempfile::tempdir().expect("tempdir");
    let paths = ["raw/events/2024/01/05/10/a.csv", "raw/events/2024/01/06/11/b.csv", "in/orders/2024-01-05/c.csv"];
    let lines: Vec<String> = paths.iter().map(|path| format!("2024-01-05 12:00:00  10 {path}\n")).collect();
    write(dir.path(), "list.txt", lines.concat());
    let lake = read_lake(dir.path(), &["list.txt"], "").expect("lake");
    let names: Vec<String> = lake.catalog.iter().map(|(_, table)| table.name.to_string()).collect();
    assert_eq!(names, ["in.orders", "raw.events"]);
    assert_eq!(partitions(table(&lake, "events")), [" 2 20"]);
}

fn names(lake: &Lake) -> Vec<String> {
    lake.catalog.iter().map(|(_, table)| table.name.to_string()).collect()
}

#[test]
fn the_first_sub_folders_that_hold_data_are_tables() {
    let dir = tempfile::tempdir().expect("tempdir");
    let files = [
        "keyed/dt=2024-01-01/a.csv",
        "keyed/loose.csv",
        "flat/a.csv",
        "parts/one/a.csv",
        "parts/two/deep/b.csv",
        "raw/orders/a.csv",
        "raw/users/b.csv",
        "shop/events/dt=2024-01-01/a.csv",
        "shop/items/a.csv",
        "feed/clicks/2024/01/05/a.csv",
        "_queries/q/a.csv",
        ".cache/a.csv",
        "empty/_SUCCESS",
        "readme.md",
    ];
    for file in files {
        write(dir.path(), &format!(".lake/{file}"), "x");
    }
    let expected = ["flat", "keyed", "parts", "feed.clicks", "raw.orders", "raw.users", "shop.events", "shop.items"];
    let mut expected: Vec<String> = expected.map(str::to_string).to_vec();
    expected.sort();
    let lake = read_lake(dir.path(), &[".lake"], "").expect("lake");
    let mut found = names(&lake);
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(partitions(table(&lake, "parts")), [" 2 2"]);
    assert_eq!(table(&lake, "parts").location.as_ref().expect("location").to_string(), ".lake/parts/");
    let inside = read_lake(&dir.path().join(".lake"), &["."], "").expect("lake");
    assert_eq!(names(&inside), names(&lake));
    let placed = read_lake(dir.path(), &["s3://b/x=.lake"], "").expect("lake");
    for name in expected {
        table(&placed, &name);
    }
    assert_eq!(table(&placed, "parts").location.as_ref().expect("location").to_string(), "s3://b/x/parts/");
}

#[test]
fn local_files_know_their_partition() {
    let dir = tempfile::tempdir().expect("tempdir");
    let files =
        ["dt=3/b.parquet", "DT=1/c.parquet", "dt=1/a.parquet", "dt=1/_hidden.parquet", "dt=2/a.csv", "aa=9/x.parquet"];
    for file in files {
        write(dir.path(), &format!("t/{file}"), "x");
    }
    write(dir.path(), "t/dt=1/empty.parquet", "");
    write(dir.path(), "t/dt=3/part.000", "x");
    write(dir.path(), "t/outside.parquet", "x");
    let local = |config: &str, argument: &str| {
        let lake = read_lake(dir.path(), &[argument], config).expect("lake");
        let layout = table(&lake, "t").layout.clone().expect("layout");
        let below = |file: &crate::lake::ColumnarFile| {
            let crate::lake::FileAt::Disk(path) = &file.at else { panic!("{file:?}") };
            let path = path.strip_prefix(dir.path().join("t")).expect("path").to_string_lossy().into_owned();
            let partition = &layout.partitions[file.partition as usize];
            assert!(file.modified.is_some());
            format!("{path} {} {}", file.bytes, partition.values[0].as_deref().unwrap_or("NULL"))
        };
        let columnar = layout.columnar_files(table(&lake, "t").format);
        (layout.columnar.iter().map(below).collect::<Vec<_>>(), columnar)
    };
    let named = ["DT=1/c.parquet 1 1", "dt=1/a.parquet 1 1", "dt=3/b.parquet 1 3"].map(str::to_string);
    assert_eq!(local("", "t").0, named);
    let ddl = "[[tables]]\nname = \"t\"\npartition-keys = [\"dt\"]\nlocation = \"s3://b/t\"\n";
    for argument in ["t", "s3://b/t=t"] {
        assert_eq!(local(ddl, argument), (named.to_vec(), 3), "{argument}");
    }
    let glue = r#"{"Table": {"Name": "t", "DatabaseName": "d", "PartitionKeys": [{"Name": "dt", "Type": "string"}],
        "StorageDescriptor": {"Location": "s3://b/t/", "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"}}}"#;
    write(dir.path(), "glue.json", glue);
    let lake = read_lake(dir.path(), &["t", "glue.json"], "").expect("lake");
    let layout = table(&lake, "d.t").layout.as_ref().expect("layout");
    assert_eq!(
        (layout.columnar.len(), layout.columnar_files(Some(FileFormat::Parquet))),
        (4, 4),
        "a file without extension"
    );
}

#[test]
fn files_without_an_extension_tell_their_format_where_nobody_declares_it() {
    let dir = tempfile::tempdir().expect("tempdir");
    std::fs::create_dir_all(dir.path().join("lake/t/dt=1")).expect("folder");
    footers::tests::write_parquet(&dir.path().join("lake/t/dt=1/000000_0"), 1);
    write(dir.path(), "lake/u/000000_0", "id,note");
    write(dir.path(), "lake/u/b.csv", "id,note");
    let lake = read_lake(dir.path(), &["lake"], "").expect("lake");
    let t = table(&lake, "t");
    assert_eq!((t.format, t.columns.len()), (Some(FileFormat::Parquet), 2));
    assert_eq!(t.layout.as_ref().expect("layout").columnar.len(), 1);
    assert_eq!(table(&lake, "u").format, Some(FileFormat::Csv));
}

#[test]
fn footers_are_read_of_the_tables_that_queries_read() {
    let dir = tempfile::tempdir().expect("tempdir");
    for name in ["t/dt=2/b", "t/dt=1/a", "u/a"] {
        let path = dir.path().join(format!("lake/{name}.parquet"));
        std::fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        footers::tests::write_parquet(&path, 2);
    }
    write(dir.path(), "lake/t/dt=3/c.parquet", "PAR1 cut");
    write(dir.path(), "q.sql", "select id from t");
    let mut sources = sources(dir.path(), &["q.sql"]);
    sources.lake = vec!["lake".to_string()];
    let lake = crate::input::read(&sources, &Config::default()).expect("lake");
    let of = |name: &str| table(&lake, name).layout.as_ref().and_then(|layout| layout.footers.clone());
    assert!(of("u").is_none());
    let footers = of("t").expect("footers");
    let files: Vec<_> = footers.files.iter().map(|file| (file.partition, file.row_groups.clone())).collect();
    assert_eq!(files, [(0, 0..2), (1, 2..4)]);
    assert_eq!((footers.of_files, &footers.unreadable[..]), (3, &["lake/t/dt=3/c.parquet".to_string()][..]));
    let messages: Vec<&str> = lake.unreadable.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        messages,
        ["the footer of this file of `t` cannot be read: it does not end with a Parquet or ORC footer"]
    );
}

#[test]
fn a_table_above_another_holds_its_files_too_where_they_lie_in_its_partitions() {
    let dir = tempfile::tempdir().expect("tempdir");
    write(dir.path(), "b/t/dt=2024-01-01/a.csv", "x");
    write(dir.path(), "b/t/dt=2024-01-02/a.csv", "xx");
    write(dir.path(), "b/t/other/a.csv", "xxx");
    let table_at = |name: &str, keys: &str, location: &str| {
        format!("[[tables]]\nname = \"{name}\"\npartition-keys = [{keys}]\nlocation = \"s3://b/{location}\"\n")
    };
    let config = table_at("lake.days", "\"dt\"", "t/")
        + &table_at("lake.one_day", "", "t/dt=2024-01-02/")
        + &table_at("lake.other", "", "t/other/")
        + &table_at("lake.all", "", "");
    let lake = read_lake(dir.path(), &["s3://b=b"], &config).expect("lake");
    assert_eq!(partitions(table(&lake, "one_day")), [" 1 2"]);
    assert_eq!(partitions(table(&lake, "days")), ["2024-01-01 1 1", "2024-01-02 1 2"]);
    assert_eq!(partitions(table(&lake, "other")), [" 1 3"]);
    assert_eq!(partitions(table(&lake, "all")), [" 3 6"]);
    let days = table(&lake, "days").layout.as_ref().expect("layout");
    assert_eq!(days.oddities.outside_partitions.objects, 0, "what is another table's is no stray");
}
