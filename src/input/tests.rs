//! Reading small real folders end to end.

use std::path::Path;

use chrono::NaiveDate;

use super::*;

/// Writes a file of a test folder, with its parents.
pub(super) fn write(root: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().expect("parent")).expect("folder");
    std::fs::write(path, bytes).expect("file");
}

pub(super) fn sources(base: &Path, paths: &[&str]) -> Sources {
    let as_of = AsOf(NaiveDate::from_ymd_opt(2025, 7, 1).and_then(|d| d.and_hms_opt(0, 0, 0)).expect("date"));
    Sources { paths: paths.iter().map(PathBuf::from).collect(), ..Sources::of(base, as_of) }
}

#[test]
fn files_that_are_not_text_are_findings_and_the_rest_is_read() {
    let dir = tempfile::tempdir().expect("tempdir");
    write(dir.path(), "bad.sql", b"select '\xff'");
    write(dir.path(), "empty.sql", "");
    write(dir.path(), "wide.sql", b"\xff\xfes\0");
    let lake = read(&sources(dir.path(), &["."]), &Config::default()).expect("read");
    let unreadable: Vec<_> = lake.unreadable.iter().map(|u| (u.place.clone(), u.message.as_str())).collect();
    assert_eq!(
        unreadable,
        [
            (Place::Path("bad.sql".into()), "this file is not UTF-8 text: invalid byte at offset 8, line 1"),
            (Place::Path("wide.sql".into()), "this file is UTF-16 text, expected UTF-8"),
        ]
    );
    assert_eq!((lake.files, lake.statements, lake.queries.len()), (3, 0, 0));
}

#[test]
fn configured_ignores_point_into_the_configuration_file() {
    let dir = tempfile::tempdir().expect("tempdir");
    let text = "[[ignore]]\nrule = \"small-files\"\nreason = \"landing zone\"\n";
    let mut sources = sources(dir.path(), &["."]);
    sources.config_file = Some((dir.path().join("lakelint.toml"), text.to_string()));
    let lake = read(&sources, &toml::from_str(text).expect("config")).expect("read");
    assert_eq!(lake.ignores.len(), 1);
    assert_eq!(lake.sources.text(lake.ignores[0].rules[0].1), "\"small-files\"");
    assert_eq!(lake.sources.get(lake.ignores[0].span.file).path, "lakelint.toml");
}

#[test]
fn tables_of_one_file_describe_the_queries_of_another() {
    let dir = tempfile::tempdir().expect("tempdir");
    write(
        dir.path(),
        "z/orders.ddl",
        "CREATE EXTERNAL TABLE lake.orders (id string) PARTITIONED BY (dt string) STORED AS PARQUET",
    );
    write(dir.path(), "a/query.sql", "select id from orders; select 1 from nowhere");
    let lake = read(&sources(dir.path(), &["."]), &Config::default()).expect("read");
    assert_eq!((lake.files, lake.statements), (2, 3));
    let reads: Vec<_> = lake.queries.iter().flat_map(|q| &q.reads).collect();
    assert_eq!(reads.len(), 1);
    assert!(lake.catalog.get(reads[0].table).is_partitioned());
}

/// One statement tells of the others that cannot be read; what can be is.
#[test]
fn statements_for_other_databases_are_counted_and_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write("redshift.sql", "select a from t;\ncopy t from 's3://b/' iam_role default;\nsummarize t;");
    write("broken.sql", "select a frm t where;\nselect a from t");
    let lake = read(&sources(folder.path(), &["."]), &Config::default()).expect("a lake");
    assert_eq!((lake.statements, lake.unreadable.len(), lake.queries.len()), (5, 1, 2));
    let told: Vec<_> = lake.other_sql.iter().map(|told| (lake.sources.text(told.span), told.reason.as_str())).collect();
    assert_eq!(told, [("iam_role", "2 statements for Redshift: Athena has no `iam_role`")]);
}

#[test]
fn other_files_of_the_project_are_read_for_their_definitions_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write("tables.ddl", "create external table lake.t (a int) partitioned by (dt string) location 's3://b/t/';");
    write("other.sql", "select broken from; create view v as select * from t; select 1 from unknown_elsewhere");
    write("changed.sql", "select a from v where dt = 'x'");
    let mut sources = sources(folder.path(), &["changed.sql"]);
    sources.project = Some(folder.path().to_path_buf());
    let lake = read(&sources, &Config::default()).expect("a lake");
    assert_eq!((lake.files, lake.statements, lake.unreadable.len(), lake.queries.len()), (1, 1, 0, 1));
    assert_eq!(lake.queries[0].reads[0].through.len(), 1);
    assert!(lake.queries[0].unknown_tables.is_empty());
    assert!(lake.is_partial);
}

/// The partitions of one table with their files, of a catalog export and a listing.
fn partitions_of(glue: &str, listing: &str) -> (Vec<(String, u64)>, u64) {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "glue.json", glue);
    write(folder.path(), "listing.txt", listing);
    let lake = vec!["glue.json".to_string(), "s3://b=listing.txt".to_string()];
    let sources = Sources { lake, ..sources(folder.path(), &[]) };
    let lake = read(&sources, &Config::default()).expect("read");
    let tables: Vec<_> = lake.catalog.iter().map(|(_, table)| table).collect();
    let [table] = tables[..] else { panic!("{tables:?}") };
    let Some(layout) = &table.layout else { panic!("no layout: {table:?}") };
    let text = |value: &Option<Box<str>>| value.as_deref().unwrap_or("NULL").to_string();
    let one = |p: &crate::lake::Partition| (p.values.iter().map(text).collect::<Vec<_>>().join("/"), p.bytes);
    (layout.partitions.iter().map(one).collect(), layout.oddities.outside_partitions.objects)
}

#[test]
fn partitions_that_are_registered_elsewhere_hold_what_lies_there() {
    let partition = |value: &str, location: &str| {
        format!(
            r#"{{"Values": ["{value}"], "DatabaseName": "d", "TableName": "t", "StorageDescriptor": {{"Location": "{location}"}}}}"#
        )
    };
    let glue = format!(
        r#"{{"TableList": [{{"Name": "t", "DatabaseName": "d", "PartitionKeys": [{{"Name": "dt", "Type": "string"}}],
            "StorageDescriptor": {{"Location": "s3://b/t/", "Columns": []}}}}]}} {{"Partitions": [{}]}}"#,
        [
            partition("2024-01-01", "s3://b/t/dt=2024-01-01"),
            partition("2024-01-02", "s3://b/t/dt=2024-01-02-again/"),
            partition("2024-01-03", "s3://b/t/2024/01/03/"),
            partition("2024-01-04", "s3://b/archive/4"),
            partition("2024-01-05", "s3://other/t/5/"),
        ]
        .join(",")
    );
    let object = |bytes: u64, key: &str| format!("2024-02-01 00:00:00 {bytes:>10} {key}\n");
    let listing = [
        object(1, "t/dt=2024-01-01/a.csv"),
        object(2, "t/dt=2024-01-02/left-behind.csv"),
        object(4, "t/dt=2024-01-02-again/a.csv"),
        object(8, "t/2024/01/03/05/a.csv"),
        object(16, "archive/4/a.csv"),
    ];
    let (partitions, outside) = partitions_of(&glue, &listing.concat());
    let expected = [("2024-01-01", 1), ("2024-01-02", 4), ("2024-01-03", 8), ("2024-01-04", 16)];
    assert_eq!(partitions, expected.map(|(day, bytes)| (day.to_string(), bytes)));
    assert_eq!(outside, 1);
}

#[test]
fn statements_are_followed_through_views_of_a_catalog_in_their_own_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = |database: &str| {
        format!(
            r#"{{"Name": "orders", "DatabaseName": "{database}", "PartitionKeys": [{{"Name": "dt", "Type": "string"}}],
                "StorageDescriptor": {{"Location": "s3://b/{database}/orders/", "Columns": [{{"Name": "id", "Type": "string"}}]}}}}"#
        )
    };
    // {"originalSql": "SELECT id, dt FROM orders", "schema": "b"}
    let view = r#"{"Name": "v", "DatabaseName": "b", "TableType": "VIRTUAL_VIEW", "ViewOriginalText":
        "/* Presto View: eyJvcmlnaW5hbFNxbCI6ICJTRUxFQ1QgaWQsIGR0IEZST00gb3JkZXJzIiwgInNjaGVtYSI6ICJiIn0= */"}"#;
    write(folder.path(), "glue.json", format!(r#"{{"TableList": [{}, {}, {view}]}}"#, table("a"), table("b")));
    write(folder.path(), "q.sql", "select id from b.v where dt = '2024-01-01'");
    let sources = Sources { lake: vec!["glue.json".to_string()], ..sources(folder.path(), &["q.sql"]) };
    let lake = read(&sources, &Config::default()).expect("read");
    let reads: Vec<_> = lake.queries.iter().flat_map(|query| &query.reads).collect();
    let [read] = &reads[..] else { panic!("{reads:?}") };
    assert_eq!(lake.catalog.get(read.table).name.to_string(), "b.orders");
    assert_eq!(read.conjuncts.len(), 1);
}
