//! Clauses: time travel, grouping quantifiers, VALUES without brackets, and view options.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{Output, Rest};

/// Rewrites the clause that starts here; `None` when none does.
pub(super) fn rewrite(rest: Rest, out: &mut Output) -> Option<usize> {
    match rest.keyword(0) {
        Keyword::FOR => time_travel(rest, out),
        Keyword::GROUP => group_by(rest, out),
        Keyword::VALUES => values(rest, out),
        Keyword::TABLE => table(rest, out),
        Keyword::SECURITY => security(rest),
        Keyword::COMMENT => comment(rest),
        Keyword::WITH => with(rest),
        Keyword::TRIM => trim(rest, out),
        Keyword::FETCH => fetch(rest, out),
        Keyword::CORRESPONDING if follows_set_operator(rest) => Some(1),
        _ if rest.is(0, "subset") => subset(rest),
        _ if rest.is(0, "u") || rest.is(0, "x") => literal(rest, out),
        _ => typed_literal(rest, out),
    }
}

/// `FOR TIMESTAMP|VERSION|SYSTEM_TIME|SYSTEM_VERSION AS OF`: the parser wants one of its own spellings.
fn time_travel(rest: Rest, out: &mut Output) -> Option<usize> {
    let is_kind = ["timestamp", "version", "system_time", "system_version"].iter().any(|w| rest.is(1, w));
    let (is_as, is_of) = (rest.is(2, "as"), rest.is(3, "of"));
    if !is_kind || !is_as || !is_of {
        return None;
    }
    // An expression is taken for every kind.
    for (n, word) in ["FOR", "SYSTEM_TIME", "AS", "OF"].iter().enumerate() {
        out.insert(Token::make_word(word, None), rest.get(n)?.span);
    }
    Some(4)
}

/// `GROUP BY ALL|DISTINCT a, b`, but not `GROUP BY ALL` alone.
fn group_by(rest: Rest, out: &mut Output) -> Option<usize> {
    let quantified = rest.is(1, "by") && (rest.is(2, "all") || rest.is(2, "distinct"));
    let ends = matches!(rest.token(3), Token::EOF | Token::RParen)
        || ["order", "having", "limit", "union", "except", "intersect", "offset", "window", "fetch"]
            .iter()
            .any(|w| rest.is(3, w));
    if !quantified || ends {
        return None;
    }
    out.push(rest.get(0)?.clone());
    out.push(rest.get(1)?.clone());
    Some(3)
}

/// `TABLE t` is `SELECT * FROM t`.
fn table(rest: Rest, out: &mut Output) -> Option<usize> {
    let starts_query = match rest.before() {
        Token::EOF | Token::LParen => true,
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::UNION | Keyword::INTERSECT | Keyword::EXCEPT | Keyword::ALL | Keyword::DISTINCT
        ),
        _ => false,
    };
    if !starts_query || !matches!(rest.token(1), Token::Word(_)) {
        return None;
    }
    let span = rest.get(0)?.span;
    for token in [Token::make_word("SELECT", None), Token::Mul, Token::make_word("FROM", None)] {
        out.insert(token, span);
    }
    Some(1)
}

/// `VALUES 1, 2` and `VALUES (1, 2), 3`: every row gets brackets. `ANY (VALUES ...)` becomes a SELECT: the parser expects one.
fn values(rest: Rest, out: &mut Output) -> Option<usize> {
    let row_starts = |n: usize| rest.is_token(n, &Token::LParen) || rest.is(n, "row");
    let end = values_end(rest);
    let rows = top_level_commas(rest, 1, end);
    let starts = || std::iter::once(1).chain(rows.iter().map(|c| c + 1));
    // A row with brackets may still go on: `(1 + 2) * 3`.
    let bracketed = |start: usize, end: usize| {
        row_starts(start) && rest.behind_bracket(start + usize::from(rest.is(start, "row"))) == Some(end)
    };
    let ends = || rows.iter().copied().chain(std::iter::once(end));
    let is_compared = matches!(rest.called(), Keyword::ANY | Keyword::SOME | Keyword::ALL);
    if end <= 1 || (!is_compared && starts().zip(ends()).all(|(start, end)| bracketed(start, end))) {
        return None;
    }
    if is_compared {
        let words = ["SELECT", "FROM"].map(|word| Token::make_word(word, None));
        let [select, from] = words;
        for token in [select, Token::Mul, from, Token::LParen] {
            out.insert(token, rest.get(0)?.span);
        }
    }
    out.push(rest.get(0)?.clone());
    for (start, stop) in starts().zip(ends()) {
        let (first, last) = (rest.get(start)?, rest.get(stop.checked_sub(1)?)?);
        let wrap = !bracketed(start, stop);
        if wrap {
            out.insert(Token::LParen, first.span);
        }
        let inner: Vec<TokenWithSpan> = (start..stop).filter_map(|n| rest.get(n)).cloned().collect();
        inner.into_iter().for_each(|token| out.push(token));
        if wrap {
            out.insert(Token::RParen, last.span);
        }
        if stop != end {
            out.push(rest.get(stop)?.clone());
        }
    }
    if is_compared {
        out.insert(Token::RParen, rest.get(end - 1)?.span);
    }
    Some(end)
}

/// The place behind the rows of VALUES.
fn values_end(rest: Rest) -> usize {
    let mut depth = 0usize;
    for n in 1.. {
        match rest.token(n) {
            Token::EOF => return n,
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket if depth == 0 => return n,
            Token::RParen | Token::RBracket => depth -= 1,
            _ if depth == 0
                && ["union", "intersect", "except", "order", "limit", "offset", "fetch", "where", "on"]
                    .iter()
                    .any(|w| rest.is(n, w)) =>
            {
                return n;
            }
            _ => {}
        }
    }
    1
}

fn top_level_commas(rest: Rest, start: usize, end: usize) -> Vec<usize> {
    let mut depth = 0usize;
    let mut commas = Vec::new();
    for n in start..end {
        match rest.token(n) {
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
            Token::Comma if depth == 0 => commas.push(n),
            _ => {}
        }
    }
    commas
}

/// The comment of a view or of one of its columns.
fn comment(rest: Rest) -> Option<usize> {
    let defines = matches!(rest.tokens.first().map(|t| &t.token), Some(Token::Word(w)) if w.keyword == Keyword::CREATE);
    (defines && matches!(rest.token(1), Token::SingleQuotedString(_))).then_some(2)
}

/// `CREATE VIEW v SECURITY DEFINER AS`.
fn security(rest: Rest) -> Option<usize> {
    (rest.is(1, "definer") || rest.is(1, "invoker")).then_some(2)
}

/// `WITH [NO] DATA` at the end, `WITH SCHEMA BINDING` of a view.
fn with(rest: Rest) -> Option<usize> {
    let no = usize::from(rest.is(1, "no"));
    if rest.is(1 + no, "data") && rest.is_token(2 + no, &Token::EOF) {
        return Some(2 + no);
    }
    (rest.all(&["with", "no", "schema", "binding"])).then_some(4)
}

/// `TRIM(BOTH FROM x)` and `TRIM(FROM x)`: what is trimmed does not matter.
fn trim(rest: Rest, out: &mut Output) -> Option<usize> {
    if !rest.is_token(1, &Token::LParen) {
        return None;
    }
    let side = usize::from(["both", "leading", "trailing"].iter().any(|w| rest.is(2, w)));
    if !rest.is(2 + side, "from") {
        return None;
    }
    let mut name = rest.get(0)?.clone();
    if let Token::Word(word) = &mut name.token {
        word.keyword = Keyword::NoKeyword;
    }
    out.push(name);
    out.push(rest.get(1)?.clone());
    Some(3 + side)
}

/// MATCH_RECOGNIZE's `SUBSET u = (a, b), ...`.
fn subset(rest: Rest) -> Option<usize> {
    let mut n = 1;
    while !rest.word(n).is_empty() && rest.is_token(n + 1, &Token::Eq) && rest.is_token(n + 2, &Token::LParen) {
        n = rest.behind_bracket(n + 2)?;
        if !rest.is_token(n, &Token::Comma) {
            return Some(n);
        }
        n += 1;
    }
    None
}

/// `UNION CORRESPONDING`.
fn follows_set_operator(rest: Rest) -> bool {
    let set_operators = [Keyword::UNION, Keyword::INTERSECT, Keyword::EXCEPT, Keyword::ALL, Keyword::DISTINCT];
    matches!(rest.before(), Token::Word(word) if set_operators.contains(&word.keyword))
}

/// `FETCH FIRST ROW ONLY`: the parser wants a number.
fn fetch(rest: Rest, out: &mut Output) -> Option<usize> {
    let first = rest.is(1, "first") || rest.is(1, "next");
    let bare = rest.is(2, "row") || rest.is(2, "rows");
    if !first || !bare {
        return None;
    }
    out.push(rest.get(0)?.clone());
    out.push(rest.get(1)?.clone());
    out.insert(Token::Number("1".to_string(), false), rest.get(1)?.span);
    Some(2)
}

/// `U&'...' [UESCAPE '\']` and `X'...'`, where nothing stands between.
fn literal(rest: Rest, out: &mut Output) -> Option<usize> {
    let touches = |a: usize, b: usize| Some(rest.get(a)?.span.end == rest.get(b)?.span.start);
    if rest.is(0, "x") {
        let Token::SingleQuotedString(text) = rest.token(1) else { return None };
        if !touches(0, 1)? {
            return None;
        }
        out.insert(Token::HexStringLiteral(text.clone()), super::join(rest.get(0)?.span, rest.get(1)?.span));
        return Some(2);
    }
    let Token::SingleQuotedString(text) = rest.token(2) else { return None };
    if !rest.is_token(1, &Token::Ampersand) || !touches(0, 1)? || !touches(1, 2)? {
        return None;
    }
    let escaped = rest.is(3, "uescape") && matches!(rest.token(4), Token::SingleQuotedString(_));
    let taken = if escaped { 5 } else { 3 };
    let span = super::join(rest.get(0)?.span, rest.get(taken - 1)?.span);
    out.insert(Token::SingleQuotedString(text.clone()), span);
    Some(taken)
}

/// `IPADDRESS '10.0.0.1'`: a string is what it is to us.
fn typed_literal(rest: Rest, out: &mut Output) -> Option<usize> {
    const TYPES: [&str; 10] =
        ["bigint", "boolean", "char", "decimal", "double", "ipaddress", "json", "real", "uuid", "varchar"];
    let Token::SingleQuotedString(text) = rest.token(1) else { return None };
    let is_type = TYPES.iter().any(|t| rest.is(0, t));
    let operand_before = matches!(rest.before(), Token::RParen | Token::SingleQuotedString(_) | Token::Period);
    if !is_type || operand_before {
        return None;
    }
    out.insert(Token::SingleQuotedString(text.clone()), super::join(rest.get(0)?.span, rest.get(1)?.span));
    Some(2)
}
