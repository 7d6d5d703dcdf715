//! Which leaf columns a read needs, and what share of the bytes they have where no footer tells.

use std::collections::BTreeSet;

use super::estimate::Columns;
use crate::expr::ColumnType;
use crate::lake::{ColumnsUsed, DeclaredBy, Footers, Table, TableKind, TableRead};

/// Share of a columnar table's bytes that a read needs, and what was taken for granted.
#[derive(Debug)]
pub struct Needed {
    pub share: f64,
    pub assumption: String,
}

/// Indices of the leaf columns that a read needs, sorted. Keys of Hive tables are not in the files.
pub fn leaves(read: &TableRead, table: &Table, footers: &Footers) -> Vec<usize> {
    let within = |paths: &[String]| -> Vec<usize> {
        (0..footers.columns.len())
            .filter(|leaf| paths.iter().any(|path| footers.columns[*leaf].is_within(path)))
            .collect()
    };
    match &read.columns {
        ColumnsUsed::Some(_) => within(&paths(read, table)),
        ColumnsUsed::All(_) => match within(&described(table)) {
            // Nobody says what `*` stands for, or says it with other names than the files.
            none if none.is_empty() => (0..footers.columns.len()).collect(),
            described => described,
        },
    }
}

/// The data columns that the catalog gives a table, where it has the last word: files may hold more of them. Iceberg's files
/// are read by ids, and a definition in a repository does not tell what became of its columns.
fn described(table: &Table) -> Vec<String> {
    if table.declared_by == DeclaredBy::Layout || table.kind == TableKind::Iceberg {
        return Vec::new();
    }
    let stored = table.columns.iter().filter(|column| is_stored(table, &column.name));
    stored.map(|column| column.name.clone()).collect()
}

/// The dotted paths of data columns that a read names.
fn paths(read: &TableRead, table: &Table) -> Vec<String> {
    let ColumnsUsed::Some(names) = &read.columns else { return Vec::new() };
    let stored = names.iter().filter(|name| is_stored(table, name));
    stored
        .flat_map(|name| match read.fields.get(name) {
            Some(fields) => fields.iter().map(|field| format!("{name}.{field}")).collect(),
            None => vec![name.clone()],
        })
        .collect()
}

/// Whether a column lies in the files: partition keys of Hive tables are folder names.
fn is_stored(table: &Table, name: &str) -> bool {
    table.kind == TableKind::Iceberg || table.key_index(name).is_none()
}

/// The columns for people; `None` when nobody lists them.
pub fn listed(read: &TableRead, table: &Table) -> Option<Columns> {
    let footers = table.layout.as_ref().and_then(|layout| layout.footers.as_ref());
    let shares: Vec<(&str, f64)> = footers.map_or(Vec::new(), Footers::shares);
    let declared: Vec<&str> =
        table.columns.iter().map(|column| column.name.as_str()).filter(|name| is_stored(table, name)).collect();
    let named = match &read.columns {
        ColumnsUsed::Some(_) => paths(read, table),
        ColumnsUsed::All(_) if declared.is_empty() => return None,
        ColumnsUsed::All(_) => declared.iter().map(|name| name.to_string()).collect(),
    };
    let position = |path: &str| {
        let top = path.split('.').next().unwrap_or(path);
        declared.iter().position(|name| *name == top).unwrap_or(usize::MAX)
    };
    let mut named = named;
    named.sort_by_key(|path| position(path));
    let within = |path: &String| {
        let inside = |leaf: &str| leaf.strip_prefix(path.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('.'));
        (!shares.is_empty()).then(|| shares.iter().filter(|(leaf, _)| inside(leaf)).map(|(_, share)| share).sum())
    };
    let total = declared.len().max(named.len());
    Some(Columns { total, shares: named.iter().map(within).collect(), read: named })
}

/// Where no footer was read, columns are taken to have bytes in proportion to the width of their types.
pub fn by_width(read: &TableRead, table: &Table) -> Needed {
    let assumption = |text: &str| format!("no footer of `{}` was read: {text}", table.name);
    let stored: Vec<_> = table.columns.iter().filter(|column| is_stored(table, &column.name)).collect();
    let ColumnsUsed::Some(_) = &read.columns else {
        return Needed { share: 1.0, assumption: assumption("every column is read, so whole files") };
    };
    let paths = paths(read, table);
    if paths.is_empty() {
        return Needed { share: 0.0, assumption: assumption("no column is needed, so next to nothing is read") };
    }
    if stored.is_empty() {
        return Needed { share: 1.0, assumption: assumption("its columns are unknown, so whole files are read") };
    }
    let top = |path: &str| path.split('.').next().unwrap_or_default().to_string();
    let is_needed = |name: &str| paths.iter().any(|path| top(path) == name);
    let total: f64 = stored.iter().map(|column| width(&column.data_type)).sum();
    let needed: f64 =
        stored.iter().filter(|column| is_needed(&column.name)).map(|column| width(&column.data_type)).sum();
    // A definition that is older than the query is no reason to call it free; `$path` and the like are in no file.
    let is_missing = |name: &String| !name.starts_with('$') && !stored.iter().any(|column| column.name == *name);
    let missing: BTreeSet<String> = paths.iter().map(|path| top(path)).filter(is_missing).collect();
    let beside = width(&ColumnType::Other(String::new())) * missing.len() as f64;
    let share = ((needed + beside) / (total + beside)).min(1.0);
    let assumption = match missing.first() {
        None => assumption("columns weigh what their types do"),
        Some(name) if name.contains("{{") => assumption(&format!(
            "columns weigh what their types do, and `{name}`, which only a run names, what a wide one does"
        )),
        Some(name) => assumption(&format!(
            "columns weigh what their types do, and `{name}`, which its definition lacks, what a wide one does"
        )),
    };
    Needed { share, assumption }
}

/// Typical stored bytes of one value. Of text nothing is known but that it is wider than numbers.
fn width(data_type: &ColumnType) -> f64 {
    match data_type {
        ColumnType::Boolean => 0.25,
        ColumnType::Integer(bytes) | ColumnType::Float(bytes) => f64::from(*bytes),
        ColumnType::Decimal(precision, _) if *precision <= 9 => 4.0,
        ColumnType::Decimal(precision, _) if *precision <= 18 => 8.0,
        ColumnType::Decimal(..) => 16.0,
        ColumnType::Date => 4.0,
        ColumnType::Timestamp => 8.0,
        ColumnType::String => 16.0,
        ColumnType::Binary | ColumnType::Other(_) => 32.0,
    }
}
