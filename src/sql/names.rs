//! Names of statements: `-- name: daily revenue`, directly above a statement or in it.

use std::collections::HashMap;
use std::ops::Range;

use super::lexer::{Kind, Lexer};

const MARK: &str = "name:";

/// The names of a file's statements, by where the statement starts; of several names the first counts.
pub(super) fn names(text: &str, statements: &[Range<usize>]) -> HashMap<usize, String> {
    let mut names = HashMap::new();
    if !text.contains(MARK) {
        return names;
    }
    for comment in Lexer::new(text, 0..text.len()).filter(|lexeme| lexeme.kind == Kind::Comment) {
        let Some(name) = name(&text[comment.range()]) else { continue };
        // The statement that ends after the comment's start: it holds the comment or is the next one.
        let statement = statements.partition_point(|statement| statement.end <= comment.start);
        if let Some(statement) = statements.get(statement) {
            names.entry(statement.start).or_insert(name);
        }
    }
    names
}

/// What a comment names; `None` for other comments.
fn name(comment: &str) -> Option<String> {
    let inner = comment.trim_start_matches(['-', '/', '*', '{', '#']).trim_start().strip_prefix(MARK)?;
    let line = inner.trim_start().lines().next()?;
    let name = line.trim_end().trim_end_matches("*/").trim_end_matches("#}").trim_end();
    (!name.is_empty()).then(|| name.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::split;
    use super::*;

    #[test]
    fn a_comment_names_the_statement_below_or_around_it() {
        let text = "-- name: daily revenue\n-- by channel\nselect 1;\n/* name: all orders */ select 2;\nselect 3;\n\
                    select 4 -- name: inside\nfrom t;\n{# name: jinja #}\nselect 5;\n-- name: first\n-- name: second\nselect 6; \
                    -- name:\nselect '-- name: no';\n-- name: nothing below";
        let statements = split(text);
        let names = names(text, &statements);
        let named: Vec<(&str, Option<&str>)> = statements
            .iter()
            .map(|s| (text[s.clone()].lines().next().unwrap_or(""), names.get(&s.start).map(String::as_str)))
            .collect();
        assert_eq!(
            named,
            [
                ("select 1", Some("daily revenue")),
                ("select 2", Some("all orders")),
                ("select 3", None),
                ("select 4 -- name: inside", Some("inside")),
                ("select 5", Some("jinja")),
                ("select 6", Some("first")),
                ("select '-- name: no'", None),
            ]
        );
    }
}
