//! Words that are plain names in Trino although the parser gives them a meaning.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::Token;

use super::Rest;

/// Whether a word with a keyword is a name here.
pub(super) fn is_name(rest: Rest) -> bool {
    let Token::Word(word) = rest.token(0) else { return false };
    let called = rest.is_token(1, &Token::LParen);
    match word.keyword {
        keyword if starts_clause(rest, keyword) => false,
        // Never special.
        Keyword::USER
        | Keyword::TOP
        | Keyword::QUALIFY
        | Keyword::SORT
        | Keyword::SAMPLE
        | Keyword::MINUS
        | Keyword::CONVERT
        | Keyword::TRY_CONVERT
        | Keyword::OVERLAY
        | Keyword::CEIL
        | Keyword::FLOOR
        | Keyword::STRUCT
        | Keyword::LAMBDA
        | Keyword::PRIOR
        | Keyword::CONNECT
        | Keyword::START
        | Keyword::CLUSTER
        | Keyword::DISTRIBUTE
        | Keyword::PREWHERE
        | Keyword::SETTINGS
        | Keyword::FORMAT
        | Keyword::GLOBAL
        | Keyword::ASOF
        | Keyword::PIVOT
        | Keyword::UNPIVOT
        | Keyword::RETURNING
        | Keyword::OUTPUT
        | Keyword::MATCH_CONDITION
        | Keyword::OPEN
        | Keyword::EXCLUDE
        | Keyword::EXPLAIN
        | Keyword::ANALYZE
        | Keyword::VIEW
        | Keyword::CHANGES
        | Keyword::BEFORE
        | Keyword::SUBSTR => !defines_view(rest, word.keyword),
        // `at` is an operator only before TIME ZONE.
        Keyword::AT => !rest.is(1, "time"),
        // Written with commas it is a call like any other.
        Keyword::SUBSTRING => called && !has_inside(rest, &["from", "for"]),
        Keyword::TRIM => called && !has_inside(rest, &["from", "both", "leading", "trailing"]),
        Keyword::POSITION => called && !has_inside(rest, &["in"]),
        // Types and functions of that name are columns elsewhere.
        Keyword::LEFT | Keyword::RIGHT => called && !is_join_side(rest),
        Keyword::DATE | Keyword::TIME | Keyword::TIMESTAMP => called && !matches!(rest.token(2), Token::Number(..)),
        Keyword::ROW if called => !matches!(rest.before(), Token::Word(w) if w.keyword == Keyword::VALUES),
        Keyword::IF | Keyword::REPLACE | Keyword::TRUNCATE | Keyword::FILTER | Keyword::FIRST | Keyword::LAST => {
            called && (word.keyword != Keyword::FILTER || !matches!(rest.before(), Token::RParen))
        }
        _ => false,
    }
}

/// CREATE [OR REPLACE] VIEW needs its word.
fn defines_view(rest: Rest, keyword: Keyword) -> bool {
    keyword == Keyword::VIEW && rest.at < 5
}

fn is_join_side(rest: Rest) -> bool {
    rest.is(1, "join") || rest.is(1, "outer")
}

/// Whether one of the words stands directly inside the bracket that follows.
fn has_inside(rest: Rest, words: &[&str]) -> bool {
    let mut depth = 0usize;
    for n in 1.. {
        match rest.token(n) {
            Token::EOF => return false,
            Token::LParen => depth += 1,
            Token::RParen if depth <= 1 => return false,
            Token::RParen => depth -= 1,
            _ if depth == 1 && words.iter().any(|w| rest.is(n, w)) => return true,
            _ => {}
        }
    }
    false
}

/// `LATERAL VIEW`, `SORT BY`, `MINUS SELECT`: clauses of Hive and Spark, which Athena has no other use for.
fn starts_clause(rest: Rest, keyword: Keyword) -> bool {
    match keyword {
        Keyword::CLUSTER | Keyword::DISTRIBUTE | Keyword::SORT => rest.is(1, "by"),
        Keyword::MINUS => rest.is(1, "select"),
        Keyword::VIEW => matches!(rest.before(), Token::Word(word) if word.keyword == Keyword::LATERAL),
        _ => false,
    }
}
