//! The evaluator: three-valued logic over constants and partition values.

use std::cmp::Ordering;

use super::{AsOf, BinaryOp, ColumnId, Expr, Opaque, Value, arithmetic, cast, functions, like};

/// Values of columns while a predicate is evaluated: those of one partition, or none at all for constant folding.
pub type Env<'a> = &'a dyn Fn(ColumnId) -> Option<Value>;

/// The outcome of an evaluation.
#[derive(Debug, Clone, PartialEq)]
pub enum Evaluated {
    Value(Value),
    /// The engine would raise an error here (a cast that fails, a division by zero).
    Error,
    /// Not computable by us: placeholders, run-time parts, functions that are not modelled, columns without a value.
    Unknown,
}

/// Why there is no value; the inner form of [`Evaluated`], so that `?` works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Error,
    Unknown,
}

pub(super) type Outcome = Result<Value, Fault>;

/// Evaluates an expression. AND, OR, CASE, COALESCE and IN short-circuit as SQL's three-valued logic allows, so a known
/// operand may decide although another is unknown.
pub fn evaluate(expr: &Expr, env: Env<'_>, as_of: AsOf) -> Evaluated {
    match value(expr, env, as_of) {
        Ok(value) => Evaluated::Value(value),
        Err(Fault::Error) => Evaluated::Error,
        Err(Fault::Unknown) => Evaluated::Unknown,
    }
}

fn value(expr: &Expr, env: Env<'_>, as_of: AsOf) -> Outcome {
    let eval = |e: &Expr| value(e, env, as_of);
    match expr {
        Expr::Literal(v) => Ok(v.clone()),
        Expr::Column(id) => env(*id).ok_or(Fault::Unknown),
        Expr::Placeholder | Expr::Opaque { .. } => Err(Fault::Unknown),
        Expr::Call { function, args } => call(function, args, env, as_of),
        Expr::Cast { expr, to, attempt } => match eval(expr).and_then(|v| cast::cast(v, to)) {
            Err(Fault::Error) if *attempt => Ok(Value::Null),
            outcome => outcome,
        },
        Expr::Not(inner) => not(eval(inner)),
        Expr::Negate(inner) => arithmetic::negate(eval(inner)?),
        Expr::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), .. } => {
            let decisive = *op == BinaryOp::Or;
            connect(expr.chain(*op).into_iter().map(eval), decisive)
        }
        Expr::Binary { op, left, right } => binary(*op, eval(left)?, eval(right)?),
        Expr::Case { branches, otherwise } => {
            for (when, then) in branches {
                if truth(eval(when)?)? == Some(true) {
                    return eval(then);
                }
            }
            otherwise.as_deref().map_or(Ok(Value::Null), eval)
        }
        Expr::InList { expr, list, negated } => {
            let needle = eval(expr)?;
            let found = connect(list.iter().map(|e| compare(BinaryOp::Eq, &needle, &eval(e)?)), true);
            if *negated { not(found) } else { found }
        }
        Expr::Between { expr, low, high, negated } => {
            let middle = eval(expr)?;
            let sides = [(BinaryOp::GtEq, low), (BinaryOp::LtEq, high)];
            let inside = connect(sides.into_iter().map(|(op, side)| compare(op, &middle, &eval(side)?)), false);
            if *negated { not(inside) } else { inside }
        }
        Expr::Like { expr, pattern, escape, negated } => {
            let matched = like::like(&eval(expr)?, &eval(pattern)?, *escape);
            if *negated { not(matched) } else { matched }
        }
        Expr::IsNull { expr, negated } => Ok(Value::Bool((eval(expr)? == Value::Null) != *negated)),
    }
}

/// Functions that do not need all their arguments, then the others.
fn call(function: &str, args: &[Expr], env: Env<'_>, as_of: AsOf) -> Outcome {
    let eval = |e: &Expr| value(e, env, as_of);
    match (function, args) {
        ("coalesce", args) => coalesce(args, &eval),
        ("nvl" | "ifnull", [_, _]) => coalesce(args, &eval),
        ("if" | "iff", [condition, then, otherwise @ ..]) if otherwise.len() < 2 => {
            if truth(eval(condition)?)? == Some(true) {
                return eval(then);
            }
            otherwise.first().map_or(Ok(Value::Null), eval)
        }
        ("nullif", [a, b]) => {
            let first = eval(a)?;
            let same = compare(BinaryOp::Eq, &first, &eval(b)?)? == Value::Bool(true);
            Ok(if same { Value::Null } else { first })
        }
        ("try", [attempted]) => match eval(attempted) {
            Err(Fault::Error) => Ok(Value::Null),
            outcome => outcome,
        },
        ("substr" | "substring", [Expr::Cast { expr, to, .. }, bounds @ ..]) if *to == super::ColumnType::String => {
            let bounds = bounds.iter().map(eval).collect::<Result<Vec<Value>, Fault>>()?;
            match eval(expr)? {
                Value::Timestamp(time) => functions::part_of_timestamp_text(time, &bounds),
                other => {
                    let text = cast::cast(other, to)?;
                    functions::call(function, &[&[text], &bounds[..]].concat(), as_of)
                }
            }
        }
        _ => {
            let values = args.iter().map(eval).collect::<Result<Vec<Value>, Fault>>()?;
            functions::call(function, &values, as_of)
        }
    }
}

fn coalesce(args: &[Expr], eval: &dyn Fn(&Expr) -> Outcome) -> Outcome {
    for arg in args {
        let value = eval(arg)?;
        if value != Value::Null {
            return Ok(value);
        }
    }
    Ok(Value::Null)
}

/// AND (`decisive` false) or OR (`decisive` true): one decisive operand decides whatever the others are.
fn connect(operands: impl Iterator<Item = Outcome>, decisive: bool) -> Outcome {
    let mut result = Ok(Value::Bool(!decisive));
    for operand in operands {
        match operand.and_then(truth) {
            Ok(Some(known)) if known == decisive => return Ok(Value::Bool(decisive)),
            Ok(Some(_)) => {}
            Ok(None) if result.is_ok() => result = Ok(Value::Null),
            Ok(None) => {}
            // An unknown operand might have decided, an error might be skipped: unknown says less, so it wins.
            Err(fault) if result != Err(Fault::Unknown) => result = Err(fault),
            Err(_) => {}
        }
    }
    result
}

fn not(operand: Outcome) -> Outcome {
    Ok(truth(operand?)?.map_or(Value::Null, |known| Value::Bool(!known)))
}

/// The truth value of a predicate; `None` is NULL.
fn truth(value: Value) -> Result<Option<bool>, Fault> {
    match value {
        Value::Bool(known) => Ok(Some(known)),
        Value::Null => Ok(None),
        _ => Err(Fault::Unknown),
    }
}

fn binary(op: BinaryOp, left: Value, right: Value) -> Outcome {
    match op {
        _ if op.is_comparison() => compare(op, &left, &right),
        BinaryOp::Concat => functions::concat(&[left, right]),
        _ => arithmetic::apply(op, left, right),
    }
}

/// A comparison of two values, NULL where SQL says so.
pub(super) fn compare(op: BinaryOp, left: &Value, right: &Value) -> Outcome {
    use BinaryOp::*;
    let null = (*left == Value::Null, *right == Value::Null);
    if let (NotDistinct | Distinct, (true, _) | (_, true)) = (op, null) {
        return Ok(Value::Bool((null == (true, true)) == (op == NotDistinct)));
    }
    if null.0 || null.1 {
        return Ok(Value::Null);
    }
    let order = order(left, right)?;
    Ok(Value::Bool(match op {
        Eq | NotDistinct => order.is_eq(),
        NotEq | Distinct => order.is_ne(),
        Lt => order.is_lt(),
        LtEq => order.is_le(),
        Gt => order.is_gt(),
        GtEq => order.is_ge(),
        _ => return Err(Fault::Unknown),
    }))
}

/// The order of two non-null values. A text compared with a date is read as a date, as Hive and Spark do; Trino rejects such
/// a query before it reads anything.
pub(super) fn order(left: &Value, right: &Value) -> Result<Ordering, Fault> {
    match (left, right) {
        (Value::String(text), Value::Date(_) | Value::Timestamp(_)) => {
            read_time(text)?.compare(right).ok_or(Fault::Unknown)
        }
        (Value::Date(_) | Value::Timestamp(_), Value::String(text)) => {
            left.compare(&read_time(text)?).ok_or(Fault::Unknown)
        }
        _ => left.compare(right).ok_or(Fault::Unknown),
    }
}

fn read_time(text: &str) -> Outcome {
    cast::read_timestamp(text).map_err(|_| Fault::Unknown)
}

/// Replaces every constant subexpression by its value. Subexpressions whose evaluation fails stay as they are.
pub fn fold(expr: &Expr, as_of: AsOf) -> Expr {
    let folded = match expr {
        Expr::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), .. } => return fold_connected(expr, *op, as_of),
        Expr::Literal(_) | Expr::Column(_) | Expr::Placeholder | Expr::Opaque { .. } => return expr.clone(),
        other => other.map_children(&|child| fold(child, as_of)),
    };
    let constant = folded.children().iter().all(|child| matches!(child, Expr::Literal(_)));
    // These may have a value although some operand has none.
    const LAZY: [&str; 8] = ["coalesce", "nvl", "ifnull", "if", "iff", "try", "substr", "substring"];
    let lazy = match &folded {
        Expr::Case { .. } | Expr::Cast { attempt: true, .. } => true,
        Expr::Call { function, .. } => LAZY.contains(&function.as_str()),
        _ => false,
    };
    if !constant && !lazy {
        return folded;
    }
    match value(&folded, &|_| None, as_of) {
        Ok(value) => Expr::Literal(value),
        Err(_) => folded,
    }
}

/// Folds a chain of AND or OR: decided by one decisive constant, the neutral ones dropped.
fn fold_connected(expr: &Expr, op: BinaryOp, as_of: AsOf) -> Expr {
    let decisive = Value::Bool(op == BinaryOp::Or);
    let neutral = Value::Bool(op != BinaryOp::Or);
    let mut kept = Vec::new();
    for operand in expr.chain(op) {
        match fold(operand, as_of) {
            Expr::Literal(value) if value == decisive => return Expr::Literal(value),
            Expr::Literal(value) if value == neutral => {}
            other => kept.push(other),
        }
    }
    // Only NULLs are left: NULL, whatever their number.
    if !kept.is_empty() && kept.iter().all(|operand| *operand == Expr::Literal(Value::Null)) {
        return Expr::Literal(Value::Null);
    }
    // Pairwise, so that thousands of operands make a shallow tree: everything that reads it recurses.
    while kept.len() > 1 {
        let mut operands = kept.into_iter();
        kept = Vec::with_capacity(operands.len().div_ceil(2));
        while let Some(left) = operands.next() {
            kept.push(match operands.next() {
                Some(right) => Expr::binary(op, left, right),
                None => left,
            });
        }
    }
    kept.pop().unwrap_or(Expr::Literal(neutral))
}

/// Whether the same inputs always give the same value within one query: no `rand()`, `uuid()`, no run-time parts.
pub fn is_deterministic(expr: &Expr) -> bool {
    let mut deterministic = true;
    expr.walk(&mut |e| match e {
        Expr::Opaque { why: Opaque::RunTime | Opaque::NonDeterministic, .. } => deterministic = false,
        Expr::Call { function, .. } => deterministic &= !functions::differs_per_row(function),
        _ => {}
    });
    deterministic
}

#[cfg(test)]
mod tests;
