//! One source of objects, and which of them were about a table.

use std::collections::BTreeSet;

use super::matching::Matcher;
use super::object;
use crate::lake::{Location, Table};

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
    pub(super) matcher: Matcher,
    pub(super) starts: Vec<usize>,
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
    pub(super) fn is_hidden(&self, folder: &str) -> bool {
        let below = folder.strip_prefix(&self.prefix).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        below.unwrap_or(folder).split('/').any(object::is_hidden)
    }

    /// The source's own place, where it is not about all of a table's location.
    fn part_of(&self, location: Option<&Location>) -> Option<String> {
        let location = location.filter(|_| self.folder.is_none())?;
        let own = Location { bucket: self.bucket.clone(), path: self.prefix.clone() };
        (!own.contains(location)).then(|| own.to_string())
    }

    pub(super) fn shown(&self, path: &str) -> String {
        match &self.folder {
            Some(folder) => format!("{folder}{}", &path[self.prefix.len().min(path.len())..]),
            None => path.to_string(),
        }
    }
}

/// Where objects of a table were first met.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// Index in [`Collector::seen`].
    pub seen: usize,
    pub sources: BTreeSet<String>,
    /// Places of sources that are not about all of the table.
    pub parts: BTreeSet<String>,
    /// Some source is about all of it.
    pub is_whole: bool,
    /// Root of the table for people.
    pub shown: String,
    /// Folders of the path that belong to the source's own place, not to the lake: a local folder's name.
    pub above: usize,
    /// As in [`Scope::top`].
    pub top: Option<usize>,
}

impl Origin {
    pub(super) fn new(scope: &Scope, seen: usize, root: &str) -> Origin {
        let above = if scope.folder.is_some() && !scope.prefix.is_empty() { 1 } else { 0 };
        Origin {
            seen,
            sources: BTreeSet::new(),
            parts: BTreeSet::new(),
            is_whole: false,
            shown: scope.shown(root),
            above,
            top: scope.top,
        }
    }

    /// Takes note of a source that met the table.
    pub(super) fn meet(&mut self, scope: &Scope, location: Option<&Location>) {
        if !self.sources.contains(&scope.source) {
            self.sources.insert(scope.source.clone());
        }
        // One source may be about several buckets.
        if !self.is_whole {
            match scope.part_of(location) {
                Some(part) => drop(self.parts.insert(part)),
                None => self.is_whole = true,
            }
        }
    }

    /// The only parts of the table that were looked at.
    pub(super) fn only_parts(&self) -> Vec<String> {
        if self.is_whole { Vec::new() } else { self.parts.iter().cloned().collect() }
    }
}
