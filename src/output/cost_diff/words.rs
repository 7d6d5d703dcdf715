//! The parts of a comparison in words, shared by the formats for people.

use super::{Report, Revisions};
use crate::cost::OnUnknown;
use crate::diff::{Change, Diff, Gate, Item, Kind, Row, Verdict, signed};
use crate::lake::{Bytes, Usd};
use crate::output::cost::{amount, price};

/// Digits of a commit that people are shown.
const SHORT: usize = 10;
/// Most statements that a note names.
const NAMED: usize = 20;

/// `this change adds $72.10 a month: $131.87 before, $203.97 after`: in dollars of a month where any are known, else of one run, else in
/// bytes. All of it of what is known on both sides; what is not is said beside it.
pub(super) fn verdict(diff: &Diff<'_>) -> String {
    let (before, after) = (&diff.before, &diff.after);
    if diff.rows.is_empty() && diff.unread.is_empty() && before.items + after.items > 0 && has_figure(diff) {
        return "this change costs nothing more".to_string();
    }
    let dollars = |usd: f64| Usd(usd).to_string();
    let size = |bytes: f64| format!("{} scanned", Bytes(bytes as u64));
    let run = "in one run of everything";
    let of = |item: &Item<'_>| item.usd.likely.map(|usd| usd.0);
    match () {
        () if before.usd_per_month.0 > 0.0 || after.usd_per_month.0 > 0.0 => {
            let sides = |row: &Row<'_>| row.sides(|item| item.usd_per_month().map(|usd| usd.0));
            said(diff, diff.month, "a month", sides, dollars)
        }
        () if before.usd.0 > 0.0 || after.usd.0 > 0.0 => said(diff, diff.run, run, |row| row.sides(of), dollars),
        () if before.bytes > 0 || after.bytes > 0 => said(diff, diff.bytes, run, Row::bytes, size),
        () if before.items + after.items == 0 => "there is nothing that costs anything".to_string(),
        () => "what this change costs is not known: nothing has a price".to_string(),
    }
}

/// Whether anything has a price.
fn has_figure(diff: &Diff<'_>) -> bool {
    [&diff.before, &diff.after].iter().any(|total| total.usd.0 > 0.0 || total.bytes > 0)
}

/// The difference in a figure, before and after, and what is not known of it.
fn said<'a>(
    diff: &Diff<'a>,
    (before, after): (f64, f64),
    per: &str,
    sides: impl Fn(&Row<'a>) -> Option<(f64, f64)>,
    shown: impl Fn(f64) -> String,
) -> String {
    // State machines scan nothing.
    let lacks = |row: &Row<'a>| sides(row).is_none() && (row.kind == Kind::Query || row.usd().is_none());
    let open = diff.unknown(lacks);
    let more = diff.rows.iter().filter_map(&sides).fold(0.0, |sum, (before, after)| sum + after - before);
    let said = match more {
        0.0 if open > 0 => {
            let why = diff.why(lacks);
            return format!("what this change adds {per} is not known, {} as far as it is: {why}", shown(0.0));
        }
        0.0 => format!("this change adds nothing {per}"),
        more if more > 0.0 => format!("this change adds {} {per}", shown(more)),
        less => format!("this change saves {} {per}", shown(-less)),
    };
    let what = match open {
        0 => String::new(),
        1 => ", and what 1 of the changes adds is not known".to_string(),
        open => format!(", and what {open} of the changes add is not known"),
    };
    format!("{said}: {} before, {} after{what}", shown(before), shown(after))
}

/// `2 added, 1 removed, 3 changed; 27 as before`.
pub(super) fn counts(diff: &Diff<'_>) -> String {
    let of = |change: Change| diff.rows.iter().filter(|row| row.change() == change).count();
    let rewritten = match diff.rewritten {
        0 => String::new(),
        count => format!("{count} rewritten and as dear as before, "),
    };
    format!(
        "{} added, {} removed, {} changed; {rewritten}{} untouched",
        of(Change::Added),
        of(Change::Removed),
        of(Change::Changed),
        diff.unchanged
    )
}

/// Where the comparison starts and ends.
pub(super) fn revisions(revisions: &Revisions<'_>) -> String {
    let short = |commit: &str| commit.chars().take(SHORT).collect::<String>();
    let head = revisions.head.map_or_else(|| "the work tree".to_string(), short);
    format!(
        "compared: {} (where the change left `{}`) with {head}, read from the same lake",
        short(revisions.base),
        revisions.asked
    )
}

pub(super) fn change(row: &Row<'_>) -> &'static str {
    match row.change() {
        Change::Added => "added",
        Change::Removed => "removed",
        Change::Changed => "changed",
    }
}

/// Its name, and where it is; the file before where that is another.
pub(super) fn name(row: &Row<'_>) -> String {
    let item = row.item();
    let place = match item.name.contains(item.file) {
        true => item.name.to_string(),
        false => format!("{} ({}:{})", item.name, item.file, item.line),
    };
    let machine = if row.kind == Kind::Machine { "state machine " } else { "" };
    match &row.before {
        Some(before) if before.file != item.file => format!("{machine}{place}, was {}", before.file),
        _ => format!("{machine}{place}"),
    }
}

/// A figure of both sides: `140.4 GB -> 1.7 GB`, or one where they are the same or there is one side.
pub(super) fn sides(row: &Row<'_>, figure: impl Fn(&Item<'_>) -> String, arrow: &str) -> String {
    match (&row.before, &row.after) {
        (Some(before), Some(after)) => {
            let (before, after) = (figure(before), figure(after));
            if before == after { after } else { format!("{before} {arrow} {after}") }
        }
        _ => figure(row.item()),
    }
}

pub(super) fn bytes(item: &Item<'_>) -> String {
    item.bytes.map_or_else(|| "?".to_string(), |bytes| Bytes(bytes.likely).to_string())
}

/// Dollars of one run; of a machine also those of its worst case.
pub(super) fn usd(item: &Item<'_>) -> String {
    let likely = item.usd.likely.map_or_else(|| "?".to_string(), |usd| usd.to_string());
    match (item.bytes, item.usd.high) {
        (None, Some(worst)) if Some(worst) != item.usd.likely => format!("{likely} (at worst {worst})"),
        _ => likely,
    }
}

/// What a month costs more.
pub(super) fn month(row: &Row<'_>) -> String {
    let amount = row.usd_per_month().map_or_else(|| "?".to_string(), signed);
    let runs = |item: &Option<Item<'_>>| item.as_ref()?.runs_per_month.map(|runs| format!("{runs:.0}"));
    match (runs(&row.before), runs(&row.after)) {
        (Some(before), Some(after)) if before != after => format!("{amount} ({before} -> {after} runs)"),
        _ => amount,
    }
}

pub(super) fn basis(item: &Item<'_>) -> String {
    if item.is_scaled { "scaled".to_string() } else { item.basis.certainty.word().to_string() }
}

/// A limit, what was found, and whether it fails.
pub(super) fn gate(gate: &Gate, unknown: OnUnknown) -> (&'static str, String) {
    match &gate.verdict {
        Verdict::Holds(found) => ("holds", format!("{}: {found}", gate.limit)),
        Verdict::Broken(found) => ("broken", format!("{}: {found}", gate.limit)),
        Verdict::Unknown(why) if unknown == OnUnknown::Fail => {
            ("fails", format!("{}: cannot be evaluated, {why}", gate.limit))
        }
        Verdict::Unknown(why) => ("unknown", format!("{}: {why}", gate.limit)),
    }
}

/// What has no price, each with its reason, and how many more there are.
pub(super) fn not_priced(diff: &Diff<'_>) -> (Vec<String>, usize) {
    let all: Vec<&Row<'_>> = diff.not_priced().collect();
    let line = |row: &&Row<'_>| {
        let reasons = row.items().find(|item| !item.is_priced()).map(|item| item.basis.unknown.join(", "));
        let reasons = reasons.filter(|reasons| !reasons.is_empty());
        format!("`{}`: {}", name(row).replace('`', "'"), reasons.unwrap_or_else(|| "its cost is unknown".to_string()))
    };
    let said = diff.unread.iter().cloned().chain(all.iter().map(line));
    (said.take(NAMED).collect(), (all.len() + diff.unread.len()).saturating_sub(NAMED))
}

/// What stands below the rows.
pub(super) fn notes(report: &Report<'_>) -> Vec<String> {
    let diff = report.diff;
    let mut notes = Vec::new();
    if diff.runs_as_before > 0 {
        let queries = if diff.runs_as_before == 1 { "query runs" } else { "queries run" };
        notes.push(format!(
            "nothing says how often {} {queries} after the change: taken to be as often as before",
            diff.runs_as_before
        ));
    }
    if diff.runs_as_after > 0 {
        let queries = if diff.runs_as_after == 1 { "query" } else { "queries" };
        notes.push(format!(
            "nothing says how often {} {queries} ran before the change: taken to be as often as after it",
            diff.runs_as_after
        ));
    }
    let scaled = diff.rows.iter().filter(|row| row.items().any(|item| item.is_scaled)).count();
    if scaled > 0 {
        notes.push(format!(
            "scaled: no run knows this text; what runs of the other one scanned, times the share that the layout says ({})",
            amount(scaled, "row")
        ));
    }
    let without = diff.rows.iter().filter(|row| row.usd().is_some() && row.usd_per_month().is_none()).count();
    if without > 0 {
        notes.push(format!(
            "{} without dollars a month: nothing says how often {}, and `[runs]` in lakelint.toml can",
            amount(without, "row"),
            if without == 1 { "it runs" } else { "they run" }
        ));
    }
    notes.push(revisions(&report.revisions));
    notes.push(price(report.estimator));
    notes
}
