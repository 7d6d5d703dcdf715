//! Whether curated tables are made for other uses than the first one.

use super::{Case, Evidence, Question, question};
use crate::expr::ColumnType;
use crate::finding::Place;
use crate::lake::{Layer, Table, TableName};

pub(super) const QUESTION: Question = question!("curated-layer-is-reusable", look);

/// Columns from which on text alone is no design.
const FEW: usize = 3;
const KEYLESS: &str = "unpartitioned-large-table";

fn look(evidence: &Evidence<'_>, case: &mut Case<'_>) {
    let lake = evidence.estimator.lake;
    let keyless = evidence.findings(&[KEYLESS]);
    for (_, table) in lake.catalog.iter().filter(|(_, table)| table.layer == Some(Layer::Curated)) {
        let is_keyless = keyless.iter().filter_map(|finding| finding.table.as_deref());
        let is_keyless = is_keyless.map(TableName::parse).any(|name| name.matches(&table.name));
        let (faults, gaps) = of_table(table, is_keyless);
        let place = table.declared_at.map_or(Place::Lake, Place::Span);
        match (faults.is_empty(), gaps.is_empty()) {
            (false, _) => case.bad(place, format!("`{}` {}", table.name, faults.join(", and "))),
            (true, false) => case.missing(place, format!("of `{}` {}", table.name, gaps.join(", and "))),
            (true, true) => case.good(place, format!("`{}` is typed, keyed and columnar", table.name)),
        }
    }
    if case.is_empty() {
        case.missing(Place::Lake, "no table is in the curated layer: `[layers]` in lakelint.toml says which are");
    }
}

/// What is wrong with a table, and what is not known of it.
fn of_table(table: &Table, is_keyless: bool) -> (Vec<String>, Vec<&'static str>) {
    let (mut faults, mut gaps) = (Vec::new(), Vec::new());
    let columns = &table.columns;
    if columns.is_empty() {
        gaps.push("no column is declared");
    } else if columns.len() >= FEW && columns.iter().all(|column| column.data_type == ColumnType::String) {
        faults.push(format!("keeps all of its {} columns as text", columns.len()));
    }
    if is_keyless {
        faults.push("is large and has no partition key".to_string());
    } else if !table.is_partitioned() && table.layout.is_none() {
        gaps.push("neither a partition key nor the size is known");
    }
    match table.main_format() {
        Some(format) if !format.is_columnar() => faults.push(format!("is stored as {}", format.name())),
        None => gaps.push("the format is not known"),
        Some(_) => {}
    }
    (faults, gaps)
}
