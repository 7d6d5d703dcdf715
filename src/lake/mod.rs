//! The nouns of a data lake: sources, tables with their layouts, queries. Data and accessors, no I/O and no analysis.

mod catalog;
mod coarser;
mod date_key;
mod date_predicate;
mod date_range;
mod footers;
mod layout;
mod lines;
mod location;
mod memo;
mod partition_day;
mod projection;
mod properties;
mod pruning;
mod query;
mod registered;
mod source;
mod table;
mod units;

pub use catalog::{Catalog, Lookup};
pub use coarser::Coarser;
pub use date_key::{DateKey, DateParts, Granularity, date_pattern};
pub use date_range::DateRange;
pub use footers::{ChunkValues, FileFooter, Footers, LeafColumn};
pub use layout::{Layout, LocalFile, ObjectRef, Oddities, Oddity, Partition, SizeHistogram, Usage, median};
pub use lines::Lines;
pub use location::Location;
pub use memo::{KeyValues, TableMemo};
pub use properties::Properties;
pub use pruning::{Pruning, Survivor, Survivors};
pub use query::{Class, ColumnsUsed, Conjunct, Join, KeyFilter, Query, StatementKind, TableRead, Write, WriteFormat};
pub use registered::Registered;
pub use source::{FileId, LineColumn, SourceFile, Sources, Span};
pub use table::{
    Codec, Column, DeclaredBy, FileFormat, Layer, PartitionKey, Projection, ProjectionKind, Table, TableId, TableKind,
    TableName, Transform,
};
pub use units::{Bytes, Count, ParseBytesError, Spread, Usd};

/// Everything that was read: immutable once `input` has built it.
#[derive(Debug, Default)]
pub struct Lake {
    /// Every text file that was read, by [`FileId`].
    pub sources: Sources,
    /// Tables that some source describes, with lookup by (partly qualified) name.
    pub catalog: Catalog,
    /// One entry per statement that was understood, in file and statement order.
    pub queries: Vec<Query>,
    /// What could not be read, in file and position order.
    pub unreadable: Vec<Unreadable>,
    /// `-- lakelint: ignore[...]` comments and `[[ignore]]` entries, in file order.
    pub ignores: Vec<crate::ignore::Ignore>,
    /// Number of SQL statements met, readable or not.
    pub statements: usize,
    /// Files read, whatever their kind; context files excluded.
    pub files: usize,
    /// Only a part of the project was asked about: what concerns the lake as a whole belongs to another run.
    pub is_partial: bool,
}

/// A statement or file that could not be understood; becomes one `unreadable-sql` finding.
#[derive(Debug, Clone)]
pub struct Unreadable {
    /// Where reading stopped.
    pub place: crate::finding::Place,
    /// What was met, in the tool's message style.
    pub message: String,
    /// What the user can do.
    pub help: String,
}
