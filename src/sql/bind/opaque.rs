//! Expressions that are not modelled: which columns they name.

use sqlparser::ast;

use crate::expr::{Expr, Opaque};

use super::Binder;

impl<'a> Binder<'a> {
    /// An expression kept as the columns it names. Without recursion over operators: it is also what is left of chains that are
    /// too deep.
    pub(super) fn opaque(&mut self, expr: &'a ast::Expr) -> Expr {
        use ast::Expr as A;
        let mut columns = Vec::new();
        let mut todo = vec![expr];
        while let Some(expr) = todo.pop() {
            match expr {
                A::Identifier(ident) => columns.extend(self.resolve(std::slice::from_ref(ident)).columns()),
                A::CompoundIdentifier(idents) => columns.extend(self.resolve(idents).columns()),
                A::Subquery(_) | A::InSubquery { .. } | A::Exists { .. } | A::Lambda(_) => {
                    columns.extend(self.modelled(expr).columns());
                }
                other => todo.extend(operands(other)),
            }
        }
        Expr::Opaque { columns, why: Opaque::NotModelled }
    }
}

/// The expressions that an expression is made of; subqueries excluded.
fn operands(expr: &ast::Expr) -> Vec<&ast::Expr> {
    use ast::Expr as A;
    let mut found: Vec<&ast::Expr> = Vec::new();
    match expr {
        A::CompoundFieldAccess { root: e, .. }
        | A::JsonAccess { value: e, .. }
        | A::IsFalse(e)
        | A::IsNotFalse(e)
        | A::IsTrue(e)
        | A::IsNotTrue(e)
        | A::IsNull(e)
        | A::IsNotNull(e)
        | A::IsUnknown(e)
        | A::IsNotUnknown(e)
        | A::IsJson { expr: e, .. }
        | A::IsNormalized { expr: e, .. }
        | A::UnaryOp { expr: e, .. }
        | A::Convert { expr: e, .. }
        | A::Cast { expr: e, .. }
        | A::Extract { expr: e, .. }
        | A::Ceil { expr: e, .. }
        | A::Floor { expr: e, .. }
        | A::Collate { expr: e, .. }
        | A::Nested(e)
        | A::Named { expr: e, .. }
        | A::OuterJoin(e)
        | A::Prior(e)
        | A::Prefixed { value: e, .. } => found.push(e),
        A::IsDistinctFrom(a, b)
        | A::IsNotDistinctFrom(a, b)
        | A::BinaryOp { left: a, right: b, .. }
        | A::AnyOp { left: a, right: b, .. }
        | A::AllOp { left: a, right: b, .. }
        | A::InUnnest { expr: a, array_expr: b, .. }
        | A::Like { expr: a, pattern: b, .. }
        | A::ILike { expr: a, pattern: b, .. }
        | A::SimilarTo { expr: a, pattern: b, .. }
        | A::RLike { expr: a, pattern: b, .. }
        | A::AtTimeZone { timestamp: a, time_zone: b }
        | A::Position { expr: a, r#in: b } => found.extend([&**a, &**b]),
        A::Between { expr, low, high, .. } => found.extend([&**expr, &**low, &**high]),
        A::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
            found.extend([&**expr, &**overlay_what, &**overlay_from]);
            found.extend(overlay_for.as_deref());
        }
        A::Substring { expr, substring_from, substring_for, .. } => {
            found.push(expr);
            found.extend(substring_from.as_deref());
            found.extend(substring_for.as_deref());
        }
        A::Trim { expr, trim_what, .. } => {
            found.push(expr);
            found.extend(trim_what.as_deref());
        }
        A::InList { expr, list, .. } => {
            found.push(expr);
            found.extend(list);
        }
        A::Case { operand, conditions, else_result, .. } => {
            found.extend(operand.as_deref());
            found.extend(conditions.iter().flat_map(|branch| [&branch.condition, &branch.result]));
            found.extend(else_result.as_deref());
        }
        A::GroupingSets(sets) | A::Cube(sets) | A::Rollup(sets) => found.extend(sets.iter().flatten()),
        A::Tuple(items) | A::Struct { values: items, .. } => found.extend(items),
        A::Array(array) => found.extend(&array.elem),
        A::Dictionary(fields) => found.extend(fields.iter().map(|field| &*field.value)),
        A::Map(map) => found.extend(map.entries.iter().flat_map(|entry| [&*entry.key, &*entry.value])),
        A::MemberOf(member) => found.extend([&*member.value, &*member.array]),
        A::Function(function) => {
            if let ast::FunctionArguments::List(list) = &function.args {
                found.extend(list.args.iter().filter_map(super::from::argument));
            }
        }
        _ => {}
    }
    found
}
