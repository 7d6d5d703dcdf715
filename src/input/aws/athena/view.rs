//! What `SHOW CREATE VIEW` answers, as a statement about the view's full name.

use crate::lake::TableName;

/// The statement that makes a view, under this name. Athena writes the name with or without its database and catalog.
pub(super) fn statement(name: &TableName, shown: &str) -> Option<String> {
    let rest = word(shown.trim_start(), "create")?;
    let rest = word(rest, "or").and_then(|rest| word(rest, "replace")).unwrap_or(rest);
    let mut rest = identifier(word(rest, "view")?)?;
    while let Some(more) = rest.trim_start().strip_prefix('.') {
        rest = identifier(more.trim_start())?;
    }
    let mut rest = rest.trim_start();
    if let Some(comment) = word(rest, "comment") {
        rest = text(comment)?.trim_start();
    }
    if let Some(security) = word(rest, "security") {
        rest = word(security, "definer").or_else(|| word(security, "invoker"))?;
    }
    let query = word(rest, "as")?.trim_end().trim_end_matches(';').trim_end();
    let quoted: Vec<String> = name.0.iter().map(|part| format!("\"{}\"", part.replace('"', "\"\""))).collect();
    (!query.is_empty()).then(|| format!("CREATE VIEW {} AS\n{query}", quoted.join(".")))
}

/// What follows a word in any case, from the next character that is no space.
fn word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word))?;
    let rest = &text[head.len()..];
    let ends = rest.chars().next().is_none_or(|next| !next.is_alphanumeric() && next != '_');
    ends.then(|| rest.trim_start())
}

/// What follows one part of a name.
fn identifier(text: &str) -> Option<&str> {
    match text.chars().next()? {
        quote @ ('"' | '`') => after_quote(&text[1..], quote),
        _ => {
            let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
            (end > 0).then(|| &text[end..])
        }
    }
}

/// What follows a text in single quotes.
fn text(text: &str) -> Option<&str> {
    after_quote(text.strip_prefix('\'')?, '\'')
}

/// What follows the end of quoted text; a doubled quote is no end.
fn after_quote(text: &str, quote: char) -> Option<&str> {
    let mut from = 0;
    loop {
        let end = from + text[from..].find(quote)?;
        match text[end + 1..].starts_with(quote) {
            true => from = end + 2,
            false => return Some(&text[end + 1..]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_keeps_its_query_under_its_full_name() {
        let name = TableName::parse("lake.v");
        let cases = [
            "CREATE VIEW v AS\nSELECT 1",
            "CREATE VIEW lake.v AS\nSELECT 1\n",
            "create or replace view \"awsdatacatalog\".\"lake\".\"v\" as SELECT 1;",
            "CREATE VIEW \"a \"\" as b\" COMMENT 'it''s as it is' SECURITY DEFINER AS SELECT 1",
            "CREATE VIEW `v` SECURITY INVOKER AS SELECT 1",
        ];
        for shown in cases {
            let expected = Some("CREATE VIEW \"lake\".\"v\" AS\nSELECT 1".to_string());
            assert_eq!(statement(&name, shown), expected, "{shown}");
        }
        for shown in [
            "",
            "CREATE VIEW",
            "CREATE VIEW v",
            "CREATE VIEW v AS ",
            "CREATE TABLE v AS SELECT 1",
            "ä",
            "CREATE VIEW \"v",
        ] {
            assert_eq!(statement(&name, shown), None, "{shown}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "(create |view |as |or |replace |comment |['\"`.äv ]){0,8}") {
            statement(&TableName::parse("a.b"), &text);
        }
    }
}
