//! Expressions that cannot be evaluated because a part of them is unknown.

use std::error::Error as _;
use std::ops::Range;

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind};

use super::builtins::NOT_KNOWN;
use super::scan::tags;
use super::values::Unknown;

/// Limits of the engine: what meets one is known well enough.
const LIMITS: [&str; 3] = ["recursion limit", "too many elements", "too large"];

/// A template with what is unknown in place of the expression that went wrong, and all else where it was. `None` where something
/// else went wrong.
pub(super) fn without(cause: &Error, text: &str) -> Option<String> {
    let detail = cause.detail().unwrap_or_default();
    let is_meant = match cause.kind() {
        // An error that has a source is one that somebody raised.
        ErrorKind::InvalidOperation => cause.source().is_some() || LIMITS.iter().any(|limit| detail.contains(limit)),
        ErrorKind::CannotUnpack => false,
        _ => true,
    };
    if is_meant {
        return None;
    }
    let (range, unknown) = match cause.kind() {
        ErrorKind::CannotUnpack => unpacked(text, cause.range()?.start)?,
        _ => (cause.range()?, NOT_KNOWN),
    };
    let spaces = text.get(range.clone())?.len().checked_sub(unknown.len())?;
    Some(format!("{}{unknown}{}{}", &text[..range.start], " ".repeat(spaces), &text[range.end..]))
}

/// Names of several unknown values, of which `{% set a, b = ... %}` takes two.
const TUPLES: [&str; 5] = ["__t2", "__t3", "__t4", "__t5", "__t6"];

/// Names of a row of them each, of which `{% for a, b in ... %}` takes two.
const ROWS: [&str; 5] = ["__r2", "__r3", "__r4", "__r5", "__r6"];

pub(super) fn add(environment: &mut Environment<'static>) {
    for (at, (tuple, row)) in TUPLES.into_iter().zip(ROWS).enumerate() {
        let values = vec![Unknown::value(); at + 2];
        environment.add_global(tuple, values.clone());
        environment.add_global(row, vec![Value::from(values)]);
    }
}

/// What `{% set a, b = ... %}` and `{% for a, b in ... %}` take apart, and as many unknown values.
fn unpacked(text: &str, at: usize) -> Option<(Range<usize>, &'static str)> {
    let tag = tags(text).into_iter().find(|tag| tag.range.contains(&at))?;
    let inner = tag.inner_range(text);
    let (sign, names) = match tag.word(text) {
        "set" => ("=", TUPLES),
        "for" => (" in ", ROWS),
        _ => return None,
    };
    let start = inner.start + text[inner.clone()].find(sign)? + sign.len();
    let more = text[inner.start..start].matches(',').count().checked_sub(1)?;
    Some((start..inner.end, names.get(more)?))
}
