//! The comments of a Terraform file: `#` and `//` to the end of the line, `/* ... */`.

use crate::document::Text;
use crate::lake::Span;

/// What the scanner is inside of.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    /// Braces of a body, an object or an interpolation.
    Braces,
    Quotes,
}

/// Comments in text order. The text has been parsed: what stands in quotes and heredocs is closed.
pub(super) fn comments(text: &Text) -> Vec<Span> {
    let source = &*text.value;
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut stack = vec![Inside::Braces];
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        at += match stack.last() {
            Some(Inside::Quotes) => quoted(rest, &mut stack),
            _ => match comment_len(rest) {
                Some(len) => {
                    found.push(text.map.span(at..at + len));
                    len
                }
                None => code(rest, &mut stack),
            },
        };
    }
    found
}

/// One step in quotes.
fn quoted(rest: &[u8], stack: &mut Vec<Inside>) -> usize {
    match rest {
        [b'\\', _, ..] => 2,
        [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => 3,
        [b'$' | b'%', b'{', ..] => {
            stack.push(Inside::Braces);
            2
        }
        [b'"', ..] => {
            stack.pop();
            1
        }
        _ => 1,
    }
}

/// One step outside of quotes and comments.
fn code(rest: &[u8], stack: &mut Vec<Inside>) -> usize {
    match rest[0] {
        b'"' => stack.push(Inside::Quotes),
        b'{' => stack.push(Inside::Braces),
        b'}' if stack.len() > 1 => {
            stack.pop();
        }
        b'<' => return heredoc_len(rest).unwrap_or(1),
        _ => {}
    }
    1
}

fn comment_len(rest: &[u8]) -> Option<usize> {
    match rest {
        [b'#', ..] | [b'/', b'/', ..] => {
            let line = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
            Some(line - rest[..line].ends_with(b"\r") as usize)
        }
        [b'/', b'*', ..] => {
            let end = rest[2..].windows(2).position(|two| two == b"*/");
            Some(end.map_or(rest.len(), |end| end + 4))
        }
        _ => None,
    }
}

/// The length of a heredoc from `<<` to the end of its last line.
fn heredoc_len(rest: &[u8]) -> Option<usize> {
    let opening = rest.strip_prefix(b"<<")?;
    let opening = opening.strip_prefix(b"-").unwrap_or(opening);
    let first_line = opening.split(|b| *b == b'\n').next()?;
    let delimiter = first_line.trim_ascii();
    if delimiter.is_empty() || !delimiter.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')) {
        return None;
    }
    let mut at = rest.len() - opening.len() + first_line.len() + 1;
    for line in rest.get(at..)?.split(|b| *b == b'\n') {
        at += line.len();
        if line.trim_ascii_start().strip_prefix(delimiter).is_some_and(|after| !is_name(after)) {
            return Some(at);
        }
        at += 1;
    }
    Some(rest.len())
}

fn is_name(after: &[u8]) -> bool {
    after.first().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}
