//! Lines and columns of many places: each file's lines are found once, however often it is asked about.

use std::collections::HashMap;

use super::{FileId, LineColumn, Sources};

/// Turns byte offsets into lines and columns.
#[derive(Debug)]
pub struct Lines<'a> {
    sources: &'a Sources,
    /// Byte offsets at which lines start.
    starts: HashMap<FileId, Vec<u32>>,
}

impl<'a> Lines<'a> {
    pub fn new(sources: &'a Sources) -> Self {
        Lines { sources, starts: HashMap::new() }
    }

    /// The same as [`Sources::position`], which walks the file from its start every time.
    pub fn position(&mut self, file: FileId, offset: u32) -> LineColumn {
        let text = &self.sources.get(file).text;
        let starts = self.starts.entry(file).or_insert_with(|| {
            let after = |(i, _): (usize, _)| i as u32 + 1;
            std::iter::once(0).chain(text.match_indices('\n').map(after)).collect()
        });
        let line = starts.partition_point(|start| *start <= offset);
        let before = &text[starts[line - 1] as usize..(offset as usize).min(text.len())];
        LineColumn { line: line as u32, column: 1 + before.chars().filter(|c| *c != '\u{feff}').count() as u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn positions_are_those_of_the_sources(text in "\u{feff}?(a|é|日|\t|\r\n|\n){0,30}") {
            let mut sources = Sources::default();
            let file = sources.add("a.sql", text.as_str());
            let mut lines = Lines::new(&sources);
            for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let offset = offset as u32;
                prop_assert_eq!(lines.position(file, offset), sources.position(file, offset));
            }
        }
    }
}
