//! The exact text of a syntax node whose span the parser gives only in part.

use std::ops::Range;

use sqlparser::tokenizer::Token;

use super::dialect::is_reserved;
use super::lexemes::{Lexemes, lex};
use super::lexer::{Kind, Lexeme};
use super::recovery;

/// Bytes before a range that are looked at; a longer statement is entered at a line's start.
const BEFORE: usize = 16 << 10;
/// Bytes after a range that are looked at first, and how often that is made sixteen times as much.
const AFTER: usize = 4 << 10;
const RETRIES: u32 = 4;

impl Lexemes<'_> {
    /// As [`cover`]; a range outside the statement is looked up in the file.
    pub(super) fn cover(&self, range: Range<usize>) -> Range<usize> {
        if range.start < self.start || range.end > self.end {
            return cover(self.text, range);
        }
        covered(self.text, self.list, &range).0
    }
}

/// The covered range, and whether every bracket found its partner among the lexemes.
fn covered(text: &str, lexemes: &[Lexeme], range: &Range<usize>) -> (Range<usize>, bool) {
    let first = lexemes.partition_point(|l| l.end <= range.start);
    let last = lexemes.partition_point(|l| l.start < range.end);
    if first >= last {
        return (range.clone(), true);
    }
    let mut cover = Cover { text, lexemes, first, last: last - 1 };
    let is_whole = cover.extend();
    match (cover.at(cover.first), cover.at(cover.last)) {
        (Some(first), Some(last)) => (first.start.min(range.start)..last.end.max(range.end), is_whole),
        _ => (range.clone(), is_whole),
    }
}

/// Extends a byte range over what the parser's span leaves out: the arguments of a call up to the matching parenthesis, the
/// brackets that the range opens or closes only on one side, and around it a `not`, a unary minus, `cast(... as type)`,
/// `extract(field from ...)`, `exists (...)`, `date` before a string, `is [not] null`, `at time zone`, `over (...)`, subscripts.
///
/// `text` is the file. A range that lies in no lexeme comes back as it is.
pub fn cover(text: &str, range: Range<usize>) -> Range<usize> {
    if range.is_empty() || text.get(range.clone()).is_none() {
        return range;
    }
    let from = window_start(text, range.start);
    for retry in 0..=RETRIES {
        let to = range.end.saturating_add(AFTER << (4 * retry));
        let lexemes = lex(text, from..to.min(text.len()));
        let (found, is_whole) = covered(text, &lexemes, &range);
        if is_whole || to >= text.len() {
            return found;
        }
    }
    range
}

/// The end of the statement before, or a line's start when that is far.
fn window_start(text: &str, at: usize) -> usize {
    let mut near = at.saturating_sub(BEFORE);
    while !text.is_char_boundary(near) {
        near += 1;
    }
    let before = &text[near..at];
    let end = before.rmatch_indices(';').map(|(i, _)| i).find(|i| recovery::ends_before_statement(&text[near + i..]));
    match end {
        Some(i) => near + i + 1,
        None if near == 0 => 0,
        None => before.find('\n').map_or(near, |i| near + i + 1),
    }
}

/// The lexemes around a node, and which of them it spans (both ends included).
struct Cover<'a> {
    text: &'a str,
    lexemes: &'a [Lexeme],
    first: usize,
    last: usize,
}

impl<'a> Cover<'a> {
    fn at(&self, i: usize) -> Option<&Lexeme> {
        self.lexemes.get(i)
    }

    fn word(&self, i: usize) -> &'a str {
        self.at(i).map_or("", |l| &self.text[l.range()])
    }

    fn is(&self, i: usize, word: &str) -> bool {
        self.word(i).eq_ignore_ascii_case(word)
    }

    /// The text `n` lexemes before the first.
    fn before(&self, n: usize) -> &'a str {
        self.first.checked_sub(n).map_or("", |i| self.word(i))
    }

    fn is_before(&self, n: usize, word: &str) -> bool {
        self.before(n).eq_ignore_ascii_case(word)
    }

    /// Extends as far as it goes. False when a bracket has no partner in the window.
    fn extend(&mut self) -> bool {
        loop {
            let before = (self.first, self.last);
            if !self.balance() || !self.forward() {
                return false;
            }
            self.backward();
            if before == (self.first, self.last) {
                return true;
            }
        }
    }

    /// Takes in the partners of brackets that the range opens or closes only on one side.
    fn balance(&mut self) -> bool {
        let (mut depth, mut lowest) = (0i64, 0i64);
        for i in self.first..=self.last {
            depth += self.nesting(i);
            lowest = lowest.min(depth);
        }
        let (mut to_open, mut to_close) = (-lowest, depth - lowest);
        while to_close > 0 {
            self.last += 1;
            if self.at(self.last).is_none() || self.word(self.last) == ";" {
                self.last -= 1;
                return self.word(self.last + 1) == ";";
            }
            to_close += self.nesting(self.last);
        }
        while to_open > 0 && self.first > 0 && self.before(1) != ";" {
            self.first -= 1;
            to_open -= self.nesting(self.first);
        }
        self.include_callee();
        true
    }

    fn nesting(&self, i: usize) -> i64 {
        match self.at(i) {
            Some(l) if l.kind == Kind::Symbol => match self.word(i) {
                "(" | "[" => 1,
                ")" | "]" => -1,
                _ => 0,
            },
            _ => 0,
        }
    }

    /// What a bracket at the start belongs to: the function's name, ARRAY, EXISTS.
    fn include_callee(&mut self) {
        if !matches!(self.word(self.first), "(" | "[") {
            return;
        }
        let Some(before) = self.first.checked_sub(1) else { return };
        let calls = match self.at(before).map(|l| l.kind) {
            Some(Kind::Word) => may_be_called(self.word(before)),
            Some(Kind::Quoted) => true,
            _ => false,
        };
        if calls {
            self.first = before;
            while self.before(1) == "." && self.first >= 2 {
                self.first -= 2;
            }
        }
    }

    /// Takes in what follows a node and belongs to it. False when a bracket does not close in the window.
    fn forward(&mut self) -> bool {
        let next = self.last + 1;
        let called = |c: &Self| match c.at(c.last).map(|l| l.kind) {
            Some(Kind::Word) => may_be_called(c.word(c.last)),
            Some(Kind::Quoted) => true,
            _ => false,
        };
        let word = self.word(next).to_ascii_lowercase();
        let take = match word.as_str() {
            "(" if called(self) => 1,
            "[" => 1,
            "." if self.at(next + 1).is_some_and(|l| matches!(l.kind, Kind::Word | Kind::Quoted)) => 2,
            "over" | "filter" if self.is(next + 1, "(") && self.is(self.last, ")") => 2,
            "over" if self.is(self.last, ")") => 2,
            "within" if self.is(next + 1, "group") && self.is(next + 2, "(") => 3,
            "is" => {
                let not = usize::from(self.is(next + 1, "not"));
                let value = ["null", "true", "false", "unknown"].iter().any(|v| self.is(next + 1 + not, v));
                if value { 2 + not } else { 0 }
            }
            "at" if self.is(next + 1, "time") && self.is(next + 2, "zone") => 4,
            "escape" if self.at(next + 1).is_some_and(|l| l.kind == Kind::String) => 2,
            unit if is_unit(unit) && self.ends_with_interval() => 1,
            "to" if is_unit(self.word(self.last)) && is_unit(self.word(next + 1)) => 2,
            _ => 0,
        };
        self.last = (self.last + take).min(self.lexemes.len().saturating_sub(1));
        self.balance()
    }

    fn ends_with_interval(&self) -> bool {
        let is_string = self.at(self.last).is_some_and(|l| l.kind == Kind::String);
        let word = |n: usize| self.last.checked_sub(n).map_or("", |i| self.word(i));
        let sign = usize::from(matches!(word(1), "-" | "+"));
        is_string && word(1 + sign).eq_ignore_ascii_case("interval")
    }

    /// Takes in what stands before a node and belongs to it.
    fn backward(&mut self) {
        let first = self.at(self.first).copied();
        let is_string = first.is_some_and(|l| l.kind == Kind::String);
        let before = self.before(1).to_ascii_lowercase();
        let next = self.last + 1;
        let take = match before.as_str() {
            "not" => 1,
            "-" | "+" if self.starts_operand(1) => 1,
            "-" | "+" if is_string && self.is_before(2, "interval") => 2,
            "date" | "timestamp" | "time" | "interval" | "decimal" | "json" | "ipaddress" if is_string => 1,
            "from" if self.before(3) == "(" && self.is_before(4, "extract") => 4,
            "(" if ["cast", "try_cast"].iter().any(|w| self.is_before(2, w)) && self.is(next, "as") => 2,
            "(" if ["select", "with"].iter().any(|w| self.is(self.first, w)) => 1,
            // A bracket around the whole node counts only for what stands before it.
            "(" if self.is(next, ")") && self.is_before(2, "not") => 2,
            "(" if self.is(next, ")") && self.is(next + 1, "is") && !may_be_called(self.before(2)) => 1,
            _ => 0,
        };
        self.first -= take.min(self.first);
    }

    /// Whether the sign `n` lexemes before has no operand on its left.
    fn starts_operand(&self, n: usize) -> bool {
        let Some(i) = self.first.checked_sub(n + 1) else { return true };
        match self.at(i).map(|l| l.kind) {
            Some(Kind::Word) => keyword_is_reserved(self.word(i)),
            Some(Kind::Symbol) => !matches!(self.word(i), ")" | "]"),
            _ => false,
        }
    }
}

fn keyword_is_reserved(word: &str) -> bool {
    matches!(Token::make_word(word, None), Token::Word(w) if is_reserved(w.keyword))
}

/// Whether a bracket after a word holds its arguments.
fn may_be_called(word: &str) -> bool {
    const RESERVED_FUNCTIONS: [&str; 6] = ["cast", "extract", "exists", "trim", "grouping", "unnest"];
    const FOLLOWED_BY_BRACKETS: [&str; 6] = ["over", "filter", "any", "all", "some", "group"];
    let is_one = |list: &[&str]| list.iter().any(|w| word.eq_ignore_ascii_case(w));
    is_one(&RESERVED_FUNCTIONS) || !is_one(&FOLLOWED_BY_BRACKETS) && !keyword_is_reserved(word)
}

fn is_unit(word: &str) -> bool {
    ["second", "minute", "hour", "day", "week", "month", "year"].iter().any(|unit| {
        word.eq_ignore_ascii_case(unit) || word.strip_suffix(['s', 'S']).is_some_and(|w| w.eq_ignore_ascii_case(unit))
    })
}

#[cfg(test)]
mod tests {
    use sqlparser::ast::{SetExpr, Spanned, Statement};

    use super::super::parse::{Parsed, parse, range};
    use super::*;
    use crate::lake::FileId;

    /// The text that `cover` finds for the WHERE predicate of a query.
    fn covered(text: &str) -> String {
        let start = text.find("select").expect("select");
        let parsed = parse(FileId(0), text, start..text.len()).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        let Parsed::Sql { statement, .. } = parsed else { panic!("{parsed:?}") };
        let Statement::Query(query) = *statement else { panic!("a query") };
        let SetExpr::Select(select) = *query.body else { panic!("a select") };
        let span = select.selection.expect("where").span();
        text[cover(text, range(span).expect("a span"))].to_string()
    }

    const PREDICATES: [&str; 38] = [
        "dt = '2024-01-01'",
        "cast(dt as date) = current_date",
        "CAST (dt AS varchar(10)) >= date_format(now() - interval '7' day, '%Y-%m-%d')",
        "dt >= cast(date_add('day', -1, current_date) as varchar)",
        "date '2024-01-01' <= dt",
        "dt >= date '2024-01-01'",
        "dt > current_date - interval '1' day",
        "dt > current_timestamp - interval - '1' month",
        "dt is not null",
        "dt IS NULL",
        "(dt) is null",
        "not dt = 'x'",
        "not (dt = 'x' or a = 1)",
        "-a > 5",
        "a = -5",
        "a = - b",
        "dt in ('a', 'b')",
        "dt not in (select dt from u where (a = 1))",
        "dt = (select max(dt) from u)",
        "exists (select 1 from u where u.a = t.a)",
        "not exists (select 1 from u)",
        "substr(dt, 1, 4) = '2024'",
        "substring(dt from 1 for 4) = '2024'",
        "'2024' = substr(dt, 1, 4)",
        "extract(year from ts) = 2024",
        "a between 1 and f(2)",
        "a between f(1) and cast('2' as int)",
        "dt like 'a!%' escape '!'",
        "arr[1] = 'x'",
        "'x' = arr[1]",
        "f(a)[2].b = 1",
        "ts at time zone 'UTC' > now()",
        "starts_with(dt, '2024')",
        "contains(array['a', 'b'], dt)",
        "case when a = 1 then true else false end",
        "\"a\" = 'it''s' /* ) */ and f(x) -- (\n = g(1)",
        "year || '-' || lpad(month, 2, '0') >= '2024-01'",
        "coalesce(nullif(a, ''), 'x') is not null",
    ];

    #[test]
    fn a_predicates_cover_is_its_text() {
        for predicate in PREDICATES {
            for (before, after) in [
                ("select a from t where ", ""),
                ("-- it's\r\nselect\t'é;\n',\r\n\tf(a) from t where\r\n\t", "\r\n group by 1"),
                ("select 1;\nselect a from t where ", " order by (a)"),
            ] {
                let before = before.replace("select 1;\n", "-- ;\n");
                assert_eq!(covered(&format!("{before}{predicate}{after}")), predicate);
            }
        }
    }

    #[test]
    fn a_conjunct_keeps_to_its_own_text() {
        let text = "select a from t where (dt = '1' and not (b = 2)) and f(c) > -1 limit 1";
        let cases =
            [("dt = '1'", "dt = '1'"), ("b = 2", "not (b = 2)"), ("f(c) > -1", "f(c) > -1"), ("t where", "t where")];
        for (part, expected) in cases {
            let start = text.find(part).expect("part");
            assert_eq!(&text[cover(text, start..start + part.len())], expected);
        }
    }

    #[test]
    fn a_long_call_is_followed_to_its_end() {
        let call = format!("f({})", vec!["'abcdefgh'"; 5_000].join(", "));
        assert_eq!(covered(&format!("select a from t where {call} and g(1)")), format!("{call} and g(1)"));
        let text = format!("select a from t where {call} and g(1)");
        let start = text.find("f(").expect("call");
        assert_eq!(&text[cover(&text, start..start + 1)], call);
    }
}
