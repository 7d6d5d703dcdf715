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
