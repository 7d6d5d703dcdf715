//! Which columns survive: from the statement's outputs and everything that is read anyway, back to the scans.

use std::collections::HashSet;

use crate::expr::ColumnId;

use super::tree::ScanId;
use super::{Binder, Output};

/// Columns and open `*` that are needed.
#[derive(Debug, Default)]
pub(super) struct Required {
    pub columns: HashSet<ColumnId>,
    /// Scans of which every column is needed, the unknown ones too.
    pub open: HashSet<ScanId>,
}

impl Binder<'_> {
    /// What a statement with these outputs needs. `outputs` is `None` when the rows themselves are not wanted.
    pub(super) fn required(&self, outputs: Option<&Output>) -> Required {
        let mut required = Required::default();
        let mut todo: Vec<ColumnId> = self.always.clone();
        required.open.extend(&self.always_open);
        if let Some(outputs) = outputs {
            todo.extend(outputs.columns.iter().flat_map(|(_, e)| e.columns()));
            required.open.extend(outputs.open.iter().filter(|scan| self.scans[scan.0].star.is_some()));
        }
        while let Some(id) = todo.pop() {
            if required.columns.insert(id) {
                todo.extend(&self.columns[id.0 as usize].depends);
            }
        }
        required
    }
}
