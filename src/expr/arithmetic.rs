//! `+ - * / %` over numbers, dates and intervals, with Trino's errors for overflow and division by zero.

use chrono::{Months, NaiveDate, NaiveDateTime, TimeDelta};

use super::eval::{Fault, Outcome};
use super::{BinaryOp, Interval, Value};

const DAY: i64 = 86_400_000;

pub(super) fn negate(value: Value) -> Outcome {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Int(n) => n.checked_neg().map(Value::Int).ok_or(Fault::Error),
        Value::Float(x) => Ok(Value::Float(-x)),
        Value::Interval(i) => scale(i, -1),
        _ => Err(Fault::Unknown),
    }
}

pub(super) fn apply(op: BinaryOp, left: Value, right: Value) -> Outcome {
    use Value::*;
    match (left, right) {
        (Null, _) | (_, Null) => Ok(Null),
        (Int(a), Int(b)) => integers(op, a, b),
        (Int(a), Float(b)) => floats(op, a as f64, b),
        (Float(a), Int(b)) => floats(op, a, b as f64),
        (Float(a), Float(b)) => floats(op, a, b),
        (Interval(a), Interval(b)) => match op {
            BinaryOp::Add => add_intervals(a, b),
            BinaryOp::Subtract => scale_of(b, -1).and_then(|b| add_intervals(a, b)),
            _ => Err(Fault::Unknown),
        },
        (Interval(i), Int(n)) | (Int(n), Interval(i)) if op == BinaryOp::Multiply => scale(i, n),
        (Interval(i), Int(n)) if op == BinaryOp::Divide => divide(i, n),
        (time @ (Date(_) | Timestamp(_)), Interval(i)) => match op {
            BinaryOp::Add => shift(time, i),
            BinaryOp::Subtract => shift(time, scale_of(i, -1)?),
            _ => Err(Fault::Unknown),
        },
        (Interval(i), time @ (Date(_) | Timestamp(_))) if op == BinaryOp::Add => shift(time, i),
        // Spark and Redshift count days; Trino rejects such a query before it reads anything.
        (date @ Date(_), Int(n)) => match op {
            BinaryOp::Add => shift(date, days(n)?),
            BinaryOp::Subtract => shift(date, scale_of(days(n)?, -1)?),
            _ => Err(Fault::Unknown),
        },
        (a @ (Date(_) | Timestamp(_)), b @ (Date(_) | Timestamp(_))) if op == BinaryOp::Subtract => {
            let (Some(a), Some(b)) = (a.time(), b.time()) else { return Err(Fault::Unknown) };
            let milliseconds = a.signed_duration_since(b).num_milliseconds();
            Ok(Interval(super::Interval { months: 0, milliseconds }))
        }
        _ => Err(Fault::Unknown),
    }
}

fn integers(op: BinaryOp, a: i64, b: i64) -> Outcome {
    let result = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Subtract => a.checked_sub(b),
        BinaryOp::Multiply => a.checked_mul(b),
        BinaryOp::Divide => a.checked_div(b),
        // The remainder of the smallest number by -1 is 0 though its quotient overflows.
        BinaryOp::Modulo => (b != 0).then(|| a.wrapping_rem(b)),
        _ => return Err(Fault::Unknown),
    };
    result.map(Value::Int).ok_or(Fault::Error)
}

fn floats(op: BinaryOp, a: f64, b: f64) -> Outcome {
    Ok(Value::Float(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        // An error for decimals, infinity for doubles: the difference is not kept.
        BinaryOp::Divide | BinaryOp::Modulo if b == 0.0 => return Err(Fault::Unknown),
        BinaryOp::Divide => a / b,
        BinaryOp::Modulo => a % b,
        _ => return Err(Fault::Unknown),
    }))
}

/// An interval of whole days.
pub(super) fn days(n: i64) -> Result<Interval, Fault> {
    scale_of(Interval { months: 0, milliseconds: DAY }, n)
}

fn add_intervals(a: Interval, b: Interval) -> Outcome {
    let months = a.months.checked_add(b.months).ok_or(Fault::Error)?;
    let milliseconds = a.milliseconds.checked_add(b.milliseconds).ok_or(Fault::Error)?;
    Ok(Value::Interval(Interval { months, milliseconds }))
}

pub(super) fn scale_of(interval: Interval, factor: i64) -> Result<Interval, Fault> {
    let months = interval.months.checked_mul(factor).ok_or(Fault::Error)?;
    let milliseconds = interval.milliseconds.checked_mul(factor).ok_or(Fault::Error)?;
    Ok(Interval { months, milliseconds })
}

fn scale(interval: Interval, factor: i64) -> Outcome {
    scale_of(interval, factor).map(Value::Interval)
}

fn divide(interval: Interval, by: i64) -> Outcome {
    let months = interval.months.checked_div(by).ok_or(Fault::Error)?;
    let milliseconds = interval.milliseconds.checked_div(by).ok_or(Fault::Error)?;
    Ok(Value::Interval(Interval { months, milliseconds }))
}

/// A date or timestamp moved by an interval. Months keep the day, or take the month's last one; a date cannot be moved by
/// parts of a day (an error in Trino).
pub(super) fn shift(time: Value, by: Interval) -> Outcome {
    match time {
        Value::Date(_) if by.milliseconds % DAY != 0 => Err(Fault::Error),
        Value::Date(date) => {
            let moved = shift_time(midnight(date), by).ok_or(Fault::Error)?;
            Ok(Value::Date(moved.date()))
        }
        Value::Timestamp(time) => shift_time(time, by).map(Value::Timestamp).ok_or(Fault::Error),
        _ => Err(Fault::Unknown),
    }
}

pub(super) fn shift_time(time: NaiveDateTime, by: Interval) -> Option<NaiveDateTime> {
    let months = Months::new(u32::try_from(by.months.unsigned_abs()).ok()?);
    let moved = if by.months < 0 { time.checked_sub_months(months)? } else { time.checked_add_months(months)? };
    moved.checked_add_signed(TimeDelta::try_milliseconds(by.milliseconds)?)
}

pub(super) fn midnight(date: NaiveDate) -> NaiveDateTime {
    date.and_time(chrono::NaiveTime::MIN)
}
