//! The source lines of a finding, with marks.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Element, Origin, Snippet};

use super::clean;
use crate::finding::Place;
use crate::lake::{FileId, Lake, Span};
use crate::triage::{Found, Resolved};

/// Places further apart than this stand in snippets of their own.
const WINDOW: usize = 4_000;
/// A longer span is marked on its first line only.
const MARKED_LINES: usize = 3;

/// A mark in one file.
struct Mark<'a> {
    range: Range<usize>,
    label: Option<&'a str>,
    primary: bool,
}

/// The snippet of the finding's place together with the related places near it, then a snippet for each further one.
pub(super) fn elements<'a>(found: &'a Found, lake: &'a Lake) -> Vec<Element<'a>> {
    let finding = &found.finding;
    let mut near: Vec<Mark<'a>> = Vec::new();
    let mut far: Vec<Element<'a>> = Vec::new();
    let primary = match &finding.place {
        Place::Span(span) => Some(*span),
        _ => None,
    };
    for (related, resolved) in finding.related.iter().zip(&found.related) {
        match (&related.place, primary) {
            (Place::Span(span), Some(primary)) if distance(&primary, span) < WINDOW => {
                near.push(mark(span, Some(&related.message), false, lake));
            }
            (Place::Span(span), _) => {
                far.push(snippet(span.file, vec![mark(span, Some(&related.message), false, lake)], lake));
            }
            _ => far.extend(origin(resolved)),
        }
    }
    let mut elements = Vec::new();
    if let Some(span) = primary {
        near.insert(0, mark(&span, None, true, lake));
        elements.push(snippet(span.file, near, lake));
    }
    elements.extend(far);
    elements
}

fn origin<'a>(place: &'a Resolved) -> Option<Element<'a>> {
    place.file.as_deref().map(|file| Origin::path(clean(file)).into())
}

/// Bytes between the starts of two spans; endless when they lie in different files.
fn distance(a: &Span, b: &Span) -> usize {
    if a.file == b.file { a.start.abs_diff(b.start) as usize } else { usize::MAX }
}

/// A mark of at most a few lines, without white space at its end.
fn mark<'a>(span: &Span, label: Option<&'a str>, primary: bool, lake: &Lake) -> Mark<'a> {
    let text = lake.sources.text(*span);
    let shown = if text.lines().count() > MARKED_LINES { text.lines().next().unwrap_or("") } else { text };
    let start = span.start as usize;
    Mark { range: start..start + shown.trim_end().len(), label, primary }
}

fn snippet<'a>(file: FileId, marks: Vec<Mark<'a>>, lake: &'a Lake) -> Element<'a> {
    let source = lake.sources.get(file);
    let start = marks.iter().map(|mark| mark.range.start).min().unwrap_or(0);
    let end = marks.iter().map(|mark| mark.range.end).max().unwrap_or(0);
    // Only the lines around the marks: the renderer looks at every line it is given.
    let from = source.text[..start].rfind('\n').map_or(0, |i| i + 1);
    let to = end + source.text[end..].find('\n').unwrap_or(source.text.len() - end);
    let to = if source.text[end..to].ends_with('\r') { to - 1 } else { to };
    let line = 1 + source.text[..from].matches('\n').count();
    // A byte order mark is no column.
    let from = if source.text[from..].starts_with('\u{feff}') { from + '\u{feff}'.len_utf8() } else { from };
    let annotations: Vec<Annotation<'a>> = marks
        .into_iter()
        .map(|mark| {
            let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let range = mark.range.start.saturating_sub(from)..mark.range.end.saturating_sub(from);
            kind.span(range).label(mark.label)
        })
        .collect();
    Snippet::source(&source.text[from..to]).line_start(line).path(clean(&source.path)).annotations(annotations).into()
}
