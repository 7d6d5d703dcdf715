//! What a finding says, for the formats that have one place for all of it.

use super::Look;
use super::waste::sentence;
use crate::config::FILE_NAME;
use crate::lake::Count;
use crate::triage::Found;

/// Message, help and cost, a line each.
pub(super) fn whole(found: &Found) -> String {
    let finding = &found.finding;
    let place = finding.object.as_ref().filter(|_| found.place.file.is_none());
    let at = place.map_or_else(String::new, |object| format!(" ({object})"));
    let help = finding.help.as_ref().map_or_else(String::new, |help| format!("\nhelp: {help}"));
    let waste = finding.waste.as_ref().map_or_else(String::new, |waste| format!("\ncost: {}", sentence(waste)));
    format!("{}{at}{help}{waste}", finding.message)
}

/// The file that a finding is shown at. What is only in the lake is hung on the configuration, the file that describes the lake:
/// servers have no other place for it.
pub(super) fn home<'a>(found: &'a Found, look: &'a Look) -> &'a str {
    found.place.file.as_deref().or(look.config.as_deref()).unwrap_or(FILE_NAME)
}

/// `queries/revenue.sql:2:6`; where there is no file, the object or the table.
pub(super) fn place(found: &Found) -> String {
    let finding = &found.finding;
    match (&found.place.file, found.place.range) {
        (Some(file), Some((start, _))) => format!("{file}:{}:{}", start.line, start.column),
        (Some(file), None) => file.clone(),
        (None, _) => finding.object.as_ref().or(finding.table.as_ref()).cloned().unwrap_or_default(),
    }
}

/// How many findings there are: `2 high, 1 low`.
pub(super) fn verdict(high: usize, medium: usize, low: usize) -> String {
    let counts = [(high, "high"), (medium, "medium"), (low, "low")];
    let named: Vec<String> =
        counts.iter().filter(|(n, _)| *n > 0).map(|(n, name)| format!("{} {name}", Count(*n as u64))).collect();
    if named.is_empty() { "no findings".to_string() } else { named.join(", ") }
}
