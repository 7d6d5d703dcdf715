//! Ignore comments: `-- lakelint: ignore[rule, other-rule] reason until=2025-12-31`, and `ignore-file[...]` for a whole file.

use std::ops::Range;

use super::lexer::{Kind, Lexer};
use crate::ignore::{Directive, Ignore, MARK, Scope};
use crate::lake::{FileId, Span};

/// The ignores of a file, in text order. One that stands beside no statement silences the file's end: nothing, so that it is
/// reported as unused.
pub(super) fn ignores(file: FileId, text: &str, statements: &[Range<usize>]) -> Vec<Ignore> {
    if !text.contains(MARK) {
        return Vec::new();
    }
    // Statements are lexed one by one, as they are parsed: string rules start anew with each.
    Lexer::new(text, 0..text.len())
        .filter(|l| l.kind == Kind::Comment)
        .filter_map(|l| read(file, text, l.range(), statements))
        .collect()
}

fn read(file: FileId, text: &str, comment: Range<usize>, statements: &[Range<usize>]) -> Option<Ignore> {
    let written = text[comment.clone()].trim_end();
    let directive = Directive::in_comment(written)?.over(0..written.len());
    let scope = match directive.is_file {
        true => Scope::File(file),
        false => Scope::Statement(Span::new(file, applies_to(text, &comment, statements))),
    };
    let place = |range: Range<usize>| Span::new(file, comment.start + range.start..comment.start + range.end);
    Some(directive.at(place, scope))
}

/// The statement that a comment stands in, after on its last line, or before; the comment itself when there is none.
fn applies_to(text: &str, comment: &Range<usize>, statements: &[Range<usize>]) -> Range<usize> {
    let inside = statements.iter().find(|s| s.start < comment.start && comment.end <= s.end);
    let ended = statements.iter().rev().find(|s| s.end <= comment.start);
    let same_line = ended.filter(|s| !text[s.end..comment.start].contains('\n'));
    let next = statements.iter().find(|s| s.start >= comment.end);
    inside.or(same_line).or(next).cloned().unwrap_or(comment.clone())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::super::split;
    use super::*;

    fn scopes(text: &str) -> Vec<(Vec<String>, String)> {
        let found = ignores(FileId(0), text, &split(text));
        let scope = |i: &Ignore| match &i.scope {
            Scope::Statement(span) => text[span.range()].to_string(),
            Scope::File(_) => "file".to_string(),
            other => format!("{other:?}"),
        };
        found
            .iter()
            .map(|i| {
                (
                    i.rules
                        .iter()
                        .map(|(id, s)| {
                            assert_eq!(&text[s.range()], id);
                            id.clone()
                        })
                        .collect(),
                    scope(i),
                )
            })
            .collect()
    }

    #[test]
    fn a_comment_applies_to_the_statement_it_stands_in_before_or_behind() {
        let text = "-- lakelint: ignore-file[a-b] all\n/* lakelint: ignore[x, y] r */\nselect 1;  -- lakelint: ignore[z] r\n\
                    select 2 -- lakelint: ignore[q] r\nfrom t;\n{# lakelint: ignore[j] r #}\nselect 3;\n-- lakelint: ignore[e] r";
        let rules = |r: &[&str]| r.iter().map(|r| r.to_string()).collect::<Vec<_>>();
        assert_eq!(
            scopes(text),
            [
                (rules(&["a-b"]), "file".to_string()),
                (rules(&["x", "y"]), "select 1".to_string()),
                (rules(&["z"]), "select 1".to_string()),
                (rules(&["q"]), "select 2 -- lakelint: ignore[q] r\nfrom t".to_string()),
                (rules(&["j"]), "select 3".to_string()),
                (rules(&["e"]), "-- lakelint: ignore[e] r".to_string()),
            ]
        );
    }

    #[test]
    fn reason_and_date_are_read() {
        let text =
            "-- lakelint: ignore[select-star] wide table, until=2025-02-30 see until=2025-02-28 ticket\r\nselect 1";
        let found = &ignores(FileId(0), text, &split(text))[0];
        assert_eq!(found.reason, "wide table, see ticket");
        assert_eq!(found.until, NaiveDate::from_ymd_opt(2025, 2, 28));
        assert_eq!(found.invalid_until.as_deref(), Some("2025-02-30"));
        let spaced = "-- lakelint: ignore[select-star] wide until = 2025-02-28\nselect 1";
        assert_eq!(ignores(FileId(0), spaced, &split(spaced))[0].until, NaiveDate::from_ymd_opt(2025, 2, 28));
        assert!(
            ignores(FileId(0), "select '-- lakelint: ignore[x] no'", &split("select '-- lakelint: ignore[x] no'"))
                .is_empty()
        );
    }
}
