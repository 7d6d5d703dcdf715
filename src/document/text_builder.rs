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

    /// Appends a whole text of the same file.
    pub fn push_text(&mut self, text: &Text) {
        self.push_part(text, 0..text.value.len());
    }

    /// Appends what `span` stands for but does not write.
    pub fn push_opaque(&mut self, value: &str, span: Span) {
        let outer = span.range();
        // As long as its place it would pass for what is written there: in two pieces it does not.
        let first = if value.len() == outer.len() { value.len() / 2 } else { 0 };
        self.map.push(first, outer.clone());
        self.map.push(value.len() - first, outer);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_place_is_never_taken_for_what_is_written_there() {
        let place = Span::new(FileId(0), 10..14);
        for value in ["1", "load", "longer than that"] {
            let text = Text::opaque(value, place);
            assert_eq!((text.map.span(0..value.len()), text.map.span(0..1)), (place, place), "{value}");
            assert!(!text.map.is_verbatim(0..value.len()), "{value}");
        }
    }
}
