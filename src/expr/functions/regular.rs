//! Regular expression functions. Trino uses Java's syntax; a pattern that the `regex` crate does not read (look-around,
//! back-references) is unknown.

use std::cell::RefCell;

use regex::{Regex, RegexBuilder};

use super::LONGEST_TEXT;
use crate::expr::Value;
use crate::expr::eval::{Fault, Outcome};

/// Functions of [`call`] that are NULL when an argument is.
pub(super) const NAMES: &[&str] = &["regexp_extract", "regexp_like", "regexp_replace"];

thread_local! {
    /// The last pattern: one predicate is evaluated against every partition in turn.
    static LAST: RefCell<Option<(String, Regex)>> = const { RefCell::new(None) };
}

pub(super) fn call(name: &str, args: &[Value]) -> Option<Outcome> {
    use Value::{Int, String};
    Some(match (name, args) {
        ("regexp_like", [String(s), String(pattern)]) => compiled(pattern).map(|re| Value::Bool(re.is_match(s))),
        ("regexp_extract", [String(s), String(pattern)]) => extract(s, pattern, 0),
        ("regexp_extract", [String(s), String(pattern), Int(group)]) => extract(s, pattern, *group),
        ("regexp_replace", [String(s), String(pattern)]) => replace(s, pattern, ""),
        ("regexp_replace", [String(s), String(pattern), String(by)]) => replace(s, pattern, by),
        _ => return None,
    })
}

fn compiled(pattern: &str) -> Result<Regex, Fault> {
    LAST.with_borrow_mut(|last| {
        if let Some((text, regex)) = last
            && text == pattern
        {
            return Ok(regex.clone());
        }
        let regex = RegexBuilder::new(pattern).size_limit(1 << 20).build().map_err(|_| Fault::Unknown)?;
        *last = Some((pattern.to_string(), regex.clone()));
        Ok(regex)
    })
}

/// The first match, or a group of it; NULL when there is none.
fn extract(text: &str, pattern: &str, group: i64) -> Outcome {
    let regex = compiled(pattern)?;
    let group = usize::try_from(group).ok().filter(|g| *g < regex.captures_len()).ok_or(Fault::Error)?;
    let found = regex.captures(text).and_then(|captures| captures.get(group));
    Ok(found.map_or(Value::Null, |m| Value::String(m.as_str().to_string())))
}

fn replace(text: &str, pattern: &str, by: &str) -> Outcome {
    let regex = compiled(pattern)?;
    let by = replacement(by).ok_or(Fault::Unknown)?;
    let replaced = regex.replace_all(text, by.as_str()).into_owned();
    if replaced.len() <= LONGEST_TEXT { Ok(Value::String(replaced)) } else { Err(Fault::Unknown) }
}

/// Java's `$1` and `\$` in the crate's words: `${1}` and `$$`.
fn replacement(java: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = java.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                '$' => out.push_str("$$"),
                other => out.push(other),
            },
            '$' => {
                let digit = chars.next().filter(char::is_ascii_digit)?;
                // A second digit may or may not belong to the group's number.
                if chars.peek().is_some_and(char::is_ascii_digit) {
                    return None;
                }
                out.push_str(&format!("${{{digit}}}"));
            }
            other => out.push(other),
        }
    }
    Some(out)
}
