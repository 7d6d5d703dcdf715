//! Places for people.

use super::Resolved;
use crate::finding::Place;
use crate::lake::{Lake, Lines};

/// Turns the places of a lake's files into lines and columns of the files on disk.
pub(super) struct Positions<'a> {
    lake: &'a Lake,
    lines: Lines<'a>,
}

impl<'a> Positions<'a> {
    pub(super) fn new(lake: &'a Lake) -> Self {
        Positions { lake, lines: Lines::new(&lake.sources) }
    }

    pub(super) fn resolve(&mut self, place: &Place) -> Resolved {
        let mut at = |file, offset| self.lines.position(file, offset);
        let range = match place {
            Place::Span(span) => {
                let span = self.lake.sources.on_disk(*span);
                Some((at(span.file, span.start), at(span.file, span.end)))
            }
            Place::File(_) | Place::Path(_) | Place::Lake => None,
        };
        Resolved { file: shown_path(place, self.lake).map(str::to_string), range }
    }
}

/// The path of a place as shown to the user.
pub(super) fn shown_path<'a>(place: &'a Place, lake: &'a Lake) -> Option<&'a str> {
    match place {
        Place::Span(span) => Some(&lake.sources.get(span.file).path),
        Place::File(file) => Some(&lake.sources.get(*file).path),
        Place::Path(path) => Some(path),
        Place::Lake => None,
    }
}
