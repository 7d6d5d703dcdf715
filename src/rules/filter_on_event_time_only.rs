//! A time column of the data is limited, but not the partition key that stands for the same time.

use std::collections::BTreeSet;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{Days, PartitionFilter, last_days, whole_table};
use crate::expr::Domain;
use crate::finding::Severity;
use crate::lake::{Conjunct, DateKey, DateRange, Query, Table, TableRead};

pub const RULE: Rule = rule!("filter-on-event-time-only", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    let mut seen = BTreeSet::new();
    for (index, read) in query.reads.iter().enumerate() {
        let PartitionFilter::EventTime(conjunct) = PartitionFilter::of(query, index, cx.lake) else { continue };
        let table = cx.lake.catalog.get(read.table);
        let Some(confidence) = cx.worth(table, cx.params().bytes("min-table-size")) else { continue };
        let (Some(date), Some(column)) = (DateKey::of(table), conjunct.columns.first()) else { continue };
        if !seen.insert(conjunct.span) {
            continue;
        }
        let keys: Vec<String> =
            date.keys().iter().map(|key| format!("`{}`", table.partition_keys[*key].name)).collect();
        let message = format!(
            "limits `{column}`, but not the partition key {}: reads {}",
            keys.join(", "),
            whole_table(read, table)
        );
        let days = days(read, conjunct, cx);
        let help = help(table, days, &date, cx);
        let days = days.or(cx.last_days(cx.params().count("example-days")));
        let waste = cx.estimator.saved_within(query, &[index], days);
        cx.report_predicate(conjunct, read, message)
            .confidence(confidence)
            .at_most(if query.kind.is_write() { Severity::Medium } else { Severity::High })
            .help(help)
            .waste(waste);
    }
}

/// The days that the time column may have.
fn days(read: &TableRead, conjunct: &Conjunct, cx: &Context<'_>) -> Option<Days> {
    let column = conjunct.columns.first()?;
    let domains = read.conjuncts.iter().filter_map(|c| c.data_domains.get(column));
    let days = DateRange::of(&domains.fold(Domain::all(), |all, domain| all.intersect(domain)))?;
    let (from, to) = (days.from?, days.to.unwrap_or(cx.as_of.0.date()));
    (from <= to).then_some(Days { from, to })
}

/// The date key's predicate for the days that the time column may have.
fn help(table: &Table, days: Option<Days>, date: &DateKey, cx: &Context<'_>) -> String {
    match days {
        Some(Days { from, to }) => format!(
            "add `{}` as well, wider if rows arrive late: Hive tables do not relate the two",
            date.predicate(table, from, to)
        ),
        None => format!(
            "add a predicate {} as well: Hive tables do not relate the two",
            last_days(table, cx.params().count("example-days"), cx.as_of)
        ),
    }
}
