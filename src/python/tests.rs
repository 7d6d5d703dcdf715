//! Programs to statements: what is followed, what is left out, where it stands, and how long it takes.

use std::sync::Arc;

use super::*;
use crate::lake::{Dataset, FileFormat, FileId, JobWrite, Reader, TableName};

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
fn texts_for_people_are_none() {
    for line in [
        "print('SELECT a FROM b')",
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
        "def f():\n".repeat(n),
        "\0\u{feff}\r\r\n".repeat(100),
    ] {
        let started = std::time::Instant::now();
        read(&Text::of_file(FileId(0), &Arc::from(format!("import athena\n{program}"))));
        assert!(started.elapsed().as_secs() < 30, "{}", &program[..program.len().min(40)]);
    }
}

#[test]
fn reads_and_writes_say_what_they_take_in() {
    let program = r#"
from pyspark.sql import SparkSession
job.init(args["JOB_NAME"], args)
a = ctx.create_dynamic_frame.from_catalog("shop", "orders", transformation_ctx="a", push_down_predicate="")
b = ctx.create_dynamic_frame.from_catalog(database="shop", table_name="orders", push_down_predicate=predicate)
c = spark.read.format("parquet").load("s3://lake/raw/c/")
d = spark.read.jdbc(url, "orders")
e = wr.s3.read_parquet("s3://lake/raw/e/", partition_filter=lambda x: x["dt"] == "1")
a.toDF().coalesce(1).write.mode("append").partitionBy("dt", "Hour").csv(f"s3://{bucket}/curated/a/")
ctx.write_dynamic_frame.from_options(frame=b, connection_type="s3",
    connection_options={"path": "s3://lake/clean/b/", "partitionKeys": ["id"]}, format="json")
c.write.insertInto("shop.c")
"#;
    let script = script(program);
    let job = script.job.expect("a job");
    let at = |span: Span| &program[span.range()];
    let reads: Vec<_> = job.reads.iter().map(|r| (at(r.span), r.reader, r.has_predicate, r.has_context)).collect();
    assert_eq!(
        reads,
        [
            ("\"orders\"", Reader::DynamicFrame, false, true),
            ("\"orders\"", Reader::DynamicFrame, true, false),
            ("\"s3://lake/raw/c/\"", Reader::DataFrame, false, false),
            ("\"s3://lake/raw/e/\"", Reader::Pandas, true, false),
        ]
    );
    let columns = |write: &JobWrite| write.partitioned_by.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let writes: Vec<_> = job.writes.iter().map(|w| (w.format, columns(w), w.one_file.map(at))).collect();
    assert_eq!(
        writes,
        [
            (Some(FileFormat::Csv), vec!["dt".to_string(), "hour".to_string()], Some("coalesce(1)")),
            (Some(FileFormat::Json), vec!["id".to_string()], None),
            (None, Vec::new(), None),
        ]
    );
    assert!(job.init.is_some() && !job.commits);
    assert!(job.mentions("x") && !job.mentions("hour") && !job.mentions("id"));
}

fn job(program: &str) -> Job {
    script(&format!("from awsglue.context import GlueContext\nimport pyspark\n{program}")).job.expect("a job")
}

#[test]
fn what_partitions_a_write_is_read_wherever_it_is_said() {
    let told = |line: &str| {
        let [write] = &job(line).writes[..] else { panic!("{line}") };
        let columns: Vec<&str> = write.partitioned_by.iter().map(|(name, _)| name.as_str()).collect();
        let replaces = if write.replaces { " replaces" } else { "" };
        let open = if write.may_be_partitioned { " open" } else { "" };
        let plain = if write.is_plain { "" } else { " other format" };
        format!("{}{replaces}{open}{plain}", columns.join(","))
    };
    for (line, expected) in [
        ("df.write.parquet('s3://b/t/')", ""),
        ("df.write.mode('overwrite').parquet('s3://b/t/')", " replaces"),
        ("df.write.parquet('s3://b/t/', 'overwrite', 'dt')", "dt replaces"),
        ("df.write.parquet('s3://b/t/', mode='append', partitionBy=['dt', 'Hour'])", "dt,hour"),
        ("df.write.partitionBy(['dt']).save('s3://b/t/', 'parquet', 'overwrite')", "dt replaces"),
        ("df.write.save('s3://b/t/', 'delta', 'append', 'dt')", "dt other format"),
        ("df.write.format('iceberg').save('s3://b/t/')", " other format"),
        ("df.write.format(kind).save('s3://b/t/')", " other format"),
        ("df.write.partitionBy(*columns).parquet('s3://b/t/')", " open"),
        ("df.write.partitionBy(columns).parquet('s3://b/t/')", " open"),
        ("df.write.partitionBy('dt', F.col('h')).parquet('s3://b/t/')", "dt open"),
        ("df.write.options(**options).parquet('s3://b/t/')", " open"),
        ("df.write.options(compression='zstd').parquet('s3://b/t/', **more)", " open"),
        ("write = df.write.partitionBy('dt')\nwrite.parquet('s3://b/t/')", " open"),
        ("self.write(df).parquet('s3://b/t/')", " open"),
        ("df.write.saveAsTable('shop.t', path='s3://b/t/', mode='overwrite')", " replaces"),
        ("df.write.saveAsTable('shop.t', partitionBy='dt')", "dt"),
        ("wr.s3.to_parquet(df, 's3://b/t/', dataset=True)", ""),
        (
            "wr.s3.to_parquet(df=df, path='s3://b/t/', dataset=True, partition_cols=['dt'], mode='overwrite')",
            "dt replaces",
        ),
        ("wr.s3.to_parquet(df=df, path='s3://b/t/', dataset=True, partition_cols=None)", ""),
        ("wr.s3.to_parquet(df=df, path='s3://b/t/', dataset=True, partition_cols=columns)", " open"),
        ("wr.s3.to_parquet(df, 's3://b/t/a.parquet')", " open"),
        ("wr.s3.to_parquet(df, dataset=True, database='shop', table='t')", ""),
        ("ctx.write_dynamic_frame.from_options(f, 's3', {'path': 's3://b/t/'}, 'parquet')", ""),
        ("ctx.write_dynamic_frame.from_options(f, 's3', {'path': 's3://b/t/', **more}, 'parquet')", " open"),
        ("ctx.write_dynamic_frame.from_catalog(f, 'shop', 't')", ""),
        ("ctx.write_dynamic_frame_from_catalog(f, 'shop', 't', additional_options={'partitionKeys': ['dt']})", "dt"),
        ("ctx.write_dynamic_frame_from_catalog(f, 'shop', 't', additional_options=options)", " open"),
        ("sink = ctx.getSink(path='s3://b/t/', connection_type='s3', partitionKeys=[])", ""),
        ("sink = ctx.getSink(path='s3://b/t/', connection_type='s3', partitionKeys=['dt'])", "dt"),
    ] {
        assert_eq!(told(line), expected, "{line}");
    }
    let [write] = &job("df.write.saveAsTable('shop.t', path='s3://b/t/')").writes[..] else { panic!("a write") };
    assert_eq!(write.target, Dataset::Table(TableName::parse("shop.t")));
}

#[test]
fn reads_are_found_in_all_their_spellings() {
    for line in [
        "df = ctx.create_dynamic_frame.from_catalog('shop', 'orders')",
        "df = ctx.create_data_frame_from_catalog(database='shop', table_name='orders')",
        "df = ctx.create_dynamic_frame.from_options('s3', {'paths': ['s3://b/t/']}, 'parquet')",
        "df = ctx.create_dynamic_frame_from_options(connection_type='s3', connection_options={'paths': ['s3://b/t/']})",
    ] {
        let [read] = &job(line).reads[..] else { panic!("{line}") };
        assert!(!read.has_predicate && !read.has_context, "{line}");
    }
    for line in [
        "df = ctx.create_dynamic_frame.from_catalog('shop', 'orders', '', 'orders', f\"dt = '{day}'\")",
        "df = ctx.create_data_frame.from_catalog('shop', 'orders', additional_options={'push_down_predicate': p})",
        "df = ctx.create_dynamic_frame.from_options('s3', {'paths': ['s3://b/t/'], 'exclusions': e}, 'parquet')",
        "df = ctx.create_dynamic_frame.from_options('s3', {'paths': ['s3://b/t/'], **more}, 'parquet')",
        "df = ctx.create_dynamic_frame.from_catalog('shop', 'orders', **more)",
    ] {
        assert!(job(line).reads[0].has_predicate, "{line}");
    }
    assert!(job("df = ctx.create_dynamic_frame.from_catalog('shop', 'orders', '', 'orders')").reads[0].has_context);
}

#[test]
fn a_job_that_is_an_attribute_keeps_bookmarks_too() {
    for line in ["job.init(n, a)", "self.job.init(n, a)", "Job(ctx).init(n, a)", "self.glue_job.init(n)"] {
        assert!(job(line).init.is_some(), "{line}");
    }
    assert!(script("import pyspark\nmodel.init(n)").job.is_none());
}

#[test]
fn names_of_frames_hide_tables_without_a_database() {
    let of = |lines: &str| {
        let job = job(lines);
        let hides = |name: &str| job.temporary.hides(&TableName::parse(name));
        (job.reads.len(), hides("orders"), hides("shop.orders"))
    };
    let read = "spark.table('orders')\nspark.table('shop.orders')\n";
    assert_eq!(of(read), (2, false, false));
    assert_eq!(of(&format!("{read}df.createOrReplaceTempView('Orders')")), (1, true, false));
    assert_eq!(of(&format!("{read}sqlContext.registerDataFrameAsTable(df, 'orders')")), (1, true, false));
    assert_eq!(of(&format!("{read}df.createTempView('o')")), (2, false, false));
    assert_eq!(of(&format!("{read}for n in frames: df.createTempView(n)")), (1, true, false));
    assert_eq!(of(&format!("{read}spark.sql('CREATE TEMP VIEW orders USING csv')")), (1, true, false));
}

#[test]
fn names_in_spark_sql_are_apart_from_those_around_it() {
    let program = "import pyspark\nq = f\"SELECT a FROM shop.orders WHERE dt = '{args['day']}'\"\nspark.sql(q).filter('hour = 1')\n";
    let script = script(program);
    let job = script.job.expect("a job");
    assert!(job.mentions("hour") && !job.mentions("dt") && !job.mentions("args"));
    let [statement] = &script.statements[..] else { panic!("one statement") };
    assert!(["dt", "args", "day"].iter().all(|name| statement.names.contains(*name)));
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
