//! Calls that are given SQL, and calls whose texts are for people.

use tree_sitter::Node;

use super::syntax::{children, dotted, entry, written};

/// Who understands a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dialect {
    Athena,
    Spark,
    /// Of another database.
    Other,
}

/// What becomes of an argument.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fate<'t> {
    /// It is run.
    Run {
        dialect: Dialect,
        /// Where tables without a database are.
        database: Option<Node<'t>>,
    },
    /// It is run by a call that many databases have.
    Handed,
    /// People read it.
    Shown,
    Unknown,
}

/// The arguments of calls by which SQL comes to Athena: the last name of the call, and the names of the argument; an empty one
/// is the first argument.
const ATHENA: [(&str, &[&str]); 9] = [
    ("start_query_execution", &["QueryString", "sql", "query"]),
    ("create_named_query", &["QueryString"]),
    ("create_prepared_statement", &["QueryStatement", "sql"]),
    ("update_named_query", &["QueryString"]),
    ("update_prepared_statement", &["QueryStatement"]),
    ("AthenaOperator", &["query"]),
    ("AWSAthenaOperator", &["query"]),
    ("read_athena", &["sql", "query"]),
    ("AthenaStartQueryExecution", &["query_string"]),
];

/// The same of awswrangler (<https://aws-sdk-pandas.readthedocs.io/en/stable/api.html#amazon-athena>): SQL is the first argument.
const WRANGLER: [&str; 6] =
    ["read_sql_query", "start_query_execution", "create_ctas_table", "unload", "read_sql", "execute_query"];

/// Modules of awswrangler for other databases.
const OTHER_MODULES: [&str; 9] =
    ["redshift", "postgresql", "mysql", "sqlserver", "oracle", "timestream", "data_api", "neptune", "opensearch"];

/// Calls of clients for other databases.
const OTHER_CALLS: [&str; 2] = ["execute_statement", "batch_execute_statement"];

/// Databases as the hooks, operators and sensors of Airflow spell them.
const OTHER_NAMES: [&str; 10] =
    ["postgres", "mysql", "redshift", "snowflake", "mssql", "oracle", "sqlite", "bigquery", "jdbc", "sqlto"];

/// Whether a name is that of what asks another database: `PostgresHook`, `RedshiftToS3Operator`, `SQLCheckOperator`.
pub(super) fn is_of_another_database(name: &str) -> bool {
    let is_of_airflow = ["Hook", "Operator", "Sensor"].iter().any(|end| name.ends_with(end));
    let lower = name.to_ascii_lowercase();
    is_of_airflow && (name.starts_with("SQL") || OTHER_NAMES.iter().any(|other| lower.contains(other)))
}

/// Calls by which a statement comes to a database, whichever it is.
const HANDS: [&str; 7] =
    ["execute", "executemany", "read_sql", "read_sql_query", "execute_query", "run_query", "start_query"];

/// Options of a reader or writer of another database that hold its SQL: those of Spark's JDBC source and of Redshift's.
/// <https://spark.apache.org/docs/latest/sql-data-sources-jdbc.html>
const FOREIGN_OPTIONS: [&str; 7] =
    ["query", "dbtable", "sampleQuery", "preactions", "postactions", "sessionInitStatement", "prepareQuery"];
/// Options that only such a source has.
const OF_FOREIGN_SOURCE: [&str; 9] = [
    "url",
    "user",
    "password",
    "dbtable",
    "connectionName",
    "useConnectionProperties",
    "redshiftTmpDir",
    "secretId",
    "aws_iam_role",
];

/// Keywords whose texts are for people.
const SHOWN_KEYWORDS: [&str; 9] =
    ["help", "description", "message", "msg", "title", "doc", "label", "epilog", "reason"];

/// Calls whose texts are for people, or are no statement.
const SHOWN_CALLS: [&str; 24] = [
    "print",
    "pprint",
    "debug",
    "info",
    "warn",
    "warning",
    "error",
    "exception",
    "critical",
    "log",
    "echo",
    "secho",
    "code",
    "compile",
    "match",
    "search",
    "sub",
    "startswith",
    "endswith",
    "input",
    "markdown",
    "write",
    "assertEqual",
    "assertIn",
];

/// What a call does with an argument, given by name or by its place.
pub(super) fn fate<'t>(call: Node<'t>, name: Option<&str>, index: usize, program: &str) -> Fate<'t> {
    let Some(function) = call.child_by_field_name("function") else { return Fate::Unknown };
    let names = dotted(function, program);
    let last = names.last().copied().unwrap_or_default();
    let run = |dialect| Fate::Run { dialect, database: database(call, program) };
    let is = |expected: &[&str]| name.is_some_and(|name| expected.contains(&name));
    let around = &names[..names.len().saturating_sub(1)];
    if name.is_some_and(|name| SHOWN_KEYWORDS.contains(&name)) {
        return Fate::Shown;
    }
    let is_first = index == 0 && name.is_none();
    let is_foreign = |name: &&str| OTHER_MODULES.contains(name) || is_of_another_database(name);
    if around.iter().any(is_foreign) || OTHER_CALLS.contains(&last) || is_of_another_database(last) {
        return run(Dialect::Other);
    }
    if last == "sql" && around.iter().any(|name| is_spark(name)) && (is_first || is(&["sqlQuery", "query"])) {
        return run(Dialect::Spark);
    }
    // S3 Select reads one object: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_SelectObjectContent.html>.
    if last == "select_object_content" && is(&["Expression"])
        || last == "select_query" && around.contains(&"s3") && (is_first || is(&["sql"]))
    {
        return run(Dialect::Other);
    }
    let is_foreign_option = match last {
        "options" => is(&FOREIGN_OPTIONS),
        "jdbc" => is(&["table", "dbtable"]) || name.is_none() && index == 1,
        "option" if index == 1 => {
            let first = super::syntax::arguments(call, program).first().map(|first| written(first.value, program));
            first.is_some_and(|first| FOREIGN_OPTIONS.contains(&first.trim_matches(['"', '\''])))
        }
        _ => false,
    };
    if is_foreign_option {
        return run(Dialect::Other);
    }
    if ATHENA.iter().any(|(call, arguments)| *call == last && is(arguments)) {
        return run(Dialect::Athena);
    }
    if around.contains(&"athena") && WRANGLER.contains(&last) && (is_first || is(&["sql"])) {
        return run(Dialect::Athena);
    }
    if HANDS.contains(&last) && (is_first || is(&["sql", "query", "operation", "statement"])) {
        return Fate::Handed;
    }
    match SHOWN_CALLS.contains(&last) || last.ends_with("Error") || last.ends_with("Exception") {
        true => Fate::Shown,
        false => Fate::Unknown,
    }
}

/// Whether a dictionary's entries are about a source of another database.
pub(super) fn is_of_foreign_source(dictionary: Node<'_>, program: &str) -> bool {
    children(dictionary).into_iter().any(|pair| OF_FOREIGN_SOURCE.contains(&key(pair, program)))
}

/// Whether an entry of such a dictionary holds its SQL.
pub(super) fn is_foreign_option(pair: Node<'_>, program: &str) -> bool {
    FOREIGN_OPTIONS.contains(&key(pair, program))
}

fn key<'p>(pair: Node<'_>, program: &'p str) -> &'p str {
    pair.child_by_field_name("key").map_or("", |key| written(key, program).trim_matches(['"', '\'']))
}

/// Whether a name is that of a Spark session or the like.
pub(super) fn is_spark(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("spark") || name.contains("sqlcontext") || name == "glue_context" || name == "gluecontext"
}

/// The database that a call names: `database=`, or `QueryExecutionContext={"Database": ...}`.
fn database<'t>(call: Node<'t>, program: &str) -> Option<Node<'t>> {
    let arguments = super::syntax::arguments(call, program);
    let named =
        |wanted: &str| arguments.iter().find(|argument| argument.name == Some(wanted)).map(|argument| argument.value);
    named("database").or_else(|| named("Database")).or_else(|| {
        let context = named("QueryExecutionContext").or_else(|| named("query_execution_context"))?;
        entry(context, "Database", program)
    })
}
