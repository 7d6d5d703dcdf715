//! What programs of Glue, Spark and awswrangler read and write besides SQL.

use std::collections::BTreeSet;

use super::{Catalog, FileFormat, FileId, Layer, Location, Lookup, Span, Table, TableName};

/// A program that reads or writes the lake.
#[derive(Debug, Clone)]
pub struct Job {
    pub file: FileId,
    pub reads: Vec<JobRead>,
    pub writes: Vec<JobWrite>,
    /// Where a Glue job starts to keep bookmarks: `job.init(...)`.
    pub init: Option<Span>,
    /// It calls `commit()` somewhere.
    pub commits: bool,
    /// Names in lower case that stand anywhere but where it says how a write is partitioned: a filter may be among them.
    pub names: BTreeSet<String>,
}

/// A read of a whole table, as far as the call says.
#[derive(Debug, Clone)]
pub struct JobRead {
    /// The table's name, or the path.
    pub span: Span,
    pub source: Dataset,
    pub reader: Reader,
    /// The call itself says which partitions: `push_down_predicate`, `partition_filter`.
    pub has_predicate: bool,
    /// `transformation_ctx` is set: with bookmarks only new files are read.
    pub has_context: bool,
}

/// A write.
#[derive(Debug, Clone)]
pub struct JobWrite {
    /// The path, or the table's name.
    pub span: Span,
    pub target: Dataset,
    /// The layer of the target.
    pub layer: Option<Layer>,
    pub format: Option<FileFormat>,
    /// Columns with their places.
    pub partitioned_by: Vec<(String, Span)>,
    /// `coalesce(1)` or `repartition(1)` on the way.
    pub one_file: Option<Span>,
}

/// A table or a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dataset {
    Table(TableName),
    /// What only the running program knows of it stands in braces.
    Place(Location),
}

/// What reads, and so which later filters leave partitions out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A DynamicFrame of Glue: it is read before any filter.
    DynamicFrame,
    /// A DataFrame of Spark: it is read when all filters are known.
    DataFrame,
    /// awswrangler: it reads into memory at once.
    Pandas,
}

impl Dataset {
    /// The table that is meant; `None` when none is described, or several may be.
    pub fn table<'a>(&self, catalog: &'a Catalog) -> Option<&'a Table> {
        match self {
            Dataset::Table(name) => match catalog.lookup(name) {
                Lookup::Found(id) => Some(catalog.get(id)),
                Lookup::Ambiguous | Lookup::Unknown => None,
            },
            // Without its bucket a place may be anywhere.
            Dataset::Place(place) if place.bucket.as_ref().is_none_or(|bucket| bucket.contains('{')) => None,
            Dataset::Place(place) => {
                let mut at = catalog.iter().filter(|(_, table)| table.location.as_ref() == Some(place));
                at.next().map(|(_, table)| table).filter(|_| at.next().is_none())
            }
        }
    }
}

impl Job {
    /// Whether the program has something to do with a partition key, so that it may filter by it.
    pub fn mentions(&self, key: &str) -> bool {
        self.names.contains(key)
    }

    /// Whether a read may take in new files only: bookmarks that are switched on outside of the program.
    pub fn may_keep_bookmark(&self, read: &JobRead) -> bool {
        read.has_context && self.init.is_some() && self.commits
    }
}
