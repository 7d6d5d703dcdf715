//! A query takes in more days of a table than its configuration allows.

use std::collections::BTreeSet;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{DateBounds, PartitionFilter, first_day, last_days};
use crate::finding::Place;
use crate::lake::{Count, Query};

pub const RULE: Rule = rule!("wide-date-range", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    let mut seen = BTreeSet::new();
    for (index, read) in query.reads.iter().enumerate() {
        let table = cx.lake.catalog.get(read.table);
        let Some(most) = table.max_range_days else { continue };
        let PartitionFilter::Limited = PartitionFilter::of(query, index, cx.lake) else { continue };
        let Some(bounds) = DateBounds::of(read, table, cx.as_of) else { continue };
        let today = cx.as_of.0.date();
        let from = bounds.range.from.max(first_day(table));
        // Partitions of the future hold nothing yet.
        let to = bounds.range.to.map_or(today, |to| to.min(today));
        let days = from.map(|from| (to - from).num_days() + 1);
        if days.is_some_and(|days| days <= i64::from(most)) || !seen.insert(bounds.conjunct.span) {
            continue;
        }
        let width = days.map_or("all days".to_string(), |days| format!("{} days", Count(days.unsigned_abs())));
        let message = format!("takes in {width} of `{}`; the configuration allows {most}", read.name);
        let help = format!("narrow the range, {}", last_days(table, u64::from(most.min(7)), cx.as_of));
        let waste = cx.estimator.saved_within(query, &[index], cx.last_days(u64::from(most.min(7))));
        cx.report(Place::Span(bounds.conjunct.span), message).table(&read.name).help(help).waste(waste);
    }
}
