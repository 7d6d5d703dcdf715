//! The tables that some source describes, found by the last parts of their names.

use std::collections::HashMap;

use super::{Footers, Table, TableId, TableMemo, TableName};

/// All described tables, in a stable order (by name).
#[derive(Debug, Default)]
pub struct Catalog {
    tables: Vec<Table>,
    /// Unqualified name -> tables of that name.
    by_table: HashMap<String, Vec<TableId>>,
}

/// The answer to a table reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    Found(TableId),
    /// Several tables match the name as written: none is guessed.
    Ambiguous,
    Unknown,
}

impl Catalog {
    pub fn new(mut tables: Vec<Table>) -> Self {
        tables.sort_by(|a, b| a.name.cmp(&b.name));
        let mut by_table: HashMap<String, Vec<TableId>> = HashMap::new();
        for (i, table) in tables.iter_mut().enumerate() {
            table.memo = TableMemo::default();
            by_table.entry(table.name.table().to_string()).or_default().push(TableId(i as u32));
        }
        Catalog { tables, by_table }
    }

    pub fn get(&self, id: TableId) -> &Table {
        &self.tables[id.0 as usize]
    }

    /// Lays footers over a table's layout, if it has one. They are read once it is known which tables queries read.
    pub(crate) fn set_footers(&mut self, id: TableId, footers: Footers) {
        if let Some(layout) = &mut self.tables[id.0 as usize].layout {
            layout.footers = Some(footers);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (TableId, &Table)> {
        self.tables.iter().enumerate().map(|(i, t)| (TableId(i as u32), t))
    }

    /// Finds a reference as a statement writes it. An exact match wins over a partial one.
    pub fn lookup(&self, name: &TableName) -> Lookup {
        let candidates = self.by_table.get(name.table()).map_or(&[][..], |ids| ids);
        let matching: Vec<TableId> = candidates.iter().copied().filter(|id| self.get(*id).name.matches(name)).collect();
        match matching[..] {
            [] => Lookup::Unknown,
            [id] => Lookup::Found(id),
            _ => match matching.iter().find(|id| self.get(**id).name == *name) {
                Some(id) => Lookup::Found(*id),
                None => Lookup::Ambiguous,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::DeclaredBy;
    use super::*;

    #[test]
    fn references_match_by_their_last_parts_and_ambiguity_is_not_guessed() {
        let catalog = Catalog::new(
            ["lake.sales", "a.orders", "b.orders", "events"]
                .iter()
                .map(|n| Table::new(TableName::parse(n), DeclaredBy::Ddl))
                .collect(),
        );
        let found = |n: &str| match catalog.lookup(&TableName::parse(n)) {
            Lookup::Found(id) => catalog.get(id).name.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(found("sales"), "lake.sales");
        assert_eq!(found("awsdatacatalog.lake.SALES"), "lake.sales");
        assert_eq!(found("orders"), "Ambiguous");
        assert_eq!(found("b.orders"), "b.orders");
        assert_eq!(found("x.events"), "events");
        assert_eq!(found("y.sales"), "Unknown");
    }
}
