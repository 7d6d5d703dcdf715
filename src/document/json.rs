//! JSON to a tree: as it should be, and with the comments, trailing commas and placeholders that people's files have.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use jsonc_parser::ast::{self, ObjectPropName};
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{
    CollectOptions, CommentCollectionStrategy, ParseOptions, ParseResult, ParseStringErrorKind, parse_to_ast,
};

use super::json_placeholders::{Masked, mask};
use super::{Document, Entry, Map, MapStyle, Node, Problem, Text, Value};
use crate::lake::{Span, TextMap};

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Reads JSON. Comments and trailing commas are accepted; so are placeholders without quotes, as [`Value::Hole`].
pub fn parse_json(text: &Text) -> Result<Document, Problem> {
    let source = match text.value.strip_prefix(BYTE_ORDER_MARK) {
        // As many bytes, so that offsets stay.
        Some(rest) => Cow::Owned(format!("{:width$}{rest}", "", width = BYTE_ORDER_MARK.len())),
        None => Cow::Borrowed(&*text.value),
    };
    if let Ok(parsed) = parse(&source) {
        return document(parsed, text, &Masked::default());
    }
    let masked = mask(&source);
    match parse(&masked.text) {
        Ok(parsed) => document(parsed, text, &masked),
        Err(error) => Err(problem(&error, text, &masked.text)),
    }
}

fn parse(source: &str) -> Result<ParseResult<'_>, ParseError> {
    let collect = CollectOptions { comments: CommentCollectionStrategy::Separate, tokens: false };
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    parse_to_ast(source, &collect, &options)
}

fn document(parsed: ParseResult, text: &Text, masked: &Masked) -> Result<Document, Problem> {
    let Some(root) = parsed.value else {
        return Err(Problem {
            span: text.map.span(0..text.value.len()),
            message: "there is no value in this JSON".to_owned(),
            help: "write an object: `{ ... }`".to_owned(),
        });
    };
    let reader = Reader { text, masked };
    let ranges: BTreeSet<(usize, usize)> = (parsed.comments.iter().flatten())
        .flat_map(|(_, comments)| comments.iter().map(|comment| (comment.start(), comment.end())))
        .collect();
    let comments = ranges.into_iter().map(|(start, end)| text.map.span(start..end)).collect();
    Ok(Document { root: reader.node(&root), comments })
}

/// Turns the parser's tree into ours. It is as deep as the parser allows, which is 512.
struct Reader<'a> {
    text: &'a Text,
    masked: &'a Masked,
}

impl Reader<'_> {
    fn node(&self, value: &ast::Value) -> Node {
        let range = value.start()..value.end();
        if let Some(hole) = self.masked.hole(range.start) {
            return Node { span: self.span(hole.clone()), value: Value::Hole(self.text.value[hole].to_owned()) };
        }
        let span = self.span(range.clone());
        let value = match value {
            ast::Value::StringLit(_) => Value::Text(self.string(range)),
            ast::Value::NumberLit(number) => number.value.parse().map_or(Value::Null, Value::Number),
            ast::Value::BooleanLit(boolean) => Value::Bool(boolean.value),
            ast::Value::NullKeyword(_) => Value::Null,
            ast::Value::Array(array) => Value::List(array.elements.iter().map(|element| self.node(element)).collect()),
            ast::Value::Object(object) => Value::Map(self.map(object)),
        };
        Node { span, value }
    }

    fn map(&self, object: &ast::Object) -> Map {
        let entries = object.properties.iter().map(|property| self.entry(property)).collect();
        Map { entries, style: self.style(object) }
    }

    fn entry(&self, property: &ast::ObjectProp) -> Entry {
        let (name, value) = (range_of(&property.name), &property.value);
        let Some(hole) = self.masked.hole(name.start) else {
            let key = property.name.as_str().to_owned();
            return Entry { key, key_span: self.span(name), value: self.node(value) };
        };
        let key = self.text.value[hole.clone()].to_owned();
        let key_span = self.span(hole.clone());
        let value = match value.start() < hole.end {
            // `{ ${entries} }`: the placeholder is all there is.
            true => Node { span: key_span, value: Value::Hole(key.clone()) },
            false => self.node(value),
        };
        Entry { key, key_span, value }
    }

    /// A field can be inserted where quotes stand in the file as quotes: not in a text with escapes.
    fn style(&self, object: &ast::Object) -> MapStyle {
        let map = &self.text.map;
        let verbatim = |property: &ast::ObjectProp| {
            map.is_verbatim(range_of(&property.name)) && map.is_verbatim(property.end() - 1..property.end())
        };
        match object.properties.iter().all(verbatim) && map.is_verbatim(object.start()..object.start() + 1) {
            true => MapStyle::Json,
            false => MapStyle::Fixed,
        }
    }

    fn span(&self, range: Range<usize>) -> Span {
        self.text.map.span(range)
    }

    /// The string whose quotes are at the ends of `range`.
    fn string(&self, range: Range<usize>) -> Text {
        let inner = range.start + 1..range.end.saturating_sub(1).max(range.start + 1);
        let raw = &self.text.value[inner.clone()];
        let mut map = TextMap::empty(self.text.map.file());
        if !raw.contains('\\') {
            map.push_part(&self.text.map, inner);
            return Text { value: raw.into(), map };
        }
        let mut value = String::with_capacity(raw.len());
        let mut at = 0;
        while at < raw.len() {
            let start = inner.start + at;
            let plain = raw[at..].find('\\').unwrap_or(raw.len() - at);
            value.push_str(&raw[at..at + plain]);
            map.push_part(&self.text.map, start..start + plain);
            at += plain;
            if let Some((decoded, len)) = escape(&raw[at..]) {
                value.push(decoded);
                let outer = self.span(inner.start + at..inner.start + at + len).range();
                map.push(decoded.len_utf8(), outer);
                at += len;
            }
        }
        Text { value: value.into(), map }
    }
}

fn range_of(name: &ObjectPropName) -> Range<usize> {
    name.start()..name.end()
}

/// The character that an escape at the start of `raw` stands for, and the escape's bytes; `None` at the end of the text.
fn escape(raw: &str) -> Option<(char, usize)> {
    let mut chars = raw.chars();
    chars.next()?;
    let decoded = match chars.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return Some(unicode_escape(raw)),
        other => other,
    };
    Some((decoded, 1 + raw[1..].chars().next().map_or(0, char::len_utf8)))
}

fn unicode_escape(raw: &str) -> (char, usize) {
    let unit = |at: usize| raw.get(at..at + 4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
    let first = unit(2).unwrap_or(0xfffd);
    let second = if raw.get(6..8) == Some("\\u") { unit(8) } else { None };
    let pair = second.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
    match pair.filter(|decoded| decoded.len_utf16() == 2) {
        Some(decoded) => (decoded, 12),
        None => (char::from_u32(u32::from(first)).unwrap_or(char::REPLACEMENT_CHARACTER), raw.len().min(6)),
    }
}

fn problem(error: &ParseError, text: &Text, source: &str) -> Problem {
    let range = error.range();
    if let Some(open) = unclosed_string(source, range.end) {
        return Problem {
            span: text.map.span(open),
            message: "this text has no closing quote on its line".to_owned(),
            help: "close it with `\"`; write a line break inside of a text as `\\n`".to_owned(),
        };
    }
    let (message, help) = explain(error.kind(), source.get(range.start..range.end).unwrap_or_default());
    Problem { span: text.map.span(range.start..range.end), message, help: help.to_owned() }
}

fn explain(kind: &ParseErrorKind, met: &str) -> (String, &'static str) {
    use ParseErrorKind as Kind;
    let quote = "put keys and texts into double quotes";
    let plain = |message: &str, help| (message.to_owned(), help);
    match kind {
        Kind::ExpectedComma => plain("a comma is missing here", "put a comma between two values"),
        Kind::ExpectedColonAfterObjectKey => plain("a colon is missing after this key", "write `\"key\": value`"),
        Kind::ExpectedObjectValue => plain("this key has no value", "write `\"key\": value`"),
        Kind::ExpectedStringObjectProperty => (format!("the key `{met}` has no quotes"), quote),
        Kind::SingleQuotedStringsNotAllowed => plain("this text is in single quotes", quote),
        Kind::UnexpectedWord => (format!("`{met}` is no JSON value"), quote),
        Kind::MultipleRootJsonValues => plain("there is more after the end of the JSON value", "keep one value"),
        Kind::UnexpectedComma => plain("there is a comma where a value belongs", "remove it"),
        Kind::UnexpectedCloseBrace | Kind::UnexpectedCloseBracket | Kind::UnexpectedColon => {
            (format!("`{met}` stands where a value belongs"), "check the brackets before it")
        }
        Kind::UnterminatedArray => plain("this list is not closed", "close it with `]`"),
        Kind::UnterminatedObject => plain("this object is not closed", "close it with `}`"),
        Kind::UnterminatedCommentBlock => plain("this comment is not closed", "close it with `*/`"),
        Kind::NestingDepthExceeded => plain("the JSON is nested too deeply", "keep it below 250 levels"),
        Kind::String(ParseStringErrorKind::UnterminatedStringLiteral) => {
            plain("this text has no closing quote", "close it with `\"`")
        }
        Kind::String(_) => plain("this escape does not exist in JSON", "write a backslash as `\\\\`"),
        Kind::UnexpectedToken | Kind::UnexpectedTokenInObject if !met.trim().is_empty() => {
            (format!("`{}` is not expected here", met.lines().next().unwrap_or(met)), quote)
        }
        Kind::UnexpectedToken | Kind::UnexpectedTokenInObject => plain("this is not JSON", quote),
        // What is left concerns numbers.
        _ => plain("this number is not written as JSON has it", "write it as `30` or `1.5`"),
    }
}

/// The first text before `end` that runs over the end of its line: what the parser met later is a consequence.
fn unclosed_string(source: &str, end: usize) -> Option<Range<usize>> {
    let bytes = source.as_bytes();
    let mut open = None;
    let mut at = 0;
    while at < bytes.len() && (at < end || open.is_some()) {
        match (bytes[at], open) {
            (b'"', None) => open = Some(at),
            (b'"', Some(_)) => open = None,
            (b'\\', Some(_)) => at += 1,
            (b'\n', Some(start)) => return Some(start..at),
            (b'/', None) if source[at..].starts_with("//") => {
                at += source[at..].find('\n').unwrap_or(source.len() - at);
            }
            (b'/', None) if source[at..].starts_with("/*") => {
                at += source[at..].find("*/").unwrap_or(source.len() - at);
            }
            _ => (),
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lake::{FileId, Sources};

    fn read(text: &str) -> Result<Document, Problem> {
        parse_json(&Text::of_file(FileId(0), &text.into()))
    }

    fn place(text: &str, span: Span) -> (u32, u32, String) {
        let mut sources = Sources::default();
        let file = sources.add("a.json", text);
        let position = sources.position(file, span.start);
        (position.line, position.column, text[span.range()].to_owned())
    }

    #[test]
    fn values_know_their_places_and_comments_and_trailing_commas_are_accepted() {
        let text = "\u{feff}// all\n{\"é\": [1.5, true, null,], /* x */ \"b\": \"t\",\n}";
        let document = read(text).unwrap();
        let list = document.root.get("é").unwrap();
        assert_eq!(place(text, list.span), (2, 7, "[1.5, true, null,]".to_owned()));
        let values: Vec<&Value> = list.as_list().unwrap().iter().map(|node| &node.value).collect();
        assert_eq!(values, [&Value::Number(1.5), &Value::Bool(true), &Value::Null]);
        let entry = document.root.as_map().unwrap().entry("b").unwrap();
        assert_eq!(place(text, entry.key_span), (2, 35, "\"b\"".to_owned()));
        let comments: Vec<&str> = document.comments.iter().map(|span| &text[span.range()]).collect();
        assert_eq!(comments, ["// all", "/* x */"]);
        assert_eq!(document.root.as_map().unwrap().style, MapStyle::Json);
    }

    #[test]
    fn escapes_are_pieces_of_their_own() {
        let text = r#"{"q": "a\nb\u00e9\ud83d\ude00\"z"}"#;
        let document = read(text).unwrap();
        let query = document.root.get("q").unwrap().as_text().unwrap();
        assert_eq!(&*query.value, "a\nbé😀\"z");
        let outer = |needle: &str| {
            let at = query.value.find(needle).unwrap();
            &text[query.map.span(at..at + needle.len()).range()]
        };
        assert_eq!((outer("b"), outer("\n"), outer("é"), outer("😀")), ("b", "\\n", "\\u00e9", "\\ud83d\\ude00"));
        assert_eq!(outer("\"z"), "\\\"z");
    }

    #[test]
    fn json_in_the_text_of_json_has_places_in_the_file_and_no_slots() {
        let text = r#"{"DefinitionString": "{\"StartAt\": \"A\"}"}"#;
        let document = read(text).unwrap();
        let inner = parse_json(document.root.get("DefinitionString").unwrap().as_text().unwrap()).unwrap();
        let start = inner.root.get("StartAt").unwrap();
        assert_eq!(place(text, start.span), (1, 37, r#"\"A\""#.to_owned()));
        assert!(start.as_text().unwrap().map.is_verbatim(0..1));
        assert_eq!(inner.root.as_map().unwrap().style, MapStyle::Fixed);
    }

    #[test]
    fn placeholders_without_quotes_become_holes() {
        let text = "{\"a\": ${max}, \"b\": [__N__, <NAME>, {{ x }}], ${k}: 1, \"d\": {${more}}, \"e\": ${f({\"}\": 1})}, \
                    \"s\": \"${x}\"}";
        let document = read(text).unwrap();
        let hole = |node: &Node| match &node.value {
            Value::Hole(text) => text.clone(),
            other => panic!("{other:?}"),
        };
        let at = |key: &str| document.root.get(key).unwrap();
        assert_eq!(hole(at("a")), "${max}");
        assert_eq!(place(text, at("a").span), (1, 7, "${max}".to_owned()));
        let list: Vec<String> = at("b").as_list().unwrap().iter().map(hole).collect();
        assert_eq!(list, ["__N__", "<NAME>", "{{ x }}"]);
        assert_eq!(at("${k}").as_f64(), Some(1.0));
        assert_eq!(hole(at("d").get("${more}").unwrap()), "${more}");
        assert_eq!(hole(at("e")), "${f({\"}\": 1})}");
        assert_eq!(at("s").as_str(), Some("${x}"));
    }

    #[test]
    fn what_is_wrong_is_said_at_its_place() {
        let said = |text: &str| {
            let problem = read(text).unwrap_err();
            let (line, column, _) = place(text, problem.span);
            (line, column, problem.message)
        };
        assert_eq!(said("{\"a\": 1\n \"b\": 2}"), (1, 8, "a comma is missing here".to_owned()));
        assert_eq!(said("{\"a\": \"x,\n \"b\": 2}"), (1, 7, "this text has no closing quote on its line".to_owned()));
        assert_eq!(said("{\n\"a\": tru}").0, 2);
        assert_eq!(said("{\"a\": {").2, "this object is not closed");
        assert_eq!(said("{a: 1}"), (1, 2, "the key `a` has no quotes".to_owned()));
        assert_eq!(said("").2, "there is no value in this JSON");
        assert_eq!(said("{\"a\": 1} x").0, 1);
    }

    #[test]
    fn deep_nesting_is_a_problem_and_not_a_crash() {
        for open in ["[", "{\"a\":", "${", "{{", "<", "[\""] {
            assert!(read(&open.repeat(100_000)).is_err());
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_verbatim_texts_stand_in_the_file(
            text in r#"([{}\[\],:"\\/*$<>_ \nabé0-9]|\\u00e9|true|"a":|\$\{x\}|\{\{)*"#,
        ) {
            for text in [text.clone(), format!("{{\"k\": [\"{text}\"]}}"), format!("{{\"k\": {text}}}")] {
                if let Ok(document) = read(&text) {
                    document.root.check_places(&text);
                }
            }
        }
    }
}
