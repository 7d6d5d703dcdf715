//! The nouns of a data lake: sources, tables with their layouts, queries. Data and accessors, no I/O and no analysis.

mod bookmark;
mod catalog;
mod coarser;
mod date_key;
mod date_predicate;
mod date_range;
mod dbt_source;
mod documented;
mod elsewhere;
pub mod error_name;
mod exposure;
mod footers;
mod history;
mod iceberg;
mod job;
mod layout;
mod lifecycle;
mod lines;
mod links;
mod location;
mod memo;
mod model;
mod narrow;
mod partition_day;
mod partition_index;
mod projection;
mod properties;
mod pruning;
mod query;
mod registered;
mod resource;
mod retrier;
mod source;
pub mod statement;
mod table;
mod text_map;
mod transform;
mod units;
mod walk;
mod workflow;

pub use bookmark::{BOOKMARK_OPTION, BookmarkOption, Bookmarks};
pub use catalog::{Catalog, Lookup};
pub use coarser::Coarser;
pub use date_key::{DateKey, DateParts, Granularity, date_pattern};
pub use date_range::DateRange;
pub use dbt_source::{DbtSource, Freshness};
pub use documented::Documented;
pub use elsewhere::Elsewhere;
pub use exposure::Exposure;
pub use footers::{ChunkValues, FileFooter, Footers, LeafColumn};
pub use history::{
    Actual, DAYS_PER_MONTH, Fingerprint, History, Identity, Known, Past, PastStatement, PastWorkgroup, Record, Role,
    Sameness, Scanned,
};
pub use iceberg::{ANY_VALUE, Deletes, IcebergFacts, Removed};
pub use job::{CurrentDatabase, Dataset, Job, JobRead, JobStatement, JobWrite, Reader, TemporaryViews, Writer};
pub use layout::{
    ColumnarFile, FileAt, Gap, Layout, ObjectRef, Oddities, Oddity, Partition, SizeHistogram, StorageClass, Usage,
    median,
};
pub use lifecycle::{LifecycleRule, Transition};
pub use lines::Lines;
pub use links::Links;
pub use location::Location;
pub use memo::{KeyValues, TableMemo};
pub use model::{Materialized, Model, ModelId, ModelKind, Strategy};
pub use narrow::Narrow;
pub use partition_index::PartitionIndexes;
pub use properties::Properties;
pub use pruning::{Pruning, Survivor, Survivors};
pub use query::{Class, ColumnsUsed, Conjunct, Join, KeyFilter, Query, StatementKind, TableRead, Write, WriteFormat};
pub use registered::Registered;
pub use resource::{
    Cutoff, Firehose, Function, GlueCommand, GlueJob, Named, Resource, ResourceKind, RetryPolicy, Schedule, Workgroup,
};
pub use retrier::{Catcher, Retrier, Setting};
pub use source::{FileId, LineColumn, SourceFile, Sources, Span};
pub use table::{
    Codec, Column, DeclaredBy, FileFormat, Layer, PartitionKey, PartitionPlace, Projection, ProjectionKind, Table,
    TableId, TableKind, TableName, Transform,
};
pub use text_map::TextMap;
pub use units::{Bytes, Count, ParseBytesError, Seconds, Spread, Usd};
pub use walk::Walk;
pub use workflow::{
    Call, Comparison, ComparisonKind, Concurrency, Container, Edge, EdgeKind, Limit, MapFacts, Pattern, QueryText,
    Scope, ScopeId, Slot, SlotStyle, State, StateId, StateKind, Task, Workflow, WorkflowId, WorkflowKind,
};

/// Everything that was read: immutable once `input` has built it.
#[derive(Debug, Default)]
pub struct Lake {
    /// Every text file that was read, by [`FileId`].
    pub sources: Sources,
    /// Tables that some source describes, with lookup by (partly qualified) name.
    pub catalog: Catalog,
    /// One entry per statement that was understood, in file and statement order.
    pub queries: Vec<Query>,
    /// Texts of programs that nothing in sight hands to a database: examples, or parts of something, may be among them.
    pub unrun: std::collections::BTreeSet<FileId>,
    /// State machines, in file and position order; those of context files included.
    pub workflows: Vec<Workflow>,
    /// Schedules, Glue jobs, functions, delivery streams, workgroups and lifecycle rules, in file and position order; those of context files included.
    pub resources: Vec<Resource>,
    /// Models, snapshots, tests and analyses of dbt projects, in file and position order; those of context files included.
    pub models: Vec<Model>,
    /// Tables of the sources of dbt projects, in file and position order; those of context files included.
    pub dbt_sources: Vec<DbtSource>,
    /// What is made of models outside of dbt, in file and position order; those of context files included.
    pub exposures: Vec<Exposure>,
    /// What programs read and write, in file order; those of context files included.
    pub jobs: Vec<Job>,
    /// State machines whose definition is computed, and saved statements whose SQL is; in file and position order.
    pub not_analysed: Vec<NotAnalysed>,
    /// SQL that is for other databases, once per file and reason, in file order.
    pub other_sql: Vec<NotAnalysed>,
    /// Statements that have run, as far as a source tells.
    pub history: History,
    /// Who starts whom, once that has been worked out.
    pub(crate) links: std::sync::OnceLock<Links>,
    /// The lifecycle rules of each bucket, once that has been worked out: indices of `resources`.
    pub(crate) lifecycle: std::sync::OnceLock<std::collections::BTreeMap<String, Vec<usize>>>,
    /// What a scan was refused where no table is known.
    pub gaps: Vec<Gap>,
    /// What could not be read, in file and position order.
    pub unreadable: Vec<Unreadable>,
    /// `-- lakelint: ignore[...]` comments and `[[ignore]]` entries, in file order.
    pub ignores: Vec<crate::ignore::Ignore>,
    /// Number of SQL statements met, readable or not.
    pub statements: usize,
    /// Files read, whatever their kind; context files excluded.
    pub files: usize,
    /// Named paths that `exclude` leaves out.
    pub left_out: usize,
    /// Only a part of the project was asked about: what concerns the lake as a whole belongs to another run.
    pub is_partial: bool,
}

impl Lake {
    /// The state machines that the run was asked about.
    pub fn asked_workflows(&self) -> impl Iterator<Item = &Workflow> {
        self.workflows.iter().filter(|workflow| !self.sources.get(workflow.file).is_context)
    }

    /// The programs that the run was asked about.
    pub fn asked_jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.iter().filter(|job| !self.sources.get(job.file).is_context)
    }

    /// The dbt model that a statement is of.
    pub fn model(&self, query: &Query) -> Option<&Model> {
        self.models.get(query.model?.0 as usize)
    }

    /// The dbt model that builds a table, among those that the run was asked about.
    pub fn builder(&self, table: &Table) -> Option<&Model> {
        let writes = |query: &&Query| {
            let written = query.write.as_ref().and_then(|write| write.table);
            query.model.is_some() && written.is_some_and(|id| std::ptr::eq(self.catalog.get(id), table))
        };
        self.model(self.queries.iter().find(writes)?).filter(|model| model.is_built())
    }

    /// The resources that the run was asked about.
    pub fn asked_resources(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().filter(|resource| !self.sources.get(resource.span.file).is_context)
    }
}

/// A statement, definition or file that could not be understood; becomes one `unreadable-sql` or `unreadable-state-machine`
/// finding.
#[derive(Debug, Clone)]
pub struct Unreadable {
    pub kind: UnreadableKind,
    /// Where reading stopped.
    pub place: crate::finding::Place,
    /// What was met, in the tool's message style.
    pub message: String,
    /// What the user can do.
    pub help: String,
}

/// A state machine or statements that cannot be read from the files: nothing is reported about them, and that is said.
#[derive(Debug, Clone)]
pub struct NotAnalysed {
    pub kind: UnreadableKind,
    pub span: Span,
    /// For people, why: ``the definition of `load` is computed by `yamldecode` ``.
    pub reason: String,
}

impl NotAnalysed {
    /// A number of statements, and whose or of what kind they are: `of Spark SQL`.
    pub fn statements(count: usize, what: &str, span: Span) -> NotAnalysed {
        let statements = if count == 1 { "statement" } else { "statements" };
        let reason = format!("{} {statements} {what}", Count(count as u64));
        NotAnalysed { kind: UnreadableKind::Sql, span, reason }
    }
}

/// What could not be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnreadableKind {
    /// SQL, or a part of the lake's layout.
    Sql,
    /// A state machine, or a template that may hold one.
    StateMachine,
}
