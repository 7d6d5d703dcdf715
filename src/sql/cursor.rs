//! A cursor over the lexemes of a statement, for the statements that lakelint reads without the parser.

use std::ops::Range;

use super::lexemes::Lexemes;
use super::lexer::{Kind, Lexeme, Lexer};
use super::parse::ParseError;
use super::tokens::unquote;

/// Name-value pairs of `WITH (...)` and `TBLPROPERTIES (...)`: lower-case name, and the text of the value; a value that is no
/// string (a number, an array) as written.
pub(super) type Properties = Vec<(String, String)>;

/// Position in the lexemes of one statement, blanks left out.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    lexemes: &'a [Lexeme],
    at: usize,
    end: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(lexemes: Lexemes<'a>) -> Self {
        Cursor { text: lexemes.text, lexemes: lexemes.list, at: 0, end: lexemes.end }
    }

    /// The lexeme `n` places ahead.
    pub(super) fn nth(&self, n: usize) -> Option<Lexeme> {
        self.lexemes.get(self.at + n).copied()
    }

    /// Its text, empty at the end.
    pub(super) fn peek_nth(&self, n: usize) -> &'a str {
        self.nth(n).map_or("", |l| &self.text[l.range()])
    }

    pub(super) fn peek(&self) -> &'a str {
        self.peek_nth(0)
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        self.nth(0).map(|l| l.kind)
    }

    pub(super) fn is(&self, word: &str) -> bool {
        self.peek().eq_ignore_ascii_case(word)
    }

    pub(super) fn nth_is(&self, n: usize, word: &str) -> bool {
        self.peek_nth(n).eq_ignore_ascii_case(word)
    }

    pub(super) fn at_end(&self) -> bool {
        self.at >= self.lexemes.len()
    }

    /// Where the next lexeme starts; the statement's end when there is none.
    pub(super) fn offset(&self) -> usize {
        self.nth(0).map_or(self.end, |l| l.start)
    }

    /// Where the last lexeme that was passed ends.
    pub(super) fn passed(&self) -> usize {
        self.at.checked_sub(1).and_then(|i| self.lexemes.get(i)).map_or(self.offset(), |l| l.end)
    }

    pub(super) fn advance(&mut self) -> Option<Lexeme> {
        let lexeme = self.nth(0);
        self.at += usize::from(lexeme.is_some());
        lexeme
    }

    /// Passes one word or symbol if it is next.
    pub(super) fn eat(&mut self, word: &str) -> bool {
        let eaten = self.is(word);
        self.at += usize::from(eaten);
        eaten
    }

    /// Passes several words if all of them are next.
    pub(super) fn eat_all(&mut self, words: &[&str]) -> bool {
        let eaten = words.iter().enumerate().all(|(n, word)| self.nth_is(n, word));
        self.at += if eaten { words.len() } else { 0 };
        eaten
    }

    pub(super) fn expect(&mut self, word: &str) -> Result<(), ParseError> {
        if self.eat(word) { Ok(()) } else { Err(self.error(&format!("`{word}`"))) }
    }

    /// An error at the next lexeme.
    pub(super) fn error(&self, expected: &str) -> ParseError {
        let range = self.nth(0).map_or(self.end..self.end, |l| l.range());
        let found = match self.nth(0) {
            Some(l) if l.kind == Kind::Unterminated => "a quote or comment without an end".to_string(),
            Some(_) => format!("`{}`", self.peek().escape_debug()),
            None => "the end of the statement".to_string(),
        };
        ParseError {
            range,
            message: format!("expected {expected}, found {found}"),
            help: "correct the statement, or leave the file out of the check with `exclude` if it is not for Athena"
                .into(),
        }
    }

    /// A string's content.
    pub(super) fn string(&mut self) -> Result<String, ParseError> {
        match self.kind() {
            Some(Kind::String | Kind::Placeholder) => Ok(content(self.take())),
            // Hive takes double quotes too.
            Some(Kind::Quoted) if self.peek().starts_with('"') => Ok(content(self.take())),
            _ => Err(self.error("a string")),
        }
    }

    fn take(&mut self) -> &'a str {
        let text = self.peek();
        self.at += 1;
        text
    }

    /// One name without its quotes.
    pub(super) fn identifier(&mut self) -> Result<String, ParseError> {
        match self.kind() {
            Some(Kind::Word | Kind::Quoted | Kind::Placeholder | Kind::Number) => Ok(content(self.take())),
            _ => Err(self.error("a name")),
        }
    }

    /// A dotted name: its parts with their places.
    pub(super) fn name(&mut self) -> Result<Vec<(String, Range<usize>)>, ParseError> {
        let mut parts = Vec::new();
        loop {
            let start = self.offset();
            let part = self.identifier()?;
            parts.push((part, start..self.passed()));
            if !self.eat(".") {
                return Ok(parts);
            }
        }
    }

    /// Passes a bracket and everything up to its partner, when one is next.
    pub(super) fn skip_brackets(&mut self) -> bool {
        if !self.is("(") {
            return false;
        }
        let mut depth = 0usize;
        while let Some(lexeme) = self.advance() {
            match &self.text[lexeme.range()] {
                "(" => depth += 1,
                ")" if depth <= 1 => return true,
                ")" => depth -= 1,
                _ => {}
            }
        }
        true
    }

    /// Passes lexemes up to one that `stop` accepts outside brackets and angle brackets, and gives the text passed.
    pub(super) fn until(&mut self, stop: impl Fn(&Cursor) -> bool) -> &'a str {
        let start = self.offset();
        let mut depth = 0usize;
        while let Some(lexeme) = self.nth(0) {
            let text = self.peek();
            let closes = matches!(text, ")" | "]" | ">");
            if depth == 0 && (closes || stop(self)) {
                break;
            }
            if lexeme.kind == Kind::Symbol {
                match text {
                    "(" | "[" | "<" => depth += 1,
                    _ if closes => depth -= 1,
                    _ => {}
                }
            }
            self.at += 1;
        }
        let end = self.passed().max(start);
        &self.text[start..end]
    }

    /// `(name = value, ...)`.
    pub(super) fn properties(&mut self) -> Result<Properties, ParseError> {
        self.expect("(")?;
        let mut properties = Properties::new();
        while !self.eat(")") {
            let mut name = match self.kind() {
                Some(Kind::String) => self.string()?,
                _ => self.identifier()?,
            };
            while self.eat(".") {
                name = format!("{name}.{}", self.identifier()?);
            }
            self.expect("=")?;
            let value = self.until(|c| c.is(","));
            if value.is_empty() {
                return Err(self.error("a value"));
            }
            properties.push((name.to_lowercase(), content(value)));
            if !self.eat(",") && !self.is(")") {
                return Err(self.error("`,` or `)`"));
            }
        }
        Ok(properties)
    }
}

/// A string's or quoted name's content, or the text itself when it is neither or is several lexemes.
fn content(written: &str) -> String {
    let whole = |quote: char| {
        let mut lexemes = Lexer::new(written, 0..written.len());
        written.starts_with(quote) && lexemes.next().is_some_and(|l| l.end == written.len())
    };
    match written.chars().next() {
        Some('\'') if whole('\'') => unquote(written, "'").replace("\\'", "'"),
        Some('\'') if written.contains("\\'") && written.len() > 1 => unquote(written, "'").replace("\\'", "'"),
        Some('"') if whole('"') => unquote(written, "\""),
        Some('`') if whole('`') => unquote(written, "`"),
        _ => written.to_string(),
    }
}

/// The value of a property, by lower-case name.
pub(super) fn property<'p>(properties: &'p Properties, name: &str) -> Option<&'p str> {
    properties.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}

/// The strings of `ARRAY['a', 'b']`, or the text itself as the only one.
pub(super) fn array(value: &str) -> Vec<String> {
    if !value.trim_start().get(..5).is_some_and(|w| w.eq_ignore_ascii_case("array")) {
        return vec![value.trim().to_string()];
    }
    Lexer::new(value, 0..value.len()).filter(|l| l.kind == Kind::String).map(|l| content(&value[l.range()])).collect()
}
