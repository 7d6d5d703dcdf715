//! A job has one task write all of a large table.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::size;
use crate::finding::Place;
use crate::lake::Job;

pub const RULE: Rule = rule!("job-writes-one-file", Check::Job(check));

fn check(job: &Job, cx: &mut Context<'_>) {
    for write in &job.writes {
        let Some(one) = write.one_file else { continue };
        // Where the size is unknown one file may be just right.
        let Some(table) = write.target.table(&cx.lake.catalog) else { continue };
        let Some(layout) = &table.layout else { continue };
        let partition = layout.median_partition().unwrap_or_else(|| layout.bytes());
        if partition.0 < cx.params().bytes("min-write") {
            continue;
        }
        let message = format!(
            "one task writes all of what the job adds to `{}`{}: the other workers wait",
            table.name,
            size(Some(layout.bytes()))
        );
        let help = format!(
            "leave it out, or ask for files of 128 MB to 1 GB: half of the partitions hold {partition} or more"
        );
        cx.report(Place::Span(one), message).table(table.name.to_string()).help(help);
    }
}
