//! What past runs tell beside the estimates: in notes, in explanations and as JSON.

use serde::Serialize;

use super::words;
use crate::cost::{Bill, Calibration, Estimate, Priced, RunsFrom};
use crate::lake::{Bytes, Lake, Past, Query, Sameness, Spread};
use crate::output::calibration::{amount, lines};

/// What stands below a table: where frequencies come from, what of them is missing, and how far the estimates are from the runs.
pub(super) fn notes(bill: &Bill<'_>, billed: &[&Priced<'_>], lake: &Lake) -> Vec<String> {
    let mut notes = frequencies(billed);
    let missing = lake.history.records.iter().filter(|record| !record.gaps.is_empty());
    notes
        .extend(missing.map(|record| format!("history is incomplete ({}): {}", record.source, record.gaps.join(", "))));
    notes.extend(Calibration::of(bill).iter().flat_map(lines));
    notes
}

/// `runs a month from history: 214 runs in 30 days of 31 statements (athena.jsonl)`, a line for each source.
fn frequencies(billed: &[&Priced<'_>]) -> Vec<String> {
    let mut sources: Vec<(&Past, u64, usize)> = Vec::new();
    for priced in billed.iter().filter(|priced| priced.estimate.runs_from == Some(RunsFrom::History)) {
        let Some(past) = &priced.query.past else { continue };
        match sources.iter_mut().find(|(of, ..)| of.source == past.source) {
            Some((_, runs, statements)) => (*runs, *statements) = (*runs + past.runs, *statements + 1),
            None => sources.push((past, past.runs, 1)),
        }
    }
    let line = |(past, runs, statements): (&Past, u64, usize)| {
        let of = words::amount(statements, "statement");
        format!("runs a month are from history: {} of {of} ({})", in_days(runs, past.days), past.source)
    };
    sources.into_iter().map(line).collect()
}

/// `214 runs in 30 days`.
fn in_days(runs: u64, days: Option<f64>) -> String {
    let runs = amount(runs, "run");
    match days {
        Some(days) if (days - days.round()).abs() < 0.05 => format!("{runs} in {}", amount(days.round() as u64, "day")),
        Some(days) => format!("{runs} in {days:.1} days"),
        None => runs,
    }
}

/// Lines about one statement.
pub(super) fn explain(query: &Query, estimate: &Estimate) -> Vec<String> {
    let Some(past) = &query.past else { return Vec::new() };
    let mut out = vec![format!("history: {} ({})", in_days(past.runs, past.days), past.source)];
    if let Some(scanned) = past.scanned {
        let spread = Spread { low: scanned.low, likely: scanned.median, high: scanned.high };
        let what = match past.sameness {
            Sameness::Same => "the runs scanned",
            Sameness::OtherValues => "not used, because its values have changed: the runs scanned",
            Sameness::SameName if estimate.from_layout.is_none() => "runs of the model of this name scanned",
            Sameness::SameName => "not used, because the text that ran is not known to be this one: the runs scanned",
        };
        out.push(format!("{what} {}", words::bytes(spread)));
    }
    if estimate.bytes != estimate.from_layout
        && let Some(layout) = estimate.from_layout
    {
        out.push(format!("by the layout: {}", words::bytes(layout)));
    }
    out
}

/// `; from history: 214 runs in 30 days`, where that says how often a statement runs.
pub(super) fn source_of_runs(query: &Query, estimate: &Estimate) -> String {
    match (&query.past, estimate.runs_from) {
        (Some(past), Some(RunsFrom::History)) => format!(" (from history: {})", in_days(past.runs, past.days)),
        _ => String::new(),
    }
}

/// What is known of the runs of one statement.
#[derive(Serialize)]
pub(super) struct Runs<'a> {
    source: &'a str,
    days: Option<f64>,
    runs: u64,
    reused: u64,
    failed: u64,
    cancelled: u64,
    text: &'static str,
    bytes: Spread<Option<u64>>,
    estimated_bytes: Spread<Option<u64>>,
}

impl<'a> Runs<'a> {
    pub(super) fn of(query: &'a Query, estimate: &Estimate) -> Option<Runs<'a>> {
        let past = query.past.as_ref()?;
        let bytes = past.scanned.map(|scanned| Spread { low: scanned.low, likely: scanned.median, high: scanned.high });
        let nullable = |spread: Option<Spread<u64>>| match spread {
            Some(spread) => spread.map(Some),
            None => Spread { low: None, likely: None, high: None },
        };
        Some(Runs {
            source: &past.source,
            days: past.days,
            runs: past.runs,
            reused: past.reused,
            failed: past.failed,
            cancelled: past.cancelled,
            text: match past.sameness {
                Sameness::Same => "same",
                Sameness::OtherValues => "other-values",
                Sameness::SameName => "same-name",
            },
            bytes: nullable(bytes),
            estimated_bytes: nullable(estimate.from_layout),
        })
    }
}

/// The estimates of all statements beside their runs.
#[derive(Serialize)]
pub(super) struct Calibrated {
    sources: Vec<String>,
    queries: usize,
    runs: u64,
    median_error: Option<f64>,
    outliers: Vec<Outlier>,
    changed: usize,
    without_estimate: usize,
    reused: u64,
    failed: u64,
    cancelled: u64,
}

#[derive(Serialize)]
struct Outlier {
    name: String,
    file: String,
    line: u32,
    runs: u64,
    actual_bytes: Bytes,
    estimated_bytes: Bytes,
}

impl Calibrated {
    pub(super) fn of(bill: &Bill<'_>) -> Option<Calibrated> {
        let found = Calibration::of(bill)?;
        let outliers = found.outliers.into_iter().map(|one| Outlier {
            name: one.name,
            file: one.file,
            line: one.line,
            runs: one.runs,
            actual_bytes: Bytes(one.actual),
            estimated_bytes: Bytes(one.estimate),
        });
        Some(Calibrated {
            outliers: outliers.collect(),
            sources: found.sources,
            queries: found.queries,
            runs: found.runs,
            median_error: found.median_error,
            changed: found.changed,
            without_estimate: found.without_estimate,
            reused: found.reused,
            failed: found.failed,
            cancelled: found.cancelled,
        })
    }
}

pub(in crate::output) fn runs_from(from: RunsFrom) -> &'static str {
    match from {
        RunsFrom::Configuration => "configuration",
        RunsFrom::Schedule => "schedule",
        RunsFrom::History => "history",
    }
}
