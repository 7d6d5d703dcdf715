//! What programs of Glue, Spark and awswrangler read and write.

use std::collections::BTreeSet;

use super::{Catalog, FileFormat, FileId, Layer, Location, Lookup, Query, Span, Table, TableName};

/// A program that reads or writes the lake.
#[derive(Debug, Clone)]
pub struct Job {
    pub file: FileId,
    pub reads: Vec<JobRead>,
    pub writes: Vec<JobWrite>,
    /// Spark SQL, in the order of its places.
    pub statements: Vec<JobStatement>,
    pub temporary: TemporaryViews,
    pub database: CurrentDatabase,
    /// Where a Glue job starts to keep bookmarks: `job.init(...)`.
    pub init: Option<Span>,
    /// It calls `commit()` somewhere.
    pub commits: bool,
    /// Names in lower case that stand anywhere but in Spark SQL and where it says how a write is partitioned: a filter may be
    /// among them.
    pub names: BTreeSet<String>,
}

/// A read of a whole table, as far as the call says.
#[derive(Debug, Clone)]
pub struct JobRead {
    /// The table's name, or the path.
    pub span: Span,
    pub source: Dataset,
    pub reader: Reader,
    /// The call itself says which partitions: `push_down_predicate`, `partition_filter`; or what is done to its frame leaves most of
    /// them out, or may.
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
    pub writer: Writer,
    /// The layer of the target.
    pub layer: Option<Layer>,
    pub format: Option<FileFormat>,
    /// Plain files, as Hive tables have them: no table format such as Iceberg's, and none that only the running program knows.
    pub is_plain: bool,
    /// It deletes what is there before: mode `overwrite`.
    pub replaces: bool,
    /// It writes where something is stored: a DataFrame without a mode fails there, and with `ignore` it writes nothing.
    pub is_added: bool,
    /// Columns with their places.
    pub partitioned_by: Vec<(String, Span)>,
    /// Columns that only the running program knows may be among them.
    pub may_be_partitioned: bool,
    /// `coalesce(1)` or `repartition(1)` on the way.
    pub one_file: Option<Span>,
}

/// A statement of Spark SQL. It is planned together with what is done to its frame, and no engine bills its bytes.
#[derive(Debug, Clone)]
pub struct JobStatement {
    pub query: Query,
    /// Names in lower case that stand in it.
    pub names: BTreeSet<String>,
    /// What is done to its frame leaves most of its tables out, or may: `limit(10)`, a filter that only the running program knows.
    pub is_narrowed: bool,
}

/// Names that a program gives to frames and queries: they hide tables of the catalog that are named without a database.
#[derive(Debug, Clone, Default)]
pub struct TemporaryViews {
    /// In lower case.
    pub names: BTreeSet<String>,
    /// Some name only the running program knows.
    pub has_unknown: bool,
    /// A statement that only the running program knows may read them, and filter by any key.
    pub may_be_filtered: bool,
}

/// The database in which a program's tables without one are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CurrentDatabase {
    /// The program names none.
    #[default]
    Unsaid,
    Named(String),
    /// It names several, or one that only the running program knows.
    Unknown,
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

/// What writes, and so what it does without partition columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// A DataFrame of Spark, to a path.
    Spark,
    /// `saveAsTable`: it makes the table.
    SaveAsTable,
    /// `insertInto`: by position, into the partitions that the table has.
    InsertInto,
    /// A DynamicFrame of Glue.
    Glue,
    /// awswrangler.
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
    /// A program of which nothing is known yet.
    pub fn new(file: FileId) -> Self {
        Job {
            file,
            reads: Vec::new(),
            writes: Vec::new(),
            statements: Vec::new(),
            temporary: TemporaryViews::default(),
            database: CurrentDatabase::default(),
            init: None,
            commits: false,
            names: BTreeSet::new(),
        }
    }

    /// Whether the program has something to do with a partition key outside of its own SQL, so that it may filter a frame by it.
    pub fn mentions(&self, key: &str) -> bool {
        let mut statements = self.statements.iter();
        self.temporary.may_be_filtered || self.names.contains(key) || statements.any(|other| other.may_filter(key))
    }

    /// The same for the frame of one of its statements: what the statement itself says does not count.
    pub fn mentions_beside(&self, statement: &JobStatement, key: &str) -> bool {
        let mut others = self.statements.iter().filter(|other| other.query.span != statement.query.span);
        self.temporary.may_be_filtered || self.names.contains(key) || others.any(|other| other.may_filter(key))
    }

    /// Whether a read may take in new files only: bookmarks that are switched on outside of the program.
    pub fn may_keep_bookmark(&self, read: &JobRead) -> bool {
        read.has_context && self.init.is_some() && self.commits
    }
}

impl JobStatement {
    /// Whether it may filter the frame of another read: it names the key, and reads what may be a view of that frame.
    fn may_filter(&self, key: &str) -> bool {
        let may_read_views = self.query.truncated || !self.query.unknown_tables.is_empty();
        may_read_views && self.names.contains(key)
    }
}

impl JobWrite {
    /// A write of plain files of an unknown format beside what is there, with nothing said of partitions.
    pub fn new(span: Span, writer: Writer, target: Dataset) -> JobWrite {
        JobWrite {
            span,
            target,
            writer,
            layer: None,
            format: None,
            is_plain: true,
            replaces: false,
            is_added: true,
            partitioned_by: Vec::new(),
            may_be_partitioned: false,
            one_file: None,
        }
    }

    /// Whether nothing says by what it is partitioned.
    pub fn has_no_partitions(&self) -> bool {
        self.partitioned_by.is_empty() && !self.may_be_partitioned
    }
}

impl TemporaryViews {
    /// Whether a table of this name may be a temporary view: these have no database, or that of all sessions.
    /// <https://spark.apache.org/docs/latest/sql-getting-started.html#global-temporary-view>
    pub fn hides(&self, name: &TableName) -> bool {
        match name.database() {
            Some(database) => database == "global_temp",
            None => self.has_unknown || self.names.contains(name.table()),
        }
    }
}

impl CurrentDatabase {
    /// Adds what a program says at another place.
    pub fn add(&mut self, name: Option<String>) {
        *self = match (&self, name) {
            (CurrentDatabase::Unsaid, Some(name)) => CurrentDatabase::Named(name),
            (CurrentDatabase::Named(other), Some(name)) if *other == name => return,
            _ => CurrentDatabase::Unknown,
        };
    }

    pub fn name(&self) -> Option<&str> {
        match self {
            CurrentDatabase::Named(name) => Some(name),
            CurrentDatabase::Unsaid | CurrentDatabase::Unknown => None,
        }
    }
}
