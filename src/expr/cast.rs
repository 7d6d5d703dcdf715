//! CAST between the types that partition keys and constants have.
//!
//! Source: Trino, "Conversion functions" and "Data types". Types whose conversion Trino does not offer, or whose text depends
//! on a precision or time zone that a [`Value`] does not carry, are unknown rather than guessed.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::arithmetic::midnight;
use super::eval::{Fault, Outcome};
use super::{ColumnType, Value};

pub(super) fn cast(value: Value, to: &ColumnType) -> Outcome {
    if value == Value::Null {
        return Ok(Value::Null);
    }
    match to {
        ColumnType::String => text_of(&value).map(Value::String).ok_or(Fault::Unknown),
        ColumnType::Integer(width) => to_integer(value, *width),
        ColumnType::Float(width) => {
            to_float(value).map(|x| Value::Float(if *width == 4 { x as f32 as f64 } else { x }))
        }
        ColumnType::Decimal(precision, scale) => to_decimal(value, *precision, *scale),
        ColumnType::Boolean => to_boolean(value),
        ColumnType::Date => to_date(value).map(Value::Date),
        ColumnType::Timestamp => to_timestamp(value).map(Value::Timestamp),
        ColumnType::Binary | ColumnType::Other(_) => Err(Fault::Unknown),
    }
}

/// The text that a value is cast to, where it is certain. A double (`1.0E0`) and a timestamp (fraction digits, time zone)
/// depend on more than the value.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Int(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        Value::Date(date) => Some(date.format("%Y-%m-%d").to_string()),
        _ => None,
    }
}

fn to_integer(value: Value, width: u8) -> Outcome {
    let n = match value {
        Value::Int(n) => n,
        Value::Bool(b) => i64::from(b),
        // Half away from zero.
        Value::Float(x) if x.round().abs() < 9.2e18 => x.round() as i64,
        Value::Float(_) => return Err(Fault::Error),
        Value::String(text) => text.parse().map_err(|_| Fault::Error)?,
        _ => return Err(Fault::Unknown),
    };
    let bits = u32::from(width.clamp(1, 8)) * 8;
    let fits = bits == 64 || (-(1i64 << (bits - 1))..1i64 << (bits - 1)).contains(&n);
    if fits { Ok(Value::Int(n)) } else { Err(Fault::Error) }
}

fn to_float(value: Value) -> Result<f64, Fault> {
    match value {
        Value::Int(n) => Ok(n as f64),
        Value::Float(x) => Ok(x),
        Value::Bool(b) => Ok(f64::from(u8::from(b))),
        Value::String(text) => {
            let text = text.trim();
            let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
            if plain { text.parse().map_err(|_| Fault::Error) } else { Err(Fault::Error) }
        }
        _ => Err(Fault::Unknown),
    }
}

fn to_decimal(value: Value, precision: u8, scale: u8) -> Outcome {
    let x = to_float(value)?;
    let unit = 10f64.powi(scale.into());
    let rounded = (x * unit).round() / unit;
    let limit = 10f64.powi(i32::from(precision) - i32::from(scale));
    if rounded.abs() < limit { Ok(Value::Float(rounded)) } else { Err(Fault::Error) }
}

fn to_boolean(value: Value) -> Outcome {
    match value {
        Value::Bool(b) => Ok(Value::Bool(b)),
        Value::Int(n) => Ok(Value::Bool(n != 0)),
        Value::Float(x) => Ok(Value::Bool(x != 0.0)),
        Value::String(text) => match text.to_lowercase().as_str() {
            "true" | "t" | "1" => Ok(Value::Bool(true)),
            "false" | "f" | "0" => Ok(Value::Bool(false)),
            _ => Err(Fault::Error),
        },
        _ => Err(Fault::Unknown),
    }
}

fn to_date(value: Value) -> Result<NaiveDate, Fault> {
    match value {
        Value::Date(date) => Ok(date),
        Value::Timestamp(time) => Ok(time.date()),
        Value::String(text) => read_date(text.trim()).ok_or(Fault::Error),
        _ => Err(Fault::Unknown),
    }
}

fn to_timestamp(value: Value) -> Result<NaiveDateTime, Fault> {
    match value {
        Value::Date(date) => Ok(midnight(date)),
        Value::Timestamp(time) => Ok(time),
        Value::String(text) => match read_timestamp(&text)? {
            Value::Timestamp(time) => Ok(time),
            Value::Date(date) => Ok(midnight(date)),
            _ => Err(Fault::Unknown),
        },
        _ => Err(Fault::Unknown),
    }
}

/// `2024-01-05`, `2024-1-5`: digits of month and day may lack their zero, as in Trino.
pub(super) fn read_date(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('-');
    let mut number = |min: usize, max: usize| {
        let part = parts.next()?;
        let plain = (min..=max).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if plain { part.parse::<u32>().ok() } else { None }
    };
    let (year, month, day) = (number(4, 6)?, number(1, 2)?, number(1, 2)?);
    if parts.next().is_some() {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// A date, or a date and time (`2024-01-05 10:00`, `2024-01-05T10:00:00.5Z`, `... +02:00`, `... UTC`) in UTC. A named time
/// zone other than UTC is unknown, anything else an error.
pub(super) fn read_timestamp(text: &str) -> Outcome {
    let text = text.trim();
    let Some((date, rest)) = text.split_once([' ', 'T']) else {
        return read_date(text).map(Value::Date).ok_or(Fault::Error);
    };
    let date = read_date(date).ok_or(Fault::Error)?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(rest.len());
    let time = read_time_of_day(&rest[..end]).ok_or(Fault::Error)?;
    let offset = read_offset(rest[end..].trim())?;
    date.and_time(time).checked_sub_signed(offset).map(Value::Timestamp).ok_or(Fault::Error)
}

fn read_time_of_day(text: &str) -> Option<NaiveTime> {
    ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok()).or_else(|| {
        let hour = text.parse().ok().filter(|_| (1..=2).contains(&text.len()))?;
        NaiveTime::from_hms_opt(hour, 0, 0)
    })
}

fn read_offset(text: &str) -> Result<TimeDelta, Fault> {
    if ["", "Z", "z"].contains(&text) || ["UTC", "GMT", "Etc/UTC"].iter().any(|z| z.eq_ignore_ascii_case(text)) {
        return Ok(TimeDelta::zero());
    }
    let (sign, digits) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(digits), _) => (1, digits),
        (_, Some(digits)) => (-1, digits),
        _ if text.starts_with(|c: char| c.is_ascii_alphabetic()) => return Err(Fault::Unknown),
        _ => return Err(Fault::Error),
    };
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    if !(digits.len() == 2 || digits.len() == 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Fault::Error);
    }
    let number = |part: &str| part.parse::<i64>().unwrap_or(0);
    let minutes = number(&digits[..2]) * 60 + number(&digits[2..]);
    Ok(TimeDelta::minutes(sign * minutes))
}
