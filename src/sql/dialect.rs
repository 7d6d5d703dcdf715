//! Athena's SQL as a dialect of the parser: Trino's reserved words and extensions.

use std::any::TypeId;
use std::cell::Cell;

use sqlparser::ast::Expr;
use sqlparser::dialect::{Dialect, GenericDialect};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

/// Athena's DML: Trino, with what people write beside it. It also keeps the furthest token that the parser tried, because an
/// error after backtracking names an earlier one.
#[derive(Debug, Default)]
pub(super) struct Athena {
    /// Start of the furthest token, as byte offset plus one; 0 when none was tried.
    furthest: Cell<u64>,
}

impl Athena {
    /// Byte offset of the furthest token that starts an operand or follows one.
    pub(super) fn furthest(&self) -> Option<usize> {
        self.furthest.get().checked_sub(1).map(|offset| offset as usize)
    }

    fn note(&self, parser: &Parser) {
        let column = parser.peek_token_ref().span.start.column;
        self.furthest.set(self.furthest.get().max(column));
    }
}

/// Trino's reserved words, and those that end a table or select item although they are not reserved.
fn ends_alias(keyword: Keyword) -> bool {
    use Keyword::*;
    is_reserved(keyword) || matches!(keyword, FETCH | LIMIT | MATCH_RECOGNIZE | OFFSET | SET | TABLESAMPLE | WINDOW)
}

/// Whether a word that was just passed starts a clause of Hive and Spark, and is a name where another word follows.
fn starts_clause(keyword: Keyword, parser: &Parser) -> bool {
    use Keyword::*;
    let next = match &parser.peek_token_ref().token {
        Token::Word(word) => word.keyword,
        _ => NoKeyword,
    };
    matches!((keyword, next), (LATERAL, VIEW) | (CLUSTER | DISTRIBUTE | SORT, BY) | (MINUS, SELECT))
}

/// Words that are no names in Trino unless quoted.
pub(super) fn is_reserved(keyword: Keyword) -> bool {
    use Keyword::*;
    matches!(
        keyword,
        ALTER
            | AND
            | AS
            | BETWEEN
            | BY
            | CASE
            | CAST
            | CONSTRAINT
            | CREATE
            | CROSS
            | CUBE
            | CURRENT_CATALOG
            | CURRENT_DATE
            | CURRENT_TIME
            | CURRENT_TIMESTAMP
            | CURRENT_USER
            | DEALLOCATE
            | DELETE
            | DESCRIBE
            | DISTINCT
            | DROP
            | ELSE
            | END
            | ESCAPE
            | EXCEPT
            | EXECUTE
            | EXISTS
            | EXTRACT
            | FALSE
            | FOR
            | FROM
            | FULL
            | GROUP
            | GROUPING
            | HAVING
            | IN
            | INNER
            | INSERT
            | INTERSECT
            | INTO
            | IS
            | JOIN
            | LEFT
            | LIKE
            | LOCALTIME
            | LOCALTIMESTAMP
            | NATURAL
            | NOT
            | NULL
            | ON
            | OR
            | ORDER
            | OUTER
            | PREPARE
            | RECURSIVE
            | RIGHT
            | ROLLUP
            | SELECT
            | SKIP
            | TABLE
            | THEN
            | TRIM
            | TRUE
            | UESCAPE
            | UNION
            | UNNEST
            | USING
            | VALUES
            | WHEN
            | WHERE
            | WITH
    )
}

/// Whether the word that comes next is a column or its qualifier whatever the parser tries: it would read each as the name of a
/// type first, at the price of an error message. Calls, subscripts, lambdas and words before a string stay with the parser.
fn is_plain_column(parser: &Parser) -> bool {
    let token = |n: usize| &parser.peek_nth_token_ref(n).token;
    const MOST_PARTS: usize = 8;
    let mut next = 1;
    while *token(next) == Token::Period {
        if next > 2 * MOST_PARTS || !matches!(token(next + 1), Token::Word(_)) {
            return false;
        }
        next += 2;
    }
    match token(next) {
        Token::Word(word) => word.keyword != Keyword::ARRAY && *token(next + 1) != Token::Arrow,
        Token::Comma | Token::RParen | Token::EOF => true,
        Token::Eq | Token::Neq | Token::Lt | Token::LtEq | Token::Gt | Token::GtEq => true,
        Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::Mod | Token::StringConcat => true,
        _ => false,
    }
}

impl Dialect for Athena {
    // The parser gates UNNEST and others on this identity.
    fn dialect(&self) -> TypeId {
        TypeId::of::<GenericDialect>()
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_' || ch == '$'
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '"' || ch == '`'
    }

    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        self.note(parser);
        match &parser.peek_token_ref().token {
            Token::Number(..) | Token::SingleQuotedString(_) => Some(parser.parse_value().map(Expr::Value)),
            Token::Word(word) if word.keyword == Keyword::NoKeyword && is_plain_column(parser) => {
                let span = parser.peek_token_ref().span;
                let ident = word.to_ident(span);
                parser.advance_token();
                Some(Ok(Expr::Identifier(ident)))
            }
            _ => None,
        }
    }

    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        self.note(parser);
        None
    }

    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        matches!(keyword, Keyword::EXISTS | Keyword::INTERVAL | Keyword::TRIM | Keyword::CASE | Keyword::CAST)
    }

    fn is_column_alias(&self, keyword: &Keyword, _parser: &mut Parser) -> bool {
        !ends_alias(*keyword)
    }

    fn is_table_alias(&self, keyword: &Keyword, parser: &mut Parser) -> bool {
        !ends_alias(*keyword) && !starts_clause(*keyword, parser)
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }
    fn supports_lambda_functions(&self) -> bool {
        true
    }
    fn supports_window_clause_named_window_reference(&self) -> bool {
        true
    }
    fn supports_window_function_null_treatment_arg(&self) -> bool {
        true
    }
    fn supports_within_after_array_aggregation(&self) -> bool {
        true
    }
    fn supports_match_recognize(&self) -> bool {
        true
    }
    fn supports_table_versioning(&self) -> bool {
        true
    }
    fn supports_group_by_expr(&self) -> bool {
        true
    }
    fn supports_group_by_with_modifier(&self) -> bool {
        true
    }
    fn supports_named_fn_args_with_rarrow_operator(&self) -> bool {
        true
    }
    fn supports_named_fn_args_with_colon_operator(&self) -> bool {
        true
    }
    fn supports_named_fn_args_with_expr_name(&self) -> bool {
        true
    }
    fn supports_select_expr_star(&self) -> bool {
        true
    }
    fn supports_subquery_as_function_arg(&self) -> bool {
        true
    }
    fn supports_parens_around_table_factor(&self) -> bool {
        true
    }
    fn supports_values_as_table_factor(&self) -> bool {
        true
    }
    fn supports_left_associative_joins_without_parens(&self) -> bool {
        true
    }
    fn supports_create_view_comment_syntax(&self) -> bool {
        true
    }
    fn allow_extract_custom(&self) -> bool {
        true
    }
    fn supports_in_empty_list(&self) -> bool {
        true
    }
    fn supports_select_wildcard_except(&self) -> bool {
        true
    }
    fn supports_array_typedef_with_brackets(&self) -> bool {
        true
    }
    fn supports_boolean_literals(&self) -> bool {
        true
    }
}
