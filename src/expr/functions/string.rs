//! String functions. Positions count characters from 1.
//!
//! Source: Trino, "String functions and operators".

use super::LONGEST_TEXT;
use crate::expr::Value;
use crate::expr::cast::text_of;
use crate::expr::eval::{Fault, Outcome};

/// Functions of [`call`] that are NULL when an argument is.
pub(super) const NAMES: &[&str] = &[
    "char_length",
    "character_length",
    "chr",
    "codepoint",
    "ends_with",
    "format",
    "instr",
    "length",
    "locate",
    "lower",
    "lpad",
    "ltrim",
    "position",
    "replace",
    "reverse",
    "rpad",
    "rtrim",
    "split_part",
    "starts_with",
    "strpos",
    "substr",
    "substring",
    "translate",
    "trim",
    "upper",
];

/// Functions that look at NULLs themselves.
pub(super) fn call_with_nulls(name: &str, args: &[Value]) -> Option<Outcome> {
    match (name, args) {
        ("concat", args) => Some(concat(args)),
        ("concat_ws", [separator, Value::Array(items)]) => Some(concat_with(separator, items)),
        ("concat_ws", [separator, rest @ ..]) => Some(concat_with(separator, rest)),
        _ => None,
    }
}

pub(super) fn call(name: &str, args: &[Value]) -> Option<Outcome> {
    use Value::{Bool, Int, String};
    let number = |n: usize| Ok(Int(i64::try_from(n).unwrap_or(i64::MAX)));
    let text = |s: &str| Ok(String(s.to_string()));
    Some(match (name, args) {
        ("length" | "char_length" | "character_length", [String(s)]) => number(s.chars().count()),
        ("lower", [String(s)]) => Ok(String(map_case(s, char::to_lowercase))),
        ("upper", [String(s)]) => Ok(String(map_case(s, char::to_uppercase))),
        ("trim", [String(s)]) => text(s.trim()),
        ("ltrim", [String(s)]) => text(s.trim_start()),
        ("rtrim", [String(s)]) => text(s.trim_end()),
        ("trim", [String(s), String(set)]) => text(s.trim_matches(|c| set.contains(c))),
        ("ltrim", [String(s), String(set)]) => text(s.trim_start_matches(|c| set.contains(c))),
        ("rtrim", [String(s), String(set)]) => text(s.trim_end_matches(|c| set.contains(c))),
        ("reverse", [String(s)]) => Ok(String(s.chars().rev().collect())),
        ("substr" | "substring", [String(s), Int(start)]) => Ok(String(substring(s, *start, i64::MAX))),
        ("substr" | "substring", [String(s), Int(start), Int(length)]) => Ok(String(substring(s, *start, *length))),
        ("lpad", [String(s), Int(size), String(pad)]) => padded(s, *size, pad, true),
        ("rpad", [String(s), Int(size), String(pad)]) => padded(s, *size, pad, false),
        ("replace", [String(s), String(search)]) => Ok(String(s.replace(search.as_str(), ""))),
        ("replace", [String(s), String(search), String(by)]) => limited(s.replace(search.as_str(), by)),
        ("strpos" | "instr", [String(s), String(part)]) | ("position" | "locate", [String(part), String(s)]) => {
            number(s.find(part.as_str()).map_or(0, |at| s[..at].chars().count() + 1))
        }
        ("translate", [String(s), String(from), String(to)]) => Ok(String(translate(s, from, to))),
        ("split_part", [String(s), String(separator), Int(index)]) => split_part(s, separator, *index),
        ("starts_with", [String(s), String(prefix)]) => Ok(Bool(s.starts_with(prefix.as_str()))),
        ("ends_with", [String(s), String(suffix)]) => Ok(Bool(s.ends_with(suffix.as_str()))),
        ("chr", [Int(n)]) => {
            u32::try_from(*n).ok().and_then(char::from_u32).map(|c| String(c.to_string())).ok_or(Fault::Error)
        }
        ("codepoint", [String(s)]) => match (s.chars().next(), s.chars().count()) {
            (Some(c), 1) => Ok(Int(u32::from(c).into())),
            _ => Err(Fault::Error),
        },
        ("format", [String(pattern), values @ ..]) => format(pattern, values),
        _ => return None,
    })
}

/// `||` and `concat`: NULL when an operand is. Numbers and dates join as their text, as Spark does; Trino rejects such a
/// query before it reads anything.
pub(in crate::expr) fn concat(values: &[Value]) -> Outcome {
    if values.contains(&Value::Null) {
        return Ok(Value::Null);
    }
    if values.iter().all(|v| matches!(v, Value::Array(_))) {
        let items = |v: &Value| if let Value::Array(items) = v { items.clone() } else { Vec::new() };
        return Ok(Value::Array(values.iter().flat_map(items).collect()));
    }
    let parts: Option<Vec<String>> = values.iter().map(text_of).collect();
    parts.ok_or(Fault::Unknown).and_then(|parts| limited(parts.concat()))
}

/// `concat_ws`: NULL values are left out.
fn concat_with(separator: &Value, values: &[Value]) -> Outcome {
    match separator {
        Value::Null => Ok(Value::Null),
        Value::String(separator) => {
            let present = values.iter().filter(|v| **v != Value::Null);
            let parts: Option<Vec<String>> = present.map(text_of).collect();
            parts.ok_or(Fault::Unknown).and_then(|parts| limited(parts.join(separator)))
        }
        _ => Err(Fault::Unknown),
    }
}

fn limited(text: String) -> Outcome {
    if text.len() <= LONGEST_TEXT { Ok(Value::String(text)) } else { Err(Fault::Unknown) }
}

/// Character by character, as Trino does: a letter whose other case has several characters stays.
fn map_case<I: Iterator<Item = char>>(text: &str, convert: fn(char) -> I) -> String {
    let one = |c: char| {
        let mut converted = convert(c);
        match (converted.next(), converted.next()) {
            (Some(single), None) => single,
            _ => c,
        }
    };
    text.chars().map(one).collect()
}

/// A negative start counts from the end; a start of 0, or outside of the text, gives an empty text.
fn substring(text: &str, start: i64, length: i64) -> String {
    let count = text.chars().count() as i64;
    let skip = if start > 0 { start - 1 } else { count.saturating_add(start) };
    if start == 0 || skip < 0 || skip >= count || length <= 0 {
        return String::new();
    }
    text.chars().skip(skip as usize).take(usize::try_from(length).unwrap_or(usize::MAX)).collect()
}

/// Fills up to a size in characters, or cuts down to it.
fn padded(text: &str, size: i64, pad: &str, left: bool) -> Outcome {
    let size = usize::try_from(size).map_err(|_| Fault::Error)?;
    if pad.is_empty() {
        return Err(Fault::Error);
    }
    if size > LONGEST_TEXT {
        return Err(Fault::Unknown);
    }
    let kept: String = text.chars().take(size).collect();
    let fill: String = pad.chars().cycle().take(size - kept.chars().count()).collect();
    Ok(Value::String(if left { fill + &kept } else { kept + &fill }))
}

/// Characters of `from` become those of `to` at the same place, or vanish where `to` is shorter.
fn translate(text: &str, from: &str, to: &str) -> String {
    let convert = |c: char| match from.chars().position(|f| f == c) {
        Some(at) => to.chars().nth(at),
        None => Some(c),
    };
    text.chars().filter_map(convert).collect()
}

fn split_part(text: &str, separator: &str, index: i64) -> Outcome {
    if index <= 0 {
        return Err(Fault::Error);
    }
    if separator.is_empty() {
        return Err(Fault::Unknown);
    }
    let part = usize::try_from(index - 1).ok().and_then(|n| text.split(separator).nth(n));
    Ok(part.map_or(Value::Null, |part| Value::String(part.to_string())))
}

/// Java's `format` with `%s`, `%d`, `%5d`, `%05d` and `%%`; other conversions are unknown.
fn format(pattern: &str, values: &[Value]) -> Outcome {
    let mut out = String::new();
    let mut values = values.iter();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let (width, after) = after.split_at(digits);
        let fill = if width.starts_with('0') { '0' } else { ' ' };
        let wide: usize = if width.is_empty() { 0 } else { width.parse().map_err(|_| Fault::Unknown)? };
        let shown = match (after.chars().next(), width) {
            (Some('%'), "") => "%".to_string(),
            (Some('s'), _) if fill == ' ' => values.next().and_then(text_of).ok_or(Fault::Unknown)?,
            (Some('d'), _) => match values.next() {
                Some(Value::Int(n)) if *n >= 0 || fill == ' ' => n.to_string(),
                _ => return Err(Fault::Unknown),
            },
            _ => return Err(Fault::Unknown),
        };
        if wide > LONGEST_TEXT {
            return Err(Fault::Unknown);
        }
        out.extend(std::iter::repeat_n(fill, wide.saturating_sub(shown.chars().count())));
        out.push_str(&shown);
        // The conversion letter is ASCII: one byte.
        rest = &after[1..];
    }
    limited(out + rest)
}
