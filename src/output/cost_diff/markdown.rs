//! For a comment on a pull request that is written anew with every push: a hidden mark, the verdict, at most 50 rows, no SQL.

use super::{Report, words};
use crate::diff::{Kind, Row};
use crate::output::cost::escaped;

/// By which the comment is found again.
pub const MARK: &str = "<!-- lakelint diff -->";
/// Rows that are shown.
const ROWS: usize = 50;
/// GitHub refuses a comment of more than 65,536 characters.
const LONGEST: usize = 65_000;
/// Characters of a name that are shown.
const NAME: usize = 200;

pub(super) fn render(report: &Report<'_>) -> String {
    let mut rows = ROWS;
    loop {
        let text = with_rows(report, rows);
        if text.chars().count() < LONGEST || rows == 0 {
            return text;
        }
        rows /= 2;
    }
}

fn with_rows(report: &Report<'_>, most: usize) -> String {
    let diff = report.diff;
    let fails = report.gates.iter().any(|gate| gate.fails(report.unknown));
    let sign = if fails { "❌ " } else { "" };
    let mut out = format!(
        "{MARK}\n### {sign}{}\n\n{}\n",
        sentence(&capital(&words::verdict(diff))),
        sentence(&words::counts(diff))
    );
    if !report.gates.is_empty() {
        out.push('\n');
    }
    for gate in report.gates {
        let (word, text) = words::gate(gate, report.unknown);
        out.push_str(&format!("- **{word}**: {}\n", sentence(&text)));
    }
    if !diff.rows.is_empty() && most > 0 {
        out.push_str(
            "\n| change | query | bytes a run | a run | a month | basis |\n| --- | --- | --: | --: | --: | --- |\n",
        );
    }
    for row in diff.rows.iter().take(most) {
        out.push_str(&line(row));
    }
    if diff.rows.len() > most {
        out.push_str(&format!("\nand {} more\n", diff.rows.len() - most));
    }
    let (lines, more) = words::not_priced(diff);
    if !lines.is_empty() {
        let all = lines.len() + more;
        out.push_str(&format!("\n<details><summary>Not priced: {all}</summary>\n\n"));
        lines.iter().for_each(|line| out.push_str(&format!("- {}\n", sentence(line))));
        if more > 0 {
            out.push_str(&format!("- and {more} more\n"));
        }
        out.push_str("\n</details>\n");
    }
    out.push('\n');
    for note in words::notes(report) {
        out.push_str(&format!("<sub>{}</sub><br>\n", sentence(&note)));
    }
    out
}

fn line(row: &Row<'_>) -> String {
    let bytes = match row.kind {
        Kind::Query => words::sides(row, words::bytes, "→"),
        Kind::Machine => String::new(),
    };
    let cells = [
        words::change(row).to_string(),
        words::name(row),
        bytes,
        words::sides(row, words::usd, "→"),
        format!("**{}**", words::month(row)),
        words::sides(row, words::basis, "→"),
    ];
    let [change, name, bytes, usd, month, basis] = cells;
    format!("| {change} | {} | {bytes} | {usd} | {month} | {basis} |\n", code(&name))
}

/// A sentence whose names stand in backticks, in one line: names may hold anything, and are code, in which nothing is a link, a mention
/// or a tag.
fn sentence(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(number, part)| if number % 2 == 1 { code(part) } else { escaped(part).replace('&', "&amp;") }).collect()
}

/// A name as code, also within a table.
fn code(name: &str) -> String {
    let mut shown: String = name.chars().take(NAME).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if name.chars().count() > NAME {
        shown.push('…');
    }
    format!("`{}`", shown.replace('`', "'").replace('|', "\\|"))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
