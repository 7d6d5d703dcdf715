//! Function calls: scalar functions stay calls, aggregates and window functions become opaque and are noted.

use sqlparser::ast;

use crate::expr::{BinaryOp, Expr, Opaque, Value};

use super::names::Relation;
use super::{Binder, Output};

/// Trino's aggregate functions (<https://trino.io/docs/current/functions/aggregate.html>), sorted.
const AGGREGATES: &[&str] = &[
    "any_value",
    "approx_distinct",
    "approx_most_frequent",
    "approx_percentile",
    "approx_set",
    "arbitrary",
    "array_agg",
    "avg",
    "bitwise_and_agg",
    "bitwise_or_agg",
    "bitwise_xor_agg",
    "bool_and",
    "bool_or",
    "checksum",
    "collect_list",
    "collect_set",
    "corr",
    "count",
    "count_if",
    "covar_pop",
    "covar_samp",
    "entropy",
    "every",
    "geometric_mean",
    "group_concat",
    "histogram",
    "kurtosis",
    "listagg",
    "map_agg",
    "map_union",
    "max",
    "max_by",
    "merge",
    "min",
    "min_by",
    "multimap_agg",
    "numeric_histogram",
    "qdigest_agg",
    "reduce_agg",
    "regr_intercept",
    "regr_slope",
    "skewness",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "sum",
    "tdigest_agg",
    "var_pop",
    "var_samp",
    "variance",
];

impl<'a> Binder<'a> {
    pub(super) fn function(&mut self, function: &'a ast::Function) -> Expr {
        let name =
            function.name.0.last().and_then(|part| part.as_ident()).map_or(String::new(), |i| i.value.to_lowercase());
        let args = self.arguments(&function.args);
        let mut columns: Vec<_> = args.iter().flat_map(|arg| arg.columns()).collect();
        let filter = function.filter.as_deref().map(|f| self.expr(f));
        columns.extend(filter.iter().flat_map(|f| f.columns()));
        for order in &function.within_group {
            columns.extend(self.expr(&order.expr).columns());
        }
        if let Some(window) = &function.over {
            columns.extend(self.window(window));
            return Expr::Opaque { columns, why: Opaque::RunTime };
        }
        if AGGREGATES.binary_search(&name.as_str()).is_ok() {
            self.has_aggregate = true;
            return Expr::Opaque { columns, why: Opaque::RunTime };
        }
        match (name.as_str(), &args[..]) {
            // `substring(x from a for b)` and friends are nodes of their own; these are only other spellings.
            ("concat", [_, _, ..]) => {
                let mut args = args.into_iter();
                let first = args.next().unwrap_or(Expr::Literal(Value::Null));
                args.fold(first, |left, right| Expr::binary(BinaryOp::Concat, left, right))
            }
            ("mod", [left, right]) => Expr::binary(BinaryOp::Modulo, left.clone(), right.clone()),
            _ => Expr::Call { function: name, args },
        }
    }

    fn arguments(&mut self, arguments: &'a ast::FunctionArguments) -> Vec<Expr> {
        match arguments {
            ast::FunctionArguments::None => Vec::new(),
            ast::FunctionArguments::Subquery(query) => vec![self.scalar_subquery(query)],
            ast::FunctionArguments::List(list) => {
                let mut bound = Vec::new();
                for arg in &list.args {
                    let (ast::FunctionArg::Unnamed(arg)
                    | ast::FunctionArg::Named { arg, .. }
                    | ast::FunctionArg::ExprNamed { arg, .. }) = arg;
                    if let ast::FunctionArgExpr::Expr(expr) = arg {
                        bound.push(self.expr(expr));
                    }
                }
                for clause in &list.clauses {
                    if let ast::FunctionArgumentClause::OrderBy(items) = clause {
                        items.iter().for_each(|item| {
                            self.used(&item.expr);
                        });
                    }
                }
                bound
            }
        }
    }

    /// Notes a window's PARTITION BY for pushdown and gives every column that it names.
    fn window(&mut self, window: &'a ast::WindowType) -> Vec<crate::expr::ColumnId> {
        let spec = match window {
            ast::WindowType::WindowSpec(spec) => Some(spec),
            ast::WindowType::NamedWindow(name) => self.named_window(&name.value),
        };
        let Some(spec) = spec else {
            self.windows.push(Vec::new());
            return Vec::new();
        };
        self.window_spec(spec)
    }

    fn window_spec(&mut self, spec: &'a ast::WindowSpec) -> Vec<crate::expr::ColumnId> {
        let mut partition = self.exprs(&spec.partition_by);
        let mut columns: Vec<_> = partition.iter().flat_map(|e| e.columns()).collect();
        for order in &spec.order_by {
            columns.extend(self.expr(&order.expr).columns());
        }
        if let Some(base) = spec.window_name.as_ref().and_then(|name| self.named_window(&name.value)) {
            partition.extend(self.exprs(&base.partition_by));
        }
        self.windows.push(partition);
        columns
    }

    fn named_window(&self, name: &str) -> Option<&'a ast::WindowSpec> {
        self.named_windows.iter().find_map(|definition| match &definition.1 {
            ast::NamedWindowExpr::WindowSpec(spec) if definition.0.value.eq_ignore_ascii_case(name) => Some(spec),
            _ => None,
        })
    }

    /// `x -> x.a + outer`: the parameters hide columns of the same name.
    pub(super) fn lambda(&mut self, lambda: &'a ast::LambdaFunction) -> Expr {
        let parameters = match &lambda.params {
            ast::OneOrManyWithParens::One(parameter) => std::slice::from_ref(parameter),
            ast::OneOrManyWithParens::Many(parameters) => parameters,
        };
        let opaque = Expr::Opaque { columns: Vec::new(), why: Opaque::NotModelled };
        let columns = parameters.iter().map(|p| (p.name.value.to_lowercase(), opaque.clone())).collect();
        let relation = Relation { qualifier: Vec::new(), output: Output { columns, open: Vec::new() } };
        self.scopes.0.push(vec![relation]);
        let body = self.expr(&lambda.body);
        self.scopes.0.pop();
        Expr::Opaque { columns: body.columns(), why: Opaque::NotModelled }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn aggregates_are_sorted_for_the_binary_search() {
        assert!(super::AGGREGATES.is_sorted());
    }
}
