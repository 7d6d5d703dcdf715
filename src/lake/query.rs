//! Query facts: what one SQL statement reads, and what its predicates say about each partition key.
//!
//! Rules and the estimator see these types, never the parser's tree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::{ModelId, Past, Pruning, Span, StateId, TableId, TableName, WorkflowId};
use crate::expr::{Domain, Expr};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementKind {
    Select,
    Ctas,
    Insert,
    CreateView,
    Unload,
    Merge,
    Delete,
    Update,
    Optimize,
    Vacuum,
    /// Free: plans without reading.
    Explain,
    /// Runs the query and is billed.
    ExplainAnalyze,
    /// DDL and utility statements: no data is read.
    Ddl,
}

/// One SQL statement.
#[derive(Debug, Clone)]
pub struct Query {
    /// The statement without its trailing semicolon.
    pub span: Span,
    /// From a `-- name: daily revenue` comment above it.
    pub name: Option<String>,
    pub kind: StatementKind,
    /// The state that runs it, when it stands in a state machine.
    pub step: Option<(WorkflowId, StateId)>,
    /// The dbt model whose query it is.
    pub model: Option<ModelId>,
    /// Where it runs, when a template or a state machine names it: the module that does, and a text that [`super::Named::is`] understands.
    pub workgroup: Option<(Arc<str>, String)>,
    /// One entry per place in the text where a described table is read, and per distinct set of facts about it: a CTE that
    /// is used twice under the same predicates is one entry with `scans` 2. In text order.
    pub reads: Vec<TableRead>,
    /// References that no source describes, or that are ambiguous; in text order, CTE names and views excluded.
    pub unknown_tables: Vec<(TableName, Span)>,
    pub write: Option<Write>,
    /// `LIMIT n` of the outermost query.
    pub limit: Option<u64>,
    /// Joins without any condition that links the two sides.
    pub cross_joins: Vec<Join>,
    /// More text than the binder follows (thousands of inlined scans, hundreds of nested CTEs): reads are missing.
    pub truncated: bool,
    /// What the history tells of its runs; `None` where it knows none.
    pub past: Option<Past>,
}

/// A read of one described table at one place.
#[derive(Debug, Clone)]
pub struct TableRead {
    pub table: TableId,
    /// As the statement writes it, qualification included, quotes removed.
    pub name: String,
    /// The table name in the text; in the view's own text when the read comes through a view.
    pub span: Span,
    /// Views that were opened on the way from the statement to this read, outermost first, as spans of their uses.
    pub through: Vec<Span>,
    pub columns: ColumnsUsed,
    /// Columns of which the statement needs only some fields: per column the dotted paths below it (`b.c` of `a.b.c`), lower
    /// case. A column of [`ColumnsUsed::Some`] that is not here is read whole.
    pub fields: BTreeMap<String, BTreeSet<String>>,
    /// How often the table is scanned for this entry once CTEs and views are inlined; at least 1.
    pub scans: u32,
    /// Every conjunct that reaches this scan and names at least one of its columns, or that could not be followed, in text order.
    pub conjuncts: Vec<Conjunct>,
    /// Aligned with the table's partition keys.
    pub keys: Vec<KeyFilter>,
    /// A `LIMIT` applies to this read with nothing but projections between: no filter, join, aggregate, sort or window.
    pub bare_limit: Option<Span>,
    /// A `LIMIT` applies to this read and nothing between needs all rows (an aggregate, a sort, a window): the engine may stop
    /// after few rows. True of every bare limit.
    pub stops_early: bool,
    /// Indices of the partition keys by which the statement could be run piece by piece: none of its rows comes from rows of two values.
    pub splits_by: Vec<usize>,
    /// What it leaves of the layout's partitions, once that has been worked out.
    pub(crate) pruning: OnceLock<Option<Pruning>>,
    /// More text than the binder follows (thousands of inlined scans): filters are unknown, not absent.
    pub truncated: bool,
}

/// Columns of a table that a statement needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnsUsed {
    /// Every column: a `*` whose columns survive to the statement's output. The span is the `*`.
    All(Span),
    /// Lower-case names; partition keys included. Empty for `count(*)`.
    Some(BTreeSet<String>),
}

/// Where a conjunct can prune.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Becomes a domain on partition keys: few partitions are fetched.
    Metastore,
    /// Deterministic expression over partition keys only: evaluated per partition while planning.
    PlanTime,
    /// Known only while the query runs: join, `IN (SELECT ...)`, scalar subquery.
    RunTime,
    /// Prunes nothing.
    None,
}

/// One term of the conjunction that applies to a table read.
#[derive(Debug, Clone)]
pub struct Conjunct {
    /// The predicate as written, in whatever file it stands.
    pub span: Span,
    pub class: Class,
    /// Indices of the partition keys it names.
    pub keys: Vec<usize>,
    /// Lower-case data columns it names; fields as `user.name`.
    pub columns: BTreeSet<String>,
    /// Values that it leaves of columns in the files, where it compares them with constants; fields as `user.name`. Iceberg's
    /// keys are columns in the files too.
    pub data_domains: BTreeMap<String, Domain>,
    /// Of an OR over data columns: what each branch leaves of them. A row passes when it lies within at least one; empty when
    /// some branch leaves all.
    pub alternatives: Vec<BTreeMap<String, Domain>>,
    /// Other reads of the statement whose columns it names too, as indices of [`Query::reads`]: a join condition.
    pub partners: Vec<usize>,
    /// What to evaluate per partition: the predicate with `Expr::Column(i)` standing for partition key `i`, and columns beyond
    /// the keys for all that a partition does not tell. `None` when it says nothing about partitions.
    pub expr: Option<Expr>,
    /// It compares with a placeholder (`{{ ds }}`, `?`): it filters, by how much is unknown.
    pub placeholder: bool,
    /// It depends on when the statement runs: `current_date`, `now()`.
    pub moves: bool,
    /// It is an OR of which some branch names no partition key while another does.
    pub or_with_unfiltered_branch: bool,
}

/// What all conjuncts together say about one partition key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyFilter {
    /// Values that can survive, constants folded at `--as-of`; `Domain::all()` when nothing limits the key.
    /// For an Iceberg key: values of the source column.
    pub domain: Domain,
    /// Some metastore or plan-time conjunct names the key and can prune (`IS NOT NULL` alone does not).
    pub filtered: bool,
    /// Some filtering conjunct compares the key with a placeholder, so the domain is only an upper bound.
    pub placeholder: bool,
    /// Some run-time conjunct names the key.
    pub run_time: bool,
}

/// What a statement writes.
#[derive(Debug, Clone)]
pub struct Write {
    /// As written; `None` for UNLOAD.
    pub name: Option<TableName>,
    pub table: Option<TableId>,
    /// The target's name, or the statement's first word for UNLOAD.
    pub span: Span,
    pub format: WriteFormat,
    /// Partition columns of a CTAS or UNLOAD, lower case.
    pub partitioned_by: Vec<String>,
    /// `bucket_count` of a CTAS.
    pub buckets: Option<u64>,
    /// Rows of `INSERT ... VALUES`; `None` when rows come from a query.
    pub value_rows: Option<u64>,
    /// The written column that carries each partition column, where it is a plain column of a single table read:
    /// `(partition column, read index in Query::reads, source column)`.
    pub partition_sources: Vec<(String, usize, String)>,
}

/// The `format` of a CTAS or UNLOAD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteFormat {
    /// The statement names it; lower case, as written.
    Named(String),
    /// No format property.
    Unstated,
    /// The statement cannot name one (INSERT, MERGE, a view).
    NotApplicable,
}

/// A join without a linking condition.
#[derive(Debug, Clone)]
pub struct Join {
    /// The right-hand relation.
    pub span: Span,
    /// Written as `CROSS JOIN`: deliberate.
    pub explicit: bool,
    /// Tables read on the two sides, as indices of [`Query::reads`].
    pub left: Vec<usize>,
    pub right: Vec<usize>,
}

impl Query {
    /// Index of the read of the table that a MERGE changes.
    pub fn merged(&self) -> Option<usize> {
        let write = self.write.as_ref().filter(|_| self.kind == StatementKind::Merge)?;
        self.reads.iter().position(|read| Some(read.table) == write.table && read.span == write.span)
    }

    /// Whether it reads the table that it writes, but for the side of a MERGE that changes.
    pub fn reads_its_table(&self) -> bool {
        let Some(table) = self.write.as_ref().and_then(|write| write.table) else { return false };
        let merged = self.merged();
        self.reads.iter().enumerate().any(|(index, read)| read.table == table && Some(index) != merged)
    }
}

impl TableRead {
    /// Whether something narrows it by what only the time of the run, its parameters or other tables tell.
    pub fn is_narrowed_by_the_run(&self) -> bool {
        let by_the_run = |c: &Conjunct| c.moves || c.placeholder || c.class == Class::RunTime && c.partners.is_empty();
        self.truncated || self.conjuncts.iter().any(by_the_run)
    }
}

impl StatementKind {
    /// Whether it keeps what it reads: a rebuild or an export may want the whole table on purpose.
    pub fn is_write(self) -> bool {
        use StatementKind::*;
        matches!(self, Ctas | Insert | Unload | Merge | Delete | Update | Optimize | Vacuum)
    }
}

impl TableRead {
    /// Where the statement causes this read: the table's name, or the use of the view that leads to it.
    pub fn place(&self) -> Span {
        self.through.first().copied().unwrap_or(self.span)
    }

    /// Whether a predicate compares a data column with a placeholder: what statistics can skip is unknown.
    pub fn has_data_placeholder(&self) -> bool {
        self.conjuncts.iter().any(|conjunct| conjunct.placeholder && !conjunct.columns.is_empty())
    }

    /// Whether any partition key is limited, by whatever amount, before the query runs.
    pub fn is_filtered(&self) -> bool {
        self.keys.iter().any(|k| k.filtered)
    }
}

impl KeyFilter {
    pub fn all() -> Self {
        KeyFilter { domain: Domain::all(), filtered: false, placeholder: false, run_time: false }
    }
}
