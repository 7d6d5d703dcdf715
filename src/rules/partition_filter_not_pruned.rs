//! A filter on the partitions that Iceberg cannot prune by, or that Hive prunes by only after fetching every partition.

use std::collections::BTreeSet;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{PartitionFilter, last_days, whole_table};
use crate::finding::Severity;
use crate::lake::{Class, Conjunct, Count, Query, Table, TableKind, TableRead};

pub const RULE: Rule = rule!("partition-filter-not-pruned", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    let mut seen = BTreeSet::new();
    for (index, read) in query.reads.iter().enumerate() {
        let table = cx.lake.catalog.get(read.table);
        match PartitionFilter::of(query, index, cx.lake) {
            PartitionFilter::NotPruned(conjunct) if seen.insert(conjunct.span) => hidden(query, index, conjunct, cx),
            PartitionFilter::Limited => match evaluated(read, table) {
                Some(conjunct) if seen.insert(conjunct.span) => planned(read, table, conjunct, cx),
                _ => {}
            },
            _ => {}
        }
    }
}

/// Iceberg relates a column to its partitions, not a function of it.
fn hidden(query: &Query, index: usize, conjunct: &Conjunct, cx: &mut Context<'_>) {
    let read = &query.reads[index];
    let table = cx.lake.catalog.get(read.table);
    let Some(confidence) = cx.worth(table, cx.params().bytes("min-table-size")) else { return };
    let Some(key) = conjunct.keys.first().map(|key| &table.partition_keys[*key].name) else { return };
    let message = format!("a function hides `{key}` from Iceberg's partitions: reads {}", whole_table(read, table));
    let predicate = last_days(table, cx.params().count("example-days"), cx.as_of);
    let waste = cx.estimator.saved_within(query, &[index], cx.last_days(cx.params().count("example-days")));
    cx.report_predicate(conjunct, read, message)
        .confidence(confidence)
        .waste(waste)
        .help(format!("compare the bare column with constants, {predicate}"));
}

/// Hive prunes by any expression over its keys, one partition at a time: no bytes are wasted, planning time is.
fn planned(read: &TableRead, table: &Table, conjunct: &Conjunct, cx: &mut Context<'_>) {
    let projected = table.projection.as_ref().and_then(|projection| projection.combinations(cx.as_of));
    let partitions = match &table.layout {
        Some(layout) => Some(layout.partitions.len() as u64),
        None => projected,
    };
    let Some(partitions) = partitions.filter(|n| *n >= cx.params().count("many-partitions")) else { return };
    let message = format!(
        "no bytes are wasted, but planning fetches all {} partitions of `{}` to evaluate this",
        Count(partitions),
        read.name
    );
    let predicate = last_days(table, cx.params().count("example-days"), cx.as_of);
    cx.report_predicate(conjunct, read, message)
        .at_most(Severity::Low)
        .help(format!("compare the bare key with constants, {predicate}"));
}

/// The first predicate that is evaluated per partition, where no key has a range of values.
fn evaluated<'a>(read: &'a TableRead, table: &Table) -> Option<&'a Conjunct> {
    let open = |key: &crate::lake::KeyFilter| key.domain.is_all() && !key.placeholder;
    let is_hive = table.kind == TableKind::Hive && read.keys.iter().all(open);
    read.conjuncts.iter().find(|c| is_hive && c.class == Class::PlanTime)
}
