//! GitHub workflow commands: annotations on the lines of a pull request.

use std::cmp::Reverse;
use std::fmt::Write as _;

use super::waste::sentence;
use super::{Look, from_root};
use crate::finding::Severity;
use crate::triage::{Found, Report};

/// Highest severity first: GitHub shows ten annotations of each level and drops the rest.
pub(super) fn render(report: &Report, look: &Look) -> String {
    let mut findings: Vec<&Found> = report.findings.iter().collect();
    findings.sort_by_key(|found| Reverse(found.finding.severity));
    findings.into_iter().map(|found| command(found, look)).collect()
}

fn command(found: &Found, look: &Look) -> String {
    let finding = &found.finding;
    let level = match finding.severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "notice",
    };
    let mut line = format!("::{level} ");
    if let Some(file) = &found.place.file {
        let path = from_root(file, look).unwrap_or_else(|| file.clone());
        let _ = write!(line, "file={},", property(&path));
    }
    if let Some((start, end)) = found.place.range {
        let _ = write!(line, "line={},endLine={},", start.line, end.line);
        // GitHub takes columns only where the range ends on the line it starts on.
        if start.line == end.line {
            let _ = write!(line, "col={},endColumn={},", start.column, end.column);
        }
    }
    let place = finding.object.as_ref().filter(|_| found.place.file.is_none());
    let at = place.map_or_else(String::new, |object| format!(" ({object})"));
    let help = finding.help.as_ref().map_or_else(String::new, |help| format!("\nhelp: {help}"));
    let waste = finding.waste.as_ref().map_or_else(String::new, |waste| format!("\ncost: {}", sentence(waste)));
    let message = data(&format!("{}{at}{help}{waste}", finding.message));
    let title = property(&format!("{}[{}]", finding.severity, finding.rule));
    let _ = writeln!(line, "title={title}::{message}");
    line
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
