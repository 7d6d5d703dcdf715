//! Bounds on statements, counted on tokens before parsing: chains of operators become trees as deep as the chain is long, and a
//! stack that overflows aborts the process.

use std::ops::Range;

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::parse::ParseError;

/// Most `and`, `or`, `+`, `-`, `*`, `/`, `%`, `||` of one statement.
pub(super) const OPERATORS: usize = 50_000;
/// Most UNION, INTERSECT and EXCEPT of one statement.
pub(super) const SET_OPERATIONS: usize = 5_000;
/// Most commas of one statement: list items of IN, VALUES, SELECT.
pub(super) const COMMAS: usize = 2_000_000;
/// Most joins of one statement.
pub(super) const JOINS: usize = 5_000;
/// Most common table expressions of one statement.
pub(super) const CTES: usize = 5_000;
/// Most brackets and CASEs open at one place.
pub(super) const NESTING: usize = 200;
/// Most prefix operators in a row: `not not not x`, `- - - x`.
const PREFIXES: usize = 200;

/// Refuses statements beyond the limits.
pub(super) fn check(tokens: &[TokenWithSpan], range: &Range<usize>) -> Result<(), ParseError> {
    let (mut operators, mut sets, mut commas, mut joins, mut ctes) = (0usize, 0usize, 0usize, 0usize, 0usize);
    let (mut depth, mut deepest, mut prefixes, mut most_prefixes) = (0usize, 0usize, 0usize, 0usize);
    for (i, token) in tokens.iter().enumerate() {
        let keyword = match &token.token {
            Token::Word(word) => word.keyword,
            _ => Keyword::NoKeyword,
        };
        prefixes = match &token.token {
            Token::Minus | Token::Plus | Token::Tilde => prefixes + 1,
            _ if keyword == Keyword::NOT => prefixes + 1,
            _ => 0,
        };
        most_prefixes = most_prefixes.max(prefixes);
        match &token.token {
            Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::Mod | Token::StringConcat => operators += 1,
            Token::LBracket | Token::Period | Token::DoubleColon if i > 0 => {
                operators += usize::from(token.token != Token::Period)
            }
            Token::Comma => commas += 1,
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        match keyword {
            Keyword::AND | Keyword::OR => operators += 1,
            Keyword::UNION | Keyword::INTERSECT | Keyword::EXCEPT => sets += 1,
            Keyword::JOIN => joins += 1,
            Keyword::AS if matches!(tokens.get(i + 1).map(|t| &t.token), Some(Token::LParen)) => ctes += 1,
            Keyword::CASE => depth += 1,
            Keyword::END => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    let counts = [
        (operators, OPERATORS, "chained operators", "use an IN list, or join a table that holds the values"),
        (sets, SET_OPERATIONS, "set operations", "insert the parts one after the other"),
        (commas, COMMAS, "list items", "put the values in a table and join it"),
        (joins, JOINS, "joins", "split the statement"),
        (ctes, CTES, "common table expressions", "split the statement"),
        (deepest, NESTING, "levels of nesting", "use WITH clauses instead of nested queries"),
        (most_prefixes, PREFIXES, "prefix operators in a row", "remove those that cancel each other"),
    ];
    match counts.iter().find(|(count, limit, ..)| count > limit) {
        Some((count, limit, what, help)) => Err(ParseError {
            range: tokens.first().and_then(|t| super::parse::range(t.span)).unwrap_or(range.clone()),
            message: format!("statement has {} {what}; lakelint reads up to {}", grouped(*count), grouped(*limit)),
            help: (*help).to_string(),
        }),
        None => Ok(()),
    }
}

/// A number with commas between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::parse::{ParseError, Parsed, STACK_BYTES, parse};
    use super::*;
    use crate::lake::FileId;

    /// Parses, walks and drops on a thread with the stated stack; gives how many numbers the tree holds.
    fn numbers(text: String) -> Result<usize, ParseError> {
        let run = move || {
            let parsed = parse(FileId(0), &text, 0..text.len())?;
            let Parsed::Sql { statement, .. } = &parsed else { return Ok(0) };
            Ok(format!("{statement:?}").matches("Number(").count())
        };
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run).expect("a thread");
        thread.join().expect("no panic")
    }

    fn chain(term: &str, operator: &str, count: usize) -> String {
        vec![term; count + 1].join(operator)
    }

    #[test]
    fn the_longest_chains_and_the_deepest_nesting_are_read() {
        for operator in [" and ", " or ", " + ", " || "] {
            let text = format!("select 1 from t where {}", chain("1", operator, OPERATORS));
            assert!(numbers(text).expect(operator) > OPERATORS);
            let text = format!("select 1 from t where {}", chain("1", operator, OPERATORS + 1));
            assert_eq!(
                numbers(text).expect_err(operator).message,
                "statement has 50,001 chained operators; lakelint reads up to 50,000"
            );
        }
        let unions = |n| chain("select 1", " union all ", n);
        assert_eq!(numbers(unions(SET_OPERATIONS)), Ok(SET_OPERATIONS + 1));
        assert!(numbers(unions(SET_OPERATIONS + 1)).is_err());
        let joins = format!("select 1 from t{}", " join u using (k)".repeat(JOINS));
        assert_eq!(numbers(joins), Ok(1));
    }

    #[test]
    fn the_deepest_nesting_is_read() {
        for (open, close) in [("(", ")"), ("f(", ")"), ("(select ", ")"), ("case when a then ", " end"), ("not (", ")")]
        {
            let nested = |n: usize| format!("select {}1{}", open.repeat(n), close.repeat(n));
            let most = NESTING - usize::from(open.starts_with("case"));
            assert!(numbers(nested(most)).is_ok(), "{open}: {:?}", numbers(nested(most)));
            assert!(numbers(nested(NESTING + 1)).is_err(), "{open}");
        }
        let subqueries = |n: usize| format!("select 1 from {}t{}", "(select * from ".repeat(n), ")".repeat(n));
        assert!(numbers(subqueries(NESTING)).is_ok());
        assert!(numbers(format!("select {}1", "not ".repeat(PREFIXES))).is_ok());
        assert!(numbers(format!("select {}1", "- ".repeat(100_000))).is_err());
    }
}
