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
    Sources {
        base: base.to_path_buf(),
        paths: paths.iter().map(PathBuf::from).collect(),
        project: None,
        stdin_filename: None,
        lake: Vec::new(),
        config_file: None,
        as_of: AsOf(NaiveDate::from_ymd_opt(2025, 7, 1).and_then(|d| d.and_hms_opt(0, 0, 0)).expect("date")),
        snapshot_tables: SnapshotTables::All,
    }
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
