//! Where to go on after a string, quoted name or comment that never closes.

use std::ops::Range;

/// Where a quote that closes only in a later statement should have closed: the text between holds the end of a statement, and
/// the next one starts in it.
pub(super) fn runaway(text: &str, inside: Range<usize>) -> Option<usize> {
    let start = inside.start;
    let bytes = text.as_bytes().get(inside).unwrap_or(&[]);
    if !bytes.contains(&b';') {
        return None;
    }
    statement_ends(bytes).map(|i| start + i).find(|end| starts_statement(text.get(end + 1..).unwrap_or("")))
}

/// The next semicolon at a line's end, or the next line that starts a statement, or the text's end.
pub(super) fn recover(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or("");
    let semicolon = statement_ends(rest.as_bytes()).next();
    let line = rest
        .match_indices('\n')
        .map(|(i, _)| i)
        .find(|i| !rest[i + 1..].starts_with([' ', '\t', '(']) && starts_statement(&rest[i + 1..]));
    semicolon.into_iter().chain(line).min().map_or(text.len(), |i| at + i)
}

/// Whether the semicolon that a text starts with ends a line and a statement starts behind it.
pub(super) fn ends_before_statement(text: &str) -> bool {
    let rest = text[1..].trim_start_matches([' ', '\t', '\r']);
    rest.starts_with('\n') && starts_statement(rest)
}

/// Offsets of semicolons that end a line.
fn statement_ends(bytes: &[u8]) -> impl Iterator<Item = usize> {
    bytes.iter().enumerate().filter(|(_, b)| **b == b';').map(|(i, _)| i).filter(|i| {
        let after = bytes[i + 1..].iter().find(|b| !matches!(b, b' ' | b'\t' | b'\r'));
        matches!(after, None | Some(b'\n'))
    })
}

const STATEMENT_STARTS: [&str; 26] = [
    "alter", "call", "create", "delete", "desc", "describe", "drop", "execute", "explain", "grant", "insert", "merge",
    "msck", "optimize", "prepare", "revoke", "select", "set", "show", "truncate", "unload", "update", "use", "vacuum",
    "values", "with",
];

/// Whether the first word of a text, after blank space and comments, starts a statement.
fn starts_statement(text: &str) -> bool {
    let mut rest = text.trim_start();
    while rest.starts_with("--") {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest).trim_start();
    }
    let word = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("");
    STATEMENT_STARTS.iter().any(|s| word.eq_ignore_ascii_case(s))
}
