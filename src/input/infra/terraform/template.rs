//! Texts that are put together of pieces, each with its place.

use std::ops::Range;
use std::sync::Arc;

use crate::document::Text;
use crate::lake::{FileId, Span, TextMap};

/// A text under construction, of pieces in one file.
pub(super) struct Pieces {
    value: String,
    map: TextMap,
}

impl Pieces {
    pub fn new(file: FileId) -> Pieces {
        Pieces { value: String::new(), map: TextMap::empty(file) }
    }

    /// Appends what stands in the file.
    pub fn push_text(&mut self, text: &Text) {
        self.push_part(text, 0..text.value.len());
    }

    pub fn push_part(&mut self, text: &Text, part: Range<usize>) {
        self.value.push_str(&text.value[part.clone()]);
        self.map.push_part(&text.map, part);
    }

    /// Appends a text that comes from elsewhere; in this file `span` stands for it.
    pub fn push_foreign(&mut self, text: &str, span: Span) {
        self.value.push_str(text);
        let len = text.len();
        // As long as its place it would pass for what is written there: in two pieces it does not.
        let first = if len == span.range().len() { len / 2 } else { 0 };
        self.map.push(first, span.range());
        self.map.push(len - first, span.range());
    }

    /// Appends `${...}` that nothing resolves, in a form that does not end a JSON string.
    pub fn push_hole(&mut self, source: &str, span: Span) {
        if source.contains(['"', '\\', '\n', '\r', '\t']) {
            let source = source.replace(['"', '\\'], "");
            self.push_foreign(&source.split_whitespace().collect::<Vec<_>>().join(" "), span);
        } else {
            self.value.push_str(source);
            self.map.push(source.len(), span.range());
        }
    }

    pub fn finish(self) -> Text {
        Text { value: Arc::from(self.value), map: self.map }
    }
}
