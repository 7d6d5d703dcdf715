//! Small lakes for the tests of rules.

pub(crate) mod lifecycle;
pub(crate) mod machine;

use std::path::Path;

use chrono::NaiveDate;

use super::{RULES, Settings, run};
use crate::cost::{Budget, Frequency, Runs, Terms};
use crate::expr::{AsOf, ColumnType};
use crate::finding::Finding;
use crate::input::asl::testing::workflow_in;
use crate::lake::{
    Catalog, DeclaredBy, Lake, Layout, Location, Partition, PartitionKey, Query, Sources, Span, StatementKind, Table,
    TableName, Write, WriteFormat,
};
use crate::sql::{Views, outline, read};

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
                newest: None,
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

/// A lake with one state machine.
pub(crate) fn machine(asl: &str) -> Lake {
    let (workflow, sources) = workflow_in(asl);
    Lake { sources, workflows: vec![workflow], ..Lake::default() }
}

/// A Task of a Lambda function, alone in its machine: what else it holds, and what the machine does.
pub(crate) fn task_machine(task: &str, machine: &str) -> String {
    format!(
        r#"{{"StartAt": "Load", {machine} "States": {{"Load": {{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", {task} "End": true}}}}}}"#
    )
}

/// What one rule finds about a machine, as `severity: message`.
pub(crate) fn of_machine(rule: &str, asl: &str) -> Vec<String> {
    findings_in(rule, &machine(asl)).into_iter().map(|f| format!("{}: {}", f.severity, f.message)).collect()
}

pub(crate) fn findings_in(rule: &str, lake: &Lake) -> Vec<Finding> {
    findings_on(rule, lake, &Terms::default())
}

/// The same with a budget, where every statement runs so often a month.
pub(crate) fn budget_findings(rule: &str, lake: &Lake, budget: Budget, runs: Option<f64>) -> Vec<Finding> {
    let entries = runs.map(|runs| ("*.sql".to_string(), Frequency::PerMonth(runs))).into_iter().collect();
    let runs = Runs::new(&entries, as_of(), Path::new("/repo"), None);
    findings_on(rule, lake, &Terms { budget, runs, ..Terms::default() })
}

/// A lake with one table and a statement that reads all of it.
pub(crate) fn reading_all(table: Table) -> Lake {
    let sql = format!("SELECT a FROM {}", table.name);
    reading(table, &sql)
}

/// A lake with one table and a statement.
pub(crate) fn reading(table: Table, sql: &str) -> Lake {
    let mut sources = Sources::default();
    let file = sources.add("query.sql", sql);
    let catalog = Catalog::new(vec![table]);
    let facts = read(&outline(file, sql), &sources, &catalog, &Views::default(), as_of());
    Lake { sources, catalog, queries: facts.queries, ..Lake::default() }
}

fn as_of() -> AsOf {
    AsOf(NaiveDate::from_ymd_opt(2025, 6, 30).and_then(|day| day.and_hms_opt(0, 0, 0)).expect("a date"))
}

fn findings_on(rule: &str, lake: &Lake, terms: &Terms) -> Vec<Finding> {
    assert!(RULES.iter().any(|r| r.id == rule), "no rule `{rule}`");
    let settings = Settings::resolve(&Default::default(), &[rule.to_string()], &[]).expect("the pages' defaults");
    run(&terms.estimator(lake, as_of()), &settings)
}

pub(crate) fn messages(rule: &str, tables: Vec<Table>) -> Vec<String> {
    findings(rule, tables).into_iter().map(|f| f.message).collect()
}

/// A statement that writes `target` and reads nothing.
pub(crate) fn writing(kind: StatementKind, target: &str, format: WriteFormat) -> Query {
    let span = Span::new(Sources::default().add("query.sql", ""), 0..0);
    Query {
        step: None,
        model: None,
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
        truncated: false,
        workgroup: None,
        past: None,
    }
}
