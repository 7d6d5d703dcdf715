//! Programs as people write them, a Lambda function, a DAG, a Glue job and a notebook: what is found in them, and where.
//! `UPDATE=1 cargo test --test programs` rewrites `findings.txt`.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use clap::Parser as _;
use lakelint::cli::Cli;
use lakelint::commands::{self, Env, Status};
use serde_json::Value;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs")
}

fn json(folder: &Path, paths: &[&str]) -> Value {
    let mut args = vec!["lakelint", "check", "--as-of", "2025-06-30", "--format", "json"];
    args.extend(paths);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut env = Env::plain(folder.to_path_buf(), &mut stdout, &mut stderr);
    let status = commands::run(&Cli::try_parse_from(args).unwrap(), &mut env);
    assert_ne!(status, Status::Failed, "{}", String::from_utf8_lossy(&stderr));
    serde_json::from_slice(&stdout).unwrap()
}

/// The text that a finding points to.
fn marked(folder: &Path, finding: &Value) -> String {
    let number = |key: &str| finding[key].as_u64().unwrap() as usize;
    let file = std::fs::read_to_string(folder.join(finding["file"].as_str().unwrap())).unwrap();
    let (first, last) = (number("line"), number("end_line"));
    let line = |number: usize| file.lines().nth(number - 1).unwrap();
    let cut = |line: &str, from: usize, to: usize| line.chars().skip(from - 1).take(to - from).collect::<String>();
    match first == last {
        true => cut(line(first), number("column"), number("end_column")),
        false => cut(line(first), number("column"), usize::MAX),
    }
}

/// `file:line:column severity rule: message`, and the text that the finding points to; then what was not analysed.
fn told(folder: &Path, report: &Value) -> String {
    let mut told = String::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |key: &str| finding[key].as_str().unwrap_or_default();
        let place = format!("{}:{}:{}", text("file"), finding["line"], finding["column"]);
        let (severity, rule, message) = (text("severity"), text("rule"), text("message"));
        told += &format!("{place} {severity} {rule}: {message}\n    {}\n", marked(folder, finding));
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
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == found, "now it is:\n{found}\n`UPDATE=1` writes it down");
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
