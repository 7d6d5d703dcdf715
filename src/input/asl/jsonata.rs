//! A scanner for JSONata: as much as tells what a condition compares and what an assignment counts.
//!
//! <https://docs.jsonata.org/overview>, <https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html>

use std::ops::Range;

use crate::lake::ComparisonKind;

/// Tokens that are looked at on each side of a comparison.
const MOST_OPERAND_TOKENS: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// `$attempt`, `$states.input.count`, `$millis`, `name`.
    Name,
    Number(f64),
    /// Quotes included.
    Text,
    /// An operator or a bracket.
    Sign,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// Where it stands in the expression.
    pub(super) range: Range<usize>,
}

/// A comparison in an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Compared {
    pub(super) variable: String,
    pub(super) kind: ComparisonKind,
    pub(super) range: Range<usize>,
}

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, len) = match first {
            _ if rest.starts_with("/*") => {
                at += rest.find("*/").map_or(rest.len(), |end| end + 2);
                continue;
            }
            _ if first.is_whitespace() => {
                at += first.len_utf8();
                continue;
            }
            '"' | '\'' => (Kind::Text, quoted_len(rest, first)),
            '$' | '_' | '`' | 'a'..='z' | 'A'..='Z' => (Kind::Name, name_len(rest)),
            '0'..='9' => number(rest),
            _ => (Kind::Sign, sign_len(rest, first)),
        };
        tokens.push(Token { kind, text: &rest[..len], range: at..at + len });
        at += len;
    }
    tokens
}

fn quoted_len(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if c == quote => return i + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// A name with what dots add to it.
fn name_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'$';
    let mut at = 0;
    loop {
        match bytes.get(at) {
            Some(b'`') => at += text[at + 1..].find('`').map_or(text.len() - at, |end| end + 2),
            _ => at += bytes[at..].iter().take_while(|b| is_name(**b)).count(),
        }
        let goes_on = |b: &u8| is_name(*b) && !b.is_ascii_digit() || *b == b'`';
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'.'), Some(next)) if goes_on(next) => at += 1,
            _ => return at.max(1),
        }
    }
}

fn number(text: &str) -> (Kind, usize) {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut len = digits(0);
    if text[len..].starts_with('.') && digits(len + 1) > 0 {
        len += 1 + digits(len + 1);
    }
    match text[..len].parse() {
        Ok(value) => (Kind::Number(value), len),
        Err(_) => (Kind::Sign, len.max(1)),
    }
}

fn sign_len(text: &str, first: char) -> usize {
    let double = ["<=", ">=", "!=", ":=", "**", "..", "~>", "??", "?:"];
    if double.iter().any(|sign| text.starts_with(sign)) { 2 } else { first.len_utf8() }
}

/// The value of an expression that is nothing but a quoted text without escapes.
pub(super) fn literal_text(text: &str) -> Option<&str> {
    let tokens = tokens(text);
    let [Token { kind: Kind::Text, text, .. }] = tokens.as_slice() else { return None };
    let inner = text.get(1..text.len().checked_sub(1)?)?;
    (text.starts_with(text.chars().next_back()?) && !inner.contains('\\')).then_some(inner)
}

/// The value of an expression that is nothing but a number.
pub(super) fn literal_number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|value| value.is_finite())
}

/// Tokens without brackets and `$number()` around a single name.
fn unwrapped(text: &str) -> Vec<Token<'_>> {
    let mut out: Vec<Token<'_>> = Vec::new();
    for token in tokens(text) {
        let wrapped = match out.as_slice() {
            [.., open, name] if token.text == ")" && open.text == "(" => name.kind == Kind::Name,
            _ => false,
        };
        let function =
            out.len().checked_sub(3).and_then(|i| out.get(i)).filter(|t| t.kind == Kind::Name && !is_word(t.text));
        let function = function.map(|token| token.text);
        if wrapped && matches!(function, None | Some("$number")) {
            let name = out.pop();
            out.pop();
            if function.is_some() {
                out.pop();
            }
            out.extend(name);
        } else {
            out.push(token);
        }
    }
    out
}

fn is_word(text: &str) -> bool {
    matches!(text, "and" | "or" | "in")
}

/// Names to which an expression adds a constant other than 0, or from which it takes one away.
pub(super) fn counted(text: &str) -> Vec<String> {
    let tokens = unwrapped(text);
    let is_one_of = |token: Option<&Token<'_>>, signs: &[&str]| token.is_some_and(|token| signs.contains(&token.text));
    let binds_before = |i: usize| is_one_of(i.checked_sub(1).and_then(|i| tokens.get(i)), &["*", "/", "%", ".", "-"]);
    let binds_after = |i: usize| is_one_of(tokens.get(i), &["*", "/", "%", ".", "(", "["]);
    let mut found = Vec::new();
    for (i, three) in tokens.windows(3).enumerate() {
        let name = match (three[0].kind, three[1].text, three[2].kind) {
            (Kind::Name, "+" | "-", Kind::Number(number)) if number != 0.0 => three[0].text,
            (Kind::Number(number), "+", Kind::Name) if number != 0.0 => three[2].text,
            _ => continue,
        };
        if !binds_before(i) && !binds_after(i + 3) && !is_word(name) {
            found.push(plain_name(name));
        }
    }
    found
}

/// Without the backticks of quoted names.
fn plain_name(name: &str) -> String {
    name.replace('`', "")
}

/// What a condition compares; one [`ComparisonKind::Other`] for a condition without a comparison.
pub(super) fn compared(text: &str) -> Vec<Compared> {
    let tokens = unwrapped(text);
    let mut found = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        if is_comparison(token) {
            compare(&tokens, i, &mut found);
        }
    }
    if found.is_empty() {
        let variable = first_name(&tokens).map_or_else(String::new, plain_name);
        found.push(Compared { variable, kind: ComparisonKind::Other, range: 0..text.len() });
    }
    found
}

/// The first name that is no function.
fn first_name<'a>(tokens: &[Token<'a>]) -> Option<&'a str> {
    let is_called = |i: usize| tokens.get(i + 1).is_some_and(|next| next.text == "(");
    let names = tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Name && !is_word(token.text));
    names.filter(|(i, _)| !is_called(*i)).map(|(_, token)| token.text).next()
}

fn is_comparison(token: &Token<'_>) -> bool {
    token.kind == Kind::Sign && matches!(token.text, "<" | "<=" | ">" | ">=" | "=" | "!=")
}

fn compare(tokens: &[Token<'_>], at: usize, found: &mut Vec<Compared>) {
    let (left, right) = (operand(tokens, at, true), operand(tokens, at, false));
    let range = left.first().unwrap_or(&tokens[at]).range.start..right.last().unwrap_or(&tokens[at]).range.end;
    let is_ordering = matches!(tokens[at].text, "<" | "<=" | ">" | ">=");
    let kind = kind_of(left, right, is_ordering);
    let mut variables: Vec<&str> = [left, right].iter().filter_map(|side| variable(side)).collect();
    if variables.is_empty() {
        variables.extend(first_name(left).or_else(|| first_name(right)));
    }
    found.extend(variables.iter().map(|name| Compared { variable: plain_name(name), kind, range: range.clone() }));
}

fn kind_of(left: &[Token<'_>], right: &[Token<'_>], is_ordering: bool) -> ComparisonKind {
    let both = || left.iter().chain(right);
    let names = |wanted: &dyn Fn(&str) -> bool| both().any(|t| t.kind == Kind::Name && wanted(t.text));
    if names(&|name| name == "$states.context.Execution.StartTime") {
        return ComparisonKind::SinceStart;
    }
    if names(&|name| {
        matches!(name, "$millis" | "$now" | "$toMillis" | "$fromMillis")
            || name.starts_with("$states.context.State.EnteredTime")
    }) {
        return ComparisonKind::Timestamp;
    }
    let numbers = |side: &[Token<'_>]| match side {
        [Token { kind: Kind::Number(value), .. }] => Some(*value),
        _ => None,
    };
    match (variable(left), numbers(left), variable(right), numbers(right)) {
        (Some(_), _, None, Some(value)) | (None, Some(value), Some(_), _) => ComparisonKind::Numeric(Some(value)),
        // Whatever a variable is above or below: `$i < $count($items)`.
        (Some(_), ..) | (_, _, Some(_), _) if is_ordering && !both().any(|t| t.kind == Kind::Text) => {
            ComparisonKind::Numeric(None)
        }
        _ => ComparisonKind::Other,
    }
}

/// The variable that an operand is, or to which it adds a constant.
fn variable<'a>(side: &[Token<'a>]) -> Option<&'a str> {
    match side {
        [name] if name.kind == Kind::Name => Some(name.text),
        [name, sign, number]
            if matches!((name.kind, sign.text, number.kind), (Kind::Name, "+" | "-", Kind::Number(_))) =>
        {
            Some(name.text)
        }
        _ => None,
    }
    .filter(|name| name.starts_with('$') && name.len() > 1)
}

/// The tokens on one side of a comparison, as far as it binds them.
fn operand<'t, 'a>(tokens: &'t [Token<'a>], at: usize, is_left: bool) -> &'t [Token<'a>] {
    let (opens, closes) = if is_left { (")]}", "([{") } else { ("([{", ")]}") };
    let mut depth = 0usize;
    let mut len = 0;
    let side = |n: usize| if is_left { at.checked_sub(n + 1) } else { Some(at + n + 1) };
    while let Some(token) = side(len).and_then(|i| tokens.get(i)) {
        let is_sign = token.kind == Kind::Sign;
        if is_sign && opens.contains(token.text) {
            depth += 1;
        } else if is_sign && closes.contains(token.text) {
            match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => break,
            }
        } else if depth == 0 && (is_comparison(token) || ends_operand(token)) {
            break;
        }
        len += 1;
        if len > MOST_OPERAND_TOKENS {
            return &[];
        }
    }
    if is_left { &tokens[at - len..at] } else { &tokens[at + 1..at + 1 + len] }
}

fn ends_operand(token: &Token<'_>) -> bool {
    match token.kind {
        Kind::Sign => matches!(token.text, "," | ";" | "?" | ":" | ":=" | "~>" | "?:" | "??"),
        Kind::Name => is_word(token.text),
        Kind::Number(_) | Kind::Text => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn conditions_tell_what_they_compare() {
        use ComparisonKind::{Numeric, Other, SinceStart, Timestamp};
        for (text, expected) in [
            ("$attempt < 10", vec![("$attempt", Numeric(Some(10.0)))]),
            ("5 >= $i and $x = 'a'", vec![("$i", Numeric(Some(5.0))), ("$x", Other)]),
            ("($i >= $max) or $done", vec![("$i", Numeric(None)), ("$max", Numeric(None))]),
            ("$number($states.input.n) + 1 > 3", vec![("$states.input.n", Numeric(Some(3.0)))]),
            ("$states.input.status = 'SUCCEEDED'", vec![("$states.input.status", Other)]),
            ("$exists($token)", vec![("$token", Other)]),
            ("$i < $count($states.input.items)", vec![("$i", Numeric(None))]),
            ("$day < '2026-01-01'", vec![("$day", Other)]),
            ("$count($states.input.items) > 0", vec![("$states.input.items", Other)]),
            (
                "($millis() - $toMillis($states.context.Execution.StartTime)) / 1000 > 3600",
                vec![("$states.context.Execution.StartTime", SinceStart)],
            ),
            ("$now() < $deadline", vec![("$deadline", Timestamp)]),
            ("$states.result.`the count` <= 2.5", vec![("$states.result.the count", Numeric(Some(2.5)))]),
            ("", vec![("", Other)]),
        ] {
            let found = compared(text);
            let found: Vec<_> = found.iter().map(|c| (c.variable.as_str(), c.kind)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn constants_that_are_added_make_a_counter() {
        for (text, expected) in [
            ("$i + 1", vec!["$i"]),
            ("1 + $states.input.i", vec!["$states.input.i"]),
            ("$number($i) - 1", vec!["$i"]),
            ("$exists($i) ? $i + 1 : 0", vec!["$i"]),
            ("$merge([$states.input, {'n': $states.input.n + 1}])", vec!["$states.input.n"]),
            ("$i + $size", vec![]),
            ("$i + 0", vec![]),
            ("$count($x) + 1", vec![]),
            ("$i * 2 + 1", vec![]),
            ("2 * $i + 1", vec![]),
            ("'$i + 1'", vec![]),
        ] {
            assert_eq!(counted(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn tokens_lie_in_order_within_the_text(text in "[$a-c.`'\"(){}\\[\\]<>=!&+*/ 0-9é\\\\:?%]{0,60}") {
            let mut end = 0;
            for token in tokens(&text) {
                prop_assert!(token.range.start >= end && token.range.end > token.range.start);
                prop_assert_eq!(&text[token.range.clone()], token.text);
                end = token.range.end;
            }
            counted(&text);
            for found in compared(&text) {
                prop_assert!(text.get(found.range).is_some());
            }
        }
    }
}
