//! By which columns a statement can be run piece by piece: rows of different values never meet on the way to its output.

use std::collections::{HashMap, HashSet};

use crate::expr::{ColumnId, Expr};

use super::Binder;
use super::reads::Reads;
use super::tree::{Node, ScanId};

/// Columns of a scan whose values stay apart; `None` is all of them: every row goes its own way.
type Apart = Option<HashSet<ColumnId>>;

impl Binder<'_> {
    /// Leaves each read the partition keys that keep its rows apart.
    pub(super) fn mark_splits(&self, node: &Node, reads: &mut Reads) {
        let mut apart = HashMap::new();
        kept_apart(node, &None, &mut apart);
        for (scan, read) in &reads.of_scan {
            let read = &mut reads.reads[*read];
            let table = self.around.catalog.get(read.table);
            let names = &self.scans[scan.0].columns;
            let is_apart = |key: &usize| match apart.get(scan) {
                None => false,
                Some(None) => true,
                Some(Some(columns)) => {
                    let name = &table.partition_keys[*key].name;
                    names.iter().any(|(other, id)| other == name && columns.contains(id))
                }
            };
            read.splits_by.retain(is_apart);
        }
    }
}

fn kept_apart(node: &Node, by: &Apart, found: &mut HashMap<ScanId, Apart>) {
    match node {
        Node::Empty { .. } => {}
        Node::Scan(id) => {
            found.insert(*id, by.clone());
        }
        Node::Filter { input, .. } | Node::Whole { input } => kept_apart(input, by, found),
        Node::Project { input, computed } => {
            let names = |id: &ColumnId| computed.get(id).and_then(plain);
            let by = by.as_ref().map(|by| by.iter().copied().chain(by.iter().filter_map(names)).collect());
            kept_apart(input, &by, found);
        }
        Node::Aggregate { input, keys } => kept_apart(input, &both(by, keys), found),
        Node::Window { input, partitions } => {
            let by = partitions.iter().fold(by.clone(), |by, keys| both(&by, keys));
            kept_apart(input, &by, found);
        }
        Node::Join { left, right, .. } => {
            kept_apart(left, by, found);
            kept_apart(right, by, found);
        }
        Node::SetOperation { branches, .. } => {
            for (branch, columns) in branches {
                let names = |id: &ColumnId| columns.get(id).and_then(plain);
                let by = by.as_ref().map(|by| by.iter().filter_map(names).collect());
                kept_apart(branch, &by, found);
            }
        }
        Node::Barrier { input } | Node::Limit { input } => kept_apart(input, &Some(HashSet::new()), found),
        Node::Subqueries { input, subqueries } => {
            kept_apart(input, by, found);
            subqueries.iter().for_each(|subquery| kept_apart(&subquery.node, &Some(HashSet::new()), found));
        }
    }
}

/// The columns among the keys of a group that rows were apart by already.
fn both(by: &Apart, keys: &[Expr]) -> Apart {
    let keys = keys.iter().filter_map(plain);
    Some(keys.filter(|key| by.as_ref().is_none_or(|by| by.contains(key))).collect())
}

fn plain(expr: &Expr) -> Option<ColumnId> {
    match expr {
        Expr::Column(id) => Some(*id),
        _ => None,
    }
}
