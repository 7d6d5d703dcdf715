//! FROM: tables, CTEs, views, derived tables, joins.

use sqlparser::ast;

use crate::expr::{BinaryOp, Expr, Opaque};
use crate::lake::{Lookup, Span, TableName};

use super::names::Relation;
use super::tree::{JoinKind, Node, Places, Predicate, ScanId};
use super::{Binder, MAX_DEPTH, MAX_OPENED, MAX_SCANS, Output, hang};

/// A bound table factor: its node, what it offers, where it stands.
pub(super) struct Factor {
    pub(super) node: Node,
    places: Places,
    span: Span,
    /// A LATERAL subquery: it names the relations on its left, so no condition need link it to them.
    lateral: bool,
}

impl<'a> Binder<'a> {
    pub(super) fn relations(&mut self, from: &'a [ast::TableWithJoins]) -> Node {
        let mut all: Option<Factor> = None;
        for item in from {
            let next = self.table_with_joins(item);
            all = Some(match all {
                None => next,
                Some(left) => join(left, next, JoinKind::Inner, Vec::new(), false),
            });
        }
        all.map_or(Node::Empty { single_row: true }, |factor| factor.node)
    }

    /// Binds the source and the target of a MERGE as one join that keeps every row of the source.
    pub(super) fn merged_factors(
        &mut self,
        source: &'a ast::TableFactor,
        target: &'a ast::TableFactor,
        on: impl FnOnce(&mut Self) -> Vec<Predicate>,
    ) -> Node {
        let source = self.factor(source);
        let target_scan = self.next_scan();
        let target = self.factor(target);
        self.read_whole(target_scan);
        let on = on(self);
        join(source, target, JoinKind::Left, on, false).node
    }

    /// The scan that is added next.
    pub(super) fn next_scan(&self) -> ScanId {
        ScanId(self.scans.len())
    }

    /// Every column of a scan is read: changed rows are written anew, with the columns that stay as they are.
    pub(super) fn read_whole(&mut self, scan: ScanId) {
        if let Some(changed) = self.scans.get_mut(scan.0) {
            changed.star = Some(changed.span);
            self.always_open.push(scan);
        }
    }

    /// A table that a statement changes, as a relation in scope.
    pub(super) fn named_table(&mut self, name: &'a ast::ObjectName, span: Span) -> Node {
        let written: Vec<&ast::Ident> = name.0.iter().filter_map(|part| part.as_ident()).collect();
        let table = TableName::new(written.iter().map(|i| &i.value));
        let shown = written.iter().map(|i| i.value.as_str()).collect::<Vec<_>>().join(".");
        let (node, output) = self.open_relation(&table, &shown, self.name_span(&written, span));
        if let Some(scope) = self.scopes.0.last_mut() {
            scope.push(Relation { qualifier: table.0, output });
        }
        node
    }

    fn table_with_joins(&mut self, item: &'a ast::TableWithJoins) -> Factor {
        let mut left = self.factor(&item.relation);
        for next in &item.joins {
            let left_relations = self.scopes.0.last().map_or(0, Vec::len);
            let right = self.factor(&next.relation);
            let (kind, constraint, cross) = join_kind(&next.join_operator);
            let (on, subqueries) = self.with_subqueries(|b| match constraint {
                Some(ast::JoinConstraint::On(condition)) => b.predicates(condition, right.span),
                Some(ast::JoinConstraint::Using(names)) => {
                    let names = names.iter().filter_map(|n| n.0.last()?.as_ident());
                    let names = names.map(|i| (i.value.to_lowercase(), b.ident_span(i, right.span))).collect();
                    b.equal_columns(names, left_relations, kind)
                }
                Some(ast::JoinConstraint::Natural) => {
                    let names = b.common_columns(left_relations);
                    let names = names.into_iter().map(|name| (name, right.span)).collect();
                    b.equal_columns(names, left_relations, kind)
                }
                _ => Vec::new(),
            });
            self.forget_constants(left_relations, kind);
            let joined = join(left, right, kind, on, cross);
            left = Factor { node: hang(joined.node, subqueries), ..joined };
        }
        left
    }

    pub(super) fn factor(&mut self, factor: &'a ast::TableFactor) -> Factor {
        let start = self.next_place;
        let fallback = Span { file: self.file, start: 0, end: 0 };
        let mut span = match factor {
            ast::TableFactor::Table { .. } => fallback,
            other => self.span(other, fallback),
        };
        let (node, mut output, alias, own_name) = match factor {
            ast::TableFactor::Table { name, alias, args: None, .. } => {
                let written: Vec<&ast::Ident> = name.0.iter().filter_map(|part| part.as_ident()).collect();
                // An empty schema is one that only the deployment knows: the name is no common table expression's.
                let parts: Vec<&str> =
                    written.iter().map(|i| i.value.as_str()).filter(|part| !part.is_empty()).collect();
                let (table, shown) = (TableName::new(&parts), parts.join("."));
                span = self.name_span(&written, span);
                let open = if parts.len() == written.len() { Self::open_relation } else { Self::open_table };
                let (node, output) = open(self, &table, &shown, span);
                (node, output, alias.as_ref(), table.0)
            }
            ast::TableFactor::Derived { subquery, alias, .. } => {
                let ((node, output), subqueries) = self.with_subqueries(|b| b.query(subquery));
                (hang(node, subqueries), output, alias.as_ref(), Vec::new())
            }
            ast::TableFactor::NestedJoin { table_with_joins, alias } => {
                let before = self.scopes.0.last().map_or(0, Vec::len);
                let inner = self.table_with_joins(table_with_joins);
                let Some(alias) = alias else { return Factor { places: start..self.next_place, ..inner } };
                let relations = self.scopes.0.last_mut().map(|scope| scope.split_off(before)).unwrap_or_default();
                let mut output = Output::default();
                for relation in relations {
                    output.columns.extend(relation.output.columns);
                    output.open.extend(relation.output.open);
                }
                (inner.node, output, Some(alias), Vec::new())
            }
            ast::TableFactor::MatchRecognize { alias, .. } => {
                let (node, output) = self.match_recognize(factor);
                (node, output, alias.as_ref(), Vec::new())
            }
            other => {
                let (output, alias) = self.table_function(other);
                (Node::Empty { single_row: false }, output, alias, Vec::new())
            }
        };
        let qualifier = match alias {
            Some(alias) => {
                rename(&mut output, alias.columns.iter().map(|c| c.name.value.to_lowercase()));
                vec![alias.name.value.to_lowercase()]
            }
            None => own_name,
        };
        if let Some(scope) = self.scopes.0.last_mut() {
            scope.push(Relation { qualifier, output });
        }
        let lateral = matches!(factor, ast::TableFactor::Derived { lateral: true, .. });
        Factor { node, places: start..self.next_place, span, lateral }
    }

    fn name_span(&self, idents: &[&ast::Ident], fallback: Span) -> Span {
        match (idents.first(), idents.last()) {
            (Some(first), Some(last)) => self.ident_span(first, fallback).join(self.ident_span(last, fallback)),
            _ => fallback,
        }
    }

    /// UNNEST, TABLE(...) and other functions: they read no table, their arguments read columns.
    fn table_function(&mut self, factor: &'a ast::TableFactor) -> (Output, Option<&'a ast::TableAlias>) {
        let (args, alias): (Vec<&'a ast::Expr>, _) = match factor {
            ast::TableFactor::UNNEST { array_exprs, alias, .. } => (array_exprs.iter().collect(), alias),
            ast::TableFactor::TableFunction { expr, alias } => (vec![expr], alias),
            ast::TableFactor::Function { args, alias, .. } => (args.iter().filter_map(argument).collect(), alias),
            ast::TableFactor::Table { args: Some(args), alias, .. } => {
                (args.args.iter().filter_map(argument).collect(), alias)
            }
            ast::TableFactor::Pivot { table, alias, .. } => {
                self.factor(table);
                self.scopes.0.last_mut().and_then(Vec::pop);
                (Vec::new(), alias)
            }
            _ => (Vec::new(), &None),
        };
        let mut depends = Vec::new();
        for arg in args {
            depends.extend(self.used(arg).columns());
        }
        let value = Expr::Opaque { columns: depends, why: Opaque::RunTime };
        let count = alias.as_ref().map_or(0, |a| a.columns.len());
        let columns = (0..count).map(|_| (String::new(), Expr::Column(self.computed(&value)))).collect();
        (Output { columns, open: Vec::new() }, alias.as_ref())
    }

    /// A name in FROM: a CTE, a view of the repository, a described table, or a table that nobody describes.
    pub(super) fn open_relation(&mut self, name: &TableName, written: &str, span: Span) -> (Node, Output) {
        if name.0.len() == 1
            && let Some(cte) = self.ctes.find(name.table())
        {
            return self.open_cte(&cte);
        }
        self.open_table(name, written, span)
    }

    /// A table or view that is opened by its name.
    fn open_table(&mut self, name: &TableName, written: &str, span: Span) -> (Node, Output) {
        if is_metadata(name) {
            return self.closed_relation();
        }
        let found = self.around.table(name);
        if let Lookup::Unknown = found
            && let Some(view) = self.around.view(name)
        {
            return self.open_view(view, span);
        }
        let table = match found {
            Lookup::Found(id) => Some(id),
            _ => {
                self.unknown_tables.push((name.clone(), span));
                None
            }
        };
        let scan = self.add_scan(table, written.to_string(), span);
        let columns = self.scans[scan.0].columns.iter().map(|(n, id)| (n.clone(), Expr::Column(*id))).collect();
        (Node::Scan(scan), Output { columns, open: vec![scan] })
    }

    fn open_cte(&mut self, cte: &super::names::Cte<'a>) -> (Node, Output) {
        let Some(query) = cte.query else {
            self.recursive.push(cte.name.clone());
            return self.closed_relation();
        };
        if self.is_too_large() {
            return self.closed_relation();
        }
        let ctes = std::mem::replace(&mut self.ctes, cte.visible.clone());
        let (mut node, mut output) = self.inlined(query);
        self.ctes = ctes;
        if self.recursive.contains(&cte.name) {
            // A row that a predicate drops may lead to one that it keeps.
            self.recursive.retain(|name| *name != cte.name);
            node = Node::Barrier { input: Box::new(node) };
        }
        rename(&mut output, cte.columns.iter().cloned());
        (node, output)
    }

    fn open_view(&mut self, view: &'a crate::sql::View, span: Span) -> (Node, Output) {
        if self.is_too_large() {
            return self.closed_relation();
        }
        let file = std::mem::replace(&mut self.file, view.file);
        let database = self.around.database;
        self.around.database = view.database.as_deref().or(database);
        let ctes = std::mem::take(&mut self.ctes);
        self.through.push(span);
        let (node, mut output) = self.inlined(&view.query);
        self.through.pop();
        self.ctes = ctes;
        self.file = file;
        self.around.database = database;
        rename(&mut output, view.columns.iter().cloned());
        (node, output)
    }

    /// Binds the query of a CTE or view: its text sees nothing of the query that uses it.
    fn inlined(&mut self, query: &'a ast::Query) -> (Node, Output) {
        let scopes = std::mem::take(&mut self.scopes);
        self.depth += 1;
        let ((node, output), subqueries) = self.with_subqueries(|b| b.query(query));
        self.depth -= 1;
        self.scopes = scopes;
        (hang(node, subqueries), output)
    }

    fn is_too_large(&mut self) -> bool {
        self.opened += 1;
        let is_too_large = self.scans.len() >= MAX_SCANS || self.opened >= MAX_OPENED || self.depth >= MAX_DEPTH;
        self.truncated |= is_too_large;
        is_too_large
    }

    /// A relation that stays closed: columns are accepted and lead nowhere.
    fn closed_relation(&mut self) -> (Node, Output) {
        let span = Span { file: self.file, start: 0, end: 0 };
        let scan = self.add_scan(None, String::new(), span);
        (Node::Empty { single_row: false }, Output { columns: Vec::new(), open: vec![scan] })
    }

    /// USING and NATURAL: equality of the named columns, and one merged column instead of two.
    fn equal_columns(&mut self, names: Vec<(String, Span)>, left: usize, kind: JoinKind) -> Vec<Predicate> {
        let mut on = Vec::new();
        for (name, span) in names {
            let column = |b: &mut Self, range: std::ops::Range<usize>| {
                let relations = b.scopes.0.last().map_or(Vec::new(), |scope| scope[range].to_vec());
                b.scopes.0.push(relations);
                let found = b.resolve(&[ast::Ident::new(&name)]);
                b.scopes.0.pop();
                found
            };
            let count = self.scopes.0.last().map_or(0, Vec::len);
            let (l, r) = (column(self, 0..left), column(self, left..count));
            self.always.extend(l.columns());
            self.always.extend(r.columns());
            let hidden = match kind {
                JoinKind::Right => (0..left, r.clone()),
                JoinKind::Full => (0..count, Expr::call("coalesce", vec![l.clone(), r.clone()])),
                JoinKind::Inner | JoinKind::Left => (left..count, l.clone()),
            };
            if let Some(scope) = self.scopes.0.last_mut() {
                for relation in &mut scope[hidden.0] {
                    relation
                        .output
                        .columns
                        .iter_mut()
                        .filter(|(n, _)| *n == name)
                        .for_each(|(_, e)| *e = hidden.1.clone());
                }
            }
            on.push(Predicate { expr: Expr::binary(BinaryOp::Eq, l, r), span, run_time: false });
        }
        on
    }

    /// Past an outer join a constant column may be NULL.
    fn forget_constants(&mut self, left: usize, kind: JoinKind) {
        let Some(scope) = self.scopes.0.last_mut() else { return };
        let null_side = match kind {
            JoinKind::Inner => return,
            JoinKind::Left => left..scope.len(),
            JoinKind::Right => 0..left,
            JoinKind::Full => 0..scope.len(),
        };
        for (_, expr) in scope[null_side].iter_mut().flat_map(|relation| &mut relation.output.columns) {
            if expr.columns().is_empty() {
                *expr = Expr::Opaque { columns: Vec::new(), why: Opaque::RunTime };
            }
        }
    }

    fn common_columns(&self, left: usize) -> Vec<String> {
        let Some(scope) = self.scopes.0.last() else { return Vec::new() };
        let names = |relations: &[Relation]| -> Vec<String> {
            relations.iter().flat_map(|r| r.output.columns.iter().map(|(n, _)| n.clone())).collect()
        };
        let lefts = names(&scope[..left]);
        names(&scope[left..]).into_iter().filter(|n| !n.is_empty() && lefts.contains(n)).collect()
    }
}

fn join(left: Factor, right: Factor, kind: JoinKind, on: Vec<Predicate>, cross: bool) -> Factor {
    let places = left.places.start..right.places.end;
    let node = Node::Join {
        kind,
        left: Box::new(left.node),
        right: Box::new(right.node),
        on,
        left_places: left.places,
        right_places: right.places,
        span: (!right.lateral).then_some(right.span),
        cross,
    };
    Factor { node, places, span: left.span, lateral: false }
}

fn join_kind(operator: &ast::JoinOperator) -> (JoinKind, Option<&ast::JoinConstraint>, bool) {
    use ast::JoinOperator as J;
    match operator {
        J::Left(c) | J::LeftOuter(c) | J::LeftSemi(c) | J::LeftAnti(c) | J::Anti(c) => (JoinKind::Left, Some(c), false),
        J::Right(c) | J::RightOuter(c) | J::RightSemi(c) | J::RightAnti(c) => (JoinKind::Right, Some(c), false),
        J::FullOuter(c) => (JoinKind::Full, Some(c), false),
        J::CrossJoin(c) => (JoinKind::Inner, Some(c), true),
        J::Join(c) | J::Inner(c) | J::Semi(c) | J::StraightJoin(c) | J::AsOf { constraint: c, .. } => {
            (JoinKind::Inner, Some(c), false)
        }
        J::OuterApply | J::LeftArrayJoin => (JoinKind::Left, None, false),
        J::CrossApply | J::ArrayJoin | J::InnerArrayJoin => (JoinKind::Inner, None, true),
    }
}

pub(super) fn argument(arg: &ast::FunctionArg) -> Option<&ast::Expr> {
    let (ast::FunctionArg::Unnamed(arg)
    | ast::FunctionArg::Named { arg, .. }
    | ast::FunctionArg::ExprNamed { arg, .. }) = arg;
    match arg {
        ast::FunctionArgExpr::Expr(expr) => Some(expr),
        _ => None,
    }
}

/// Column names given by an alias list, by position.
fn rename(output: &mut Output, names: impl Iterator<Item = String>) {
    for ((name, _), new) in output.columns.iter_mut().zip(names) {
        *name = new;
    }
}

/// Metadata tables and schemas hold no lake data: `"orders$partitions"`, `information_schema.tables`.
fn is_metadata(name: &TableName) -> bool {
    let hidden = ["$partitions", "$files", "$snapshots", "$history", "$manifests", "$refs", "$properties"];
    hidden.iter().any(|suffix| name.table().ends_with(suffix))
        || matches!(name.database(), Some("information_schema" | "system"))
}
