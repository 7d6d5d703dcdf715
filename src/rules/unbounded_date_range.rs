//! The range of days has no start, or one so long ago that it keeps almost everything.

use std::collections::BTreeSet;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{DateBounds, PartitionFilter, first_day, last_days, size, surviving};
use crate::finding::{Confidence, Place, Severity};
use crate::lake::{Bytes, Conjunct, Count, DateKey, Query, StatementKind, Table, TableRead};

pub const RULE: Rule = rule!("unbounded-date-range", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    // Rows that are too old are deleted up to a day.
    if query.kind == StatementKind::Delete {
        return;
    }
    let mut seen = BTreeSet::new();
    for (index, read) in query.reads.iter().enumerate() {
        let table = cx.lake.catalog.get(read.table);
        let found = match PartitionFilter::of(query, index, cx.lake) {
            // A table with a widest range of its own belongs to wide-date-range.
            PartitionFilter::Limited if table.max_range_days.is_none() => open_range(read, table, cx),
            PartitionFilter::OtherKeys(conjunct) => no_range(read, table, conjunct, cx),
            _ => None,
        };
        let Some(found) = found.filter(|found| seen.insert(found.conjunct.span)) else { continue };
        let predicate = last_days(table, cx.params().count("example-days"), cx.as_of);
        let days = cx.last_days(cx.params().count("example-days"));
        let waste = cx.estimator.saved_within(query, &[index], days);
        cx.report(Place::Span(found.conjunct.span), found.message)
            .waste(waste)
            .table(&read.name)
            .confidence(found.confidence)
            .at_most(if query.kind.is_write() { Severity::Low } else { Severity::High })
            .help(format!("give the dates a range, {predicate}"));
    }
}

struct Found<'a> {
    conjunct: &'a Conjunct,
    message: String,
    confidence: Confidence,
}

fn open_range<'a>(read: &'a TableRead, table: &Table, cx: &Context<'_>) -> Option<Found<'a>> {
    let bounds = DateBounds::of(read, table, cx.as_of)?;
    let today = cx.as_of.0.date();
    let is_closed = bounds.range.from.is_some() && bounds.range.to.is_some_and(|to| to < today);
    let oldest = bounds.range.from.max(first_day(table));
    let is_recent = oldest.is_some_and(|day| (today - day).num_days() <= cx.params().count("max-days") as i64);
    if is_closed || is_recent {
        return None;
    }
    let confidence = cx.worth(table, cx.params().bytes("min-table-size"))?;
    let (what, where_to) = (&read.name, bounds.range.from);
    let message = match (surviving(read, table, cx.as_of), where_to) {
        (Some(kept), _) => {
            let share = kept.bytes as f64 / kept.of_bytes.max(1) as f64;
            if share < cx.params().number("keeps") {
                return None;
            }
            let (n, of, bytes) = (Count(kept.partitions), Count(kept.of_partitions), size(Some(Bytes(kept.bytes))));
            format!("keeps {n} of {of} partitions of `{what}`{bytes}")
        }
        (None, Some(from)) => format!("keeps every partition of `{what}` since {from}"),
        (None, None) => format!("has no start: reads `{what}` from its first partition on"),
    };
    Some(Found { conjunct: bounds.conjunct, message, confidence })
}

/// Another key is limited, the date is not.
fn no_range<'a>(read: &TableRead, table: &Table, conjunct: &'a Conjunct, cx: &Context<'_>) -> Option<Found<'a>> {
    let date = DateKey::of(table)?;
    let keys: Vec<String> = date.keys().iter().map(|key| format!("`{}`", table.partition_keys[*key].name)).collect();
    let min = cx.params().bytes("min-table-size");
    let confidence = cx.worth(table, min)?;
    let kept = surviving(read, table, cx.as_of);
    if kept.is_some_and(|kept| kept.bytes < min) || first_day(table).is_some_and(|day| is_recent(day, cx)) {
        return None;
    }
    let how_much = match kept {
        Some(kept) => format!(
            "keeps {} of {} partitions of `{}`{}",
            Count(kept.partitions),
            Count(kept.of_partitions),
            read.name,
            size(Some(Bytes(kept.bytes)))
        ),
        None => format!("keeps every date of `{}`", read.name),
    };
    let message = format!("{how_much}: nothing limits the date key {}", keys.join(", "));
    Some(Found { conjunct, message, confidence })
}

fn is_recent(day: chrono::NaiveDate, cx: &Context<'_>) -> bool {
    (cx.as_of.0.date() - day).num_days() <= cx.params().count("max-days") as i64
}
