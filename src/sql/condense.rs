//! Whether a query leaves less than it reads: what decides if its result is worth keeping.

use super::lexer::{Kind, Lexer};

/// Functions that take a little out of a large text.
const EXTRACTS: [&str; 7] = [
    "from_json",
    "json_extract",
    "json_extract_scalar",
    "json_query",
    "json_value",
    "regexp_extract",
    "url_extract_parameter",
];

/// Whether a query groups, drops or numbers rows, or takes values out of texts. One that renames, casts and filters reads about what
/// its result would hold.
pub fn condenses(text: &str) -> bool {
    let mut before = "";
    for lexeme in Lexer::new(text, 0..text.len()).filter(|lexeme| !lexeme.kind.is_blank()) {
        let written = &text[lexeme.range()];
        let is = |word: &str| written.eq_ignore_ascii_case(word);
        let opens = lexeme.kind == Kind::Symbol && written.starts_with('(');
        let calls = |name: &&str| before.eq_ignore_ascii_case(name);
        let groups = is("by") && before.eq_ignore_ascii_case("group");
        let drops = lexeme.kind == Kind::Word && is("distinct");
        if groups || drops || opens && (calls(&"over") || EXTRACTS.iter().any(calls)) {
            return true;
        }
        before = if lexeme.kind == Kind::Word { written } else { "" };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::condenses;

    #[test]
    fn grouping_and_extracting_leave_less() {
        for (text, expected) in [
            ("select a, cast(b as date) as b from t where a > 1", false),
            ("select 'group by', \"distinct\" -- group by a\nfrom t order by a", false),
            ("select a, sum(b) from t GROUP  BY a", true),
            ("select distinct a from t", true),
            ("select row_number() over (partition by a) from t", true),
            ("select json_extract_scalar(payload, '$.a') from t", true),
            ("select over, json_value from t", false),
        ] {
            assert_eq!(condenses(text), expected, "{text}");
        }
    }
}
