//! Programs as people write them, a Lambda function, a DAG, a Glue job and a notebook: what is found in them, and where.
//! `UPDATE=1 cargo test --test programs` rewrites `findings.txt`.

#![allow(clippy::unwrap_used)]

mod findings;
mod program;

use std::path::{Path, PathBuf};

use findings::marked;
use lakelint::commands::Status;
use serde_json::Value;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs")
}

fn json(folder: &Path, paths: &[&str]) -> Value {
    let args = [&["check", "--as-of", "2025-06-30", "--format", "json"], paths].concat();
    let ran = program::lakelint(folder, &args);
    assert_ne!(ran.status, Status::Failed, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// What was found, then what was not analysed.
fn told(folder: &Path, report: &Value) -> String {
    let mut told = String::new();
    for finding in report["findings"].as_array().unwrap() {
        told += &findings::told(folder, finding);
    }
    for missing in report["summary"]["not_analysed"].as_array().unwrap() {
        let (file, reason) = (missing["file"].as_str().unwrap(), missing["reason"].as_str().unwrap());
        told += &format!("{file}:{} not analysed: {reason}\n", missing["line"]);
    }
    told
}

#[test]
fn findings_stand_at_what_they_are_about() {
    let found = told(&fixtures(), &json(&fixtures(), &["."]));
    let path = fixtures().join("findings.txt");
    findings::compare(&path, &found);
}

#[test]
fn every_finding_about_a_table_points_at_its_name_or_at_the_constant_that_is_it() {
    let report = json(&fixtures(), &["."]);
    let about = |rule: &str| ["missing-partition-filter", "job-reads-whole-table"].contains(&rule);
    let findings = report["findings"].as_array().unwrap();
    let marked: Vec<String> = findings
        .iter()
        .filter(|finding| about(finding["rule"].as_str().unwrap()))
        .map(|finding| marked(&fixtures(), finding))
        .collect();
    assert!(!marked.is_empty());
    for text in marked {
        assert!(
            [
                "\"orders\"",
                "\"events\"",
                "orders",
                "events",
                "open_orders",
                "shop.clicks",
                "shop.orders",
                "shop.events",
                "ORDERS",
                "\"s3://lake/curated/orders/\""
            ]
            .contains(&text.as_str()),
            "{text}"
        );
    }
}

#[test]
fn one_program_knows_the_tables_of_the_project() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lakelint.toml"), "").unwrap();
    for file in ["tables.ddl", "lambda/report.py"] {
        std::fs::create_dir_all(folder.path().join("lambda")).unwrap();
        std::fs::copy(fixtures().join(file), folder.path().join(file)).unwrap();
    }
    let (alone, all) = (json(folder.path(), &["lambda/report.py"]), json(folder.path(), &["."]));
    let ours = |report: &Value| told(folder.path(), report).lines().filter(|l| l.starts_with("lambda")).count();
    assert_eq!(ours(&alone), ours(&all));
    assert!(ours(&alone) > 0);
}

/// Which of some programs, in a project with two tables, read a whole table.
fn whole_tables(programs: &[(&str, bool)]) -> Vec<bool> {
    let folder = tempfile::tempdir().unwrap();
    let tables = "CREATE EXTERNAL TABLE shop.orders (id string, amount double, at timestamp) PARTITIONED BY (dt string, hour int) \
                  STORED AS PARQUET LOCATION 's3://lake/clean/orders/';\n\
                  CREATE EXTERNAL TABLE shop.clicks (id string) PARTITIONED BY (day string) STORED AS PARQUET LOCATION 's3://lake/clicks/';\n\
                  CREATE TABLE shop.ice (id string, dt string) PARTITIONED BY (dt) LOCATION 's3://lake/ice/' TBLPROPERTIES ('table_type' = 'ICEBERG');\n\
                  CREATE VIEW shop.of_athena AS SELECT id FROM shop.orders;";
    std::fs::write(folder.path().join("tables.ddl"), tables).unwrap();
    for (index, (program, _)) in programs.iter().enumerate() {
        let program =
            format!("from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n{program}\n");
        std::fs::write(folder.path().join(format!("p{index}.py")), program).unwrap();
    }
    let report = json(folder.path(), &["."]);
    let findings = report["findings"].as_array().unwrap();
    let is_found = |index: usize| findings.iter().any(|f| f["file"] == format!("p{index}.py"));
    assert!(findings.iter().all(|f| f["rule"] == "job-reads-whole-table"), "{findings:#?}");
    assert_eq!(report["summary"]["statements"], 4, "Spark SQL is no statement of Athena");
    (0..programs.len()).map(is_found).collect()
}

#[test]
fn spark_sql_reads_a_whole_table_where_nothing_in_the_program_may_filter_it() {
    let programs = [
        ("spark.sql('SELECT id FROM shop.orders')", true),
        ("spark.sql('SELECT id FROM orders WHERE amount > 10')", true),
        ("spark.sql('SELECT id FROM shop.orders WHERE at >= current_date()')", true),
        ("spark.sql('CREATE TABLE shop.big USING parquet PARTITIONED BY (dt) AS SELECT id FROM shop.orders')", true),
        ("spark.sql('INSERT INTO shop.x SELECT id FROM shop.orders')", true),
        ("spark.sql('SELECT id FROM glue_catalog.shop.orders')", true),
        ("spark.sql('SELECT o.id FROM shop.orders o JOIN shop.clicks c ON o.dt = c.day')", true),
        ("query = 'SELECT id FROM shop.orders'\nrun(query)", true),
        ("spark.catalog.setCurrentDatabase('shop')\nspark.sql('SELECT id FROM orders')", true),
        ("spark.sql('SELECT id FROM shop.orders')\nspark.sql('SELECT id FROM shop.orders WHERE dt = 1')", true),
        ("spark.sql('CREATE TEMP VIEW v AS SELECT id, dt FROM shop.orders')\nspark.sql('SELECT id FROM v')", true),
        ("df.createOrReplaceTempView('orders')\nspark.sql('SELECT id FROM shop.orders')", true),
        ("spark.sql('SELECT id FROM shop.orders').write.partitionBy('dt').parquet('s3://lake/other/')", true),
        ("spark.sql('SELECT item FROM shop.orders LATERAL VIEW explode(items) t AS item WHERE item > 1')", true),
        ("q = 'SELECT id FROM {}'\nspark.table('shop.orders').createTempView('o')\nspark.sql(q.format('o'))", true),
        ("def run(sql):\n    spark.sql(sql)\nspark.table('shop.orders')", true),
        // A predicate on a key, of whatever form.
        ("spark.sql('SELECT item FROM shop.orders LATERAL VIEW explode(items) t AS item WHERE dt = 1')", false),
        ("spark.sql('SELECT id FROM shop.orders WHERE dt = \"2025-06-29\"')", false),
        ("spark.sql('SELECT id FROM shop.orders WHERE dt >= date_sub(current_date(), 7)')", false),
        ("spark.sql('SELECT id FROM shop.orders WHERE hour == 3')", false),
        ("spark.sql('SELECT id FROM shop.orders WHERE dt = (SELECT max(dt) FROM shop.orders)')", false),
        ("spark.sql('SELECT id FROM shop.orders WHERE dt IN (SELECT day FROM shop.clicks)')", false),
        ("spark.sql('SELECT id FROM shop.orders WHERE dt IN (SELECT day FROM shop.days)')", false),
        ("spark.sql('SELECT o.id FROM shop.orders o JOIN days d ON o.dt = d.day')", false),
        ("spark.sql('SELECT id FROM shop.orders WHERE day(dt) > 1 OR amount > 1')", false),
        ("spark.sql('SELECT id, dt FROM shop.orders').createTempView('o')\nspark.sql(sys.argv[1])", false),
        ("def run(sql):\n    spark.sql(sql)\ndf.createTempView('o')\nspark.table('shop.orders')", false),
        ("q = open('q.sql').read()\nspark.table('shop.orders').createTempView('o')\nspark.sql(q)", false),
        ("spark.sql('SELECT id FROM shop.orders WHERE dt <> current_date()')", false),
        ("spark.sql(f'SELECT id FROM shop.orders WHERE {where}')", false),
        ("spark.sql(f\"SELECT id FROM shop.orders WHERE dt = '{day}'\")", false),
        ("spark.sql('SELECT id FROM shop.orders {}'.format(where))", false),
        ("query = 'SELECT id FROM shop.orders'\nquery += where\nspark.sql(query)", false),
        // A filter elsewhere in the program.
        ("spark.sql('SELECT id, dt FROM shop.orders').filter('dt = 1')", false),
        ("key = 'dt'\nspark.sql('SELECT id FROM shop.orders').filter(F.col(key) == day)", false),
        (
            "df = spark.sql('SELECT id, dt FROM shop.orders')\ndf.createTempView('o')\n\
             spark.sql('SELECT id FROM o WHERE dt = 1')",
            false,
        ),
        (
            "spark.sql('CREATE TEMP VIEW v AS SELECT id, dt FROM shop.orders')\nspark.sql('SELECT id FROM v WHERE dt = 1')",
            false,
        ),
        // Other tables of that name, and what reads no data.
        ("df.createOrReplaceTempView('orders')\nspark.sql('SELECT id FROM orders')", false),
        ("for n in names: frames[n].createOrReplaceTempView(n)\nspark.sql('SELECT id FROM orders')", false),
        ("spark.sql('WITH orders AS (SELECT 1 AS id) SELECT id FROM orders')", false),
        ("spark.sql('SELECT id FROM other.orders')", false),
        ("spark.sql('USE other')\nspark.sql('SELECT id FROM orders')", false),
        ("spark.sql('SELECT id FROM global_temp.orders')", false),
        ("spark.read.format('jdbc').option('dbtable', '(SELECT id FROM shop.orders) t').load()", false),
        ("spark.sql('SELECT id FROM shop.of_athena')", false),
        ("spark.sql('SELECT id FROM shop.ice')", false),
        ("spark.sql('SELECT max(dt) FROM shop.orders')", false),
        ("spark.sql('SELECT id FROM shop.orders LIMIT 10')", false),
        ("spark.sql('DROP TABLE shop.orders')", false),
        ("spark.sql('CREATE TEMP VIEW v AS SELECT id FROM shop.orders')", false),
        ("print('SELECT id FROM shop.orders')", false),
    ];
    let expected: Vec<bool> = programs.iter().map(|(_, is_whole)| *is_whole).collect();
    let found = whole_tables(&programs);
    let wrong: Vec<&str> =
        programs.iter().zip(&found).filter(|((_, expected), found)| expected != *found).map(|((p, _), _)| *p).collect();
    assert!(wrong.is_empty() && expected == found, "{wrong:#?}");
}

#[test]
fn programs_that_are_none_are_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
    write("a.py", b"import awswrangler\ndef (:\n  \"\"\"SELECT * FROM");
    write("b.py", b"\xff\xfe athena");
    write("c.ipynb", b"{\"cells\": [{\"cell_type\": \"code\", \"source\": [1, null, {}], \"athena\": ");
    write("d.ipynb", b"{\"cells\": [{\"cell_type\": \"code\", \"source\": [1, null, \"athena\"]}, 3]}");
    write("e.ipynb", b"[\"athena\"]");
    write("f.py", "import pyathena\nq = f'SELECT {\u{feff}é} FROM \\N{DASH} \\ud800 \\xZZ {x!r:>{w}}'\r\n".as_bytes());
    let report = json(folder.path(), &["."]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 0, "{report}");
}
