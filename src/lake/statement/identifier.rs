//! Names as Athena's two parsers want them (<https://docs.aws.amazon.com/athena/latest/ug/reserved-words.html>): DDL quotes with
//! backticks, queries with double quotes, and each has its own reserved words.

use crate::lake::TableName;

/// Reserved in queries, CTAS and INSERT.
const IN_QUERIES: &[&str] = &[
    "alter",
    "and",
    "as",
    "between",
    "by",
    "case",
    "cast",
    "constraint",
    "create",
    "cross",
    "cube",
    "current_catalog",
    "current_date",
    "current_path",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "deallocate",
    "delete",
    "describe",
    "distinct",
    "drop",
    "else",
    "end",
    "escape",
    "except",
    "execute",
    "exists",
    "extract",
    "false",
    "first",
    "for",
    "from",
    "full",
    "group",
    "grouping",
    "having",
    "in",
    "inner",
    "insert",
    "intersect",
    "into",
    "is",
    "join",
    "last",
    "left",
    "like",
    "listagg",
    "localtime",
    "localtimestamp",
    "natural",
    "normalize",
    "not",
    "null",
    "of",
    "on",
    "or",
    "order",
    "outer",
    "prepare",
    "recursive",
    "right",
    "rollup",
    "select",
    "skip",
    "table",
    "then",
    "trim",
    "true",
    "uescape",
    "union",
    "unnest",
    "using",
    "values",
    "when",
    "where",
    "with",
];

/// Reserved in DDL.
const IN_DDL: &[&str] = &[
    "all",
    "alter",
    "and",
    "array",
    "as",
    "authorization",
    "between",
    "bigint",
    "binary",
    "boolean",
    "both",
    "by",
    "case",
    "cast",
    "char",
    "column",
    "commit",
    "conf",
    "constraint",
    "create",
    "cross",
    "cube",
    "current",
    "current_date",
    "current_timestamp",
    "cursor",
    "database",
    "date",
    "dayofweek",
    "decimal",
    "delete",
    "describe",
    "distinct",
    "div",
    "double",
    "drop",
    "else",
    "end",
    "exchange",
    "exists",
    "extended",
    "external",
    "extract",
    "false",
    "fetch",
    "float",
    "floor",
    "following",
    "for",
    "foreign",
    "from",
    "full",
    "function",
    "grant",
    "group",
    "grouping",
    "having",
    "if",
    "import",
    "in",
    "inner",
    "insert",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "join",
    "lateral",
    "left",
    "less",
    "like",
    "local",
    "macro",
    "map",
    "more",
    "none",
    "not",
    "null",
    "numeric",
    "of",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "over",
    "partialscan",
    "partition",
    "percent",
    "preceding",
    "precision",
    "preserve",
    "primary",
    "procedure",
    "range",
    "reads",
    "reduce",
    "references",
    "regexp",
    "revoke",
    "right",
    "rlike",
    "rollback",
    "rollup",
    "row",
    "rows",
    "select",
    "set",
    "smallint",
    "start",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "transform",
    "trigger",
    "true",
    "truncate",
    "unbounded",
    "union",
    "uniquejoin",
    "update",
    "user",
    "using",
    "utc_timestamp",
    "values",
    "varchar",
    "views",
    "when",
    "where",
    "window",
    "with",
];

/// A name in a query, a CTAS or an INSERT.
pub(in crate::lake) fn in_query(name: &str) -> String {
    match is_plain(name) && !IN_QUERIES.contains(&name) {
        true => name.to_string(),
        false => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// A name in CREATE TABLE, ALTER TABLE and MSCK.
pub(super) fn in_ddl(name: &str) -> String {
    // A leading underscore needs backticks there.
    match is_plain(name) && !name.starts_with('_') && !IN_DDL.contains(&name) {
        true => name.to_string(),
        false => format!("`{}`", name.replace('`', "``")),
    }
}

/// `lake.orders` with what needs it quoted. DDL takes no catalog.
pub(super) fn table_in_ddl(name: &TableName) -> String {
    let parts = &name.0[name.0.len().saturating_sub(2)..];
    parts.iter().map(|part| in_ddl(part)).collect::<Vec<_>>().join(".")
}

/// A text in single quotes.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_and_odd_names_are_quoted_as_the_parser_wants() {
        assert_eq!((in_query("dt"), in_ddl("dt")), ("dt".to_string(), "dt".to_string()));
        assert_eq!((in_query("date"), in_ddl("date")), ("date".to_string(), "`date`".to_string()));
        assert_eq!(in_query("order"), "\"order\"");
        assert_eq!(in_query("event-time"), "\"event-time\"");
        assert_eq!(table_in_ddl(&TableName::parse("awsdatacatalog.lake.2024_orders")), "lake.`2024_orders`");
        assert_eq!(literal("l'avion"), "'l''avion'");
    }
}
