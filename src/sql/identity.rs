//! What a statement is apart from its literal values: the same for the text in a repository and for the text that ran.
//!
//! Comments, spacing, the case and quotes of names and a closing semicolon do not count. Strings, numbers and placeholders are
//! one mark, and a list of them after IN is one too, however long: scheduled queries get other values with every run.

use super::lexemes::lex;
use super::lexer::{BEFORE_OPERAND, Kind, Lexeme};
use super::placeholder::has_placeholder;
use super::tokens::unquote;
use crate::lake::{Fingerprint, Identity, Role};

/// What identifies a statement's text. `parameters` are the values of its `?`, where they are known.
pub fn identity(text: &str, parameters: &[String]) -> Identity {
    let mut lexemes = lex(text, 0..text.len());
    while lexemes.last().is_some_and(|last| &text[last.range()] == ";") {
        lexemes.pop();
    }
    let word = |i: usize| lexemes.get(i).map_or("", |lexeme| &text[lexeme.range()]);
    if word(0).eq_ignore_ascii_case("prepare") && word(2).eq_ignore_ascii_case("from") {
        let prepared = identity(&text[lexemes[2].end..], &[]);
        return Identity { role: Role::Prepares(execution_of(word(1))), ..prepared };
    }
    if word(0).eq_ignore_ascii_case("execute") {
        let values = Parts::read(text, lexemes.get(2..).unwrap_or(&[]), parameters, Names::Whole);
        let execution = execution_of(word(1));
        let literals = values.literals_hash();
        return Identity {
            fingerprint: execution,
            loose: execution,
            literals,
            role: Role::Executes,
            ..Identity::default()
        };
    }
    let inside = query_inside(text, &lexemes);
    let whole = Parts::read(text, &lexemes, parameters, Names::Whole);
    let inner = inside.map(|inside| Parts::read(text, inside, parameters, Names::Whole));
    let target = inside.and_then(|_| target(text, &lexemes));
    let names = Names::Last { own: target.as_deref() };
    Identity {
        fingerprint: whole.fingerprint(),
        inner: inner.as_ref().map(Parts::fingerprint),
        loose: Parts::read(text, inside.unwrap_or(&lexemes), parameters, names).fingerprint(),
        // Properties of a CTAS, such as its location, do not change what it reads.
        literals: inner.as_ref().unwrap_or(&whole).literals_hash(),
        has_relation: whole.has_relation,
        role: Role::Plain,
    }
}

/// The name of a prepared statement, as its executions are known by.
fn execution_of(name: &str) -> Fingerprint {
    let list = vec![Part::Name("execute".to_string()), Part::Name(plain(name))];
    Parts { list, ..Parts::default() }.fingerprint()
}

/// The query that `CREATE TABLE ... AS`, `INSERT INTO ...` or `UNLOAD (...)` is put around, without brackets around it.
fn query_inside<'l>(text: &str, lexemes: &'l [Lexeme]) -> Option<&'l [Lexeme]> {
    let is = |i: usize, word: &str| lexemes.get(i).is_some_and(|l| text[l.range()].eq_ignore_ascii_case(word));
    let (is_ctas, is_insert, is_unload) = (is(0, "create") && !is(1, "view"), is(0, "insert"), is(0, "unload"));
    let starts = |i: usize| {
        is(i, "select") || is(i, "with") || is(i, "(") && (is(i + 1, "select") || is(i + 1, "with") || is(i + 1, "("))
    };
    let mut depth = 0usize;
    for i in 1..lexemes.len() {
        let found = match depth {
            0 if is_ctas && is(i, "as") && starts(i + 1) => lexemes.get(i + 1..),
            0 if is_insert && starts(i) => lexemes.get(i..),
            0 if is_unload && i == 1 && is(1, "(") => lexemes.get(1..closing(text, lexemes, 1)? + 1),
            _ => None,
        };
        if let Some(found) = found {
            return Some(without_brackets(text, found));
        }
        match &text[lexemes[i].range()] {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// The bracket that closes the one at `open`.
fn closing(text: &str, lexemes: &[Lexeme], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (i, lexeme) in lexemes.iter().enumerate().skip(open) {
        match &text[lexeme.range()] {
            "(" => depth += 1,
            ")" if depth <= 1 => return Some(i),
            ")" => depth -= 1,
            _ => {}
        }
    }
    None
}

fn without_brackets<'l>(text: &str, mut lexemes: &'l [Lexeme]) -> &'l [Lexeme] {
    while let Some(first) = lexemes.first()
        && &text[first.range()] == "("
        && closing(text, lexemes, 0) == Some(lexemes.len() - 1)
    {
        lexemes = &lexemes[1..lexemes.len() - 1];
    }
    lexemes
}

/// The last part of the name of the table that a CTAS or INSERT writes.
fn target(text: &str, lexemes: &[Lexeme]) -> Option<String> {
    let words = lexemes.iter().map(|lexeme| (lexeme.kind, &text[lexeme.range()]));
    let mut names =
        words.skip_while(|(_, word)| !["table", "into"].iter().any(|w| word.eq_ignore_ascii_case(w))).skip(1);
    let mut last = None;
    let mut wants_name = true;
    for (kind, word) in names.by_ref() {
        match kind {
            Kind::Word if ["if", "not", "exists"].iter().any(|w| word.eq_ignore_ascii_case(w)) => {}
            Kind::Word | Kind::Quoted if wants_name => {
                last = Some(plain(word));
                wants_name = false;
            }
            Kind::Symbol if word == "." => wants_name = true,
            _ => break,
        }
    }
    last
}

/// A name without quotes and in lower case, as Athena compares names
/// (<https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html>), and without what dbt adds to the name of
/// a table for as long as it builds it.
fn plain(written: &str) -> String {
    let quote = if written.starts_with('`') { "`" } else { "\"" };
    let mut name = unquote(written, quote).to_lowercase();
    if let Some(at) = name.find("__dbt_tmp") {
        let is_hidden = name[at + "__dbt_tmp".len()..].bytes().all(|b| b.is_ascii_digit() || b == b'_');
        if is_hidden && at > 0 {
            name.truncate(at);
        }
    }
    name
}

/// One part of a statement as it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Name(String),
    Symbol(String),
    /// Any literal value or placeholder.
    Mark,
    /// The table that the statement writes.
    Own,
}

/// How names count.
#[derive(Debug, Clone, Copy)]
enum Names<'a> {
    Whole,
    /// Only the last part of a qualified name; `own` is the table that the statement writes, which templates call `this`.
    Last {
        own: Option<&'a str>,
    },
}

/// A statement's parts and its literal values.
#[derive(Debug, Default)]
struct Parts {
    list: Vec<Part>,
    /// Where brackets open that are not closed.
    open: Vec<usize>,
    /// As written, in order.
    literals: Vec<String>,
    has_placeholder: bool,
    has_relation: bool,
}

impl Parts {
    fn read(text: &str, lexemes: &[Lexeme], parameters: &[String], names: Names<'_>) -> Parts {
        let mut parts = Parts::default();
        let mut parameters = parameters.iter();
        for lexeme in lexemes {
            let written = &text[lexeme.range()];
            match lexeme.kind {
                Kind::String => {
                    let value = unquote(written, "'");
                    parts.has_placeholder |= has_placeholder(&value);
                    parts.value(value);
                }
                Kind::Number => parts.number(written),
                Kind::Placeholder => match (relation(written), parameters.next()) {
                    (Some(relation), _) => parts.relation(relation, names),
                    (None, Some(value)) if written == "?" => parts.value(unquote(value, "'")),
                    (None, _) => {
                        parts.has_placeholder = true;
                        parts.value(String::new());
                    }
                },
                Kind::Word | Kind::Quoted => {
                    parts.has_placeholder |= written.contains('{');
                    parts.name(plain(written), names);
                }
                _ => parts.symbol(written),
            }
        }
        parts
    }

    fn name(&mut self, name: String, names: Names<'_>) {
        let Names::Last { own } = names else { return self.list.push(Part::Name(name)) };
        self.unqualify();
        self.list.push(if own == Some(&name) { Part::Own } else { Part::Name(name) });
    }

    /// A table that a template names.
    fn relation(&mut self, relation: Relation, names: Names<'_>) {
        self.has_relation = true;
        match (names, relation) {
            (Names::Whole, _) => self.list.push(Part::Mark),
            (Names::Last { .. }, Relation::Named(name)) => self.name(name, names),
            (Names::Last { .. }, Relation::This) => self.list.push(Part::Own),
        }
    }

    /// Drops what a dot at the end qualifies with.
    fn unqualify(&mut self) {
        if let [.., Part::Name(_) | Part::Mark | Part::Own, Part::Symbol(dot)] = self.list.as_slice()
            && dot == "."
        {
            self.list.truncate(self.list.len() - 2);
        }
    }

    fn value(&mut self, value: String) {
        self.literals.push(value);
        let bracket = |text: &str| Part::Symbol(text.to_string());
        match self.list.last() {
            // A placeholder may stand for the whole list.
            Some(Part::Name(name)) if name == "in" => self.list.extend([bracket("("), Part::Mark, bracket(")")]),
            _ => self.list.push(Part::Mark),
        }
    }

    /// A sign belongs to the number unless it stands behind an operand.
    fn number(&mut self, written: &str) {
        let sign = match self.list.as_slice() {
            [.., Part::Symbol(sign)] if sign == "-" || sign == "+" => sign.clone(),
            _ => return self.value(written.to_string()),
        };
        let is_operator = match self.list.len().checked_sub(2).map(|at| &self.list[at]) {
            Some(Part::Symbol(symbol)) => symbol == ")" || symbol == "]",
            Some(Part::Name(name)) => !BEFORE_OPERAND.contains(&name.as_str()),
            Some(Part::Mark | Part::Own) => true,
            None => false,
        };
        if is_operator {
            return self.value(written.to_string());
        }
        self.list.pop();
        self.value(sign + written);
    }

    fn symbol(&mut self, written: &str) {
        let symbol = match written {
            "!=" => "<>",
            "==" => "=",
            other => other,
        };
        match symbol {
            "(" => self.open.push(self.list.len()),
            ")" => {
                if let Some(open) = self.open.pop() {
                    self.shorten(open);
                }
            }
            _ => {}
        }
        self.list.push(Part::Symbol(symbol.to_string()));
        if symbol == ")" {
            self.drop_repeated_row();
        }
    }

    /// Keeps one value of a list of values behind IN.
    fn shorten(&mut self, open: usize) {
        let is_in = open.checked_sub(1).is_some_and(|at| self.list[at] == Part::Name("in".to_string()));
        let comma = Part::Symbol(",".to_string());
        let mut values = self.list[open + 1..].split(|part| *part == comma);
        let Some(first) = values.next() else { return };
        // `DATE '2024-01-01'` has a name before its value.
        let is_value = matches!(first, [Part::Mark] | [Part::Name(_), Part::Mark]);
        if is_in && is_value && values.all(|value| value == first) {
            let len = first.len();
            self.list.truncate(open + 1 + len);
        }
    }

    /// Keeps one of the same rows behind VALUES.
    fn drop_repeated_row(&mut self) {
        let is = |at: Option<usize>, part: &Part| at.and_then(|at| self.list.get(at)) == Some(part);
        let Some(open) = self.list.iter().rposition(|part| *part == Part::Symbol("(".to_string())) else { return };
        let row = &self.list[open..];
        let before = open.checked_sub(1 + row.len());
        let has_comma = is(open.checked_sub(1), &Part::Symbol(",".to_string()));
        let after_values = is(before.and_then(|at| at.checked_sub(1)), &Part::Name("values".to_string()));
        if let Some(before) = before
            && has_comma
            && after_values
            && self.list[before..open - 1] == *row
        {
            self.list.truncate(open - 1);
        }
    }

    fn fingerprint(&self) -> Fingerprint {
        let mut bytes = Vec::with_capacity(self.list.len() * 8);
        for part in &self.list {
            let (tag, text) = match part {
                Part::Name(name) => (b'n', name.as_str()),
                Part::Symbol(symbol) => (b's', symbol.as_str()),
                Part::Mark => (b'v', ""),
                Part::Own => (b'o', ""),
            };
            bytes.push(tag);
            bytes.extend(text.as_bytes());
            bytes.push(END);
        }
        Fingerprint(hash(&bytes))
    }

    /// `None` with a placeholder: the values are those of each run.
    fn literals_hash(&self) -> Option<u16> {
        let bytes: Vec<u8> = self.literals.iter().flat_map(|value| value.bytes().chain([END])).collect();
        (!self.has_placeholder).then(|| (hash(&bytes) >> 48) as u16)
    }
}

/// Ends each part; no byte of UTF-8 text.
const END: u8 = 0xff;

/// The first half of 128-bit murmur3: the same on every machine and with every version.
fn hash(bytes: &[u8]) -> u64 {
    murmur3::murmur3_x64_128(&mut &bytes[..], 0).expect("bytes in memory can be read") as u64
}

/// A table that a dbt template names.
#[derive(Debug, PartialEq, Eq)]
enum Relation {
    Named(String),
    This,
}

/// The table of `{{ ref('orders') }}`, `{{ source('shop', 'orders') }}` or `{{ this }}`; `None` for other placeholders.
fn relation(placeholder: &str) -> Option<Relation> {
    let inner = placeholder.strip_prefix("{{")?.strip_suffix("}}")?.trim_matches('-').trim();
    if inner == "this" {
        return Some(Relation::This);
    }
    let arguments =
        ["ref", "source"].iter().find_map(|call| inner.strip_prefix(call)?.trim_start().strip_prefix('('))?;
    let arguments = arguments.strip_suffix(')')?;
    let named = |argument: &str| {
        let argument = argument.trim();
        let quote = argument.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        Some(argument.strip_prefix(quote)?.strip_suffix(quote)?.to_lowercase())
    };
    arguments.split(',').filter_map(named).next_back().map(Relation::Named)
}

#[cfg(test)]
mod tests;
