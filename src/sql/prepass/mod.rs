//! Rewrites tokens of Trino SQL that the parser does not read into ones it does; spans stay those of the text.
//!
//! Every rule looks at the tokens from one place on, and gives how many it took and what stands for them. Tokens that a rule
//! makes up take a neighbour's span.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Span, Token, TokenWithSpan};

mod clauses;
mod json;
mod names;
mod types;

/// The tokens as the parser reads them.
pub(super) fn rewrite(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out = Output::default();
    let mut names: Vec<usize> = Vec::new();
    let mut edits: Vec<Edit> = Vec::new();
    let mut i = 0;
    while let Some(token) = tokens.get(i) {
        let rest = Rest { tokens: &tokens, at: i };
        // Only words start a rule, except the bracket of a list and a few signs.
        let taken = match &token.token {
            Token::Word(word) if word.quote_style.is_none() => clauses::rewrite(rest, &mut out)
                .or_else(|| json::rewrite(rest, &mut out))
                .or_else(|| types::rewrite(rest, &mut out)),
            Token::Colon => json::colon(rest, &mut out),
            _ => None,
        };
        if taken.is_some() || !out.made.is_empty() {
            let taken = taken.map_or(0, |taken| taken.max(1));
            edits.push(Edit { at: i, taken, made: std::mem::take(&mut out.made) });
            i += taken;
        }
        if taken.is_none() {
            if names::is_name(rest) {
                names.push(i);
            }
            out.follow(&token.token);
            i += 1;
        }
    }
    for i in names {
        if let Some(TokenWithSpan { token: Token::Word(word), .. }) = tokens.get_mut(i) {
            word.keyword = Keyword::NoKeyword;
        }
    }
    apply(tokens, edits)
}

/// Tokens that stand for others.
struct Edit {
    at: usize,
    taken: usize,
    made: Vec<TokenWithSpan>,
}

/// The tokens with the edits made, which are in order and apart.
fn apply(tokens: Vec<TokenWithSpan>, edits: Vec<Edit>) -> Vec<TokenWithSpan> {
    if edits.is_empty() {
        return tokens;
    }
    let made: usize = edits.iter().map(|edit| edit.made.len()).sum();
    let mut whole = Vec::with_capacity(tokens.len() + made);
    let mut rest = tokens.into_iter();
    let mut at = 0;
    for edit in edits {
        whole.extend(rest.by_ref().take(edit.at - at));
        // A rule that drops the last tokens may take more than there are.
        rest.by_ref().take(edit.taken).for_each(drop);
        whole.extend(edit.made);
        at = edit.at + edit.taken;
    }
    whole.extend(rest);
    whole
}

/// The tokens from one place on.
#[derive(Clone, Copy)]
pub(super) struct Rest<'t> {
    tokens: &'t [TokenWithSpan],
    at: usize,
}

impl<'t> Rest<'t> {
    pub(super) fn get(&self, n: usize) -> Option<&'t TokenWithSpan> {
        self.tokens.get(self.at + n)
    }

    pub(super) fn token(&self, n: usize) -> &'t Token {
        self.get(n).map_or(&Token::EOF, |t| &t.token)
    }

    pub(super) fn before(&self) -> &'t Token {
        self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(&Token::EOF, |t| &t.token)
    }

    /// The word before the bracket that stands just before.
    pub(super) fn called(&self) -> Keyword {
        match (self.before(), self.at.checked_sub(2).and_then(|i| self.tokens.get(i)).map(|t| &t.token)) {
            (Token::LParen, Some(Token::Word(word))) => word.keyword,
            _ => Keyword::NoKeyword,
        }
    }

    pub(super) fn keyword(&self, n: usize) -> Keyword {
        match self.token(n) {
            Token::Word(word) => word.keyword,
            _ => Keyword::NoKeyword,
        }
    }

    /// The unquoted word at a place, empty for anything else.
    pub(super) fn word(&self, n: usize) -> &'t str {
        match self.token(n) {
            Token::Word(word) if word.quote_style.is_none() => &word.value,
            _ => "",
        }
    }

    pub(super) fn is(&self, n: usize, word: &str) -> bool {
        self.word(n).eq_ignore_ascii_case(word)
    }

    /// Whether these words come next.
    pub(super) fn all(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(n, word)| self.is(n, word))
    }

    pub(super) fn is_token(&self, n: usize, token: &Token) -> bool {
        self.token(n) == token
    }

    /// The place behind the bracket that closes the one at `n`.
    pub(super) fn behind_bracket(&self, n: usize) -> Option<usize> {
        let mut depth = 0usize;
        for i in n.. {
            match self.get(i)?.token {
                Token::LParen => depth += 1,
                Token::RParen if depth <= 1 => return Some(i + 1),
                Token::RParen => depth -= 1,
                _ => {}
            }
        }
        None
    }
}

/// What the rule at one place writes, and the calls that are open in all that has been written.
#[derive(Default)]
pub(super) struct Output {
    made: Vec<TokenWithSpan>,
    /// Bracket depths of open CASTs.
    casts: Vec<usize>,
    /// Bracket depths of open JSON functions.
    json: Vec<usize>,
    depth: usize,
}

impl Output {
    pub(super) fn push(&mut self, token: TokenWithSpan) {
        self.follow(&token.token);
        self.made.push(token);
    }

    /// Follows the brackets of a token that is written.
    fn follow(&mut self, token: &Token) {
        match token {
            Token::LParen => self.depth += 1,
            Token::RParen => {
                self.depth = self.depth.saturating_sub(1);
                let depth = self.depth;
                self.casts.retain(|open| *open < depth);
                self.json.retain(|open| *open < depth);
            }
            _ => {}
        }
    }

    pub(super) fn insert(&mut self, token: Token, span: Span) {
        self.push(TokenWithSpan::new(token, span));
    }

    /// A CAST or JSON function whose bracket comes next.
    pub(super) fn open_cast(&mut self) {
        self.casts.push(self.depth);
    }

    pub(super) fn open_json(&mut self) {
        self.json.push(self.depth);
    }

    /// Directly inside the bracket of a CAST.
    pub(super) fn in_cast(&self) -> bool {
        self.casts.last().is_some_and(|open| open + 1 == self.depth)
    }

    /// Directly inside the bracket of a JSON function.
    pub(super) fn in_json(&self) -> bool {
        self.json.last().is_some_and(|open| open + 1 == self.depth)
    }
}

/// The span over two.
pub(super) fn join(first: Span, last: Span) -> Span {
    Span { start: first.start, end: last.end }
}
