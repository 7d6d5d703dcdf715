//! The report in each format.

pub mod advice;
pub mod audit;
mod calibration;
pub mod cost;
pub mod cost_diff;
mod csv;
mod diff;
mod github;
mod gitlab;
mod json;
mod junit;
mod markdown;
pub mod page;
mod rdjson;
mod said;
mod sarif;
mod terminal;
mod unified;
mod waste;
mod wrap;
mod xml;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;

use crate::controls::visible;
use crate::lake::Lake;
use crate::triage::{Hidden, Report};
pub use unified::unified;

pub(crate) use wrap::item;

/// What a baseline did, for formats that have no place for it.
pub fn hidden(hidden: &Hidden) -> String {
    terminal::known(hidden).iter().map(|line| format!("{line}\n")).collect()
}

/// A way to write the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: source snippets, help and a summary
    #[default]
    Terminal,
    /// For programs: see docs/json.md
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// GitHub workflow commands, shown as annotations on the changed lines
    Github,
    /// GitLab Code Quality, shown in merge requests
    Gitlab,
    /// JUnit XML, for the test reports of CI servers
    Junit,
    /// For reviewdog: its Diagnostic Format
    Rdjson,
    /// For spreadsheets: a row per finding
    Csv,
    /// For job summaries and comments
    Markdown,
}

impl Format {
    /// As written on the command line.
    pub const NAMES: &'static [&'static str] =
        &["terminal", "json", "sarif", "github", "gitlab", "junit", "rdjson", "csv", "markdown"];
}

/// How much the terminal format says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Detail {
    /// Findings only.
    Quiet,
    /// Findings and the summary.
    #[default]
    Normal,
    /// Also what was read.
    Verbose,
}

/// How much `--fix` changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fixed {
    pub findings: usize,
    pub files: usize,
}

/// What `--fix --unsafe` would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub findings: usize,
    /// The path as shown, the old text and the new one.
    pub files: Vec<(String, Arc<str>, String)>,
}

/// How a report is shown; says nothing about what is in it.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// Columns that lines are wrapped to.
    pub width: usize,
    pub color: bool,
    /// How long the run took, where that is shown.
    pub elapsed: Option<Duration>,
    pub detail: Detail,
    /// The paths that were asked for.
    pub paths: Vec<String>,
    /// What `--fix` changed; `None` without it.
    pub fixed: Option<Fixed>,
    /// The configuration file, as shown; `None` when there is none.
    pub config: Option<String>,
    /// The working directory as seen from the repository's root, with a closing slash; empty at the root. What servers
    /// show beside the code counts paths from the root.
    pub repository_prefix: String,
}

/// The whole report as text, with a final newline unless it is empty.
pub fn render(format: Format, report: &Report, lake: &Lake, look: &Look) -> String {
    let text = match format {
        Format::Terminal => terminal::render(report, lake, look),
        Format::Json => json::render(report),
        Format::Sarif => sarif::render(report, look),
        Format::Github => github::render(report, look),
        Format::Gitlab => gitlab::render(report, look),
        Format::Junit => junit::render(report, look),
        Format::Rdjson => rdjson::render(report, lake, look),
        Format::Csv => csv::render(report),
        Format::Markdown => markdown::render(report),
    };
    match visible(&text, look.color) {
        Cow::Owned(escaped) => escaped,
        Cow::Borrowed(_) => text,
    }
}

/// A shown path as seen from the repository's root; `None` when it lies outside of it.
fn from_root(path: &str, look: &Look) -> Option<String> {
    if path.starts_with('/') || (cfg!(windows) && path.as_bytes().get(1) == Some(&b':')) {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in look.repository_prefix.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests;
