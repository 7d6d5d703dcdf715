//! The scalar functions that are evaluated: those of Trino, and names of Hive and Spark where they mean one thing only.
//!
//! Source: Trino, "Date and time functions and operators", "String functions", "Mathematical functions",
//! "Regular expression functions", "Array functions". A function that is not modelled is unknown, never an error.

mod array;
mod date;
mod math;
mod regular;
mod string;
mod unit;

use chrono::NaiveDateTime;

use super::eval::{Fault, Outcome};
use super::{AsOf, Value};

pub(super) use date::truncate;
pub(super) use string::concat;
pub(super) use unit::Unit;

/// Longest text that a function may build, in characters: more is no partition value.
const LONGEST_TEXT: usize = 100_000;

/// Calls a function by its lower-case name. NULL in gives NULL out, but for the few functions that say otherwise.
pub(super) fn call(name: &str, args: &[Value], as_of: AsOf) -> Outcome {
    if let Some(outcome) = string::call_with_nulls(name, args).or_else(|| array::call(name, args)) {
        return outcome;
    }
    if args.contains(&Value::Null) {
        let strict = [date::NAMES, string::NAMES, regular::NAMES, math::NAMES].concat().contains(&name);
        return if strict { Ok(Value::Null) } else { Err(Fault::Unknown) };
    }
    date::now(name, args, as_of)
        .or_else(|| date::call(name, args))
        .or_else(|| string::call(name, args))
        .or_else(|| regular::call(name, args))
        .or_else(|| math::call(name, args))
        .unwrap_or(Err(Fault::Unknown))
}

/// Functions whose value differs from row to row.
pub(super) fn differs_per_row(name: &str) -> bool {
    ["rand", "random", "uuid", "shuffle", "newid", "random_string", "monotonically_increasing_id"].contains(&name)
}

/// `substr(CAST(time AS varchar), start[, length])`. How a timestamp is written depends on its precision and time zone only
/// after the seconds: the first 19 characters are certain.
pub(super) fn part_of_timestamp_text(time: NaiveDateTime, bounds: &[Value]) -> Outcome {
    let certain = match bounds {
        [Value::Int(start), Value::Int(length)] => *start >= 1 && start.saturating_add(*length) <= 20,
        _ => false,
    };
    if !certain {
        return Err(Fault::Unknown);
    }
    let text = Value::String(time.format("%Y-%m-%d %H:%M:%S").to_string());
    string::call("substr", &[&[text], bounds].concat()).unwrap_or(Err(Fault::Unknown))
}

#[cfg(test)]
mod tests;
