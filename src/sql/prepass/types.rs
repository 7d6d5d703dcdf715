//! Types in CAST: `row(a bigint, b array(varchar))`, `map(k, v)`, `timestamp(3) with time zone` become one name.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::Token;

use super::{Output, Rest, join};

/// Follows CASTs and collapses a complex type after their AS; `None` elsewhere.
pub(super) fn rewrite(rest: Rest, out: &mut Output) -> Option<usize> {
    match rest.keyword(0) {
        Keyword::CAST | Keyword::TRY_CAST if rest.is_token(1, &Token::LParen) => {
            out.open_cast();
            None
        }
        Keyword::AS if out.in_cast() => collapse(rest, out),
        _ => None,
    }
}

fn collapse(rest: Rest, out: &mut Output) -> Option<usize> {
    let complex =
        ["row", "map", "array", "interval", "struct", "qdigest", "tdigest", "char", "time", "timestamp", "function"]
            .iter()
            .any(|t| rest.is(1, t));
    if !complex {
        return None;
    }
    let end = type_end(rest)?;
    let (first, last) = (rest.get(1)?, rest.get(end.checked_sub(1)?)?);
    if end <= 2 {
        return None;
    }
    let text: String = (1..end).filter_map(|n| rest.get(n)).map(|t| t.token.to_string()).collect::<Vec<_>>().join(" ");
    out.push(rest.get(0)?.clone());
    // One custom type: a quoted name keeps the parser from looking into it.
    out.insert(Token::make_word(&text, Some('"')), join(first.span, last.span));
    Some(end)
}

/// The place of the bracket that closes the CAST.
fn type_end(rest: Rest) -> Option<usize> {
    let mut depth = 0usize;
    for n in 1.. {
        match &rest.get(n)?.token {
            Token::LParen => depth += 1,
            Token::RParen if depth == 0 => return Some(n),
            Token::RParen => depth -= 1,
            // FORMAT ends a type too.
            Token::Word(word) if depth == 0 && word.keyword == Keyword::FORMAT => return Some(n),
            _ => {}
        }
    }
    None
}
