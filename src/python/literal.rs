//! String literals to parts: what is written, and the holes that values fill when the program runs.

use std::ops::Range;

use tree_sitter::Node;

use super::syntax::{children, range, written};
use crate::document::{Text, TextBuilder};
use crate::lake::Span;

/// A part of a text that a program puts together.
#[derive(Debug, Clone)]
pub(super) enum Part {
    Written(Text),
    /// What only the running program knows.
    Hole {
        /// A name for people.
        name: String,
        /// Where the file writes it.
        place: Span,
    },
}

impl Part {
    /// The hole of an expression, named after what it reads.
    pub(super) fn hole(expression: Node<'_>, place: Range<usize>, text: &Text) -> Part {
        Part::Hole { name: name_of(written(expression, &text.value)), place: text.map.span(place) }
    }
}

/// A name that can stand in braces: `args["day"]` is `args`.
fn name_of(expression: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let name: String = expression.chars().take_while(|c| is_part(*c)).take(60).collect();
    let name = name.trim_end_matches('.');
    if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') { name.to_string() } else { "value".to_string() }
}

/// The parts of a string literal; `None` for bytes.
pub(super) fn parts(literal: Node<'_>, text: &Text) -> Option<Vec<Part>> {
    let program = &*text.value;
    let prefix = literal.child(0).filter(|start| start.kind() == "string_start")?;
    let prefix = written(prefix, program).trim_end_matches(['"', '\'']).to_ascii_lowercase();
    if prefix.contains('b') {
        return None;
    }
    let (is_raw, is_format) = (prefix.contains('r'), prefix.contains('f'));
    let mut parts = Vec::new();
    for child in children(literal) {
        match child.kind() {
            "string_content" if is_format => parts.push(decoded(text, range(child), is_raw, true)),
            "string_content" => fields(decoded(text, range(child), is_raw, false), &mut parts),
            "interpolation" => {
                let expression = child.child_by_field_name("expression").or_else(|| child.named_child(0));
                parts.push(Part::hole(expression.unwrap_or(child), range(child), text));
            }
            _ => {}
        }
    }
    Some(parts.into_iter().filter(|part| !matches!(part, Part::Written(text) if text.value.is_empty())).collect())
}

/// A stretch of a literal without its escapes.
fn decoded(text: &Text, stretch: Range<usize>, is_raw: bool, is_format: bool) -> Part {
    let mut builder = TextBuilder::new(text.map.file());
    let raw = text.value.get(stretch.clone()).unwrap_or_default();
    let mut at = 0;
    while at < raw.len() {
        let plain = raw[at..].find(['\\', '{', '}']).map_or(raw.len(), |next| at + next);
        builder.push_part(text, stretch.start + at..stretch.start + plain);
        at = plain;
        let rest = &raw[at..];
        let (len, value) = match rest.as_bytes() {
            [] => break,
            [b'\\', ..] if !is_raw => escape(rest),
            [first @ (b'{' | b'}'), second, ..] if is_format && first == second => (2, Some(char::from(*first))),
            _ => (1, rest.chars().next()),
        };
        let place = stretch.start + at..stretch.start + at + len;
        match value {
            Some(value) if len == 1 && rest.starts_with(value) => builder.push_part(text, place),
            Some(value) => builder.push_opaque(value.encode_utf8(&mut [0; 4]), text.map.span(place)),
            None => {}
        }
        at += len;
    }
    Part::Written(builder.build())
}

/// The length of the escape that a text starts with, and what it stands for: nothing at the end of a line. What is no escape is
/// a backslash. <https://docs.python.org/3/reference/lexical_analysis.html#escape-sequences>
fn escape(text: &str) -> (usize, Option<char>) {
    let digits = |from: usize, most: usize, radix: u32| {
        let found: String = text[from..].chars().take(most).take_while(|c| c.is_digit(radix)).collect();
        let value = u32::from_str_radix(&found, radix).ok().and_then(char::from_u32);
        (from + found.len(), Some(value.unwrap_or(char::REPLACEMENT_CHARACTER)))
    };
    match text.as_bytes().get(1) {
        Some(b'\n') => (2, None),
        Some(b'\r') if text.as_bytes().get(2) == Some(&b'\n') => (3, None),
        Some(b'\r') => (2, None),
        Some(b'n') => (2, Some('\n')),
        Some(b't') => (2, Some('\t')),
        Some(b'r') => (2, Some('\r')),
        Some(quote @ (b'\'' | b'"' | b'\\')) => (2, Some(char::from(*quote))),
        Some(b'a' | b'b' | b'f' | b'v') => (2, Some(' ')),
        Some(b'0'..=b'7') => digits(1, 3, 8),
        Some(b'x') => digits(2, 2, 16),
        Some(b'u') => digits(2, 4, 16),
        Some(b'U') => digits(2, 8, 16),
        _ => (1, Some('\\')),
    }
}

/// Longest field of `format`, in bytes.
const LONGEST_FIELD: usize = 80;

/// Adds a text of which `{}`, `{0}` and `{name:%Y}` may be fields of `format`; `{{ ds }}` is left to those who render it.
fn fields(part: Part, parts: &mut Vec<Part>) {
    let Part::Written(text) = &part else { return parts.push(part) };
    let value = &*text.value;
    let stretch = |range: Range<usize>| {
        let mut builder = TextBuilder::new(text.map.file());
        builder.push_part(text, range);
        Part::Written(builder.build())
    };
    let (mut from, mut at) = (0, 0);
    while let Some(open) = value[at..].find('{').map(|open| at + open) {
        let rest = &value[open..];
        at = match field(rest) {
            _ if rest.starts_with("{{") => open + rest.find("}}").map_or(2, |end| end + 2),
            Some(len) => {
                if from < open {
                    parts.push(stretch(from..open));
                }
                let place = text.map.span(open..open + len);
                parts.push(Part::Hole { name: name_of(&rest[1..len - 1]), place });
                from = open + len;
                from
            }
            None => open + 1,
        };
    }
    if from == 0 {
        parts.push(part);
    } else if from < value.len() {
        parts.push(stretch(from..value.len()));
    }
}

/// The length of the field that a text starts with.
fn field(text: &str) -> Option<usize> {
    let is_part = |c: &u8| c.is_ascii_alphanumeric() || b"_.[]!:%-".contains(c);
    let inner = text.bytes().skip(1).take(LONGEST_FIELD).take_while(is_part).count();
    (text.as_bytes().get(inner + 1) == Some(&b'}')).then_some(inner + 2)
}
