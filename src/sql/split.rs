//! Statements of a text, separated by semicolons outside strings, quoted names, comments and Jinja.

use std::ops::Range;

use super::lexer::{Kind, Lexer};

/// Byte ranges of the statements of a file: comments, blank space and Jinja tags around a statement are left out, and a piece
/// that is nothing else is no statement. A string, name or comment that never closes ends its statement where the next one
/// seems to start.
pub fn split(text: &str) -> Vec<Range<usize>> {
    let mut statements = Vec::new();
    let mut current: Option<Range<usize>> = None;
    let mut has_sql = false;
    let mut close = |current: &mut Option<Range<usize>>, has_sql: &mut bool| {
        if let Some(range) = current.take()
            && std::mem::take(has_sql)
        {
            statements.push(range);
        }
    };
    for lexeme in Lexer::new(text, 0..text.len()) {
        match lexeme.kind {
            kind if kind.is_blank() => {}
            Kind::Symbol if &text[lexeme.range()] == ";" => close(&mut current, &mut has_sql),
            kind => {
                current.get_or_insert(lexeme.range()).end = lexeme.end;
                // A macro call alone says nothing about the SQL it renders to.
                has_sql |= kind != Kind::Placeholder;
                if kind == Kind::Unterminated && !text[lexeme.end..].starts_with(';') {
                    close(&mut current, &mut has_sql);
                }
            }
        }
    }
    close(&mut current, &mut has_sql);
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|r| &text[r]).collect()
    }

    #[test]
    fn semicolons_in_strings_names_comments_and_jinja_do_not_separate() {
        assert_eq!(
            pieces(
                "\u{feff}-- a; b\nselect ';', 'it''s;' ; /* x; */ select \";\", `a;b` -- c;\n from t\n;\n-- end; here\n"
            ),
            ["select ';', 'it''s;'", "select \";\", `a;b` -- c;\n from t"]
        );
        assert_eq!(
            pieces(
                "{{ config(a=';') }}\nselect {{ f(';') }}, ${a;b}, {# ; #} '{{ var('x;') }}' from t; {% set x = ';' %}"
            ),
            ["select {{ f(';') }}, ${a;b}, {# ; #} '{{ var('x;') }}' from t"]
        );
        assert_eq!(pieces(";;\n-- nothing\n;"), Vec::<&str>::new());
        assert_eq!(pieces("{{ run_hooks() }}"), Vec::<&str>::new());
    }

    #[test]
    fn backslashes_escape_in_hive_definitions_only() {
        assert_eq!(pieces("select '\\'; select 2"), ["select '\\'", "select 2"]);
        assert_eq!(
            pieces("create external table t (a string comment 'row\\'s; x') location 's3://b/'; select 2"),
            ["create external table t (a string comment 'row\\'s; x') location 's3://b/'", "select 2"]
        );
        assert_eq!(
            pieces("create table t with (field_delimiter = '\\') as select 1; select 2"),
            ["create table t with (field_delimiter = '\\') as select 1", "select 2"]
        );
    }

    #[test]
    fn an_unterminated_quote_or_comment_does_not_swallow_the_rest() {
        assert_eq!(
            pieces("select 'abc from t;\n\n-- it's next\nselect 'x' from u;\nselect 3"),
            ["select 'abc from t", "select 'x' from u", "select 3"]
        );
        assert_eq!(pieces("select \"a from t;\nselect 2;"), ["select \"a from t", "select 2"]);
        assert_eq!(pieces("select 1; /* open\nselect 2;\nselect 3"), ["select 1", "/* open", "select 2", "select 3"]);
        assert_eq!(pieces("select 'abc from t\nselect 2;\n"), ["select 'abc from t", "select 2"]);
        // A string may hold a line's end with a semicolon.
        assert_eq!(pieces("select 'a;\nb' from t;").len(), 1);
    }
}
