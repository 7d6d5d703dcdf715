//! From statement text to a syntax tree whose spans are byte offsets of the file.

use std::ops::Range;

use sqlparser::ast;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::dialect::Athena;
use super::lexemes::{Lexemes, with_lexed};
use super::tokens::tokenize;
use super::{error, limits, prepass, statements};
use crate::lake::{FileId, StatementKind, Table, TableName};

/// A view of the repository: opened wherever it is referenced.
#[derive(Debug)]
pub struct View {
    pub name: TableName,
    pub file: FileId,
    pub query: Box<ast::Query>,
    /// Column names of `CREATE VIEW v (a, b)`, lower case; empty when not given.
    pub columns: Vec<String>,
    /// Where its tables without a database are, when something tells.
    pub database: Option<String>,
}

/// A parsed statement. Spans in the tree are file offsets: `line` is 1 and `column` is the byte offset plus one, so
/// [`range`] gives back a byte range.
#[derive(Debug)]
pub enum Parsed {
    /// A statement that sqlparser models: query, CTAS, INSERT, MERGE, UPDATE, DELETE, CREATE VIEW, EXPLAIN of one of them.
    Sql { statement: Box<ast::Statement>, kind: StatementKind },
    /// `CREATE TABLE t WITH (...) AS query`; properties as lower-case name and text value (arrays as written).
    Ctas { name: ast::ObjectName, properties: Vec<(String, String)>, query: Box<ast::Query> },
    /// `UNLOAD (query) TO '...' WITH (...)`; properties as lower-case name and text value.
    Unload { query: Box<ast::Query>, properties: Vec<(String, String)> },
    /// `OPTIMIZE t REWRITE DATA USING BIN_PACK [WHERE ...]`.
    Optimize { table: ast::ObjectName, selection: Option<Box<ast::Expr>> },
    /// CREATE TABLE with columns.
    Definition(Box<Table>),
    /// `EXPLAIN` / `EXPLAIN ANALYZE` around another statement.
    Explained { analyze: bool, statement: Box<Parsed> },
    /// `PREPARE p FROM stmt`.
    Prepared(Box<Parsed>),
    /// Utility statements that read no data: SHOW, DESCRIBE, MSCK, ALTER, DROP, VACUUM, EXECUTE, SET, GRANT ...
    Utility(StatementKind),
}

/// Why a statement could not be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// Byte range of the furthest token that was reached.
    pub range: Range<usize>,
    /// `expected ..., found ...`, lower case.
    pub message: String,
    pub help: String,
}

/// Stack that a thread needs which parses, visits or drops the longest statements that [`parse`] accepts, in bytes.
pub const STACK_BYTES: usize = 256 << 20;

/// Recursion of the parser: a level of nesting takes several; `limits::NESTING` bounds the levels.
pub(super) const RECURSION_LIMIT: usize = 2_000;

/// Parses one statement of a file, on a thread with [`STACK_BYTES`] of stack.
pub fn parse(file: FileId, text: &str, statement: Range<usize>) -> Result<Parsed, ParseError> {
    with_lexed(text, statement, |lexemes| statements::read(file, lexemes))
}

/// Parses a query: a part of a statement.
pub(super) fn parse_query(statement: Lexemes, range: Range<usize>) -> Result<Box<ast::Query>, ParseError> {
    statement.with_part(range, |query| with_parser(query, |parser| parser.parse_query()))
}

/// Parses a predicate or any other expression.
pub(super) fn parse_expr(text: &str, range: Range<usize>) -> Result<ast::Expr, ParseError> {
    with_lexed(text, range, |lexemes| with_parser(lexemes, |parser| parser.parse_expr()))
}

/// Parses a statement that sqlparser models.
pub(super) fn parse_sql(lexemes: Lexemes) -> Result<Parsed, ParseError> {
    let statement = with_parser(lexemes, |parser| parser.parse_statement())?;
    let kind = kind(&statement);
    Ok(match kind {
        StatementKind::Ddl => Parsed::Utility(kind),
        _ => Parsed::Sql { statement: Box::new(statement), kind },
    })
}

/// Runs the parser over lexemes up to their end.
fn with_parser<T>(lexemes: Lexemes, read: impl FnOnce(&mut Parser) -> Result<T, ParserError>) -> Result<T, ParseError> {
    let tokens = tokenize(lexemes.text, lexemes.list)?;
    limits::check(&tokens, &lexemes.range())?;
    let tokens = prepass::rewrite(tokens);
    let dialect = Athena::default();
    let mut parser = Parser::new(&dialect).with_recursion_limit(RECURSION_LIMIT).with_tokens_with_locations(tokens);
    read(&mut parser)
        .and_then(|node| parser.expect_token(&Token::EOF).map(|_| node))
        .map_err(|e| error::from_parser(&e, lexemes.text, lexemes.range(), dialect.furthest()))
}

fn kind(statement: &ast::Statement) -> StatementKind {
    match statement {
        ast::Statement::Query(_) => StatementKind::Select,
        ast::Statement::Insert(_) => StatementKind::Insert,
        ast::Statement::Merge(_) => StatementKind::Merge,
        ast::Statement::Update(_) => StatementKind::Update,
        ast::Statement::Delete(_) => StatementKind::Delete,
        ast::Statement::CreateView(_) => StatementKind::CreateView,
        _ => StatementKind::Ddl,
    }
}

/// The byte range of a node's span; `None` for nodes without one.
pub fn range(span: sqlparser::tokenizer::Span) -> Option<Range<usize>> {
    (span.start.line > 0).then(|| span.start.column as usize - 1..span.end.column as usize - 1)
}

#[cfg(test)]
mod tests {
    use sqlparser::ast::Spanned;

    use super::*;

    fn read(text: &str) -> Parsed {
        parse(FileId(0), text, 0..text.len()).unwrap_or_else(|e| panic!("{text}: {e:?}"))
    }

    #[test]
    fn spans_are_byte_offsets_of_the_file() {
        let text = "-- é\r\n\tselect 'ü', \"a b\" from lake.t where dt = '{{ ds }}'";
        let start = text.find("select").expect("select");
        let parsed = parse(FileId(0), text, start..text.len()).expect("a query");
        let Parsed::Sql { statement, kind: StatementKind::Select } = parsed else { panic!("{parsed:?}") };
        let ast::Statement::Query(query) = *statement else { panic!("a query") };
        let ast::SetExpr::Select(select) = *query.body else { panic!("a select") };
        let at = |span| range(span).map(|r| &text[r]);
        assert_eq!(at(select.projection[0].span()), Some("'ü'"));
        assert_eq!(at(select.projection[1].span()), Some("\"a b\""));
        assert_eq!(at(select.from[0].span()), Some("lake.t"));
        assert_eq!(at(select.selection.expect("where").span()), Some("dt = '{{ ds }}'"));
    }

    #[test]
    fn placeholders_are_values_or_names() {
        for text in [
            "select a from {{ ref('orders') }} o join ${db}.items i using (k) where d = {{ ds }} and e between :a and :b",
            "select %s, %(name)s, a % b, ? from {table}, {{ source('x', 'y') }} where x = {param} and y in ($1, @v)",
            "{{ config(x='y') }} with a as (select 1 as b from db_{env}.t_${x}) {% if a %} select * from a {% else %} oops {% endif %}",
            "select json_object('a' : b), {col} as {{ x }}, sum({col}) over () from {{ this }} limit {n}",
        ] {
            read(text);
        }
    }

    #[test]
    fn a_misspelled_definition_is_an_error_and_what_other_engines_create_is_none() {
        for (text, message) in [
            ("create external tabel x (a int)", "expected `table`, found `tabel`"),
            ("CREATE OR REPLACE VEIW v AS SELECT 1", "expected `view`, found `VEIW`"),
        ] {
            assert_eq!(parse(FileId(0), text, 0..text.len()).expect_err(text).message, message);
        }
        for text in
            ["create stage s", "create temporary function f as 'x'", "create or replace pipe p", "create macro m() 1"]
        {
            assert!(matches!(read(text), Parsed::Utility(StatementKind::Ddl)), "{text}");
        }
    }

    #[test]
    fn errors_name_the_furthest_token() {
        let error = |text: &str| parse(FileId(0), text, 0..text.len()).expect_err("no statement");
        let text = "select a from t where (a = 1 and b = ) group by c";
        let e = error(text);
        assert_eq!((&text[e.range], e.message.as_str()), (")", "expected an expression, found `)`"));
        let text = "select 'abc";
        let e = error(text);
        assert_eq!(
            (&text[e.range], e.message.as_str()),
            ("'", "expected the end of this string, found the end of the statement")
        );
        assert_eq!(error("select a from").message, "expected identifier, found the end of the statement");
    }
}
