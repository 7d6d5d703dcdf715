//! A table is stored in many more files than its bytes need.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::Fix;
use crate::finding::{Confidence, Severity};
use crate::lake::{Bytes, Count, Table, TableKind, statement};

pub const RULE: Rule = rule!("small-files", Check::Table(check));

fn check(table: &Table, cx: &mut Context<'_>) {
    let Some(layout) = &table.layout else { return };
    let (files, bytes) = (layout.files(), layout.bytes());
    let min_files = cx.params().count("min-files");
    if bytes.0 < cx.params().bytes("min-table-size") || files < min_files.max(1) {
        return;
    }
    let average = Bytes(bytes.0 / files);
    if average.0 >= cx.params().bytes("small-average") {
        return;
    }
    // One file per partition is the least that compaction can leave; fewer would need coarser partitions.
    let own = layout.iceberg.as_ref().map_or(u64::MAX, |facts| facts.target_file_size);
    let target = cx.params().bytes("target-file-size").min(own).max(1);
    let left: u64 = layout.partitions.iter().map(|p| p.bytes.div_ceil(target).max(1).min(p.files)).sum();
    if files - left < min_files || left * 2 > files {
        return;
    }
    let message = format!(
        "`{}` keeps {bytes} in {} files of {average} on average; compaction would leave {}",
        table.name,
        Count(files),
        Count(left)
    );
    let severity = if average.0 < cx.params().bytes("very-small-average") { Severity::High } else { Severity::Medium };
    let help = match statement::Rewrite::compacted(table, target) {
        Some(rewrite) => format!("compact it: {rewrite}"),
        None => format!(
            "rewrite its partitions with CTAS or INSERT INTO ... SELECT, and let the writer collect about {} before it \
             closes a file",
            cx.params().written("target-file-size")
        ),
    };
    // A folder of Iceberg also holds files that no snapshot names any more; metadata does not.
    let may_be_old = table.kind == TableKind::Iceberg && layout.iceberg.is_none();
    let confidence = if may_be_old { Confidence::Medium } else { Confidence::High };
    let share = left as f64 / files as f64;
    let how = format!("in {} files, requests included, in a run of each statement that reads it", Count(left));
    let waste = cx.estimator.saved_on(table, &Fix::Compacted(share), how);
    cx.report_table(table, message).waste(waste).at_most(severity).confidence(confidence).help(help);
}

#[cfg(test)]
mod tests {
    use super::super::example::{MIB, days, even, findings, table};
    use super::*;

    #[test]
    fn only_files_that_compaction_can_remove_count() {
        let days = days("2024-01-01", 400);
        let severities = |files, bytes| -> Vec<Severity> {
            findings("small-files", vec![table("lake.events", &["dt"], &even(&days, files, bytes))])
                .iter()
                .map(|f| f.severity)
                .collect()
        };
        assert_eq!(severities(40, 400 * MIB), [Severity::High]);
        assert_eq!(severities(10, 400 * MIB), [Severity::Medium]);
        assert!(severities(4, 400 * MIB).is_empty(), "100 MiB a file is near enough");
        assert!(severities(1, 4 * MIB).is_empty(), "one file per partition cannot be compacted");
        assert!(severities(2, MIB).is_empty(), "a small table is left alone");
    }

    #[test]
    fn a_part_that_could_not_be_listed_is_told() {
        let days = days("2025-01-01", 100);
        let mut events = table("lake.events", &["dt"], &even(&days, 96, 96 * MIB));
        if let Some(layout) = &mut events.layout {
            layout.gaps.push(crate::lake::Gap { prefix: "s3://lake/events/x/".into(), reason: "access denied".into() });
        }
        let found = findings("small-files", vec![events]);
        assert_eq!(
            found[0].related[0].message,
            "`s3://lake/events/x/` of `lake.events` could not be listed: its numbers are lower bounds"
        );
    }
}
