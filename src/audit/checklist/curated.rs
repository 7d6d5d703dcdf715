//! Whether curated tables are made for other uses than the first one.

use super::{Case, Evidence, Question, question};
use crate::cost::machine::words;
use crate::expr::ColumnType;
use crate::finding::Place;
use crate::lake::{Column, DeclaredBy, Layer, Table};

pub(super) const QUESTION: Question = question!("curated-layer-is-reusable", look);

/// Columns from which on text alone is no design.
const FEW: usize = 3;
/// More than this share of a table's columns is text in no table of TPC-DS.
const MOSTLY: f64 = 0.9;
/// The share of columns with a comment from which on a table is documented.
const DOCUMENTED: f64 = 0.5;
/// Bytes from which on a table needs a partition key: what unpartitioned-large-table has by default.
const LARGE: u64 = 100 << 30;

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
    for (_, table) in lake.catalog.iter().filter(|(_, table)| table.layer == Some(Layer::Curated)) {
        let mut traits = Traits::default();
        types(&table.columns, &mut traits);
        key(table, &mut traits);
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
    let is_known = |column: &&Column| !column.data_type.is_unknown();
    let known: Vec<&Column> = columns.iter().filter(is_known).collect();
    let text: Vec<&Column> = known.iter().copied().filter(|column| column.data_type == ColumnType::String).collect();
    let counted = || match text.len() == known.len() {
        true => format!("all of its {} columns", known.len()),
        false => format!("{} of its {} columns", text.len(), known.len()),
    };
    let is_number = |column: &&&Column| words(&column.name).last().is_some_and(|word| NUMBERS.contains(&word.as_str()));
    let number = text.iter().find(is_number);
    let is_mostly_text = known.len() >= FEW && text.len() as f64 > MOSTLY * known.len() as f64;
    match (known.is_empty(), is_mostly_text, number) {
        (true, ..) => traits.gaps.push("the types of its columns are not known".to_string()),
        (_, true, Some(column)) => {
            traits.faults.push(format!("keeps {} as text, `{}` among them", counted(), column.name));
        }
        (_, true, None) => traits.gaps.push(format!("{} are text", counted())),
        (_, false, Some(column)) => traits.gaps.push(format!("`{}` is text", column.name)),
        (_, false, None) => traits.good.push("typed".to_string()),
    }
}

fn key(table: &Table, traits: &mut Traits) {
    let is_by_folders = matches!(table.declared_by, DeclaredBy::Config | DeclaredBy::Layout);
    match (&table.partition_keys[..], &table.layout) {
        ([key, ..], _) => traits.good.push(format!("partitioned by `{}`", key.name)),
        ([], None) => traits.gaps.push("no partition key is declared, and the size is not known".to_string()),
        // The configuration may simply not say what the keys are, and folders alone do not either.
        ([], Some(layout)) if layout.bytes().0 >= LARGE && is_by_folders => {
            traits.gaps.push(format!("its {} have no partition key that is known", layout.bytes()));
        }
        ([], Some(layout)) if layout.bytes().0 >= LARGE => {
            traits.faults.push(format!("is large ({}) and has no partition key", layout.bytes()));
        }
        ([], Some(_)) if table.incomplete().is_some() => {
            traits.gaps.push("no partition key is declared, and not all of its files were listed".to_string());
        }
        ([], Some(layout)) => traits.good.push(format!("small enough to need no key ({})", layout.bytes())),
    }
}

fn comments(table: &Table, traits: &mut Traits) {
    let of_columns = table.documented.columns as f64;
    let is_documented = of_columns > 0.0 && of_columns >= DOCUMENTED * table.columns.len() as f64;
    match table.documented.table || is_documented {
        true => traits.good.push("documented".to_string()),
        false => traits.gaps.push("no comment says what the table or most of its columns are".to_string()),
    }
}

/// What is declared, unless files say otherwise.
fn format(table: &Table, traits: &mut Traits) {
    let stored = table.layout.iter().flat_map(|layout| layout.formats.keys().filter_map(|(format, _)| *format));
    let other = stored.filter(|format| !format.is_columnar()).min();
    match (table.main_format(), other) {
        (Some(format), None) if format.is_columnar() => traits.good.push(format!("stored as {}", format.name())),
        (Some(format), Some(other)) if format.is_columnar() => {
            traits.gaps.push(format!("the format is {}, but {} files lie there", format.name(), other.name()));
        }
        (Some(format), _) => traits.faults.push(format!("has the row format {}", format.name())),
        (None, _) => traits.gaps.push("the format is not known".to_string()),
    }
}
