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

/// `this change adds $72.10 a month: $131.87 before, $203.97 after`.
pub(super) fn verdict(diff: &Diff<'_>) -> String {
    let (before, after) = (diff.before.usd_per_month, diff.after.usd_per_month);
    let month = diff.usd_per_month();
    let run = Usd(diff.after.usd.0 - diff.before.usd.0);
    let open = diff.rows.iter().filter(|row| row.usd_per_month().is_none()).count();
    let month_is_known = diff.before.usd_per_month.0 > 0.0 || diff.after.usd_per_month.0 > 0.0;
    let said = match (diff.rows.is_empty(), month_is_known) {
        (true, _) => "this change costs nothing more".to_string(),
        (_, true) if open > 0 && month.0 == 0.0 => {
            return format!("what this change adds to the {before} a month is not known");
        }
        (_, true) => format!("this change {} a month: {before} before, {after} after", adds(month)),
        (_, false) => format!(
            "this change {} one run of everything: {} before, {} after",
            match adds(run).as_str() {
                same if run.0 == 0.0 => format!("{same} to"),
                more => more.replace("saves", "takes") + if run.0 < 0.0 { " off" } else { " to" },
            },
            diff.before.usd,
            diff.after.usd
        ),
    };
    match (open, month_is_known) {
        (0, _) | (_, false) => said,
        (open, true) => {
            format!("{said}, and what {} of the changes add{} is not known", open, if open == 1 { "s" } else { "" })
        }
    }
}

fn adds(usd: Usd) -> String {
    match usd.0 {
        more if more > 0.0 => format!("adds {usd}"),
        less if less < 0.0 => format!("saves {}", Usd(-less)),
        _ => "adds nothing".to_string(),
    }
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

/// Its name, and the one before where that is another.
pub(super) fn name(row: &Row<'_>) -> String {
    let place = |item: &Item<'_>| match item.name.contains(item.file) {
        true => item.name.to_string(),
        false => format!("{} ({}:{})", item.name, item.file, item.line),
    };
    let item = row.item();
    let machine = if row.kind == Kind::Machine { "state machine " } else { "" };
    match &row.before {
        Some(before) if before.file != item.file => format!("{machine}{}, was {}", place(item), before.file),
        _ => format!("{machine}{}", place(item)),
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
    item.basis.certainty.word().to_string()
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
        format!("{}: {}", name(row), reasons.unwrap_or_else(|| "its cost is unknown".to_string()))
    };
    (all.iter().take(NAMED).map(line).collect(), all.len().saturating_sub(NAMED))
}

/// What stands below the rows.
pub(super) fn notes(report: &Report<'_>) -> Vec<String> {
    let diff = report.diff;
    let mut notes = Vec::new();
    let as_before = diff.rows.iter().filter(|row| row.after.as_ref().is_some_and(|item| item.runs_as_before)).count();
    if as_before > 0 {
        notes.push(format!(
            "{} of unknown frequency: taken to run as often as before",
            amount(as_before, "changed query").replace("querys", "queries")
        ));
    }
    let mixed = |row: &&Row<'_>| {
        let actual = |item: &Option<Item<'_>>| item.as_ref().map(|item| item.basis.actual_runs > 0);
        actual(&row.before) == Some(true) && actual(&row.after) == Some(false)
    };
    let mixed = diff.rows.iter().filter(mixed).count();
    if mixed > 0 {
        notes.push(format!(
            "{} compared by what past runs scanned before, and by the layout after: no run knows the new text",
            amount(mixed, "row")
        ));
    }
    let without = diff.rows.iter().filter(|row| row.usd().is_some() && row.usd_per_month().is_none()).count();
    if without > 0 {
        notes.push(format!(
            "{} without dollars a month: `[runs]` in lakelint.toml does not say how often",
            amount(without, "row")
        ));
    }
    notes.push(revisions(&report.revisions));
    notes.push(price(report.estimator));
    notes
}
