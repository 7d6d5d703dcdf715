//! Subqueries in expressions: bound apart, hung onto the query around them, opaque to the expression.

use sqlparser::ast;

use crate::expr::{Expr, Opaque};

use super::Binder;
use super::chain::unnested;
use super::tree::Subquery;

impl<'a> Binder<'a> {
    pub(super) fn exists(&mut self, query: &'a ast::Query) -> Expr {
        self.subquery(query, Vec::new(), false);
        Expr::Opaque { columns: Vec::new(), why: Opaque::RunTime }
    }

    /// `filters` says that no row passes without a match: a conjunct, not a part of an OR or of a select list. Only then
    /// what is known of the rows limits the subquery.
    pub(super) fn in_subquery(
        &mut self,
        expr: &'a ast::Expr,
        query: &'a ast::Query,
        negated: bool,
        filters: bool,
    ) -> Expr {
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
