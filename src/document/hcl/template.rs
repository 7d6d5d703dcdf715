//! Quoted strings and heredocs: escapes decoded, indentation removed, the place of every byte kept.

use std::ops::Range;
use std::sync::Arc;

use crate::document::Text;
use crate::lake::TextMap;

/// The decoded text of a stretch between two interpolations of a quoted string.
pub(super) fn decode_quoted(text: &Text, range: Range<usize>) -> Text {
    let mut decoded = Decoded::new(text);
    decoded.push_decoded(range, |rest| escape(rest).or_else(|| marker(rest)));
    decoded.finish()
}

/// The decoded texts of the stretches between the interpolations of a heredoc, which has its lines' common indentation removed
/// when it starts with `<<-`.
pub(super) fn decode_heredoc(text: &Text, stretches: &[Range<usize>], is_flush: bool) -> Vec<Text> {
    let indent = if is_flush { common_indent(text, stretches) } else { 0 };
    let decode = |(i, stretch): (usize, &Range<usize>)| {
        let mut decoded = Decoded::new(text);
        for (at, line) in lines(text, stretch) {
            let starts_line = at > stretch.start || i == 0;
            let removed = if starts_line && !is_blank(line) { indent.min(indent_of(line)) } else { 0 };
            decoded.push_decoded(at + removed..at + line.len(), marker);
        }
        decoded.finish()
    };
    stretches.iter().enumerate().map(decode).collect()
}

/// The least indentation of all lines, as HCL counts it: blank lines do not count, a line that starts with an interpolation has
/// none. <https://github.com/hashicorp/hcl/blob/main/hclsyntax/parser_template.go>
fn common_indent(text: &Text, stretches: &[Range<usize>]) -> usize {
    let mut least = usize::MAX;
    let last = stretches.len().saturating_sub(1);
    for (i, stretch) in stretches.iter().enumerate() {
        let ends_with_line = text.value[stretch.clone()].ends_with('\n') || (i == 0 && stretch.is_empty());
        if i < last && ends_with_line {
            least = 0;
        }
        for (at, line) in lines(text, stretch) {
            if (at > stretch.start || i == 0) && !is_blank(line) {
                least = least.min(indent_of(line));
            }
        }
    }
    if least == usize::MAX { 0 } else { least }
}

/// The lines of a stretch, line feeds included, with their offsets.
fn lines<'a>(text: &'a Text, stretch: &Range<usize>) -> impl Iterator<Item = (usize, &'a str)> {
    let start = text.value.as_ptr() as usize;
    text.value[stretch.clone()].split_inclusive('\n').map(move |line| (line.as_ptr() as usize - start, line))
}

fn is_blank(line: &str) -> bool {
    line.ends_with('\n') && line.trim().is_empty()
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// A decoded stretch that starts the rest: its length in the text, and what it stands for.
type Escape = (usize, String);

fn escape(rest: &str) -> Option<Escape> {
    let code = rest.strip_prefix('\\')?.chars().next()?;
    let hex = |digits: usize| {
        let number = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
        Some((2 + digits, char::from_u32(number)?.to_string()))
    };
    let short = |value: &str| Some((2, value.to_string()));
    match code {
        'n' => short("\n"),
        'r' => short("\r"),
        't' => short("\t"),
        '"' => short("\""),
        '\\' => short("\\"),
        'u' => hex(4),
        'U' => hex(8),
        _ => None,
    }
}

fn marker(rest: &str) -> Option<Escape> {
    let is_marker = rest.starts_with("$${") || rest.starts_with("%%{");
    is_marker.then(|| (3, rest[1..3].to_string()))
}

/// A text that grows stretch by stretch.
struct Decoded<'a> {
    text: &'a Text,
    value: String,
    map: TextMap,
}

impl Decoded<'_> {
    fn new(text: &Text) -> Decoded<'_> {
        Decoded { text, value: String::new(), map: TextMap::empty(text.map.file()) }
    }

    /// Appends a range of the text with its escapes decoded.
    fn push_decoded(&mut self, range: Range<usize>, decode: impl Fn(&str) -> Option<Escape>) {
        let mut plain = range.start;
        let mut at = range.start;
        while at < range.end {
            let rest = &self.text.value[at..range.end];
            let special = rest.find(['\\', '$', '%']).unwrap_or(rest.len());
            at += special;
            match decode(&rest[special..]) {
                Some((len, value)) => {
                    self.push_plain(plain..at);
                    self.value.push_str(&value);
                    self.map.push(value.len(), self.text.map.span(at..at + len).range());
                    at += len;
                    plain = at;
                }
                None => at += rest[special..].chars().next().map_or(0, char::len_utf8),
            }
        }
        self.push_plain(plain..range.end);
    }

    fn push_plain(&mut self, range: Range<usize>) {
        self.value.push_str(&self.text.value[range.clone()]);
        self.map.push_part(&self.text.map, range);
    }

    fn finish(self) -> Text {
        Text { value: Arc::from(self.value), map: self.map }
    }
}
