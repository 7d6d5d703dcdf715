//! Text files that were read, and places in them: spans are byte offsets, lines and columns are derived on demand.

use std::ops::Range;
use std::sync::Arc;

use super::TextMap;

/// Index of a file in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A half-open byte range of one file; both ends lie on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        Span { file, start: range.start as u32, end: range.end as u32 }
    }

    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span of the same file that holds both.
    pub fn join(self, other: Span) -> Span {
        debug_assert_eq!(self.file, other.file);
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    pub fn contains(&self, other: &Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }
}

/// A position for people: both are 1-based, the column counts characters (a tab is one).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    pub line: u32,
    pub column: u32,
}

/// One text file.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Path as shown to the user: relative to the working directory where possible, `/` as separator; `-` or the
    /// `--stdin-filename` for standard input.
    pub path: String,
    pub text: Arc<str>,
    /// Read only for the tables and views that it defines: it was not asked about, so nothing is reported in it.
    pub is_context: bool,
    /// For a text that stands inside of another file, SQL in a state machine for one: where each byte stands there. `path` is
    /// that file's.
    pub inside: Option<TextMap>,
}

/// All files of a run; a [`Span`] is resolved against it.
#[derive(Debug, Default, Clone)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.push(SourceFile { path: path.into(), text: text.into(), is_context: false, inside: None })
    }

    /// Adds a file that is read only for its definitions.
    pub fn add_context(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let file = self.add(path, text);
        self.files[file.0 as usize].is_context = true;
        file
    }

    /// Reports in a file that was read only for its definitions after all.
    pub fn ask(&mut self, file: FileId) {
        self.files[file.0 as usize].is_context = false;
    }

    /// Reports nothing in a file that was asked about.
    pub fn pass_over(&mut self, file: FileId) {
        self.files[file.0 as usize].is_context = true;
    }

    /// Adds a text that stands inside of a file.
    pub fn add_inside(&mut self, text: impl Into<Arc<str>>, map: TextMap) -> FileId {
        let SourceFile { path, is_context, .. } = self.get(map.file());
        let (path, is_context) = (path.clone(), *is_context);
        self.push(SourceFile { path, text: text.into(), is_context, inside: Some(map) })
    }

    fn push(&mut self, file: SourceFile) -> FileId {
        self.files.push(file);
        FileId(self.files.len() as u32 - 1)
    }

    /// Where a place stands on disk: itself, or its place in the file that the text is inside of.
    pub fn on_disk(&self, span: Span) -> Span {
        self.get(span.file).inside.as_ref().map_or(span, |map| map.span(span.range()))
    }

    pub fn get(&self, file: FileId) -> &SourceFile {
        &self.files[file.0 as usize]
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(i as u32), f))
    }

    pub fn text(&self, span: Span) -> &str {
        &self.get(span.file).text[span.range()]
    }

    /// Line and column of a byte offset. A carriage return before a line feed belongs to the line it ends.
    pub fn position(&self, file: FileId, offset: u32) -> LineColumn {
        let text = &self.get(file).text;
        let before = &text[..(offset as usize).min(text.len())];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        LineColumn {
            line: 1 + before.bytes().filter(|b| *b == b'\n').count() as u32,
            column: 1 + before[line_start..].chars().filter(|c| *c != '\u{feff}').count() as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_survive_crlf_tabs_and_a_byte_order_mark() {
        let mut sources = Sources::default();
        let file = sources.add("a.sql", "\u{feff}select 'é',\r\n\tdt from t");
        let at = |needle: &str| {
            let offset = sources.get(file).text.find(needle).expect("needle") as u32;
            let p = sources.position(file, offset);
            (p.line, p.column)
        };
        assert_eq!(at("select"), (1, 1));
        assert_eq!(at(",\r\n"), (1, 11));
        assert_eq!(at("dt from"), (2, 2));
    }
}
