//! For job summaries and comments: the verdict and a table, dearest first.

use super::cost::escaped;
use super::said::{place, verdict};
use super::terminal::{checked, notes};
use super::waste::sentence;
use crate::lake::Count;
use crate::triage::{Found, Report};

/// More rows than this are not read.
const ROWS: usize = 50;
/// GitHub refuses comments of more than 65,536 characters (<https://github.com/orgs/community/discussions/27190>); what is left is
/// for who posts it to add a word.
const BYTES: usize = 60_000;

pub(super) fn render(report: &Report) -> String {
    let summary = &report.summary;
    let verdict = verdict(summary.high, summary.medium, summary.low);
    let mut out = format!("**{verdict}** (lakelint {})\n", checked(summary));
    if !report.findings.is_empty() {
        out.push_str("\n| severity | where | what | what to do | cost |\n| --- | --- | --- | --- | --- |\n");
        let rows = report.findings.iter().take(ROWS).map(row);
        let shown = push_while_short(&mut out, rows);
        if shown < report.findings.len() {
            let more = Count((report.findings.len() - shown) as u64);
            out.push_str(&format!("\n{more} more: `lakelint check` prints all.\n"));
        }
    }
    let notes: Vec<String> = notes(report).iter().map(|note| format!("- {}\n", escaped(note))).collect();
    if !notes.is_empty() {
        out.push('\n');
    }
    let count = notes.len();
    let shown = push_while_short(&mut out, notes.into_iter());
    if shown < count {
        out.push_str(&format!("- {} more\n", Count((count - shown) as u64)));
    }
    out
}

/// Adds lines while there is room; returns how many.
fn push_while_short(out: &mut String, lines: impl Iterator<Item = String>) -> usize {
    let mut shown = 0;
    for line in lines {
        if out.len() + line.len() > BYTES {
            break;
        }
        out.push_str(&line);
        shown += 1;
    }
    shown
}

fn row(found: &Found) -> String {
    let finding = &found.finding;
    let help = finding.help.as_deref().map_or_else(String::new, escaped);
    let cost = finding.waste.as_ref().map_or_else(String::new, |waste| escaped(&sentence(waste)));
    format!(
        "| {} | {} | {} ({}) | {help} | {cost} |\n",
        finding.severity,
        escaped(&place(found)),
        escaped(&finding.message),
        finding.rule,
    )
}

#[cfg(test)]
mod tests {
    use super::{BYTES, ROWS};
    use crate::finding::Severity;
    use crate::output::tests::{odd, priced, usual};
    use crate::output::{Format, Look};
    use crate::triage::Fixture;

    #[test]
    fn the_verdict_comes_first_and_a_row_has_its_money() {
        insta::assert_snapshot!(priced(usual(), 12.5).render(Format::Markdown, &Look::default()), @r"
        **1 high** (lakelint checked 2 files, 0 statements)

        | severity | where | what | what to do | cost |
        | --- | --- | --- | --- | --- |
        | high | queries/revenue.sql:2:6 | reads all 1,095 partitions (4.1 TB) of \`lake.orders\` (missing-partition-filter) | add a predicate on \`dt\`, as in \`dt >= date\_format(current\_date - interval '7' day, '%Y-%m-%d')\` | 4.1 TB ($20.50) a run -> 26.2 GB ($0.13) with \`dt = '2025-06-29'\`; saves $12.50 a month (measured) |
        ");
    }

    #[test]
    fn what_was_not_checked_is_said() {
        let fixture = Fixture::default().file("a.sql", "select 1").statement(0, "select 1", &["bank_b.payments"]);
        insta::assert_snapshot!(fixture.render(Format::Markdown, &Look::default()), @r"
        **no findings** (lakelint checked 1 file, 1 statement)

        - 1 table not checked: bank\_b.payments; describe it with a CREATE TABLE, \`--lake\`, or \[\[tables]] in lakelint.toml
        ");
    }

    #[test]
    fn nothing_in_a_name_leaves_its_cell() {
        let text = odd().render(Format::Markdown, &Look::default());
        let rows = text.lines().filter(|line| line.starts_with('|'));
        assert!(rows.clone().all(|row| row.matches(" | ").count() == 4), "{text}");
        assert_eq!(rows.count(), 7);
    }

    #[test]
    fn it_fits_into_a_comment() {
        let text: String = (0..200).map(|i| format!("select {i:03}\n")).collect();
        let many = |words: usize| {
            (0..200).fold(Fixture::default().file("a.sql", &text), |fixture, i| {
                fixture.at(&format!("{i:03}"), Severity::Low, &"word ".repeat(words))
            })
        };
        let short = many(1).render(Format::Markdown, &Look::default());
        assert_eq!(short.matches("| low |").count(), ROWS);
        assert!(short.contains("\n150 more: `lakelint check` prints all.\n"), "{short}");
        let long = many(1_000).render(Format::Markdown, &Look::default());
        assert!(long.len() < BYTES + 100, "{}", long.len());
        assert!(long.contains("\n189 more: "), "{}", long.len());
    }
}
