//! Chains of one associative operator: code generators write thousands of terms, so they are read without recursion and kept
//! as balanced trees.

use sqlparser::ast;
use sqlparser::ast::BinaryOperator;

use crate::expr::{BinaryOp, Expr, Value};

/// The terms of an AND tree, through parentheses, in text order.
pub(super) fn and_terms<'a>(expr: &'a ast::Expr, terms: &mut Vec<&'a ast::Expr>) {
    match expr {
        ast::Expr::Nested(inner) if is_and(inner) => and_terms(inner, terms),
        ast::Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            and_terms(left, terms);
            and_terms(right, terms);
        }
        other => terms.push(other),
    }
}

fn is_and(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::Nested(inner) => is_and(inner),
        ast::Expr::BinaryOp { op, .. } => *op == BinaryOperator::And,
        _ => false,
    }
}

/// The operands of a left-deep chain of one operator, in text order, without recursion.
pub(super) fn operands<'a>(expr: &'a ast::Expr, operator: &BinaryOperator, terms: &mut Vec<&'a ast::Expr>) {
    let mut at = expr;
    while let ast::Expr::BinaryOp { left, op, right } = at {
        if op != operator {
            break;
        }
        terms.push(right);
        at = left;
    }
    terms.push(at);
    terms.reverse();
}

pub(super) fn balanced(op: BinaryOp, mut terms: Vec<Expr>) -> Expr {
    match terms.len() {
        0 => Expr::Literal(Value::Bool(op == BinaryOp::And)),
        1 => terms.remove(0),
        n => {
            let right = terms.split_off(n / 2);
            Expr::binary(op, balanced(op, terms), balanced(op, right))
        }
    }
}

pub(super) fn unnested(expr: &ast::Expr) -> &ast::Expr {
    match expr {
        ast::Expr::Nested(inner) => unnested(inner),
        other => other,
    }
}
