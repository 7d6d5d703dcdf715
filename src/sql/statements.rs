//! Statements by their first words: which reader each one gets.

use std::ops::Range;

use sqlparser::ast::{self, Ident, ObjectName};

use super::cursor::{Cursor, Properties};
use super::ddl;
use super::lexemes::{Lexemes, with_lexed};
use super::lexer::Kind;
use super::parse::{ParseError, Parsed, View, parse_expr, parse_query, parse_sql};
use super::tokens::span;
use crate::expr::ColumnType;
use crate::lake::{Column, FileId, StatementKind, Table, TableName};

/// First words of statements that read no data and are taken as they are.
const UTILITY: [&str; 30] = [
    "alter",
    "analyze",
    "begin",
    "call",
    "comment",
    "commit",
    "create",
    "deallocate",
    "deny",
    "desc",
    "describe",
    "drop",
    "execute",
    "grant",
    "msck",
    "refresh",
    "reset",
    "revoke",
    "rollback",
    "set",
    "show",
    "start",
    "truncate",
    "unset",
    "use",
    "add",
    "cache",
    "load",
    "reload",
    "uncache",
];

/// Reads a statement.
pub(super) fn read(file: FileId, statement: Lexemes) -> Result<Parsed, ParseError> {
    let mut cursor = Cursor::new(statement);
    if cursor.eat("explain") {
        return explain(file, cursor, statement.end);
    }
    if cursor.eat("prepare") {
        cursor.identifier()?;
        cursor.expect("from")?;
        return Ok(Parsed::Prepared(Box::new(inner(file, cursor, statement.end)?)));
    }
    plain(file, statement)
}

/// `EXPLAIN [ANALYZE] [VERBOSE] [(option, ...)] statement`.
fn explain(file: FileId, mut cursor: Cursor, end: usize) -> Result<Parsed, ParseError> {
    let analyze = cursor.eat("analyze");
    cursor.eat("verbose");
    let is_option = ["type", "format", "verbose", "analyze"].iter().any(|w| cursor.nth_is(1, w));
    if cursor.is("(") && is_option {
        cursor.skip_brackets();
    }
    let statement = Box::new(inner(file, cursor, end)?);
    Ok(Parsed::Explained { analyze, statement })
}

/// The statement behind EXPLAIN or PREPARE: string rules start anew with it.
fn inner(file: FileId, cursor: Cursor, end: usize) -> Result<Parsed, ParseError> {
    with_lexed(cursor.text, cursor.offset()..end, |statement| plain(file, statement))
}

/// A statement without EXPLAIN or PREPARE around it.
fn plain(file: FileId, statement: Lexemes) -> Result<Parsed, ParseError> {
    let mut cursor = Cursor::new(statement);
    let first = cursor.peek().to_ascii_lowercase();
    match first.as_str() {
        "create" => create(file, statement),
        "unload" => unload(statement, cursor),
        "optimize" => optimize(cursor, statement.end),
        "vacuum" => whole(cursor).map(|()| Parsed::Utility(StatementKind::Vacuum)),
        "using" => with_lexed(statement.text, after_functions(&mut cursor)..statement.end, parse_sql),
        "select" | "with" | "(" | "values" | "table" | "insert" | "merge" | "update" | "delete" => parse_sql(statement),
        word if UTILITY.contains(&word) => whole(cursor).map(|()| Parsed::Utility(StatementKind::Ddl)),
        _ => Err(cursor.error("a statement")),
    }
}

fn create(file: FileId, statement: Lexemes) -> Result<Parsed, ParseError> {
    let cursor = Cursor::new(statement);
    if is_view(&cursor) {
        return parse_sql(statement);
    }
    match ddl::create_table(file, statement)? {
        Some(definition) => match definition.query {
            Some(query) => Ok(Parsed::Ctas {
                name: object_name(&definition.name),
                properties: definition.properties,
                query: parse_query(statement, query)?,
            }),
            None => Ok(Parsed::Definition(Box::new(definition.table))),
        },
        None => match misspelled(Cursor::new(statement)) {
            Some(error) => Err(error),
            None => whole(cursor).map(|()| Parsed::Utility(StatementKind::Ddl)),
        },
    }
}

/// `CREATE TABEL`: what other engines create is not looked into, but a definition with a slip of the pen would be lost silently.
fn misspelled(mut cursor: Cursor) -> Option<ParseError> {
    cursor.advance();
    while ["or", "replace", "external", "temporary", "temp"].iter().any(|word| cursor.eat(word)) {}
    let word = cursor.peek().to_ascii_lowercase();
    let meant =
        ["table", "view", "schema", "database"].into_iter().find(|meant| strsim::osa_distance(&word, meant) == 1)?;
    Some(cursor.error(&format!("`{meant}`")))
}

fn is_view(cursor: &Cursor) -> bool {
    let or_replace = if cursor.nth_is(1, "or") { 2 } else { 0 };
    cursor.is("create") && (cursor.nth_is(1 + or_replace, "view") || cursor.nth_is(2 + or_replace, "view"))
}

/// `UNLOAD (query) TO '...' [WITH (...)]`.
fn unload(statement: Lexemes, mut cursor: Cursor) -> Result<Parsed, ParseError> {
    cursor.advance();
    if !cursor.is("(") {
        return Err(cursor.error("`(`"));
    }
    let open = cursor.offset();
    cursor.skip_brackets();
    let close = cursor.passed();
    if !statement.text[open..close].ends_with(')') {
        return Err(cursor.error("`)`"));
    }
    let query = parse_query(statement, open + 1..close - 1)?;
    cursor.expect("to")?;
    cursor.string()?;
    let properties = if cursor.eat("with") { cursor.properties()? } else { Properties::new() };
    finished(&cursor)?;
    Ok(Parsed::Unload { query, properties })
}

/// `OPTIMIZE t REWRITE DATA [USING BIN_PACK] [WHERE predicate]`.
fn optimize(mut cursor: Cursor, end: usize) -> Result<Parsed, ParseError> {
    cursor.advance();
    let table = object_name(&cursor.name()?);
    cursor.expect("rewrite")?;
    cursor.expect("data")?;
    if cursor.eat("using") {
        cursor.expect("bin_pack")?;
    }
    let selection = if cursor.eat("where") {
        Some(Box::new(parse_expr(cursor.text, cursor.offset()..end)?))
    } else {
        finished(&cursor)?;
        None
    };
    Ok(Parsed::Optimize { table, selection })
}

/// Passes `USING EXTERNAL FUNCTION f(x T) RETURNS T LAMBDA 'name'`; gives the start of the query.
fn after_functions(cursor: &mut Cursor) -> usize {
    while !cursor.at_end() && !["select", "with"].iter().any(|word| cursor.is(word)) {
        if !cursor.skip_brackets() {
            cursor.advance();
        }
    }
    cursor.offset()
}

/// Accepts a statement that is not looked into, unless a quote or comment in it never closes.
fn whole(mut cursor: Cursor) -> Result<(), ParseError> {
    while let Some(kind) = cursor.kind() {
        if kind == Kind::Unterminated {
            return Err(cursor.error("the end of a quote or comment"));
        }
        cursor.advance();
    }
    Ok(())
}

fn finished(cursor: &Cursor) -> Result<(), ParseError> {
    if cursor.at_end() { Ok(()) } else { Err(cursor.error("the end of the statement")) }
}

fn object_name(parts: &[(String, Range<usize>)]) -> ObjectName {
    let ident = |(part, range): &(String, Range<usize>)| Ident {
        value: part.clone(),
        quote_style: None,
        span: span(range.clone()),
    };
    ObjectName::from(parts.iter().map(ident).collect::<Vec<_>>())
}

/// A table or view that a statement defines.
pub(super) enum Defined {
    Table(Box<Table>),
    View(View),
}

/// What a statement defines; `None` for other statements and for definitions that cannot be read.
pub(super) fn defined(file: FileId, text: &str, statement: Range<usize>) -> Option<Defined> {
    let start = text.get(statement.clone())?.get(..6)?;
    // Comments stand outside a statement, so its first word is its first six bytes.
    if !start.eq_ignore_ascii_case("create") {
        return None;
    }
    with_lexed(text, statement, |statement| definition(file, statement))
}

fn definition(file: FileId, statement: Lexemes) -> Option<Defined> {
    if is_view(&Cursor::new(statement)) {
        return view(file, statement).map(Defined::View);
    }
    let definition = ddl::create_table(file, statement).ok()??;
    let mut table = definition.table;
    if let Some(query) = definition.query
        && table.columns.is_empty()
        && let Ok(query) = parse_query(statement, query)
    {
        let mut columns = selected(&query);
        for key in &mut table.partition_keys {
            let is_typed = |column: &&Column| column.data_type != ColumnType::Other(String::new());
            if let Some(column) = columns.iter().filter(is_typed).find(|c| c.name == key.name) {
                key.data_type = column.data_type.clone();
            }
        }
        if table.kind == crate::lake::TableKind::Hive {
            columns.retain(|c| table.key_index(&c.name).is_none());
        }
        table.columns = columns;
    }
    Some(Defined::Table(Box::new(table)))
}

fn view(file: FileId, statement: Lexemes) -> Option<View> {
    let Ok(Parsed::Sql { statement, .. }) = parse_sql(statement) else { return None };
    let ast::Statement::CreateView(view) = *statement else { return None };
    let parts = view.name.0.iter().map(|part| part.as_ident().map_or(String::new(), |i| i.value.clone()));
    Some(View {
        name: TableName::new(parts),
        file,
        query: view.query,
        columns: view.columns.iter().map(|c| c.name.value.to_lowercase()).collect(),
        database: None,
    })
}

/// The columns of a select list, where every item says its name; empty otherwise.
fn selected(query: &ast::Query) -> Vec<Column> {
    let mut body = &*query.body;
    let select = loop {
        match body {
            ast::SetExpr::Select(select) => break select,
            ast::SetExpr::Query(query) => body = &query.body,
            ast::SetExpr::SetOperation { left, .. } => body = left,
            _ => return Vec::new(),
        }
    };
    select.projection.iter().map(selected_column).collect::<Option<_>>().unwrap_or_default()
}

fn selected_column(item: &ast::SelectItem) -> Option<Column> {
    let (name, expr) = match item {
        ast::SelectItem::ExprWithAlias { expr, alias } => (alias, expr),
        ast::SelectItem::UnnamedExpr(expr @ ast::Expr::Identifier(name)) => (name, expr),
        ast::SelectItem::UnnamedExpr(expr @ ast::Expr::CompoundIdentifier(parts)) => (parts.last()?, expr),
        _ => return None,
    };
    let data_type = match expr {
        ast::Expr::Cast { data_type, .. } => ColumnType::parse(&data_type.to_string()),
        _ => ColumnType::Other(String::new()),
    };
    Some(Column { name: name.value.to_lowercase(), data_type })
}
