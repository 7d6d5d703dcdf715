//! Putting a text together from parts of others, without losing where they stand.

use std::ops::Range;

use super::Text;
use crate::lake::{FileId, Span, TextMap};

/// A text that grows.
#[derive(Debug)]
pub struct TextBuilder {
    value: String,
    map: TextMap,
}

impl TextBuilder {
    pub fn new(file: FileId) -> TextBuilder {
        TextBuilder { value: String::new(), map: TextMap::empty(file) }
    }

    /// Appends a part of a text of the same file.
    pub fn push_part(&mut self, text: &Text, part: Range<usize>) {
        self.map.push_part(&text.map, part.clone());
        self.value.push_str(&text.value[part]);
    }

    /// Appends what `span` stands for but does not write.
    pub fn push_opaque(&mut self, value: &str, span: Span) {
        // A range as long would claim that the bytes are the same.
        let outer =
            if span.range().len() == value.len() { span.range().start..span.range().start } else { span.range() };
        self.map.push(value.len(), outer);
        self.value.push_str(value);
    }

    pub fn build(self) -> Text {
        Text { value: self.value.into(), map: self.map }
    }
}

impl Text {
    /// A text that stands for `span`.
    pub fn opaque(value: &str, span: Span) -> Text {
        let mut text = TextBuilder::new(span.file);
        text.push_opaque(value, span);
        text.build()
    }
}
