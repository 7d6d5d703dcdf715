//! For people: a row per billed statement, totals, and what the numbers rest on.

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, Width, presets};
use unicode_width::UnicodeWidthStr as _;

use super::words::{self, amount};
use super::{View, explain};
use crate::cost::{Bill, Certainty, Estimator, Priced};
use crate::lake::{Bytes, Count};
use crate::output::terminal::clean;
use crate::output::wrap::wrap;

/// Most statements that a note names.
const NAMED: usize = 5;

/// The whole report, wrapped to the width.
pub(super) fn render(bill: &Bill<'_>, estimator: &Estimator<'_>, view: &View) -> String {
    let billed: Vec<&Priced<'_>> = bill.billed().collect();
    let mut out = String::new();
    if billed.is_empty() {
        out.push_str("no statement that is billed\n");
    } else {
        out.push_str(&rows(bill, &billed, estimator, view));
        out.push('\n');
    }
    if view.explain {
        for priced in &billed {
            out.push_str(&explain::render(priced, estimator));
            out.push('\n');
        }
    }
    for note in notes(bill, &billed, estimator) {
        out.push_str(&note_lines(&note, view.width));
    }
    out
}

/// Continuation lines are indented like those of a list.
fn note_lines(note: &str, width: usize) -> String {
    let lines = wrap(&clean(note), width.saturating_sub(2));
    let indented = lines.iter().enumerate().map(|(i, line)| format!("{}{line}\n", if i == 0 { "" } else { "  " }));
    indented.collect()
}

/// The cells of the table as text, the total last: also what Markdown shows.
pub(super) struct Columns {
    pub header: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

/// The folder that all files lie in, with its slash; it would only make the rows long. Empty for a single row.
fn shared_folder<'a>(billed: &[&Priced<'a>]) -> &'a str {
    let folder = |path: &'a str| &path[..path.rfind('/').map_or(0, |at| at + 1)];
    let mut folders = billed.iter().map(|priced| folder(priced.file));
    let Some(first) = folders.next().filter(|_| billed.len() > 1) else { return "" };
    folders.fold(first, |shared, other| {
        let ends = shared.match_indices('/').map(|(at, _)| at + 1);
        let longest = ends.rev().find(|end| other.starts_with(&shared[..*end]));
        &shared[..longest.unwrap_or(0)]
    })
}

/// The name in a row: without the folder that all files share.
fn short_name<'a>(priced: &'a Priced<'_>, shared: &str) -> &'a str {
    if priced.query.name.is_some() { &priced.name } else { priced.name.strip_prefix(shared).unwrap_or(&priced.name) }
}

/// Which columns there are depends on what is known: no dollars where capacity is provisioned, no months without frequencies.
pub(super) fn columns(bill: &Bill<'_>, billed: &[&Priced<'_>], estimator: &Estimator<'_>) -> Columns {
    let metered = estimator.pricing.is_metered();
    let months = metered && bill.without_frequency < billed.len();
    let mut header = vec!["query", "partitions", "columns", "bytes (low - likely - high)"];
    header.extend(metered.then_some("a run"));
    header.extend(months.then_some("a month"));
    header.push("basis");
    let shared = shared_folder(billed);
    let row = |priced: &&Priced<'_>| {
        let estimate = &priced.estimate;
        let unknown = match estimate.at_least {
            0 => "unknown".to_string(),
            bytes => format!("unknown, {} or more", Bytes(bytes)),
        };
        let mut cells = vec![
            clean(short_name(priced, shared)),
            words::partitions(priced.query, estimate, estimator.lake).short(),
            words::columns(estimate).short(),
            estimate.bytes.map_or(unknown, words::bytes),
        ];
        cells.extend(metered.then(|| words::usd(estimate.usd.map(|usd| usd.likely), "unknown")));
        cells.extend(months.then(|| words::usd(estimate.usd_per_month(), "unknown")));
        cells.push(certainty(estimate.basis.certainty).to_string());
        cells
    };
    let mut rows: Vec<Vec<String>> = billed.iter().map(row).collect();
    if billed.len() > 1 {
        let mut total = vec!["total".to_string(), String::new(), String::new(), words::bytes(bill.bytes)];
        total.extend(metered.then(|| words::usd(bill.usd.map(|usd| usd.likely), "unknown")));
        total.extend(months.then(|| words::usd(bill.usd_per_month, "unknown")));
        total.push(String::new());
        rows.push(total);
    }
    Columns { header, rows }
}

fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Measured => "measured",
        Certainty::Assumed => "assumed",
        Certainty::Unknown => "unknown",
    }
}

/// The column of bytes.
const BYTES: usize = 3;
const NO_BREAK: &str = "\u{a0}";

/// A number stays with its unit and its dash where a line is broken.
fn together(bytes: &str) -> String {
    bytes.replace(' ', NO_BREAK).replace(&format!("-{NO_BREAK}"), "- ")
}

fn rows(bill: &Bill<'_>, billed: &[&Priced<'_>], estimator: &Estimator<'_>, view: &View) -> String {
    let columns = columns(bill, billed, estimator);
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(view.width).unwrap_or(u16::MAX));
    table.set_header(columns.header.clone());
    let last = columns.header.len() - 1;
    let longest = columns.rows.iter().map(|row| row[0].width()).max().unwrap_or(0);
    for row in columns.rows {
        let cell = |(i, text): (usize, String)| match i {
            0 => Cell::new(text),
            i if i == last => Cell::new(text),
            BYTES => Cell::new(together(&text)).set_alignment(CellAlignment::Right),
            _ => Cell::new(text).set_alignment(CellAlignment::Right),
        };
        table.add_row(Row::from(row.into_iter().enumerate().map(cell).collect::<Vec<_>>()));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    // A name is broken last: it has no spaces.
    let name = (longest + 2).min(view.width * 2 / 5) as u16;
    if let Some(column) = table.column_mut(0) {
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(name)));
    }
    let text = table.trim_fmt().replace(NO_BREAK, " ");
    let text: String = text.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    match (view.color, text.split_once('\n')) {
        (true, Some((header, rest))) => format!("\u{1b}[1m{header}\u{1b}[0m\n{rest}"),
        _ => text,
    }
}

/// What stands below the table, each as one paragraph.
pub(super) fn notes(bill: &Bill<'_>, billed: &[&Priced<'_>], estimator: &Estimator<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let shared = shared_folder(billed);
    if !shared.is_empty() && billed.iter().any(|priced| priced.query.name.is_none()) {
        notes.push(format!("files are in {shared}"));
    }
    for priced in billed.iter().filter(|priced| priced.estimate.bytes.is_none()) {
        notes.push(format!("unknown: {}: {}", short_name(priced, shared), words::reasons(&priced.estimate)));
    }
    notes.extend(words::assumptions(billed, estimator).into_iter().map(|text| format!("assumed: {text}")));
    if bill.unknown > 0 && bill.unknown < billed.len() {
        notes.push(format!("the total is without {} whose bytes are unknown", amount(bill.unknown, "statement")));
    }
    notes.extend(requests(billed, shared));
    if estimator.pricing.is_metered() && bill.without_frequency > 0 {
        notes.push(match bill.without_frequency == billed.len() {
            true => {
                "dollars a month are unknown: say in `[runs]` of lakelint.toml how often the queries run".to_string()
            }
            false => format!(
                "dollars a month are unknown of {}: `[runs]` in lakelint.toml does not say how often",
                amount(bill.without_frequency, "statement")
            ),
        });
    }
    if bill.free > 0 {
        notes.push(format!(
            "{} free, such as DDL",
            amount(bill.free, "statement") + if bill.free == 1 { " is" } else { " are" }
        ));
    }
    if !estimator.lake.unreadable.is_empty() {
        let count = estimator.lake.unreadable.len();
        let what = if count == 1 { "statement or file" } else { "statements or files" };
        notes.push(format!("{} {what} could not be read: `lakelint check` says why", Count(count as u64)));
    }
    notes.push(words::price(estimator));
    notes
}

/// The statements whose requests add much to the scanned bytes, dearest first as they come.
fn requests(billed: &[&Priced<'_>], shared: &str) -> Option<String> {
    let notable =
        |priced: &&Priced<'_>| Some((short_name(priced, shared).to_string(), priced.estimate.notable_requests()?));
    let mut named: Vec<String> = billed.iter().filter_map(notable).map(|(name, usd)| format!("{name} {usd}")).collect();
    let more = named.len().saturating_sub(NAMED);
    named.truncate(NAMED);
    let more = if more > 0 { format!(" and {} more", Count(more as u64)) } else { String::new() };
    (!named.is_empty()).then(|| format!("S3 and Glue requests add more than 5 % to a run: {}{more}", named.join(", ")))
}
