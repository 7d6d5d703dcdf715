//! A job writes without partition columns: beside the partitions of a table, or into a large table that has none.

use super::rule::rule;
use super::{Check, Context, Rule, unpartitioned_large_table};
use crate::finding::{Confidence, Place, Severity};
use crate::lake::{Job, JobWrite, Table, TableKind, Writer};

pub const RULE: Rule = rule!("job-writes-without-partitions", Check::Job(check));

fn check(job: &Job, cx: &mut Context<'_>) {
    for write in &job.writes {
        let table = write.target.table(&cx.lake.catalog).filter(|table| table.kind == TableKind::Hive);
        let Some(table) = table.filter(|_| adds_plain_files(write)) else { continue };
        match table.is_partitioned() {
            true => outside(write, table, cx),
            false => into_one(write, table, cx),
        }
    }
}

/// Whether a write puts files where it is told to, and nothing says by what they are partitioned.
pub(super) fn adds_plain_files(write: &JobWrite) -> bool {
    write.has_no_partitions() && write.is_plain && write.is_added && write.writer != Writer::InsertInto
}

/// Files beside the partitions of a table.
fn outside(write: &JobWrite, table: &Table, cx: &mut Context<'_>) {
    // What is stored confirms what is declared.
    let is_stored = table.layout.as_ref().is_some_and(|layout| !layout.partitions.is_empty());
    let message = match (write.writer, write.replaces) {
        (Writer::SaveAsTable, true) => {
            format!("the job makes `{}` anew without its partition keys: every query reads all of it", table.name)
        }
        // Spark refuses to append with other keys than the table's.
        (Writer::SaveAsTable, false) => return,
        (_, true) => {
            format!(
                "the job deletes all partitions of `{}`, and writes files that lie in none: no query finds them",
                table.name
            )
        }
        (_, false) => {
            format!("the job writes files beside the partitions of `{}`: no query finds them", table.name)
        }
    };
    let (confidence, severity) = match is_stored {
        true => (Confidence::High, Severity::High),
        false => (Confidence::Medium, Severity::Medium),
    };
    cx.report(Place::Span(write.span), message)
        .table(table.name.to_string())
        .confidence(confidence)
        .at_most(severity)
        .help(help(write, table));
}

fn help(write: &JobWrite, table: &Table) -> String {
    let names: Vec<String> = table.partition_keys.iter().map(|key| format!("\"{}\"", key.name)).collect();
    let names = names.join(", ");
    let folder: Vec<String> = table.partition_keys.iter().map(|key| format!("{}=...", key.name)).collect();
    let folder = folder.join("/");
    match write.writer {
        Writer::Spark => format!("say `.partitionBy({names})`, or write into the folder of one partition, `{folder}/`"),
        Writer::SaveAsTable | Writer::InsertInto => {
            format!("use `insertInto`, which keeps the table's partitions, or say `.partitionBy({names})`")
        }
        Writer::Glue => {
            format!("pass `\"partitionKeys\": [{names}]`, or write into the folder of one partition, `{folder}/`")
        }
        Writer::Pandas => format!("pass `partition_cols=[{names}]`"),
    }
}

/// More of a large table without partitions. The finding about the table says so where the run asks about the table.
fn into_one(write: &JobWrite, table: &Table, cx: &mut Context<'_>) {
    let is_asked = match table.declared_at {
        Some(span) => !cx.lake.sources.get(span.file).is_context,
        None => !cx.lake.is_partial,
    };
    let Some(bytes) = unpartitioned_large_table::large(table, cx.params().bytes("min-table-size")) else { return };
    if is_asked {
        return;
    }
    let message = format!(
        "the job adds to `{}`, which holds {bytes} without partitions: every query reads all of it",
        table.name
    );
    cx.report(Place::Span(write.span), message)
        .table(table.name.to_string())
        .confidence(Confidence::Medium)
        .at_most(Severity::Medium)
        .help("partition the table by the date that most queries filter on, and write by the same column");
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, findings_in, table};
    use super::*;
    use crate::lake::{Catalog, Dataset, DeclaredBy, Lake, Location, Sources, Span, TableName};

    /// What is found about a write into the folder of a table, as severity, confidence and the start of the message.
    fn found(
        keys: &[&str],
        bytes: u64,
        change: impl Fn(&mut JobWrite, &mut Table),
    ) -> Vec<(Severity, Confidence, String)> {
        let mut sources = Sources::default();
        let file = sources.add("job.py", "orders");
        let declared = sources.add_context("tables.ddl", "orders");
        let place = Dataset::Place(Location::parse("s3://lake/shop/orders/"));
        let mut write = JobWrite::new(Span::new(file, 0..6), Writer::Spark, place);
        let mut orders = table("shop.orders", keys, &[("2025-06-29", 9, bytes)]);
        orders.declared_at = Some(Span::new(declared, 0..6));
        change(&mut write, &mut orders);
        let job = Job { writes: vec![write], ..Job::new(file) };
        let lake = Lake { sources, catalog: Catalog::new(vec![orders]), jobs: vec![job], ..Lake::default() };
        let found = findings_in("job-writes-without-partitions", &lake).into_iter();
        found.map(|f| (f.severity, f.confidence, f.message.chars().take(28).collect())).collect()
    }

    #[test]
    fn a_write_beside_the_partitions_is_one_that_nothing_partitions() {
        let one = |change: fn(&mut JobWrite, &mut Table)| found(&["dt"], 1, change);
        let high = |text: &str| vec![(Severity::High, Confidence::High, text.to_string())];
        assert_eq!(one(|_, _| {}), high("the job writes files beside "));
        assert_eq!(one(|write, _| write.replaces = true), high("the job deletes all partitio"));
        assert_eq!(one(|_, table| table.layout = None)[0].0, Severity::Medium);
        assert_eq!(one(|_, table| table.layout = None)[0].1, Confidence::Medium);
        let by_name = |write: &mut JobWrite, _: &mut Table| write.target = Dataset::Table(TableName::parse("orders"));
        assert_eq!(one(by_name).len(), 1);
        for silent in [
            one(|write, _| write.partitioned_by.push(("dt".to_string(), write.span))),
            one(|write, _| write.may_be_partitioned = true),
            one(|write, _| write.is_plain = false),
            one(|write, _| write.is_added = false),
            one(|write, _| write.writer = Writer::InsertInto),
            one(|write, _| write.target = Dataset::Place(Location::parse("s3://lake/shop/orders/dt=2025-06-29/"))),
            one(|write, _| write.target = Dataset::Place(Location::parse("s3://{bucket}/shop/orders/"))),
            one(|_, table| table.kind = TableKind::Iceberg),
        ] {
            assert!(silent.is_empty(), "{silent:?}");
        }
    }

    #[test]
    fn a_table_that_is_saved_anew_loses_its_keys() {
        let saved = |replaces| {
            found(&["dt"], 1, |write, _| {
                (write.writer, write.replaces) = (Writer::SaveAsTable, replaces);
                write.target = Dataset::Table(TableName::parse("shop.orders"));
            })
        };
        assert_eq!(saved(true)[0].2, "the job makes `shop.orders` ");
        assert!(saved(false).is_empty(), "an append fails");
    }

    #[test]
    fn a_large_table_speaks_for_itself_where_it_is_asked_about() {
        let large = |change: fn(&mut Table)| found(&[], 200 * GIB, |_, table| change(table));
        assert_eq!(large(|_| {}), [(Severity::Medium, Confidence::Medium, "the job adds to `shop.orders".to_string())]);
        assert!(large(|table| table.declared_at = None).is_empty());
        assert!(large(|table| table.declared_by = DeclaredBy::Layout).is_empty());
        assert!(found(&[], GIB, |_, _| {}).is_empty());
    }

    #[test]
    fn both_rules_about_large_tables_mean_the_same_size() {
        let size = |rule: &Rule| {
            let line = |line: &&str| line.starts_with("min-table-size");
            rule.page().defaults.lines().find(line).map(str::to_string)
        };
        assert!(size(&RULE).is_some());
        assert_eq!(size(&RULE), size(&unpartitioned_large_table::RULE));
    }
}
