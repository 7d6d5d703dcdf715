//! Functions that keep the order of one column, so that a comparison of their result is a range of the column: casts that
//! change nothing but the type, `CAST(ts AS date)`, `date_trunc`, `year`, and `CAST(text AS date)`.
//!
//! Source: Trino's UnwrapCastInComparison, UnwrapDateTruncInComparison, UnwrapYearInComparison and DomainTranslator.

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use super::arithmetic::{midnight, shift_time};
use super::functions::{Unit, truncate};
use super::{BinaryOp, Bound, ColumnId, ColumnType, Domain, Expr, Value, cast};

/// A column seen through order-preserving functions.
pub(super) struct Seen {
    pub(super) column: ColumnId,
    /// `None` when the column's type is unknown.
    pub(super) data_type: Option<ColumnType>,
    pub(super) step: Step,
}

/// What happens to the column's value on the way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    /// Nothing, or a cast that keeps every value apart.
    Identity,
    /// Cut to the start of a day, month, ...: `date_trunc`, `CAST(ts AS date)`.
    Truncate(Unit),
    Year,
    /// `CAST(text AS date)`, of text that is assumed to be ISO (`2024-01-05`, perhaps with a time behind it).
    TextToDate,
}

/// The column under an expression; `None` when something on the way does not keep the order.
pub(super) fn see(expr: &Expr, types: &dyn Fn(ColumnId) -> Option<ColumnType>) -> Option<Seen> {
    match expr {
        Expr::Column(column) => Some(Seen { column: *column, data_type: types(*column), step: Step::Identity }),
        Expr::Cast { expr, to, .. } => see(expr, types)?.cast(to),
        Expr::Call { function, args } => match (function.as_str(), &args[..]) {
            ("date" | "to_date", [arg]) => see(arg, types)?.cast(&ColumnType::Date),
            ("date_trunc", [Expr::Literal(Value::String(unit)), arg]) => see(arg, types)?.truncate(Unit::parse(unit)?),
            ("year", [arg]) => see(arg, types)?.year(),
            _ => None,
        },
        _ => None,
    }
}

impl Seen {
    fn is_time(&self) -> bool {
        matches!(self.data_type, Some(ColumnType::Date | ColumnType::Timestamp)) && self.step != Step::Year
    }

    fn cast(mut self, to: &ColumnType) -> Option<Seen> {
        use ColumnType::*;
        self.step = match (self.step, self.data_type.as_ref()?, to) {
            (Step::Identity, Integer(from), Integer(to)) if to >= from => Step::Identity,
            (Step::Identity, Integer(1..=4), Float(8)) => Step::Identity,
            (Step::Identity, Integer(1..=4), Decimal(precision, scale)) if precision.saturating_sub(*scale) >= 10 => {
                Step::Identity
            }
            (Step::Identity, Boolean, Boolean) | (Step::Identity, String, String) => Step::Identity,
            (Step::Identity, Date, Date | Timestamp) | (Step::Identity, Timestamp, Timestamp) => Step::Identity,
            (Step::Identity, String, Date) | (Step::TextToDate, String, Date | Timestamp) => Step::TextToDate,
            (Step::Identity, Timestamp, Date) => Step::Truncate(Unit::Day),
            (Step::Truncate(unit), _, Date) => Step::Truncate(unit.max(Unit::Day)),
            (Step::Truncate(unit), _, Timestamp) => Step::Truncate(unit),
            _ => return None,
        };
        Some(self)
    }

    fn truncate(mut self, unit: Unit) -> Option<Seen> {
        let unit = match unit {
            Unit::Hour if self.data_type == Some(ColumnType::Date) => return None,
            Unit::Hour | Unit::Day | Unit::Month | Unit::Year if self.is_time() => unit,
            _ => return None,
        };
        self.step = match self.step {
            Step::Identity => Step::Truncate(unit),
            Step::Truncate(first) => Step::Truncate(unit.max(first)),
            Step::Year | Step::TextToDate => return None,
        };
        Some(self)
    }

    fn year(mut self) -> Option<Seen> {
        let known = self.is_time();
        self.step = Step::Year;
        known.then_some(self)
    }

    /// The column's values for which `step(column) op constant` is true, and whether those are exactly they. `None` when the
    /// comparison gives no domain. The constant is not NULL.
    pub(super) fn domain(&self, op: BinaryOp, constant: &Value) -> Option<(Domain, bool)> {
        match self.step {
            Step::Identity => match (&self.data_type, constant) {
                (Some(ColumnType::String), Value::Date(_) | Value::Timestamp(_)) => text_of_time(op, constant),
                _ => Some((compared(op, self.coerce(constant)?), true)),
            },
            Step::Truncate(unit) => {
                let time = as_time(constant)?;
                let start = truncate(time, unit)?;
                let bound = |t: NaiveDateTime| match self.data_type {
                    Some(ColumnType::Date) => Value::Date(t.date()),
                    _ => Value::Timestamp(t),
                };
                Some((stepped(op, bound(start), bound(next(start, unit)?), start == time), true))
            }
            Step::Year => {
                let Value::Int(year) = constant else { return None };
                let start = NaiveDate::from_ymd_opt(i32::try_from(*year).ok()?, 1, 1).map(midnight)?;
                Seen { step: Step::Truncate(Unit::Year), data_type: self.data_type.clone(), ..*self }
                    .domain(op, &Value::Timestamp(start))
            }
            Step::TextToDate => self.text_to_date(op, constant),
        }
    }

    /// A superset: the text's order is the date's order for years of four digits.
    fn text_to_date(&self, op: BinaryOp, constant: &Value) -> Option<(Domain, bool)> {
        let time = as_time(constant)?;
        let start = midnight(time.date());
        if matches!(op, BinaryOp::NotEq | BinaryOp::Distinct) || !(1000..=9998).contains(&start.year()) {
            return None;
        }
        let text = |t: NaiveDateTime| Value::String(t.format("%Y-%m-%d").to_string());
        Some((stepped(op, text(start), text(next(start, Unit::Day)?), start == time), false))
    }

    /// The constant as a value of the column's type; `None` when the engine would not compare the two.
    pub(super) fn coerce(&self, constant: &Value) -> Option<Value> {
        use ColumnType::*;
        match (self.data_type.as_ref(), constant) {
            (None, Value::Interval(_) | Value::Array(_)) => None,
            (None, value) => Some(value.clone()),
            (Some(Integer(_)), Value::Float(x)) if x.fract() == 0.0 && x.abs() < 9.0e15 => Some(Value::Int(*x as i64)),
            (Some(Integer(_)), Value::Int(_) | Value::Float(_)) => Some(constant.clone()),
            (Some(Float(_) | Decimal(..)), Value::Int(n)) if n.abs_diff(0) < 1 << 53 => Some(Value::Float(*n as f64)),
            (Some(Float(_) | Decimal(..)), Value::Int(_) | Value::Float(_)) => Some(constant.clone()),
            (Some(String), Value::String(_)) | (Some(Boolean), Value::Bool(_)) => Some(constant.clone()),
            (Some(Timestamp), _) => as_time(constant).map(Value::Timestamp),
            (Some(Date), _) => {
                let time = as_time(constant)?;
                let whole = midnight(time.date()) == time;
                Some(if whole { Value::Date(time.date()) } else { Value::Timestamp(time) })
            }
            _ => None,
        }
    }
}

/// The texts that may stand for a time with `time op constant`: a date, or a date with a time of day behind it in whatever
/// form. A superset.
fn text_of_time(op: BinaryOp, constant: &Value) -> Option<(Domain, bool)> {
    let time = constant.time()?;
    let day = midnight(time.date());
    if matches!(op, BinaryOp::NotEq | BinaryOp::Distinct) || !(1000..=9998).contains(&day.year()) {
        return None;
    }
    let text = |t: NaiveDateTime| Value::String(t.format("%Y-%m-%d").to_string());
    let (day, next, at_midnight) = (text(day), text(next(day, Unit::Day)?), day == time);
    let domain = match op {
        BinaryOp::Lt if at_midnight => compared(op, day),
        BinaryOp::Lt | BinaryOp::LtEq => compared(BinaryOp::Lt, next),
        BinaryOp::Gt if at_midnight => compared(op, day),
        BinaryOp::Gt | BinaryOp::GtEq => compared(BinaryOp::GtEq, day),
        _ => Domain::range(Bound::Included(day), Bound::Excluded(next)),
    };
    Some((domain, false))
}

/// Dates and timestamps; ISO text too, as Hive and Spark read it.
fn as_time(constant: &Value) -> Option<NaiveDateTime> {
    match constant {
        Value::String(text) => cast::read_timestamp(text).ok()?.time(),
        other => other.time(),
    }
}

fn next(start: NaiveDateTime, unit: Unit) -> Option<NaiveDateTime> {
    shift_time(start, unit.interval(1)?)
}

/// The values `x` with `x op value`.
fn compared(op: BinaryOp, value: Value) -> Domain {
    use BinaryOp::*;
    use Bound::*;
    match op {
        Lt => Domain::range(Unbounded, Excluded(value)),
        LtEq => Domain::range(Unbounded, Included(value)),
        Gt => Domain::range(Excluded(value), Unbounded),
        GtEq => Domain::range(Included(value), Unbounded),
        NotEq => Domain { nulls: false, ..Domain::single(value).complement() },
        Distinct => Domain::single(value).complement(),
        _ => Domain::single(value),
    }
}

/// The values `x` with `step(x) op constant`, where the constant lies in the step `[start, next)`, at its start or not.
fn stepped(op: BinaryOp, start: Value, next: Value, at_start: bool) -> Domain {
    use BinaryOp::*;
    use Bound::*;
    let same = || {
        if at_start { Domain::range(Included(start.clone()), Excluded(next.clone())) } else { Domain::none() }
    };
    match op {
        Lt if at_start => Domain::range(Unbounded, Excluded(start)),
        Lt | LtEq => Domain::range(Unbounded, Excluded(next)),
        GtEq if at_start => Domain::range(Included(start), Unbounded),
        Gt | GtEq => Domain::range(Included(next), Unbounded),
        NotEq => Domain { nulls: false, ..same().complement() },
        Distinct => same().complement(),
        _ => same(),
    }
}
