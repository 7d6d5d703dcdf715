//! What a change adds to the bill, in each format.

mod json;
mod markdown;
mod terminal;
mod words;

use crate::cli::DiffFormat;
use crate::cost::{Estimator, OnUnknown};
use crate::diff::{Diff, Gate};

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub struct Revisions<'a> {
    /// As the command line names the base.
    pub asked: &'a str,
    /// The commit that the change began at, in full.
    pub base: &'a str,
    /// The commit it ends with; `None` for the work tree.
    pub head: Option<&'a str>,
}

/// A comparison with everything that is said of it.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    pub diff: &'a Diff<'a>,
    pub gates: &'a [Gate],
    pub unknown: OnUnknown,
    pub revisions: Revisions<'a>,
    /// Of what is after the change.
    pub estimator: &'a Estimator<'a>,
}

/// The whole report, with a final line feed; `width` and `color` are a terminal's.
pub fn render(format: DiffFormat, report: &Report<'_>, width: usize, color: bool) -> String {
    match format {
        DiffFormat::Table => terminal::render(report, width, color),
        DiffFormat::Json => json::render(report),
        DiffFormat::Markdown => markdown::render(report),
    }
}
