//! Intrinsic functions of JSONPath machines: `States.Format('...', $.x)`, `States.MathAdd($.i, 1)`.
//!
//! <https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html>

use std::ops::Range;

/// So many calls of a function are looked at in one text.
const MOST_CALLS: usize = 100;

/// A call, with its arguments as ranges of the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call<'a> {
    pub(super) name: &'a str,
    pub(super) arguments: Vec<Range<usize>>,
}

/// The call that a text, from `from` to `to`, is.
pub(super) fn call(text: &str, whole: Range<usize>) -> Option<Call<'_>> {
    let whole = trimmed(text, whole);
    let inner = &text[whole.clone()];
    let open = inner.find('(')?;
    let name = inner[..open].trim_end();
    if !name.starts_with("States.") || !inner.ends_with(')') {
        return None;
    }
    let (arguments, end) = arguments(text, whole.start + open + 1)?;
    (end == whole.end).then_some(Call { name, arguments })
}

/// Arguments from the first byte after a bracket on, and the end of the call.
fn arguments(text: &str, from: usize) -> Option<(Vec<Range<usize>>, usize)> {
    let (mut depth, mut in_quotes, mut is_escaped) = (0usize, false, false);
    let mut arguments = Vec::new();
    let mut start = from;
    for (i, c) in text[from..].char_indices().map(|(i, c)| (from + i, c)) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if in_quotes => is_escaped = true,
            '\'' => in_quotes = !in_quotes,
            _ if in_quotes => {}
            '(' | '[' => depth += 1,
            ',' if depth == 0 => {
                arguments.push(trimmed(text, start..i));
                start = i + 1;
            }
            ')' if depth == 0 => {
                let last = trimmed(text, start..i);
                if !last.is_empty() || !arguments.is_empty() {
                    arguments.push(last);
                }
                return Some((arguments, i + 1));
            }
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = &text[range.clone()];
    let start = range.start + (inner.len() - inner.trim_start().len());
    start..start + inner.trim().len()
}

/// The inside of a quoted literal.
pub(super) fn literal(text: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let inner = text[range.clone()].strip_prefix('\'')?.strip_suffix('\'')?;
    Some(range.start + 1..range.start + 1 + inner.len())
}

/// Paths to which a text adds a constant other than 0, or from which it takes one away.
pub(super) fn counted(text: &str) -> Vec<String> {
    let calls = text.match_indices("States.MathAdd").take(MOST_CALLS);
    let counted = calls.filter_map(|(at, name)| {
        let open = at + name.len() + text[at + name.len()..].find('(')?;
        let (arguments, _) = arguments(text, open + 1)?;
        let [a, b] = arguments.as_slice() else { return None };
        let (a, b) = (&text[a.clone()], &text[b.clone()]);
        let constant = |text: &str| text.parse::<f64>().is_ok_and(|number| number != 0.0);
        match (constant(a), constant(b)) {
            (false, true) if a.starts_with('$') => Some(path(a)),
            (true, false) if b.starts_with('$') => Some(path(b)),
            _ => None,
        }
    });
    counted.collect()
}

/// A path with dots instead of quoted names: `$['a']['b']` is `$.a.b`.
pub(super) fn path(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
    while let Some(at) = rest.find("['").or_else(|| rest.find("[\"")) {
        let quote = &rest[at + 1..at + 2];
        let Some(len) = rest[at + 2..].find(&format!("{quote}]")) else { break };
        out.push_str(&rest[..at]);
        out.push('.');
        out.push_str(&rest[at + 2..at + 2 + len]);
        rest = &rest[at + 2 + len + 2..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn calls_split_at_their_own_commas() {
        let text = r" States.Format('a, \'b) {}', States.ArrayGetItem($.x[0], 1), 2 ) ";
        let found = call(text, 0..text.len()).unwrap();
        let arguments: Vec<&str> = found.arguments.iter().map(|range| &text[range.clone()]).collect();
        assert_eq!(found.name, "States.Format");
        assert_eq!(arguments, [r"'a, \'b) {}'", "States.ArrayGetItem($.x[0], 1)", "2"]);
        for text in ["$.x", "States.Format('a'", "States.UUID() + 1", "States.Format)("] {
            assert_eq!(call(text, 0..text.len()), None, "{text}");
        }
        assert!(call("States.UUID()", 0..13).unwrap().arguments.is_empty());
    }

    #[test]
    fn constants_that_are_added_make_a_counter() {
        for (text, expected) in [
            ("States.MathAdd($.i, 1)", vec!["$.i"]),
            ("States.MathAdd(-1, $['loop']['count'])", vec!["$.loop.count"]),
            ("States.JsonMerge($, States.Array(States.MathAdd($.a.b, 2)), false)", vec!["$.a.b"]),
            ("States.MathAdd($.i, $.step)", vec![]),
            ("States.MathAdd($.i, 0)", vec![]),
            ("States.MathAdd($.i", vec![]),
            ("$.i", vec![]),
        ] {
            assert_eq!(counted(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(States.(Format|MathAdd)|[(){},'$.\\\\\\[\\]\" 1aé]){0,30}") {
            counted(&text);
            path(&text);
            if let Some(call) = call(&text, 0..text.len()) {
                for range in &call.arguments {
                    prop_assert!(text.get(range.clone()).is_some());
                    literal(&text, range);
                }
            }
        }
    }
}
