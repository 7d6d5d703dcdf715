//! Keys that nobody declared: folders are text, and only the query shows what its author takes them for.
//!
//! Engines that find partitions by themselves infer the type of `year=1995` or `dt=2024-01-05` from the values, so a comparison
//! with a number or a function of dates reads the text as such. A declared text key is a type error there, as in Athena.

use crate::expr::{BinaryOp, ColumnId, ColumnType, Expr, Value};

/// Functions of dates and times.
const OF_TIMES: [&str; 18] = [
    "date_add",
    "date_diff",
    "date_format",
    "date_trunc",
    "day",
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "dow",
    "doy",
    "format_datetime",
    "last_day_of_month",
    "month",
    "quarter",
    "week",
    "year",
    "year_of_week",
    "yow",
];
/// Parts of a time that a date lacks: functions, and units of functions.
const TIMES_OF_DAY: [&str; 4] = ["hour", "minute", "second", "millisecond"];
/// Functions of numbers.
const OF_NUMBERS: [&str; 2] = ["abs", "sign"];

/// The predicate with each key read as what it is compared or computed with.
pub(super) fn read_as_used(predicate: &Expr, is_key: &dyn Fn(ColumnId) -> bool) -> Expr {
    let again = |e: &Expr| read_as_used(e, is_key);
    match predicate {
        Expr::Column(id) if is_key(*id) => cast(predicate, ColumnType::Boolean),
        Expr::Not(_) | Expr::Binary { op: BinaryOp::And | BinaryOp::Or, .. } => predicate.map_children(&again),
        other => scalar(other, is_key),
    }
}

fn scalar(expr: &Expr, is_key: &dyn Fn(ColumnId) -> bool) -> Expr {
    let again = |e: &Expr| scalar(e, is_key);
    let read_as = |e: &Expr, to: Option<ColumnType>| match (e, to) {
        // A folder of an hour lies in a day too: what follows the date is ignored.
        (Expr::Column(id), Some(ColumnType::Date)) if is_key(*id) => Expr::call("to_date", vec![e.clone()]),
        (Expr::Column(id), Some(to)) if is_key(*id) => cast(e, to),
        _ => again(e),
    };
    match expr {
        Expr::Not(_) | Expr::Binary { op: BinaryOp::And | BinaryOp::Or, .. } => read_as_used(expr, is_key),
        Expr::Binary { op, left, right } if op.is_comparison() => {
            Expr::binary(*op, read_as(left, comparable_with(right)), read_as(right, comparable_with(left)))
        }
        Expr::Binary { op, left, right } if is_arithmetic(*op) => {
            Expr::binary(*op, read_as(left, computed_with(right)), read_as(right, computed_with(left)))
        }
        Expr::InList { expr, list, negated } => {
            let expr = read_as(expr, widest(list.iter()));
            Expr::InList { expr: Box::new(expr), list: list.iter().map(again).collect(), negated: *negated }
        }
        Expr::Between { expr, low, high, negated } => {
            let of_expr = number(expr);
            Expr::Between {
                expr: Box::new(read_as(expr, widest([&**low, &**high].into_iter()))),
                low: Box::new(read_as(low, of_expr.clone())),
                high: Box::new(read_as(high, of_expr)),
                negated: *negated,
            }
        }
        Expr::Call { function, args } => {
            let to = argument_of(function, args);
            let args = args.iter().map(|arg| read_as(arg, to.clone())).collect();
            Expr::Call { function: function.clone(), args }
        }
        other => other.map_children(&again),
    }
}

fn cast(key: &Expr, to: ColumnType) -> Expr {
    Expr::Cast { expr: Box::new(key.clone()), to, attempt: false }
}

/// What a function takes its keys for; `None` for text, or for more than one type.
fn argument_of(function: &str, args: &[Expr]) -> Option<ColumnType> {
    let is_of_day = |unit: &Expr| matches!(unit, Expr::Literal(Value::String(unit)) if TIMES_OF_DAY.contains(&&*unit.to_lowercase()));
    if TIMES_OF_DAY.contains(&function) || function == "to_unixtime" {
        Some(ColumnType::Timestamp)
    } else if OF_TIMES.contains(&function) {
        Some(if args.first().is_some_and(is_of_day) { ColumnType::Timestamp } else { ColumnType::Date })
    } else {
        OF_NUMBERS.contains(&function).then_some(ColumnType::Integer(8))
    }
}

/// What a key is read as beside the other operand of a comparison.
fn comparable_with(other: &Expr) -> Option<ColumnType> {
    match other {
        Expr::Literal(Value::Bool(_)) => Some(ColumnType::Boolean),
        other => number(other),
    }
}

fn is_arithmetic(op: BinaryOp) -> bool {
    use BinaryOp::*;
    matches!(op, Add | Subtract | Multiply | Divide | Modulo)
}

/// The type of an expression that is a number; `None` for anything else.
fn number(expr: &Expr) -> Option<ColumnType> {
    match expr {
        Expr::Literal(Value::Int(_)) => Some(ColumnType::Integer(8)),
        Expr::Literal(Value::Float(_)) => Some(ColumnType::Float(8)),
        Expr::Cast { to: to @ (ColumnType::Integer(_) | ColumnType::Float(_)), .. } => Some(to.clone()),
        Expr::Cast { to: ColumnType::Decimal(..), .. } => Some(ColumnType::Float(8)),
        Expr::Negate(inner) => number(inner),
        Expr::Binary { op, left, right } if is_arithmetic(*op) => match (number(left), number(right)) {
            (Some(ColumnType::Float(_)), _) | (_, Some(ColumnType::Float(_))) => Some(ColumnType::Float(8)),
            (Some(_), _) | (_, Some(_)) => Some(ColumnType::Integer(8)),
            _ => None,
        },
        _ => None,
    }
}

/// What a key is read as beside an operand of `+ - * / %`.
fn computed_with(other: &Expr) -> Option<ColumnType> {
    match other {
        Expr::Literal(Value::Interval(_) | Value::Date(_)) => Some(ColumnType::Date),
        Expr::Literal(Value::Int(_)) | Expr::Column(_) => Some(ColumnType::Integer(8)),
        other => number(other),
    }
}

/// The type of several numbers; `None` when one is none.
fn widest<'e>(mut exprs: impl Iterator<Item = &'e Expr>) -> Option<ColumnType> {
    exprs.try_fold(ColumnType::Integer(8), |widest, expr| match number(expr)? {
        ColumnType::Float(_) => Some(ColumnType::Float(8)),
        _ => Some(widest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(predicate: Expr) -> Expr {
        read_as_used(&predicate, &|id| id == ColumnId(0))
    }

    fn key() -> Expr {
        Expr::Column(ColumnId(0))
    }

    #[test]
    fn a_key_that_is_a_predicate_is_a_boolean() {
        let truth = cast(&key(), ColumnType::Boolean);
        assert_eq!(read(key()), truth);
        assert_eq!(read(Expr::Not(Box::new(key()))), Expr::Not(Box::new(truth.clone())));
        let equal = |left: Expr| Expr::binary(BinaryOp::Eq, left, Expr::Literal(Value::Bool(true)));
        assert_eq!(read(equal(key())), equal(truth));
        let text = Expr::call("lower", vec![key()]);
        assert_eq!(read(text.clone()), text);
    }

    #[test]
    fn functions_say_what_they_take_a_key_for() {
        let call = |function: &str, arg: Expr| Expr::call(function, vec![arg]);
        assert_eq!(read(call("hour", key())), call("hour", cast(&key(), ColumnType::Timestamp)));
        assert_eq!(read(call("abs", key())), call("abs", cast(&key(), ColumnType::Integer(8))));
        assert_eq!(read(call("year", key())), call("year", call("to_date", key())));
        let truncated = |unit: &str, key: Expr| Expr::call("date_trunc", vec![Expr::string(unit), key]);
        assert_eq!(read(truncated("hour", key())), truncated("hour", cast(&key(), ColumnType::Timestamp)));
        assert_eq!(read(truncated("day", key())), truncated("day", call("to_date", key())));
    }
}
