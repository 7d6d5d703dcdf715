//! Which texts of a program are SQL: most are not, and prose starts with "select" and "update" too.

/// The words of SQL that a text starts with, lower case; `None` when it starts like none.
pub(super) fn starts_like_sql(text: &str) -> bool {
    let mut words = words(text);
    let Some(first) = words.next() else { return false };
    let second = words.next().unwrap_or_default();
    match first.as_str() {
        "select" | "with" => true,
        "insert" => second == "into" || second == "overwrite",
        "create" => ["table", "external", "or", "view", "database", "schema", "temporary", "temp", "global"]
            .contains(&second.as_str()),
        "cache" => second == "table" || second == "lazy",
        "merge" => second == "into",
        "delete" => second == "from",
        "update" | "unload" | "explain" | "prepare" | "optimize" | "vacuum" => true,
        "alter" | "drop" => ["table", "view", "database", "schema"].contains(&second.as_str()),
        "msck" => second == "repair",
        _ => false,
    }
}

/// Whether a text that nothing sends to a database is SQL all the same. It has to look like it: `Select a file from the list`
/// parses as SQL.
pub(super) fn is_sql(text: &str) -> bool {
    let (head, is_upper) = match first_word(text) {
        Some(word) if word.bytes().all(|b| b.is_ascii_uppercase()) => (word.to_ascii_lowercase(), true),
        Some(word) if word.bytes().all(|b| b.is_ascii_lowercase()) => (word.to_string(), false),
        _ => return false,
    };
    let has_from = || words(text).zip(words(text).skip(1)).any(|(word, next)| word == "from" && !is_prose(&next));
    let is_complete = match head.as_str() {
        "select" => has_from(),
        "with" => words(text).nth(2).is_some_and(|word| word == "as") && has_from(),
        "update" => words(text).nth(2).is_some_and(|word| word == "set") && text.contains('='),
        "delete" => has_from() && text.contains('='),
        "unload" => text.contains('('),
        "insert" | "merge" | "create" => true,
        // They read nothing.
        _ => false,
    };
    is_complete && (is_upper || text.contains(['*', '=', '(', '\n']) || text.contains("{"))
}

/// The name of the temporary view that a statement of Spark makes, in lower case.
pub(super) fn temporary_view(text: &str) -> Option<String> {
    let words: Vec<String> = words(text).take(9).collect();
    let mut rest = words.iter().map(String::as_str).peekable();
    let first = rest.next()?;
    let mut skip = |expected: &[&str]| while rest.next_if(|word| expected.contains(word)).is_some() {};
    match first {
        "create" => skip(&["or", "replace"]),
        // `CACHE TABLE name AS SELECT`; without a query it is a table's own name.
        "cache" if words.iter().any(|word| word == "as" || word == "select") => skip(&["lazy"]),
        _ => return None,
    }
    let is_it = match first {
        "create" => rest.next_if(|word| matches!(*word, "temp" | "temporary")).is_some() && rest.next() == Some("view"),
        _ => rest.next() == Some("table"),
    };
    let mut rest = rest.skip_while(|word| matches!(*word, "if" | "not" | "exists")).filter(|_| is_it);
    rest.next().map(str::to_owned)
}

/// Words that no table is called, and that follow "from" in prose.
fn is_prose(word: &str) -> bool {
    const WORDS: [&str; 21] = [
        "a",
        "all",
        "an",
        "another",
        "any",
        "available",
        "each",
        "here",
        "his",
        "its",
        "my",
        "one",
        "our",
        "s3",
        "that",
        "the",
        "their",
        "there",
        "these",
        "this",
        "your",
    ];
    WORDS.contains(&word)
}

/// The words of a text in lower case; comments in front of it are none of them.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let words =
        bare(text).split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '{' | '}'))).filter(|w| !w.is_empty());
    words.map(str::to_ascii_lowercase)
}

fn first_word(text: &str) -> Option<&str> {
    bare(text).split(|c: char| !c.is_ascii_alphanumeric()).next().filter(|word| !word.is_empty())
}

/// The text behind blanks, brackets and comments.
fn bare(text: &str) -> &str {
    let mut text = text;
    loop {
        text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '(' || c == ';');
        let end = match text {
            _ if text.starts_with("--") => text.find('\n'),
            _ if text.starts_with("/*") => text.find("*/").map(|end| end + 2),
            _ => return text,
        };
        text = end.map_or("", |end| &text[end..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_views_have_names() {
        for (sql, name) in [
            ("CREATE OR REPLACE TEMP VIEW Orders AS SELECT 1", Some("orders")),
            ("create temporary view if not exists `a` using parquet", Some("a")),
            ("CACHE LAZY TABLE hot AS SELECT a FROM b", Some("hot")),
            ("CACHE TABLE shop.orders", None),
            ("CREATE GLOBAL TEMP VIEW g AS SELECT 1", None),
            ("CREATE VIEW v AS SELECT 1", None),
            ("SELECT 1", None),
        ] {
            assert_eq!(temporary_view(sql).as_deref(), name, "{sql}");
        }
    }

    #[test]
    fn prose_is_no_sql() {
        for text in [
            "SELECT id FROM lake.orders",
            "select id, name from {table}",
            "-- all\nselect *\nfrom orders",
            "with x as (select 1 from t) select * from x",
            "INSERT INTO t SELECT a FROM u",
            "update t set a = 1",
            "delete from t where a = 1",
        ] {
            assert!(starts_like_sql(text) && is_sql(text), "{text}");
        }
        for text in [
            "Select a file from the list",
            "select the best of them from your menu (all)",
            "SELECT ONE FROM THE LIST",
            "update the table with new values",
            "delete from the list",
            "with care as ever",
            "select",
            "",
            "with",
            "Selected rows from lake.orders = 5",
            "drop table x",
        ] {
            assert!(!(starts_like_sql(text) && is_sql(text)), "{text}");
        }
    }
}
