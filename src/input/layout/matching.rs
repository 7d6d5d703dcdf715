//! Which described table an object belongs to: the longest location that its path starts with, by whole segments.

use std::collections::HashMap;

use super::partition_path::template_root;
use crate::lake::{Location, Table};

/// Tables by the path prefixes that objects of one source start with.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    by_prefix: HashMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Lower wins.
    rank: u8,
    /// Indices of tables.
    tables: Vec<usize>,
    /// Where all of them are; `None` when they are at different or unknown places.
    location: Option<Location>,
}

/// The tables of a folder, and the byte length of their root in the path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Match<'a> {
    /// One table, or several that are declared at the same place.
    Tables {
        tables: &'a [usize],
        root: usize,
    },
    /// Tables at different places that the source does not tell apart.
    Ambiguous {
        tables: &'a [usize],
    },
    None,
}

impl Matcher {
    /// For a source with full keys. Without a bucket, a table in any bucket may be meant.
    pub(super) fn of_keys(tables: &[Table], bucket: Option<&str>) -> Matcher {
        let mut matcher = Matcher::default();
        let is_here = |location: &Location| match (bucket, &location.bucket) {
            (Some(here), Some(there)) => here == there,
            _ => true,
        };
        for (i, table) in tables.iter().enumerate() {
            let places = table.placed_partitions.iter().map(|placed| &placed.location);
            for location in object_root(table).iter().chain(places).filter(|location| is_here(location)) {
                matcher.add(&location.path, 0, i, Some(location));
            }
        }
        matcher
    }

    /// For a local folder that nobody placed: its paths are compared with the ends of the locations, then with names.
    pub(super) fn of_folder(tables: &[Table]) -> Matcher {
        let mut matcher = Matcher::default();
        for (i, table) in tables.iter().enumerate() {
            if let Some(location) = object_root(table) {
                let full: Vec<&str> = location.bucket.iter().map(String::as_str).chain(location.segments()).collect();
                for start in 0..full.len() {
                    matcher.add(&full[start..].join("/"), 0, i, Some(&location));
                }
            }
            for start in 0..table.name.0.len() {
                matcher.add(&table.name.0[start..].join("/"), 1, i, None);
            }
        }
        matcher
    }

    fn add(&mut self, prefix: &str, rank: u8, table: usize, location: Option<&Location>) {
        let new = || Entry { rank, tables: Vec::new(), location: location.cloned() };
        let entry = self.by_prefix.entry(prefix.to_string()).or_insert_with(new);
        if rank < entry.rank {
            *entry = new();
        }
        if rank == entry.rank && !entry.tables.contains(&table) {
            entry.tables.push(table);
            if entry.location.as_ref() != location {
                entry.location = None;
            }
        }
    }

    /// Finds the folder's table. `starts` are the offsets in the path where a prefix may begin.
    pub(super) fn find(&self, folder: &str, starts: &[usize]) -> Match<'_> {
        let ends = std::iter::once(folder.len()).chain(folder.rmatch_indices('/').map(|(i, _)| i)).chain([0]);
        for end in ends {
            for start in starts.iter().copied().filter(|start| *start <= end) {
                let Some(entry) = self.by_prefix.get(&folder[start..end]) else { continue };
                let tables = &entry.tables[..];
                return match tables.len() == 1 || entry.location.is_some() {
                    true => Match::Tables { tables, root: end },
                    false => Match::Ambiguous { tables },
                };
            }
        }
        Match::None
    }

    /// Tables of full keys whose location lies above a root: their queries read what lies below it too. With the byte lengths
    /// of their own roots.
    pub(super) fn above(&self, folder: &str, root: usize, starts: &[usize]) -> Vec<(usize, usize)> {
        if starts != [0] {
            return Vec::new();
        }
        let ends = folder[..root].rmatch_indices('/').map(|(i, _)| i).chain((root > 0).then_some(0));
        let entry = |end: usize| Some((self.by_prefix.get(&folder[..end])?, end));
        let placed = ends.filter_map(entry).filter(|(entry, _)| entry.rank == 0 && entry.location.is_some());
        placed.flat_map(|(entry, end)| entry.tables.iter().map(move |table| (*table, end))).collect()
    }
}

/// Where a table's objects are: under its projection template where it has one, else under its location.
fn object_root(table: &Table) -> Option<Location> {
    match table.projection.as_ref().and_then(|p| p.template.as_deref()) {
        Some(template) if template.contains("://") => Some(Location::parse(template_root(template))),
        _ => table.location.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::{DeclaredBy, TableName};

    fn tables(described: &[(&str, &str)]) -> Vec<Table> {
        let table = |(name, location): &(&str, &str)| {
            let mut table = Table::new(TableName::parse(name), DeclaredBy::Ddl);
            table.location = (!location.is_empty()).then(|| Location::parse(location));
            table
        };
        described.iter().map(table).collect()
    }

    #[test]
    fn the_longest_location_wins_by_whole_segments() {
        let tables = tables(&[("a", "s3://b/lake"), ("b", "s3://b/lake/orders/"), ("c", "s3://other/lake/x")]);
        let matcher = Matcher::of_keys(&tables, Some("b"));
        assert_eq!(matcher.find("lake/orders/dt=1", &[0]), Match::Tables { tables: &[1], root: 11 });
        assert_eq!(matcher.find("lake/orders_v2", &[0]), Match::Tables { tables: &[0], root: 4 });
        assert_eq!(matcher.find("lake/x", &[0]), Match::Tables { tables: &[0], root: 4 });
        assert_eq!(matcher.find("lak", &[0]), Match::None);
    }

    #[test]
    fn without_a_bucket_two_tables_of_one_path_are_not_guessed() {
        let tables =
            tables(&[("dev.t", "s3://dev/t"), ("prod.t", "s3://prod/t"), ("x", "s3://prod/x"), ("y", "s3://prod/x")]);
        let matcher = Matcher::of_keys(&tables, None);
        assert_eq!(matcher.find("t/dt=1", &[0]), Match::Ambiguous { tables: &[0, 1] });
        assert_eq!(matcher.find("x", &[0]), Match::Tables { tables: &[2, 3], root: 1 });
        let matcher = Matcher::of_keys(&tables, Some("prod"));
        assert_eq!(matcher.find("t/dt=1", &[0]), Match::Tables { tables: &[1], root: 1 });
    }

    #[test]
    fn folders_match_the_end_of_a_location_then_the_name() {
        let tables = tables(&[
            ("r.orders", "s3://b/lake/raw/orders"),
            ("c.orders", "s3://b/lake/curated/orders"),
            ("db.events", ""),
        ]);
        let matcher = Matcher::of_folder(&tables);
        assert_eq!(matcher.find("x/raw/orders/dt=1", &[0, 2]), Match::Tables { tables: &[0], root: 12 });
        assert_eq!(matcher.find("curated/orders", &[0, 8]), Match::Tables { tables: &[1], root: 14 });
        assert_eq!(matcher.find("x/orders", &[0, 2]), Match::Ambiguous { tables: &[0, 1] });
        assert_eq!(matcher.find("x/db/events/dt=1", &[0, 2]), Match::Tables { tables: &[2], root: 11 });
        assert_eq!(matcher.find("x/other", &[0, 2]), Match::None);
    }
}
