//! Scalars of YAML: which value a plain one is, and where the bytes of a text stand.

use std::ops::Range;

use granit_parser::ScalarStyle;

use super::{Text, Value};
use crate::lake::TextMap;

/// A plain scalar that is no text, by the core schema: <https://yaml.org/spec/1.2.2/#103-core-schema>.
pub(super) fn plain_value(plain: &str) -> Option<Value> {
    match plain {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Value::Null),
        "true" | "True" | "TRUE" => return Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Some(Value::Bool(false)),
        _ => (),
    }
    let radix = |digits: &str, radix| u64::from_str_radix(digits, radix).ok().map(|number| number as f64);
    let number = match plain.as_bytes() {
        [b'0', b'x', b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..] => radix(&plain[2..], 16),
        [b'0', b'o', b'0'..=b'7', ..] => radix(&plain[2..], 8),
        [b'-' | b'+' | b'.' | b'0'..=b'9', ..] if plain.bytes().any(|b| b.is_ascii_digit()) => plain.parse().ok(),
        _ => None,
    };
    number.map(Value::Number)
}

/// Where the `|` or `>` of a block stands whose content starts behind `before`.
pub(super) fn block_mark(before: &str) -> Option<usize> {
    let before = before.trim_end();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = &before[line_start..];
    let is_mark = |at: usize| {
        let rest = line[at + 1..].trim_start_matches(['+', '-', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        rest.is_empty() || rest.trim_start().starts_with('#') && rest.starts_with([' ', '\t'])
    };
    line.match_indices(['|', '>']).map(|(at, _)| at).find(|at| is_mark(*at)).map(|at| line_start + at)
}

/// The text of a scalar that stands in `range` of `outer`, quotes or the mark of the block included.
pub(super) fn text_of(value: &str, style: ScalarStyle, outer: &Text, range: Range<usize>) -> Text {
    let mut align = Align {
        value,
        raw: &outer.value[range.clone()],
        start: range.start,
        outer,
        at: 0,
        map: TextMap::empty(outer.map.file()),
    };
    let aligned = match style {
        ScalarStyle::Plain => align.flow(0..range.len(), style),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => align.flow(1..range.len().saturating_sub(1), style),
        ScalarStyle::Literal | ScalarStyle::Folded => align.block(),
    };
    if aligned.is_none() || align.map.len() != value.len() {
        align.map = TextMap::empty(outer.map.file());
        align.at = 0;
        align.opaque(value.len(), 0..range.len());
    }
    Text { value: value.into(), map: align.map }
}

/// Walks through the decoded and the written text side by side; what does not agree ends the walk.
struct Align<'a> {
    value: &'a str,
    raw: &'a str,
    /// Of `raw` in `outer`.
    start: usize,
    outer: &'a Text,
    /// Bytes of `value` that are mapped.
    at: usize,
    map: TextMap,
}

impl Align<'_> {
    /// The next `len` bytes of the value stand as they are at `raw`.
    fn same(&mut self, raw: Range<usize>) -> Option<()> {
        let text = self.raw.get(raw.clone())?;
        if !self.value[self.at..].starts_with(text) {
            return None;
        }
        self.map.push_part(&self.outer.map, self.start + raw.start..self.start + raw.end);
        self.at += text.len();
        Some(())
    }

    /// The next `len` bytes of the value are written in another way.
    fn opaque(&mut self, len: usize, raw: Range<usize>) {
        let outer = self.outer.map.span(self.start + raw.start..self.start + raw.end).range();
        // A range as long would claim that the bytes are the same.
        let outer = if outer.len() == len { outer.start..outer.start } else { outer };
        self.map.push(len, outer);
        self.at += len;
    }

    /// Line breaks and the indentation after them: the value has line feeds, a blank, or nothing in their place.
    fn fold(&mut self, raw: Range<usize>) {
        let rest = &self.value[self.at..];
        let feeds = rest.bytes().take_while(|byte| *byte == b'\n').count();
        let len = if feeds == 0 && rest.starts_with(' ') { 1 } else { feeds };
        if len > 0 {
            self.opaque(len, raw);
        }
    }

    /// A plain or quoted scalar, without its quotes.
    fn flow(&mut self, raw: Range<usize>, style: ScalarStyle) -> Option<()> {
        let mut at = raw.start;
        while at < raw.end {
            let rest = &self.raw[at..raw.end];
            let plain = rest.find(|c: char| special(c, style)).unwrap_or(rest.len());
            if plain > 0 {
                self.same(at..at + plain)?;
                at += plain;
                continue;
            }
            at += match rest.as_bytes()[0] {
                b'\\' => self.escape(at, rest)?,
                b'\'' => {
                    self.value[self.at..].starts_with('\'').then_some(())?;
                    self.opaque(1, at..at + 2);
                    2
                }
                _ => self.blanks(at, rest)?,
            };
        }
        Some(())
    }

    /// Blanks that may hold a line break.
    fn blanks(&mut self, at: usize, rest: &str) -> Option<usize> {
        let len = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        match rest[..len].contains('\n') {
            true => self.fold(at..at + len),
            false => self.same(at..at + len)?,
        }
        Some(len)
    }

    /// <https://yaml.org/spec/1.2.2/#57-escaped-characters>
    fn escape(&mut self, at: usize, rest: &str) -> Option<usize> {
        let code = rest[1..].chars().next()?;
        if matches!(code, '\n' | '\r') {
            // A line break that does not count, and the indentation of the next line.
            return Some(rest.len() - rest[1..].trim_start_matches([' ', '\t', '\r', '\n']).len());
        }
        let len = match code {
            'x' => 4,
            // The two halves of a pair are one character.
            'u' if rest.get(2..3).is_some_and(|c| c.eq_ignore_ascii_case("d")) && rest.get(6..8) == Some("\\u") => 12,
            'u' => 6,
            'U' => 10,
            other => 1 + other.len_utf8(),
        };
        let decoded = self.value[self.at..].chars().next()?;
        let len = if len == 12 && decoded.len_utf16() == 1 { 6 } else { len };
        rest.get(..len)?;
        self.opaque(decoded.len_utf8(), at..at + len);
        Some(len)
    }

    /// `|` and `>`: lines without their indentation.
    fn block(&mut self) -> Option<()> {
        let mut at = self.raw.find('\n')? + 1;
        let body = &self.raw[at..];
        let indent = self.indent(body);
        let mut gap = at..at;
        for line in body.split_inclusive('\n') {
            let content = line.trim_end_matches(['\n', '\r']);
            let skipped = content.len() - content.trim_start_matches(' ').len();
            let from = at + skipped.min(indent);
            gap.end = from;
            // Blanks that go on behind the indentation are content.
            if at + content.len() > from {
                self.break_before(&gap)?;
                self.same(from..at + content.len())?;
                gap = at + content.len()..at + content.len();
            }
            at += line.len();
            gap.end = at;
        }
        let rest = self.value.len() - self.at;
        if rest > 0 {
            self.value[self.at..].bytes().all(|byte| byte == b'\n').then_some(())?;
            self.break_before(&gap)?;
        }
        Some(())
    }

    /// The line breaks between two lines of content. Where none is folded, each stands for itself.
    fn break_before(&mut self, gap: &Range<usize>) -> Option<()> {
        let rest = &self.value[self.at..];
        let feeds = rest.bytes().take_while(|byte| *byte == b'\n').count();
        let written = &self.raw[gap.clone()];
        if feeds == 0 || written.matches('\n').count() != feeds {
            self.fold(gap.clone());
            return Some(());
        }
        for (at, _) in written.match_indices('\n') {
            self.same(gap.start + at..gap.start + at + 1)?;
        }
        Some(())
    }

    /// Blanks before each line: what the value's first line of content lacks.
    fn indent(&self, body: &str) -> usize {
        let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let first = body.lines().find(|line| !line.trim().is_empty()).map_or(0, blanks);
        let kept = self.value.lines().find(|line| !line.trim().is_empty()).map_or(0, blanks);
        first.saturating_sub(kept)
    }
}

fn special(c: char, style: ScalarStyle) -> bool {
    match c {
        ' ' | '\t' | '\r' | '\n' => true,
        '\\' => style == ScalarStyle::DoubleQuoted,
        '\'' => style == ScalarStyle::SingleQuoted,
        _ => false,
    }
}
