//! Programs to statements: what is followed, what is left out, where it stands, and how long it takes.

use std::sync::Arc;

use super::*;
use crate::lake::FileId;

fn script(program: &str) -> Script {
    read(&Text::of_file(FileId(0), &Arc::from(program))).expect("read")
}

/// The statements of a program in one line each, with the dialect and whether something runs them.
fn told(program: &str) -> Vec<String> {
    let tell = |statement: &Statement| {
        let words: Vec<&str> = statement.sql.text.value.split_whitespace().collect();
        let dialect = statement.dialect.map_or("several".to_string(), |dialect| format!("{dialect:?}").to_lowercase());
        let run = if statement.is_run { " runs" } else { "" };
        let database = statement.database.as_ref().map_or(String::new(), |database| format!(" in {database}"));
        format!("{dialect}{run}{database}: {}", words.join(" "))
    };
    script(program).statements.iter().map(tell).collect()
}

#[test]
fn statements_are_followed_to_the_calls_that_run_them() {
    let program = r#"
import awswrangler as wr
DB = "lake"
def load(day):
    """Select rows from lake.orders."""
    query = f"SELECT * FROM {DB}.orders WHERE dt = '{day}'"
    logger.info(f"SELECT * FROM {query}")
    print("running " + query)
    return wr.athena.read_sql_query(query, database="lake")

def count():
    return wr.athena.read_sql_query(sql="select count(*) from orders", database=DB)

wr.redshift.read_sql_query("SELECT a FROM b", con=con)
wr.athena.read_sql_table("orders", database=DB)
run("SELECT a FROM {db}.{table}".format(db=DB, table=name))
"#;
    assert_eq!(
        told(program),
        [
            "athena runs in lake: SELECT * FROM lake.orders WHERE dt = '{day}'",
            "athena runs in lake: select count(*) from orders",
            "other runs: SELECT a FROM b",
            "athena runs: SELECT * FROM \"lake\".\"orders\"",
            "several: SELECT a FROM lake.{table}",
        ]
    );
}

#[test]
fn a_statement_that_goes_on_elsewhere_has_an_open_end() {
    let program = r#"
import boto3
athena = boto3.client("athena")
def a(where):
    query = "SELECT a FROM t"
    if where:
        query += " WHERE dt = 1"
    athena.start_query_execution(QueryString=query, QueryExecutionContext={"Database": "shop"})
def b():
    base = "SELECT a FROM t"
    return run(base + " WHERE dt = 1")
def c():
    base = "SELECT a FROM t WHERE dt = '{}'"
    return run(base.format(1))
class D:
    def __init__(self):
        self.query = "SELECT a FROM u"
    def more(self):
        self.query += " WHERE b"
def e():
    parts = ["SELECT a", "FROM t"]
    return " ".join(parts)
def f():
    return run(" ".join(["SELECT a", "FROM t", where]))
"#;
    assert_eq!(
        told(program),
        [
            "athena runs in shop: SELECT a FROM t WHERE {rest}",
            "athena: SELECT a FROM t WHERE {rest}",
            "athena: SELECT a FROM t WHERE dt = '{value}'",
            "athena: SELECT a FROM u WHERE {rest}",
            "athena: SELECT a FROM t WHERE {where}",
        ]
    );
}

#[test]
fn whatever_holds_a_text_that_goes_on_elsewhere_leaves_its_end_open() {
    let with = |program: &str| {
        let told = told(&format!("import boto3\nathena = boto3.client('athena')\n{program}"));
        told.into_iter().find(|line| line.contains("FROM t")).expect(program)
    };
    for program in [
        "def a(where):\n  sql = 'SELECT a FROM t'\n  run(f'{sql} WHERE {where}')",
        "sql = 'SELECT a FROM t'\ndef a(day):\n  return f'WITH x AS ({sql}) SELECT * FROM x WHERE dt = {day}'",
        "sql = 'SELECT a FROM t'\nrun(f\"SELECT * FROM ({sql}) WHERE dt = '{day}'\")",
        "sql = 'SELECT a FROM t'\nfull = sql if not w else f'{sql} WHERE {w}'",
        "def a(day):\n  parts = ['SELECT a FROM t']\n  parts.append(f'WHERE dt = {day}')\n  run(' '.join(parts))",
        "def a(day):\n  parts = ['SELECT a FROM t']\n  parts.append(where)\n  run(make(parts))",
        "class A:\n  BASE = 'SELECT a FROM t'\n  def a(self, day):\n    run(self.BASE + f' WHERE dt = {day}')",
        "class A:\n  BASE = 'SELECT a FROM t'\nrun(f'{A.BASE} WHERE dt = 1')",
        "Q = {'a': 'SELECT a FROM t', 'b': 'SELECT 1'}\nrun(Q['a'] + ' WHERE dt = 1')",
        "Q = {'a': 'SELECT a FROM t'}\nrun(f\"{Q['a']} WHERE dt = 1\")",
        "def base():\n  return 'SELECT a FROM t'\nrun(base() + ' WHERE dt = 1')",
        "class A:\n  def base(self):\n    return 'SELECT a FROM t'\n  def a(self):\n    run(self.base() + ' WHERE dt = 1')",
        "def build(day, sql='SELECT a FROM t'):\n  sql += f' WHERE dt = {day}'\n  return sql",
    ] {
        assert_eq!(with(program), "athena: SELECT a FROM t WHERE {rest}", "{program}");
    }
    for program in [
        "class A:\n  BASE = 'SELECT a FROM t'\n  def a(self):\n    run(self.BASE)",
        "Q = {'a': 'SELECT a FROM t'}\nrun(Q['a'])",
        "def base():\n  return 'SELECT a FROM t'\nrun(base())",
        "for sql in ['SELECT a FROM t', 'SELECT a FROM u']:\n  run(sql)",
        "def build(sql='SELECT a FROM t'):\n  return run(sql)",
    ] {
        assert_eq!(with(program), "athena: SELECT a FROM t", "{program}");
    }
}

#[test]
fn a_text_that_no_call_hands_over_is_told_from_one_that_is() {
    let handed = |line: &str| {
        let script = script(&format!("import pyathena\n{line}"));
        let [statement] = &script.statements[..] else { panic!("{line}") };
        statement.is_handed
    };
    for line in [
        "athena.start_query_execution(QueryString='SELECT a FROM b')",
        "q = 'SELECT a FROM b'\ncursor.execute(q)",
        "pd.read_sql('SELECT a FROM b', connection)",
    ] {
        assert!(handed(line), "{line}");
    }
    assert!(!handed("EXAMPLE = 'SELECT a FROM b'") && !handed("run(add_filter('SELECT a FROM b', day))"));
}

#[test]
fn what_asks_other_databases_is_told_by_its_name() {
    let dialect = |program: &str| script(program).statements.last().expect(program).dialect;
    for import in [
        "from airflow.providers.postgres.hooks.postgres import PostgresHook",
        "from airflow.providers.amazon.aws.transfers.redshift_to_s3 import RedshiftToS3Operator",
        "from django.db import connection",
        "engine = create_engine('postgresql://shop@db/shop')",
        "engine = create_engine(f'mysql+pymysql://{user}@db/shop')",
    ] {
        let of = |rest: &str| dialect(&format!("{import}\n{rest}\nc.execute('SELECT a FROM b')"));
        assert_eq!(of("# athena"), Some(Dialect::Other), "{import}");
        assert_eq!(of("athena = boto3.client('athena')"), None, "{import}");
    }
    for call in [
        "PostgresHook('x').get_records('SELECT a FROM b')",
        "MySqlHook('x').get_pandas_df(sql='SELECT a FROM b')",
        "RedshiftToS3Operator(task_id='e', select_query='SELECT a FROM b')",
        "SqlToS3Operator(query='SELECT a FROM b')",
        "SQLCheckOperator(sql='SELECT a FROM b')",
        "s3.select_object_content(Bucket='b', Expression='SELECT a FROM s3object')",
        "wr.s3.select_query(sql='SELECT a FROM s3object', path=path)",
    ] {
        assert_eq!(dialect(&format!("import pyathena\n{call}")), Some(Dialect::Other), "{call}");
    }
    let athena = "from airflow.providers.amazon.aws.operators.athena import AthenaOperator\nq = 'SELECT a FROM b'";
    assert_eq!(dialect(athena), Some(Dialect::Athena));
    assert_eq!(dialect("e = create_engine('awsathena+rest://x')\nq = 'SELECT a FROM b'"), Some(Dialect::Athena));
}

#[test]
fn dialects_are_told_apart() {
    assert_eq!(
        told("from pyspark.sql import SparkSession\nspark.sql('SELECT a FROM b')"),
        ["spark runs: SELECT a FROM b"]
    );
    assert_eq!(told("import pyspark\nq = 'SELECT a FROM b'"), ["spark: SELECT a FROM b"]);
    assert_eq!(told("import psycopg2  # no athena\ncur.execute('SELECT a FROM b')"), ["other: SELECT a FROM b"]);
    let both = "import pyspark, awswrangler as wr\nq = 'SELECT a FROM b'\nwr.athena.read_sql_query('SELECT a FROM c')";
    assert_eq!(told(both), ["several: SELECT a FROM b", "athena runs: SELECT a FROM c"]);
    assert!(told("# sparkline\nq = 'SELECT a FROM b'").is_empty());
    assert_eq!(told("# for athena\nq = 'SELECT a FROM b'"), ["athena: SELECT a FROM b"]);
}

#[test]
fn what_another_database_is_asked_is_none_of_sparks() {
    let program = r#"
import pyspark
a = spark.read.format("jdbc").option("url", url).option("query", "SELECT a FROM b").load()
c = spark.read.jdbc(url, "(SELECT a FROM c) AS t", properties=properties)
d = spark.read.format("jdbc").options(url=url, dbtable="(SELECT a FROM d) AS t").load()
e = ctx.create_dynamic_frame.from_options("redshift", {"url": url, "dbtable": "e", "preactions": "DELETE FROM e WHERE a = 1"})
q = "SELECT a FROM f"
f = spark.read.option("dbtable", q).load()
tasks = {"name": "g", "query": "SELECT a FROM g"}
spark.sql("SELECT a FROM h").write.option("path", "s3://b/h/").saveAsTable("shop.h")
"#;
    assert_eq!(
        told(program),
        [
            "other runs: SELECT a FROM b",
            "other runs: (SELECT a FROM c) AS t",
            "other runs: (SELECT a FROM d) AS t",
            "other runs: DELETE FROM e WHERE a = 1",
            "other runs: SELECT a FROM f",
            "several: SELECT a FROM g",
            "spark runs: SELECT a FROM h",
        ]
    );
}

#[test]
fn texts_for_people_are_none() {
    for line in [
        "print('SELECT a FROM b')",
        "print 'SELECT a FROM b'",
        "print >>f, 'SELECT a FROM b'",
        "exec 'SELECT a FROM b'",
        "st.code('SELECT a FROM b')",
        "click.secho('SELECT a FROM b')",
        "raise ValueError('SELECT a FROM b')",
        "assert q == 'SELECT a FROM b'",
        "'SELECT a FROM b'",
        "parser.add_argument('--q', help='SELECT a FROM b')",
        "log.info('SELECT a FROM %s', b)",
        "x = 'Select a file from the list (or none)'",
        "x = 'update the table with new = values'",
        "x = b'SELECT a FROM b'",
    ] {
        assert!(told(&format!("import pyathena\n{line}\n")).is_empty(), "{line}");
    }
}

#[test]
fn every_byte_stands_where_the_program_writes_it() {
    let program =
        "import pyathena\nq = ('SELECT \\'ü\\n' \" x\\x41 \\\n\" f'''FROM {{t}} {T:>10} WHERE é = \"{a[\"b\"]}\"''')\n";
    let script = script(program);
    let [statement] = &script.statements[..] else { panic!("{script:?}") };
    let Filled { text, .. } = &statement.sql;
    assert_eq!(&*text.value, "SELECT 'ü\n xA FROM {t} {T} WHERE é = \"{a}\"");
    for (part, place) in [
        ("SELECT ", "SELECT "),
        ("'ü", "\\'ü"),
        ("\n ", "\\n' \" "),
        ("A", "\\x41"),
        ("FROM", "FROM"),
        ("{T}", "{T:>10}"),
        ("{a}", "{a[\"b\"]}"),
        ("é", "é"),
    ] {
        let at = text.value.find(part).expect(part);
        assert_eq!(&program[text.map.span(at..at + part.len()).range()], place, "{part}");
    }
}

#[test]
fn hostile_programs_are_read_in_bounded_time() {
    let n = 5_000;
    for program in [
        "(".repeat(n),
        "[".repeat(n) + "'SELECT a FROM b'",
        "f'{".repeat(2_000),
        format!("q = {}'SELECT a FROM b'", "'x' + ".repeat(n)),
        format!("q = 'SELECT a FROM b'{}", ".format(1)".repeat(n)),
        "if x:\n ".repeat(500),
        format!("{}q = 'SELECT a FROM b'", "A = A + A\n".repeat(n)),
        "'".repeat(n),
        "\"\"\"SELECT".to_string(),
        format!("q = f'SELECT a FROM b{}'", "{A}".repeat(n)),
        "lambda: ".repeat(n),
        format!("{}spark.sql(q)\n{}", "q = q\n".repeat(n), "spark.sql(q)\n".repeat(n)),
        format!("{}spark.sql(q)", "q = q.format(q)\n".repeat(8)),
        "def f():\n".repeat(n),
        "\0\u{feff}\r\r\n".repeat(100),
        format!("q = {{{}}}", "'query': 'SELECT a FROM b',".repeat(n)),
        "class A:\n B = 'SELECT a FROM b'\nq = A.B + A.B\n".repeat(n / 10),
    ] {
        let started = std::time::Instant::now();
        read(&Text::of_file(FileId(0), &Arc::from(format!("import athena\n{program}"))));
        assert!(started.elapsed().as_secs() < 30, "{}", &program[..program.len().min(40)]);
    }
}

/// Holds every place of a program's statements to the program: on character boundaries, and what is verbatim stands there.
fn check_places(program: &str) {
    let Some(script) = read(&Text::of_file(FileId(0), &Arc::from(program))) else { return };
    for statement in &script.statements {
        let text = &statement.sql.text;
        assert_eq!(text.value.len(), text.map.len(), "{program}");
        for (at, c) in text.value.char_indices() {
            let range = at..at + c.len_utf8();
            let written = program.get(text.map.span(range.clone()).range()).expect("on character boundaries");
            assert!(!text.map.is_verbatim(range) || written.starts_with(c), "{written} is not {c} in {program}");
        }
    }
    for range in script.comments.iter().chain(&script.parts) {
        assert!(program.get(range.clone()).is_some(), "{program}");
    }
}

#[test]
fn programs_that_break_off_anywhere_are_read_and_keep_their_places() {
    for program in [
        include_str!("../../tests/programs/lambda/report.py"),
        include_str!("../../tests/programs/dags/load.py"),
        include_str!("../../tests/programs/glue/orders.py"),
    ] {
        check_places(program);
        for (at, _) in program.char_indices().step_by(7) {
            check_places(&program[..at]);
            check_places(&format!("import pyathena\n{}", &program[at..]));
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]
    #[test]
    fn whatever_a_literal_holds_keeps_its_place(
        prefix in "(|f|r|rf|F|u)",
        quote in "(\"|'|\"\"\"|''')",
        pieces in proptest::collection::vec(r#"([a-zé .,=*'"]{1,6}|\\[nt'"xuN0\\]|\{[a-z]{0,3}\}|\{\{|\}|%s|ü😀)"#, 0..12),
        tail in r"(| % day| \+ x|\.format\(a=1\)|\.replace\('a', b\))",
    ) {
        check_places(&format!("import pyathena\nq = {prefix}{quote}SELECT a FROM t {}{quote}{tail}\n", pieces.concat()));
    }
}
