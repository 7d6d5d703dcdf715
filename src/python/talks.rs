//! Which databases a program talks to, as far as its imports and calls tell.

use tree_sitter::Node;

use super::sinks::{Dialect, is_of_another_database};
use super::syntax::{arguments, written};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Talks {
    pub(super) athena: bool,
    pub(super) spark: bool,
    pub(super) other: bool,
}

/// Modules whose SQL is that of Athena.
const ATHENA_MODULES: [&str; 2] = ["awswrangler", "pyathena"];
/// Modules whose SQL is Spark's.
const SPARK_MODULES: [&str; 2] = ["pyspark", "awsglue"];
/// Modules whose SQL is that of other databases.
const OTHER_MODULES: [&str; 24] = [
    "psycopg2",
    "psycopg",
    "pg8000",
    "asyncpg",
    "redshift_connector",
    "pymysql",
    "mysql",
    "MySQLdb",
    "sqlite3",
    "snowflake",
    "bigquery",
    "duckdb",
    "oracledb",
    "cx_Oracle",
    "pyodbc",
    "pymssql",
    "clickhouse_driver",
    "clickhouse_connect",
    "trino",
    "prestodb",
    "pyhive",
    "databricks",
    "sqlalchemy_redshift",
    "aioodbc",
];

/// How the addresses of other databases begin, as SQLAlchemy has them (<https://docs.sqlalchemy.org/en/20/dialects/>).
const OTHER_ADDRESSES: [&str; 11] = [
    "postgres",
    "mysql",
    "mariadb",
    "redshift",
    "mssql",
    "oracle",
    "sqlite",
    "snowflake",
    "bigquery",
    "clickhouse",
    "duckdb",
];

impl Talks {
    pub(super) fn add(&mut self, dialect: Dialect) {
        match dialect {
            Dialect::Athena => self.athena = true,
            Dialect::Spark => self.spark = true,
            Dialect::Other => self.other = true,
        }
    }

    /// `import pyathena`, `from airflow.providers.postgres.hooks.postgres import PostgresHook`.
    pub(super) fn import(&mut self, statement: &str) {
        let words: Vec<&str> = statement.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
        let has = |modules: &[&str]| words.iter().any(|word| modules.contains(word));
        self.athena |= has(&ATHENA_MODULES) || words.iter().any(|w| w.to_ascii_lowercase().contains("athena"));
        self.spark |= has(&SPARK_MODULES);
        let is_django = words.windows(2).any(|pair| pair == ["django", "db"]);
        self.other |= is_django || has(&OTHER_MODULES) || words.iter().any(|word| is_of_another_database(word));
    }

    /// `boto3.client("athena")`, `create_engine("postgresql://...")`.
    pub(super) fn call(&mut self, name: &str, call: Node<'_>, program: &str) {
        if !matches!(name, "client" | "resource" | "AwsBaseHook" | "get_client" | "create_engine") {
            return;
        }
        let first = arguments(call, program).first().map(|first| written(first.value, program));
        let Some(first) = first.map(|first| first.trim_start_matches(['f', 'r']).trim_matches(['"', '\''])) else {
            return;
        };
        if name == "create_engine" {
            self.athena |= first.starts_with("awsathena");
            self.other |= OTHER_ADDRESSES.iter().any(|address| first.starts_with(address));
            return;
        }
        match first {
            "athena" => self.athena = true,
            "redshift-data" | "rds-data" | "timestream-query" => self.other = true,
            _ => {}
        }
    }

    /// The dialect of what no call tells: nothing where nothing does, and no one where the program talks to several databases.
    pub(super) fn spoken(self, program: &str) -> Option<Option<Dialect>> {
        match self {
            Talks { athena: true, spark: false, other: false } => Some(Some(Dialect::Athena)),
            Talks { athena: false, spark: true, other: false } => Some(Some(Dialect::Spark)),
            Talks { athena: false, spark: false, other: true } => Some(Some(Dialect::Other)),
            Talks { athena: false, spark: false, other: false } => {
                (program.contains("athena") || program.contains("Athena")).then_some(Some(Dialect::Athena))
            }
            _ => Some(None),
        }
    }
}
