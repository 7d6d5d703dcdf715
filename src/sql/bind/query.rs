//! Queries: WITH, set operations, ORDER BY and LIMIT around SELECTs.

use std::collections::HashMap;

use sqlparser::ast;

use crate::expr::{Expr, Opaque};
use crate::lake::Span;

use super::names::Cte;
use super::tree::Node;
use super::{Binder, Output};

impl<'a> Binder<'a> {
    pub(super) fn query(&mut self, query: &'a ast::Query) -> (Node, Output) {
        let outer = self.ctes.clone();
        if let Some(with) = &query.with {
            self.with_clause(with);
        }
        // Trino drops the order of a query inside another one, unless it decides which rows are left.
        let is_outermost = std::mem::take(&mut self.is_outermost);
        let is_ordered = is_outermost || limit_of(query).is_some() || has_offset(query);
        let order: &[ast::OrderByExpr] = match query.order_by.as_ref().map(|o| &o.kind) {
            Some(ast::OrderByKind::Expressions(items)) if is_ordered => items,
            _ => &[],
        };
        self.is_outermost = is_outermost && matches!(&*query.body, ast::SetExpr::Query(_));
        let (mut node, output) = self.set_expr(&query.body, order);
        let is_distinct = matches!(&*query.body, ast::SetExpr::Select(select) if select.distinct.is_some());
        if let Some(limit) = limit_of(query)
            && let (Some(scan), true) = (node.bare_scan(), order.is_empty() && !is_distinct)
        {
            self.scans[scan.0].bare_limit = Some(self.limit_span(limit, query));
        }
        if limit_of(query).is_some() {
            let is_sorted = query.order_by.is_some();
            let input = if is_sorted { Node::Whole { input: Box::new(node) } } else { node };
            node = Node::Limit { input: Box::new(input) };
        } else if has_offset(query) {
            node = Node::Barrier { input: Box::new(node) };
        }
        self.ctes = outer;
        (node, output)
    }

    fn with_clause(&mut self, with: &'a ast::With) {
        for cte in &with.cte_tables {
            let name = cte.alias.name.value.to_lowercase();
            let columns: Vec<String> = cte.alias.columns.iter().map(|c| c.name.value.to_lowercase()).collect();
            let mut visible = self.ctes.clone();
            if with.recursive {
                visible = visible.with(Cte {
                    name: name.clone(),
                    query: None,
                    columns: columns.clone(),
                    visible: visible.clone(),
                });
            }
            self.ctes = self.ctes.with(Cte { name, query: Some(&cte.query), columns, visible });
        }
    }

    /// The `LIMIT n` text: from the keyword to the number.
    fn limit_span(&self, limit: &'a ast::Expr, query: &'a ast::Query) -> Span {
        let statement = self.span(query, Span { file: self.file, start: 0, end: 0 });
        let number = self.span(limit, statement);
        let text = &self.around.sources.get(self.file).text;
        let before = &text[..number.start as usize];
        match before.len() >= 5 && before.trim_end().to_ascii_lowercase().ends_with("limit") {
            true => Span { start: before.trim_end().len() as u32 - 5, ..number },
            false => number,
        }
    }

    fn set_expr(&mut self, body: &'a ast::SetExpr, order: &'a [ast::OrderByExpr]) -> (Node, Output) {
        match body {
            ast::SetExpr::Select(select) => self.select(select, order),
            ast::SetExpr::Query(query) => self.query(query),
            ast::SetExpr::SetOperation { op, set_quantifier, .. } => {
                let mut parts = Vec::new();
                branches(body, op, set_quantifier, &mut parts);
                let parts = parts.into_iter().map(|part| self.set_expr(part, &[])).collect();
                let all = matches!(set_quantifier, ast::SetQuantifier::All | ast::SetQuantifier::AllByName);
                self.set_operation(parts, all, all && *op == ast::SetOperator::Union)
            }
            ast::SetExpr::Values(values) => self.values(values),
            // Data-changing CTEs are no Athena SQL: nothing is followed. `TABLE x` has become a SELECT before parsing.
            _ => (Node::Empty { single_row: false }, Output::default()),
        }
    }

    /// Joins the branches of a UNION, INTERSECT or EXCEPT by position.
    fn set_operation(&mut self, parts: Vec<(Node, Output)>, all: bool, streams: bool) -> (Node, Output) {
        let is_open = parts.iter().any(|(_, output)| output.open.iter().any(|scan| !self.scans[scan.0].closed));
        let names: Vec<String> = parts[0].1.columns.iter().map(|(name, _)| name.clone()).collect();
        let mut output = Output::default();
        let mut nodes: Vec<(Node, HashMap<_, _>)> = Vec::new();
        let mut outputs = Vec::new();
        for (node, part) in parts {
            if !all {
                self.always.extend(part.columns.iter().flat_map(|(_, e)| e.columns()));
                self.always_open.extend(&part.open);
            }
            output.open.extend(&part.open);
            nodes.push((node, HashMap::new()));
            outputs.push(part);
        }
        for (position, name) in names.into_iter().enumerate() {
            let mut per_branch = Vec::new();
            for part in &outputs {
                // Positions mean nothing beside a `*` over unknown columns: match by name there.
                let declared = match is_open {
                    true => part.columns.iter().find(|(n, _)| *n == name).map(|(_, e)| e.clone()),
                    false => part.columns.get(position).map(|(_, e)| e.clone()),
                };
                let expr = match (declared, &part.open[..]) {
                    (Some(expr), _) => expr,
                    (None, [scan]) => Expr::Column(self.scan_column(*scan, &name)),
                    _ => Expr::Opaque { columns: Vec::new(), why: Opaque::NotModelled },
                };
                per_branch.push(expr);
            }
            let depends = per_branch.iter().flat_map(|e| e.columns()).collect();
            let id = self.computed(&Expr::Opaque { columns: depends, why: Opaque::NotModelled });
            for ((_, map), expr) in nodes.iter_mut().zip(per_branch) {
                map.insert(id, expr);
            }
            output.columns.push((name, Expr::Column(id)));
        }
        (Node::SetOperation { branches: nodes, streams }, output)
    }

    fn values(&mut self, values: &'a ast::Values) -> (Node, Output) {
        let single = values.rows.len() == 1;
        let mut columns = Vec::new();
        for (i, row) in values.rows.iter().enumerate() {
            for (position, expr) in row.content.iter().enumerate() {
                let expr = self.used(expr);
                if single && expr.columns().is_empty() {
                    columns.push((format!("_col{position}"), expr));
                } else if i == 0 {
                    let id = self.computed(&Expr::Opaque { columns: Vec::new(), why: Opaque::RunTime });
                    columns.push((format!("_col{position}"), Expr::Column(id)));
                }
            }
        }
        (Node::Empty { single_row: single }, Output { columns, open: Vec::new() })
    }
}

/// The row limit of a query, from LIMIT or FETCH FIRST; `LIMIT ALL` is none.
pub(super) fn limit_of(query: &ast::Query) -> Option<&ast::Expr> {
    let limit = match query.limit_clause.as_ref() {
        Some(ast::LimitClause::LimitOffset { limit, .. }) => limit.as_ref(),
        Some(ast::LimitClause::OffsetCommaLimit { limit, .. }) => Some(limit),
        None => None,
    };
    limit.or_else(|| query.fetch.as_ref()?.quantity.as_ref())
}

fn has_offset(query: &ast::Query) -> bool {
    match &query.limit_clause {
        Some(ast::LimitClause::LimitOffset { offset, .. }) => offset.is_some(),
        Some(ast::LimitClause::OffsetCommaLimit { .. }) => true,
        None => false,
    }
}

/// The branches of a left-deep chain of one set operation, in text order, without recursion.
fn branches<'a>(
    body: &'a ast::SetExpr,
    operator: &ast::SetOperator,
    quantifier: &ast::SetQuantifier,
    parts: &mut Vec<&'a ast::SetExpr>,
) {
    let mut at = body;
    while let ast::SetExpr::SetOperation { left, op, set_quantifier, right } = at {
        if op != operator || set_quantifier != quantifier {
            break;
        }
        parts.push(right);
        at = left;
    }
    parts.push(at);
    parts.reverse();
}
