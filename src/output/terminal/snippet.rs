//! The source lines of a finding, with marks.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Element, Origin, Snippet};
use unicode_width::UnicodeWidthChar;

use super::clean;
use crate::finding::Place;
use crate::lake::{FileId, Lake, Span};
use crate::triage::{Found, Resolved};

/// Places further apart than this stand in snippets of their own.
const WINDOW: usize = 4_000;
/// A longer span is marked on its first line only.
const MARKED_LINES: usize = 3;

/// Columns that line number, frame and ellipses take.
const FRAME: usize = 14;

/// Columns that the renderer shows a tab as.
const TAB: usize = 4;

/// A mark in one file.
struct Mark<'a> {
    range: Range<usize>,
    /// Line on which it starts, from 1.
    line: usize,
    label: Option<&'a str>,
    primary: bool,
}

/// The snippet of the finding's place together with the related places near it, then a snippet for each further one.
pub(super) fn elements<'a>(found: &'a Found, lake: &'a Lake, width: usize) -> Vec<Element<'a>> {
    let primary = match &found.finding.place {
        Place::Span(span) => Some(lake.sources.on_disk(*span)),
        _ => None,
    };
    let room = width.saturating_sub(FRAME).max(1);
    let mut near: Vec<Mark<'a>> = primary.iter().map(|span| mark(span, &found.place, None, lake, room)).collect();
    let mut far: Vec<Element<'a>> = Vec::new();
    for (related, resolved) in found.finding.related.iter().zip(&found.related) {
        let Place::Span(span) = &related.place else {
            far.extend(resolved.file.as_deref().map(|file| Origin::path(clean(file)).into()));
            continue;
        };
        let span = &lake.sources.on_disk(*span);
        let mark = mark(span, resolved, Some(&related.message), lake, room);
        match primary {
            Some(primary) if distance(&primary, span) < WINDOW => near.push(mark),
            _ => far.push(snippet(span.file, vec![mark], lake)),
        }
    }
    let near = primary.map(|span| snippet(span.file, near, lake));
    near.into_iter().chain(far).collect()
}

/// Bytes between the starts of two spans; endless when they lie in different files.
fn distance(a: &Span, b: &Span) -> usize {
    if a.file == b.file { a.start.abs_diff(b.start) as usize } else { usize::MAX }
}

/// A mark of at most a few lines, without white space at its end, and not wider than there is room. One without a label is
/// the primary one.
fn mark<'a>(span: &Span, place: &Resolved, label: Option<&'a str>, lake: &Lake, room: usize) -> Mark<'a> {
    let text = lake.sources.text(*span);
    let tall = text.lines().nth(MARKED_LINES).is_some();
    let end = if tall || text.lines().any(|line| fitting(line, room) < line.len()) {
        fitting(text.lines().next().unwrap_or(""), room)
    } else {
        text.len()
    };
    let end = text[..end].trim_end().len();
    let start = span.start as usize;
    let line = place.range.map_or(1, |(start, _)| start.line as usize);
    Mark { range: start..start + end, line, label, primary: label.is_none() }
}

/// How many bytes of a line fit into a number of columns.
pub(super) fn fitting(line: &str, room: usize) -> usize {
    let mut used = 0;
    for (i, c) in line.char_indices() {
        used += if c == '\t' { TAB } else { c.width().unwrap_or(1) };
        if used > room {
            return i;
        }
    }
    line.len()
}

fn snippet<'a>(file: FileId, marks: Vec<Mark<'a>>, lake: &'a Lake) -> Element<'a> {
    let source = lake.sources.get(file);
    let start = marks.iter().map(|mark| mark.range.start).min().unwrap_or(0);
    let end = marks.iter().map(|mark| mark.range.end).max().unwrap_or(0);
    let line = marks.iter().map(|mark| mark.line).min().unwrap_or(1);
    // Only the lines around the marks: the renderer looks at every line it is given.
    let from = source.text[..start].rfind('\n').map_or(0, |i| i + 1);
    let to = end + source.text[end..].find('\n').unwrap_or(source.text.len() - end);
    let to = if source.text[end..to].ends_with('\r') { to - 1 } else { to };
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
