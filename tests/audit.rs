//! `lakelint audit`: its numbers on the sample lake, and that they add up.
#![allow(missing_docs)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

mod audit_lake;

fn lakelint(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lakelint")).args(arguments).current_dir(folder).output().expect("lakelint runs")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The document of an audit of a folder.
fn document(folder: &Path, paths: &[&str]) -> Value {
    let file = tempfile::tempdir().expect("folder");
    let json = file.path().join("audit.json");
    let arguments = ["audit", "--as-of", "2025-06-30", "--json", json.to_str().expect("path")];
    let output = lakelint(folder, &[&arguments[..], paths].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&std::fs::read_to_string(json).expect("a document")).expect("JSON")
}

fn sample() -> Value {
    document(&root(), &["sample_sql"])
}

fn list<'a>(document: &'a Value, key: &str) -> &'a Vec<Value> {
    document[key].as_array().expect("a list")
}

/// The sum of a number in all entries that have it.
fn sum(entries: &[Value], path: &str) -> f64 {
    entries.iter().filter_map(|entry| entry.pointer(path)?.as_f64()).sum()
}

#[track_caller]
fn assert_near(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0), "{a} is not {b}");
}

/// Whatever the lake, rows and totals tell the same.
#[track_caller]
fn assert_adds_up(document: &Value) {
    let spend = &document["spend"];
    for bound in ["low", "likely", "high"] {
        let parts = sum(list(spend, "parts"), &format!("/usd_per_month/{bound}"));
        assert_near(parts, spend["usd_per_month"][bound].as_f64().unwrap_or(0.0));
    }
    let part = |kind: &str| {
        let parts = list(spend, "parts");
        let part = parts.iter().find(|part| part["kind"] == kind).expect("every part is there");
        part["usd_per_month"]["likely"].as_f64().unwrap_or(0.0)
    };
    assert_near(part("queries"), sum(list(document, "queries"), "/usd_per_month"));
    assert_near(part("requests"), sum(list(document, "queries"), "/requests_usd_per_month"));
    assert_near(part("storage"), sum(list(document, "tables"), "/storage_usd_per_month"));
    assert_near(part("workflows"), sum(list(document, "machines"), "/own_usd_per_month"));
    let avoidable = &document["avoidable"]["usd_per_month"];
    let (low, high) = (avoidable["low"].as_f64().expect("dollars"), avoidable["high"].as_f64().expect("dollars"));
    assert_near(high, sum(list(document, "fixes"), "/usd_per_month/high"));
    assert_near(low, sum(list(document, "fixes"), "/usd_per_month/low"));
    let all = spend["usd_per_month"]["likely"].as_f64().unwrap_or(0.0);
    assert!(0.0 <= low && low <= high && high <= all * (1.0 + 1e-9), "{low} to {high} of {all}");
    for query in list(document, "queries") {
        let usd = |key: &str| query[key].as_f64().unwrap_or(0.0);
        let spent = usd("usd_per_month") + usd("requests_usd_per_month");
        assert!(usd("avoidable_usd_per_month") <= spent * (1.0 + 1e-9), "{query}");
    }
    for (key, of) in [("findings", "findings"), ("queries", "queries"), ("tables", "tables")] {
        for entry in list(document, "fixes") {
            let known = list(document, of).len() as u64;
            assert!(
                entry[key].as_array().expect("a list").iter().all(|index| index.as_u64().is_some_and(|i| i < known))
            );
        }
    }
}

#[test]
fn the_sample_costs_what_its_rows_cost() {
    let document = sample();
    assert_adds_up(&document);
    let fix = |fix: &Value| {
        let about = fix["table"].as_str().or(fix["machine"].as_str()).unwrap_or("-");
        let month = fix["usd_per_month"]["high"].as_f64().map_or("-".to_string(), |usd| format!("{usd:.2}"));
        format!("{month} {} {about}", fix["rule"].as_str().expect("a rule"))
    };
    let fixes: Vec<String> = list(&document, "fixes").iter().map(fix).collect();
    insta::assert_snapshot!(fixes.join("\n"));
    let missing: Vec<&str> =
        list(&document, "not_checked").iter().filter_map(|missing| missing["what"].as_str()).collect();
    insta::assert_snapshot!("not_checked", missing.join("\n"));
    assert_eq!(document["lake"]["tables"], 19);
    assert_eq!(document["lake"]["machines"], 1);
}

/// Every question of the sample with its answer, its reasons and their places.
#[test]
fn the_sample_answers_the_checklist() {
    let document = sample();
    let place = |reason: &Value| {
        let line = reason["line"].as_u64().map_or(String::new(), |line| format!(":{line}"));
        reason["file"].as_str().map_or(String::new(), |file| format!(" ({file}{line})"))
    };
    let mut lines = Vec::new();
    for answered in list(&document, "checklist") {
        let text = |key: &str| answered[key].as_str().expect("text");
        lines.push(format!("{}: {}", text("id"), text("answer")));
        let reasons = list(answered, "reasons").iter();
        lines.extend(reasons.map(|reason| format!("- {}{}", reason["text"].as_str().expect("text"), place(reason))));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn documents_fit_their_schema_and_are_the_same_every_time() {
    let schema = std::fs::read_to_string(root().join("docs/audit.schema.json")).expect("schema");
    let schema = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let document = sample();
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(document, sample());
}

/// A lake of two tables: one fix for both of its queries, another for one of them, and a third that concerns what is stored.
#[test]
fn fixes_that_overlap_are_counted_once() {
    let dir = tempfile::tempdir().expect("folder");
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("file");
    write(
        "t.sql",
        "CREATE EXTERNAL TABLE raw.t (a string, b string) PARTITIONED BY (dt string) ROW FORMAT DELIMITED \
        STORED AS TEXTFILE LOCATION 's3://b/raw/t/';",
    );
    let object = |day: u32| format!("2025-06-29 00:00:00 2000000000 raw/t/dt=2025-06-{day:02}/a.csv\n");
    write("listing.txt", &(1..30).map(object).collect::<String>());
    write("q.sql", "SELECT a FROM raw.t;");
    write(
        "lakelint.toml",
        "[lake]\nsources = [\"s3://b=listing.txt\"]\n[layers]\ncurated = [\"s3://b/raw/**\"]\n[runs]\n\"q.sql\" = \"1/day\"\n",
    );
    let document = document(dir.path(), &[]);
    assert_adds_up(&document);
    let fixes = list(&document, "fixes");
    let raw: f64 = sum(list(&document, "findings"), "/usd_per_month");
    let credited = sum(fixes, "/usd_per_month/high");
    let spend = document["spend"]["parts"][0]["usd_per_month"]["likely"].as_f64().expect("dollars");
    assert!(
        fixes.len() >= 2 && raw > spend && credited < spend,
        "{raw} in findings, {credited} credited, {spend} spent: {fixes:#?}"
    );
}

#[test]
fn nothing_known_is_no_failure_and_no_zero() {
    let dir = tempfile::tempdir().expect("folder");
    std::fs::write(dir.path().join("q.sql"), "SELECT a FROM nobody.knows;").expect("file");
    let document = document(dir.path(), &[]);
    assert!(document["spend"]["usd_per_month"].is_null() && document["avoidable"]["share"].is_null());
    assert!(document["lake"]["bytes"].is_null());
    let output = lakelint(dir.path(), &["audit"]);
    let text = String::from_utf8_lossy(&output.stdout).to_string();
    assert!(text.contains("spend      unknown") && text.contains("1 table that nothing describes"), "{text}");
    let twice = lakelint(dir.path(), &["audit", "--json", "a", "--markdown", "./a"]);
    assert_eq!(twice.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&twice.stderr).contains("is named twice"));
}

/// A lake of one CSV table with ten days of 100 GB each, and files beside it.
fn lake(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("folder");
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        std::fs::write(path, text).expect("file");
    };
    let ddl = "CREATE EXTERNAL TABLE raw.t (a string, b string) PARTITIONED BY (dt string) ROW FORMAT DELIMITED \
        STORED AS TEXTFILE LOCATION 's3://b/raw/t/';\n";
    write("ddl/t.sql", ddl);
    let object = |day: u32| format!("2025-06-29 00:00:00 100000000000 raw/t/dt=2025-06-{day:02}/a.csv.bz2\n");
    write("listing.txt", &(20..30).map(object).collect::<String>());
    write(
        "lakelint.toml",
        "[lake]\nsources = [\"s3://b=listing.txt\"]\n[runs]\n\"q1.sql\" = \"1/day\"\n\"q2.sql\" = \"1/hour\"\n",
    );
    files.iter().for_each(|(name, text)| write(name, text));
    dir
}

fn fix_of<'a>(document: &'a Value, rule: &str) -> &'a Value {
    list(document, "fixes").iter().find(|fix| fix["rule"] == rule).expect("a fix")
}

#[test]
fn a_finding_in_a_view_saves_in_every_statement_that_reads_it() {
    let view = "CREATE VIEW raw.v AS SELECT a, b, dt FROM raw.t WHERE dt = '2025-06-29' OR b = 'x';";
    let dir = lake(&[("v.sql", view), ("q1.sql", "SELECT a FROM raw.v;"), ("q2.sql", "SELECT b FROM raw.v;")]);
    let document = document(dir.path(), &[]);
    assert_adds_up(&document);
    let fix = fix_of(&document, "or-defeats-pruning");
    assert_eq!(fix["queries"].as_array().map(Vec::len), Some(2), "{fix}");
    // $5 a run, 30 and 730 times a month: seven of ten days stay.
    let month = fix["usd_per_month"]["high"].as_f64().expect("dollars");
    assert!(month > 1_141.0, "{fix}");
    assert!(
        list(&document, "queries").iter().all(|query| query["findings"].as_array().is_some_and(|all| !all.is_empty()))
    );
}

#[test]
fn two_reads_of_one_statement_save_both() {
    let dir = lake(&[("q1.sql", "SELECT x.a FROM raw.t x JOIN raw.t y ON x.a = y.b;")]);
    let document = document(dir.path(), &[]);
    assert_adds_up(&document);
    let fix = fix_of(&document, "missing-partition-filter");
    assert_eq!(fix["before"], "2 TB a run", "{fix}");
    assert_eq!((&fix["change"]["billed"], &fix["change"]["before"]), (&"scan".into(), &2_000_000_000_000_u64.into()));
    let credited = fix["usd_per_month"]["high"].as_f64().expect("dollars");
    let raw: f64 = list(&document, "findings")
        .iter()
        .filter(|f| f["rule"] == "missing-partition-filter")
        .filter_map(|f| f["usd_per_month"].as_f64())
        .sum();
    // One scan for both saves half of the bill before that.
    assert!((credited - raw / 2.0).abs() < 0.01, "{credited} of {raw}");
}

#[test]
fn what_lies_under_several_tables_is_paid_for_once() {
    let other = "CREATE EXTERNAL TABLE raw.same (a string) STORED AS TEXTFILE LOCATION 's3://b/raw/t/';\n\
        CREATE EXTERNAL TABLE raw.all_of_it (a string) STORED AS TEXTFILE LOCATION 's3://b/raw/';";
    let dir = lake(&[("ddl/more.sql", other)]);
    let document = document(dir.path(), &[]);
    assert_adds_up(&document);
    let storage = &document["spend"]["parts"]
        .as_array()
        .expect("parts")
        .iter()
        .find(|part| part["kind"] == "storage")
        .expect("storage")
        .clone();
    let usd = storage["usd_per_month"]["likely"].as_f64().expect("dollars");
    assert!((usd - 1e12 / (1u64 << 30) as f64 * 0.023).abs() < 0.01, "{usd}");
}

#[test]
fn machines_of_one_name_are_two_machines() {
    let machine = r#"{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "f"}, "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 99999999}], "End": true}}}"#;
    let dir = lake(&[("a/load.asl.json", machine), ("b/load.asl.json", machine)]);
    let document = document(dir.path(), &[]);
    let fixes = list(&document, "fixes").iter().filter(|fix| fix["rule"] == "unbounded-retry");
    assert_eq!(fixes.count(), 2);
    let findings = |number: usize| list(&document, "machines")[number]["findings"].clone();
    assert_ne!(findings(0), findings(1));
}

#[test]
fn runs_of_the_history_count_once_and_those_of_no_file_are_told() {
    let run = |number: u32, sql: &str| {
        format!(
            r#"{{"QueryExecutionId": "{number}", "Query": "{sql}", "StatementType": "DML", "Status": {{"State": "SUCCEEDED", "SubmissionDateTime": "2025-06-{:02}T05:00:00Z"}},
            "Statistics": {{"DataScannedInBytes": 1000000000000}}, "WorkGroup": "w"}}"#,
            number % 29 + 1
        )
    };
    let executions: Vec<String> =
        (0..58).map(|n| run(n, if n < 29 { "SELECT a FROM raw.t" } else { "SELECT b FROM other.table" })).collect();
    let history = format!(r#"{{"QueryExecutions": [{}]}}"#, executions.join(","));
    let same = "SELECT a FROM raw.t;";
    let dir = lake(&[("history.json", &history), ("a.sql", same), ("b.sql", same)]);
    let file = dir.path().join("audit.json");
    let output = lakelint(
        dir.path(),
        &["audit", "--as-of", "2025-06-30", "--lake", "history.json", "--json", file.to_str().expect("path")],
    );
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_str(&std::fs::read_to_string(file).expect("a document")).expect("JSON");
    assert_adds_up(&document);
    let part = |kind: &str| {
        let parts = list(&document["spend"], "parts");
        parts.iter().find(|part| part["kind"] == kind).expect("a part")["usd_per_month"]["likely"]
            .as_f64()
            .expect("dollars")
    };
    assert_near(part("queries"), part("elsewhere"));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 statement that ran and that no file holds"));
}

/// Its numbers, the order of its fixes and what it did not check, over 500 tables, 100,000 partitions and 5,000 statements.
#[test]
fn a_large_lake_adds_up() {
    let dir = tempfile::tempdir().expect("folder");
    audit_lake::write(dir.path()).expect("lake");
    let document = document(dir.path(), &[]);
    assert_adds_up(&document);
    assert_eq!(document["lake"]["tables"], audit_lake::TABLES);
    assert_eq!(document["lake"]["partitions"], audit_lake::TABLES * audit_lake::PARTITIONS);
    assert_eq!(document["lake"]["machines"], audit_lake::MACHINES);
    assert_eq!(document["lake"]["queries"], audit_lake::QUERIES + audit_lake::MACHINES);
    let shown = |amount: &Value| amount.as_f64().map_or("-".to_string(), |usd| format!("{usd:.2}"));
    let mut lines = vec![format!("top {} of {}", document["top"], list(&document, "fixes").len())];
    for part in list(&document["spend"], "parts") {
        let month = shown(&part["usd_per_month"]["likely"]);
        lines.push(format!(
            "{} {month}: {}",
            part["kind"].as_str().expect("a kind"),
            part["basis"].as_str().expect("a basis")
        ));
    }
    let avoidable = &document["avoidable"]["usd_per_month"];
    lines.push(format!("avoidable {} to {}", shown(&avoidable["low"]), shown(&avoidable["high"])));
    for fix in list(&document, "fixes").iter().take(25) {
        let about = fix["table"].as_str().or(fix["machine"].as_str()).unwrap_or("-");
        lines.push(format!(
            "{} {} {about}",
            shown(&fix["usd_per_month"]["high"]),
            fix["rule"].as_str().expect("a rule")
        ));
    }
    lines.extend(
        list(&document, "not_checked").iter().map(|missing| missing["what"].as_str().expect("text").to_string()),
    );
    insta::assert_snapshot!(lines.join("\n"));
}
