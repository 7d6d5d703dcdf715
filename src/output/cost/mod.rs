//! The estimates of `lakelint cost` in each format.

mod csv;
mod domain;
mod explain;
mod history;
mod json;
mod line;
mod machines;
mod markdown;
mod notes;
mod sheet;
mod table;
mod words;

pub(super) use csv::cell;
pub(super) use history::runs_from;
pub(super) use json::{Price, known, machine_kind};
pub(super) use markdown::escaped;
pub(super) use table::{grid, note_lines};
pub(super) use words::{amount, price};

use crate::cost::{Bill, Estimator};

/// How estimates are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Table,
    /// One line per statement.
    Line,
    Json,
    Csv,
    Markdown,
}

/// What the terminal is like, and how much is wanted.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Columns that text is wrapped to.
    pub width: usize,
    pub color: bool,
    /// Also the derivation of each estimate; CSV has no place for it.
    pub explain: bool,
}

/// The whole report, with a final line feed.
pub fn render(form: Form, bill: &Bill<'_>, estimator: &Estimator<'_>, view: &View) -> String {
    match form {
        Form::Table => table::render(bill, estimator, view),
        Form::Line => line::render(bill, estimator, view),
        Form::Json => json::render(bill, estimator, view),
        Form::Csv => csv::render(bill, estimator),
        Form::Markdown => markdown::render(bill, estimator, view),
    }
}
