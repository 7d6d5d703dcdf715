//! LIKE patterns: `%`, `_` and an escape character.

use super::Value;
use super::eval::{Fault, Outcome};

/// A LIKE pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pattern(Vec<Token>);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token {
    /// `%`
    Any,
    /// `_`
    One,
    Char(char),
}

impl Pattern {
    /// `None` when an escape character stands before anything but a wildcard or itself: an error in Trino.
    pub(super) fn parse(pattern: &str, escape: Option<char>) -> Option<Pattern> {
        let mut tokens = Vec::new();
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                _ if Some(c) == escape => match chars.next()? {
                    next if next == '%' || next == '_' || Some(next) == escape => Token::Char(next),
                    _ => return None,
                },
                '%' => Token::Any,
                '_' => Token::One,
                _ => Token::Char(c),
            });
        }
        Some(Pattern(tokens))
    }

    /// The text before the first wildcard.
    pub(super) fn prefix(&self) -> String {
        self.0.iter().map_while(|t| if let Token::Char(c) = t { Some(*c) } else { None }).collect()
    }

    pub(super) fn has_wildcard(&self) -> bool {
        self.0.iter().any(|t| !matches!(t, Token::Char(_)))
    }

    /// Whether it is a text followed by `%` and nothing else.
    pub(super) fn is_prefix_only(&self) -> bool {
        let wildcards = self.0.iter().position(|t| !matches!(t, Token::Char(_)));
        wildcards.is_some_and(|at| self.0[at..].iter().all(|t| *t == Token::Any))
    }

    fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut at, mut token) = (0, 0);
        // Where to continue when the last `%` must take one more character.
        let mut retry = None;
        while at < text.len() {
            match self.0.get(token) {
                Some(Token::Any) => {
                    retry = Some((at, token));
                    token += 1;
                }
                Some(Token::One) => (at, token) = (at + 1, token + 1),
                Some(Token::Char(c)) if *c == text[at] => (at, token) = (at + 1, token + 1),
                _ => {
                    let Some((from, any)) = retry else { return false };
                    retry = Some((from + 1, any));
                    (at, token) = (from + 1, any + 1);
                }
            }
        }
        self.0[token..].iter().all(|t| *t == Token::Any)
    }
}

/// `text LIKE pattern ESCAPE escape`.
pub(super) fn like(text: &Value, pattern: &Value, escape: Option<char>) -> Outcome {
    match (text, pattern) {
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        (Value::String(text), Value::String(pattern)) => {
            let pattern = Pattern::parse(pattern, escape).ok_or(Fault::Error)?;
            Ok(Value::Bool(pattern.matches(text)))
        }
        _ => Err(Fault::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_in_trino() {
        // Trino, "Comparison functions and operators", pattern comparison with LIKE.
        for (text, pattern, escape, expected) in [
            ("America", "A%", None, true),
            ("Europe", "A%", None, false),
            ("Europe", "____%pe", None, true),
            ("South_America", "South\\_America", Some('\\'), true),
            ("SouthXAmerica", "South\\_America", Some('\\'), false),
            ("100%", "100#%", Some('#'), true),
            ("", "%", None, true),
            ("", "_", None, false),
            ("aXbXc", "a%b%c", None, true),
            ("abcabd", "%abd", None, true),
            ("é", "_", None, true),
            ("ab", "a", None, false),
        ] {
            let pattern = Pattern::parse(pattern, escape).expect("valid");
            assert_eq!(pattern.matches(text), expected, "{text} {pattern:?}");
        }
        assert_eq!(Pattern::parse("a#b", Some('#')), None);
        assert_eq!(Pattern::parse("a#", Some('#')), None);
    }

    #[test]
    fn many_wildcards_do_not_explode() {
        let pattern = Pattern::parse(&"%a".repeat(50), None).expect("valid");
        assert!(!pattern.matches(&format!("{}b", "a".repeat(5_000))));
    }

    #[test]
    fn prefixes_end_at_the_first_wildcard() {
        let parse = |p| Pattern::parse(p, None).expect("valid");
        assert_eq!((parse("ab%").prefix().as_str(), parse("ab%").is_prefix_only()), ("ab", true));
        assert_eq!((parse("ab_%").prefix().as_str(), parse("ab_%").is_prefix_only()), ("ab", false));
        assert!(!parse("ab").has_wildcard() && !parse("ab").is_prefix_only());
    }
}
