//! One parsed statement to a [`Query`].

use std::collections::HashSet;

use sqlparser::ast;

use crate::expr::{Expr, Value, fold};
use crate::lake::{Class, FileId, Join, Query, Span, StatementKind, Table, TableRead, Transform};
use crate::sql::lexemes::Lexemes;
use crate::sql::parse::Parsed;

use super::push::Landed;
use super::tree::Node;
use super::write::{self, WriteText};
use super::{Binder, Output, Surroundings, hang};

/// A statement's tree, its outputs where its rows are wanted, and what it writes.
struct Bound<'a> {
    node: Node,
    output: Option<Output>,
    write: Option<WriteText<'a>>,
    limit: Option<u64>,
}

/// Binds a statement of a file, given by its lexemes.
pub(in crate::sql) fn bind_statement(
    parsed: &Parsed,
    file: FileId,
    lexemes: Lexemes,
    around: Surroundings<'_>,
) -> Query {
    let span = Span::new(file, lexemes.range());
    let mut kind = kind_of(parsed);
    let mut parsed = parsed;
    while let Parsed::Explained { statement, .. } | Parsed::Prepared(statement) = parsed {
        parsed = statement;
    }
    // A plain EXPLAIN reads nothing; a view is read where it is used.
    let reads_nothing = matches!(kind, StatementKind::Explain | StatementKind::CreateView | StatementKind::Ddl);
    let mut binder = Binder::new(around, file, lexemes);
    let bound = if reads_nothing { None } else { binder.statement(parsed, span) };
    if let (None, StatementKind::Select) = (&bound, kind) {
        kind = StatementKind::Ddl;
    }
    binder.finish(bound, span, kind)
}

fn kind_of(parsed: &Parsed) -> StatementKind {
    match parsed {
        Parsed::Sql { kind, .. } => *kind,
        Parsed::Ctas { .. } => StatementKind::Ctas,
        Parsed::Unload { .. } => StatementKind::Unload,
        Parsed::Optimize { .. } => StatementKind::Optimize,
        Parsed::Definition(_) => StatementKind::Ddl,
        Parsed::Explained { analyze: true, .. } => StatementKind::ExplainAnalyze,
        Parsed::Explained { analyze: false, .. } => StatementKind::Explain,
        Parsed::Prepared(inner) => kind_of(inner),
        Parsed::Utility(kind) => *kind,
    }
}

impl<'a> Binder<'a> {
    fn statement(&mut self, parsed: &'a Parsed, span: Span) -> Option<Bound<'a>> {
        match parsed {
            Parsed::Sql { statement, .. } => self.sql_statement(statement, span),
            Parsed::Ctas { name, properties, query } => {
                let write = write::ctas(self.file, name, properties, span);
                Some(self.query_statement(query, Some(write)))
            }
            Parsed::Unload { query, properties } => {
                let write = write::unload(properties, self.first_word(span));
                Some(self.query_statement(query, Some(write)))
            }
            Parsed::Optimize { table, selection } => {
                let target = self.next_scan();
                let node = self.changed_table(table, selection.as_deref(), span);
                self.read_whole(target);
                Some(Bound { node, output: None, write: None, limit: None })
            }
            _ => None,
        }
    }

    fn query_statement(&mut self, query: &'a ast::Query, write: Option<WriteText<'a>>) -> Bound<'a> {
        self.is_outermost = true;
        let ((node, output), subqueries) = self.with_subqueries(|b| b.query(query));
        let limit = super::query::limit_of(query).and_then(|e| e.to_string().parse().ok());
        Bound { node: hang(node, subqueries), output: Some(output), write, limit }
    }

    fn sql_statement(&mut self, statement: &'a ast::Statement, span: Span) -> Option<Bound<'a>> {
        match statement {
            ast::Statement::Query(query) => Some(self.query_statement(query, None)),
            ast::Statement::CreateTable(create) => {
                let query = create.query.as_ref()?;
                let write = write::ctas(self.file, &create.name, &[], span);
                Some(self.query_statement(query, Some(write)))
            }
            ast::Statement::Insert(insert) => {
                let query = insert.source.as_ref()?;
                let write = write::insert(self.file, insert, query, span);
                Some(self.query_statement(query, Some(write)))
            }
            ast::Statement::Delete(delete) => {
                let (ast::FromTable::WithFromKeyword(from) | ast::FromTable::WithoutKeyword(from)) = &delete.from;
                self.scopes.0.push(Vec::new());
                self.deleted = Some(self.next_scan());
                let node = self.relations(from);
                let node = self.filtered(node, delete.selection.as_ref(), span);
                self.scopes.0.pop();
                Some(Bound { node, output: None, write: None, limit: None })
            }
            ast::Statement::Update(update) => {
                self.scopes.0.push(Vec::new());
                let target = self.next_scan();
                let node = self.relations(std::slice::from_ref(&update.table));
                self.read_whole(target);
                let (node, subqueries) = self.with_subqueries(|b| {
                    for assignment in &update.assignments {
                        b.used(&assignment.value);
                    }
                    b.filtered(node, update.selection.as_ref(), span)
                });
                self.scopes.0.pop();
                Some(Bound { node: hang(node, subqueries), output: None, write: None, limit: None })
            }
            ast::Statement::Merge(merge) => Some(self.merge(merge, span)),
            _ => None,
        }
    }

    /// MERGE joins the target to the source: the ON condition alone can prune the target.
    fn merge(&mut self, merge: &'a ast::Merge, span: Span) -> Bound<'a> {
        self.scopes.0.push(Vec::new());
        let (node, subqueries) = self.with_subqueries(|b| {
            let on = |b: &mut Self| b.predicates(&merge.on, span);
            let node = b.merged_factors(&merge.source, &merge.table, on);
            for clause in &merge.clauses {
                if let Some(predicate) = &clause.predicate {
                    b.used(predicate);
                }
                match &clause.action {
                    ast::MergeAction::Update(update) => {
                        if let ast::MergeUpdateKind::Set(assignments) = &update.kind {
                            assignments.iter().for_each(|a| {
                                b.used(&a.value);
                            });
                        }
                    }
                    ast::MergeAction::Insert(insert) => {
                        if let ast::MergeInsertKind::Values(values) = &insert.kind {
                            values.rows.iter().flat_map(|row| &row.content).for_each(|e| {
                                b.used(e);
                            });
                        }
                    }
                    _ => {}
                }
            }
            node
        });
        self.scopes.0.pop();
        let target = match &merge.table {
            ast::TableFactor::Table { name, .. } => Some(write::named(self.file, name, span)),
            _ => None,
        };
        Bound { node: hang(node, subqueries), output: None, write: target, limit: None }
    }

    fn filtered(&mut self, node: Node, selection: Option<&'a ast::Expr>, span: Span) -> Node {
        let Some(selection) = selection else { return node };
        let (predicates, subqueries) = self.with_subqueries(|b| b.predicates(selection, span));
        hang(Node::Filter { input: Box::new(node), predicates }, subqueries)
    }

    fn changed_table(&mut self, name: &'a ast::ObjectName, selection: Option<&'a ast::Expr>, span: Span) -> Node {
        self.scopes.0.push(Vec::new());
        let node = self.named_table(name, span);
        let node = self.filtered(node, selection, span);
        self.scopes.0.pop();
        node
    }

    fn first_word(&self, span: Span) -> Span {
        let text = self.around.sources.text(span);
        let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
        Span { end: span.start + end as u32, ..span }
    }

    /// Whether a DELETE is about one table and nothing but it, with predicates that are all about its columns.
    fn drops_partitions(&self, landed: &Landed) -> bool {
        let (Some(target), 1) = (self.deleted, self.scans.len()) else { return false };
        landed.get(&target).into_iter().flatten().all(|predicate| {
            let expr = fold(&predicate.expr, self.around.as_of);
            !expr.columns().is_empty() || expr == Expr::Literal(Value::Bool(true))
        })
    }

    fn finish(mut self, bound: Option<Bound<'a>>, span: Span, kind: StatementKind) -> Query {
        let mut query = Query {
            step: None,
            model: None,
            span,
            name: None,
            kind,
            reads: Vec::new(),
            unknown_tables: Vec::new(),
            write: None,
            limit: None,
            cross_joins: Vec::new(),
            truncated: self.truncated,
            workgroup: None,
            past: None,
        };
        let Some(bound) = bound else { return query };
        let mut landed = Landed::new();
        self.push(&bound.node, Vec::new(), &[], &mut landed);
        let required = self.required(bound.output.as_ref());
        let mut stopped = HashSet::new();
        bound.node.stopped_early(false, &mut stopped);
        let drops_partitions = self.drops_partitions(&landed);
        let mut reads = self.reads(landed, &required, &stopped);
        self.mark_splits(&bound.node, &mut reads);
        if drops_partitions {
            reads.reads.retain(|read| !is_settled_by_keys(read, self.around.catalog.get(read.table)));
        }
        let to_reads = |scans: &[super::tree::ScanId]| {
            let mut indices: Vec<usize> = scans.iter().filter_map(|s| reads.of_scan.get(s).copied()).collect();
            indices.sort_unstable();
            indices.dedup();
            indices
        };
        query.cross_joins = self
            .cross_joins
            .iter()
            .map(|(span, explicit, left, right)| Join {
                span: *span,
                explicit: *explicit,
                left: to_reads(left),
                right: to_reads(right),
            })
            .collect();
        query.write = bound.write.map(|text| self.write(text, bound.output.as_ref(), &reads));
        query.limit = bound.limit;
        query.reads = reads.reads;
        self.unknown_tables.sort_by_key(|(_, span)| *span);
        self.unknown_tables.dedup();
        query.unknown_tables = self.unknown_tables;
        query
    }
}

/// Whether the metastore alone tells which partitions a read is about, and the rows in them do not matter: a DELETE then drops
/// partitions without reading them, as it drops a whole table (<https://trino.io/docs/current/connector/iceberg.html>, "Data
/// management").
fn is_settled_by_keys(read: &TableRead, table: &Table) -> bool {
    let is_plain = |key: &usize| table.partition_keys[*key].transform == Transform::Identity;
    read.conjuncts.iter().all(|conjunct| {
        conjunct.class == Class::Metastore && conjunct.columns.is_empty() && conjunct.keys.iter().all(is_plain)
    })
}
