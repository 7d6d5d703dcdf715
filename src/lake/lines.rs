//! Lines and columns of many places: each file's lines are found once, however often it is asked about.

use std::collections::HashMap;

use super::{FileId, LineColumn, Sources};

/// Turns byte offsets into lines and columns.
#[derive(Debug)]
pub struct Lines<'a> {
    sources: &'a Sources,
    /// In the order of their offsets: where lines start, and more in long ones.
    marks: HashMap<FileId, Vec<Mark>>,
}

/// A place in a file: so many characters into a line.
#[derive(Debug, Clone, Copy)]
struct Mark {
    offset: u32,
    line: u32,
    characters: u32,
}

/// Bytes between the marks of a line: a notebook may be a single one.
const BETWEEN: usize = 1024;

fn marks(text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut start = 0;
    for (line, written) in (1..).zip(text.split('\n')) {
        marks.push(Mark { offset: start as u32, line, characters: 0 });
        if written.len() > BETWEEN {
            let (mut characters, mut next) = (0, BETWEEN);
            for (at, c) in written.char_indices() {
                if at >= next {
                    marks.push(Mark { offset: (start + at) as u32, line, characters });
                    next = at + BETWEEN;
                }
                characters += u32::from(c != '\u{feff}');
            }
        }
        start += written.len() + 1;
    }
    marks
}

impl<'a> Lines<'a> {
    pub fn new(sources: &'a Sources) -> Self {
        Lines { sources, marks: HashMap::new() }
    }

    /// The same as [`Sources::position`], which walks the file from its start every time.
    pub fn position(&mut self, file: FileId, offset: u32) -> LineColumn {
        let text = &self.sources.get(file).text;
        let marks = self.marks.entry(file).or_insert_with(|| marks(text));
        let mark = marks[marks.partition_point(|mark| mark.offset <= offset) - 1];
        let behind = &text[mark.offset as usize..(offset as usize).min(text.len())];
        let characters = mark.characters + behind.chars().filter(|c| *c != '\u{feff}').count() as u32;
        LineColumn { line: mark.line, column: 1 + characters }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str) {
        let mut sources = Sources::default();
        let file = sources.add("a.sql", text);
        let mut lines = Lines::new(&sources);
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let offset = offset as u32;
            assert_eq!(lines.position(file, offset), sources.position(file, offset));
        }
    }

    #[test]
    fn long_lines_have_the_same_positions() {
        check(&"a\u{feff}é日\n".replace('\n', "xyz").repeat(500));
        check(&format!("a\n{}\n\u{feff}b{}", "é".repeat(1_500), "日".repeat(900)));
    }

    proptest! {
        #[test]
        fn positions_are_those_of_the_sources(text in "\u{feff}?(a|é|日|\t|\r\n|\n){0,30}") {
            check(&text);
        }
    }
}
