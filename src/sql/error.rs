//! Parser errors in the tool's words, at the furthest token that was reached.

use std::ops::Range;

use sqlparser::parser::ParserError;

use super::lexer::Lexer;
use super::parse::ParseError;

/// Turns the parser's error into one with a byte range. `furthest` is the start of the furthest token it tried: an error after
/// backtracking names an earlier one.
pub(super) fn from_parser(
    error: &ParserError,
    text: &str,
    statement: Range<usize>,
    furthest: Option<usize>,
) -> ParseError {
    let message = match error {
        ParserError::ParserError(message) | ParserError::TokenizerError(message) => message,
        ParserError::RecursionLimitExceeded => return too_deep(text, statement),
    };
    let (message, reported) = without_location(message);
    let start = reported.filter(|at| statement.contains(at));
    let (start, expected) = match (start, furthest.filter(|at| statement.contains(at))) {
        (Some(start), Some(furthest)) if furthest > start => (furthest, None),
        // Without a location the parser stands at the end.
        (start, _) => (start.unwrap_or(statement.end), Some(message)),
    };
    let range = token_at(text, start, statement.end);
    let found = if range.is_empty() { "the end of the statement".to_string() } else { quote(&text[range.clone()]) };
    let expected = expected.and_then(wanted).unwrap_or_else(|| "the statement to go on".to_string());
    ParseError {
        range,
        message: format!("expected {expected}, found {found}"),
        help: "correct the statement, or leave it out of the check with `exclude` if it is not for Athena".to_string(),
    }
}

fn too_deep(text: &str, statement: Range<usize>) -> ParseError {
    ParseError {
        range: token_at(text, statement.start, statement.end),
        message: "expected simpler nesting, found more levels than lakelint reads".to_string(),
        help: "split the statement with WITH clauses or views".to_string(),
    }
}

/// The message without its ` at Line: 1, Column: 7`, and that column as a byte offset.
fn without_location(message: &str) -> (&str, Option<usize>) {
    match message.rsplit_once(" at Line: ") {
        Some((message, location)) => {
            let column = location.rsplit_once("Column: ").and_then(|(_, column)| column.trim().parse::<usize>().ok());
            (message, column.and_then(|column| column.checked_sub(1)))
        }
        None => (message, None),
    }
}

/// What an `Expected: x, found: y` message wants.
fn wanted(message: &str) -> Option<String> {
    let rest = message.strip_prefix("Expected: ").or_else(|| message.strip_prefix("Expected "))?;
    let wanted = rest.split_once(", found").map_or(rest, |(wanted, _)| wanted);
    Some(match wanted {
        "EOF" | "end of statement" => "the end of the statement".to_string(),
        "an SQL statement" => "a statement".to_string(),
        wanted if wanted.chars().any(char::is_lowercase) => wanted.to_lowercase(),
        keyword => quote(keyword),
    })
}

/// The token that starts at an offset, or an empty range at the end.
fn token_at(text: &str, start: usize, end: usize) -> Range<usize> {
    Lexer::new(text, start..end).find(|l| !l.kind.is_blank()).map_or(end..end, |l| l.range())
}

fn quote(text: &str) -> String {
    const LONGEST: usize = 40;
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > LONGEST {
        format!("`{}...`", line.chars().take(LONGEST).collect::<String>())
    } else {
        format!("`{line}`")
    }
}
