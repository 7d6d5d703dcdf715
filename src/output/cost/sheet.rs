//! The cells of the table of estimates as text, column by column: what a terminal and Markdown show.

use unicode_width::UnicodeWidthStr as _;

use super::words;
use crate::cost::{Bill, Estimator, Priced};
use crate::lake::{Bytes, Spread};
use crate::output::terminal::clean;

/// What a column shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Query,
    Partitions,
    Columns,
    Low,
    Likely,
    High,
    Run,
    Month,
    Basis,
}

impl What {
    pub const ALL: [What; 9] = [
        What::Query,
        What::Partitions,
        What::Columns,
        What::Low,
        What::Likely,
        What::High,
        What::Run,
        What::Month,
        What::Basis,
    ];

    pub fn header(self) -> &'static str {
        match self {
            What::Query => "query",
            What::Partitions => "partitions",
            What::Columns => "columns",
            What::Low => "low",
            What::Likely => "likely",
            What::High => "high",
            What::Run => "a run",
            What::Month => "a month",
            What::Basis => "basis",
        }
    }

    /// Where there is little room.
    pub fn short_header(self) -> &'static str {
        match self {
            What::Partitions => "parts",
            What::Columns => "cols",
            other => other.header(),
        }
    }

    /// Numbers are aligned to the right.
    pub fn is_number(self) -> bool {
        !matches!(self, What::Query | What::Basis)
    }
}

/// One column, the total in its last cell.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub what: What,
    pub header: &'static str,
    pub cells: Vec<String>,
}

impl Column {
    pub fn new(what: What, cells: Vec<String>) -> Column {
        Column { what, header: what.header(), cells }
    }

    /// Of its widest cell.
    pub fn width(&self) -> usize {
        let cells = self.cells.iter().map(|cell| cell.width());
        cells.max().unwrap_or(0).max(self.header.width())
    }
}

/// All columns that say something: no dollars where capacity is provisioned, no months without frequencies.
pub(super) struct Sheet {
    pub columns: Vec<Column>,
}

impl Sheet {
    pub fn of(bill: &Bill<'_>, billed: &[&Priced<'_>], estimator: &Estimator<'_>) -> Sheet {
        let metered = estimator.pricing.is_metered();
        let months = metered && bill.without_frequency < billed.len();
        let is_shown = |what: &What| match what {
            What::Run => metered,
            What::Month => months,
            _ => true,
        };
        let shared = shared_folder(billed);
        let column = |what: What| {
            let mut cells: Vec<String> = billed.iter().map(|priced| cell(what, priced, estimator, shared)).collect();
            if billed.len() > 1 {
                cells.push(total(what, bill));
            }
            Column::new(what, cells)
        };
        Sheet { columns: What::ALL.into_iter().filter(is_shown).map(column).collect() }
    }
}

fn cell(what: What, priced: &Priced<'_>, estimator: &Estimator<'_>, shared: &str) -> String {
    let estimate = &priced.estimate;
    let bytes = |part: fn(Spread<u64>) -> u64| {
        estimate.bytes.map_or("unknown".to_string(), |spread| Bytes(part(spread)).to_string())
    };
    match what {
        What::Query => clean(short_name(priced, shared)).replace('\n', " "),
        What::Partitions => words::partitions(priced.query, estimate, estimator.lake).short(),
        What::Columns => words::columns(estimate).short(),
        // What is scanned whatever the unknown parts are.
        What::Low if estimate.bytes.is_none() && estimate.at_least > 0 => Bytes(estimate.at_least).to_string(),
        What::Low => bytes(|spread| spread.low),
        What::Likely => bytes(|spread| spread.likely),
        What::High => bytes(|spread| spread.high),
        What::Run => words::usd(estimate.usd.map(|usd| usd.likely), "unknown"),
        What::Month => words::usd(estimate.usd_per_month(), "unknown"),
        What::Basis => estimate.basis.certainty.word().to_string(),
    }
}

fn total(what: What, bill: &Bill<'_>) -> String {
    match what {
        What::Query => "total".to_string(),
        What::Partitions | What::Columns | What::Basis => String::new(),
        What::Low => Bytes(bill.bytes.low).to_string(),
        What::Likely => Bytes(bill.bytes.likely).to_string(),
        What::High => Bytes(bill.bytes.high).to_string(),
        What::Run => words::usd(bill.usd.map(|usd| usd.likely), "unknown"),
        What::Month => words::usd(bill.usd_per_month, "unknown"),
    }
}

/// The folder that all files lie in, with its slash; it would only make the rows long. Empty for a single row.
pub(super) fn shared_folder<'a>(billed: &[&Priced<'a>]) -> &'a str {
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
pub(super) fn short_name<'a>(priced: &'a Priced<'_>, shared: &str) -> &'a str {
    if priced.query.name.is_some() { &priced.name } else { priced.name.strip_prefix(shared).unwrap_or(&priced.name) }
}
