//! An OR limits the partition key in some of its branches only, so nothing is pruned.

use std::collections::BTreeSet;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{PartitionFilter, last_days, whole_table};
use crate::lake::Query;

pub const RULE: Rule = rule!("or-defeats-pruning", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    let mut seen = BTreeSet::new();
    for (index, read) in query.reads.iter().enumerate() {
        let PartitionFilter::OrDefeats(conjunct) = PartitionFilter::of(query, index, cx.lake) else { continue };
        let table = cx.lake.catalog.get(read.table);
        let Some(confidence) = cx.worth(table, cx.params().bytes("min-table-size")) else { continue };
        if !seen.insert(conjunct.span) {
            continue;
        }
        let message = format!("a branch of this OR leaves the partitions open: reads {}", whole_table(read, table));
        let predicate = last_days(table, cx.params().count("example-days"), cx.as_of);
        let days = cx.last_days(cx.params().count("example-days"));
        let waste = cx.estimator.saved_within(query, &[index], days);
        cx.report_predicate(conjunct, read, message)
            .confidence(confidence)
            .waste(waste)
            .help(format!("limit the partitions in every branch, or beside the OR with a predicate {predicate}"));
    }
}
