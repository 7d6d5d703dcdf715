//! The SQL of a query state: literal, or put together from literals and what only the run knows.
//!
//! What the run knows becomes a `${placeholder}`, which the SQL reader takes for a value or a name.

use std::ops::Range;

use crate::document::{Node, Text, TextBuilder, Value};
use crate::lake::{QueryText, Span};

use super::field::{Field, jsonata};
use super::{intrinsic, jsonata as expression};

/// Calls within calls that are followed.
const MOST_NESTED: usize = 10;
/// Longest name that is made of an expression.
const LONGEST_NAME: usize = 60;

/// The SQL of a `QueryString`.
pub(super) fn sql(field: Field<'_>) -> (QueryText, Option<Text>) {
    let text = match field {
        Field::Absent => return (QueryText::Missing, None),
        Field::Open(Some(node)) => computed(node),
        Field::Written(node) => written(node),
        Field::Open(None) => None,
    };
    match text.filter(|text| !is_placeholder(&text.value)) {
        Some(text) if text.value.trim().is_empty() => (QueryText::Missing, None),
        Some(text) => (QueryText::Known, Some(text)),
        None => (QueryText::Dynamic, None),
    }
}

/// Whether the deployment or the run decides on all of the text.
fn is_placeholder(text: &str) -> bool {
    let text = text.trim().trim_end_matches(';');
    let wrapped = |open: &str, close: &str| {
        text.strip_prefix(open).is_some_and(|rest| rest.find(close).is_some_and(|at| at + close.len() == rest.len()))
    };
    wrapped("${", "}") || wrapped("{{", "}}") || wrapped("<", ">")
}

/// A literal, or literals that CloudFormation joins.
fn written(node: &Node) -> Option<Text> {
    match &node.value {
        Value::Text(text) => Some(text.clone()),
        Value::Map(map) => match map.entries.as_slice() {
            [entry] if entry.key == "Fn::Sub" => match &entry.value.value {
                Value::List(parts) => parts.first()?.as_text().cloned(),
                _ => entry.value.as_text().cloned(),
            },
            [entry] if entry.key == "Fn::Join" => joined(&entry.value),
            _ => None,
        },
        _ => None,
    }
}

fn joined(arguments: &Node) -> Option<Text> {
    let [separator, parts] = arguments.as_list()? else { return None };
    let file = arguments.span.file;
    let mut out = TextBuilder::new(file);
    for (i, part) in parts.as_list()?.iter().enumerate() {
        if part.span.file != file || part.as_text().is_some_and(|text| text.map.file() != file) {
            return None;
        }
        if i > 0 {
            let start = part.span.range().start;
            out.push_opaque(separator.as_str()?, Span::new(file, start..start));
        }
        match part.as_text() {
            Some(text) => out.push_text(text),
            None => out.push_opaque(&super::field::text_of(part)?, part.span),
        }
    }
    Some(out.build())
}

/// A text that an expression of the run gives.
fn computed(node: &Node) -> Option<Text> {
    let text = node.as_text()?;
    let mut out = TextBuilder::new(text.map.file());
    match jsonata(&text.value) {
        Some((start, inner)) => concatenated(text, start, inner, &mut out)?,
        None => formatted(text, 0..text.value.len(), 0, &mut out)?,
    }
    Some(out.build())
}

/// `States.Format('select ... {}', $.x)`.
fn formatted(text: &Text, whole: Range<usize>, depth: usize, out: &mut TextBuilder) -> Option<()> {
    let call =
        intrinsic::call(&text.value, whole).filter(|call| call.name == "States.Format" && depth < MOST_NESTED)?;
    let (template, values) = call.arguments.split_first()?;
    let template = intrinsic::literal(&text.value, template)?;
    let mut values = values.iter();
    let bytes = text.value.as_bytes();
    let mut at = template.start;
    while at < template.end {
        let plain = bytes[at..template.end].iter().take_while(|b| !matches!(b, b'\\' | b'{')).count();
        out.push_part(text, at..at + plain);
        at += plain;
        let special = &text.value[at..template.end];
        let len = if let Some(escaped) = special.strip_prefix('\\').and_then(|rest| rest.chars().next()) {
            let escape = text.map.span(at..at + 1 + escaped.len_utf8());
            out.push_opaque(escaped.encode_utf8(&mut [0; 4]), escape);
            1 + escaped.len_utf8()
        } else if special.starts_with("{}") {
            let value = values.next().map_or_else(|| "${_}".to_owned(), |value| value_of(text, value, depth));
            out.push_opaque(&value, text.map.span(at..at + 2));
            2
        } else {
            let len = special.chars().next().map_or(0, char::len_utf8);
            out.push_part(text, at..at + len);
            len
        };
        at += len;
    }
    Some(())
}

/// What stands in a template for `{}`.
fn value_of(text: &Text, range: &Range<usize>, depth: usize) -> String {
    let expression = &text.value[range.clone()];
    if let Some(literal) = intrinsic::literal(&text.value, range) {
        return unescaped(&text.value[literal]);
    }
    if expression.parse::<f64>().is_ok() {
        return expression.to_owned();
    }
    let mut inner = TextBuilder::new(text.map.file());
    match formatted(text, range.clone(), depth + 1, &mut inner) {
        Some(()) => inner.build().value.to_string(),
        None => placeholder(expression),
    }
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    out
}

/// `"select ... " & $x & "..."`.
fn concatenated(text: &Text, start: usize, inner: &str, out: &mut TextBuilder) -> Option<()> {
    let tokens = expression::tokens(inner);
    let mut has_literal = false;
    for operand in operands(&tokens)? {
        match operand {
            [one] if one.kind == expression::Kind::Text => {
                has_literal = true;
                let quoted = start + one.range.start..start + one.range.end;
                push_literal(text, quoted, out);
            }
            [first, .., last] | [first @ last] => {
                let range = first.range.start..last.range.end;
                let name = placeholder(&inner[range.clone()]);
                out.push_opaque(&name, text.map.span(start + range.start..start + range.end));
            }
            [] => return None,
        }
    }
    has_literal.then_some(())
}

/// What `&` joins. `None` when anything but `&` decides on the text: a condition, a block, an assignment.
fn operands<'t, 'a>(tokens: &'t [expression::Token<'a>]) -> Option<Vec<&'t [expression::Token<'a>]>> {
    let mut depth = 0usize;
    let mut operands = Vec::new();
    let mut start = 0;
    for (i, token) in tokens.iter().enumerate() {
        let is_outside = depth == 0;
        match (token.kind, token.text) {
            (expression::Kind::Sign, "(" | "[" | "{") => depth += 1,
            (expression::Kind::Sign, ")" | "]" | "}") => depth = depth.checked_sub(1)?,
            (expression::Kind::Sign, "&") if is_outside => {
                operands.push(&tokens[start..i]);
                start = i + 1;
            }
            (
                expression::Kind::Sign,
                "?" | ":" | ";" | ":=" | "~>" | "?:" | "??" | "=" | "!=" | "<" | ">" | "<=" | ">=",
            ) if is_outside => {
                return None;
            }
            (expression::Kind::Name, "and" | "or" | "in") if is_outside => return None,
            _ => {}
        }
    }
    operands.push(&tokens[start..]);
    Some(operands)
}

/// The inside of a quoted text, with its escapes.
fn push_literal(text: &Text, quoted: Range<usize>, out: &mut TextBuilder) {
    let quote = text.value[quoted.clone()].chars().next().unwrap_or('"');
    let from = quoted.start + quote.len_utf8();
    let is_closed = quoted.len() > quote.len_utf8() && text.value[..quoted.end].ends_with(quote);
    let to = if is_closed { quoted.end - quote.len_utf8() } else { quoted.end };
    let mut at = from;
    while at < to {
        let plain = text.value[at..to].find('\\').unwrap_or(to - at);
        out.push_part(text, at..at + plain);
        at += plain;
        if at < to {
            let (decoded, len) = escape(&text.value[at..to]);
            out.push_opaque(decoded.encode_utf8(&mut [0; 4]), text.map.span(at..at + len));
            at += len;
        }
    }
}

/// The character that an escape at the start means, and the bytes it takes.
fn escape(text: &str) -> (char, usize) {
    let Some(c) = text[1..].chars().next() else { return ('\\', 1) };
    let code = || char::from_u32(u32::from_str_radix(text.get(2..6)?, 16).ok()?);
    match c {
        'n' => ('\n', 2),
        't' => ('\t', 2),
        'r' => ('\r', 2),
        'b' => ('\u{8}', 2),
        'f' => ('\u{c}', 2),
        'u' => code().map_or(('u', 2), |decoded| (decoded, 6)),
        _ => (c, 1 + c.len_utf8()),
    }
}

/// A name for what an expression gives: `$.dates.day` is `${dates.day}`.
fn placeholder(expression: &str) -> String {
    let path = intrinsic::path(expression);
    let end = path.find(['(', '\n']).filter(|_| path.starts_with("States.")).unwrap_or(path.len());
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' };
    let name: String = path[..end].trim_start_matches(['$', '.']).chars().map(plain).take(LONGEST_NAME).collect();
    let name = name.trim_matches(['_', '.']);
    match name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => format!("${{{name}}}"),
        false => format!("${{_{name}}}"),
    }
}
