//! Objects to partitions. Streams: memory grows with folders that hold partitions, never with objects, and the result does not
//! depend on the order of the objects.

use std::collections::BTreeMap;

use super::matching::Match;
use super::object::{Local, Object};
use super::partition_path::{Scheme, above_dates, first_key, usual_folders};
use super::scope::{Origin, Scope};
use super::seen::{Seen, Slot, add};
use super::tally::{Kind, Name, Run, Sampling, Sums, Tally};
use crate::controls::visible_name;
use crate::lake::{FileAt, Location, Oddities, Oddity, StorageClass, Table};

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
    /// Old versions, delete markers and unfinished uploads in folders without keys that belong to no described table.
    pub(super) past: BTreeMap<Root, Oddities>,
    /// The folder of the last object.
    at: Option<At>,
    /// Objects of that folder which are not counted yet.
    run: Run,
    /// Objects of the source that are kept for their footers.
    sampling: Sampling,
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

/// A folder, and where its objects go.
#[derive(Debug)]
struct At {
    /// As in the keys.
    folder: String,
    /// The same below the source's own prefix.
    path: String,
    /// Put before names for people.
    shown: String,
    bucket: Option<String>,
    dest: Dest,
}

impl At {
    /// The key of one of its objects for people, on one line.
    fn key(&self, name: &str) -> String {
        let key = match self.path.is_empty() {
            true => format!("{}{name}", self.shown),
            false => format!("{}/{name}", self.shown),
        };
        visible_name(&key).into_owned()
    }

    /// One of its objects as it can be read; `None` where the bucket is not known.
    fn object(&self, name: &str) -> Option<FileAt> {
        let (bucket, folder) = (self.bucket.as_ref()?, &self.folder);
        let slash = if folder.is_empty() { "" } else { "/" };
        Some(FileAt::Object(format!("s3://{bucket}/{folder}{slash}{name}").into()))
    }
}

/// Where the objects of one folder go.
#[derive(Debug, Clone)]
enum Dest {
    Tables(Vec<(usize, Slot)>),
    /// With the origin of a table there, whose place in [`Collector::seen`] is not known before it holds data.
    Plain(Root, Origin),
    Nowhere,
}

impl Collector {
    /// Starts a source: objects that follow belong to it.
    pub(crate) fn start(&mut self) {
        self.start_sampling(Sampling::default());
    }

    /// Starts a source whose objects can be read: some are kept for their footers.
    pub(crate) fn start_sampling(&mut self, sampling: Sampling) {
        self.end_run();
        self.at = None;
        self.sampling = sampling;
        self.run = Run::sampling(sampling.of_folder);
    }

    /// Adds one object of a source. `local` is the file on disk when it is one.
    pub(crate) fn add(&mut self, scope: &Scope, tables: &[Table], object: Object<'_>, local: Option<Local<'_>>) {
        let (folder, name) = object.key.rsplit_once('/').unwrap_or(("", object.key));
        self.go_to(scope, tables, folder, local.is_some());
        self.run.add(name, &object);
        if local.is_some() {
            self.count_run(local);
        }
    }

    /// Adds objects of one folder that count alike.
    pub(crate) fn add_tally(&mut self, scope: &Scope, tables: &[Table], tally: &Tally) {
        self.go_to(scope, tables, &tally.folder, false);
        if let Some(at) = self.at.take() {
            self.count(&at, tally.kind, &tally.sums, None);
            self.at = Some(at);
        }
    }

    /// Adds what somebody else has added up of one folder.
    pub(crate) fn add_run(&mut self, scope: &Scope, tables: &[Table], folder: &str, run: &Run) {
        self.go_to(scope, tables, folder, false);
        if let Some(at) = self.at.take() {
            run.sums().iter().for_each(|(kind, sums)| self.count(&at, *kind, sums, None));
            self.at = Some(at);
        }
    }

    /// Keys come sorted by folder, mostly: where the objects of a folder go is looked up once.
    fn go_to(&mut self, scope: &Scope, tables: &[Table], folder: &str, is_local: bool) {
        if self.at.as_ref().is_some_and(|at| at.folder == folder) {
            return;
        }
        self.end_run();
        let below = folder.trim_start_matches('/');
        let is_inside = below.strip_prefix(&scope.prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let path = match scope.prefix.is_empty() || (is_inside && scope.folder.is_none() && !is_local) {
            true => below.to_string(),
            false if below.is_empty() => scope.prefix.clone(),
            false => format!("{}/{below}", scope.prefix),
        };
        let dest = self.dest(scope, tables, &path);
        self.at = Some(At {
            folder: folder.to_string(),
            shown: scope.shown(&path),
            bucket: scope.bucket.clone(),
            path,
            dest,
        });
    }

    /// Counts the objects of the last folder.
    pub(super) fn end_run(&mut self) {
        self.count_run(None);
    }

    fn count_run(&mut self, local: Option<Local<'_>>) {
        let Some(at) = self.at.take() else { return };
        let mut run = std::mem::take(&mut self.run);
        run.sums().iter().for_each(|(kind, sums)| self.count(&at, *kind, sums, local));
        run.clear();
        (self.at, self.run) = (Some(at), run);
    }

    fn count(&mut self, at: &At, kind: Kind, sums: &Sums, local: Option<Local<'_>>) {
        match &at.dest {
            Dest::Tables(places) => {
                for (seen, slot) in places {
                    self.seen[*seen].add(slot, kind, sums, local, |name| at.key(name));
                    self.seen[*seen].add_sample(slot, kind, sums, self.sampling, |name| at.object(name));
                }
            }
            Dest::Plain(root, origin) => self.add_plain(at, root, origin, kind, sums, local),
            Dest::Nowhere => {}
        }
    }

    fn dest(&mut self, scope: &Scope, tables: &[Table], folder: &str) -> Dest {
        match scope.matcher.find(folder, &scope.starts) {
            Match::Tables { tables: found, root } => {
                let below = folder[root..].trim_start_matches('/');
                let mut places = Vec::new();
                for &index in found {
                    let table = &tables[index];
                    let seen = self.described_table(scope, index, table, &folder[..root]);
                    let slot = match table.placed_at(scope.bucket.as_deref(), &folder[..root]) {
                        Some(placed) if !Scheme::of(table).is_partition(below) => {
                            self.seen[seen].placed_slot(&usual_folders(table, &placed.values), &placed.values, below)
                        }
                        _ => self.seen[seen].slot(below),
                    };
                    places.push((seen, slot));
                }
                // Athena reads whatever lies below a location, another table's files too.
                let above = scope.matcher.above(folder, root, &scope.starts).into_iter();
                for (table, root) in above.filter(|(table, _)| !found.contains(table)) {
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
        let location = table.location.as_ref();
        if let Some(origin) = self.described.get_mut(&index) {
            origin.meet(scope, location);
            return origin.seen;
        }
        let placed = table.placed_partitions.iter().map(|placed| placed.values.clone()).collect();
        let mut new = Seen::new(Scheme::of(table), table.format);
        new.placed = placed;
        let seen = self.push(new);
        let mut origin = Origin::new(scope, seen, root);
        origin.meet(scope, location);
        self.described.insert(index, origin);
        seen
    }

    /// Objects of no described table: `key=value` folders make a table at once, other folders are sorted out at the end.
    fn undescribed(&mut self, scope: &Scope, folder: &str) -> Dest {
        let Some(start) = first_key(folder) else {
            return match scope.is_hidden(folder) {
                true => Dest::Nowhere,
                false => {
                    let root = Root { bucket: scope.bucket.clone(), path: above_dates(folder).to_string() };
                    let mut origin = Origin::new(scope, usize::MAX, &root.path);
                    origin.meet(scope, None);
                    Dest::Plain(root, origin)
                }
            };
        };
        let (path, below) = (folder[..start].trim_end_matches('/'), &folder[start..]);
        if scope.is_hidden(path) {
            return Dest::Nowhere;
        }
        let root = Root { bucket: scope.bucket.clone(), path: path.to_string() };
        let location = Location { bucket: scope.bucket.clone(), path: path.to_string() };
        let seen = match self.derived.get_mut(&root) {
            Some(origin) => {
                origin.meet(scope, Some(&location));
                origin.seen
            }
            None => {
                let seen = self.push(Seen::new(Scheme::Derived, None));
                let mut origin = Origin::new(scope, seen, path);
                origin.meet(scope, Some(&location));
                self.derived.insert(root, origin);
                seen
            }
        };
        Dest::Tables(vec![(seen, self.seen[seen].slot(below))])
    }

    /// Only data makes a table: markers, hidden and archived objects of undescribed folders are not counted.
    fn add_plain(&mut self, at: &At, root: &Root, origin: &Origin, kind: Kind, sums: &Sums, local: Option<Local<'_>>) {
        match kind {
            Kind::Current { class, .. } if class.is_some_and(StorageClass::is_archived) => return,
            Kind::Current { name: Name::Marker | Name::Hidden | Name::Empty, .. } => return,
            Kind::Current { .. } => {}
            Kind::Noncurrent | Kind::DeleteMarker | Kind::Upload => {
                let past = self.past.entry(root.clone()).or_default();
                let oddity = match kind {
                    Kind::DeleteMarker => &mut past.delete_markers,
                    Kind::Upload => &mut past.unfinished_uploads,
                    _ => &mut past.noncurrent,
                };
                return add(oddity, sums, |name| at.key(name));
            }
        }
        if !self.plain.contains_key(root) {
            let seen = self.push(Seen::new(Scheme::Unpartitioned, None));
            let origin = Origin { seen, ..origin.clone() };
            self.plain.insert(root.clone(), Plain { origin, all: Oddity::default(), is_dated: false });
        }
        let Some(plain) = self.plain.get_mut(root) else { return };
        plain.is_dated |= !at.path[root.path.len()..].trim_start_matches('/').is_empty();
        plain.origin.sources.extend(origin.sources.iter().cloned());
        let seen = &mut self.seen[plain.origin.seen];
        let slot = seen.slot("");
        seen.add(&slot, kind, sums, local, |name| at.key(name));
        seen.add_sample(&slot, kind, sums, self.sampling, |name| at.object(name));
        add(&mut plain.all, sums, |name| at.key(name));
    }

    fn push(&mut self, seen: Seen) -> usize {
        self.seen.push(seen);
        self.seen.len() - 1
    }
}

#[cfg(test)]
mod tests;
