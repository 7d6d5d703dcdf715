//! JSON, version 1: `lakelint diff --format json`.

use serde::Serialize;

use super::{Report, words};
use crate::diff::{Item, Kind, Row, Total};
use crate::lake::{Spread, Usd};
use crate::output::cost::{Price, known};

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    lakelint: &'static str,
    as_of: String,
    /// Commits in full; `head` is null for the work tree.
    base: &'a str,
    head: Option<&'a str>,
    price: Price<'a>,
    before: Totals,
    after: Totals,
    /// The sum of the rows of which it is known.
    usd_per_month: Usd,
    /// How many changes there are of which it is not.
    unknown: usize,
    rows: Vec<Entry<'a>>,
    rewritten: usize,
    unchanged: usize,
    /// Of unknown frequency after the change, taken to run as often as before it.
    runs_as_before: usize,
    /// Of unknown frequency before the change, taken to run as often as after it.
    runs_as_after: usize,
    /// What could be read before the change and cannot any more.
    unread: &'a [String],
    gates: Vec<Limit<'a>>,
}

#[derive(Serialize)]
struct Totals {
    items: usize,
    bytes: u64,
    usd: Usd,
    usd_per_month: Usd,
    unknown: usize,
    without_frequency: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    kind: &'static str,
    change: &'static str,
    /// Null where a side has no price, or cannot be read any more.
    usd: Option<Usd>,
    /// Null where a side has no price or frequency.
    usd_per_month: Option<Usd>,
    before: Option<Side<'a>>,
    after: Option<Side<'a>>,
}

#[derive(Serialize)]
struct Side<'a> {
    name: &'a str,
    file: &'a str,
    /// 1-based.
    line: u32,
    /// Null for state machines.
    bytes: Spread<Option<u64>>,
    usd: Spread<Option<Usd>>,
    runs_per_month: Option<f64>,
    runs_as_before: bool,
    runs_as_after: bool,
    /// Figures are those of past runs of the other side, times the share that the layout says.
    is_scaled: bool,
    usd_per_month: Option<Usd>,
    basis: String,
    unknown: &'a [String],
}

#[derive(Serialize)]
struct Limit<'a> {
    limit: &'a str,
    verdict: &'static str,
    text: String,
}

pub(super) fn render(report: &Report<'_>) -> String {
    let diff = report.diff;
    let gate = |gate| {
        let (verdict, text) = words::gate(gate, report.unknown);
        Limit { limit: &gate.limit, verdict, text }
    };
    let document = Document {
        version: VERSION,
        lakelint: env!("CARGO_PKG_VERSION"),
        as_of: report.estimator.as_of.0.date().to_string(),
        base: report.revisions.base,
        head: report.revisions.head,
        price: Price::of(report.estimator.pricing),
        before: totals(&diff.before),
        after: totals(&diff.after),
        usd_per_month: diff.usd_per_month(),
        unknown: diff.unknown(|row| row.usd_per_month().is_none()),
        rows: diff.rows.iter().map(entry).collect(),
        rewritten: diff.rewritten,
        unchanged: diff.unchanged,
        runs_as_before: diff.runs_as_before,
        runs_as_after: diff.runs_as_after,
        unread: &diff.unread,
        gates: report.gates.iter().map(gate).collect(),
    };
    serde_json::to_string_pretty(&document).expect("no map keys, no errors") + "\n"
}

fn totals(total: &Total) -> Totals {
    let Total { items, bytes, usd, usd_per_month, unknown, without_frequency } = *total;
    Totals { items, bytes, usd, usd_per_month, unknown, without_frequency }
}

fn entry<'a>(row: &'a Row<'a>) -> Entry<'a> {
    Entry {
        kind: match row.kind {
            Kind::Query => "query",
            Kind::Machine => "machine",
        },
        change: words::change(row),
        usd: row.usd(),
        usd_per_month: row.usd_per_month(),
        before: row.before.as_ref().map(side),
        after: row.after.as_ref().map(side),
    }
}

fn side<'a>(item: &'a Item<'a>) -> Side<'a> {
    Side {
        name: item.name,
        file: item.file,
        line: item.line,
        bytes: known(item.bytes, None),
        usd: item.usd,
        runs_per_month: item.runs_per_month,
        runs_as_before: item.runs_as_before,
        runs_as_after: item.runs_as_after,
        is_scaled: item.is_scaled,
        usd_per_month: item.usd_per_month(),
        basis: item.basis.to_string(),
        unknown: &item.basis.unknown,
    }
}
