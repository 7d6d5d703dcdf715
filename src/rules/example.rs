//! Small lakes for the tests of rules.

use chrono::NaiveDate;

use super::{RULES, Settings, run};
use crate::cost::Terms;
use crate::expr::{AsOf, ColumnType};
use crate::finding::Finding;
use crate::lake::{
    Catalog, DeclaredBy, Lake, Layout, Location, Partition, PartitionKey, Query, Sources, Span, StatementKind, Table,
    TableName, Write, WriteFormat,
};

pub(crate) const MIB: u64 = 1 << 20;
pub(crate) const GIB: u64 = 1 << 30;

/// A table with string keys; each partition is its values (`/` between them), its files and its bytes.
pub(crate) fn table(name: &str, keys: &[&str], partitions: &[(&str, u64, u64)]) -> Table {
    let mut table = Table::new(TableName::parse(name), DeclaredBy::Ddl);
    table.partition_keys = keys.iter().map(|key| PartitionKey::new(key, ColumnType::String)).collect();
    table.location = Some(Location::parse(&format!("s3://lake/{}/", name.replace('.', "/"))));
    if !partitions.is_empty() {
        let mut layout = Layout { source: "listing.txt".to_string(), ..Layout::default() };
        for (values, files, bytes) in partitions {
            let values = values.split('/').filter(|_| !keys.is_empty());
            layout.partitions.push(Partition {
                values: values.map(|v| (v != "NULL").then(|| v.into())).collect(),
                files: *files,
                bytes: *bytes,
                largest: *bytes / (*files).max(1),
            });
        }
        table.layout = Some(layout);
    }
    table
}

/// The days from a date on, as partition values.
pub(crate) fn days(first: &str, count: usize) -> Vec<String> {
    let first: NaiveDate = first.parse().expect("a date");
    first.iter_days().take(count).map(|day| day.to_string()).collect()
}

/// The same files and bytes in every partition.
pub(crate) fn even<S: AsRef<str>>(values: &[S], files: u64, bytes: u64) -> Vec<(&str, u64, u64)> {
    values.iter().map(|value| (value.as_ref(), files, bytes)).collect()
}

/// What one rule finds about some tables on 2025-06-30, at its page's settings.
pub(crate) fn findings(rule: &str, tables: Vec<Table>) -> Vec<Finding> {
    findings_in(rule, &Lake { catalog: Catalog::new(tables), ..Lake::default() })
}

/// A lake with one statement, whose spans lie in its only file.
pub(crate) fn lake_of(table: Table, query: Query) -> Lake {
    let mut sources = Sources::default();
    sources.add("query.sql", "");
    Lake { sources, catalog: Catalog::new(vec![table]), queries: vec![query], ..Lake::default() }
}

pub(crate) fn findings_in(rule: &str, lake: &Lake) -> Vec<Finding> {
    assert!(RULES.iter().any(|r| r.id == rule), "no rule `{rule}`");
    let settings = Settings::resolve(&Default::default(), &[rule.to_string()], &[]).expect("the pages' defaults");
    let as_of = NaiveDate::from_ymd_opt(2025, 6, 30).and_then(|d| d.and_hms_opt(0, 0, 0)).expect("a date");
    let terms = Terms::default();
    run(&terms.estimator(lake, AsOf(as_of)), &settings)
}

pub(crate) fn messages(rule: &str, tables: Vec<Table>) -> Vec<String> {
    findings(rule, tables).into_iter().map(|f| f.message).collect()
}

/// A statement that writes `target` and reads nothing.
pub(crate) fn writing(kind: StatementKind, target: &str, format: WriteFormat) -> Query {
    let span = Span::new(Sources::default().add("query.sql", ""), 0..0);
    Query {
        span,
        name: None,
        kind,
        reads: Vec::new(),
        unknown_tables: Vec::new(),
        write: Some(Write {
            name: Some(TableName::parse(target)),
            table: None,
            span,
            format,
            partitioned_by: Vec::new(),
            buckets: None,
            value_rows: None,
            partition_sources: Vec::new(),
        }),
        limit: None,
        cross_joins: Vec::new(),
    }
}
