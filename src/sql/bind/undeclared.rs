//! Keys that nobody declared: folders are text, and only the query shows what its author takes them for.
//!
//! Engines that find partitions by themselves infer the type of `year=1995` or `dt=2024-01-05` from the values, so a comparison
//! with a number or a function of dates reads the text as such. A declared text key is a type error there, as in Athena.

use crate::expr::{BinaryOp, ColumnId, ColumnType, Expr, Value};

/// Functions of one date or time, which stands last among their arguments.
const OF_TIMES: [&str; 16] = [
    "date_add",
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
];

/// The expression with each key read as what it is compared or computed with.
pub(super) fn read_as_used(expr: &Expr, is_key: &dyn Fn(ColumnId) -> bool) -> Expr {
    let again = |e: &Expr| read_as_used(e, is_key);
    let read_as = |e: &Expr, to: Option<ColumnType>| match (e, to) {
        (Expr::Column(id), Some(to)) if is_key(*id) => Expr::Cast { expr: Box::new(e.clone()), to, attempt: false },
        _ => again(e),
    };
    match expr {
        Expr::Binary { op, left, right } if op.is_comparison() => {
            Expr::binary(*op, read_as(left, number(right)), read_as(right, number(left)))
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
        Expr::Call { function, args } if OF_TIMES.contains(&function.as_str()) => {
            let args = args.iter().map(|arg| read_as(arg, Some(ColumnType::Date))).collect();
            Expr::Call { function: function.clone(), args }
        }
        other => other.map_children(&again),
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
