//! The parts of an audit in words, shared by the forms for people.

use crate::audit::{Answer, Answered, Audit, Part, PartOf, Range, RankedFix};
use crate::finding::Billed;
use crate::lake::{Bytes, Count, Spread, Usd};
use crate::output::cost::amount;

/// `15 tables, 1.8 TB in 4,097 objects; 52 statements, 1 state machine`.
pub(super) fn lake(audit: &Audit<'_>) -> String {
    let totals = &audit.totals;
    let stored = match (totals.bytes, totals.objects) {
        (Some(bytes), Some(objects)) => format!(", {} in {}", Bytes(bytes), amount(objects as usize, "object")),
        _ if totals.tables == 0 => String::new(),
        _ => ", of unknown size".to_string(),
    };
    let (queries, machines) = (amount(totals.queries, "statement"), amount(totals.machines, "state machine"));
    format!("{}{stored}; {queries}, {machines}", amount(totals.tables, "table"))
}

/// `$410.20 a month`, with its bounds where they differ.
pub(super) fn spend(audit: &Audit<'_>) -> String {
    match audit.spend.usd_per_month {
        Some(month) => format!("{} a month{}", month.likely, bounds(month)),
        None if audit.totals.queries + audit.totals.machines + audit.totals.tables == 0 => {
            "nothing was found".to_string()
        }
        None => "unknown: see what was not checked".to_string(),
    }
}

pub(super) fn bounds(month: Spread<Usd>) -> String {
    let (low, high) = (month.low.to_string(), month.high.to_string());
    let likely = month.likely.to_string();
    if low == likely && high == likely { String::new() } else { format!(" ({low} to {high})") }
}

/// `$120.00 to $240.00 a month (at most 58 % of it)`.
pub(super) fn avoidable(audit: &Audit<'_>) -> String {
    let Some(Range { low, high }) = audit.avoidable else {
        let run: f64 = audit.fixes.iter().filter_map(|fix| fix.usd_per_run).map(|usd| usd.0).sum();
        return format!("unknown a month; {} in one run of everything", Usd(run));
    };
    let share = audit.spend.usd_per_month.map(|month| month.likely.0).filter(|usd| *usd > 0.0);
    let most = if low.to_string() == high.to_string() { "" } else { "at most " };
    let share = share.map_or(String::new(), |usd| format!(" ({most}{:.0} % of it)", 100.0 * high.0 / usd));
    match most {
        "" => format!("{high} a month{share}"),
        _ => format!("{low} to {high} a month{share}"),
    }
}

/// What a part of the spend is called.
pub(super) fn part(of: PartOf) -> &'static str {
    match of {
        PartOf::Queries => "queries",
        PartOf::Elsewhere => "elsewhere",
        PartOf::Requests => "requests",
        PartOf::Storage => "storage",
        PartOf::Machines => "workflows",
    }
}

/// `41 of 52 statements`, and what was assumed.
pub(super) fn counted(part: &Part) -> String {
    let what = match part.of {
        PartOf::Queries | PartOf::Requests | PartOf::Elsewhere => "statement",
        PartOf::Storage => "table",
        PartOf::Machines => "state machine",
    };
    let all = amount(part.counted + part.not_counted, what);
    if part.is_unmetered {
        return format!("{all}, not billed by what they scan");
    }
    let counted = match part.not_counted {
        0 => all,
        _ => format!("{} of {all}", Count(part.counted as u64)),
    };
    if part.of == PartOf::Elsewhere {
        return format!("{counted} that ran and that no file holds");
    }
    if part.is_assumed { format!("{counted}; some storage classes are assumed") } else { counted }
}

/// What a fix saves: `$90.00 a month`, `$40.00 to $90.00 a month`, `$1.20 a run`.
pub(super) fn saving(fix: &RankedFix) -> String {
    match (fix.usd_per_month, fix.usd_per_run) {
        (Some(Range { low, high }), _) => match (low.to_string(), high.to_string()) {
            (low, high) if low == high => format!("{high} a month"),
            (_, high) if low.0 == 0.0 => format!("up to {high} a month"),
            (low, high) => format!("{low} to {high} a month"),
        },
        (None, Some(run)) if run.0 > 0.0 => format!("{run} a run"),
        (None, _) if fix.change.is_some() => "no dollars".to_string(),
        _ => "no dollars known".to_string(),
    }
}

/// `raw.events`, or the machine or file that it is about.
pub(super) fn about(fix: &RankedFix, audit: &Audit<'_>) -> Option<String> {
    let file = || audit.report.findings[*fix.findings.first()?].place.file.clone();
    fix.table.clone().or_else(|| fix.machine.clone()).or_else(file)
}

/// `230.7 GB a run`, and the same with the fix.
pub(super) fn before_after(fix: &RankedFix) -> Option<(String, String)> {
    let (billed, change) = fix.change?;
    let (side, per): (fn(u64) -> String, &str) = match billed {
        Billed::Scan => (|bytes| Bytes(bytes).to_string(), " a run"),
        Billed::Storage => (|bytes| Bytes(bytes).to_string(), " stored"),
        Billed::Requests => (|requests| format!("{} requests", Count(requests)), " a run"),
    };
    Some((format!("{}{per}", side(change.before)), side(change.after)))
}

/// How the figures of a fix came about.
pub(super) fn basis(fix: &RankedFix) -> &'static str {
    match (fix.is_priced(), fix.is_assumed) {
        (false, _) => "unknown",
        (true, true) => "assumed in part",
        (true, false) => "measured",
    }
}

/// `raw/a.sql:12, b.sql`: the first places of a fix, and how many more there are.
pub(super) fn places(fix: &RankedFix, audit: &Audit<'_>, most: usize) -> Option<String> {
    let mut places: Vec<String> = Vec::new();
    for place in fix.findings.iter().map(|number| &audit.report.findings[*number].place) {
        let Some(file) = &place.file else { continue };
        let shown = place.range.map_or(file.clone(), |(start, _)| format!("{file}:{}", start.line));
        if !places.contains(&shown) {
            places.push(shown);
        }
    }
    let more = places.len().saturating_sub(most);
    places.truncate(most);
    match (places.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(places.join(", ")),
        (false, more) => Some(format!("{} and {} more", places.join(", "), Count(more as u64))),
    }
}

/// ``price: $5.00 per TB (Athena, us-east-1, as of 2026-08), from https://...``
pub(super) fn price(audit: &Audit<'_>) -> String {
    crate::output::cost::price(&audit.estimator)
}

/// `yes`, `no`; or that it stays open.
pub(super) fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "yes",
        Answer::No => "no",
        Answer::NotEnoughEvidence => "not enough evidence",
    }
}

/// The first reason of an answer, with its place, and how many more there are: ``the only schedule of `load` is disabled (template.yaml:12)``.
pub(super) fn reason(answered: &Answered) -> Option<String> {
    let first = answered.reasons.first()?;
    let said = match (&first.file, first.line) {
        (Some(file), Some(line)) => format!("{} ({file}:{line})", first.text),
        (Some(file), None) => format!("{} ({file})", first.text),
        (None, _) => first.text.clone(),
    };
    Some(match answered.reasons.len() - 1 {
        0 => said,
        1 => format!("{said}, and 1 reason more"),
        more => format!("{said}, and {} reasons more", Count(more as u64)),
    })
}
