//! Placeholders outside of quotes: `"MaxAttempts": ${retries}`. They are overwritten with as many bytes that are JSON.

use std::ops::Range;

/// Bytes; a bound, so that a file of opening brackets takes no quadratic time.
const LONGEST: usize = 4096;

/// JSON without its placeholders.
#[derive(Debug, Default)]
pub(super) struct Masked {
    /// As long as the text that it stands for.
    pub text: String,
    /// The placeholders, in text order.
    holes: Vec<Range<usize>>,
}

impl Masked {
    /// The placeholder that starts at a byte.
    pub fn hole(&self, start: usize) -> Option<Range<usize>> {
        let index = self.holes.binary_search_by_key(&start, |hole| hole.start).ok()?;
        Some(self.holes[index].clone())
    }
}

/// Overwrites what is no JSON but stands for some: `${x}`, `{{ x }}`, `__NAME__`, `<NAME>`. A value becomes `0`, a key `"  "`, and
/// a placeholder for whole entries `"":0`.
pub(super) fn mask(text: &str) -> Masked {
    let mut scan = Scan { text, at: 0, open: Vec::new(), last: b' ' };
    let mut masked = Masked { text: String::with_capacity(text.len()), holes: Vec::new() };
    while scan.at < text.len() {
        let start = scan.at;
        match placeholder(&text[start..]) {
            Some(len) => {
                masked.holes.push(start..start + len);
                masked.text.push_str(&scan.replacement(len));
                scan.at += len;
                scan.last = b'0';
            }
            None => {
                scan.step();
                masked.text.push_str(&text[start..scan.at]);
            }
        }
    }
    masked
}

/// A place in the text.
struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// Brackets that are open.
    open: Vec<u8>,
    /// The last character that is not blank.
    last: u8,
}

impl Scan<'_> {
    /// Passes a string, a comment or one character.
    fn step(&mut self) {
        let rest = &self.text[self.at..];
        let first = rest.as_bytes()[0];
        let len = match first {
            b'"' => string_len(rest),
            b'/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
        self.at += len;
        match first {
            b'{' | b'[' => self.open.push(first),
            b'}' | b']' => drop(self.open.pop()),
            _ => (),
        }
        if !first.is_ascii_whitespace() && first != b'/' {
            self.last = first;
        }
    }

    fn replacement(&self, len: usize) -> String {
        let is_key = self.open.last() == Some(&b'{') && matches!(self.last, b'{' | b',');
        let after = self.text[self.at + len..].trim_start();
        match is_key {
            true if after.starts_with(':') => format!("\"{:width$}\"", "", width = len - 2),
            true => format!("{:<len$}", "\"\":0"),
            false => format!("{:<len$}", "0"),
        }
    }
}

/// Bytes of the string at the start of `text`, quotes included.
fn string_len(text: &str) -> usize {
    let mut at = 1;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8),
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Bytes of the placeholder at the start of `text`; at least four, and not more than people write.
fn placeholder(text: &str) -> Option<usize> {
    let most = (0..=text.len().min(LONGEST)).rev().find(|at| text.is_char_boundary(*at))?;
    let text = &text[..most];
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/' | ' '))
    };
    let len = match text.as_bytes() {
        [b'$', b'{', ..] => balanced(text, 1)?,
        [b'{', b'{', ..] => text.find("}}")? + 2,
        [b'_', b'_', ..] => {
            let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
            text[..end].ends_with("__").then_some(end)?
        }
        [b'<', ..] => {
            let end = text.find('>')?;
            is_name(&text[1..end]).then_some(end + 1)?
        }
        _ => return None,
    };
    (len >= 4).then_some(len)
}

/// The end of the bracket that opens at `open`: brackets and strings inside of it are passed.
fn balanced(text: &str, open: usize) -> Option<usize> {
    let (mut depth, mut at) = (0usize, open);
    while at < text.len() {
        match text.as_bytes()[at] {
            b'"' => at += string_len(&text[at..]) - 1,
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(at + 1),
            b'}' => depth -= 1,
            _ => (),
        }
        at += 1;
    }
    None
}
