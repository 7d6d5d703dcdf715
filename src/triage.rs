//! Which findings count: ignores, order, fingerprints. The only place that drops a finding.

mod baseline;
mod fingerprint;
#[cfg(test)]
mod fixture;
mod positions;
mod silence;

use std::cmp::{Ordering, Reverse};
use std::collections::HashSet;
use std::path::Path;

use chrono::NaiveDate;

use crate::cost::{Calibration, Estimator, add_wastes};
use crate::finding::{Confidence, Edit, Finding, Place, Severity, Waste};
use crate::lake::{Gap, Lake, LineColumn, Lines, UnreadableKind};
use crate::rules::{self, RULES, Settings};
use positions::Positions;

pub use baseline::{Baseline, Hidden};

#[cfg(test)]
pub(crate) use fixture::Fixture;

/// What decides about findings.
#[derive(Debug, Clone, Copy)]
pub struct Sift<'a> {
    pub settings: &'a Settings,
    pub estimator: Estimator<'a>,
    /// Working directory, which shown paths are relative to.
    pub base: &'a Path,
    /// Folder of the configuration file: path globs of `[[ignore]]` are relative to it.
    pub globs_from: Option<&'a Path>,
}

/// What a run has to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub as_of: NaiveDate,
    /// Dearest first (see [`crate::finding::Waste::rank`]); those of unknown waste follow by file, position, rule and message,
    /// without a file last.
    pub findings: Vec<Found>,
    pub summary: Summary,
    /// Ids of the rules that ran, sorted.
    pub rules: Vec<&'static str>,
    /// What a baseline keeps out of the findings; `None` where there is none.
    pub hidden: Option<Hidden>,
    /// Estimates beside what runs scanned; worked out where it is shown.
    pub calibration: Option<Calibration>,
}

/// A finding with its place resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub finding: Finding,
    pub place: Resolved,
    /// Aligned with `finding.related`.
    pub related: Vec<Resolved>,
    /// Aligned with the edits of `finding.patch`.
    pub edits: Vec<Resolved>,
    /// 16 hexadecimal digits; the same finding keeps them while lines around it move.
    pub fingerprint: String,
}

/// A place for people: the shown path, and the half-open range in lines and columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resolved {
    pub file: Option<String>,
    /// `None` for a whole file.
    pub range: Option<(LineColumn, LineColumn)>,
}

/// Counts of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    pub files: usize,
    /// Named paths that `exclude` leaves out.
    pub left_out: usize,
    pub statements: usize,
    /// State machines that were read.
    pub state_machines: usize,
    /// Statements, definitions and files that could not be understood.
    pub unreadable: usize,
    /// Names of referenced tables that no source describes; sorted, each once.
    pub tables_not_checked: Vec<String>,
    /// State machines whose definition is computed, and saved statements whose SQL is, in the order of files and places; then SQL of
    /// programs for other databases.
    pub not_analysed: Vec<NotAnalysed>,
    /// Tables of which a part could not be listed, by name; then what could not be listed where no table is known.
    pub incomplete: Vec<Incomplete>,
    pub high: usize,
    pub medium: usize,
    pub low: usize,
}

/// A table whose layout has gaps, so that its numbers are lower bounds; or the gaps that belong to no known table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incomplete {
    pub table: Option<String>,
    /// Prefixes that could not be listed; there is at least one.
    pub gaps: Vec<Gap>,
}

/// A state machine or a saved statement that was not checked, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnalysed {
    pub kind: UnreadableKind,
    /// As shown to the user.
    pub file: String,
    /// 1-based.
    pub line: u32,
    pub reason: String,
}

/// Whether a finding concerns what the run was asked to check, not the files around it.
fn is_asked_about(place: &Place, lake: &Lake) -> bool {
    match place {
        Place::Span(span) => !lake.sources.get(span.file).is_context,
        Place::File(file) => !lake.sources.get(*file).is_context,
        Place::Path(_) => true,
        Place::Lake => !lake.is_partial,
    }
}

/// Applies the ignores, adds what the rules about ignores find, and puts everything in order.
pub fn triage(mut findings: Vec<Finding>, lake: &Lake, sift: &Sift<'_>) -> Report {
    findings.retain(|finding| is_asked_about(&finding.place, lake));
    let mut silencer = silence::Silencer::new(lake, sift);
    let mut kept: Vec<Finding> = findings.into_iter().filter(|finding| !silencer.silences(finding)).collect();
    let about_ignores = rules::run_on_ignores(&silencer.uses(), &sift.estimator, sift.settings);
    kept.extend(about_ignores.into_iter().filter(|finding| !silencer.silences(finding)));
    let mut report = Report {
        as_of: sift.estimator.as_of.0.date(),
        summary: Summary {
            left_out: lake.left_out,
            files: lake.files,
            statements: lake.statements,
            unreadable: lake.unreadable.len(),
            state_machines: lake.asked_workflows().count(),
            tables_not_checked: tables_not_checked(lake),
            not_analysed: not_analysed(lake),
            incomplete: incomplete(lake),
            ..Summary::default()
        },
        findings: in_order(kept, lake),
        hidden: None,
        calibration: None,
        rules: RULES.iter().map(|rule| rule.id).filter(|id| sift.settings.get(id).is_some()).collect(),
    };
    report.count();
    report
}

impl Report {
    /// Counts the findings of each severity.
    fn count(&mut self) {
        let count = |severity| self.findings.iter().filter(|found| found.finding.severity == severity).count();
        (self.summary.high, self.summary.medium, self.summary.low) =
            (count(Severity::High), count(Severity::Medium), count(Severity::Low));
    }
}

/// Resolves, de-duplicates and sorts: a view that many queries read says the same thing once.
fn in_order(findings: Vec<Finding>, lake: &Lake) -> Vec<Found> {
    let mut positions = Positions::new(lake);
    let mut found: Vec<Found> = findings
        .into_iter()
        .map(|finding| Found {
            place: positions.resolve(&finding.place),
            related: finding.related.iter().map(|related| positions.resolve(&related.place)).collect(),
            edits: edits(&finding).map(|edit| positions.resolve(&Place::Span(edit.span))).collect(),
            fingerprint: String::new(),
            finding,
        })
        .collect();
    found.sort_by(in_report_order);
    found.dedup_by(|a, b| {
        let same_place = a.finding.place == b.finding.place && a.finding.place != Place::Lake;
        // Without a place in a file the table and the object are the place.
        let same = same_place
            || a.place == b.place && a.finding.table == b.finding.table && a.finding.object == b.finding.object;
        let is_same = same && a.finding.rule == b.finding.rule && a.finding.message == b.finding.message;
        if is_same {
            add_waste(&mut b.finding, &a.finding);
        }
        is_same
    });
    fingerprint::assign(&mut found, lake);
    // Stable: what wastes the same stays in the order of places.
    let rank = |found: &Found| found.finding.waste.as_ref().map_or((false, f64::NEG_INFINITY, 0), Waste::rank);
    found.sort_by(|a, b| {
        let ((sure, usd, bytes), (sure_too, usd_too, bytes_too)) = (rank(b), rank(a));
        sure.cmp(&sure_too).then(usd.total_cmp(&usd_too)).then(bytes.cmp(&bytes_too))
    });
    found
}

/// What is said once saves in every statement that it is true of.
fn add_waste(kept: &mut Finding, other: &Finding) {
    let Some(more) = other.waste.as_ref() else { return };
    let is_known = |waste: &Waste| more.shares.iter().all(|share| waste.shares.contains(share));
    kept.waste = match kept.waste.take() {
        Some(waste) if waste.billed != more.billed || is_known(&waste) => Some(waste),
        Some(waste) => Some(add_wastes(waste, more.clone())),
        None => Some(more.clone()),
    };
}

fn edits(finding: &Finding) -> impl Iterator<Item = &Edit> {
    finding.patch.iter().flat_map(|patch| &patch.edits)
}

/// By place, rule and message. Everything after these only makes the choice among duplicates independent of the order they
/// came in.
fn in_report_order(a: &Found, b: &Found) -> Ordering {
    fn place(found: &Found) -> (bool, Option<&str>, Option<LineColumn>) {
        (found.place.file.is_none(), found.place.file.as_deref(), found.place.range.map(|range| range.0))
    }
    fn text(found: &Found) -> (&str, &str) {
        (found.finding.rule, &found.finding.message)
    }
    fn weight(found: &Found) -> (Option<LineColumn>, Reverse<Confidence>, Reverse<Severity>) {
        let finding = &found.finding;
        (found.place.range.map(|range| range.1), Reverse(finding.confidence), Reverse(finding.severity))
    }
    fn names(found: &Found) -> [Option<&str>; 3] {
        let finding = &found.finding;
        [finding.table.as_deref(), finding.object.as_deref(), finding.help.as_deref()]
    }
    fn related(found: &Found) -> impl Iterator<Item = (&str, &Resolved)> {
        found.finding.related.iter().map(|related| related.message.as_str()).zip(&found.related)
    }
    fn changes(found: &Found) -> impl Iterator<Item = (&str, &Resolved)> {
        edits(&found.finding).map(|edit| edit.text.as_str()).zip(&found.edits)
    }
    place(a)
        .cmp(&place(b))
        .then_with(|| text(a).cmp(&text(b)))
        .then_with(|| weight(a).cmp(&weight(b)))
        .then_with(|| names(a).cmp(&names(b)))
        .then_with(|| related(a).cmp(related(b)))
        .then_with(|| changes(a).cmp(changes(b)))
}

fn tables_not_checked(lake: &Lake) -> Vec<String> {
    let unknown = lake.queries.iter().flat_map(|query| &query.unknown_tables);
    let mut names: Vec<String> = unknown.map(|(name, _)| name.to_string()).collect();
    names.sort();
    names.dedup();
    names
}

fn incomplete(lake: &Lake) -> Vec<Incomplete> {
    let with_gaps = lake.catalog.iter().filter_map(|(_, table)| {
        let gaps = table.gaps();
        (!gaps.is_empty()).then(|| Incomplete { table: Some(table.name.to_string()), gaps })
    });
    let elsewhere = (!lake.gaps.is_empty()).then(|| Incomplete { table: None, gaps: lake.gaps.clone() });
    with_gaps.chain(elsewhere).collect()
}

/// Each file and reason once, at its first place.
fn not_analysed(lake: &Lake) -> Vec<NotAnalysed> {
    let mut lines = Lines::new(&lake.sources);
    let mut all: Vec<NotAnalysed> = Vec::new();
    let mut met = HashSet::new();
    for missing in lake.not_analysed.iter().chain(&lake.other_sql) {
        let span = missing.span;
        let file = &lake.sources.get(span.file).path;
        if met.insert((file.as_str(), missing.reason.as_str())) {
            let line = lines.position(span.file, span.start).line;
            all.push(NotAnalysed { kind: missing.kind, file: file.clone(), line, reason: missing.reason.clone() });
        }
    }
    all
}

#[cfg(test)]
mod tests;
