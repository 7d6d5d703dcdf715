//! For pull requests and wikis: the table and its notes as Markdown.

use super::notes::notes;
use super::sheet::Sheet;
use super::{View, explain, machines};
use crate::cost::{Bill, Estimator, Priced};

/// Numbers are aligned to the right; the total is bold.
pub(super) fn render(bill: &Bill<'_>, estimator: &Estimator<'_>, view: &View) -> String {
    let billed: Vec<&Priced<'_>> = bill.billed().collect();
    let mut out = String::new();
    if billed.is_empty() && bill.machines.is_empty() {
        out.push_str("No statement that is billed.\n");
    } else if !billed.is_empty() {
        let columns = Sheet::of(bill, &billed, estimator).columns;
        let rule = columns.iter().map(|column| if column.what.is_number() { "--:" } else { "---" }.to_string());
        out.push_str(&row(columns.iter().map(|column| column.header.to_string())));
        out.push_str(&row(rule));
        for i in 0..columns[0].cells.len() {
            let shown = |text: &String| match i == billed.len() && !text.is_empty() {
                true => format!("**{}**", escaped(text)),
                false => escaped(text),
            };
            out.push_str(&row(columns.iter().map(|column| shown(&column.cells[i]))));
        }
    }
    let columns = machines::columns(bill);
    if !columns.is_empty() {
        if !billed.is_empty() {
            out.push('\n');
        }
        let rule = columns.iter().map(|column| if column.is_number { "--:" } else { "---" }.to_string());
        out.push_str(&row(columns.iter().map(|column| column.header.to_string())));
        out.push_str(&row(rule));
        for i in 0..bill.machines.len() {
            out.push_str(&row(columns.iter().map(|column| escaped(&column.cells[i]))));
        }
    }
    if view.explain {
        let queries = billed.iter().map(|priced| explain::render(priced, estimator));
        for text in queries.chain(bill.machines.iter().map(|machine| machines::explain(machine).join("\n") + "\n")) {
            // Longer than any run of backticks in it, so that nothing closes the block early.
            let fence = "`".repeat(longest_run(&text).max(2) + 1);
            out.push_str(&format!("\n{fence}text\n{text}{fence}\n"));
        }
    }
    out.push('\n');
    for note in notes(bill, &billed, estimator) {
        out.push_str(&format!("- {}\n", note.replace(['\n', '\r'], " ")));
    }
    out
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

fn row(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

/// Without what Markdown would take for a column, a tag, an entity or emphasis.
pub(in crate::output) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '*' | '_' | '~' | '`' | '<' | '&' | '[' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
