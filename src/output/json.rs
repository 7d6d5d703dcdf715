//! JSON, version 1. docs/json.md describes every field and docs/json.schema.json holds it to that.

use serde::Serialize;

use crate::finding::{Billed, Change, Confidence, Severity};
use crate::lake::{Gap, Usd};
use crate::triage::{self, Found, Report, Resolved};

/// Raised when a field changes its meaning or goes away; new fields do not raise it.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    as_of: String,
    summary: Counts<'a>,
    findings: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Counts<'a> {
    files: usize,
    statements: usize,
    unreadable: usize,
    state_machines: usize,
    tables_not_checked: &'a [String],
    not_analysed: Vec<NotAnalysed<'a>>,
    incomplete: Vec<Incomplete<'a>>,
    high: usize,
    medium: usize,
    low: usize,
    /// Null where there is no baseline.
    baseline: Option<Baseline<'a>>,
}

/// What a baseline keeps out of the findings.
#[derive(Serialize)]
struct Baseline<'a> {
    hidden: usize,
    usd_per_month: Usd,
    without_month: usize,
    back: &'a [String],
    gone: usize,
}

/// A table of which a part could not be listed, or what could not be listed where no table is known.
#[derive(Serialize)]
struct Incomplete<'a> {
    table: Option<&'a str>,
    gaps: &'a [Gap],
}

/// A state machine whose definition is computed.
#[derive(Serialize)]
struct NotAnalysed<'a> {
    file: &'a str,
    line: u32,
    reason: &'a str,
}

#[derive(Serialize)]
struct Entry<'a> {
    rule: &'a str,
    severity: Severity,
    confidence: Confidence,
    message: &'a str,
    help: Option<&'a str>,
    #[serde(flatten)]
    place: Place<'a>,
    table: Option<&'a str>,
    object: Option<&'a str>,
    waste: Option<Saved<'a>>,
    fix: Option<Fix<'a>>,
    fingerprint: &'a str,
    related: Vec<Second<'a>>,
}

#[derive(Serialize)]
struct Saved<'a> {
    billed: Billed,
    bytes: Change<u64>,
    requests: Option<Change<u64>>,
    usd: Change<Usd>,
    usd_per_month: Option<Usd>,
    fix: &'a str,
    basis: &'static str,
    at_most: bool,
}

#[derive(Serialize)]
struct Fix<'a> {
    safe: bool,
    edits: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
struct Replacement<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct Second<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    message: &'a str,
}

#[derive(Serialize)]
struct Place<'a> {
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
}

pub(super) fn render(report: &Report) -> String {
    let summary = &report.summary;
    let document = Document {
        version: VERSION,
        as_of: report.as_of.to_string(),
        summary: Counts {
            files: summary.files,
            statements: summary.statements,
            unreadable: summary.unreadable,
            state_machines: summary.state_machines,
            tables_not_checked: &summary.tables_not_checked,
            not_analysed: summary.not_analysed.iter().map(NotAnalysed::of).collect(),
            incomplete: summary
                .incomplete
                .iter()
                .map(|t| Incomplete { table: t.table.as_deref(), gaps: &t.gaps })
                .collect(),
            baseline: report.hidden.as_ref().map(|hidden| Baseline {
                hidden: hidden.findings,
                usd_per_month: hidden.usd_per_month,
                without_month: hidden.without_month,
                back: &hidden.back,
                gone: hidden.gone,
            }),
            high: summary.high,
            medium: summary.medium,
            low: summary.low,
        },
        findings: report.findings.iter().map(entry).collect(),
    };
    let mut text = serde_json::to_string_pretty(&document).expect("strings, numbers and lists only");
    text.push('\n');
    text
}

impl<'a> NotAnalysed<'a> {
    fn of(missing: &'a triage::NotAnalysed) -> Self {
        NotAnalysed { file: &missing.file, line: missing.line, reason: &missing.reason }
    }
}

fn entry(found: &Found) -> Entry<'_> {
    let finding = &found.finding;
    Entry {
        rule: finding.rule,
        severity: finding.severity,
        confidence: finding.confidence,
        message: &finding.message,
        help: finding.help.as_deref(),
        place: place(&found.place),
        table: finding.table.as_deref(),
        object: finding.object.as_deref(),
        waste: finding.waste.as_ref().map(|waste| Saved {
            billed: waste.billed,
            bytes: waste.bytes,
            requests: waste.requests,
            usd: waste.usd,
            usd_per_month: waste.usd_per_month,
            fix: &waste.fix,
            basis: waste.basis(),
            at_most: waste.is_most,
        }),
        fix: finding.patch.as_ref().map(|patch| Fix {
            safe: patch.is_safe,
            edits: (patch.edits.iter().zip(&found.edits))
                .map(|(edit, resolved)| Replacement { place: place(resolved), text: &edit.text })
                .collect(),
        }),
        fingerprint: &found.fingerprint,
        related: finding
            .related
            .iter()
            .zip(&found.related)
            .map(|(related, resolved)| Second { place: place(resolved), message: &related.message })
            .collect(),
    }
}

fn place(resolved: &Resolved) -> Place<'_> {
    let (start, end) = resolved.range.unzip();
    Place {
        file: resolved.file.as_deref(),
        line: start.map(|start| start.line),
        column: start.map(|start| start.column),
        end_line: end.map(|end| end.line),
        end_column: end.map(|end| end.column),
    }
}
