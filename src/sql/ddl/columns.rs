//! Column lists of table definitions.

use crate::expr::ColumnType;
use crate::lake::Column;
use crate::sql::cursor::Cursor;
use crate::sql::parse::ParseError;

/// `(name type [COMMENT '...'], ...)`, and how many have a comment; a trailing comma is allowed.
pub(super) fn columns(cursor: &mut Cursor) -> Result<(Vec<Column>, usize), ParseError> {
    cursor.expect("(")?;
    let (mut columns, mut commented) = (Vec::new(), 0);
    while !cursor.eat(")") {
        if cursor.eat("like") {
            cursor.name()?;
            rest_of_column(cursor);
        } else {
            let name = cursor.identifier()?.to_lowercase();
            let data_type = data_type(cursor)?;
            commented += usize::from(rest_of_column(cursor));
            columns.push(Column { name, data_type });
        }
        if !cursor.eat(",") && !cursor.is(")") {
            return Err(cursor.error("`,` or `)`"));
        }
    }
    Ok((columns, commented))
}

/// A type, up to what may follow it in a column list. A column without a type (the column list of a CTAS) has an unknown one.
pub(super) fn data_type(cursor: &mut Cursor) -> Result<ColumnType, ParseError> {
    if cursor.is(":") {
        cursor.advance();
    }
    let text = cursor.until(|c| {
        c.is(",")
            || c.is("with") && c.nth_is(1, "(")
            || ["comment", "not", "null", "default", "primary"].iter().any(|word| c.is(word))
    });
    if text.is_empty() && !cursor.is(",") && !cursor.is(")") {
        return Err(cursor.error("a type"));
    }
    Ok(ColumnType::parse(text))
}

/// Comments, NOT NULL and defaults after a column's type; whether a comment that is not empty is among them.
pub(super) fn rest_of_column(cursor: &mut Cursor) -> bool {
    cursor.until(|c| c.is(",") || c.is("comment"));
    let is_commented = cursor.eat("comment") && cursor.string().is_ok_and(|text| !text.trim().is_empty());
    cursor.until(|c| c.is(","));
    is_commented
}
