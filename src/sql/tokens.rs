//! Parser tokens with byte-offset spans: `line` is 1 and `column` is the byte offset plus one.

use std::ops::Range;

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Word};

use super::keywords;
use super::lexer::{Kind, Lexeme};
use super::parse::ParseError;

/// The parser's span for a byte range.
pub(super) fn span(range: Range<usize>) -> Span {
    Span { start: Location::new(1, range.start as u64 + 1), end: Location::new(1, range.end as u64 + 1) }
}

/// The parser's tokens for lexemes of a text.
pub(super) fn tokenize(text: &str, lexemes: &[Lexeme]) -> Result<Vec<TokenWithSpan>, ParseError> {
    let mut tokens = Vec::with_capacity(lexemes.len());
    let mut clauses = Clauses::default();
    for (i, lexeme) in lexemes.iter().enumerate() {
        let written = &text[lexeme.range()];
        let token = match lexeme.kind {
            Kind::Unterminated => return Err(unterminated(written, lexeme)),
            Kind::Stray => return Err(stray(written, lexeme)),
            Kind::String => Token::SingleQuotedString(unquote(written, "'")),
            Kind::Quoted => quoted_name(written),
            Kind::Number if written.contains('_') => Token::Number(written.replace('_', ""), false),
            Kind::Number => Token::Number(written.to_string(), false),
            Kind::Placeholder => {
                let next = lexemes.get(i + 1).map_or("", |l| &text[l.range()]);
                if clauses.wants_name(written, tokens.last(), next) {
                    Token::make_word(written, Some('"'))
                } else {
                    Token::Placeholder(written.to_string())
                }
            }
            Kind::Word => word(written),
            _ => symbol(written),
        };
        clauses.follow(&token);
        tokens.push(TokenWithSpan::new(token, span(lexeme.range())));
    }
    Ok(tokens)
}

/// A bare word; one with a placeholder in it is no keyword.
fn word(written: &str) -> Token {
    let has_braces = written.bytes().any(|b| matches!(b, b'{' | b'}'));
    Token::Word(Word {
        value: written.to_string(),
        quote_style: has_braces.then_some('"'),
        keyword: if has_braces { Keyword::NoKeyword } else { keywords::lookup(written) },
    })
}

/// A quoted text without its quotes, doubled quotes undone.
pub(super) fn unquote(written: &str, quote: &str) -> String {
    let inner = written.strip_prefix(quote).and_then(|w| w.strip_suffix(quote)).unwrap_or(written);
    if inner.contains(quote) { inner.replace(&quote.repeat(2), quote) } else { inner.to_string() }
}

fn quoted_name(written: &str) -> Token {
    let quote = if written.starts_with('`') { '`' } else { '"' };
    Token::make_word(&unquote(written, if quote == '`' { "`" } else { "\"" }), Some(quote))
}

fn symbol(written: &str) -> Token {
    match written {
        "," => Token::Comma,
        "(" => Token::LParen,
        ")" => Token::RParen,
        "." => Token::Period,
        "=" => Token::Eq,
        "==" => Token::Eq,
        "<>" | "!=" => Token::Neq,
        "<" => Token::Lt,
        ">" => Token::Gt,
        "<=" => Token::LtEq,
        ">=" => Token::GtEq,
        "+" => Token::Plus,
        "-" => Token::Minus,
        "*" => Token::Mul,
        "/" => Token::Div,
        "%" => Token::Mod,
        "||" => Token::StringConcat,
        "=>" => Token::RArrow,
        "->" => Token::Arrow,
        "::" => Token::DoubleColon,
        ":" => Token::Colon,
        ";" => Token::SemiColon,
        "[" => Token::LBracket,
        "]" => Token::RBracket,
        "{" => Token::LBrace,
        "}" => Token::RBrace,
        "|" => Token::Pipe,
        "&" => Token::Ampersand,
        "^" => Token::Caret,
        "~" => Token::Tilde,
        "!" => Token::ExclamationMark,
        other => other.chars().next().map_or(Token::EOF, Token::Char),
    }
}

/// Which clause each open bracket is in: a lone placeholder is a table's name after FROM and a value elsewhere.
#[derive(Debug, Default)]
struct Clauses {
    /// The innermost bracket is last; true inside FROM.
    open: Vec<bool>,
    in_from: bool,
}

impl Clauses {
    fn follow(&mut self, token: &Token) {
        match token {
            Token::LParen => self.open.push(std::mem::take(&mut self.in_from)),
            Token::RParen => self.in_from = self.open.pop().unwrap_or(false),
            Token::Word(word) => match word.keyword {
                Keyword::FROM | Keyword::JOIN | Keyword::INTO | Keyword::USING => self.in_from = true,
                Keyword::SELECT
                | Keyword::WHERE
                | Keyword::ON
                | Keyword::GROUP
                | Keyword::ORDER
                | Keyword::HAVING
                | Keyword::LIMIT
                | Keyword::VALUES
                | Keyword::SET
                | Keyword::UNION => self.in_from = false,
                _ => {}
            },
            _ => {}
        }
    }

    /// Whether a placeholder stands where a name is wanted.
    fn wants_name(&self, written: &str, before: Option<&TokenWithSpan>, next: &str) -> bool {
        const RELATIONS: [&str; 3] = ["ref", "source", "this"];
        const BEFORE_NAME: [&str; 13] = [
            "from", "join", "into", "table", "as", "update", "view", "exists", "schema", "database", "optimize",
            "vacuum", "describe",
        ];
        let inner = written.trim_start_matches(['{', '-']).trim_start();
        let calls_relation = written.starts_with("{{")
            && RELATIONS
                .iter()
                .any(|r| inner.strip_prefix(r).is_some_and(|rest| rest.starts_with(['(', ' ', '}', '.'])));
        if calls_relation || matches!(next, "." | "(") && !written.starts_with('?') {
            return true;
        }
        match before.map(|t| &t.token) {
            Some(Token::Period) => true,
            Some(Token::Comma) => self.in_from,
            Some(Token::Word(w)) if w.quote_style.is_none() => {
                BEFORE_NAME.iter().any(|k| w.value.eq_ignore_ascii_case(k))
            }
            _ => false,
        }
    }
}

fn unterminated(written: &str, lexeme: &Lexeme) -> ParseError {
    let (what, end) = match written.as_bytes().first() {
        Some(b'\'') => ("string", "'"),
        Some(b'"') => ("quoted name", "\""),
        Some(b'`') => ("quoted name", "`"),
        Some(b'/') => ("comment", "*/"),
        _ if written.starts_with("{%") => ("Jinja tag", "%}"),
        _ => ("Jinja comment", "#}"),
    };
    let first = if what == "string" || what == "quoted name" { 1 } else { 2 };
    ParseError {
        range: lexeme.start..lexeme.start + first.min(written.len()),
        message: format!("expected the end of this {what}, found the end of the statement"),
        help: format!("close it with `{end}`"),
    }
}

fn stray(written: &str, lexeme: &Lexeme) -> ParseError {
    let written = written.escape_debug();
    ParseError {
        range: lexeme.range(),
        message: format!("expected SQL, found `{written}`"),
        help: format!("remove `{written}` or quote the name it belongs to with double quotes"),
    }
}
