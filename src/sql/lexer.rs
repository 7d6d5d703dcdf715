//! Lexemes of SQL text as people keep it in files: strings, quoted names, comments, Jinja and other placeholders, with byte
//! ranges. Splitting, parsing and the reader of table definitions all stand on it.

use std::ops::Range;

use super::bytes::{floor_boundary, is_word_byte};
use super::{jinja, recovery};

/// What a lexeme is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Space,
    /// `--`, `/* */` and `{# #}`.
    Comment,
    /// `{% ... %}`, and the text that it switches off: dropped as blank space.
    Jinja,
    /// A bare name or keyword; it may hold placeholders: `${env}_orders`.
    Word,
    /// `"name"` or `` `name` ``, quotes included.
    Quoted,
    /// `'text'`, quotes included.
    String,
    Number,
    /// A placeholder that stands alone.
    Placeholder,
    /// An operator or punctuation of one to three bytes.
    Symbol,
    /// A string, quoted name or comment without its end.
    Unterminated,
    /// A character that no SQL text has here.
    Stray,
}

impl Kind {
    /// Blank for the parser.
    pub(super) fn is_blank(self) -> bool {
        matches!(self, Kind::Space | Kind::Comment | Kind::Jinja)
    }
}

/// One lexeme; both ends lie on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lexeme {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Lexeme {
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// How far into a statement the lexer is: it decides whether a backslash escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Start,
    /// After CREATE: a table or database definition follows Hive's rules.
    Create,
    Hive,
    /// In Hive's rules, after WITH: a bracket there makes it a CTAS.
    HiveWith,
    Trino,
}

/// Iterates over the lexemes of a part of a text.
#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    end: usize,
    phase: Phase,
    /// The last lexeme that is not blank.
    last: Option<Lexeme>,
}

/// Words after which an operand starts, so that `:name` and `%s` are placeholders there.
pub(super) const BEFORE_OPERAND: [&str; 28] = [
    "and",
    "as",
    "between",
    "by",
    "case",
    "distinct",
    "else",
    "execute",
    "from",
    "having",
    "in",
    "into",
    "is",
    "join",
    "like",
    "limit",
    "not",
    "offset",
    "on",
    "or",
    "returning",
    "select",
    "set",
    "then",
    "using",
    "values",
    "when",
    "where",
];

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, range: Range<usize>) -> Self {
        let end = floor_boundary(text, range.end);
        let at = floor_boundary(text, range.start.min(end));
        Lexer { text, bytes: &text.as_bytes()[..end], at, end, phase: Phase::Start, last: None }
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn rest(&self, at: usize) -> &'a str {
        self.text.get(at..self.end).unwrap_or("")
    }

    fn char(&self, at: usize) -> Option<char> {
        match self.bytes.get(at) {
            Some(b) if b.is_ascii() => Some(char::from(*b)),
            Some(_) => self.rest(at).chars().next(),
            None => None,
        }
    }

    /// The kind and end of the lexeme that starts here.
    fn scan(&mut self) -> (Kind, usize) {
        let at = self.at;
        let first = self.byte(at);
        match first {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0c => (Kind::Space, self.spaces(at)),
            b'-' if self.byte(at + 1) == b'-' => (Kind::Comment, self.line_end(at)),
            b'/' if self.byte(at + 1) == b'*' => self.block_comment(at),
            b'\'' => self.quoted(at, b'\'', Kind::String),
            b'"' | b'`' => self.quoted(at, first, Kind::Quoted),
            b'{' if matches!(self.byte(at + 1), b'%' | b'#') => self.jinja_tag(at),
            b'{' | b'$' | b'?' | b'@' | b':' | b'%' => match self.placeholder(at) {
                Some(end) => self.placeholder_or_word(at, end),
                None => self.symbol(at),
            },
            b'0'..=b'9' => self.number_or_word(at),
            b'.' if self.byte(at + 1).is_ascii_digit() && !self.after_operand() => (Kind::Number, self.number(at)),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => (Kind::Word, self.word(at)),
            _ if first.is_ascii() => self.symbol(at),
            _ => match self.char(at) {
                Some(c) if c.is_whitespace() || c == '\u{feff}' => (Kind::Space, self.spaces(at)),
                Some(c) if c.is_alphabetic() => (Kind::Word, self.word(at)),
                Some(c) => (Kind::Stray, at + c.len_utf8()),
                None => (Kind::Stray, self.end),
            },
        }
    }

    fn spaces(&self, at: usize) -> usize {
        let blank = self.bytes[at..].iter().position(|b| !matches!(b, b' ' | b'\t'..=b'\r'));
        let at = blank.map_or(self.end, |i| at + i);
        if self.byte(at).is_ascii() {
            return at;
        }
        let rest = self.rest(at);
        let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        at + rest.len() - trimmed.len()
    }

    fn line_end(&self, at: usize) -> usize {
        self.rest(at).find('\n').map_or(self.end, |i| at + i)
    }

    fn block_comment(&self, at: usize) -> (Kind, usize) {
        match self.rest(at + 2).find("*/") {
            Some(i) => (Kind::Comment, at + 2 + i + 2),
            None => (Kind::Unterminated, recovery::recover(self.rest(0), at + 2)),
        }
    }

    fn jinja_tag(&self, at: usize) -> (Kind, usize) {
        if self.byte(at + 1) == b'#' {
            return match self.rest(at + 2).find("#}") {
                Some(i) => (Kind::Comment, at + 2 + i + 2),
                None => (Kind::Unterminated, recovery::recover(self.rest(0), at + 2)),
            };
        }
        match jinja::tag_end(self.rest(at)) {
            Some(len) => (Kind::Jinja, at + len),
            None => (Kind::Unterminated, recovery::recover(self.rest(0), at + 2)),
        }
    }

    /// A string or quoted name. Doubled quotes stay inside; so do escaped ones in Hive's strings, and whole `{{ }}`.
    fn quoted(&self, at: usize, quote: u8, kind: Kind) -> (Kind, usize) {
        let escapes = quote != b'`' && matches!(self.phase, Phase::Hive | Phase::HiveWith);
        let mut i = at + 1;
        while let Some(offset) = self.bytes[i..].iter().position(|b| *b == quote || matches!(b, b'\\' | b'{')) {
            i += offset;
            match self.bytes[i] {
                b'\\' if escapes => i = (i + 2).min(self.end),
                b'{' => i += jinja::expression_in_string(self.rest(i)).unwrap_or(1),
                b if b != quote => i += 1,
                _ if self.byte(i + 1) == quote => i += 2,
                _ => {
                    return match recovery::runaway(self.rest(0), at + 1..i) {
                        Some(end) => (Kind::Unterminated, end),
                        None => (kind, i + 1),
                    };
                }
            }
        }
        (Kind::Unterminated, recovery::recover(self.rest(0), at + 1))
    }

    fn placeholder(&self, at: usize) -> Option<usize> {
        let next = self.byte(at + 1);
        match self.byte(at) {
            b'{' if next == b'{' => self.rest(at).find("}}").map(|i| at + i + 2),
            b'{' => jinja::braces(self.rest(at)).map(|len| at + len),
            b'$' if next == b'{' => jinja::braces(self.rest(at + 1)).map(|len| at + 1 + len),
            b'$' | b'@' if is_word_byte(next) => Some(self.plain_word(at + 1)),
            b'?' => Some(at + 1),
            b':' if (next.is_ascii_alphanumeric() || next == b'_') && self.byte(at.wrapping_sub(1)) != b':' => {
                (!self.after_operand()).then(|| self.plain_word(at + 1))
            }
            b'%' if next == b's' && !is_word_byte(self.byte(at + 2)) => (!self.after_operand()).then_some(at + 2),
            b'%' if next == b'(' && !self.after_operand() => {
                let close = at + self.rest(at).find(')')?;
                let name = self.rest(at + 2).get(..close - at - 2)?;
                (name.bytes().all(is_word_byte) && self.byte(close + 1).is_ascii_alphabetic()).then_some(close + 2)
            }
            _ => None,
        }
    }

    /// A placeholder that touches word characters or another placeholder is part of a name.
    fn placeholder_or_word(&self, at: usize, end: usize) -> (Kind, usize) {
        if jinja::is_config(&self.text[at..end]) {
            return (Kind::Jinja, end);
        }
        let whole = self.word(end);
        if whole > end && matches!(self.byte(at), b'{' | b'$') { (Kind::Word, whole) } else { (Kind::Placeholder, end) }
    }

    /// The end of a name that starts or goes on at `at`.
    fn word(&self, at: usize) -> usize {
        let mut i = at;
        loop {
            i = self.plain_word(i);
            let braces = self.byte(i) == b'{' && !matches!(self.byte(i + 1), b'%' | b'#')
                || self.byte(i) == b'$' && self.byte(i + 1) == b'{';
            match braces.then(|| self.placeholder(i)).flatten() {
                Some(end) => i = end,
                None => return i,
            }
        }
    }

    fn plain_word(&self, at: usize) -> usize {
        let mut i = at;
        loop {
            let rest = self.bytes.get(i..).unwrap_or(&[]);
            i += rest.iter().position(|b| !is_word_byte(*b)).unwrap_or(rest.len());
            match self.byte(i) {
                b'$' if self.byte(i + 1) == b'{' => return i,
                b'$' => i += 1,
                b if b.is_ascii() => return i.min(self.end),
                _ => match self.char(i) {
                    Some(c) if c.is_alphanumeric() => i += c.len_utf8(),
                    _ => return i,
                },
            }
        }
    }

    /// A name may start with digits in Hive: `2024_orders`. Exponents and underscores belong to numbers.
    fn number_or_word(&self, at: usize) -> (Kind, usize) {
        let number = self.number(at);
        let word = self.word(at);
        if word > number { (Kind::Word, word) } else { (Kind::Number, number) }
    }

    fn number(&self, at: usize) -> usize {
        let digits = |mut i: usize| {
            while self.byte(i).is_ascii_digit() || self.byte(i) == b'_' && self.byte(i + 1).is_ascii_digit() {
                i += 1;
            }
            i
        };
        if self.byte(at) == b'0' && matches!(self.byte(at + 1), b'x' | b'X') {
            let hex = self.bytes[at + 2..].iter().take_while(|b| b.is_ascii_hexdigit()).count();
            return at + 2 + hex;
        }
        let mut i = digits(at);
        if self.byte(i) == b'.' && !is_word_byte(self.byte(i + 1))
            || self.byte(i) == b'.' && self.byte(i + 1).is_ascii_digit()
        {
            i = digits(i + 1);
        }
        if matches!(self.byte(i), b'e' | b'E') {
            let sign = usize::from(matches!(self.byte(i + 1), b'+' | b'-'));
            if self.byte(i + 1 + sign).is_ascii_digit() {
                i = digits(i + 1 + sign);
            }
        }
        i
    }

    fn symbol(&self, at: usize) -> (Kind, usize) {
        let pair = [self.byte(at), self.byte(at + 1)];
        let len = match &pair {
            b"<>" | b"!=" | b"<=" | b">=" | b"||" | b"=>" | b"->" | b"::" | b"==" => 2,
            _ => 1,
        };
        let known = b"()[]{},.;:+-*/%=<>!|&^~?@#$\\".contains(&pair[0]);
        (if known { Kind::Symbol } else { Kind::Stray }, at + len)
    }

    /// Whether the last lexeme ends an operand, so that a `%` or `:` here is an operator.
    fn after_operand(&self) -> bool {
        let Some(last) = self.last else { return false };
        let text = &self.text[last.range()];
        match last.kind {
            Kind::Word => !BEFORE_OPERAND.iter().any(|w| text.eq_ignore_ascii_case(w)),
            Kind::Symbol => matches!(text, ")" | "]"),
            Kind::Stray | Kind::Unterminated => false,
            _ => true,
        }
    }

    /// Follows which string rules hold: Hive's in table definitions, Trino's elsewhere and in the query of a CTAS.
    fn follow(&mut self, lexeme: Lexeme) {
        let ends = lexeme.kind == Kind::Symbol && self.byte(lexeme.start) == b';';
        if self.phase == Phase::Trino && !ends {
            return;
        }
        let text = &self.text[lexeme.range()];
        let is = |w: &str| text.eq_ignore_ascii_case(w);
        self.phase = match (self.phase, lexeme.kind) {
            (_, Kind::Symbol) if text == ";" => Phase::Start,
            (Phase::Start, Kind::Word) if is("create") => Phase::Create,
            (Phase::Start, Kind::Word) if is("alter") => Phase::Hive,
            (Phase::Start, _) => Phase::Trino,
            (Phase::Create, Kind::Word) if is("table") || is("external") || is("database") || is("schema") => {
                Phase::Hive
            }
            (Phase::Create, Kind::Word) if is("or") || is("replace") => Phase::Create,
            (Phase::Create, _) => Phase::Trino,
            (Phase::Hive, Kind::Word) if is("with") => Phase::HiveWith,
            (Phase::Hive | Phase::HiveWith, Kind::Word) if is("select") => Phase::Trino,
            (Phase::HiveWith, Kind::Symbol) if text == "(" => Phase::Trino,
            (Phase::HiveWith, _) => Phase::Hive,
            (phase, _) => phase,
        };
    }
}

impl Iterator for Lexer<'_> {
    type Item = Lexeme;

    fn next(&mut self) -> Option<Lexeme> {
        if self.at >= self.end {
            return None;
        }
        let (kind, end) = self.scan();
        // Progress and boundaries hold whatever the scanners return.
        let mut end = floor_boundary(self.text, end.min(self.end));
        if end <= self.at {
            end = self.at + self.char(self.at).map_or(1, char::len_utf8);
        }
        let lexeme = Lexeme { kind, start: self.at, end };
        self.at = end;
        if !kind.is_blank() {
            self.follow(lexeme);
            self.last = Some(lexeme);
        }
        Some(lexeme)
    }
}
