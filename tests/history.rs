//! What past runs do to estimates, in process: exports of Athena and dbt, and the snapshot that keeps them.

mod program;

use std::path::Path;

use lakelint::commands::Status;
use program::{lakelint_at_width, write};
use serde_json::{Value, json};

const GB: u64 = 1_000_000_000;

fn run(base: &Path, args: &[&str]) -> String {
    let ran = lakelint_at_width(base, args, 110);
    assert_eq!(ran.status, Status::Clean, "{}{}", ran.stdout, ran.stderr);
    ran.stdout
}

fn cost(base: &Path, args: &[&str]) -> String {
    run(base, &[&["cost", "--as-of", "2025-06-30", "q.sql"], args].concat())
}

/// What a report says of a query.
fn query<'a>(report: &'a Value, name: &str) -> &'a Value {
    let mut queries = report["queries"].as_array().expect("a list").iter();
    queries.find(|query| query["name"] == name).expect("there")
}

const QUERIES: &str = "-- name: one day\nSELECT id FROM lake.events WHERE dt = '2025-06-02';\n\
                       -- name: any day\nSELECT name FROM lake.events WHERE dt = '{{ ds }}';\n\
                       -- name: edited\nSELECT id, name FROM lake.events WHERE dt >= '2025-06-02';\n\
                       -- name: far off\nSELECT count(name) FROM lake.events;\n\
                       -- name: unseen\nSELECT id FROM lake.unseen;\n\
                       -- name: never ran\nSELECT max(id) FROM lake.events;\n";

/// Three days of CSV, a gigabyte each, and a table whose layout nobody knows.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let table = |name: &str| {
        format!(
            "CREATE EXTERNAL TABLE lake.{name} (id string, name string) PARTITIONED BY (dt string) \
             ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://lake/{name}/';\n"
        )
    };
    let object = |day: u32| format!("2025-06-29 00:00:00 1000000000 events/dt=2025-06-0{day}/a.csv\n");
    write(folder.path(), "tables.ddl", &(table("events") + &table("unseen")));
    write(folder.path(), "listing.txt", &(1..=3).map(object).collect::<String>());
    write(folder.path(), "q.sql", QUERIES);
    write(folder.path(), "lakelint.toml", "");
    folder
}

fn execution(number: usize, day: u32, sql: &str, state: &str, bytes: u64, is_reused: bool) -> Value {
    json!({
        "QueryExecutionId": format!("00000000-0000-0000-0000-{number:012}"),
        "Query": sql,
        "StatementType": if sql.starts_with("drop") { "DDL" } else { "DML" },
        "ResultConfiguration": { "OutputLocation": "s3://results-123456789012/x.csv" },
        "WorkGroup": "analysts",
        "Status": { "State": state, "SubmissionDateTime": format!("2025-06-{day:02}T06:00:00.123000+00:00") },
        "Statistics": { "DataScannedInBytes": bytes, "ResultReuseInformation": { "ReusedPreviousResult": is_reused } },
    })
}

/// Ten days of runs, some of them twice, and one that is not of this repository.
fn export() -> String {
    let one_day = "/* {\"app\": \"airflow\"} */ select id from \"lake\".\"events\" where dt = '2025-06-02' -- daily";
    let of = |day: &str| format!("select name from lake.events where dt = '2025-06-{day}'");
    let runs = [
        (1, one_day, "SUCCEEDED", GB + GB / 10, false),
        (2, one_day, "SUCCEEDED", GB + GB / 5, false),
        (3, one_day, "SUCCEEDED", GB, false),
        (4, one_day, "SUCCEEDED", 0, true),
        (5, one_day, "CANCELLED", GB / 2, false),
        (6, one_day, "FAILED", 0, false),
        (7, &of("07"), "SUCCEEDED", 2 * GB, false),
        (8, &of("08"), "SUCCEEDED", 2 * GB, false),
        (8, "SELECT id, name FROM lake.events WHERE dt >= '2025-06-01'", "SUCCEEDED", 3 * GB, false),
        (8, "select COUNT(name) from lake.events;", "SUCCEEDED", 30 * GB, false),
        (9, "select id from lake.unseen", "SUCCEEDED", 7 * GB, false),
        (9, "select secret from lake.other where iban = 'DE00123'", "SUCCEEDED", GB, false),
        (11, "drop table lake.old", "SUCCEEDED", 0, false),
    ];
    let line = |(number, (day, sql, state, bytes, reused)): (usize, &(u32, &str, &str, u64, bool))| {
        execution(number, *day, sql, state, *bytes, *reused).to_string() + "\n"
    };
    let lines: String = runs.iter().enumerate().map(line).collect();
    // Exports may overlap: an execution counts once.
    lines.clone() + &lines
}

#[test]
fn what_ran_unchanged_counts_more_than_its_estimate() {
    let folder = project();
    let base = folder.path();
    write(base, "athena.jsonl", &export());
    let text = cost(base, &["--lake", "listing.txt", "--lake", "athena.jsonl"]);
    let row = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line[name.len()..].split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for (name, cells) in [
        ("unseen", "? 1/2 7 GB 7 GB 7 GB"),
        ("far off", "3/3 1/2 30 GB 30 GB 30 GB"),
        ("one day", "1/3 1/2 1 GB 1.1 GB 1.2 GB"),
        ("any day", "3/3 1/2 2 GB 2 GB 2 GB"),
    ] {
        assert!(row(name).starts_with(cells) && row(name).ends_with("actual"), "{text}");
    }
    assert!(row("edited").starts_with("2/3 2/2 2 GB 2 GB 2 GB") && row("edited").ends_with("measured"), "{text}");
    let notes = text.replace("\n  ", " ");
    for note in [
        "runs a month are from history: 8 runs in 10 days of 5 statements (athena.jsonl)\n",
        "estimates and history: median error 17 % over 6 runs of 3 queries (athena.jsonl)\n",
        "off by more than twice: far off: scanned 30 GB, estimated 3 GB (1 run)\n",
        "not compared: 1 statement whose values have changed, 1 statement without an estimate, 1 run that reused a result, \
         1 failed run, 1 cancelled run\n",
    ] {
        assert!(notes.contains(note), "{note}{text}");
    }
    let explained = cost(base, &["--lake", "listing.txt", "--lake", "athena.jsonl", "--explain"]);
    for line in [
        "  history: 3 runs in 10 days (athena.jsonl)\n  the runs scanned 1 GB - 1.1 GB - 1.2 GB\n  by the layout: 1 GB\n",
        "  not used, because its values have changed: the runs scanned 3 GB\n",
        " runs a month (from history: 3 runs in 10 days): ",
    ] {
        assert!(explained.contains(line), "{line}\n{explained}");
    }
}

#[test]
fn executions_that_an_export_was_not_told_are_counted() {
    let folder = project();
    let base = folder.path();
    let text = "select id from lake.events where dt = '2025-06-02'";
    let told = [1, 2].map(|number| execution(number, number as u32, text, "SUCCEEDED", GB, false));
    let id = |number: usize| json!({ "QueryExecutionId": format!("00000000-0000-0000-0000-{number:012}"), "ErrorCode": "THROTTLED" });
    let first = json!({ "QueryExecutions": [told[0]], "UnprocessedQueryExecutionIds": [id(2), id(3), id(4)] });
    let second = json!({ "QueryExecutions": [told[1]], "UnprocessedQueryExecutionIds": [id(4)] });
    write(base, "athena.jsonl", &format!("{first}\n{second}\n"));
    let missing = "2 executions of `UnprocessedQueryExecutionIds` are missing";
    let notes = cost(base, &["--lake", "listing.txt", "--lake", "athena.jsonl"]).replace("\n  ", " ");
    assert!(notes.contains(&format!("history is incomplete (athena.jsonl): {missing}\n")), "{notes}");
    let ran = lakelint_at_width(base, &["scan", "listing.txt", "athena.jsonl"], 110);
    assert!(
        ran.stderr.contains(&format!("warning: history of `athena.jsonl`: {missing}: ask for them again")),
        "{}",
        ran.stderr
    );
    assert!(cost(base, &[]).replace("\n  ", " ").contains(missing), "the snapshot keeps it");
}

#[test]
fn configured_frequencies_come_first() {
    let folder = project();
    let base = folder.path();
    write(base, "athena.jsonl", &export());
    write(base, "lakelint.toml", "[runs]\n\"one day\" = \"1/month\"\n");
    let text = cost(base, &["--lake", "athena.jsonl", "--format", "json"]);
    let report: Value = serde_json::from_str(&text).expect("JSON");
    let of = |name: &str| query(&report, name);
    assert_eq!(
        (of("one day")["runs_per_month"].clone(), of("one day")["runs_from"].clone()),
        (json!(1.0), json!("configuration"))
    );
    assert_eq!(of("any day")["runs_from"], "history");
    assert!((of("any day")["runs_per_month"].as_f64().expect("a number") - 2.0 / 10.0 * 30.4375).abs() < 1e-9);
    assert_eq!(of("never ran")["runs_per_month"], Value::Null);
    assert_eq!(of("one day")["basis"], "actual: median of 3 runs");
    assert_eq!(of("one day")["history"]["bytes"]["high"], json!(GB + GB / 5));
    assert_eq!(of("edited")["history"]["text"], "other-values");
    let schema: Value = serde_json::from_str(include_str!("../docs/cost.schema.json")).expect("a schema");
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .expect("a valid schema")
        .iter_errors(&report)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn a_snapshot_keeps_the_history_and_none_of_its_texts() {
    let folder = project();
    let base = folder.path();
    write(base, "athena.jsonl", &export());
    let live = cost(base, &["--lake", "listing.txt", "--lake", "athena.jsonl", "--format", "json"]);
    let printed = run(base, &["scan", "listing.txt", "athena.jsonl"]);
    assert!(printed.contains("read 10 runs of 6 statements: athena.jsonl\n"), "{printed}");
    assert_eq!(cost(base, &["--format", "json"]), live);
    let kept = std::fs::read_to_string(base.join(".lakelint/lake/history.json")).expect("a history");
    for secret in ["DE00123", "secret", "123456789012", "select"] {
        assert!(!kept.contains(secret), "{secret}");
    }
    let again = std::fs::read(base.join(".lakelint/lake/history.json")).expect("a history");
    run(base, &["scan", "athena.jsonl", "listing.txt"]);
    assert_eq!(std::fs::read(base.join(".lakelint/lake/history.json")).expect("a history"), again);
    run(base, &["scan", "listing.txt", "athena.jsonl", "--keep-sql"]);
    let kept = std::fs::read_to_string(base.join(".lakelint/lake/history.json")).expect("a history");
    assert!(kept.contains("select secret from lake.other where iban = 'DE00123'"), "{kept}");
    let verbose = run(base, &["check", "-v", "--fail-on", "never", "--as-of", "2025-06-30"]);
    assert!(verbose.contains("median error 17 % over 6 runs of 3 queries (athena.jsonl)"), "{verbose}");
    write(base, ".lakelint/lake/history.json", "{\"records\": [");
    let broken = lakelint_at_width(base, &["cost", "q.sql"], 110);
    assert_eq!(broken.status, Status::Failed);
    assert!(broken.stderr.contains("`.lakelint/lake/history.json` line 1 is truncated"), "{}", broken.stderr);
}

#[test]
fn a_saving_is_a_share_of_what_the_runs_scanned() {
    let folder = project();
    let base = folder.path();
    write(base, "athena.jsonl", &export());
    let report = |lake: &[&str]| -> Value {
        let args =
            [&["check", "--format", "json", "--fail-on", "never", "--as-of", "2025-06-03", "q.sql"], lake].concat();
        serde_json::from_str(&run(base, &args)).expect("JSON")
    };
    let waste = |report: &Value| -> Vec<Value> {
        let findings = report["findings"].as_array().expect("a list").iter();
        let of = |finding: &&Value| finding["rule"] == "missing-partition-filter" && finding["line"] == 8;
        findings.filter(of).map(|finding| finding["waste"].clone()).collect()
    };
    let (before, after) =
        (report(&["--lake", "listing.txt"]), report(&["--lake", "listing.txt", "--lake", "athena.jsonl"]));
    let (before, after) = (waste(&before), waste(&after));
    assert_eq!((before.len(), after.len()), (1, 1), "{before:?} {after:?}");
    let bytes = |waste: &Value, side: &str| waste["bytes"][side].as_u64().expect("bytes");
    assert_eq!((before[0]["basis"].clone(), after[0]["basis"].clone()), (json!("measured"), json!("actual")));
    assert_eq!(bytes(&after[0], "before"), 30 * GB);
    assert_eq!(bytes(&after[0], "after"), bytes(&before[0], "after") * 10);
}

#[test]
fn dbt_results_tell_of_models() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = folder.path();
    let table = "CREATE EXTERNAL TABLE lake.raw (id string, at string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' \
                 LOCATION 's3://lake/raw/';\n";
    write(base, "tables.sql", table);
    write(base, "listing.txt", "2025-06-29 00:00:00 4000000000 raw/a.csv\n");
    write(base, "dbt_project.yml", "name: shop\nmodels: {+materialized: table}\n");
    write(base, "lakelint.toml", "");
    write(base, "models/orders.sql", "select id, at from {{ source('lake', 'raw') }} where at > '2024-01-01'\n");
    write(base, "models/items.sql", "select id from lake.raw\n");
    write(base, "models/stars.sql", "select id from {{ source('lake', 'unseen') }}\n");
    let results = |day: u32, bytes: u64| {
        json!({
            "metadata": { "generated_at": format!("2025-06-{day:02}T06:00:00.1Z"), "invocation_id": format!("run-{day}") },
            "results": [
                { "unique_id": "model.shop.orders", "status": "success", "adapter_response": { "data_scanned_in_bytes": bytes },
                  "compiled_code": "select id, at from \"awsdatacatalog\".\"lake\".\"raw\" where at > '2024-01-01'" },
                { "unique_id": "model.shop.stars", "status": "success", "adapter_response": { "data_scanned_in_bytes": 7 * GB } },
                { "unique_id": "model.shop.items", "status": "success", "adapter_response": { "data_scanned_in_bytes": 9 * GB },
                  "compiled_code": "select id, at from \"awsdatacatalog\".\"lake\".\"raw\"" },
            ],
        })
        .to_string()
    };
    write(base, "target/run_results.json", &results(2, 5 * GB));
    write(base, "old.json", &results(1, 5 * GB));
    let args = ["--lake", "listing.txt", "--lake", "target/run_results.json", "--lake", "old.json", "--format", "json"];
    let text = run(base, &[&["cost", "--as-of", "2025-06-30", "models"], &args[..]].concat());
    let report: Value = serde_json::from_str(&text).expect("JSON");
    let of = |name: &str| query(&report, name);
    assert_eq!(
        (of("orders")["bytes"]["likely"].clone(), of("orders")["history"]["text"].clone()),
        (json!(5 * GB), json!("same"))
    );
    // Nothing tells whether this is the text that ran: its estimate stays.
    assert_eq!(
        (of("items")["bytes"]["likely"].clone(), of("items")["history"]["text"].clone()),
        (json!(4 * GB), json!("same-name"))
    );
    assert_eq!(of("items")["runs_per_month"], json!(30.4375));
    // Nothing else tells the bytes of this one.
    assert_eq!(
        (of("stars")["bytes"]["likely"].clone(), of("stars")["basis"].clone()),
        (json!(7 * GB), json!("assumed"))
    );
}
