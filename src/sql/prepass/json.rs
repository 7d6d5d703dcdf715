//! Clauses of SQL/JSON functions: `json_query(x, 'lax $' WITH WRAPPER NULL ON EMPTY)`, `json_object('k' : v)`. They say how a
//! result looks, never which data is read.

use sqlparser::tokenizer::Token;

use super::{Output, Rest};

const FUNCTIONS: [&str; 7] =
    ["json_query", "json_value", "json_exists", "json_object", "json_array", "json_arrayagg", "json_objectagg"];

/// Drops the clause that starts here, inside a JSON function; `None` elsewhere.
pub(super) fn rewrite(rest: Rest, out: &mut Output) -> Option<usize> {
    let opens = rest.is_token(1, &Token::LParen);
    if opens && FUNCTIONS.iter().any(|f| rest.is(0, f)) {
        out.open_json();
        return None;
    }
    if !out.in_json() {
        return None;
    }
    clause(rest, out)
}

/// `'key' : value` in an object becomes two arguments.
pub(super) fn colon(rest: Rest, out: &mut Output) -> Option<usize> {
    if !out.in_json() {
        return None;
    }
    out.insert(Token::Comma, rest.get(0)?.span);
    Some(1)
}

fn clause(rest: Rest, out: &mut Output) -> Option<usize> {
    let on =
        |n: usize| rest.is(n, "on") && (rest.is(n + 1, "empty") || rest.is(n + 1, "error") || rest.is(n + 1, "null"));
    let fixed: [&[&str]; 14] = [
        &["with", "conditional", "array", "wrapper"],
        &["with", "unconditional", "array", "wrapper"],
        &["with", "conditional", "wrapper"],
        &["with", "unconditional", "wrapper"],
        &["without", "array", "wrapper"],
        &["with", "array", "wrapper"],
        &["without", "wrapper"],
        &["with", "wrapper"],
        &["omit", "quotes"],
        &["keep", "quotes"],
        &["with", "unique", "keys"],
        &["without", "unique", "keys"],
        &["with", "unique"],
        &["format", "json"],
    ];
    if let Some(words) = fixed.iter().find(|words| rest.all(words)) {
        return Some(on_scalar_string(rest, words.len()));
    }
    if rest.is(0, "empty") && (rest.is(1, "array") || rest.is(1, "object")) && on(2) {
        return Some(4);
    }
    if ["null", "error", "absent", "true", "false", "unknown", "empty"].iter().any(|w| rest.is(0, w)) && on(1) {
        return Some(3);
    }
    if rest.is(0, "default") {
        return default_on(rest, out);
    }
    if rest.is(0, "returning") {
        return Some(type_length(rest));
    }
    // `KEY k VALUE v` names an argument pair.
    if rest.is(0, "value") && !matches!(rest.before(), Token::LParen | Token::Comma) {
        out.insert(Token::Comma, rest.get(0)?.span);
        return Some(1);
    }
    if rest.is(0, "key") && !matches!(rest.token(1), Token::Comma | Token::RParen | Token::Period | Token::Colon) {
        return Some(1);
    }
    if rest.is(0, "passing") {
        out.insert(Token::Comma, rest.get(0)?.span);
        return Some(1);
    }
    // `PASSING x AS name`.
    (rest.is(0, "as") && matches!(rest.token(2), Token::Comma | Token::RParen | Token::Word(_))).then_some(2)
}

/// `OMIT QUOTES ON SCALAR STRING`.
fn on_scalar_string(rest: Rest, n: usize) -> usize {
    if rest.is(n, "on") && rest.is(n + 1, "scalar") && rest.is(n + 2, "string") { n + 3 } else { n }
}

/// `DEFAULT value ON EMPTY`: the value may be an expression, so it stays as an argument.
fn default_on(rest: Rest, out: &mut Output) -> Option<usize> {
    for n in 1..16 {
        if rest.is(n, "on") && (rest.is(n + 1, "empty") || rest.is(n + 1, "error")) {
            out.insert(Token::Comma, rest.get(0)?.span);
            for inner in 1..n {
                out.push(rest.get(inner)?.clone());
            }
            return Some(n + 2);
        }
    }
    None
}

/// `RETURNING varchar(10) FORMAT JSON`.
fn type_length(rest: Rest) -> usize {
    let mut n = 2;
    if rest.is_token(n, &Token::LParen) {
        n = rest.behind_bracket(n).unwrap_or(n);
    }
    if rest.is(n, "format") && rest.is(n + 1, "json") {
        n += 2;
    }
    n
}
