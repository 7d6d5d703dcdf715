//! Places for people: each file's lines are found once, however many findings it has.

use std::collections::HashMap;

use super::Resolved;
use crate::finding::Place;
use crate::lake::{FileId, Lake, LineColumn};

/// Turns byte offsets of a lake's files into lines and columns.
pub(super) struct Positions<'a> {
    lake: &'a Lake,
    /// Byte offsets at which lines start.
    line_starts: HashMap<FileId, Vec<u32>>,
}

impl<'a> Positions<'a> {
    pub(super) fn new(lake: &'a Lake) -> Self {
        Positions { lake, line_starts: HashMap::new() }
    }

    pub(super) fn resolve(&mut self, place: &Place) -> Resolved {
        let range = match place {
            Place::Span(span) => Some((self.position(span.file, span.start), self.position(span.file, span.end))),
            Place::File(_) | Place::Path(_) | Place::Lake => None,
        };
        Resolved { file: shown_path(place, self.lake).map(str::to_string), range }
    }

    /// The same as [`crate::lake::Sources::position`], which walks the file from its start every time.
    fn position(&mut self, file: FileId, offset: u32) -> LineColumn {
        let text = &self.lake.sources.get(file).text;
        let starts = self.line_starts.entry(file).or_insert_with(|| {
            let after = |(i, _): (usize, _)| i as u32 + 1;
            std::iter::once(0).chain(text.match_indices('\n').map(after)).collect()
        });
        let line = starts.partition_point(|start| *start <= offset);
        let before = &text[starts[line - 1] as usize..(offset as usize).min(text.len())];
        LineColumn { line: line as u32, column: 1 + before.chars().filter(|c| *c != '\u{feff}').count() as u32 }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn positions_are_those_of_the_sources(text in "\u{feff}?(a|é|日|\t|\r\n|\n){0,30}") {
            let mut lake = Lake::default();
            let file = lake.sources.add("a.sql", text.as_str());
            let mut positions = Positions::new(&lake);
            for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let offset = offset as u32;
                prop_assert_eq!(positions.position(file, offset), lake.sources.position(file, offset));
            }
        }
    }
}
