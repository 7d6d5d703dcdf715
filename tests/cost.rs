//! The whole of `lakelint cost`, in process: every format over a small lake, budgets and exit statuses.

mod program;

use std::path::Path;

use clap::Parser;
use lakelint::cli::Cli;
use lakelint::commands::{self, Env, Status};
use program::{Ran, lakelint_at_width, write};
use serde_json::Value;

fn cost(base: &Path, args: &[&str]) -> Ran {
    run(base, &[&["cost", "--as-of", "2025-06-30", "--lake", "listing.txt"], args].concat())
}

fn run(base: &Path, args: &[&str]) -> Ran {
    lakelint_at_width(base, args, 110)
}

const QUERIES: &str = "-- name: one day\nSELECT id FROM lake.events WHERE dt = '2025-06-02';\n\n\
                       SELECT id FROM lake.events;\nSELECT id FROM lake.unseen;\nDROP TABLE lake.old;\n";

/// Three days of CSV, a gigabyte each, and a table whose layout nobody knows.
fn repository(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    let table = |name: &str| {
        format!(
            "CREATE EXTERNAL TABLE lake.{name} (id string, name string) PARTITIONED BY (dt string) \
             ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://lake/{name}/';\n"
        )
    };
    write("tables.ddl", &(table("events") + &table("unseen")));
    let object = |day: u32| format!("2025-06-29 00:00:00 1000000000 events/dt=2025-06-0{day}/a.csv\n");
    write("listing.txt", &(1..=3).map(object).collect::<String>());
    write("q.sql", QUERIES);
    write("lakelint.toml", config);
    folder
}

#[test]
fn the_table_has_a_row_per_billed_statement_totals_and_notes() {
    let folder = repository("[runs]\n\"one day\" = \"100/month\"\n");
    let ran = cost(folder.path(), &["q.sql"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Status::Clean, ""));
    let expected = "\
query    partitions  columns      low   likely     high    a run  a month  basis
q.sql:4         3/3      1/2     3 GB     3 GB     3 GB    $0.02  unknown  measured
one day         1/3      1/2     1 GB     1 GB     1 GB   $0.005    $0.50  measured
q.sql:5           ?      1/2  unknown  unknown  unknown  unknown  unknown  unknown
total                            4 GB     4 GB     4 GB    $0.02    $0.50

unknown: no layout of `lake.unseen`
to know them, add the files that define the tables to the paths, and the lake's files with `--lake` or
  `lakelint scan`
the total is without 1 statement whose bytes are unknown
dollars a month are unknown of 2 statements: `[runs]` in lakelint.toml does not say how often
1 statement is free, such as DDL
price: $5.00 per TB (Athena, us-east-1, as of 2026-08), from AWS Price List, AmazonAthena, DataScannedInTB
";
    assert_eq!(ran.stdout, expected);
}

#[test]
fn no_line_of_the_table_is_wider_than_the_terminal() {
    let folder = repository("");
    for width in [60, 80, 100] {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let cli = Cli::try_parse_from(["lakelint", "cost", "--lake", "listing.txt"]).expect("valid arguments");
        let mut env = Env::plain(folder.path().to_path_buf(), &mut stdout, &mut stderr);
        env.width = width;
        commands::run(&cli, &mut env);
        let text = String::from_utf8(stdout).expect("UTF-8");
        assert!(text.contains("total") && text.lines().all(|line| line.chars().count() <= width), "{text}");
    }
}

#[test]
fn json_is_as_its_schema_says() {
    let folder = repository("[runs]\n\"one day\" = \"100/month\"\n");
    let schema: Value = serde_json::from_str(include_str!("../docs/cost.schema.json")).expect("a schema");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    let check = |text: &str| -> Value {
        let document = serde_json::from_str(text).expect("JSON");
        let errors: Vec<String> =
            validator.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
        document
    };
    let page = include_str!("../docs/json.md");
    let examples = lakelint::rules::blocks(page);
    let documented = examples.iter().rfind(|block| block.info == "json").expect("an example");
    check(documented.content);
    for args in [&["--explain"][..], &["--usd-per-tb", "0"], &["--region", "us-wets-1"], &[]] {
        check(&cost(folder.path(), &[&["--format", "json"], args].concat()).stdout);
    }
    let report = check(&cost(folder.path(), &["--format", "json", "q.sql"]).stdout);
    let one_day = &report["queries"][1];
    assert_eq!(one_day["name"], "one day");
    assert_eq!(one_day["usd"]["likely"], 0.005);
    assert_eq!(one_day["usd_per_month"], 0.5);
    assert_eq!(one_day["requests"]["get"], 1);
    assert_eq!(one_day["reads"][0]["partitions"], serde_json::json!({"total": 3, "low": 1, "high": 1}));
    let unknown = &report["queries"][3];
    assert_eq!((&unknown["bytes"]["likely"], &unknown["usd"]["likely"]), (&Value::Null, &Value::Null));
    let objects = ["price", "query", "read", "machine", "part", "total"].map(|name| &schema["$defs"][name]);
    for name in objects.iter().flat_map(|object| object["properties"].as_object().expect("properties").keys()) {
        assert!(page.contains(&format!("`{name}`")), "docs/json.md does not name `{name}`");
    }
}

#[test]
fn csv_and_markdown_hold_the_same() {
    let folder = repository("");
    let csv = cost(folder.path(), &["--format", "csv", "q.sql"]).stdout;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 5);
    assert_eq!(
        lines[2],
        "one day,q.sql,2,select,1,3,1,2,1000000000,1000000000,1000000000,0.005,0.005,0.005,,,measured"
    );
    assert_eq!(lines[4], "q.sql:5,q.sql,5,select,,,1,2,,,,,,,,,unknown");
    let markdown = cost(folder.path(), &["--format", "markdown", "q.sql"]).stdout;
    assert!(markdown.starts_with("| query | partitions | columns | low | likely | high | a run | basis |\n| --- |"));
    assert!(markdown.contains("| one day | 1/3 | 1/2 | 1 GB | 1 GB | 1 GB | $0.005 | measured |\n"), "{markdown}");
    assert!(markdown.contains("- unknown: no layout of `lake.unseen`\n"), "{markdown}");
    let refused = cost(folder.path(), &["--format", "csv", "--explain"]);
    assert_eq!(refused.status, Status::Failed);
}

#[test]
fn the_derivation_is_shown_read_by_read() {
    let folder = repository("");
    let table = cost(folder.path(), &["--explain", "q.sql"]).stdout;
    for line in [
        "one day (q.sql:2)\n  read 1: `lake.events`\n    predicate `dt = '2025-06-02'`: metastore",
        "    key `dt`: '2025-06-02'\n    partitions: 1 of 3\n    columns: 1 of 2: `id`\n    files: 1\n    bytes: 1 GB, measured",
        "  bill: 1 GB, rounded up to a MB: 1,000 MB at $5 per TB = $0.005",
        "  bill: unknown, because no layout of `lake.unseen`",
    ] {
        assert!(table.contains(line), "{line}\nis not in\n{table}");
    }
}

#[test]
fn a_broken_or_unknown_budget_is_a_finding_and_status_1() {
    let folder = repository("[budget]\nquery-usd = 0.01\nunknown = \"allow\"\n");
    let broken = cost(folder.path(), &["q.sql"]);
    assert_eq!(broken.status, Status::Findings);
    assert!(broken.stdout.contains("high[over-budget]: costs $0.02 a run, over the budget of $0.01\n --> q.sql:4:1\n"));
    let csv = cost(folder.path(), &["--format", "csv", "q.sql"]);
    assert!(csv.stderr.contains("[over-budget]") && !csv.stdout.contains("[over-budget]"));
    assert_eq!(cost(folder.path(), &["q.sql", "--max-query-usd", "0.02"]).status, Status::Clean);
    assert_eq!(cost(folder.path(), &["q.sql", "--max-query-bytes", "2GB"]).status, Status::Findings);
    let check =
        |args: &[&str]| run(folder.path(), &[&["check", "--lake", "listing.txt", "q.sql", "-q"], args].concat());
    assert!(check(&[]).stdout.contains("high[over-budget]"));
    std::fs::write(folder.path().join("lakelint.toml"), "").expect("written");
    assert!(!check(&[]).stdout.contains("over-budget"));
    assert!(check(&["--max-query-usd", "1"]).stdout.contains("high[unknown-cost]"));
    let unknown = cost(folder.path(), &["q.sql", "--max-query-usd", "1"]);
    assert_eq!(unknown.status, Status::Findings);
    assert!(unknown.stdout.contains("high[unknown-cost]: what this costs is unknown: no layout of `lake.unseen`"));
    let senseless = cost(folder.path(), &["--usd-per-tb", "0", "--max-query-usd", "1"]);
    assert_eq!((senseless.status, senseless.stdout.as_str()), (Status::Failed, ""));
    assert!(senseless.stderr.contains("a budget in dollars needs a price"), "{}", senseless.stderr);
}

#[test]
fn a_currency_that_is_not_the_dollar_is_an_error_with_its_place() {
    let folder = repository("[price]\nregion = \"cn-northwest-1\"\n");
    let ran = cost(folder.path(), &[]);
    assert_eq!(ran.status, Status::Failed);
    assert!(
        ran.stderr.starts_with("error: lakelint.toml:2:10: the price of `cn-northwest-1` is in CNY"),
        "{}",
        ran.stderr
    );
    assert_eq!(cost(folder.path(), &["--usd-per-tb", "4.8"]).status, Status::Clean);
}

#[test]
fn standard_input_without_a_readable_statement_is_an_error() {
    let folder = repository("");
    let ask = |sql: &str| {
        let binary = env!("CARGO_BIN_EXE_lakelint");
        let mut child = std::process::Command::new(binary)
            .args(["cost", "--lake", "listing.txt", "-"])
            .current_dir(folder.path())
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("started");
        std::io::Write::write_all(&mut child.stdin.take().expect("piped"), sql.as_bytes()).expect("written");
        let output = child.wait_with_output().expect("ended");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let error = |text: &str| (Some(2), String::new(), format!("error: {text}\n"));
    assert_eq!(ask("-- nothing\n"), error("no statement on standard input"));
    assert_eq!(ask("selct 1"), error("standard input cannot be read: expected a statement, found `selct`"));
    let (status, answer, _) = ask("SELECT id FROM lake.events; selct 1");
    assert_eq!(status, Some(0));
    assert!(answer.starts_with("3 GB ~$0.02 (3 of 3 partitions; 1 of 2 columns)\n"), "{answer}");
    assert!(answer.ends_with("unreadable: expected a statement, found `selct`\n"), "{answer}");
}

const MACHINE: &str = r#"{
  "StartAt": "Query",
  "TimeoutSeconds": 3600,
  "States": {
    "Query": {
      "Type": "Task",
      "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
      "Parameters": { "QueryString": "SELECT id FROM lake.events", "WorkGroup": "primary" },
      "Retry": [{ "ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2 }],
      "Next": "Wait"
    },
    "Wait": { "Type": "Wait", "Seconds": 60, "Next": "Ready?" },
    "Ready?": {
      "Type": "Choice",
      "Choices": [{ "Variable": "$.state", "StringEquals": "READY", "Next": "Done" }],
      "Default": "Wait"
    },
    "Done": { "Type": "Succeed" }
  }
}
"#;

#[test]
fn state_machines_are_listed_beside_the_queries_and_counted_once() {
    let folder = repository("[runs]\n\"nightly\" = \"100/month\"\n");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("nightly.asl.json", MACHINE);
    std::fs::remove_file(folder.path().join("q.sql")).expect("removed");
    let table = cost(folder.path(), &[]).stdout;
    let expected = "state machine  transitions  at least  a run  worst case  a month  basis\n\
                    nightly                  4     $0.02  $0.02       $0.05    $1.51  assumed\n";
    assert!(table.contains(expected), "{table}");
    assert!(
        table.contains("a month: $1.50 for queries and $0.01 for what state machines do beside them, $1.51"),
        "{table}"
    );
    let explained = cost(folder.path(), &["--explain"]).stdout;
    // A wait of a minute: 60 turns of two states fit into an hour.
    for line in [
        "transitions: 3 - 4 - 124 × $0.000025",
        "Athena query of `Query`: 1 - 1 - 3 × $0.02",
        "100 runs a month: $1.51",
    ] {
        assert!(explained.contains(line), "no {line:?} in\n{explained}");
    }
    let csv = cost(folder.path(), &["--format", "csv"]).stdout;
    assert!(csv.contains("nightly,nightly.asl.json,2,state-machine,,,,,,,,0.0150"), "{csv}");
    let markdown = cost(folder.path(), &["--format", "markdown"]).stdout;
    assert!(markdown.contains("| nightly | 4 | $0.02 | $0.02 | $0.05 | $1.51 | assumed |"), "{markdown}");
    let json: Value = serde_json::from_str(&cost(folder.path(), &["--format", "json"]).stdout).expect("JSON");
    assert_eq!(json["queries"][0]["runs_per_month"], 100.0);
    assert_eq!((&json["machines"][0]["kind"], &json["total"]["machines"]), (&Value::Null, &serde_json::json!(1)));
    let month = |value: &Value| (value.as_f64().expect("a number") * 100.0).round();
    assert_eq!(month(&json["total"]["usd_per_month"]), 150.0);
    assert_eq!(month(&json["total"]["machines_usd_per_month"]), 1.0);
    assert_eq!(json["machines"][0]["parts"][1]["kind"], "query");
    let schema: Value = serde_json::from_str(include_str!("../docs/cost.schema.json")).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    assert!(validator.is_valid(&json), "{json}");
}

/// A job that the files do not describe, and a loop around it of which the transitions are known.
const LOOP: &str = r#"{
  "StartAt": "Load",
  "States": {
    "Load": {
      "Type": "Task",
      "Resource": "arn:aws:states:::glue:startJobRun.sync",
      "Parameters": { "JobName": "load" },
      "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Wait" }],
      "End": true
    },
    "Wait": { "Type": "Wait", "Seconds": 60, "Next": "Load" }
  }
}
"#;

#[test]
fn the_known_part_of_a_worst_case_is_shown() {
    let folder = repository("[runs]\n\"loop\" = \"100/month\"\n\"flat\" = \"100/month\"\n");
    std::fs::remove_file(folder.path().join("q.sql")).expect("removed");
    std::fs::write(folder.path().join("loop.asl.json"), LOOP).expect("written");
    let flat = r#"{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true}}}"#;
    std::fs::write(folder.path().join("flat.asl.json"), flat).expect("written");
    let table = cost(folder.path(), &[]).stdout;
    let row = |name: &str| {
        let line = table.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    // 25,000 / 8 events: 3,125 turns of two states.
    assert_eq!(row("loop"), "loop 1 $0.000025 unknown at least $0.16 unknown unknown", "{table}");
    assert!(table.contains("$0.0025 for what state machines do beside them, at least $0.0025"), "{table}");
    std::fs::write(folder.path().join("loop.asl.json"), LOOP.replace("\"Next\": \"Load\"", "\"End\": true"))
        .expect("written");
    let table = cost(folder.path(), &[]).stdout;
    assert!(table.lines().any(|line| line.starts_with("loop") && line.contains("at least $0.00005")), "{table}");
}

#[test]
fn a_definition_that_only_the_deployment_knows_is_not_forgotten() {
    let folder = repository("");
    let module =
        "resource \"aws_sfn_state_machine\" \"load\" {\n  name = \"load\"\n  definition = yamldecode(var.x)\n}\n";
    std::fs::write(folder.path().join("main.tf"), module).expect("written");
    let table = cost(folder.path(), &[]).stdout;
    assert!(table.contains("1 definition is computed when deployed, and not priced"), "{table}");
}

#[test]
fn a_column_that_no_definition_has_is_not_free() {
    let folder = tempfile::tempdir().expect("a folder");
    write(
        folder.path(),
        "t.sql",
        "CREATE EXTERNAL TABLE lake.t (a bigint, b string) STORED AS PARQUET LOCATION 's3://lake/t/';\n",
    );
    write(folder.path(), "listing.txt", "2025-06-30 00:00:00 168000000000 t/part-0.parquet\n");
    let likely = |columns: &str| {
        write(folder.path(), "q.sql", &format!("SELECT {columns} FROM lake.t;\n"));
        let ran = cost(folder.path(), &["--lake", "s3://lake=listing.txt", "--format", "json", "q.sql", "t.sql"]);
        let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        document["queries"][0]["bytes"]["likely"].as_u64().expect("bytes")
    };
    // 8 bytes of a number, 16 of a text, 32 of what nobody knows.
    assert_eq!(likely("c"), 168_000_000_000 * 32 / 56);
    assert_eq!(likely("a, c.d"), 168_000_000_000 * 40 / 56);
    assert_eq!(likely("a, \"$path\""), 168_000_000_000 * 8 / 24);
}
