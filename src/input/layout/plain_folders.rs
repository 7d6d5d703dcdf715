//! Folders without keys that no table describes: which of them are tables.

use std::collections::BTreeSet;

use super::collector::{Collector, Plain, Root};
use super::partition_path::Scheme;
use super::scope::Origin;
use super::seen::{Seen, merge};
use crate::lake::Layer;

impl Collector {
    /// Files beside `key=value` folders lie outside that table's partitions. Other folders belong to the first folder below the
    /// top of a folder source, whatever lies between; of a listing, to the first folder above them that holds files itself.
    pub(super) fn sort_out_plain_folders(&mut self) {
        let holding_tables = self.holding_tables();
        for (root, plain) in std::mem::take(&mut self.plain) {
            if let Some(table) = ancestors(&root).rev().find_map(|r| self.derived.get(&r)) {
                merge(&mut self.seen[table.seen].layout.oddities.outside_partitions, plain.all);
                continue;
            }
            let first = first_folder(&root, plain.origin.top)
                .filter(|first| !plain.is_dated && !holding_tables.contains(first) && !is_layer(first));
            // Sorted by path: a folder comes after every folder above it.
            let above = || ancestors(&root).find(|r| is_below_top(r, &plain.origin) && self.plain.contains_key(r));
            let into = first.or_else(above).unwrap_or_else(|| root.clone());
            match self.plain.get_mut(&into) {
                Some(table) => {
                    table.origin.sources.extend(plain.origin.sources);
                    let empty = Seen::new(Scheme::Unpartitioned, None);
                    let seen = std::mem::replace(&mut self.seen[plain.origin.seen], empty);
                    self.seen[table.origin.seen].absorb(seen);
                }
                None => {
                    let below = &root.path[into.path.len()..];
                    let shown = plain.origin.shown.strip_suffix(below).unwrap_or(&plain.origin.shown).to_string();
                    self.plain.insert(into, Plain { origin: Origin { shown, ..plain.origin }, ..plain });
                }
            }
        }
    }

    /// What is left of deleted objects counts where their folder, or one above it, is a table.
    pub(super) fn place_what_is_past(&mut self) {
        for (root, past) in std::mem::take(&mut self.past) {
            let table = |root: Root| {
                let plain = self.plain.get(&root).map(|plain| plain.origin.seen);
                plain.or_else(|| self.derived.get(&root).map(|origin| origin.seen))
            };
            let Some(seen) = ancestors(&root).rev().find_map(table) else { continue };
            let oddities = &mut self.seen[seen].layout.oddities;
            merge(&mut oddities.noncurrent, past.noncurrent);
            merge(&mut oddities.delete_markers, past.delete_markers);
            merge(&mut oddities.unfinished_uploads, past.unfinished_uploads);
        }
    }

    /// First folders of folder sources under which keys or dates make tables of their own: they are no tables themselves.
    fn holding_tables(&self) -> BTreeSet<Root> {
        let keyed = self.derived.iter().map(|(root, origin)| (root, origin.top));
        let dated = self.plain.iter().filter(|(_, plain)| plain.is_dated).map(|(root, plain)| (root, plain.origin.top));
        keyed.chain(dated).filter_map(|(root, top)| first_folder(root, top).filter(|first| first != root)).collect()
    }
}

/// The folder right below the top of a folder source in which a root lies, or that it is.
fn first_folder(root: &Root, top: Option<usize>) -> Option<Root> {
    let top = top?;
    ancestors(root).find(|root| depth(root) == top + 1)
}

/// A folder that is named like a layer holds the tables of that layer.
fn is_layer(root: &Root) -> bool {
    root.path.rsplit('/').next().is_some_and(|name| Layer::well_known(name).is_some())
}

/// The folders above a root from the top down, and the root itself.
fn ancestors(root: &Root) -> impl DoubleEndedIterator<Item = Root> + '_ {
    let ends: Vec<usize> = std::iter::once(0)
        .chain(root.path.match_indices('/').map(|(i, _)| i))
        .chain((!root.path.is_empty()).then_some(root.path.len()))
        .collect();
    ends.into_iter().map(|end| Root { bucket: root.bucket.clone(), path: root.path[..end].to_string() })
}

/// Whether a folder lies below the source's own folder: files at the very top do not make the whole lake one table.
fn is_below_top(root: &Root, origin: &Origin) -> bool {
    depth(root) > origin.top.unwrap_or(0)
}

fn depth(root: &Root) -> usize {
    root.path.split('/').filter(|s| !s.is_empty()).count()
}
