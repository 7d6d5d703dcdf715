//! Ignores in YAML, JSON, HCL and Python: in comments, and in the `Comment` fields of state machines.

use std::ops::Range;

use crate::document::{Document, Node, Text, Value};
use crate::ignore::{Directive, Ignore, MARK, Scope};
use crate::lake::{FileId, Span};

/// The ignores in the comments of a document that is a file, in text order.
///
/// A comment beside something is about what begins on its line. One that stands alone is about what begins on the next line;
/// before the first plain value of a map it is about the whole map: a resource, a state or a retrier. One that stands beside and
/// before nothing silences nothing, so that it is reported as unused.
pub(super) fn in_comments(file: FileId, text: &str, document: &Document) -> Vec<Ignore> {
    if !text.contains(MARK) {
        return Vec::new();
    }
    ignores(file, text, &document.comments, &parts_of(&document.root))
}

/// The ignores in the comments of a program; `parts` is what they may be about, a statement and all that it holds.
pub(super) fn in_program(text: &Text, comments: &[Range<usize>], parts: &[Range<usize>]) -> Vec<Ignore> {
    if !text.value.contains(MARK) {
        return Vec::new();
    }
    // Places of the program; in a notebook these are not those of the file.
    let file = text.map.file();
    let comments: Vec<Span> = comments.iter().map(|comment| Span::new(file, comment.clone())).collect();
    let part = |range: &Range<usize>| Part { range: range.clone(), head: None, is_plain: true };
    let parts: Vec<Part> = parts.iter().map(part).collect();
    ignores(file, &text.value, &comments, &parts).into_iter().map(|ignore| ignore.moved(&text.map)).collect()
}

/// The ignores in a `Comment` field: `governs` is the state, or the whole machine, that it comments on.
pub(super) fn in_comment_field(comment: &Text, governs: Span) -> Vec<Ignore> {
    let ignore = |directive: Directive| {
        let scope = if directive.is_file { Scope::File(governs.file) } else { Scope::Part(governs) };
        directive.at(|range| comment.map.span(range), scope)
    };
    Directive::in_text(&comment.value).into_iter().map(ignore).collect()
}

/// Something that a comment may be about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    /// Key and value.
    range: Range<usize>,
    /// Of a map or list: what stands before its first entry.
    head: Option<Range<usize>>,
    /// A number, a text, or the like.
    is_plain: bool,
}

/// The entries of maps and lists, and the root.
fn parts_of(root: &Node) -> Vec<Part> {
    let mut parts = Vec::new();
    // What stands before the root belongs to its head: YAML has no braces.
    let mut open = vec![(root, root.span.range(), 0)];
    while let Some((node, range, head)) = open.pop() {
        let mut inner: Vec<(&Node, Range<usize>, usize)> = match &node.value {
            Value::Map(map) => {
                let entry = |key: &Span, value: &Node| key.range().start..value.span.range().end.max(key.range().end);
                map.entries.iter().map(|e| (&e.value, entry(&e.key_span, &e.value), e.key_span.range().end)).collect()
            }
            Value::List(items) => items.iter().map(|item| (item, item.span.range(), item.span.range().start)).collect(),
            _ => Vec::new(),
        };
        let first = inner.iter().map(|(_, range, _)| range.start).min();
        parts.push(Part { range, head: first.map(|first| head..first.max(head)), is_plain: inner.is_empty() });
        open.append(&mut inner);
    }
    parts
}

fn ignores(file: FileId, text: &str, comments: &[Span], parts: &[Part]) -> Vec<Ignore> {
    let read = |comment: &Span| {
        let written = text.get(comment.range())?.trim_end();
        let directive = Directive::in_comment(written)?.over(0..written.len());
        let start = comment.range().start;
        let scope = match directive.is_file {
            true => Scope::File(file),
            false => Scope::Part(Span::new(file, applies_to(text, comment.range(), comments, parts))),
        };
        Some(directive.at(|range| Span::new(file, start + range.start..start + range.end), scope))
    };
    comments.iter().filter_map(read).collect()
}

/// What a comment is about; the comment itself when that is nothing.
fn applies_to(text: &str, comment: Range<usize>, comments: &[Span], parts: &[Part]) -> Range<usize> {
    let line = text[..comment.start].rfind('\n').map_or(0, |at| at + 1);
    let stands_alone = text[line..comment.start].trim_start_matches('\u{feff}').trim().is_empty();
    let begins_in = match stands_alone {
        true => next_line(text, comment.end, comments),
        false => line..comment.start,
    };
    // A file in YAML begins with its first key: a comment there is not about all of it.
    let is_file = |part: &Part| part.head.as_ref().is_some_and(|head| head.start == 0 && head.end == part.range.start);
    let begins = |part: &&Part| begins_in.contains(&part.range.start) && !is_file(part);
    let begun = parts.iter().filter(begins).min_by_key(|part| (part.range.start, usize::MAX - part.range.end));
    let Some(part) = begun else { return comment };
    let heads = |outer: &&Part| {
        let is_first = |head: &Range<usize>| head.end == part.range.start && head.contains(&comment.start);
        outer.range.contains(&part.range.start) && outer.head.as_ref().is_some_and(is_first)
    };
    let whole = parts.iter().filter(heads).min_by_key(|outer| outer.range.len());
    let about = whole.filter(|_| stands_alone && part.is_plain).unwrap_or(part);
    about.range.clone()
}

/// The next line with more than comments on it, from the first character that is none.
fn next_line(text: &str, from: usize, comments: &[Span]) -> Range<usize> {
    let mut at = from;
    loop {
        at = text.len() - text[at..].trim_start().len();
        match comments.iter().find(|comment| comment.range().contains(&at)) {
            Some(comment) => at = comment.range().end,
            None => break,
        }
    }
    at..text[at..].find('\n').map_or(text.len(), |len| at + len)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::{parse_hcl, parse_json, parse_yaml};
    use crate::lake::TextMap;

    fn json(text: &str) -> Vec<Ignore> {
        in_comments(FileId(0), text, &parse_json(&of(text)).expect("valid"))
    }

    fn yaml(text: &str) -> Vec<Ignore> {
        in_comments(FileId(0), text, &parse_yaml(&of(text)).expect("valid"))
    }

    fn hcl(text: &str) -> Vec<Ignore> {
        in_comments(FileId(0), text, &parse_hcl(&of(text)).expect("valid").outline())
    }

    fn of(text: &str) -> Text {
        Text::of_file(FileId(0), &Arc::from(text))
    }

    /// What each comment is about: its rule, and the first and the last word.
    fn scopes(text: &str, ignores: Vec<Ignore>) -> Vec<String> {
        let shown = |ignore: &Ignore| match &ignore.scope {
            Scope::Part(span) => {
                let mut words = text[span.range()].split_whitespace();
                let first = words.next().unwrap_or_default();
                format!("{}: {first} .. {}", ignore.rules[0].0, words.next_back().unwrap_or(first))
            }
            other => format!("{}: {other:?}", ignore.rules[0].0),
        };
        ignores.iter().map(shown).collect()
    }

    #[test]
    fn a_comment_in_json_is_about_what_begins_beside_or_below_it() {
        let text = r#"{ // lakelint: ignore[beside-the-machine] r
          // lakelint: ignore-file[file] r
          "States": {
            // lakelint: ignore[above] r
            // Another comment.

            "Load": {
              /* lakelint: ignore[head] r */
              "Type": "Task", // lakelint: ignore[beside] r
              "Retry": [
                // lakelint: ignore[retrier] r
                { "ErrorEquals": [] },
                { "MaxAttempts": 9 } // lakelint: ignore[last] r
              ] // lakelint: ignore[nothing] r
            }
          }
        }"#;
        assert_eq!(
            scopes(text, json(text)),
            [
                "beside-the-machine: { .. }",
                "file: File(FileId(0))",
                "above: \"Load\": .. }",
                "head: \"Load\": .. }",
                "beside: \"Type\": .. \"Task\"",
                "retrier: { .. }",
                "last: { .. }",
                "nothing: // .. r",
            ]
        );
    }

    #[test]
    fn a_comment_in_yaml_is_about_what_begins_beside_or_below_it() {
        let text = "\
# lakelint: ignore[template] r
Resources:
  # lakelint: ignore[above] r
  Load:
    # lakelint: ignore[head] r

    # And another one.
    Type: AWS::Glue::Job # lakelint: ignore[beside] r
    Retry:
      # lakelint: ignore[item] r
      - ErrorEquals: [x]
        MaxAttempts: 9
      - MaxAttempts: 8 # lakelint: ignore[item-beside] r
  # lakelint: ignore-file[file] r
# lakelint: ignore[nothing] r
";
        assert_eq!(
            scopes(text, yaml(text)),
            [
                "template: Resources: .. 8",
                "above: Load: .. 8",
                "head: Load: .. 8",
                "beside: Type: .. AWS::Glue::Job",
                "item: ErrorEquals: .. 9",
                "item-beside: MaxAttempts: .. 8",
                "file: File(FileId(0))",
                "nothing: # .. r",
            ]
        );
        let machine = "# lakelint: ignore[machine] r\nComment: x\nStartAt: y\n";
        assert_eq!(scopes(machine, yaml(machine)), ["machine: Comment: .. y"]);
    }

    #[test]
    fn a_comment_in_terraform_is_about_what_begins_beside_or_below_it() {
        let text = r#"
# lakelint: ignore[above] r
resource "aws_sfn_state_machine" "load" { # lakelint: ignore[beside] r
  # lakelint: ignore[head] r
  name = "load"
  // lakelint: ignore[attribute] r
  definition = jsonencode({
    /* lakelint: ignore[machine] r */
    StartAt = "Load"
    States = {
      Load = { # lakelint: ignore[state] r
        Retry = [
          # lakelint: ignore[retrier] r
          { MaxAttempts = 9 },
        ]
      }
    }
  })
}
"#;
        assert_eq!(
            scopes(text, hcl(text)),
            [
                "above: resource .. }",
                "beside: resource .. }",
                "head: resource .. }",
                "attribute: definition .. })",
                "machine: { .. }",
                "state: Load .. }",
                "retrier: { .. }",
            ]
        );
    }

    #[test]
    fn a_comment_field_may_say_other_things_too() {
        let source = r#""Comment": "Loads \"orders\". lakelint: ignore[unbounded-retry] slow until=2026-01-01""#;
        let text = format!("{{{source}}}");
        let parsed = parse_json(&Text::of_file(FileId(0), &Arc::from(text.as_str()))).expect("valid");
        let comment = parsed.root.get("Comment").and_then(Node::as_text).expect("a text");
        let ignores = in_comment_field(comment, parsed.root.span);
        let [ignore] = &ignores[..] else { panic!("{ignores:?}") };
        assert_eq!(ignore.scope, Scope::Part(parsed.root.span));
        assert_eq!(
            (ignore.rules[0].0.as_str(), &text[ignore.rules[0].1.range()]),
            ("unbounded-retry", "unbounded-retry")
        );
        assert!(text[ignore.span.range()].ends_with("until=2026-01-01"));
        let file = Text { value: Arc::from("lakelint: ignore-file[a] r"), map: TextMap::verbatim(FileId(3), 0, 26) };
        let span = Span::new(FileId(3), 0..40);
        assert_eq!(in_comment_field(&file, span)[0].scope, Scope::File(FileId(3)));
    }
}
