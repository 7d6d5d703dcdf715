//! A table has, or projects, more partitions than the engine can plan over.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::Partitioning;
use crate::finding::{Severity, Waste};
use crate::lake::statement::set_properties;
use crate::lake::{Count, Table, TableKind};

pub const RULE: Rule = rule!("too-many-partitions", Check::Table(check));

fn check(table: &Table, cx: &mut Context<'_>) {
    // Iceberg plans from its own manifests.
    if table.kind == TableKind::Iceberg {
        return;
    }
    let (many, limit) = (cx.params().count("many"), cx.params().count("limit"));
    let projected = table.projection.as_ref().and_then(|projection| projection.combinations(cx.as_of));
    let stored = table.layout.as_ref().map_or(0, |layout| layout.partitions.len() as u64);
    let partitions = projected.unwrap_or(stored);
    if partitions <= many {
        return;
    }
    let severity = if partitions > limit { Severity::High } else { Severity::Medium };
    let (message, help) = match projected {
        Some(_) => (
            format!(
                "`{}` projects {} partitions; a query that limits no key lists at least that many S3 prefixes{}",
                table.name,
                Count(partitions),
                if stored > 0 { format!(", and only {} hold data", Count(stored)) } else { String::new() }
            ),
            match table.narrow_projection(cx.as_of).filter(|_| table.incomplete().is_none()) {
                Some(narrow) => format!("narrow it to the data: `{}`", set_properties(table, &narrow.properties)),
                None => {
                    "narrow the projected ranges to the data, or make rarely filtered keys plain columns".to_string()
                }
            },
        ),
        None => (
            format!(
                "`{}` has {} partitions{}",
                table.name,
                Count(partitions),
                if partitions > limit {
                    format!("; Athena reads at most {} in one scan", Count(limit))
                } else {
                    String::new()
                }
            ),
            match table.would_project() {
                Some(properties) => format!("project them: `{}`", set_properties(table, &properties)),
                None => "partition by a coarser date or fewer keys, or use partition projection".to_string(),
            } + &until_then(table),
        ),
    };
    let waste = waste(table, cx);
    cx.report_table(table, message).waste(waste).at_most(severity).help(help);
}

/// What helps at once: a partition index that is there and not used. It saves time in planning, not bytes.
pub(super) fn until_then(table: &Table) -> String {
    let Some(keys) = table.unused_index() else { return String::new() };
    let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    let statement = set_properties(table, &[("partition_filtering.enabled".to_string(), "true".to_string())]);
    format!("; until then `{statement}` lets Athena plan with the partition index on {}", keys.join(", "))
}

/// The requests that a narrower projection saves.
fn waste(table: &Table, cx: &Context<'_>) -> Option<Waste> {
    let narrow = table.narrow_projection(cx.as_of).filter(|_| table.incomplete().is_none())?;
    let mut narrowed = Table { layout: None, projection: Some(narrow.projection), ..table.clone() };
    narrowed.memo = Default::default();
    let how = "with the narrower projection, in a run of each statement that reads it";
    cx.estimator.saved_requests(table, Partitioning::Projected(&narrowed), how)
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, even, findings, messages, table};
    use super::*;
    use crate::lake::{PartitionIndexes, Projection, ProjectionKind};

    #[test]
    fn stored_partitions_are_counted() {
        let values: Vec<String> = (0..100_001).map(|i| format!("{i:07}")).collect();
        let found = findings("too-many-partitions", vec![table("lake.t", &["id"], &even(&values, 1, GIB))]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity, Severity::Medium);
        assert!(
            messages("too-many-partitions", vec![table("lake.t", &["id"], &even(&values[1..], 1, GIB))]).is_empty()
        );
    }

    #[test]
    fn an_index_that_is_not_used_helps_until_then() {
        let values: Vec<String> = (0..100_001).map(|i| format!("{i:07}")).collect();
        let help = |are_used: bool, keys: &[&str]| {
            let mut table = table("lake.t", &["id"], &even(&values, 1, GIB));
            let keys = keys.iter().map(|key| vec![key.to_string()]).collect();
            table.partition_indexes = Some(PartitionIndexes { keys, are_used });
            findings("too-many-partitions", vec![table])[0].help.clone().expect("help")
        };
        let statement = "`ALTER TABLE lake.t SET TBLPROPERTIES ('partition_filtering.enabled'='true')`";
        let expected = format!("; until then {statement} lets Athena plan with the partition index on `id`");
        assert!(help(false, &["id"]).ends_with(&expected), "{}", help(false, &["id"]));
        assert!(!help(true, &["id"]).contains("until then") && !help(false, &[]).contains("until then"));
    }

    #[test]
    fn projected_ranges_multiply() {
        let mut projected = table("lake.t", &["tenant", "hour"], &[]);
        let range = |max| ProjectionKind::Integer { min: 1, max, interval: 1, digits: None };
        projected.projection = Some(Projection {
            keys: [("tenant".to_string(), range(60_000)), ("hour".to_string(), range(24))].into(),
            template: None,
        });
        let found = findings("too-many-partitions", vec![projected]);
        assert_eq!(found[0].severity, Severity::High);
        assert!(found[0].message.contains("projects 1,440,000 partitions"), "{}", found[0].message);
    }
}
