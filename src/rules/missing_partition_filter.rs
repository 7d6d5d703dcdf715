//! A partitioned table is read without any limit on its partition keys.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::Place;
use crate::lake::{Count, Query};

pub const RULE: Rule = rule!("missing-partition-filter", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    let lake = cx.lake;
    for read in &query.reads {
        let table = lake.catalog.get(read.table);
        if !table.is_partitioned()
            || read.is_filtered()
            || read.truncated
            || read.conjuncts.iter().any(|c| c.placeholder)
        {
            continue;
        }
        let Some(confidence) = cx.worth(table, cx.params().bytes("min-table-size")) else { continue };
        let how_much = match &table.layout {
            Some(layout) => format!("all {} partitions ({})", Count(layout.partitions.len() as u64), layout.bytes()),
            None => "all partitions".to_string(),
        };
        cx.report(Place::Span(read.span), format!("reads {how_much} of `{}`", read.name))
            .table(&read.name)
            .confidence(confidence);
    }
}
