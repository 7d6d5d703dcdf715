//! The lexemes of one statement: lexed once, and handed to everything that looks at the statement.

use std::ops::Range;

use super::lexer::{Kind, Lexeme, Lexer};

/// Lexemes of a part of a text, without blanks and comments.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lexemes<'t> {
    /// The whole file.
    pub(super) text: &'t str,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) list: &'t [Lexeme],
}

impl<'t> Lexemes<'t> {
    /// `list` is what [`lex`] gives for the range.
    pub(super) fn new(text: &'t str, range: Range<usize>, list: &'t [Lexeme]) -> Self {
        Lexemes { text, start: range.start, end: range.end, list }
    }

    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Runs a reader over a part. A part follows the string rules of its own start, so it is lexed anew where a backslash, an
    /// open end or a lexeme that it cuts could make a difference.
    pub(super) fn with_part<T>(&self, range: Range<usize>, read: impl FnOnce(Lexemes) -> T) -> T {
        let first = self.list.partition_point(|l| l.end <= range.start);
        let last = self.list.partition_point(|l| l.start < range.end);
        let list = self.list.get(first..last).unwrap_or(&[]);
        let is_cut = list.first().is_some_and(|l| l.start < range.start)
            || list.last().is_some_and(|l| l.end > range.end || l.kind == Kind::Unterminated);
        if is_cut || self.text.as_bytes().get(range.clone()).is_none_or(|bytes| bytes.contains(&b'\\')) {
            return with_lexed(self.text, range, read);
        }
        read(Lexemes::new(self.text, range, list))
    }
}

/// Lexes a part of a text and runs a reader over it.
pub(super) fn with_lexed<T>(text: &str, range: Range<usize>, read: impl FnOnce(Lexemes) -> T) -> T {
    let list = lex(text, range.clone());
    read(Lexemes::new(text, range, &list))
}

/// The lexemes of a part of a text, without blanks and comments.
pub(super) fn lex(text: &str, range: Range<usize>) -> Vec<Lexeme> {
    // SQL has a lexeme in five to six bytes.
    let mut list = Vec::with_capacity(range.len().min(text.len()) / 5 + 8);
    list.extend(Lexer::new(text, range).filter(|l| !l.kind.is_blank()));
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_the_lexemes_that_it_has_alone() {
        let texts = [
            "create table t with (a = 'x') as select 'it''s', \"b\" from u -- c\n where {{ d }} = 1",
            "create table t (a string comment 'a\\'b') as with x as (values '\\') select 'c'",
            "unload (select 'open) to 's3://b/') to 'c",
            "unload (select 1 /* open )",
        ];
        for text in texts {
            let list = lex(text, 0..text.len());
            let whole = Lexemes::new(text, 0..text.len(), &list);
            let places: Vec<usize> = list.iter().flat_map(|l| [l.start, l.end, l.end - 1]).collect();
            let starts = list.iter().filter(|l| ["select", "with"].contains(&&text[l.range()])).map(|l| l.start);
            for start in starts {
                for end in places.iter().copied().filter(|end| *end >= start) {
                    let alone = lex(text, start..end);
                    whole.with_part(start..end, |part| assert_eq!(part.list, alone, "{}", &text[start..end]));
                }
            }
        }
    }
}
