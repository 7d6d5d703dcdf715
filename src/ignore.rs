//! Ignores: comments and configuration entries that silence findings, with a reason and an optional end date.

use std::ops::Range;

use chrono::NaiveDate;

use crate::lake::{FileId, Span, TextMap};

/// One ignore, for one rule or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// Rule ids as written, each with its place (for `[[ignore]]` entries: the configuration file's).
    pub rules: Vec<(String, Span)>,
    pub reason: String,
    /// Last day on which it applies.
    pub until: Option<NaiveDate>,
    /// An `until=` that is no date, as written.
    pub invalid_until: Option<String>,
    /// The whole comment or configuration entry.
    pub span: Span,
    pub scope: Scope,
}

/// What an ignore silences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The SQL statement that the comment stands in, directly before, or after on its last line.
    Statement(Span),
    /// A state machine, a state, a resource, or a part of one.
    Part(Span),
    File(FileId),
    /// `[[ignore]]`: globs over the finding's file path and the table or object; absent globs match everything.
    Configured {
        path: Option<String>,
        table: Option<String>,
        object: Option<String>,
    },
}

impl Ignore {
    /// The same where the text that it was found in stands.
    pub(crate) fn moved(mut self, map: &TextMap) -> Ignore {
        let on_disk = |span: Span| map.span(span.range());
        self.rules.iter_mut().for_each(|(_, span)| *span = on_disk(*span));
        self.span = on_disk(self.span);
        self.scope = match self.scope {
            Scope::Statement(span) => Scope::Statement(on_disk(span)),
            Scope::Part(span) => Scope::Part(on_disk(span)),
            scope => scope,
        };
        self
    }
}

/// `lakelint: ignore[rule, other-rule] reason until=2025-12-31`, or `ignore-file[...]`, as written. Ranges are those of the text
/// that it was found in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Directive {
    pub(crate) is_file: bool,
    rules: Vec<(String, Range<usize>)>,
    reason: String,
    until: Option<NaiveDate>,
    invalid_until: Option<String>,
    range: Range<usize>,
}

/// What every directive starts with.
pub(crate) const MARK: &str = "lakelint:";

impl Directive {
    /// The directive that a comment of SQL, YAML, HCL or JSON is, its marks included.
    pub(crate) fn in_comment(comment: &str) -> Option<Directive> {
        let inner = comment.trim_end().trim_end_matches("*/").trim_end_matches("#}").trim_end_matches('-').trim_end();
        let start = comment.len() - comment.trim_start_matches(['-', '/', '*', '{', '#']).trim_start().len();
        Directive::read(inner, start..inner.len())
    }

    /// All directives in a text for people, each from its mark to the next one.
    pub(crate) fn in_text(text: &str) -> Vec<Directive> {
        let starts: Vec<usize> = text.match_indices(MARK).map(|(at, _)| at).collect();
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        starts.iter().zip(ends).filter_map(|(start, end)| Directive::read(text, *start..end)).collect()
    }

    fn read(text: &str, range: Range<usize>) -> Option<Directive> {
        let rest = text.get(range.clone())?.strip_prefix(MARK)?.trim_start();
        let (is_file, rest) = match rest.strip_prefix("ignore-file") {
            Some(rest) => (true, rest),
            None => (false, rest.strip_prefix("ignore")?),
        };
        let (rules, reason) = rest.trim_start().strip_prefix('[')?.split_once(']')?;
        let rules = rule_ids(rules, range.end - reason.len() - 1 - rules.len());
        let mut directive =
            Directive { is_file, rules, reason: String::new(), until: None, invalid_until: None, range };
        let mut words = Vec::new();
        let reason = reason.replace("until =", "until=").replace("until= ", "until=");
        for word in reason.split_whitespace() {
            match word.strip_prefix("until=") {
                Some(date) => match NaiveDate::parse_from_str(date, "%Y-%m-%d") {
                    Ok(day) => directive.until = Some(day),
                    Err(_) => directive.invalid_until = Some(date.to_string()),
                },
                None => words.push(word),
            }
        }
        directive.reason = words.join(" ");
        Some(directive)
    }

    /// The ignore, with its places where `place` says that a range of the text stands.
    pub(crate) fn at(self, place: impl Fn(Range<usize>) -> Span, scope: Scope) -> Ignore {
        Ignore {
            rules: self.rules.into_iter().map(|(id, range)| (id, place(range))).collect(),
            reason: self.reason,
            until: self.until,
            invalid_until: self.invalid_until,
            span: place(self.range),
            scope,
        }
    }

    /// The whole comment instead of its directive alone.
    pub(crate) fn over(self, range: Range<usize>) -> Directive {
        Directive { range, ..self }
    }
}

fn rule_ids(rules: &str, start: usize) -> Vec<(String, Range<usize>)> {
    let mut ids = Vec::new();
    let mut at = start;
    for part in rules.split(',') {
        let id = part.trim();
        if !id.is_empty() {
            let start = at + part.len() - part.trim_start().len();
            ids.push((id.to_string(), start..start + id.len()));
        }
        at += part.len() + 1;
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_found_behind_other_words() {
        let text = "Loads orders. lakelint: ignore[unbounded-retry, long-retry-wait] slow source until=2026-01-01 \
                    lakelint: ignore-file[x] all; lakelint: nothing, lakelint: ignore x";
        let found = Directive::in_text(text);
        assert_eq!(found.len(), 2);
        let ids: Vec<&str> = found.iter().flat_map(|d| &d.rules).map(|(_, range)| &text[range.clone()]).collect();
        assert_eq!(ids, ["unbounded-retry", "long-retry-wait", "x"]);
        assert_eq!((found[0].is_file, found[0].reason.as_str()), (false, "slow source"));
        assert_eq!(found[0].until, NaiveDate::from_ymd_opt(2026, 1, 1));
        assert_eq!((found[1].is_file, found[1].reason.as_str()), (true, "all;"));
        assert!(text[found[0].range.clone()].starts_with("lakelint: ignore[unb"));
    }

    #[test]
    fn a_comment_is_a_directive_whatever_its_marks() {
        for comment in [
            "# lakelint: ignore[a] r",
            "// lakelint: ignore[a] r",
            "/* lakelint: ignore[a] r */",
            "#lakelint:ignore[a] r",
        ] {
            let directive = Directive::in_comment(comment).expect(comment);
            assert_eq!((&comment[directive.rules[0].1.clone()], directive.reason.as_str()), ("a", "r"));
        }
        for comment in
            ["# see lakelint: ignore[a] r", "# lakelint: ignore", "#", "/**/", "//", "# lakelint: ignore[a r"]
        {
            assert_eq!(Directive::in_comment(comment), None, "{comment}");
        }
    }
}
