//! One SELECT: FROM, WHERE, GROUP BY, HAVING, windows, the select list.

use std::collections::HashMap;

use sqlparser::ast;

use crate::expr::{ColumnId, Expr};
use crate::lake::Span;

use super::names::Relation;
use super::tree::{Node, ScanId};
use super::{Binder, Output, hang};

impl<'a> Binder<'a> {
    pub(super) fn select(&mut self, select: &'a ast::Select, order: &'a [ast::OrderByExpr]) -> (Node, Output) {
        let windows = std::mem::take(&mut self.windows);
        let has_aggregate = std::mem::replace(&mut self.has_aggregate, false);
        let named = std::mem::replace(&mut self.named_windows, &select.named_window);
        self.scopes.0.push(Vec::new());
        let mut node = self.relations(&select.from);
        if let Some(selection) = &select.selection {
            let around = self.span(selection, Span { file: self.file, start: 0, end: 0 });
            let (predicates, subqueries) = self.with_subqueries(|b| b.predicates(selection, around));
            node = hang(Node::Filter { input: Box::new(node), predicates }, subqueries);
        }
        let ((node, output), subqueries) = self.with_subqueries(|b| b.after_where(select, order, node));
        let node = hang(node, subqueries);
        self.scopes.0.pop();
        self.windows = windows;
        self.has_aggregate = has_aggregate;
        self.named_windows = named;
        (node, output)
    }

    fn after_where(
        &mut self,
        select: &'a ast::Select,
        order: &'a [ast::OrderByExpr],
        mut node: Node,
    ) -> (Node, Output) {
        let is_constant = matches!(node, Node::Empty { single_row: true });
        let (mut output, mut computed) = self.select_list(select, is_constant);
        let keys = self.group_keys(select);
        let having = select.having.as_ref().map(|having| {
            let around = self.span(having, Span { file: self.file, start: 0, end: 0 });
            self.predicates(having, around)
        });
        if self.has_aggregate || !matches!(&keys, Some(keys) if keys.is_empty()) {
            node = match keys {
                Some(keys) => Node::Aggregate { input: Box::new(node), keys },
                None => Node::Barrier { input: Box::new(node) },
            };
        }
        if let Some(predicates) = having {
            node = Node::Filter { input: Box::new(node), predicates };
        }
        self.order_by(order, &output);
        if !self.windows.is_empty() {
            node = Node::Window { input: Box::new(node), partitions: std::mem::take(&mut self.windows) };
        }
        if select.distinct.is_some() {
            self.always.extend(output.columns.iter().flat_map(|(_, e)| e.columns()));
            self.always_open.extend(&output.open);
        }
        let is_distinct = select.distinct.is_some();
        if !computed.is_empty() {
            node = Node::Project { input: Box::new(node), computed: std::mem::take(&mut computed) };
        }
        if is_distinct {
            node = Node::Whole { input: Box::new(node) };
        }
        if is_constant && select.selection.is_some() {
            output.columns.iter_mut().for_each(|(_, e)| *e = self_opaque(e));
        }
        (node, output)
    }

    /// The output columns, and those of them that are computed here.
    fn select_list(&mut self, select: &'a ast::Select, is_constant: bool) -> (Output, HashMap<ColumnId, Expr>) {
        let mut output = Output::default();
        let mut computed = HashMap::new();
        for item in &select.projection {
            match item {
                ast::SelectItem::UnnamedExpr(expr) => {
                    let name = implied_name(expr);
                    self.select_item(name, expr, is_constant, &mut output, &mut computed);
                }
                ast::SelectItem::ExprWithAlias { expr, alias } => {
                    self.select_item(alias.value.to_lowercase(), expr, is_constant, &mut output, &mut computed);
                }
                ast::SelectItem::ExprWithAliases { expr, .. } => {
                    self.used(expr);
                }
                ast::SelectItem::Wildcard(options) => self.star(&[], options, &mut output),
                ast::SelectItem::QualifiedWildcard(kind, options) => {
                    if let ast::SelectItemQualifiedWildcardKind::ObjectName(name) = kind {
                        let parts: Vec<String> =
                            name.0.iter().filter_map(|p| p.as_ident()).map(|i| i.value.to_lowercase()).collect();
                        self.star(&parts, options, &mut output);
                    } else if let ast::SelectItemQualifiedWildcardKind::Expr(expr) = kind {
                        self.used(expr);
                    }
                }
            }
        }
        (output, computed)
    }

    fn select_item(
        &mut self,
        name: String,
        expr: &'a ast::Expr,
        is_constant: bool,
        output: &mut Output,
        computed: &mut HashMap<ColumnId, Expr>,
    ) {
        let bound = self.expr(expr);
        // A plain column keeps its id; the constant of a one-row relation stands for itself wherever it is used.
        let stands_for = match &bound {
            Expr::Column(_) => bound,
            _ if is_constant && bound.columns().is_empty() && !matches!(bound, Expr::Opaque { .. }) => bound,
            _ => {
                let id = self.computed(&bound);
                computed.insert(id, bound);
                Expr::Column(id)
            }
        };
        output.columns.push((name, stands_for));
    }

    /// `*` or `t.*`: hands on the columns of the relations in scope.
    fn star(&mut self, qualifier: &[String], options: &'a ast::WildcardAdditionalOptions, output: &mut Output) {
        let fallback = Span { file: self.file, start: 0, end: 0 };
        let star =
            crate::sql::parse::range(options.wildcard_token.0.span).map_or(fallback, |r| Span::new(self.file, r));
        let excluded = excluded_columns(options);
        let relations: Vec<Relation> = self.scopes.0.last().cloned().unwrap_or_default();
        if !qualifier.is_empty() && !relations.iter().any(|relation| relation.is_named(qualifier)) {
            // The fields of a struct column.
            let idents: Vec<ast::Ident> = qualifier.iter().map(ast::Ident::new).collect();
            let row = self.resolve(&idents);
            self.always.extend(row.columns());
            return;
        }
        let mut handed: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, (name, _)) in output.columns.iter().enumerate() {
            handed.entry(name.clone()).or_default().push(at);
        }
        for relation in relations {
            if !qualifier.is_empty() && !relation.is_named(qualifier) {
                continue;
            }
            let mut scans: Vec<ScanId> = relation.output.open.clone();
            for (name, expr) in relation.output.columns {
                if excluded.contains(&name) {
                    continue;
                }
                scans.extend(expr.columns().iter().filter_map(|id| self.columns[id.0 as usize].scan));
                // A column that USING has merged appears once.
                let same_name = handed.entry(name.clone()).or_default();
                if !same_name.iter().any(|at| output.columns[*at].1 == expr) {
                    same_name.push(output.columns.len());
                    output.columns.push((name, expr));
                }
            }
            output.open.extend(relation.output.open);
            for scan in scans {
                self.scans[scan.0].star = Some(star);
            }
        }
    }

    /// GROUP BY expressions, those of every grouping set; `None` when several groupings have no key in common.
    fn group_keys(&mut self, select: &'a ast::Select) -> Option<Vec<Expr>> {
        match &select.group_by {
            ast::GroupByExpr::All(_) => {
                let plain = select.projection.iter().filter_map(|item| match item {
                    ast::SelectItem::UnnamedExpr(e) | ast::SelectItem::ExprWithAlias { expr: e, .. } => Some(e),
                    _ => None,
                });
                let keys: Vec<Expr> = plain.collect::<Vec<_>>().into_iter().map(|e| self.used(e)).collect();
                Some(keys.into_iter().filter(|e| !matches!(e, Expr::Opaque { .. })).collect())
            }
            ast::GroupByExpr::Expressions(exprs, modifiers) => {
                let mut is_mixed = !modifiers.is_empty();
                let mut keys = Vec::new();
                for expr in exprs {
                    match expr {
                        ast::Expr::Rollup(sets) | ast::Expr::Cube(sets) => {
                            is_mixed = true;
                            sets.iter().flatten().for_each(|e| drop(self.group_key(e, select)));
                        }
                        ast::Expr::GroupingSets(sets) => {
                            is_mixed = true;
                            let sets = sets.iter().map(|set| set.iter().map(|e| self.group_key(e, select)).collect());
                            let in_all = |a: Vec<Expr>, b: Vec<Expr>| a.into_iter().filter(|e| b.contains(e)).collect();
                            keys.extend(sets.reduce(in_all).unwrap_or_default());
                        }
                        single => keys.push(self.group_key(single, select)),
                    }
                }
                let is_grouped = modifiers.is_empty() && (!is_mixed || !keys.is_empty());
                is_grouped.then_some(keys)
            }
        }
    }

    /// One GROUP BY item: an ordinal, an output name or an expression.
    fn group_key(&mut self, expr: &'a ast::Expr, select: &'a ast::Select) -> Expr {
        let target = ordinal(expr).and_then(|n| match select.projection.get(n.checked_sub(1)?)? {
            ast::SelectItem::UnnamedExpr(e) | ast::SelectItem::ExprWithAlias { expr: e, .. } => Some(e),
            _ => None,
        });
        let target = target.or_else(|| self.alias_target(expr, select));
        self.used(target.unwrap_or(expr))
    }

    /// `GROUP BY day` where only the select list has a `day`: Hive and Spark take the alias.
    fn alias_target(&self, expr: &ast::Expr, select: &'a ast::Select) -> Option<&'a ast::Expr> {
        let ast::Expr::Identifier(ident) = expr else { return None };
        let name = ident.value.to_lowercase();
        let is_column = |relation: &Relation| relation.output.columns.iter().any(|(n, _)| *n == name);
        if self.scopes.0.last()?.iter().any(is_column) {
            return None;
        }
        select.projection.iter().find_map(|item| match item {
            ast::SelectItem::ExprWithAlias { expr, alias } if alias.value.eq_ignore_ascii_case(&name) => Some(expr),
            _ => None,
        })
    }

    /// Sort keys read their columns; output names come before the columns of the FROM clause.
    fn order_by(&mut self, order: &'a [ast::OrderByExpr], output: &Output) {
        let relation = Relation { qualifier: Vec::new(), output: output.clone() };
        self.scopes.0.push(vec![relation]);
        for item in order {
            if let Some((_, expr)) = ordinal(&item.expr).and_then(|n| output.columns.get(n.checked_sub(1)?)) {
                self.always.extend(expr.columns());
            } else {
                self.used(&item.expr);
            }
        }
        self.scopes.0.pop();
    }
}

/// A constant of a relation that may have no row is no longer a constant.
fn self_opaque(expr: &Expr) -> Expr {
    match expr {
        Expr::Column(_) => expr.clone(),
        other => Expr::Opaque { columns: other.columns(), why: crate::expr::Opaque::RunTime },
    }
}

/// The name that an unaliased select item has: the column's, else none.
pub(super) fn implied_name(expr: &ast::Expr) -> String {
    match expr {
        ast::Expr::Identifier(ident) => ident.value.to_lowercase(),
        ast::Expr::CompoundIdentifier(idents) => idents.last().map_or(String::new(), |i| i.value.to_lowercase()),
        _ => String::new(),
    }
}

fn ordinal(expr: &ast::Expr) -> Option<usize> {
    match expr {
        ast::Expr::Value(ast::ValueWithSpan { value: ast::Value::Number(text, _), .. }) => text.parse().ok(),
        _ => None,
    }
}

fn excluded_columns(options: &ast::WildcardAdditionalOptions) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(except) = &options.opt_except {
        names.push(except.first_element.value.to_lowercase());
        names.extend(except.additional_elements.iter().map(|i| i.value.to_lowercase()));
    }
    names
}
