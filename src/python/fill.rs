//! Parts to SQL: every hole becomes what SQL has at its place, so that what is not known stays unknown and the rest can be read.

use super::literal::Part;
use crate::document::{Text, TextBuilder};
use crate::lake::{FileId, Span};

/// SQL that a program writes.
#[derive(Debug, Clone)]
pub(crate) struct Filled {
    pub(crate) text: Text,
    /// Something in it only the running program knows.
    pub(crate) has_holes: bool,
    /// It names the database of a table, which only the running program knows.
    pub(crate) has_open_database: bool,
}

/// The SQL of a row of parts; `rest` is where a program goes on with it.
pub(super) fn fill(parts: &[Part], rest: Option<Span>, file: FileId) -> Filled {
    let mut filler = Filler { out: TextBuilder::new(file), at: Reader::default() };
    let (mut from, mut has_open_database) = (0, false);
    for (i, part) in parts.iter().enumerate() {
        match part {
            Part::Written(text) => {
                filler.out.push_part(text, from..text.value.len());
                filler.at.read(&text.value[from..]);
                from = 0;
            }
            // A table whose database is not known is one without a database.
            Part::Hole { place, .. } if filler.at.wants_table() && is_table_behind(&parts[i + 1..]) => {
                filler.out.push_opaque(BLANK, *place);
                (from, has_open_database) = (1, true);
            }
            Part::Hole { name, place } => filler.hole(name, *place, &following(&parts[i + 1..])),
        }
    }
    if let Some(place) = rest.filter(|_| filler.at.last != Last::Start) {
        filler.at.read(" ");
        filler.hole("rest", place, "");
    }
    let has_holes = rest.is_some() || parts.iter().any(|part| matches!(part, Part::Hole { .. }));
    Filled { text: filler.out.build(), has_holes, has_open_database }
}

/// Whether a dot and a name come behind a hole.
fn is_table_behind(parts: &[Part]) -> bool {
    let Some(Part::Written(next)) = parts.first() else { return false };
    next.value.strip_prefix('.').is_some_and(|name| name.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

/// Holes in a row that are looked beyond.
const MOST_HOLES: usize = 20;

/// The text that comes behind a hole; a blank stands for more holes between.
fn following(parts: &[Part]) -> String {
    let mut between = String::new();
    for part in parts.iter().take(MOST_HOLES) {
        match part {
            Part::Written(next) if !next.value.trim().is_empty() => {
                between.extend(next.value.chars().take(200));
                break;
            }
            _ if between.is_empty() => between.push(' '),
            _ => {}
        }
    }
    between
}

/// Stands for a hole of which nothing can be said; longer than the shortest hole, so that it does not pass for what is written there.
const BLANK: &str = "  ";

struct Filler {
    out: TextBuilder,
    at: Reader,
}

impl Filler {
    fn hole(&mut self, name: &str, place: Span, next: &str) {
        let Some((before, behind)) = self.at.around(next) else { return self.out.push_opaque(BLANK, place) };
        self.out.push_opaque(&format!("{before}{{{name}}}{behind}"), place);
        self.at.read(before);
        self.at.take_value();
        self.at.read(behind);
    }
}

/// A clause of SQL, as far as it decides what a hole may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Clause {
    #[default]
    Start,
    From,
    On,
    Where,
    Other,
}

/// The last thing that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Start,
    /// In lower case.
    Word(String),
    /// The end of a string, a number or a bracket.
    Operand,
    Symbol(u8),
}

/// Knows where in a statement it is.
#[derive(Debug, Default)]
struct Reader {
    /// The open quote.
    quote: Option<u8>,
    in_line_comment: bool,
    in_comment: bool,
    /// A word, name or number that may go on.
    is_open: bool,
    last: Last,
    clause: Clause,
    /// Of each open bracket: the clause around it, and the word before it.
    brackets: Vec<(Clause, String)>,
    previous: u8,
}

/// Deeper brackets are not told apart.
const DEEPEST: usize = 500;

impl Reader {
    fn read(&mut self, text: &str) {
        for byte in text.bytes() {
            self.step(byte);
            self.previous = byte;
        }
    }

    fn step(&mut self, byte: u8) {
        if self.in_line_comment {
            self.in_line_comment = byte != b'\n';
        } else if self.in_comment {
            if (self.previous, byte) == (b'*', b'/') {
                self.in_comment = false;
            }
        } else if let Some(quote) = self.quote {
            if byte == quote {
                self.quote = None;
                self.last = Last::Operand;
            }
        } else if is_word(byte) {
            if !std::mem::replace(&mut self.is_open, true) {
                self.last = Last::Word(String::new());
            }
            if let Last::Word(word) = &mut self.last
                && word.len() < 64
            {
                word.push(char::from(byte.to_ascii_lowercase()));
            }
        } else {
            self.end_word();
            self.symbol(byte);
        }
    }

    /// Enters the clause that a word starts.
    fn end_word(&mut self) {
        if !std::mem::take(&mut self.is_open) {
            return;
        }
        let Last::Word(word) = &self.last else { return };
        self.clause = match word.as_str() {
            "from" | "join" | "into" | "using" | "update" | "table" => Clause::From,
            "on" => Clause::On,
            "where" => Clause::Where,
            "select" | "group" | "order" | "having" | "limit" | "offset" | "window" | "set" | "values" => Clause::Other,
            "union" | "intersect" | "except" => Clause::Start,
            _ => self.clause,
        };
    }

    fn symbol(&mut self, byte: u8) {
        match byte {
            _ if byte.is_ascii_whitespace() => {}
            b'\'' | b'"' | b'`' => self.quote = Some(byte),
            b'-' if self.previous == b'-' => self.in_line_comment = true,
            b'*' if self.previous == b'/' => self.in_comment = true,
            b'(' => {
                let before = match &self.last {
                    Last::Word(word) => word.clone(),
                    _ => String::new(),
                };
                if self.brackets.len() < DEEPEST {
                    self.brackets.push((self.clause, before));
                }
                self.clause = Clause::Other;
                self.last = Last::Symbol(byte);
            }
            b')' => {
                self.clause = self.brackets.pop().map_or(Clause::Other, |(clause, _)| clause);
                self.last = Last::Operand;
            }
            b';' => {
                self.brackets.clear();
                (self.clause, self.last) = (Clause::Start, Last::Start);
            }
            _ => self.last = Last::Symbol(byte),
        }
    }

    /// Whether the name of a table that is read comes next.
    fn wants_table(&self) -> bool {
        let in_text = self.quote.is_some() || self.in_comment || self.in_line_comment;
        let is_before = match &self.last {
            Last::Word(word) => word == "from" || word == "join",
            Last::Symbol(b',') => self.clause == Clause::From,
            _ => false,
        };
        is_before && !in_text && !self.is_open
    }

    /// Goes behind a placeholder.
    fn take_value(&mut self) {
        if self.quote.is_none() && !self.in_comment && !self.in_line_comment {
            (self.is_open, self.last) = (false, Last::Operand);
        }
        self.previous = b'}';
    }

    /// What stands before and behind the placeholder of a hole here; `None` where a blank stands for all of it.
    fn around(&self, next: &str) -> Option<(&'static str, &'static str)> {
        const VALUE: (&str, &str) = ("", "");
        const SUBQUERY: (&str, &str) = ("SELECT * FROM ", "");
        if self.quote.is_some() || self.in_comment || self.in_line_comment {
            return Some(VALUE);
        }
        let touches = |byte: u8| is_word(byte) || matches!(byte, b'.' | b'}' | b'"' | b'`');
        if self.is_open || touches(self.previous) || next.bytes().next().is_some_and(touches) {
            return Some(VALUE);
        }
        match &self.last {
            Last::Start => None,
            Last::Symbol(b'(') => match self.brackets.last() {
                Some((Clause::From, before)) if is_before_name(before) => Some(SUBQUERY),
                Some((_, before)) if before == "as" || before == "exists" => Some(SUBQUERY),
                _ => Some(VALUE),
            },
            Last::Symbol(_) => Some(VALUE),
            Last::Word(word) if word == "in" => Some(("(", ")")),
            Last::Word(word) if word == "union" || word == "all" && self.clause == Clause::Start => Some(SUBQUERY),
            Last::Word(word) if is_before_name(word) || is_before_operand(word) => Some(VALUE),
            Last::Word(_) | Last::Operand => self.clause(next),
        }
    }

    /// A hole behind something complete: clauses, as many as it likes.
    fn clause(&self, next: &str) -> Option<(&'static str, &'static str)> {
        let next = next.trim_start();
        let word: String = next.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let word = word.to_ascii_lowercase();
        let ends = next.is_empty()
            || next.starts_with([')', ';'])
            || ["group", "order", "limit", "having", "union", "intersect", "except", "window", "offset", "fetch"]
                .contains(&word.as_str());
        match self.clause {
            Clause::From | Clause::On if ends => Some((" WHERE ", " ")),
            Clause::Where if ends || word == "and" || word == "or" => Some((" AND ", " ")),
            _ => None,
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

/// Whether a name of a table or the like comes behind a word.
fn is_before_name(word: &str) -> bool {
    ["from", "join", "into", "table", "update", "view", "exists", "schema", "database", "as"].contains(&word)
}

/// Whether a value comes behind a word.
fn is_before_operand(word: &str) -> bool {
    const WORDS: [&str; 23] = [
        "where",
        "and",
        "or",
        "not",
        "on",
        "having",
        "when",
        "then",
        "else",
        "case",
        "by",
        "select",
        "distinct",
        "between",
        "like",
        "limit",
        "offset",
        "set",
        "values",
        "is",
        "interval",
        "using",
        "returning",
    ];
    WORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text with `<name>` for holes.
    fn filled(sql: &str) -> String {
        let file = FileId(0);
        let mut parts = Vec::new();
        for (i, piece) in sql.split(['<', '>']).enumerate() {
            match i % 2 {
                0 if piece.is_empty() => {}
                0 => parts.push(Part::Written(Text::opaque(piece, Span::new(file, 0..1)))),
                _ => parts.push(Part::Hole { name: piece.to_string(), place: Span::new(file, 0..1) }),
            }
        }
        fill(&parts, None, file).text.value.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_hole_becomes_what_stands_at_its_place() {
        for (sql, expected) in [
            ("select a from <t>", "select a from {t}"),
            ("select a from <d>.t x, <d>.u join <d>.v", "select a from t x, u join v"),
            ("insert into <d>.t select a from db_<e>.t", "insert into {d}.t select a from db_{e}.t"),
            ("select a from <d>.<t> x where b = 1", "select a from {d}.{t} x where b = 1"),
            ("select a from db_<env>.t", "select a from db_{env}.t"),
            ("select a from t where dt = '<day>'", "select a from t where dt = '{day}'"),
            ("select a from t where dt = <day>", "select a from t where dt = {day}"),
            ("select a from t where dt in <days>", "select a from t where dt in ({days})"),
            ("select a from t where dt in (<days>)", "select a from t where dt in ({days})"),
            ("select a from t where <cond>", "select a from t where {cond}"),
            ("select a from t <where>", "select a from t WHERE {where}"),
            ("select a from t <where> <limit>", "select a from t WHERE {where} AND {limit}"),
            ("select a from t <where> group by 1", "select a from t WHERE {where} group by 1"),
            ("select a from t <joins> where dt = 1", "select a from t where dt = 1"),
            ("select a from t where b = 1 <more> order by 1", "select a from t where b = 1 AND {more} order by 1"),
            ("select a from (<query>) x", "select a from (SELECT * FROM {query}) x"),
            ("with x as (<query>) select a from x", "with x as (SELECT * FROM {query}) select a from x"),
            ("select a from t limit <n>", "select a from t limit {n}"),
            ("select a from t order by a <way>", "select a from t order by a"),
            ("select <cols> from t", "select {cols} from t"),
            ("select a -- <note>\nfrom t", "select a -- {note} from t"),
            ("select a from t where b = ';' <more>", "select a from t where b = ';' AND {more}"),
        ] {
            assert_eq!(filled(sql), expected, "{sql}");
        }
    }
}
