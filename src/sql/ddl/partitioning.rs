//! Partition keys: Hive's typed columns and Iceberg's transforms.

use super::columns::{data_type, rest_of_column};
use super::type_of;
use crate::expr::ColumnType;
use crate::lake::{Column, PartitionKey, Transform};
use crate::sql::cursor::Cursor;
use crate::sql::parse::ParseError;

/// `PARTITIONED BY (dt string, ...)` or `PARTITIONED BY (day(ts), bucket(16, id), region)`.
pub(super) fn partitioned_by(cursor: &mut Cursor, columns: &[Column]) -> Result<Vec<PartitionKey>, ParseError> {
    cursor.expect("(")?;
    let mut keys = Vec::new();
    while !cursor.eat(")") {
        if cursor.nth_is(1, "(") {
            let start = cursor.offset();
            cursor.advance();
            cursor.skip_brackets();
            keys.push(transform(&cursor.text[start..cursor.passed()], columns));
        } else {
            let name = cursor.identifier()?;
            let data_type = if cursor.is(",") || cursor.is(")") { type_of(columns, &name) } else { data_type(cursor)? };
            rest_of_column(cursor);
            keys.push(PartitionKey::new(&name, data_type));
        }
        if !cursor.eat(",") && !cursor.is(")") {
            return Err(cursor.error("`,` or `)`"));
        }
    }
    Ok(keys)
}

/// A transform as text: `day(ts)`, `bucket(16, id)`, `truncate(id, 10)`, `region`. The key is its source column.
pub(super) fn transform(text: &str, columns: &[Column]) -> PartitionKey {
    let unquoted = |part: &str| part.trim().trim_matches(['"', '`']).to_string();
    let (function, arguments) = match text.trim().strip_suffix(')').and_then(|t| t.split_once('(')) {
        Some((function, arguments)) => (function.trim().to_lowercase(), arguments),
        None => (String::new(), text),
    };
    let arguments: Vec<String> = arguments.split(',').map(unquoted).collect();
    // Athena writes the number first, Trino last.
    let number = arguments.iter().find_map(|a| a.parse::<u32>().ok()).unwrap_or(0);
    let column = arguments.iter().find(|a| a.parse::<u32>().is_err()).map_or("", |a| a);
    let transform = match function.trim_end_matches('s') {
        "year" => Transform::Year,
        "month" => Transform::Month,
        "day" | "date" => Transform::Day,
        "hour" | "date_hour" => Transform::Hour,
        "bucket" => Transform::Bucket(number),
        "truncate" => Transform::Truncate(number),
        _ => Transform::Identity,
    };
    let is_declared = columns.iter().any(|declared| declared.name == column.to_lowercase());
    // The columns of a CTAS have no types, but what has days is a date or a time.
    let data_type = match transform.date_parts() {
        Some(_) if !is_declared => ColumnType::Timestamp,
        _ => type_of(columns, column),
    };
    PartitionKey { transform, ..PartitionKey::new(column, data_type) }
}
