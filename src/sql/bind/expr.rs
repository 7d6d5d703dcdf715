//! Syntax-tree expressions to [`Expr`]: what we model becomes a node, the rest becomes `Opaque` with the columns it names.

use sqlparser::ast;
use sqlparser::ast::{BinaryOperator, UnaryOperator};

use crate::expr::{BinaryOp, Expr, Interval, Opaque, Value};
use crate::lake::Span;
use crate::sql::placeholder::has_placeholder;

use super::Binder;
use super::chain::{and_terms, balanced, operands, unnested};
use super::subquery::membership;
use super::tree::{Predicate, conjuncts_of};

/// Expressions nested deeper than this are kept as a list of columns.
const MAX_NESTING: usize = 400;

impl<'a> Binder<'a> {
    /// Binds a condition as its conjuncts, each with its own span, and notes that their columns are read.
    pub(super) fn predicates(&mut self, condition: &'a ast::Expr, around: Span) -> Vec<Predicate> {
        let mut found = Vec::new();
        let mut terms = Vec::new();
        and_terms(condition, &mut terms);
        for term in terms {
            let span = self.span(term, around);
            let bound = match unnested(term) {
                other if membership(other).is_some() => self.member(other, true),
                other => self.expr(other),
            };
            for expr in conjuncts_of(bound) {
                self.always.extend(expr.columns());
                found.push(Predicate { expr, span, run_time: false });
            }
        }
        found
    }

    /// Binds an expression whose columns are read whatever becomes of it.
    pub(super) fn used(&mut self, expr: &'a ast::Expr) -> Expr {
        let bound = self.expr(expr);
        self.always.extend(bound.columns());
        bound
    }

    pub(super) fn expr(&mut self, expr: &'a ast::Expr) -> Expr {
        self.expr_depth += 1;
        let bound = if self.expr_depth > MAX_NESTING { self.opaque(expr) } else { self.modelled(expr) };
        self.expr_depth -= 1;
        bound
    }

    fn boxed(&mut self, expr: &'a ast::Expr) -> Box<Expr> {
        Box::new(self.expr(expr))
    }

    pub(super) fn exprs(&mut self, exprs: &'a [ast::Expr]) -> Vec<Expr> {
        exprs.iter().map(|e| self.expr(e)).collect()
    }

    /// One node and what it is made of.
    pub(super) fn modelled(&mut self, expr: &'a ast::Expr) -> Expr {
        use ast::Expr as A;
        match expr {
            A::Identifier(ident) => self.resolve(std::slice::from_ref(ident)),
            A::CompoundIdentifier(idents) => self.resolve(idents),
            A::Nested(inner) | A::Collate { expr: inner, .. } | A::IsNormalized { expr: inner, .. } => self.expr(inner),
            A::Value(value) => literal(&value.value),
            A::TypedString(typed) => match literal(&typed.value.value) {
                Expr::Placeholder => Expr::Placeholder,
                text => cast(text, &typed.data_type, false),
            },
            A::Interval(interval) => self.interval(interval),
            A::BinaryOp { .. } => self.binary(expr),
            A::UnaryOp { op: UnaryOperator::Not | UnaryOperator::BangNot, expr } => Expr::Not(self.boxed(expr)),
            A::UnaryOp { op: UnaryOperator::Minus, expr } => Expr::Negate(self.boxed(expr)),
            A::UnaryOp { op: UnaryOperator::Plus, expr } => self.expr(expr),
            A::IsNull(inner) | A::IsUnknown(inner) => Expr::IsNull { expr: self.boxed(inner), negated: false },
            A::IsNotNull(inner) | A::IsNotUnknown(inner) => Expr::IsNull { expr: self.boxed(inner), negated: true },
            A::IsTrue(inner) => self.is_boolean(inner, true, BinaryOp::NotDistinct),
            A::IsNotTrue(inner) => self.is_boolean(inner, true, BinaryOp::Distinct),
            A::IsFalse(inner) => self.is_boolean(inner, false, BinaryOp::NotDistinct),
            A::IsNotFalse(inner) => self.is_boolean(inner, false, BinaryOp::Distinct),
            A::IsDistinctFrom(left, right) => Expr::binary(BinaryOp::Distinct, self.expr(left), self.expr(right)),
            A::IsNotDistinctFrom(left, right) => Expr::binary(BinaryOp::NotDistinct, self.expr(left), self.expr(right)),
            A::InList { expr, list, negated } => self.in_list(expr, list, *negated),
            A::Between { expr, negated, low, high } => Expr::Between {
                expr: self.boxed(expr),
                low: self.boxed(low),
                high: self.boxed(high),
                negated: *negated,
            },
            A::Like { negated, any: false, expr: value, pattern, escape_char } => {
                let escape = escape_char.as_deref().map(|e| self.expr(e));
                let escape = match escape {
                    None => None,
                    Some(Expr::Literal(Value::String(text))) if text.chars().count() == 1 => text.chars().next(),
                    Some(_) => return self.opaque(expr),
                };
                Expr::Like { expr: self.boxed(value), pattern: self.boxed(pattern), escape, negated: *negated }
            }
            A::Cast { kind, expr, data_type, format: None } => {
                let attempt = matches!(kind, ast::CastKind::TryCast | ast::CastKind::SafeCast);
                cast(self.expr(expr), data_type, attempt)
            }
            A::AtTimeZone { timestamp, time_zone } => {
                Expr::call("at_timezone", vec![self.expr(timestamp), self.expr(time_zone)])
            }
            A::Extract { field, expr, .. } => {
                let unit = field.to_string().to_lowercase();
                Expr::call(extract_function(&unit), vec![self.expr(expr)])
            }
            A::Ceil { expr, .. } => Expr::call("ceil", vec![self.expr(expr)]),
            A::Floor { expr, .. } => Expr::call("floor", vec![self.expr(expr)]),
            A::Position { expr, r#in } => Expr::call("strpos", vec![self.expr(r#in), self.expr(expr)]),
            A::Substring { expr, substring_from, substring_for, .. } => {
                let mut args = vec![self.expr(expr)];
                args.extend(substring_from.as_deref().map(|e| self.expr(e)));
                args.extend(substring_for.as_deref().map(|e| self.expr(e)));
                Expr::call("substr", args)
            }
            A::Trim { trim_where, trim_what, expr, .. } => {
                let function = match trim_where {
                    Some(ast::TrimWhereField::Leading) => "ltrim",
                    Some(ast::TrimWhereField::Trailing) => "rtrim",
                    _ => "trim",
                };
                let mut args = vec![self.expr(expr)];
                args.extend(trim_what.as_deref().map(|e| self.expr(e)));
                Expr::call(function, args)
            }
            A::Case { operand, conditions, else_result, .. } => {
                let operand = operand.as_deref().map(|e| self.expr(e));
                let branches = conditions
                    .iter()
                    .map(|branch| {
                        let condition = self.expr(&branch.condition);
                        let condition = match &operand {
                            Some(operand) => Expr::binary(BinaryOp::Eq, operand.clone(), condition),
                            None => condition,
                        };
                        (condition, self.expr(&branch.result))
                    })
                    .collect();
                Expr::Case { branches, otherwise: else_result.as_deref().map(|e| self.boxed(e)) }
            }
            A::RLike { negated, expr, pattern, .. } => {
                let found = Expr::call("regexp_like", vec![self.expr(expr), self.expr(pattern)]);
                if *negated { Expr::Not(Box::new(found)) } else { found }
            }
            A::Function(function) => self.function(function),
            A::InSubquery { .. } => self.member(expr, false),
            A::Exists { subquery, .. } => self.exists(subquery),
            A::Subquery(query) => self.scalar_subquery(query),
            A::AnyOp { .. } | A::AllOp { .. } if membership(expr).is_some() => self.member(expr, false),
            A::AnyOp { left, right, .. } | A::AllOp { left, right, .. } => {
                let mut columns = self.expr(left).columns();
                columns.extend(self.expr(right).columns());
                Expr::Opaque { columns, why: Opaque::RunTime }
            }
            A::Lambda(lambda) => self.lambda(lambda),
            A::Named { expr, .. } => self.expr(expr),
            A::Tuple(items) => {
                let columns = self.exprs(items).iter().flat_map(|e| e.columns()).collect();
                Expr::Opaque { columns, why: Opaque::NotModelled }
            }
            A::Array(array) => {
                let items = self.exprs(&array.elem);
                Expr::call("array", items)
            }
            A::CompoundFieldAccess { root, access_chain } => self.field_access(root, access_chain),
            _ => self.opaque(expr),
        }
    }

    /// AND, OR and `||` chains are rebuilt as balanced trees: they are associative, and code generators write thousands of terms.
    fn binary(&mut self, expr: &'a ast::Expr) -> Expr {
        let ast::Expr::BinaryOp { left, op, right } = expr else { return self.opaque(expr) };
        let bound = match op {
            BinaryOperator::And => BinaryOp::And,
            BinaryOperator::Or => BinaryOp::Or,
            BinaryOperator::StringConcat => BinaryOp::Concat,
            BinaryOperator::Eq => BinaryOp::Eq,
            BinaryOperator::NotEq => BinaryOp::NotEq,
            BinaryOperator::Lt => BinaryOp::Lt,
            BinaryOperator::LtEq => BinaryOp::LtEq,
            BinaryOperator::Gt => BinaryOp::Gt,
            BinaryOperator::GtEq => BinaryOp::GtEq,
            BinaryOperator::Plus => BinaryOp::Add,
            BinaryOperator::Minus => BinaryOp::Subtract,
            BinaryOperator::Multiply => BinaryOp::Multiply,
            BinaryOperator::Divide => BinaryOp::Divide,
            BinaryOperator::Modulo => BinaryOp::Modulo,
            _ => {
                let mut columns = self.expr(left).columns();
                columns.extend(self.expr(right).columns());
                return Expr::Opaque { columns, why: Opaque::NotModelled };
            }
        };
        if matches!(bound, BinaryOp::And | BinaryOp::Or | BinaryOp::Concat) {
            let mut terms = Vec::new();
            operands(expr, op, &mut terms);
            let terms: Vec<Expr> = terms.into_iter().map(|term| self.expr(term)).collect();
            return balanced(bound, terms);
        }
        if let (ast::Expr::Tuple(lefts), ast::Expr::Tuple(rights)) = (unnested(left), unnested(right))
            && bound.is_comparison()
        {
            return self.compared_rows(bound, lefts, rights);
        }
        Expr::binary(bound, self.expr(left), self.expr(right))
    }

    fn equal_rows(&mut self, lefts: &'a [ast::Expr], rights: &'a [ast::Expr]) -> Expr {
        let pairs = lefts.iter().zip(rights).map(|(l, r)| Expr::binary(BinaryOp::Eq, self.expr(l), self.expr(r)));
        let pairs: Vec<Expr> = pairs.collect();
        balanced(BinaryOp::And, pairs)
    }

    /// `(a, b) < (x, y)` is `a < x OR a = x AND b < y`.
    fn compared_rows(&mut self, op: BinaryOp, lefts: &'a [ast::Expr], rights: &'a [ast::Expr]) -> Expr {
        let strict = match op {
            BinaryOp::NotEq => return Expr::Not(Box::new(self.equal_rows(lefts, rights))),
            BinaryOp::Lt | BinaryOp::LtEq => BinaryOp::Lt,
            BinaryOp::Gt | BinaryOp::GtEq => BinaryOp::Gt,
            _ => return self.equal_rows(lefts, rights),
        };
        let mut pairs: Vec<(Expr, Expr)> =
            lefts.iter().zip(rights).map(|(l, r)| (self.expr(l), self.expr(r))).collect();
        let Some((left, right)) = pairs.pop() else { return Expr::Literal(Value::Bool(true)) };
        pairs.into_iter().rev().fold(Expr::binary(op, left, right), |rest, (left, right)| {
            let same = Expr::binary(BinaryOp::Eq, left.clone(), right.clone());
            let rest = Expr::binary(BinaryOp::And, same, rest);
            Expr::binary(BinaryOp::Or, Expr::binary(strict, left, right), rest)
        })
    }

    fn in_list(&mut self, expr: &'a ast::Expr, list: &'a [ast::Expr], negated: bool) -> Expr {
        if let ast::Expr::Tuple(lefts) = unnested(expr) {
            let mut rows = Vec::new();
            for item in list {
                let ast::Expr::Tuple(rights) = unnested(item) else { return self.opaque(expr) };
                rows.push(self.equal_rows(lefts, rights));
            }
            let any = balanced(BinaryOp::Or, rows);
            return if negated { Expr::Not(Box::new(any)) } else { any };
        }
        Expr::InList { expr: self.boxed(expr), list: self.exprs(list), negated }
    }

    fn is_boolean(&mut self, inner: &'a ast::Expr, value: bool, op: BinaryOp) -> Expr {
        Expr::binary(op, self.expr(inner), Expr::Literal(Value::Bool(value)))
    }

    fn interval(&mut self, interval: &'a ast::Interval) -> Expr {
        let (value, sign) = match self.expr(&interval.value) {
            Expr::Negate(value) => (*value, -1.0),
            value => (value, 1.0),
        };
        let value = match value {
            Expr::Placeholder => return Expr::Placeholder,
            Expr::Literal(Value::String(text)) => text.trim().parse::<f64>().ok(),
            Expr::Literal(Value::Int(n)) => Some(n as f64),
            Expr::Literal(Value::Float(n)) => Some(n),
            _ => None,
        };
        let unit = interval.leading_field.as_ref().map(|f| f.to_string().to_lowercase());
        let value = value.map(|value| sign * value);
        match (value, unit, &interval.last_field) {
            (Some(value), Some(unit), None) => match interval_of(value, unit.trim_end_matches('s')) {
                Some(interval) => Expr::Literal(Value::Interval(interval)),
                None => Expr::Opaque { columns: Vec::new(), why: Opaque::NotModelled },
            },
            _ => Expr::Opaque { columns: Vec::new(), why: Opaque::NotModelled },
        }
    }

    fn field_access(&mut self, root: &'a ast::Expr, chain: &'a [ast::AccessExpr]) -> Expr {
        let root = self.expr(root);
        let names: Option<Vec<String>> = chain
            .iter()
            .map(|access| match access {
                ast::AccessExpr::Dot(ast::Expr::Identifier(name)) => Some(name.value.to_lowercase()),
                _ => None,
            })
            .collect();
        if let Some(path) = names {
            return self.field(&root, &path);
        }
        if let [ast::AccessExpr::Subscript(ast::Subscript::Index { index })] = chain {
            return Expr::call("subscript", vec![root, self.expr(index)]);
        }
        let mut columns = root.columns();
        for access in chain {
            if let ast::AccessExpr::Subscript(ast::Subscript::Index { index }) = access {
                columns.extend(self.expr(index).columns());
            }
        }
        Expr::Opaque { columns, why: Opaque::NotModelled }
    }
}

fn cast(expr: Expr, data_type: &ast::DataType, attempt: bool) -> Expr {
    Expr::cast(expr, &data_type.to_string(), attempt)
}

fn literal(value: &ast::Value) -> Expr {
    use ast::Value as V;
    let value = match value {
        V::Number(text, _) => match (text.replace('_', "").parse::<i64>(), text.parse::<f64>()) {
            (Ok(n), _) => Value::Int(n),
            (_, Ok(n)) => Value::Float(n),
            _ => return Expr::Opaque { columns: Vec::new(), why: Opaque::NotModelled },
        },
        V::SingleQuotedString(text) | V::UnicodeStringLiteral(text) | V::EscapedStringLiteral(text) => {
            if has_placeholder(text) {
                return Expr::Placeholder;
            }
            Value::String(text.clone())
        }
        V::Boolean(b) => Value::Bool(*b),
        V::Null => Value::Null,
        V::Placeholder(_) => return Expr::Placeholder,
        _ => return Expr::Opaque { columns: Vec::new(), why: Opaque::NotModelled },
    };
    Expr::Literal(value)
}

fn interval_of(value: f64, unit: &str) -> Option<Interval> {
    let (months, milliseconds) = match unit {
        "year" => (12.0, 0.0),
        "quarter" => (3.0, 0.0),
        "month" => (1.0, 0.0),
        "week" => (0.0, 7.0 * 86_400_000.0),
        "day" => (0.0, 86_400_000.0),
        "hour" => (0.0, 3_600_000.0),
        "minute" => (0.0, 60_000.0),
        "second" => (0.0, 1_000.0),
        _ => return None,
    };
    Some(Interval { months: (months * value) as i64, milliseconds: (milliseconds * value) as i64 })
}

/// The function that `EXTRACT(unit FROM x)` is.
fn extract_function(unit: &str) -> &str {
    match unit {
        "dow" | "dayofweek" => "day_of_week",
        "doy" | "dayofyear" => "day_of_year",
        other => other,
    }
}
