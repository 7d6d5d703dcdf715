//! Whether curated tables are made for other uses than the first one.

use super::{Case, Evidence, Question, question};
use crate::expr::ColumnType;
use crate::finding::Place;
use crate::lake::{Column, Layer, Table, TableName};

pub(super) const QUESTION: Question = question!("curated-layer-is-reusable", look);

/// Columns from which on text alone is no design.
const FEW: usize = 3;
/// More than this share of a table's columns is text in no table of TPC-DS.
const MOSTLY: f64 = 0.9;
/// The share of columns with a comment from which on a table is documented.
const DOCUMENTED: f64 = 0.5;
const KEYLESS: &str = "unpartitioned-large-table";

/// Words in names of columns that stand for numbers and times.
const NUMBERS: [&str; 22] = [
    "amount",
    "at",
    "average",
    "avg",
    "balance",
    "cost",
    "count",
    "date",
    "day",
    "duration",
    "fee",
    "height",
    "length",
    "percent",
    "price",
    "qty",
    "quantity",
    "rate",
    "revenue",
    "timestamp",
    "total",
    "weight",
];

/// What is to be said of a table.
#[derive(Default)]
struct Traits {
    faults: Vec<String>,
    gaps: Vec<String>,
    good: Vec<String>,
}

fn look(evidence: &Evidence<'_>, case: &mut Case<'_>) {
    let lake = evidence.estimator.lake;
    let keyless = evidence.findings(&[KEYLESS]);
    for (_, table) in lake.catalog.iter().filter(|(_, table)| table.layer == Some(Layer::Curated)) {
        let is_keyless = keyless.iter().filter_map(|finding| finding.table.as_deref());
        let is_keyless = is_keyless.map(TableName::parse).any(|name| name.matches(&table.name));
        let mut traits = Traits::default();
        types(&table.columns, &mut traits);
        key(table, is_keyless, &mut traits);
        comments(table, &mut traits);
        format(table, &mut traits);
        let Traits { faults, gaps, good } = traits;
        let place = table.declared_at.map_or(Place::Lake, Place::Span);
        match (faults.is_empty(), gaps.is_empty()) {
            (false, _) => case.bad(place, format!("`{}` {}", table.name, faults.join(", and "))),
            (true, false) => case.missing(place, format!("of `{}` {}", table.name, gaps.join(", and "))),
            (true, true) => case.good(place, format!("`{}` is {}", table.name, good.join(", "))),
        }
    }
    if case.is_empty() {
        case.missing(Place::Lake, "no table is in the curated layer: `[layers]` in lakelint.toml says which are");
    }
}

fn types(columns: &[Column], traits: &mut Traits) {
    let is_known = |column: &&Column| !matches!(&column.data_type, ColumnType::Other(text) if text.is_empty());
    let known: Vec<&Column> = columns.iter().filter(is_known).collect();
    let text: Vec<&Column> = known.iter().copied().filter(|column| column.data_type == ColumnType::String).collect();
    let counted = || match text.len() == known.len() {
        true => format!("all of its {} columns", known.len()),
        false => format!("{} of its {} columns", text.len(), known.len()),
    };
    let is_number = |column: &&&Column| column.name.split('_').any(|word| NUMBERS.contains(&word));
    if known.is_empty() {
        traits.gaps.push("the types of its columns are not known".to_string());
    } else if known.len() < FEW || text.len() as f64 <= MOSTLY * known.len() as f64 {
        traits.good.push("typed".to_string());
    } else if let Some(column) = text.iter().find(is_number) {
        traits.faults.push(format!("keeps {} as text, `{}` among them", counted(), column.name));
    } else {
        traits.gaps.push(format!("{} are text", counted()));
    }
}

fn key(table: &Table, is_keyless: bool, traits: &mut Traits) {
    match (&table.partition_keys[..], &table.layout) {
        ([], _) if is_keyless => traits.faults.push("is large and has no partition key".to_string()),
        ([], None) => traits.gaps.push("no partition key is declared, and the size is not known".to_string()),
        ([], Some(layout)) => traits.good.push(format!("small enough to need no key ({})", layout.bytes())),
        ([key, ..], _) => traits.good.push(format!("partitioned by `{}`", key.name)),
    }
}

fn comments(table: &Table, traits: &mut Traits) {
    let of_columns = table.documented.columns as f64;
    let is_documented = of_columns > 0.0 && of_columns >= DOCUMENTED * table.columns.len() as f64;
    match table.documented.table || is_documented {
        true => traits.good.push("documented".to_string()),
        false => traits.gaps.push("no comment says what it, or what most of its columns are".to_string()),
    }
}

fn format(table: &Table, traits: &mut Traits) {
    match table.main_format() {
        Some(format) if format.is_columnar() => traits.good.push(format!("stored as {}", format.name())),
        Some(format) => traits.faults.push(format!("is stored as {}", format.name())),
        None => traits.gaps.push("the format is not known".to_string()),
    }
}
