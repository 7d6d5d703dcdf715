//! For people: what the change adds, row by row.

use super::{Report, words};
use crate::diff::Row;
use crate::output::cost::{grid, note_lines};
use crate::output::terminal::clean;

/// Rows that are shown.
const ROWS: usize = 100;

pub(super) fn render(report: &Report<'_>, width: usize, color: bool) -> String {
    let diff = report.diff;
    let mut out = String::new();
    let mut say = |text: &str| out.push_str(&note_lines(text, width));
    say(&words::verdict(diff));
    say(&words::counts(diff));
    let rows: Vec<&Row<'_>> = diff.rows.iter().take(ROWS).collect();
    if !rows.is_empty() {
        let cells = |cell: &dyn Fn(&Row<'_>) -> String| rows.iter().map(|row| clean(&cell(row))).collect::<Vec<_>>();
        let columns = [
            ("change", false, cells(&|row| words::change(row).to_string())),
            (
                "bytes a run",
                true,
                cells(&|row| match row.kind {
                    crate::diff::Kind::Query => words::sides(row, words::bytes, "->"),
                    crate::diff::Kind::Machine => "-".to_string(),
                }),
            ),
            ("a run", true, cells(&|row| words::sides(row, words::usd, "->"))),
            ("a month", true, cells(&words::month)),
            ("basis", false, cells(&|row| words::sides(row, words::basis, "->"))),
            ("query", false, cells(&words::name)),
        ];
        let columns: Vec<(&str, bool, &[String])> =
            columns.iter().map(|(header, is_number, cells)| (*header, *is_number, cells.as_slice())).collect();
        out.push('\n');
        out.push_str(&grid(&columns, color));
    }
    let mut say = |text: &str| out.push_str(&note_lines(text, width));
    if diff.rows.len() > ROWS {
        say(&format!("and {} more: `--format json` has all", diff.rows.len() - ROWS));
    }
    let (lines, more) = words::not_priced(diff);
    if !lines.is_empty() {
        say("");
        lines.iter().for_each(|line| say(&format!("not priced: {line}")));
        if more > 0 {
            say(&format!("not priced: {more} more"));
        }
    }
    if !report.gates.is_empty() {
        say("");
    }
    for gate in report.gates {
        let (word, text) = words::gate(gate, report.unknown);
        say(&format!("{word}: {text}"));
    }
    say("");
    words::notes(report).iter().for_each(|note| say(note));
    out
}
