//! Rewrites tokens of Trino SQL that the parser does not read into ones it does; spans stay those of the text.

use sqlparser::tokenizer::TokenWithSpan;

/// The tokens as the parser reads them.
pub(super) fn rewrite(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    tokens
}
