//! A job writes row text into a layer that people query.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::{Confidence, Place, Severity};
use crate::lake::{Dataset, Job, JobWrite, Layer, Location};

pub const RULE: Rule = rule!("job-writes-text", Check::Job(check));

/// Folders of what is made to be taken out of the lake.
const MADE_TO_GO: [&str; 12] = [
    "export",
    "exports",
    "extract",
    "extracts",
    "outbound",
    "report",
    "reports",
    "download",
    "downloads",
    "tmp",
    "temp",
    "test",
];

fn check(job: &Job, cx: &mut Context<'_>) {
    for write in &job.writes {
        let Some(format) = write.format.filter(|format| format.is_text()) else { continue };
        let (layer, severity) = match write.layer {
            Some(Layer::Curated) => ("curated", Severity::Medium),
            Some(Layer::Clean) => ("clean", Severity::Low),
            Some(Layer::Raw) | None => continue,
        };
        let table = write.target.table(&cx.lake.catalog);
        // csv-in-analytics-layer speaks of the table.
        if is_made_to_go(write) || table.and_then(|table| table.main_format()).is_some_and(|format| format.is_text()) {
            continue;
        }
        let message =
            format!("the job writes {} into the {layer} layer: every query reads every column", format.name());
        let report = cx
            .report(Place::Span(write.span), message)
            .at_most(severity)
            .confidence(Confidence::Medium)
            .help("write Parquet: `.parquet(...)`, `format=\"glueparquet\"`, `to_parquet`");
        if let Some(table) = table {
            report.table(table.name.to_string());
        }
    }
}

fn is_made_to_go(write: &JobWrite) -> bool {
    match &write.target {
        Dataset::Table(_) => false,
        Dataset::Place(place) => Location::segments(place).any(|segment| MADE_TO_GO.contains(&segment)),
    }
}
