//! Date and time functions.
//!
//! Source: Trino, "Date and time functions and operators"; for `date_sub`, `add_months`, `datediff`, `last_day`, `to_date`
//! and two-argument `date_add` the Hive and Spark function references. All times are UTC; another zone is unknown.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use super::Unit;
use crate::expr::arithmetic::{days, midnight, shift, shift_time};
use crate::expr::cast;
use crate::expr::date_format::Pattern;
use crate::expr::eval::{Fault, Outcome};
use crate::expr::{AsOf, ColumnType, Interval, Value};

/// Functions of [`call`] that are NULL when an argument is.
pub(super) const NAMES: &[&str] = &[
    "add_months",
    "at_timezone",
    "date",
    "date_add",
    "date_diff",
    "date_format",
    "date_parse",
    "date_sub",
    "date_trunc",
    "datediff",
    "day",
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "dayofmonth",
    "dow",
    "doy",
    "format_datetime",
    "from_iso8601_date",
    "from_iso8601_timestamp",
    "from_unixtime",
    "hour",
    "last_day",
    "last_day_of_month",
    "make_date",
    "minute",
    "month",
    "parse_datetime",
    "quarter",
    "second",
    "to_date",
    "to_iso8601",
    "to_unixtime",
    "week",
    "week_of_year",
    "weekofyear",
    "with_timezone",
    "year",
    "year_of_week",
    "yow",
];

/// The functions that read the clock.
pub(super) fn now(name: &str, args: &[Value], as_of: AsOf) -> Option<Outcome> {
    match (name, args) {
        ("current_date", []) => Some(Ok(Value::Date(as_of.0.date()))),
        // A precision argument changes fractions of a second only.
        ("current_timestamp" | "localtimestamp" | "now", [] | [Value::Int(_)]) => Some(Ok(Value::Timestamp(as_of.0))),
        _ => None,
    }
}

pub(super) fn call(name: &str, args: &[Value]) -> Option<Outcome> {
    use Value::{Date, Float, Int, String, Timestamp};
    Some(match (name, args) {
        ("date", [x]) => cast::cast(x.clone(), &ColumnType::Date),
        ("to_date", [x]) => hive_date(x).map(Date),
        // Teradata's patterns are lower case (`yyyy-mm-dd`), Java's have a capital month.
        ("to_date", [String(text), String(pattern)]) if pattern.contains("MM") => {
            read(Pattern::java(pattern), text).map(|time| Date(time.date()))
        }
        ("date_add", [String(unit), Int(n), x]) => add(unit, *n, x),
        ("date_add", [x, Int(n)]) => days(*n).and_then(|by| shift(Date(hive_date(x)?), by)),
        ("date_sub", [x, Int(n)]) => {
            n.checked_neg().ok_or(Fault::Error).and_then(days).and_then(|by| shift(Date(hive_date(x)?), by))
        }
        ("add_months", [x, Int(n)]) => {
            hive_date(x).and_then(|date| shift(Date(date), Interval { months: *n, milliseconds: 0 }))
        }
        ("datediff", [a, b]) => hive_date(a).and_then(|a| Ok(Int(a.signed_duration_since(hive_date(b)?).num_days()))),
        ("date_diff", [String(unit), a, b]) => difference(unit, a, b),
        ("date_trunc", [String(unit), x]) => trunc(unit, x),
        ("date_format", [x, String(pattern)]) => write(x, mysql_or_java(pattern)),
        ("format_datetime", [x, String(pattern)]) => write(x, Pattern::joda(pattern)),
        ("date_parse", [String(text), String(pattern)]) => read(Pattern::mysql(pattern), text).map(Timestamp),
        ("parse_datetime", [String(text), String(pattern)]) => read(Pattern::joda(pattern), text).map(Timestamp),
        ("to_char", [x, String(pattern)]) => write(x, teradata(pattern)),
        ("to_timestamp", [String(text), String(pattern)]) if !pattern.contains("MM") => {
            read(teradata(pattern), text).map(Timestamp)
        }
        ("to_iso8601", [Date(date)]) => Ok(String(date.format("%Y-%m-%d").to_string())),
        ("from_iso8601_date", [String(text)]) => iso_date(text).map(Date).ok_or(Fault::Error),
        ("from_iso8601_timestamp", [String(text)]) => iso_timestamp(text),
        ("from_unixtime", [Int(_) | Float(_)]) => from_unix(&args[0]).map(Timestamp),
        ("from_unixtime", [Int(_) | Float(_), String(zone)]) if is_utc(zone) => from_unix(&args[0]).map(Timestamp),
        // Hive and Spark: the second argument is a Java pattern.
        ("from_unixtime", [Int(_), String(pattern)]) if pattern.contains("yyyy") => {
            from_unix(&args[0]).and_then(|time| write(&Timestamp(time), Pattern::java(pattern)))
        }
        ("to_unixtime", [Timestamp(time)]) => Ok(Float(time.and_utc().timestamp_millis() as f64 / 1000.0)),
        ("at_timezone" | "with_timezone", [Timestamp(time), String(zone)]) if is_utc(zone) => Ok(Timestamp(*time)),
        ("last_day_of_month" | "last_day", [x]) => last_day(x),
        ("make_date", [Int(year), Int(month), Int(day)]) => {
            make_date(*year, *month, *day).map(Date).ok_or(Fault::Error)
        }
        (_, [x]) => return field(name, x),
        _ => return None,
    })
}

/// One field of a date or time, as a number.
fn field(name: &str, x: &Value) -> Option<Outcome> {
    let of_date: Option<fn(NaiveDate) -> i64> = match name {
        "year" => Some(|d| d.year().into()),
        "quarter" => Some(|d| (d.month0() / 3 + 1).into()),
        "month" => Some(|d| d.month().into()),
        "week" | "week_of_year" | "weekofyear" => Some(|d| d.iso_week().week().into()),
        "year_of_week" | "yow" => Some(|d| d.iso_week().year().into()),
        "day" | "day_of_month" | "dayofmonth" => Some(|d| d.day().into()),
        "day_of_year" | "doy" => Some(|d| d.ordinal().into()),
        "day_of_week" | "dow" => Some(|d| d.weekday().number_from_monday().into()),
        _ => None,
    };
    if let Some(of_date) = of_date {
        return Some(x.time().map(|time| Value::Int(of_date(time.date()))).ok_or(Fault::Unknown));
    }
    let Value::Timestamp(time) = x else { return None };
    match name {
        "hour" => Some(Ok(Value::Int(time.hour().into()))),
        "minute" => Some(Ok(Value::Int(time.minute().into()))),
        "second" => Some(Ok(Value::Int(time.second().into()))),
        _ => None,
    }
}

/// The date of a date, time or text, as Hive's and Spark's functions read it: what follows the date is ignored.
fn hive_date(x: &Value) -> Result<NaiveDate, Fault> {
    match x {
        Value::String(text) => {
            let date = text.trim().split([' ', 'T']).next().unwrap_or("");
            cast::read_date(date).ok_or(Fault::Unknown)
        }
        other => other.time().map(|time| time.date()).ok_or(Fault::Unknown),
    }
}

/// A unit that a value of this type can be counted in: a date has no hours (an error in Trino).
fn unit_for(unit: &str, x: &Value) -> Result<Unit, Fault> {
    let unit = Unit::parse(unit).ok_or(Fault::Error)?;
    match x {
        Value::Date(_) if unit < Unit::Day => Err(Fault::Error),
        Value::Date(_) | Value::Timestamp(_) => Ok(unit),
        _ => Err(Fault::Unknown),
    }
}

fn add(unit: &str, n: i64, x: &Value) -> Outcome {
    let by = unit_for(unit, x)?.interval(n).ok_or(Fault::Error)?;
    shift(x.clone(), by)
}

/// Whole units from `a` to `b`.
fn difference(unit: &str, a: &Value, b: &Value) -> Outcome {
    let (unit, _) = (unit_for(unit, a)?, unit_for(unit, b)?);
    let (Some(a), Some(b)) = (a.time(), b.time()) else { return Err(Fault::Unknown) };
    let step = unit.interval(1).ok_or(Fault::Error)?;
    if step.months == 0 {
        return Ok(Value::Int(b.signed_duration_since(a).num_milliseconds() / step.milliseconds));
    }
    let (from, to, sign) = if a <= b { (a, b, 1) } else { (b, a, -1) };
    let months = i64::from(to.year() - from.year()) * 12 + i64::from(to.month()) - i64::from(from.month());
    let reached = shift_time(from, Interval { months, milliseconds: 0 }).ok_or(Fault::Error)?;
    let whole = if reached > to { months - 1 } else { months };
    Ok(Value::Int(sign * (whole / step.months)))
}

fn trunc(unit: &str, x: &Value) -> Outcome {
    let unit = unit_for(unit, x)?;
    let time = x.time().and_then(|time| truncate(time, unit)).ok_or(Fault::Unknown)?;
    Ok(if matches!(x, Value::Date(_)) { Value::Date(time.date()) } else { Value::Timestamp(time) })
}

/// The start of the unit that a time lies in. Weeks start on Monday.
pub(in crate::expr) fn truncate(time: NaiveDateTime, unit: Unit) -> Option<NaiveDateTime> {
    let date = time.date();
    let of_hour = |hour, minute, second| Some(date.and_time(NaiveTime::from_hms_opt(hour, minute, second)?));
    match unit {
        Unit::Millisecond => time.with_nanosecond(time.nanosecond() / 1_000_000 * 1_000_000),
        Unit::Second => of_hour(time.hour(), time.minute(), time.second()),
        Unit::Minute => of_hour(time.hour(), time.minute(), 0),
        Unit::Hour => of_hour(time.hour(), 0, 0),
        Unit::Day => Some(midnight(date)),
        Unit::Week => {
            let since_monday = TimeDelta::days(date.weekday().num_days_from_monday().into());
            midnight(date).checked_sub_signed(since_monday)
        }
        Unit::Month => date.with_day(1).map(midnight),
        Unit::Quarter => NaiveDate::from_ymd_opt(date.year(), date.month0() / 3 * 3 + 1, 1).map(midnight),
        Unit::Year => NaiveDate::from_ymd_opt(date.year(), 1, 1).map(midnight),
    }
}

/// A pattern without `%` is one of Hive's and Spark's `date_format`: Trino's would give back the pattern itself.
fn mysql_or_java(pattern: &str) -> Option<Pattern> {
    if pattern.contains('%') { Pattern::mysql(pattern) } else { Pattern::java(pattern) }
}

/// Trino's Teradata functions: `yyyy-mm-dd hh24:mi:ss` (<https://trino.io/docs/current/functions/teradata.html>). Letters
/// beside its fields are not accepted; fields that Joda writes in another way are not modelled.
fn teradata(pattern: &str) -> Option<Pattern> {
    const FIELDS: [(&str, &str); 7] =
        [("yyyy", "yyyy"), ("hh24", "HH"), ("mm", "MM"), ("dd", "dd"), ("mi", "mm"), ("ss", "ss"), ("hh", "hh")];
    let mut joda = String::new();
    let mut rest = pattern;
    while let Some(next) = rest.chars().next() {
        match FIELDS.iter().find(|(field, _)| rest.starts_with(field)) {
            Some((field, written)) => {
                joda.push_str(written);
                rest = &rest[field.len()..];
            }
            None if "-/,.;: ".contains(next) => {
                joda.push(next);
                rest = &rest[1..];
            }
            None => return None,
        }
    }
    Pattern::joda(&joda)
}

fn write(x: &Value, pattern: Option<Pattern>) -> Outcome {
    let time = x.time().ok_or(Fault::Unknown)?;
    pattern.and_then(|p| p.format(time)).map(Value::String).ok_or(Fault::Unknown)
}

fn read(pattern: Option<Pattern>, text: &str) -> Result<NaiveDateTime, Fault> {
    pattern.ok_or(Fault::Unknown)?.parse(text).ok_or(Fault::Error)
}

/// `2020-05-11`, `2020-W10-1`, `2020-W10` (its Monday), `2020-123`.
fn iso_date(text: &str) -> Option<NaiveDate> {
    let week = text.contains("-W") && text.len() == 8;
    let text = if week { format!("{text}-1") } else { text.to_string() };
    ["%Y-%m-%d", "%G-W%V-%u", "%Y-%j"].iter().find_map(|format| NaiveDate::parse_from_str(&text, format).ok())
}

fn iso_timestamp(text: &str) -> Outcome {
    match (iso_date(text), cast::read_timestamp(text)) {
        (Some(date), _) | (None, Ok(Value::Date(date))) => Ok(Value::Timestamp(midnight(date))),
        (None, outcome) => outcome,
    }
}

fn from_unix(seconds: &Value) -> Result<NaiveDateTime, Fault> {
    let milliseconds = match seconds {
        Value::Int(n) => n.checked_mul(1000),
        Value::Float(x) if x.abs() < 9.0e15 => Some((x * 1000.0).round() as i64),
        _ => None,
    };
    let time = milliseconds.and_then(DateTime::from_timestamp_millis);
    time.map(|time| time.naive_utc()).ok_or(Fault::Error)
}

fn is_utc(zone: &str) -> bool {
    ["utc", "gmt", "z", "etc/utc", "+00:00"].contains(&zone.trim().to_ascii_lowercase().as_str())
}

fn last_day(x: &Value) -> Outcome {
    let date = hive_date(x)?;
    let first = date.with_day(1).ok_or(Fault::Error)?;
    let next = first.checked_add_months(chrono::Months::new(1)).ok_or(Fault::Error)?;
    next.pred_opt().map(Value::Date).ok_or(Fault::Error)
}

fn make_date(year: i64, month: i64, day: i64) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}
