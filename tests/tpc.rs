//! Every statement of the project's Athena set and of TPC-H and TPC-DS parses, and an independent reader agrees on the columns.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use lakelint::expr::{AsOf, ColumnType};
use lakelint::lake::{Catalog, Column, ColumnsUsed, DeclaredBy, FileId, Sources, Table, TableName};
use lakelint::sql::{STACK_BYTES, Views, outline, parse, read, split};

mod needed;
mod python;

const PACKAGES: [&str; 4] =
    ["duckdb==1.5.5", "duckdb-extension-tpch==1.5.5", "duckdb-extension-tpcds==1.5.5", "sqlglot==30.30.0"];

/// Statements of a text that do not parse, with why.
fn failures(text: &str) -> (usize, Vec<String>) {
    let statements = split(text);
    let failed = statements
        .iter()
        .filter_map(|range| parse(FileId(0), text, range.clone()).err().map(|e| (range, e)))
        .map(|(range, e)| format!("{}\n  at `{}`:\n{}", e.message, &text[e.range], &text[range.clone()]))
        .collect();
    (statements.len(), failed)
}

fn on_large_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(test).expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn the_athena_statements_parse() {
    on_large_stack(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/athena");
        let mut total = 0;
        for entry in std::fs::read_dir(folder).expect("tests/athena") {
            let path = entry.expect("an entry").path();
            let (count, failed) = failures(&std::fs::read_to_string(&path).expect("text"));
            assert!(failed.is_empty(), "{}: {} of {count}:\n{}", path.display(), failed.len(), failed.join("\n\n"));
            total += count;
        }
        assert!(total >= 100, "{total} statements");
    });
}

/// Writes one JSON object per query: its text, the tables of its benchmark with their columns, and the columns that sqlglot
/// says each table is read for (qualified names, then projections pushed down; `EXISTS (SELECT *)` needs no column).
const PRINT_QUERIES: &str = r#"
import duckdb, glob, importlib, json, os, re, sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.scope import traverse_scope

def columns_read(query, schema):
    query = re.sub(r"(?i)exists\s*\(\s*select\s+\*", "exists (select 1", query)
    tree = sqlglot.parse_one(query, dialect="duckdb")
    read = {}
    for scope in traverse_scope(pushdown_projections(qualify(tree, schema=schema, dialect="duckdb"))):
        tables = {name: s.name for name, s in scope.sources.items() if isinstance(s, exp.Table) and s.name in schema}
        for table in tables.values():
            read.setdefault(table, set())
        for column in scope.columns:
            if column.table in tables:
                read[tables[column.table]].add(column.name)
    return {table: sorted(columns) for table, columns in read.items()}

out = []
con = duckdb.connect()
for name, generate in (("tpch", "dbgen"), ("tpcds", "dsdgen")):
    package = importlib.import_module("duckdb_extension_" + name)
    path, = glob.glob(os.path.join(list(package.__path__)[0], "extensions", "*", name + ".duckdb_extension"))
    con.execute("LOAD '%s'" % path.replace("'", "''"))
    con.execute("create schema %s; use %s; call %s(sf=0)" % (name, name, generate))
    schema = {}
    columns = "select table_name, column_name, data_type from information_schema.columns where table_schema = ?"
    for table, column, kind in con.execute(columns, [name]).fetchall():
        schema.setdefault(table, {})[column] = kind
    for (query,) in con.execute("select query from %s_queries() order by query_nr" % name).fetchall():
        out.append({"query": query, "tables": {t: list(c) for t, c in schema.items()}, "read": columns_read(query, schema)})
print(json.dumps(out))
"#;

#[derive(serde::Deserialize)]
struct Query {
    query: String,
    tables: BTreeMap<String, Vec<String>>,
    read: BTreeMap<String, BTreeSet<String>>,
}

/// The queries; `None` when Python or its packages are missing and not required.
fn queries() -> Option<Vec<Query>> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tpc");
    let python = needed::or_skip("the TPC texts, of Python packages", python::environment(&folder, &PACKAGES))?;
    let output = Command::new(python).args(["-c", PRINT_QUERIES]).output().expect("python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let queries: Vec<Query> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(queries.len(), 22 + 99);
    Some(queries)
}

/// The columns of each table that lakelint says a query reads.
fn columns_read(query: &Query) -> BTreeMap<String, BTreeSet<String>> {
    let described = query.tables.iter().map(|(name, columns)| {
        let mut table = Table::new(TableName::parse(name), DeclaredBy::Ddl);
        table.columns = columns
            .iter()
            .map(|name| Column { name: name.clone(), data_type: ColumnType::Other(String::new()) })
            .collect();
        table
    });
    let catalog = Catalog::new(described.collect());
    let mut sources = Sources::default();
    let file = sources.add("query.sql", query.query.as_str());
    let as_of = AsOf(chrono::NaiveDateTime::default());
    let facts = read(&outline(file, &query.query), &sources, &catalog, &Views::default(), as_of);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for read in facts.queries.iter().flat_map(|q| &q.reads) {
        let columns = found.entry(catalog.get(read.table).name.to_string()).or_default();
        match &read.columns {
            ColumnsUsed::All(_) => columns.extend(query.tables[&read.name].iter().cloned()),
            ColumnsUsed::Some(names) => columns.extend(names.iter().cloned()),
        }
    }
    found
}

#[test]
fn tpc_h_and_tpc_ds_parse_and_read_the_columns_that_sqlglot_finds() {
    let Some(queries) = queries() else { return };
    on_large_stack(move || {
        let failed: Vec<String> = queries.iter().flat_map(|q| failures(&q.query).1).collect();
        assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n\n"));
        for query in &queries {
            assert_eq!(columns_read(query), query.read, "{}", query.query);
        }
    });
}
