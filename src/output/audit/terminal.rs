//! The first lines of an audit, for a terminal.

use super::lines;
use crate::audit::{Answer, Audit, RankedFix};
use crate::lake::Count;
use crate::output::wrap::item;

/// Fixes that are listed though fewer make up most of it.
const LEAST: usize = 3;
/// Fixes that are listed at most: the page has all of them.
const MOST: usize = 10;
const PLACES: usize = 3;

pub(super) fn render(audit: &Audit<'_>, width: usize) -> String {
    let mut out = format!("lake       {}\n", lines::lake(audit));
    out.push_str(&format!("spend      {}\n", lines::spend(audit)));
    for part in audit.spend.parts.iter().filter(|part| part.counted + part.not_counted > 0) {
        let amount = part.usd_per_month.map_or("unknown".to_string(), |month| month.likely.to_string());
        out.push_str(&format!("  {:9}{amount:>12}  {}\n", lines::part(part.of), lines::counted(part)));
    }
    out.push_str(&format!("avoidable  {}\n", lines::avoidable(audit)));
    let shown = audit.top.clamp(LEAST, MOST).min(audit.fixes.len());
    if shown > 0 {
        out.push_str(&format!("\n{}\n", heading(audit, shown)));
    }
    for (number, fix) in audit.fixes.iter().take(shown).enumerate() {
        out.push_str(&item(&format!("{:2}. ", number + 1), &title(fix, audit), width));
        for detail in details(fix, audit) {
            out.push_str(&item("      ", &detail, width));
        }
    }
    out.push_str("\nchecklist:\n");
    for answered in &audit.checklist {
        let mark = match answered.answer {
            Answer::Yes => "  yes  ",
            Answer::No => "  no   ",
            Answer::NotEnoughEvidence => "  ?    ",
        };
        let reason = lines::reason(answered).unwrap_or_default();
        out.push_str(&item(mark, &format!("{} {reason}", answered.question.page().title), width));
    }
    if !audit.not_checked.is_empty() {
        out.push_str("\nnot checked:\n");
    }
    for missing in &audit.not_checked {
        out.push_str(&item("  - ", &format!("{}: {}; {}", missing.what, missing.why, missing.help), width));
    }
    out.push_str(&format!("\n{}", item("", &lines::price(audit), width)));
    out
}

fn heading(audit: &Audit<'_>, shown: usize) -> String {
    let all = match audit.fixes.len() {
        1 => "1 fix".to_string(),
        all => format!("{} fixes", Count(all as u64)),
    };
    match audit.top {
        1 if shown > 1 => format!("the first of {all} makes up four fifths of what is avoidable:"),
        top if top > 1 && top <= shown => format!("the first {top} of {all} make up four fifths of what is avoidable:"),
        _ if audit.fixes.len() > shown => format!("the first {shown} of {all}:"),
        _ => format!("{all}:"),
    }
}

fn title(fix: &RankedFix, audit: &Audit<'_>) -> String {
    let about = lines::about(fix, audit).map_or(String::new(), |about| format!(" `{about}`:"));
    format!("{} -{about} {} ({})", lines::saving(fix), fix.title, fix.rule)
}

fn details(fix: &RankedFix, audit: &Audit<'_>) -> Vec<String> {
    let mut details = Vec::new();
    if let Some((before, after)) = lines::before_after(fix) {
        let how = fix.how.as_deref().unwrap_or_default();
        details.push(format!("{before} -> {after} {how} ({})", lines::basis(fix)));
    }
    details.extend(fix.help.clone());
    details.extend(lines::places(fix, audit, PLACES).map(|places| format!("in {places}")));
    details
}
