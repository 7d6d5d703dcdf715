//! An audit for a wiki or a pull request.

use super::lines;
use crate::audit::{Answer, Audit, RankedFix};
use crate::output::cost::escaped;

/// Fixes in the table: more are read in the page.
const FIXES: usize = 25;
const PLACES: usize = 3;

pub(super) fn render(audit: &Audit<'_>) -> String {
    let mut out = format!("# Audit of the lake, {}\n\n", audit.report.as_of);
    out.push_str(&format!("- **Lake**: {}\n", escaped(&lines::lake(audit))));
    out.push_str(&format!("- **Spend**: {}\n", lines::spend(audit)));
    out.push_str(&format!("- **Avoidable**: {}\n", lines::avoidable(audit)));
    out.push_str("\n| spend | a month | counted |\n| --- | --: | --- |\n");
    for part in audit.spend.parts.iter().filter(|part| part.counted + part.not_counted > 0) {
        let amount = part
            .usd_per_month
            .map_or("unknown".to_string(), |month| format!("{}{}", month.likely, lines::bounds(month)));
        out.push_str(&format!("| {} | {amount} | {} |\n", lines::part(part.of), lines::counted(part)));
    }
    if !audit.fixes.is_empty() {
        out.push_str("\n## What to do first\n\n| | saves | what | before | after | where |\n");
        out.push_str("| --: | --: | --- | --: | --- | --- |\n");
        for (number, fix) in audit.fixes.iter().take(FIXES).enumerate() {
            out.push_str(&row(number + 1, fix, audit));
        }
        if let Some(more) = audit.fixes.len().checked_sub(FIXES).filter(|more| *more > 0) {
            out.push_str(&format!("\n{more} more are in the page (`--html`).\n"));
        }
    }
    out.push_str("\n## Checklist\n\n| question | answer | why | what to do |\n| --- | --- | --- | --- |\n");
    for answered in &audit.checklist {
        let help = if answered.answer == Answer::Yes { String::new() } else { answered.question.help() };
        out.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            answered.question.page().title,
            lines::answer(answered.answer),
            escaped(&lines::reason(answered).unwrap_or_default()),
            escaped(&help)
        ));
    }
    if !audit.not_checked.is_empty() {
        out.push_str("\n## Not checked\n\n");
    }
    for missing in &audit.not_checked {
        let text = format!("{}: {}; {}", missing.what, missing.why, missing.help);
        out.push_str(&format!("- {}\n", escaped(&text)));
    }
    out.push_str(&format!("\n{}\n", lines::price(audit)));
    out
}

fn row(number: usize, fix: &RankedFix, audit: &Audit<'_>) -> String {
    let about = lines::about(fix, audit).map_or(String::new(), |about| format!("{}: ", escaped(&about)));
    let (before, after) = lines::before_after(fix).unwrap_or_default();
    let how = fix.how.as_deref().map_or(String::new(), |how| format!(" {}", escaped(how)));
    let places = lines::places(fix, audit, PLACES).unwrap_or_default();
    format!(
        "| {number} | {} | {about}{} ({}) | {before} | {after}{how} | {} |\n",
        lines::saving(fix),
        escaped(fix.title),
        fix.rule,
        escaped(&places)
    )
}
