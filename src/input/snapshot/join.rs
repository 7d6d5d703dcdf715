//! Tables of snapshots among all other sources. What is declared now wins over what was declared at the scan, and a folder or
//! listing that is named beside a snapshot wins over its layout.

use std::collections::HashSet;

use anyhow::Result;

use super::{Snapshot, Wanted};
use crate::finding::Place;
use crate::input::assemble;
use crate::input::lake_source::LakeSource;
use crate::lake::{DeclaredBy, Gap, Table, TableName, Unreadable, UnreadableKind};

/// Tables of snapshots whose declarations have been handed out; their partitions wait until all tables are known.
#[derive(Debug, Default)]
pub(in crate::input) struct Stored {
    /// Declared by somebody, with the snapshot's folder for people.
    declared: Vec<(Table, String)>,
    /// Known from their folders only.
    derived: Vec<Table>,
    /// What scans were refused where no table is known.
    pub gaps: Vec<Gap>,
}

impl Stored {
    /// Reads what is wanted of all snapshots among the sources.
    pub(in crate::input) fn read(sources: &[LakeSource], wanted: &Wanted<'_>) -> Result<Stored> {
        let mut stored = Stored::default();
        for source in sources.iter().filter(|source| source.is_snapshot()) {
            let snapshot = Snapshot::open(&source.path, &source.shown)?;
            let tables = match wanted.names(&snapshot) {
                Some(names) => snapshot.tables(|name| names.contains(name.table()))?,
                None => snapshot.tables(|_| true)?,
            };
            stored.add(tables, &source.shown);
            stored.gaps.extend(snapshot.gaps);
        }
        Ok(stored)
    }

    /// Adds the tables of a snapshot; of two snapshots of one table the first counts.
    fn add(&mut self, tables: Vec<Table>, shown: &str) {
        let known: HashSet<TableName> =
            self.declared.iter().map(|(table, _)| table).chain(&self.derived).map(|table| table.name.clone()).collect();
        for mut table in tables.into_iter().filter(|table| !known.contains(&table.name)) {
            if let Some(layout) = &mut table.layout {
                layout.source = format!("{shown} ({})", layout.source);
            }
            match table.declared_by {
                DeclaredBy::Layout => self.derived.push(table),
                _ => self.declared.push((table, shown.to_string())),
            }
        }
    }

    /// Adds what the snapshots say of tables that the same kind of source does not declare now.
    pub(in crate::input) fn declare(&self, described: &mut Vec<Table>) {
        let now: HashSet<(TableName, DeclaredBy)> =
            described.iter().map(|table| (table.name.clone(), table.declared_by)).collect();
        let stored = self.declared.iter().map(|(table, _)| table);
        let missing = stored.filter(|table| !now.contains(&(table.name.clone(), table.declared_by)));
        described.extend(missing.map(declaration));
    }

    /// Gives the tables what was stored of them, and tells of those that are not what they were at the scan.
    pub(in crate::input) fn attach(self, tables: &mut Vec<Table>) -> Vec<Unreadable> {
        let mut outdated = Vec::new();
        for (stored, shown) in self.declared {
            let Some(table) = named(tables, &stored) else { continue };
            if table.layout.is_some() {
                continue;
            }
            match difference(table, &stored) {
                None => {
                    if tells_keys(&stored) {
                        (table.partition_keys, table.columns) = (stored.partition_keys, stored.columns);
                    }
                    if table.registered_partitions.is_none() {
                        table.registered_partitions = stored.registered_partitions;
                        table.placed_partitions = stored.placed_partitions;
                    }
                    table.partition_indexes = table.partition_indexes.take().or(stored.partition_indexes);
                    table.documented = table.documented.or(stored.documented);
                    table.layout = stored.layout;
                }
                Some(_) if stored.layout.is_none() => {}
                Some(difference) => outdated.push(Unreadable {
                    kind: UnreadableKind::Sql,
                    place: Place::Path(shown),
                    message: format!("the snapshot of `{}` is not used: {difference}", table.name),
                    help: "take it again with `lakelint scan`".to_string(),
                }),
            }
        }
        assemble::add_derived(tables, self.derived);
        outdated
    }
}

/// A table without what is stored of it.
fn declaration(table: &Table) -> Table {
    Table {
        kind: table.kind,
        columns: table.columns.clone(),
        partition_keys: table.partition_keys.clone(),
        format: table.format,
        location: table.location.clone(),
        projection: table.projection.clone(),
        max_range_days: table.max_range_days,
        ..Table::new(table.name.clone(), table.declared_by)
    }
}

/// The table that a stored one is now: merging may have given it a longer name.
fn named<'a>(tables: &'a mut [Table], stored: &Table) -> Option<&'a mut Table> {
    let exact = tables.iter().position(|table| table.name == stored.name);
    let mut longer = (0..tables.len()).filter(|i| tables[*i].name.matches(&stored.name));
    let at = match (exact, longer.next(), longer.next()) {
        (Some(at), ..) | (None, Some(at), None) => at,
        _ => return None,
    };
    Some(&mut tables[at])
}

/// Whether what is stored knows columns and keys better than any declaration: it is from the metadata of an Iceberg table.
fn tells_keys(stored: &Table) -> bool {
    stored.layout.as_ref().is_some_and(|layout| layout.iceberg.is_some())
}

/// Why a stored layout does not belong to the table as it is declared now.
fn difference(table: &Table, stored: &Table) -> Option<String> {
    let keys = |table: &Table| table.partition_keys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>().join(", ");
    let (now, then) = (keys(table), keys(stored));
    let spelled = |keys: &str| if keys.is_empty() { "no keys".to_string() } else { format!("`{keys}`") };
    if now != then && !tells_keys(stored) {
        return Some(format!("it was partitioned by {}, now by {}", spelled(&then), spelled(&now)));
    }
    match (&table.location, &stored.location) {
        (Some(now), Some(then)) if now != then => Some(format!("it was at `{then}`, now at `{now}`")),
        _ => None,
    }
}
