//! Placeholders that people keep in SQL text: values that only the caller knows.

use super::jinja;

/// Whether the content of a string literal holds a placeholder: `{{ ds }}`, `${date}`, `dt={x}`, or `%s`, `%(name)s`, `:name`,
/// `?`, `$1` as the whole of it. A `%` beside other text belongs to a LIKE pattern.
pub fn has_placeholder(text: &str) -> bool {
    is_whole(text.trim()) || text.match_indices('{').any(|(i, _)| opens_placeholder(&text[i..]))
}

/// Braces around a name, an expression or a format; not those of a JSON text or of a repetition in a regular expression.
fn opens_placeholder(text: &str) -> bool {
    if let Some(inner) = text.strip_prefix("{{") {
        return inner.contains("}}");
    }
    let Some(inner) = jinja::braces(text).and_then(|len| text.get(1..len - 1)) else { return false };
    inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && inner.chars().all(|c| c.is_ascii_alphanumeric() || "_.:%-[]()/ +".contains(c))
}

fn is_whole(text: &str) -> bool {
    let name = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    match text.as_bytes().first() {
        Some(b'%') => text == "%s" || text.strip_prefix("%(").and_then(|t| t.strip_suffix(")s")).is_some_and(name),
        Some(b'?') => text.len() == 1,
        Some(b':') => text.as_bytes().get(1).is_some_and(|b| !b.is_ascii_digit()) && name(&text[1..]),
        Some(b'$') => name(&text[1..]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::has_placeholder;

    #[test]
    fn placeholders_are_told_from_patterns_and_json() {
        for text in [
            "{{ ds }}",
            "${date}",
            "dt={x}",
            "{start}",
            "%s",
            "%(day)s",
            ":day",
            "?",
            "$1",
            "{start:%Y-%m-%d}",
            "a{{x}}b",
            "{args.day}",
            "{{ var('x') }}",
        ] {
            assert!(has_placeholder(text), "{text}");
        }
        for text in [
            "%soft%",
            "a%",
            "%",
            "100%",
            "{\"a\": 1}",
            "[0-9]{4}",
            "{1,2}",
            "12:30",
            "a?",
            "",
            "{",
            "{}",
            "$.a.b",
            "é{",
        ] {
            assert!(!has_placeholder(text), "{text}");
        }
    }
}
