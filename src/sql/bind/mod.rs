//! From a syntax tree to query facts: names are resolved, CTEs and views opened at each use, predicates pushed to the scans,
//! and every scan reduced to a [`crate::lake::TableRead`].

mod apart;
mod chain;
mod expr;
mod facts;
mod fields;
mod from;
mod function;
mod matching;
mod names;
mod opaque;
mod push;
mod query;
mod reads;
mod required;
mod select;
mod statement;
mod subquery;
mod tree;
mod undeclared;
mod write;

use std::collections::HashSet;

use sqlparser::ast;

use crate::expr::{AsOf, ColumnId, Expr};
use crate::lake::{Catalog, FileId, Lookup, Sources, Span, TableId, TableName, TemporaryViews};
use crate::sql::lexemes::Lexemes;
use crate::sql::{View, Views, cover, range};

use names::{Ctes, Scopes};
use tree::{Node, ScanId, Subquery};

pub(super) use statement::bind_statement;

/// More inlined scans than this and the rest of the CTEs and views stay closed: facts become "unknown", not wrong.
const MAX_SCANS: usize = 2_000;
/// As many openings of CTEs and views, with tables in them or not.
const MAX_OPENED: usize = 4 * MAX_SCANS;
/// Views and CTEs that open each other deeper than this stay closed.
const MAX_DEPTH: usize = 200;

/// What the whole run knows while statements are bound.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub sources: &'a Sources,
    pub catalog: &'a Catalog,
    pub views: &'a Views,
    pub as_of: AsOf,
    /// Where tables without a database are.
    pub database: Option<&'a str>,
    /// Of a session of Spark: names that are no tables of the catalog.
    pub temporary: Option<&'a TemporaryViews>,
}

impl<'a> Surroundings<'a> {
    /// The table of a name as a statement writes it.
    fn table(&self, name: &TableName) -> Lookup {
        if self.temporary.is_some_and(|views| views.hides(name)) {
            return Lookup::Unknown;
        }
        match self.in_database(name) {
            Some(full) => self.catalog.lookup(&full),
            None => self.catalog.lookup(name),
        }
    }

    /// The view of a name as a statement writes it.
    fn view(&self, name: &TableName) -> Option<&'a View> {
        let view = self.views.lookup(self.in_database(name).as_ref().unwrap_or(name))?;
        // A temporary view is never named with a database.
        let is_it = self.temporary.is_none() || (view.name.0.len() == 1) == (name.0.len() == 1);
        is_it.then_some(view)
    }

    fn in_database(&self, name: &TableName) -> Option<TableName> {
        self.database.filter(|_| name.0.len() == 1).map(|database| TableName::new([database, name.table()]))
    }
}

/// One occurrence of a table, after inlining.
#[derive(Debug)]
pub(super) struct Scan {
    /// `None` for tables that nobody describes: they take part in joins but become no read.
    pub table: Option<TableId>,
    /// As written.
    pub name: String,
    pub span: Span,
    /// Uses of the views that led here.
    pub through: Vec<Span>,
    /// Lower-case column name and id, in declaration order, then in order of first use.
    pub columns: Vec<(String, ColumnId)>,
    /// Fields of its columns that are named apart: the dotted path from the column on, and its id.
    pub fields: Vec<(String, ColumnId)>,
    /// Whether the declared columns are all there are.
    pub closed: bool,
    /// The outermost `*` that hands on all columns.
    pub star: Option<Span>,
    pub bare_limit: Option<Span>,
    place: u32,
}

/// What is known about a column id.
#[derive(Debug)]
pub(super) struct ColumnInfo {
    pub scan: Option<ScanId>,
    place: u32,
    /// Columns it is computed from.
    pub depends: Vec<ColumnId>,
    /// The column that it is a field of, and the dotted path below it.
    pub field_of: Option<(ColumnId, String)>,
}

/// Binds one statement.
pub(super) struct Binder<'a> {
    around: Surroundings<'a>,
    /// The file that the text being bound stands in; changes inside views.
    file: FileId,
    /// The statement's file and lexemes, for exact spans.
    statement_file: FileId,
    lexemes: Lexemes<'a>,
    columns: Vec<ColumnInfo>,
    scans: Vec<Scan>,
    next_place: u32,
    /// Columns that are read whatever the statement outputs: predicates, join conditions, keys.
    always: Vec<ColumnId>,
    /// Scans whose `*` survives in an operator that compares whole rows.
    always_open: Vec<ScanId>,
    scopes: Scopes,
    ctes: Ctes<'a>,
    /// Uses of views around the current text.
    through: Vec<Span>,
    /// Subqueries of the expression being bound.
    pending: Vec<Subquery>,
    /// PARTITION BY of every window function of the SELECT being bound.
    windows: Vec<Vec<Expr>>,
    named_windows: &'a [ast::NamedWindowDefinition],
    has_aggregate: bool,
    /// Whether the query that is bound next is the statement's own.
    is_outermost: bool,
    /// Nesting of the expression being bound.
    expr_depth: usize,
    /// Nesting of CTEs and views.
    depth: usize,
    /// CTEs and views opened so far.
    opened: usize,
    truncated: bool,
    /// Recursive CTEs that referred to themselves while they were opened.
    recursive: Vec<String>,
    unknown_tables: Vec<(TableName, Span)>,
    /// The table that a DELETE is about.
    deleted: Option<ScanId>,
    cross_joins: Vec<(Span, bool, Vec<ScanId>, Vec<ScanId>)>,
}

/// The columns and open ends that a relation offers to the query around it.
#[derive(Debug, Clone, Default)]
pub(super) struct Output {
    /// Lower-case name (empty for unnamed expressions) and what it stands for.
    pub columns: Vec<(String, Expr)>,
    /// Scans with unknown columns whose `*` is part of the output.
    pub open: Vec<ScanId>,
}

impl<'a> Binder<'a> {
    fn new(around: Surroundings<'a>, file: FileId, lexemes: Lexemes<'a>) -> Self {
        Binder {
            around,
            file,
            statement_file: file,
            lexemes,
            columns: Vec::new(),
            scans: Vec::new(),
            next_place: 0,
            always: Vec::new(),
            always_open: Vec::new(),
            scopes: Scopes::default(),
            ctes: Ctes::default(),
            through: Vec::new(),
            pending: Vec::new(),
            windows: Vec::new(),
            named_windows: &[],
            has_aggregate: false,
            is_outermost: false,
            expr_depth: 0,
            depth: 0,
            opened: 0,
            truncated: false,
            recursive: Vec::new(),
            unknown_tables: Vec::new(),
            deleted: None,
            cross_joins: Vec::new(),
        }
    }

    fn take_place(&mut self) -> u32 {
        self.next_place += 1;
        self.next_place - 1
    }

    /// A new computed column.
    fn computed(&mut self, expr: &Expr) -> ColumnId {
        let place = self.take_place();
        self.columns.push(ColumnInfo { scan: None, place, depends: expr.columns(), field_of: None });
        ColumnId(self.columns.len() as u32 - 1)
    }

    /// The id of a scan's column, made on first use where the table's columns are not all known.
    fn scan_column(&mut self, scan: ScanId, name: &str) -> ColumnId {
        if let Some((_, id)) = self.scans[scan.0].columns.iter().find(|(n, _)| n == name) {
            return *id;
        }
        self.new_column(scan, name)
    }

    /// Adds a scan with its declared columns.
    fn add_scan(&mut self, table: Option<TableId>, name: String, span: Span) -> ScanId {
        let id = ScanId(self.scans.len());
        let place = self.take_place();
        let declared = table.map(|t| self.around.catalog.get(t));
        self.scans.push(Scan {
            table,
            name,
            span,
            through: self.through.clone(),
            columns: Vec::new(),
            fields: Vec::new(),
            closed: declared.is_some_and(|t| !t.columns.is_empty()),
            star: None,
            bare_limit: None,
            place,
        });
        if let Some(table) = declared {
            let names = table.columns.iter().map(|c| &c.name).chain(table.partition_keys.iter().map(|k| &k.name));
            let mut seen = HashSet::new();
            for name in names.filter(|name| seen.insert(*name)) {
                self.new_column(id, name);
            }
        }
        id
    }

    fn new_column(&mut self, scan: ScanId, name: &str) -> ColumnId {
        let id = ColumnId(self.columns.len() as u32);
        let place = self.scans[scan.0].place;
        self.columns.push(ColumnInfo { scan: Some(scan), place, depends: Vec::new(), field_of: None });
        self.scans[scan.0].columns.push((name.to_string(), id));
        id
    }

    fn place_of(&self, column: ColumnId) -> u32 {
        self.columns[column.0 as usize].place
    }

    /// The span of a syntax node, extended to its full text; the fallback when the parser gives none.
    fn span(&self, node: &impl ast::Spanned, fallback: Span) -> Span {
        let text = &self.around.sources.get(self.file).text;
        match range(node.span()) {
            Some(range) if range.end <= text.len() => {
                let covered =
                    if self.file == self.statement_file { self.lexemes.cover(range) } else { cover(text, range) };
                Span::new(self.file, covered)
            }
            _ => fallback,
        }
    }

    fn ident_span(&self, ident: &ast::Ident, fallback: Span) -> Span {
        range(ident.span).map_or(fallback, |range| Span::new(self.file, range))
    }

    /// Runs `bind` with subqueries collected apart, and hangs those it met onto the node it is about.
    fn with_subqueries<T>(&mut self, bind: impl FnOnce(&mut Self) -> T) -> (T, Vec<Subquery>) {
        let outer = std::mem::take(&mut self.pending);
        let result = bind(self);
        (result, std::mem::replace(&mut self.pending, outer))
    }
}

/// A node with its subqueries hung on.
fn hang(node: Node, subqueries: Vec<Subquery>) -> Node {
    if subqueries.is_empty() { node } else { Node::Subqueries { input: Box::new(node), subqueries } }
}

#[cfg(test)]
mod tests;
