//! The state machines beside the queries: their rows, their derivation and what is said of them below the table.

use super::words;
use crate::cost::machine::{MachineEstimate, Part, PartKind};
use crate::cost::{Bill, PricedMachine, prices};
use crate::lake::{Count, Spread, Usd};
use crate::output::terminal::clean;

/// A column of the table of machines.
pub(super) struct Column {
    pub header: &'static str,
    /// Numbers are aligned to the right.
    pub is_number: bool,
    pub cells: Vec<String>,
}

/// All columns; no months where no frequency is known. Empty without machines.
pub(super) fn columns(bill: &Bill<'_>) -> Vec<Column> {
    type Cell = fn(&PricedMachine<'_>) -> String;
    let all: [(&'static str, bool, Cell); 7] = [
        ("state machine", false, |machine| clean(&machine.workflow.name).replace('\n', " ")),
        ("transitions", true, |machine| count(machine.estimate.transitions.likely)),
        ("at least", true, |machine| words::usd(machine.estimate.usd.low, "unknown")),
        ("a run", true, |machine| words::usd(machine.estimate.usd.likely, "unknown")),
        ("worst case", true, |machine| worst(&machine.estimate)),
        ("a month", true, |machine| words::usd(machine.estimate.usd_per_month(), "unknown")),
        ("basis", false, |machine| machine.estimate.basis.certainty.word().to_string()),
    ];
    let has_months = bill.machines.iter().any(|machine| machine.estimate.runs_per_month.is_some());
    let shown = all.into_iter().filter(|(header, ..)| has_months || *header != "a month");
    let column = |(header, is_number, cell): (&'static str, bool, Cell)| Column {
        header,
        is_number,
        cells: bill.machines.iter().map(cell).collect(),
    };
    if bill.machines.is_empty() { Vec::new() } else { shown.map(column).collect() }
}

/// The worst case, or what of it is known where that says more than the least.
fn worst(estimate: &MachineEstimate) -> String {
    match (estimate.usd.high, estimate.known_worst()) {
        (None, known) if Some(known) > estimate.usd.low => format!("at least {known}"),
        (high, _) => words::usd(high, "unknown"),
    }
}

fn count(count: Option<u64>) -> String {
    count.map_or("unknown".to_string(), |count| Count(count).to_string())
}

/// What stands below the table about the machines.
pub(super) fn notes(bill: &Bill<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if bill.machines.is_empty() {
        return notes;
    }
    let has = |kind: PartKind| {
        bill.machines.iter().any(|machine| machine.estimate.parts.iter().any(|part| part.kind == kind))
    };
    match (has(PartKind::Query), has(PartKind::Child)) {
        (true, true) => {
            notes.push("a state machine's dollars include its queries and the machines that it starts".to_string())
        }
        (true, false) => {
            notes.push("a state machine's dollars include its queries, which have rows of their own".to_string())
        }
        (false, true) => {
            notes.push("a state machine's dollars include those of the machines that it starts".to_string())
        }
        (false, false) => {}
    }
    if let Some(machines) = bill.machines_usd_per_month {
        let queries = bill.usd_per_month.unwrap_or_default();
        let is_part = bill.machines.iter().any(|machine| machine.estimate.own_usd_per_month().is_none())
            || bill.queries.iter().any(|priced| priced.estimate.billed && priced.estimate.usd_per_month().is_none());
        let at_least = if is_part { "at least " } else { "" };
        notes.push(format!(
            "a month: {queries} for queries and {machines} for what state machines do beside them, {at_least}{} together, nothing \
             counted twice",
            Usd(queries.0 + machines.0)
        ));
    }
    notes.push(format!(
        "Step Functions, Glue and Lambda: prices of us-east-1, as of {}; calls of other services are not priced",
        prices().machines_as_of()
    ));
    notes
}

/// How an estimate came about, line by line.
pub(super) fn explain(machine: &PricedMachine<'_>) -> Vec<String> {
    let PricedMachine { workflow, file, line, estimate } = machine;
    let mut out = vec![format!("{} ({file}:{line})", workflow.name)];
    out.extend(estimate.parts.iter().map(|part| format!("  {}", of_part(part))));
    out.push(format!("  a run: {}", bounds(estimate.usd, |usd| usd.to_string())));
    if let (Some(runs), Some(month)) = (estimate.runs_per_month, estimate.usd_per_month()) {
        let runs = format!("{runs:.2}");
        out.push(format!("  {} runs a month: {month}", runs.trim_end_matches('0').trim_end_matches('.')));
    }
    out.extend(estimate.basis.assumptions.iter().map(|text| format!("  assumed: {text}")));
    out.extend(estimate.basis.unknown.iter().map(|text| format!("  unknown: {text}")));
    out
}

/// ``Glue job `load`: 1 - 1 - 4 × $0.0073 - unknown - $0.44 = $0.0073 - unknown - $1.76``.
fn of_part(part: &Part) -> String {
    let usd = |spread: Spread<Option<Usd>>| bounds(spread, |usd| usd.to_string());
    let count = bounds(part.count, |count| Count(count).to_string());
    format!("{}: {count} × {} = {}", part.what, usd(part.each), usd(part.usd))
}

/// One figure where all bounds are shown alike, else the three.
fn bounds<T>(spread: Spread<Option<T>>, shown: impl Fn(T) -> String) -> String {
    let text = |bound: Option<T>| bound.map_or("unknown".to_string(), &shown);
    let (low, likely, high) = (text(spread.low), text(spread.likely), text(spread.high));
    if low == likely && likely == high { likely } else { format!("{low} - {likely} - {high}") }
}

/// `nightly: ~$0.0015 a run, $0.21 at most (5 transitions)`, for a machine on standard input.
pub(super) fn answer(machine: &PricedMachine<'_>) -> String {
    let PricedMachine { workflow, estimate, .. } = machine;
    let run = match (estimate.usd.likely, estimate.usd.low) {
        (Some(likely), _) => format!("~{likely} a run"),
        (None, Some(low)) => format!("{low} or more a run"),
        (None, None) => "unknown".to_string(),
    };
    let most = estimate.usd.high.map_or(String::new(), |high| format!(", {high} at most"));
    let month = estimate.usd_per_month().map_or(String::new(), |usd| format!(", ~{usd} a month"));
    let transitions = match estimate.transitions.likely {
        Some(count) if !workflow.is_express() => format!(" ({} transitions)", Count(count)),
        _ => String::new(),
    };
    format!("{}: {run}{most}{month}{transitions}", workflow.name)
}
