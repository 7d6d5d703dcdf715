//! A Glue or Spark job reads every partition of a table.

use std::collections::BTreeSet;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{PartitionFilter, all_partitions, last_days, size, whole_table};
use crate::finding::{Confidence, Place, Severity};
use crate::lake::{Bookmarks, Dataset, Job, JobRead, JobStatement, Lake, Reader, Table, TableKind};

pub const RULE: Rule = rule!("job-reads-whole-table", Check::Job(check));

fn check(job: &Job, cx: &mut Context<'_>) {
    job.reads.iter().for_each(|read| check_read(job, read, cx));
    job.statements.iter().for_each(|statement| check_statement(job, statement, cx));
}

fn check_read(job: &Job, read: &JobRead, cx: &mut Context<'_>) {
    let lake = cx.lake;
    let Some(table) = read.source.table(&lake.catalog).filter(|table| is_whole(job, read, table)) else { return };
    let Some(worth) = cx.worth(table, cx.params().bytes("min-table-size")) else { return };
    // Bookmarks are switched on outside of the program.
    let bookmarks = job.may_keep_bookmark(read).then(|| lake.bookmarks(job));
    let (most, severity) = match read.reader {
        _ if bookmarks == Some(Bookmarks::On) => return,
        _ if bookmarks == Some(Bookmarks::Unknown) => (Confidence::Low, Severity::Low),
        Reader::DynamicFrame if table.layout.is_some() => (Confidence::High, Severity::High),
        Reader::DynamicFrame => (Confidence::Medium, Severity::Medium),
        // A frame may be filtered in another module.
        Reader::DataFrame | Reader::Pandas => (Confidence::Medium, Severity::Medium),
    };
    let bytes = table.layout.as_ref().map(|layout| layout.bytes());
    let message = format!("the job reads {} `{}`{}", all_partitions(table), table.name, size(bytes));
    let example = last_days(table, cx.params().count("example-days"), cx.as_of);
    let report = cx
        .report(Place::Span(read.span), message)
        .table(table.name.to_string())
        .confidence(worth.min(most))
        .at_most(severity)
        .help(help(read, bookmarks.is_some(), &example));
    if let Some(Bookmarks::Off(span)) = bookmarks {
        report.related(span, "this job leaves bookmarks off, so every run reads all files again");
    }
}

/// Whether nothing limits the partitions that a read takes in.
fn is_whole(job: &Job, read: &JobRead, table: &Table) -> bool {
    let may_filter = || table.partition_keys.iter().any(|key| job.mentions(&key.name));
    let is_filtered = match read.reader {
        Reader::DynamicFrame | Reader::Pandas => false,
        Reader::DataFrame => may_filter(),
    };
    table.kind == TableKind::Hive && table.is_partitioned() && !read.has_predicate && !is_filtered
}

fn help(read: &JobRead, may_keep_bookmark: bool, example: &str) -> String {
    let predicate = match &read.source {
        Dataset::Table(_) => format!("pass a `push_down_predicate` {example}"),
        Dataset::Place(_) => format!("read it by its name, `from_catalog`, with a `push_down_predicate` {example}"),
    };
    match read.reader {
        Reader::DynamicFrame if may_keep_bookmark => {
            format!("switch bookmarks on (`--job-bookmark-option job-bookmark-enable`), or {predicate}")
        }
        Reader::DynamicFrame => format!("{predicate}: filters behind the read come too late"),
        Reader::DataFrame => format!("filter the frame by a predicate {example}"),
        Reader::Pandas => {
            "pass a `partition_filter`, which sees the values of the keys before files are read".to_string()
        }
    }
}

/// Spark plans a statement together with the filters behind it, so a read of it is held to the same as one of a DataFrame.
fn check_statement(job: &Job, statement: &JobStatement, cx: &mut Context<'_>) {
    let lake = cx.lake;
    let mut told = BTreeSet::new();
    for (index, read) in statement.query.reads.iter().enumerate() {
        let table = lake.catalog.get(read.table);
        if !is_whole_in(job, statement, index, lake) || !told.insert((read.place(), read.table)) {
            continue;
        }
        let Some(worth) = cx.worth(table, cx.params().bytes("min-table-size")) else { continue };
        let message = format!("the job reads {}", whole_table(read, table));
        let example = last_days(table, cx.params().count("example-days"), cx.as_of);
        cx.report_read(read, message)
            .confidence(worth.min(Confidence::Medium))
            .at_most(Severity::Medium)
            .help(format!("add a predicate {example}"));
    }
}

/// Whether nothing limits the partitions of one read of a statement: no predicate on a key, and no filter on its frame.
fn is_whole_in(job: &Job, statement: &JobStatement, index: usize, lake: &Lake) -> bool {
    let read = &statement.query.reads[index];
    let table = lake.catalog.get(read.table);
    // With a LIMIT Spark reads no more partitions than it takes, and what it makes of a predicate on a key is not Athena's.
    let verdict = PartitionFilter::of(&statement.query, index, lake);
    let is_unlimited = matches!(verdict, PartitionFilter::Missing | PartitionFilter::EventTime(_));
    let names_key = || read.conjuncts.iter().any(|conjunct| !conjunct.keys.is_empty() && conjunct.partners.is_empty());
    let is_filtered = || table.partition_keys.iter().any(|key| job.mentions_beside(statement, &key.name));
    table.kind == TableKind::Hive
        && is_unlimited
        && !statement.is_narrowed
        && !read.stops_early
        && !names_key()
        && !is_filtered()
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, findings_in, table};
    use super::*;
    use crate::lake::{Catalog, Dataset, FileId, Lake, Location, Sources, Span, TableName};

    fn found(reader: Reader, change: impl Fn(&mut Job)) -> Vec<(Severity, Confidence)> {
        let mut sources = Sources::default();
        let file: FileId = sources.add("job.py", "orders");
        let source = Dataset::Table(TableName::parse("lake.orders"));
        let span = Span::new(file, 0..6);
        let read = JobRead { span, source, reader, has_predicate: false, has_context: false };
        let mut job = Job { reads: vec![read], commits: true, ..Job::new(file) };
        change(&mut job);
        let orders = table("lake.orders", &["dt"], &[("2025-06-01", 9, 40 * GIB), ("2025-06-02", 9, 40 * GIB)]);
        let lake = Lake { sources, catalog: Catalog::new(vec![orders]), jobs: vec![job], ..Lake::default() };
        let found = findings_in("job-reads-whole-table", &lake);
        found.into_iter().map(|finding| (finding.severity, finding.confidence)).collect()
    }

    #[test]
    fn what_limits_a_read_depends_on_the_reader() {
        let names = |job: &mut Job| job.names.extend(["dt".to_string()]);
        assert_eq!(found(Reader::DynamicFrame, |_| {}), [(Severity::High, Confidence::High)]);
        assert_eq!(found(Reader::DynamicFrame, names).len(), 1, "the filter comes too late");
        assert_eq!(found(Reader::DataFrame, |_| {}), [(Severity::Medium, Confidence::Medium)]);
        assert!(found(Reader::DataFrame, names).is_empty());
        assert!(found(Reader::DynamicFrame, |job| job.reads[0].has_predicate = true).is_empty());
        let bookmark = |job: &mut Job| {
            job.init = Some(job.reads[0].span);
            job.reads[0].has_context = true;
        };
        assert_eq!(found(Reader::DynamicFrame, bookmark), [(Severity::Low, Confidence::Low)]);
    }

    #[test]
    fn a_path_is_the_table_that_lies_there() {
        let at = |path: &str| {
            let place = Dataset::Place(Location::parse(path));
            found(Reader::DataFrame, |job| job.reads[0].source = place.clone()).len()
        };
        assert_eq!((at("s3://lake/lake/orders"), at("s3a://lake/lake/orders/")), (1, 1));
        assert_eq!((at("s3://lake/lake/orders/dt=2025-06-01/"), at("s3://{bucket}/lake/orders/")), (0, 0));
    }
}
