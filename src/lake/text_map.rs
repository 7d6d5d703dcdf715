//! Where a decoded text stands in the file that holds it: an escaped string, a definition in a template, SQL in a definition.

use std::ops::Range;

use super::{FileId, Span};

/// Maps byte offsets of a decoded text to byte offsets of a file. The text is a row of pieces, in order and without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMap {
    file: FileId,
    pieces: Vec<Piece>,
    /// Bytes of the decoded text.
    len: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    /// Start in the decoded text; it ends where the next piece starts.
    inner: usize,
    outer: Range<usize>,
}

impl Piece {
    /// Whether `len` decoded bytes stand byte for byte in the file.
    fn is_verbatim(&self, len: usize) -> bool {
        self.outer.len() == len
    }
}

impl TextMap {
    /// The map of an empty text.
    pub fn empty(file: FileId) -> TextMap {
        TextMap { file, pieces: Vec::new(), len: 0 }
    }

    /// A text that stands in the file as it is, from byte `start` on.
    pub fn verbatim(file: FileId, start: usize, len: usize) -> TextMap {
        let mut map = TextMap::empty(file);
        map.push(len, start..start + len);
        map
    }

    pub fn file(&self) -> FileId {
        self.file
    }

    /// Bytes of the decoded text.
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The next `len` decoded bytes are what the file writes in `outer`. Bytes correspond one to one when both are as long; else
    /// every one of them stands for the whole range.
    pub fn push(&mut self, len: usize, outer: Range<usize>) {
        if len == 0 {
            return;
        }
        let end = self.len;
        let continues =
            |last: &Piece| last.is_verbatim(end - last.inner) && outer.len() == len && last.outer.end == outer.start;
        match self.pieces.last_mut().filter(|last| continues(last)) {
            Some(last) => last.outer.end = outer.end,
            None => self.pieces.push(Piece { inner: self.len, outer }),
        }
        self.len += len;
    }

    /// Appends a part of another text of the same file.
    pub fn push_part(&mut self, other: &TextMap, part: Range<usize>) {
        let first = other.pieces.partition_point(|piece| piece.inner <= part.start).saturating_sub(1);
        for (i, piece) in other.pieces.iter().enumerate().skip(first).take_while(|(_, piece)| piece.inner < part.end) {
            let end = other.pieces.get(i + 1).map_or(other.len, |next| next.inner);
            let (from, to) = (part.start.max(piece.inner), part.end.min(end));
            if from >= to {
                continue;
            }
            let outer = match piece.is_verbatim(end - piece.inner) {
                true => piece.outer.start + (from - piece.inner)..piece.outer.start + (to - piece.inner),
                false => piece.outer.clone(),
            };
            self.push(to - from, outer);
        }
    }

    /// The smallest range of the file that holds the decoded range.
    pub fn span(&self, inner: Range<usize>) -> Span {
        let start = self.outer(inner.start, false);
        let end = if inner.is_empty() { start } else { self.outer(inner.end, true) };
        Span::new(self.file, start..end.max(start))
    }

    /// Whether the decoded range stands in the file byte for byte, so that it can be edited there.
    pub fn is_verbatim(&self, inner: Range<usize>) -> bool {
        let next = self.pieces.partition_point(|piece| piece.inner <= inner.start);
        let end = self.pieces.get(next).map_or(self.len, |piece| piece.inner);
        let piece = next.checked_sub(1).map(|index| &self.pieces[index]);
        // All of it lies in one piece.
        inner.is_empty() || inner.end <= end && piece.is_some_and(|piece| piece.is_verbatim(end - piece.inner))
    }

    fn outer(&self, inner: usize, is_end: bool) -> usize {
        let at = self.pieces.partition_point(|piece| if is_end { piece.inner < inner } else { piece.inner <= inner });
        let Some(index) = at.checked_sub(1) else { return self.pieces.first().map_or(0, |piece| piece.outer.start) };
        let piece = &self.pieces[index];
        let end = self.pieces.get(index + 1).map_or(self.len, |next| next.inner);
        match piece.is_verbatim(end - piece.inner) {
            true => (piece.outer.start + (inner - piece.inner)).min(piece.outer.end),
            false if is_end || inner >= end => piece.outer.end,
            false => piece.outer.start,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_map_to_the_whole_escape_and_the_rest_byte_for_byte() {
        // The file holds `ab\ncd` from byte 10 on, the text is `ab`, a line feed, `cd`.
        let mut map = TextMap::empty(FileId(0));
        map.push(2, 10..12);
        map.push(1, 12..14);
        map.push(2, 14..16);
        let range = |inner| map.span(inner).range();
        assert_eq!(range(0..2), 10..12);
        assert_eq!(range(2..3), 12..14);
        assert_eq!(range(1..4), 11..15);
        assert_eq!(range(5..5), 16..16);
        assert!(map.is_verbatim(3..5) && !map.is_verbatim(1..4));
        let mut part = TextMap::empty(FileId(0));
        part.push_part(&map, 1..4);
        assert_eq!((part.len(), part.span(0..3).range(), part.span(2..3).range()), (3, 11..15, 14..15));
    }

    #[test]
    fn a_range_is_verbatim_when_one_piece_holds_it() {
        let mut map = TextMap::empty(FileId(0));
        map.push(3, 10..13);
        map.push(1, 13..15);
        map.push(3, 15..18);
        map.push(2, 30..32);
        let verbatim: Vec<(usize, usize)> = (0..=9)
            .flat_map(|start| (start + 1..=9).map(move |end| (start, end)))
            .filter(|(start, end)| map.is_verbatim(*start..*end))
            .collect();
        let within =
            |from: usize, to: usize| (from..to).flat_map(move |start| (start + 1..=to).map(move |end| (start, end)));
        let expected: Vec<(usize, usize)> = within(0, 3).chain(within(4, 7)).chain(within(7, 9)).collect();
        assert_eq!(verbatim, expected);
        let mut part = TextMap::empty(FileId(0));
        part.push_part(&map, 2..8);
        assert_eq!((part.len(), part.span(0..1).range(), part.span(5..6).range()), (6, 12..13, 30..31));
    }

    #[test]
    fn no_part_of_what_stands_for_a_shorter_place_is_verbatim() {
        let mut map = TextMap::empty(FileId(0));
        map.push(3, 10..11);
        assert!(!map.is_verbatim(0..1) && !map.is_verbatim(2..3) && !map.is_verbatim(0..3));
    }
}
