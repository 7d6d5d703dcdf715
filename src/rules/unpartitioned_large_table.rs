//! A large table has no partitions, so every query reads all of it.

use super::job_writes_without_partitions::adds_plain_files;
use super::rule::rule;
use super::{Check, Context, Rule};
use crate::expr::ColumnType;
use crate::lake::{Bytes, DeclaredBy, JobWrite, Table, TableKind, statement};

/// Jobs that are named beside a table.
const MOST_WRITES: usize = 3;

pub const RULE: Rule = rule!("unpartitioned-large-table", Check::Table(check));

fn check(table: &Table, cx: &mut Context<'_>) {
    let Some(bytes) = large(table, cx.params().bytes("min-table-size")) else { return };
    let dated = table.columns.iter().find(|c| matches!(c.data_type, ColumnType::Date | ColumnType::Timestamp));
    let message = format!("`{}` holds {bytes} without partitions: every query reads all of it", table.name);
    if let Some(model) = cx.lake.builder(table) {
        let day = match (dated, table.kind) {
            (Some(column), TableKind::Iceberg) => format!("`partitioned_by=['day({})']`", column.name),
            _ => "`partitioned_by=['dt']`, with the date as the last column".to_string(),
        };
        cx.report_model(model, &["materialized"], message)
            .help(format!("say {day} in its configuration, and build it anew"));
        return;
    }
    let help = match (dated, table.kind) {
        (Some(column), TableKind::Iceberg) => format!("partition it by `day({})`", column.name),
        (Some(column), TableKind::Hive) => format!("partition it by the day of `{}`", column.name),
        (None, _) => "partition it by the date that most queries filter on".to_string(),
    };
    let rewrite = dated.and_then(|column| statement::Rewrite::by_day_of(table, &column.name));
    let help = rewrite.map_or(help.clone(), |rewrite| format!("{help}: {rewrite}"));
    let lake = cx.lake;
    let is_it = |write: &&JobWrite| {
        let target = write.target.table(&lake.catalog);
        adds_plain_files(write) && target.is_some_and(|target| std::ptr::eq(target, table))
    };
    let mut report = cx.report_table(table, message).help(help);
    for write in lake.asked_jobs().flat_map(|job| &job.writes).filter(is_it).take(MOST_WRITES) {
        report = report.related(write.span, "this job writes it without partitions");
    }
}

/// The size of a table that has no partitions and at least so many bytes.
pub(super) fn large(table: &Table, min: u64) -> Option<Bytes> {
    let bytes = table.layout.as_ref()?.bytes();
    // The configuration may simply not say what the keys are, and folders alone do not either (`2025/06/29/`).
    let may_have_keys = matches!(table.declared_by, DeclaredBy::Config | DeclaredBy::Layout);
    (!table.is_partitioned() && !may_have_keys && bytes.0 >= min).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, findings_in, messages, table};
    use crate::finding::Place;
    use crate::lake::{Catalog, Dataset, Job, JobWrite, Lake, Location, Sources, Span, Writer};

    #[test]
    fn size_and_keys_decide() {
        let found = |keys: &[&str], bytes| {
            messages("unpartitioned-large-table", vec![table("lake.t", keys, &[("a", 900, bytes)])])
        };
        assert_eq!(found(&[], 200 * GIB), ["`lake.t` holds 214.7 GB without partitions: every query reads all of it"]);
        assert!(found(&[], 90 * GIB).is_empty());
        assert!(found(&["dt"], 200 * GIB).is_empty());
    }

    #[test]
    fn the_jobs_that_write_the_table_are_named() {
        let mut sources = Sources::default();
        let file = sources.add("job.py", "orders orders");
        let write = |at: usize, column: Option<&str>| JobWrite {
            partitioned_by: column.map(|column| (column.to_string(), Span::new(file, 0..1))).into_iter().collect(),
            ..JobWrite::new(
                Span::new(file, at..at + 6),
                Writer::Glue,
                Dataset::Place(Location::parse("s3://lake/lake/orders/")),
            )
        };
        let job = Job { writes: vec![write(0, None), write(7, Some("dt"))], ..Job::new(file) };
        let catalog = Catalog::new(vec![table("lake.orders", &[], &[("a", 900, 200 * GIB)])]);
        let lake = Lake { sources, catalog, jobs: vec![job], ..Lake::default() };
        let found = findings_in("unpartitioned-large-table", &lake);
        let [finding] = &found[..] else { panic!("{found:?}") };
        let places: Vec<&Place> = finding.related.iter().map(|related| &related.place).collect();
        assert_eq!(places, [&Place::Span(Span::new(file, 0..6))]);
        assert!(findings_in("job-writes-without-partitions", &lake).is_empty(), "one finding is enough");
    }
}
