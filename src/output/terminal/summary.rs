//! The last lines: what was checked, what was found, what was not checked.

use std::fmt::Write as _;

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use super::{clean, wrap};
use crate::controls::visible_name;
use crate::lake::{Count, DeclaredBy, Gap, Lake, Layout};
use crate::output::said::verdict;
use crate::output::{Fixed, Look, calibration};
use crate::rules::RULES;
use crate::triage::{Hidden, Report, Summary};

/// Names of tables that one line holds.
const NAMED: usize = 5;

pub(super) fn render(report: &Report, look: &Look) -> String {
    let summary = &report.summary;
    let mut out = look.fixed.map_or_else(String::new, |fixed| lines(&fixed.to_string(), look));
    if summary.files == 0 && summary.left_out == 0 && report.findings.is_empty() {
        let paths: Vec<String> = look.paths.iter().map(|path| format!("`{path}`")).collect();
        let text = format!(
            "nothing to check: no .sql, .ddl or .hql file and no state machine in {}; files that git ignores or `exclude` names are left out unless they are given by name",
            paths.join(", ")
        );
        return out + &lines(&text, look);
    }
    let mut text = checked(summary);
    if let Some(elapsed) = look.elapsed {
        let _ = write!(text, " in {:.2} s", elapsed.as_secs_f64());
    }
    let _ = write!(text, ": {}", verdict(summary.high, summary.medium, summary.low));
    out.push_str(&lines(&text, look));
    let (safe, others) = fixable(report);
    if look.fixed.is_none() && safe > 0 {
        let text = format!("{} can be fixed: run `lakelint check --fix`", amount(safe, "finding"));
        out.push_str(&lines(&text, look));
    }
    if others > 0 {
        let has = if others == 1 { "has" } else { "have" };
        let text = format!("{} {has} a fix to look at: run `lakelint check --fix --unsafe`", amount(others, "finding"));
        out.push_str(&lines(&text, look));
    }
    for note in notes(report) {
        out.push_str(&lines(&note, look));
    }
    out
}

/// `checked 2 files, 1 statement, 1 state machine`.
pub(in crate::output) fn checked(summary: &Summary) -> String {
    let mut text = format!("checked {}, {}", amount(summary.files, "file"), amount(summary.statements, "statement"));
    if summary.state_machines > 0 {
        let _ = write!(text, ", {}", amount(summary.state_machines, "state machine"));
    }
    text
}

/// What was not checked, and why.
pub(in crate::output) fn notes(report: &Report) -> Vec<String> {
    let summary = &report.summary;
    let mut notes: Vec<String> = report.hidden.iter().flat_map(known).collect();
    if summary.left_out > 0 {
        let it = if summary.left_out == 1 { "it" } else { "them" };
        notes.push(format!("{} not checked: `exclude` leaves {it} out", amount(summary.left_out, "named path")));
    }
    if summary.unreadable > 0 {
        let what =
            if summary.unreadable == 1 { "statement, definition or file" } else { "statements, definitions or files" };
        notes.push(format!("{} {what} could not be read", Count(summary.unreadable as u64)));
    }
    if !summary.tables_not_checked.is_empty() {
        notes.push(not_checked(&summary.tables_not_checked));
    }
    notes.extend(summary.incomplete.iter().map(|incomplete| gaps(incomplete.table.as_deref(), &incomplete.gaps)));
    let not_analysed = summary.not_analysed.iter();
    notes.extend(not_analysed.map(|it| format!("not analysed: {}:{}: {}", it.file, it.line, it.reason)));
    notes
}

/// What the baseline hides, what of it came back, and what is no longer there.
pub(in crate::output) fn known(hidden: &Hidden) -> Vec<String> {
    let mut said: Vec<String> = hidden.back.iter().map(|why| format!("back: {}", clean(why))).collect();
    if hidden.findings > 0 {
        let up_to = if hidden.is_most { "up to " } else { "" };
        let worth = match (hidden.usd_per_month.0 > 0.0, hidden.without_month) {
            (true, 0) => format!("worth {up_to}{} a month", hidden.usd_per_month),
            (true, more) => {
                format!(
                    "worth {up_to}{} a month, and what {} of them waste is not known",
                    hidden.usd_per_month,
                    Count(more as u64)
                )
            }
            (false, _) => "what they waste a month is not known".to_string(),
        };
        said.push(format!("{} hidden, which the baseline knows: {worth}", amount(hidden.findings, "finding")));
    }
    if hidden.gone > 0 {
        let are = if hidden.gone == 1 { "is" } else { "are" };
        said.push(format!(
            "{} of the baseline {are} no longer there: `lakelint check --write-baseline` makes it smaller",
            amount(hidden.gone, "finding")
        ));
    }
    said
}

/// How many findings have a patch that `--fix` makes, and how many another one.
fn fixable(report: &Report) -> (usize, usize) {
    let patches = report.findings.iter().filter_map(|found| found.finding.patch.as_ref());
    let (safe, others): (Vec<_>, Vec<_>) = patches.partition(|patch| patch.is_safe);
    (safe.len(), others.len())
}

fn not_checked(names: &[String]) -> String {
    let mut named = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > NAMED {
        let _ = write!(named, " and {} more", Count((names.len() - NAMED) as u64));
    }
    let them = if names.len() == 1 { "it" } else { "them" };
    format!(
        "{} not checked: {named}; describe {them} with a CREATE TABLE, `--lake`, or [[tables]] in lakelint.toml",
        amount(names.len(), "table")
    )
}

/// What could not be listed: of a table, or where no table is known.
pub(in crate::output) fn gaps(table: Option<&str>, gaps: &[Gap]) -> String {
    // A prefix is whatever somebody has written: it stays on its line.
    let first =
        gaps.first().map_or(String::new(), |gap| visible_name(&format!("{}: {}", gap.prefix, gap.reason)).into());
    let more = if gaps.len() > 1 { ", for example" } else { "" };
    let what = if gaps.len() == 1 { "prefix" } else { "prefixes" };
    let count = Count(gaps.len() as u64);
    clean(&match table {
        Some(table) => {
            format!("{count} {what} of {table} could not be listed{more} ({first}): its numbers are lower bounds")
        }
        None => format!("{count} {what} could not be listed{more} ({first}): nothing is known of tables there"),
    })
}

impl std::fmt::Display for Fixed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.findings {
            0 => f.write_str("fixed nothing: no finding has a safe fix"),
            n => write!(f, "fixed {} in {}", amount(n, "finding"), amount(self.files, "file")),
        }
    }
}

fn amount(n: usize, noun: &str) -> String {
    format!("{} {noun}{}", Count(n as u64), if n == 1 { "" } else { "s" })
}

fn lines(text: &str, look: &Look) -> String {
    wrap(text, look.width).into_iter().map(|line| format!("{line}\n")).collect()
}

/// What `-v` adds: the files, the described tables and the rules that are off.
pub(super) fn what_was_read(report: &Report, lake: &Lake, look: &Look) -> String {
    let mut out = String::new();
    for (_, source) in lake.sources.iter().filter(|(_, source)| source.inside.is_none()) {
        let _ = writeln!(out, "read {}", source.path);
    }
    if lake.catalog.iter().next().is_some() {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(look.width).unwrap_or(u16::MAX));
        table.set_header(["table", "from", "layout", "partitions", "files", "size"]);
        for (_, described) in lake.catalog.iter() {
            let number = |n: u64| Cell::new(Count(n)).set_alignment(CellAlignment::Right);
            let unknown = || Cell::new("unknown").set_alignment(CellAlignment::Right);
            let mut row = vec![Cell::new(&described.name), Cell::new(declared_by(described.declared_by))];
            match &described.layout {
                Some(layout) => row.extend([
                    Cell::new(layout_source(layout)),
                    number(layout.partitions.len() as u64),
                    number(layout.files()),
                    Cell::new(layout.bytes()).set_alignment(CellAlignment::Right),
                ]),
                None => row.extend([Cell::new("none"), unknown(), unknown(), unknown()]),
            }
            table.add_row(row);
        }
        out.extend(
            table.to_string().lines().map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line).trim_end())),
        );
    }
    for line in report.calibration.iter().flat_map(calibration::lines) {
        out.push_str(&lines(&line, look));
    }
    let off: Vec<&str> = RULES.iter().map(|rule| rule.id).filter(|id| !report.rules.contains(id)).collect();
    if !off.is_empty() {
        out.push_str(&lines(&format!("rules that are off: {}", off.join(", ")), look));
    }
    out
}

/// `listing.txt`, `snapshot (3 gaps)`
fn layout_source(layout: &Layout) -> String {
    match layout.gaps.len() {
        0 => layout.source.clone(),
        n => format!("{} ({})", layout.source, amount(n, "gap")),
    }
}

fn declared_by(source: DeclaredBy) -> &'static str {
    match source {
        DeclaredBy::Config => "lakelint.toml",
        DeclaredBy::Glue => "Glue export",
        DeclaredBy::Template => "template",
        DeclaredBy::Ddl => "CREATE TABLE",
        DeclaredBy::Ctas => "CREATE TABLE AS",
        DeclaredBy::Layout => "folders",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_that_could_not_be_listed_stays_on_its_line() {
        let gap = Gap { prefix: "s3://b/x\nerror: forged\u{1b}[2J/".to_string(), reason: "access denied".to_string() };
        assert_eq!(
            gaps(None, &[gap]),
            "1 prefix could not be listed (s3://b/x\\u000aerror: forged\\u001b[2J/: access denied): nothing is known of tables there"
        );
    }
}
