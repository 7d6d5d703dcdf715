//! Constant values and their order.

use std::cmp::Ordering;

use chrono::{NaiveDate, NaiveDateTime};

use super::ColumnType;

/// The date and time that relative dates are evaluated at (`--as-of`): midnight UTC of a date, or the start of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf(pub NaiveDateTime);

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    /// Also decimals: partition keys are compared exactly as integers, strings or dates, never as fractions.
    Float(f64),
    String(String),
    Date(NaiveDate),
    /// UTC where the source had a time zone.
    Timestamp(NaiveDateTime),
    Interval(Interval),
    Array(Vec<Value>),
}

/// `INTERVAL` values: months and milliseconds do not convert into each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Interval {
    pub months: i64,
    pub milliseconds: i64,
}

impl Value {
    /// A partition value (a folder name, already unescaped) read as the key's type; `None` when it does not fit the type.
    pub fn of_partition(text: Option<&str>, key_type: &ColumnType) -> Option<Value> {
        let Some(text) = text else { return Some(Value::Null) };
        match key_type {
            ColumnType::Integer(_) => text.trim().parse().ok().map(Value::Int),
            ColumnType::Float(_) | ColumnType::Decimal(..) => text.trim().parse().ok().map(Value::Float),
            ColumnType::Boolean => text.trim().to_lowercase().parse().ok().map(Value::Bool),
            ColumnType::Date => NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok().map(Value::Date),
            ColumnType::Timestamp => ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
                .iter()
                .find_map(|format| NaiveDateTime::parse_from_str(text.trim(), format).ok())
                .or_else(|| NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))
                .map(Value::Timestamp),
            _ => Some(Value::String(text.to_string())),
        }
    }

    /// A date or timestamp as a point in time.
    pub(super) fn time(&self) -> Option<NaiveDateTime> {
        match self {
            Value::Date(date) => date.and_hms_opt(0, 0, 0),
            Value::Timestamp(time) => Some(*time),
            _ => None,
        }
    }

    /// SQL order of two non-null values of comparable types; `None` when they cannot be compared. Dates compare with
    /// timestamps as midnight; strings by bytes, as Trino does.
    pub fn compare(&self, other: &Value) -> Option<Ordering> {
        use Value::*;
        match (self, other) {
            (Bool(a), Bool(b)) => Some(a.cmp(b)),
            (Int(a), Int(b)) => Some(a.cmp(b)),
            (Int(a), Float(b)) => compare_exactly(*a, *b),
            (Float(a), Int(b)) => compare_exactly(*b, *a).map(Ordering::reverse),
            (Float(a), Float(b)) => a.partial_cmp(b),
            (String(a), String(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
            (Date(a), Date(b)) => Some(a.cmp(b)),
            (Timestamp(a), Timestamp(b)) => Some(a.cmp(b)),
            (Date(a), Timestamp(b)) => Some(a.and_hms_opt(0, 0, 0)?.cmp(b)),
            (Timestamp(a), Date(b)) => Some(a.cmp(&b.and_hms_opt(0, 0, 0)?)),
            (Interval(a), Interval(b)) => Some((a.months, a.milliseconds).cmp(&(b.months, b.milliseconds))),
            _ => None,
        }
    }
}

/// Compares without rounding the integer, so that mixed numbers have one total order; `None` for NaN.
fn compare_exactly(int: i64, float: f64) -> Option<Ordering> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0; // 2^63
    if float.is_nan() {
        None
    } else if float >= LIMIT {
        Some(Ordering::Less)
    } else if float < -LIMIT {
        Some(Ordering::Greater)
    } else {
        let whole = float.trunc();
        Some(int.cmp(&(whole as i64)).then_with(|| whole.total_cmp(&float)))
    }
}
