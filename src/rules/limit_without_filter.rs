//! `LIMIT` over a whole table: it bounds the rows that come back, not the bytes that are read.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{PartitionFilter, last_days, reads_no_data, whole_table};
use crate::finding::Place;
use crate::lake::Query;

pub const RULE: Rule = rule!("limit-without-filter", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    for (index, read) in query.reads.iter().enumerate() {
        let Some(limit) = read.bare_limit else { continue };
        let table = cx.lake.catalog.get(read.table);
        let is_partitioned = match PartitionFilter::of(query, index, cx.lake) {
            PartitionFilter::BareLimit => true,
            // Nothing can be pruned there: only a table that is known to be large is worth a word.
            PartitionFilter::NotExpected if table.layout.is_some() && !reads_no_data(read, table) => false,
            _ => continue,
        };
        let Some(confidence) = cx.worth(table, cx.params().bytes("min-table-size")) else { continue };
        let what = match (is_partitioned, &table.layout) {
            (true, _) => whole_table(read, table),
            (false, layout) => {
                let bytes = layout.as_ref().map(|layout| format!(" ({})", layout.bytes())).unwrap_or_default();
                format!("all of `{}`{bytes}", read.name)
            }
        };
        let help = match is_partitioned {
            true => format!("add a predicate {}", last_days(table, 1, cx.as_of)),
            false => "name only the columns that you look at, or keep a small sample table".to_string(),
        };
        let waste = cx.estimator.saved_within(query, &[index], cx.last_days(1));
        cx.report(Place::Span(limit), format!("LIMIT does not cap the bytes: may read {what}"))
            .table(&read.name)
            .confidence(confidence)
            .help(help)
            .waste(waste)
            .related(read.span, "the table that is read");
    }
}
