//! Objects to partitions. Streams: memory grows with folders that hold partitions, never with objects, and the result does not
//! depend on the order of the objects.

use std::collections::{BTreeMap, BTreeSet};

use super::matching::{Match, Matcher};
use super::object::{self, Local, Object};
use super::partition_path::{Scheme, above_dates, first_key};
use super::seen::{Seen, Slot};
use crate::lake::{Location, Oddity, Table};

/// One source of objects: what its paths look like and which tables they can meet.
#[derive(Debug)]
pub(crate) struct Scope {
    /// The source for people: `listing.txt`, `./lake`.
    pub source: String,
    pub bucket: Option<String>,
    /// Put before keys that do not start with it; no trailing slash.
    pub prefix: String,
    /// The prefix is a local folder's name, which may or may not belong to the tables' locations. Holds the folder's path
    /// for people, which replaces the prefix in what is shown.
    pub folder: Option<String>,
    /// Folders of the path above what a folder source holds; `None` for listings.
    top: Option<usize>,
    matcher: Matcher,
    starts: Vec<usize>,
}

impl Scope {
    /// A listing.
    pub(crate) fn of_keys(source: &str, bucket: Option<String>, prefix: &str, tables: &[Table]) -> Scope {
        let matcher = Matcher::of_keys(tables, bucket.as_deref());
        Scope {
            source: source.into(),
            bucket,
            prefix: prefix.into(),
            folder: None,
            top: None,
            matcher,
            starts: vec![0],
        }
    }

    /// A local folder that the user placed.
    pub(crate) fn of_placed_folder(source: &str, place: &Location, tables: &[Table]) -> Scope {
        let top = Some(place.segments().count());
        Scope { top, ..Scope::of_keys(source, place.bucket.clone(), &place.path, tables) }
    }

    /// A local folder that nobody placed, with its own name.
    pub(crate) fn of_folder(source: &str, name: &str, tables: &[Table]) -> Scope {
        Scope {
            source: source.into(),
            bucket: None,
            prefix: name.into(),
            folder: Some(source.into()),
            top: Some(usize::from(!name.is_empty())),
            matcher: Matcher::of_folder(tables),
            starts: if name.is_empty() { vec![0] } else { vec![0, name.len() + 1] },
        }
    }

    /// Whether a folder below the source's own place is hidden: its own may have any name.
    fn is_hidden(&self, folder: &str) -> bool {
        let below = folder.strip_prefix(&self.prefix).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        below.unwrap_or(folder).split('/').any(object::is_hidden)
    }

    fn shown(&self, path: &str) -> String {
        match &self.folder {
            Some(folder) => format!("{folder}{}", &path[self.prefix.len().min(path.len())..]),
            None => path.to_string(),
        }
    }
}

/// Aggregates the objects of all sources.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    pub(super) seen: Vec<Seen>,
    /// By index of the described table.
    pub(super) described: BTreeMap<usize, Origin>,
    /// Tables that nobody described, by bucket and path before the first `key=value` folder.
    pub(super) derived: BTreeMap<Root, Origin>,
    /// Folders without keys that belong to no described table, by bucket and path, with all that they hold.
    pub(super) plain: BTreeMap<Root, Plain>,
    /// Tables that a source does not tell apart, with the source and the first path, for people.
    pub(super) ambiguous: BTreeMap<Vec<usize>, (String, String)>,
    last: Option<(String, Dest)>,
    path: String,
}

/// Where objects of a table were first met.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// Index in [`Collector::seen`].
    pub seen: usize,
    pub sources: BTreeSet<String>,
    /// Root of the table for people.
    pub shown: String,
    /// Folders of the path that belong to the source's own place, not to the lake: a local folder's name.
    pub above: usize,
    /// As in [`Scope::top`].
    pub top: Option<usize>,
}

/// A folder without keys that belongs to no described table.
#[derive(Debug)]
pub(super) struct Plain {
    pub origin: Origin,
    /// All that it holds.
    pub all: Oddity,
    /// What lies in it lies in folders of years or dates.
    pub is_dated: bool,
}

/// A place that objects of undescribed tables share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Root {
    pub bucket: Option<String>,
    pub path: String,
}

/// Where the objects of one folder go.
#[derive(Debug, Clone)]
enum Dest {
    Tables(Vec<(usize, Slot)>),
    Plain(Root),
    Nowhere,
}

impl Collector {
    /// Starts a source: objects that follow belong to it.
    pub(crate) fn start(&mut self) {
        self.last = None;
    }

    /// Adds one object of a source. `local` is the file on disk when it is one.
    pub(crate) fn add(&mut self, scope: &Scope, tables: &[Table], object: Object<'_>, local: Option<Local<'_>>) {
        let mut path = std::mem::take(&mut self.path);
        path.clear();
        let key = object.key.trim_start_matches('/');
        let inside = key.strip_prefix(&scope.prefix).is_some_and(|rest| rest.starts_with('/'));
        if !scope.prefix.is_empty() && (scope.folder.is_some() || local.is_some() || !inside) {
            path.push_str(&scope.prefix);
            path.push('/');
        }
        path.push_str(key);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let dest = match self.last.take() {
            Some((last, dest)) if last == folder => (last, dest),
            _ => (folder.to_string(), self.dest(scope, tables, folder)),
        };
        match &dest.1 {
            Dest::Tables(places) => {
                for (seen, slot) in places {
                    self.seen[*seen].add(slot, name, object, local, || scope.shown(&path));
                }
            }
            Dest::Plain(root) => self.add_plain(scope, root, &path, name, object, local),
            Dest::Nowhere => {}
        }
        self.last = Some(dest);
        self.path = path;
    }

    fn dest(&mut self, scope: &Scope, tables: &[Table], folder: &str) -> Dest {
        match scope.matcher.find(folder, &scope.starts) {
            Match::Tables { tables: found, root } => {
                let below = folder[root..].trim_start_matches('/');
                let mut places = Vec::new();
                for &table in found {
                    let seen = self.described_table(scope, table, &tables[table], &folder[..root]);
                    places.push((seen, self.seen[seen].slot(below)));
                }
                // Athena reads whatever lies below a location, another table's files too.
                for (table, root) in scope.matcher.above(folder, root, &scope.starts) {
                    let below = folder[root..].trim_start_matches('/');
                    if Scheme::of(&tables[table]).is_partition(below) {
                        let seen = self.described_table(scope, table, &tables[table], &folder[..root]);
                        places.push((seen, self.seen[seen].slot(below)));
                    }
                }
                Dest::Tables(places)
            }
            Match::Ambiguous { tables } => {
                let first = self.ambiguous.entry(tables.to_vec());
                let here = (scope.source.clone(), scope.shown(folder));
                let first = first.or_insert_with(|| here.clone());
                *first = here.min(first.clone());
                Dest::Nowhere
            }
            Match::None => self.undescribed(scope, folder),
        }
    }

    fn described_table(&mut self, scope: &Scope, index: usize, table: &Table, root: &str) -> usize {
        if let Some(origin) = self.described.get_mut(&index) {
            origin.sources.insert(scope.source.clone());
            return origin.seen;
        }
        let seen = self.push(Seen::new(Scheme::of(table), table.format));
        self.described.insert(index, origin(scope, seen, root));
        seen
    }

    /// Objects of no described table: `key=value` folders make a table at once, other folders are sorted out at the end.
    fn undescribed(&mut self, scope: &Scope, folder: &str) -> Dest {
        let Some(start) = first_key(folder) else {
            return match scope.is_hidden(folder) {
                true => Dest::Nowhere,
                false => Dest::Plain(Root { bucket: scope.bucket.clone(), path: above_dates(folder).to_string() }),
            };
        };
        let (path, below) = (folder[..start].trim_end_matches('/'), &folder[start..]);
        if scope.is_hidden(path) {
            return Dest::Nowhere;
        }
        let root = Root { bucket: scope.bucket.clone(), path: path.to_string() };
        let seen = match self.derived.get_mut(&root) {
            Some(origin) => {
                origin.sources.insert(scope.source.clone());
                origin.seen
            }
            None => {
                let seen = self.push(Seen::new(Scheme::Derived, None));
                self.derived.insert(root, origin(scope, seen, path));
                seen
            }
        };
        Dest::Tables(vec![(seen, self.seen[seen].slot(below))])
    }

    /// Only data makes a table: markers, hidden and archived objects of undescribed folders are not counted.
    fn add_plain(
        &mut self,
        scope: &Scope,
        root: &Root,
        path: &str,
        name: &str,
        object: Object<'_>,
        local: Option<Local<'_>>,
    ) {
        if object::is_marker(name) || object::is_hidden(name) || object.size == 0 || object.is_archived() {
            return;
        }
        if !self.plain.contains_key(root) {
            let seen = self.push(Seen::new(Scheme::Unpartitioned, None));
            let origin = origin(scope, seen, &root.path);
            self.plain.insert(root.clone(), Plain { origin, all: Oddity::default(), is_dated: false });
        }
        let Some(Plain { origin, all, is_dated }) = self.plain.get_mut(root) else { return };
        *is_dated |= path[root.path.len()..].trim_start_matches('/').contains('/');
        if !origin.sources.contains(&scope.source) {
            origin.sources.insert(scope.source.clone());
        }
        let seen = &mut self.seen[origin.seen];
        let slot = seen.slot("");
        seen.add(&slot, name, object, local, || scope.shown(path));
        all.add(&scope.shown(path), object.size);
    }

    fn push(&mut self, seen: Seen) -> usize {
        self.seen.push(seen);
        self.seen.len() - 1
    }
}

fn origin(scope: &Scope, seen: usize, root: &str) -> Origin {
    let above = if scope.folder.is_some() && !scope.prefix.is_empty() { 1 } else { 0 };
    Origin { seen, sources: [scope.source.clone()].into(), shown: scope.shown(root), above, top: scope.top }
}

#[cfg(test)]
mod tests;
