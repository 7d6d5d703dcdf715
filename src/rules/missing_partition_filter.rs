//! A partitioned table is read without any limit on its partition keys.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{PartitionFilter, is_said_of_the_model, last_days, whole_table};
use crate::finding::Severity;
use crate::lake::{Class, DateKey, Materialized, ModelKind, Query, Strategy, TableRead};

pub const RULE: Rule = rule!("missing-partition-filter", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    let lake = cx.lake;
    // dbt limits what a batch reads by itself, where its inputs have an `event_time`
    // (<https://docs.getdbt.com/docs/build/incremental-microbatch>).
    let strategy = cx.model(query).map(|model| model.materialized);
    if strategy == Some(Materialized::Incremental(Strategy::Microbatch)) {
        return;
    }
    let missing = |index: &usize| {
        matches!(PartitionFilter::of(query, *index, lake), PartitionFilter::Missing)
            && !is_said_of_the_model(query, *index, lake)
    };
    let worth = |index: &usize| {
        cx.worth(lake.catalog.get(query.reads[*index].table), cx.params().bytes("min-table-size")).is_some()
    };
    let mut rest: Vec<usize> = (0..query.reads.len()).filter(missing).filter(worth).collect();
    while !rest.is_empty() {
        let first = rest.remove(0);
        let (same, others): (Vec<usize>, Vec<usize>) =
            rest.iter().partition(|other| is_one_mistake(query, first, **other));
        rest = others;
        report(query, first, &same, cx);
    }
}

/// Reads of one place under several predicates, and reads whose keys a join equates: one predicate bounds both.
fn is_one_mistake(query: &Query, first: usize, other: usize) -> bool {
    let joins = |read: &TableRead, partner: usize| {
        read.conjuncts.iter().any(|c| c.class == Class::RunTime && c.partners.contains(&partner))
    };
    let (a, b) = (&query.reads[first], &query.reads[other]);
    (a.span == b.span && a.through == b.through) || joins(a, other) || joins(b, first)
}

fn report(query: &Query, index: usize, same: &[usize], cx: &mut Context<'_>) {
    let read = &query.reads[index];
    let table = cx.lake.catalog.get(read.table);
    let Some(confidence) = cx.worth(table, cx.params().bytes("min-table-size")) else { return };
    let message = format!("reads {}", whole_table(read, table));
    // Without a date in the keys the whole table may be the question; a snapshot looks for rows that have changed, and what dbt only
    // compiles is run by hand, if at all.
    let asks_for_all = |kind| matches!(kind, ModelKind::Analysis | ModelKind::Snapshot);
    let is_asked = cx.model(query).is_some_and(|model| asks_for_all(model.kind));
    let deliberate = query.kind.is_write() || DateKey::of(table).is_none() || is_asked;
    let help = format!("add a predicate {}", last_days(table, cx.params().count("example-days"), cx.as_of));
    let reads: Vec<usize> = std::iter::once(index).chain(same.iter().copied()).collect();
    let waste = cx.estimator.saved_within(query, &reads, cx.last_days(cx.params().count("example-days")));
    let mut report = cx
        .report_read(read, message)
        .confidence(confidence)
        .at_most(if deliberate { Severity::Medium } else { Severity::High })
        .help(help)
        .waste(waste);
    for conjunct in read.conjuncts.iter().filter(|c| !c.keys.is_empty()) {
        report = report.related(conjunct.span, "this names a partition key, but limits it to no values");
    }
    for other in same.iter().map(|other| &query.reads[*other]).filter(|other| other.span != read.span) {
        report = report.related(other.span, format!("the join reads all of `{}` too", other.name));
    }
}
