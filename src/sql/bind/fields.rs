//! Fields of struct columns: a field that is named alone needs its leaves alone.
//!
//! Trino pushes dereferences into scans of Parquet and ORC (PushProjectionIntoTableScan,
//! <https://trino.io/docs/current/optimizer/pushdown.html#dereference-pushdown>). Subscripts and functions need whole columns.

use std::collections::{BTreeMap, BTreeSet};

use crate::expr::{ColumnId, ColumnType, Expr, Opaque};

use super::required::Required;
use super::tree::ScanId;
use super::{Binder, ColumnInfo, Scan};

impl Binder<'_> {
    /// A field of an expression: a column of its own where the expression is a struct column of a table, or a field of one.
    pub(super) fn field(&mut self, of: &Expr, path: &[String]) -> Expr {
        let whole = Expr::Opaque { columns: of.columns(), why: Opaque::NotModelled };
        let Expr::Column(id) = of else { return whole };
        let info = &self.columns[id.0 as usize];
        let Some(scan) = info.scan else { return whole };
        let below = path.join(".");
        let (root, path) = match &info.field_of {
            Some((root, above)) => (*root, format!("{above}.{below}")),
            None => (*id, below),
        };
        if self.may_have_fields(scan, root) { Expr::Column(self.field_column(scan, root, path)) } else { whole }
    }

    fn field_column(&mut self, scan: ScanId, root: ColumnId, path: String) -> ColumnId {
        let known = |(_, id): &&(String, ColumnId)| {
            self.columns[id.0 as usize].field_of.as_ref().is_some_and(|(r, p)| *r == root && *p == path)
        };
        if let Some((_, id)) = self.scans[scan.0].fields.iter().find(known) {
            return *id;
        }
        let id = ColumnId(self.columns.len() as u32);
        let full = format!("{}.{path}", self.scans[scan.0].name_of(root).unwrap_or_default());
        let place = self.scans[scan.0].place;
        self.columns.push(ColumnInfo { scan: Some(scan), place, depends: Vec::new(), field_of: Some((root, path)) });
        self.scans[scan.0].fields.push((full, id));
        id
    }

    /// Whether a column is a struct, as far as anyone says.
    fn may_have_fields(&self, scan: ScanId, column: ColumnId) -> bool {
        let scan = &self.scans[scan.0];
        let (Some(table), Some(name)) = (scan.table, scan.name_of(column)) else { return true };
        let table = self.around.catalog.get(table);
        match table.columns.iter().find(|c| c.name == name).map(|c| &c.data_type) {
            Some(ColumnType::Other(text)) => ["struct", "row"].iter().any(|kind| text.starts_with(kind)),
            Some(_) => false,
            None => table.key_index(name).is_none(),
        }
    }

    /// The fields of a scan that are needed, by column, where not the whole column is.
    pub(super) fn fields_used(&self, scan: &Scan, required: &Required) -> BTreeMap<String, BTreeSet<String>> {
        let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (_, id) in scan.fields.iter().filter(|(_, id)| required.columns.contains(id)) {
            let Some((root, path)) = &self.columns[id.0 as usize].field_of else { continue };
            if let (false, Some(name)) = (required.columns.contains(root), scan.name_of(*root)) {
                used.entry(name.to_string()).or_default().insert(path.clone());
            }
        }
        for paths in used.values_mut() {
            let all = paths.clone();
            let is_inside =
                |path: &str, other: &str| path.strip_prefix(other).is_some_and(|rest| rest.starts_with('.'));
            paths.retain(|path| !all.iter().any(|other| is_inside(path, other)));
        }
        used
    }
}

impl Scan {
    /// The name of one of its columns.
    fn name_of(&self, column: ColumnId) -> Option<&str> {
        self.columns.iter().find(|(_, id)| *id == column).map(|(name, _)| name.as_str())
    }
}
