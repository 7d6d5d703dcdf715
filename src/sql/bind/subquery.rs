//! Subqueries in expressions: bound apart, hung onto the query around them, opaque to the expression.

use sqlparser::ast;
use sqlparser::ast::BinaryOperator;

use crate::expr::{Expr, Opaque};

use super::Binder;
use super::chain::unnested;
use super::tree::Subquery;

impl<'a> Binder<'a> {
    pub(super) fn exists(&mut self, query: &'a ast::Query) -> Expr {
        self.subquery(query, Vec::new(), false);
        Expr::Opaque { columns: Vec::new(), why: Opaque::RunTime }
    }

    /// `x IN (SELECT ...)` in any spelling.
    pub(super) fn member(&mut self, expr: &'a ast::Expr, filters: bool) -> Expr {
        match membership(expr) {
            Some((value, query, negated)) => self.in_subquery(value, query, negated, filters),
            None => self.opaque(expr),
        }
    }

    /// `filters` says that no row passes without a match: a conjunct, not a part of an OR or of a select list. Only then
    /// what is known of the rows limits the subquery.
    fn in_subquery(&mut self, expr: &'a ast::Expr, query: &'a ast::Query, negated: bool, filters: bool) -> Expr {
        if let Some(list) = self.constant_list(expr, query, negated) {
            return list;
        }
        let outer = match unnested(expr) {
            ast::Expr::Tuple(items) => self.exprs(items),
            single => vec![self.expr(single)],
        };
        let columns = outer.iter().flat_map(|e| e.columns()).collect();
        // `NOT IN` keeps the other rows: what it excludes cannot be told from the subquery's partitions.
        self.subquery(query, outer, filters && !negated);
        let why = if negated { Opaque::NonDeterministic } else { Opaque::RunTime };
        Expr::Opaque { columns, why }
    }

    /// `x IN (VALUES 1, 2)` is `x IN (1, 2)`: its rows are known before the query runs.
    fn constant_list(&mut self, expr: &'a ast::Expr, query: &'a ast::Query, negated: bool) -> Option<Expr> {
        let single = |row: &'a ast::Parens<Vec<ast::Expr>>| match &row.content[..] {
            [item] => is_constant(unnested(item)).then_some(item),
            _ => None,
        };
        let items: Vec<&'a ast::Expr> = constant_rows(query)?.iter().map(single).collect::<Option<_>>()?;
        let list = items.into_iter().map(|item| self.expr(item)).collect();
        Some(Expr::InList { expr: Box::new(self.expr(expr)), list, negated })
    }

    /// Binds a subquery of an expression and hangs it onto the query being bound. Its outputs are read unless it is an EXISTS.
    fn subquery(&mut self, query: &'a ast::Query, outer: Vec<Expr>, filters: bool) {
        let ((node, output), inner) = self.with_subqueries(|b| b.query(query));
        let node = super::hang(node, inner);
        let mut equal = Vec::new();
        for (outer, (_, inner)) in outer.into_iter().zip(&output.columns) {
            self.always.extend(inner.columns());
            if let (Expr::Column(id), true) = (inner, filters) {
                equal.push((outer, *id));
            }
        }
        self.pending.push(Subquery { node, equal });
    }

    /// A scalar subquery without tables is the expression it selects; any other is known only at run time.
    pub(super) fn scalar_subquery(&mut self, query: &'a ast::Query) -> Expr {
        let ((node, output), inner) = self.with_subqueries(|b| b.query(query));
        let mut scans = Vec::new();
        node.scans(&mut scans);
        for (_, expr) in &output.columns {
            self.always.extend(expr.columns());
        }
        match &output.columns[..] {
            [(_, expr)]
                if scans.is_empty() && inner.is_empty() && node.is_single_row() && expr.columns().is_empty() =>
            {
                expr.clone()
            }
            _ => {
                let node = super::hang(node, inner);
                self.pending.push(Subquery { node, equal: Vec::new() });
                Expr::Opaque { columns: Vec::new(), why: Opaque::RunTime }
            }
        }
    }
}

/// The value, the query and the negation of `x IN (SELECT ...)`, `x = ANY (SELECT ...)`, `x <> ALL (SELECT ...)`.
pub(super) fn membership(expr: &ast::Expr) -> Option<(&ast::Expr, &ast::Query, bool)> {
    let compared = |left, right| match unnested(right) {
        ast::Expr::Subquery(query) => Some((left, &**query)),
        _ => None,
    };
    match expr {
        ast::Expr::InSubquery { expr, subquery, negated } => Some((expr, subquery, *negated)),
        ast::Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. } => {
            compared(&**left, right).map(|(left, query)| (left, query, false))
        }
        ast::Expr::AllOp { left, compare_op: BinaryOperator::NotEq, right } => {
            compared(&**left, right).map(|(left, query)| (left, query, true))
        }
        _ => None,
    }
}

fn is_constant(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::UnaryOp { expr, .. } => is_constant(expr),
        other => matches!(other, ast::Expr::Value(_) | ast::Expr::TypedString(_)),
    }
}

/// The rows of a query that is nothing but VALUES, or `SELECT * FROM (VALUES ...)`.
fn constant_rows(query: &ast::Query) -> Option<&[ast::Parens<Vec<ast::Expr>>]> {
    if query.with.is_some() || query.limit_clause.is_some() || query.fetch.is_some() {
        return None;
    }
    let select = match &*query.body {
        ast::SetExpr::Values(values) => return Some(&values.rows),
        ast::SetExpr::Query(inner) => return constant_rows(inner),
        ast::SetExpr::Select(select) => select,
        _ => return None,
    };
    match (&select.from[..], &select.projection[..], &select.selection) {
        ([from], [ast::SelectItem::Wildcard(_)], None) if from.joins.is_empty() => match &from.relation {
            ast::TableFactor::Derived { subquery, .. } => constant_rows(subquery),
            _ => None,
        },
        _ => None,
    }
}
