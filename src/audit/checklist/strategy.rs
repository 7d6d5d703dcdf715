//! Whether partitions and files follow a strategy.

use std::collections::BTreeMap;

use super::{Case, Evidence, Question, question};
use crate::finding::Place;
use crate::lake::{Count, Lookup, TableId, TableName};

pub(super) const QUESTION: Question = question!("partition-strategy-is-followed", look);

/// The rules about how tables are cut into partitions and files.
const RULES: [&str; 13] = [
    "empty-projected-partitions",
    "huge-unsplittable-file",
    "iceberg-many-delete-files",
    "inconsistent-partition-names",
    "mixed-formats-in-table",
    "over-partitioned-table",
    "overlapping-table-locations",
    "skewed-partitions",
    "small-files",
    "stray-files-in-table",
    "too-many-partitions",
    "unpartitioned-large-table",
    "unregistered-partitions",
];

fn look(evidence: &Evidence<'_>, case: &mut Case<'_>) {
    let catalog = &evidence.estimator.lake.catalog;
    let mut faults: BTreeMap<TableId, Vec<(&str, &str)>> = BTreeMap::new();
    // Those that are switched off as well: the question is what lies there, not what somebody wants to hear.
    let findings = evidence.findings(&RULES);
    for finding in &findings {
        let table = finding.table.as_deref().map(TableName::parse);
        if let Some(Lookup::Found(id)) = table.map(|name| catalog.lookup(&name)) {
            faults.entry(id).or_default().push((finding.rule, &finding.message));
        }
    }
    let (mut known, mut conform, mut unknown) = (0, 0, Vec::new());
    for (id, table) in catalog.iter() {
        if table.layout.is_some() {
            known += 1;
            conform += u64::from(!faults.contains_key(&id));
        } else if !faults.contains_key(&id) {
            unknown.push(table.name.to_string());
        }
    }
    let sum = format!("tables with a known layout that conform: {} of {}", Count(conform), Count(known));
    if !faults.is_empty() {
        case.bad(Place::Lake, sum.clone());
    } else if known > 0 {
        case.good(Place::Lake, sum);
    }
    for (id, faults) in &faults {
        let table = catalog.get(*id);
        let rules: Vec<&str> = faults.iter().map(|(rule, _)| *rule).collect();
        let text = format!("{} ({})", faults.first().map_or("", |(_, message)| message), rules.join(", "));
        case.bad(table.declared_at.map_or(Place::Lake, Place::Span), text);
    }
    match unknown.len() {
        0 if known == 0 && faults.is_empty() => case.missing(Place::Lake, "no table is described"),
        0 => {}
        1 => case.missing(Place::Lake, format!("the layout of `{}` is not known", unknown[0])),
        all => case.missing(Place::Lake, format!("the layouts of {} tables are not known", Count(all as u64))),
    }
}
