//! Statements for other databases, by what no statement of Athena, Trino or Hive says.

use std::ops::Range;

use super::lexemes::Lexemes;
use super::lexer::Kind;

/// Lexemes side by side that only a database has, lower case, and its name. They are looked for where something cannot be read: a column
/// of Athena may be called like one of them.
const SIGNS: [(&[&str], &str); 41] = [
    // <https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html>
    (&["distkey"], "Redshift"),
    (&["sortkey"], "Redshift"),
    (&["diststyle"], "Redshift"),
    (&["iam_role"], "Redshift"),
    (&["identity", "(", "1"], "Redshift or SQL Server"),
    // <https://docs.snowflake.com/en/sql-reference/sql-all>
    (&["copy", "into"], "Snowflake or Databricks"),
    (&["transient", "table"], "Snowflake"),
    (&["use", "warehouse"], "Snowflake"),
    (&["create", "stage"], "Snowflake"),
    (&["or", "replace", "stage"], "Snowflake"),
    (&["file", "format", "="], "Snowflake"),
    (&["file_format", "="], "Snowflake"),
    (&["lateral", "flatten"], "Snowflake"),
    (&["object_construct", "("], "Snowflake"),
    (&["try_to_date", "("], "Snowflake"),
    // <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax>
    (&["_partitiontime"], "BigQuery"),
    (&["_table_suffix"], "BigQuery"),
    (&["safe_cast", "("], "BigQuery"),
    (&["timestamp_sub", "("], "BigQuery"),
    (&["timestamp_trunc", "("], "BigQuery"),
    (&["require_partition_filter"], "BigQuery"),
    // <https://dev.mysql.com/doc/refman/8.4/en/create-table.html>
    (&["auto_increment"], "MySQL"),
    (&["engine", "=", "innodb"], "MySQL"),
    (&["on", "duplicate", "key"], "MySQL"),
    // <https://www.postgresql.org/docs/current/sql-commands.html>
    (&["bigserial"], "PostgreSQL"),
    (&["serial", "primary", "key"], "PostgreSQL"),
    (&["jsonb"], "PostgreSQL"),
    (&["language", "plpgsql"], "PostgreSQL"),
    (&["language", "'plpgsql'"], "PostgreSQL"),
    (&["on", "conflict", "("], "PostgreSQL"),
    (&["on", "conflict", "do"], "PostgreSQL"),
    // <https://learn.microsoft.com/en-us/sql/t-sql/statements/statements>
    (&["nvarchar", "("], "SQL Server"),
    (&["with", "(", "nolock", ")"], "SQL Server"),
    (&["set", "nocount", "on"], "SQL Server"),
    // <https://docs.oracle.com/en/database/oracle/oracle-database/23/sqlrf/SQL-Statements.html>
    (&["varchar2"], "Oracle"),
    (&["from", "dual"], "Oracle"),
    // <https://docs.databricks.com/aws/en/sql/language-manual/>
    (&["using", "delta"], "Spark or Databricks"),
    (&["zorder", "by"], "Spark or Databricks"),
    (&["liquid", "clustering"], "Spark or Databricks"),
    (&["create", "temp", "view"], "Spark or Databricks"),
    (&["create", "temporary", "view"], "Spark or Databricks"),
];

/// The database that a statement is for, and where that is to be seen; `None` where nothing tells.
pub(super) fn sign(statement: Lexemes<'_>) -> Option<(&'static str, Range<usize>)> {
    let Lexemes { text, list, .. } = statement;
    let is = |at: usize, sign: &str| {
        list.get(at).is_some_and(|lexeme| {
            // A quoted name is one that somebody chose.
            lexeme.kind != Kind::Quoted && text[lexeme.range()].eq_ignore_ascii_case(sign)
        })
    };
    (0..list.len()).find_map(|at| {
        let stands = |(signs, _): &&(&[&str], &str)| signs.iter().enumerate().all(|(i, sign)| is(at + i, sign));
        let (signs, database) = SIGNS.iter().find(stands)?;
        Some((*database, list[at].start..list[at + signs.len() - 1].end))
    })
}

#[cfg(test)]
mod tests {
    use super::super::lexemes::with_lexed;

    #[test]
    fn what_no_athena_has_tells_whose_a_statement_is() {
        let told = |text: &'static str| {
            let found = with_lexed(text, 0..text.len(), super::sign);
            found.map(|(database, place)| (database, &text[place]))
        };
        assert_eq!(told("create table t (a int) DISTKEY(a)"), Some(("Redshift", "DISTKEY")));
        assert_eq!(told("copy  into t from @s"), Some(("Snowflake or Databricks", "copy  into")));
        assert_eq!(told("insert into t values (1) on conflict do nothing"), Some(("PostgreSQL", "on conflict do")));
        assert_eq!(told("select a from t join conflict on conflict.id = t.id where b = 'distkey' -- sortkey"), None);
        assert_eq!(told("select \"distkey\", `jsonb` from t on"), None);
    }
}
