//! State machines as people write them, each a file or a folder of its own. `tests/machines/clean` holds ordinary ones, in the
//! styles of public samples: nothing about them is of high severity, and what is less is written down, so that noise is seen.
//! `tests/machines/bad` holds shapes that have cost somebody money. `UPDATE=1 cargo test --test machines` rewrites
//! `clean.txt` and `bad.txt`.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use clap::Parser as _;
use lakelint::cli::Cli;
use lakelint::commands::{self, Env, Status};

/// What must be found, whatever else is: the machine, the rule, the severity.
const MUST: [(&str, &str, &str); 13] = [
    ("self-restart.asl.json", "catch-loops-back", "medium"),
    ("without-end.asl.json", "unbounded-retry", "high"),
    ("without-end.asl.json", "catch-loops-back", "medium"),
    ("without-end.asl.json", "retry-repeats-side-effects", "medium"),
    ("runaway", "unbounded-retry", "high"),
    ("runaway", "retry-never-matches", "medium"),
    ("runaway", "glue-job-without-timeout", "medium"),
    ("long-wait.asl.json", "long-retry-wait", "medium"),
    ("crawler-poll.asl.json", "unbounded-polling-loop", "low"),
    ("compound", "compound-retries", "medium"),
    ("compound", "schedule-retry-policy-default", "low"),
    ("map-into-athena.asl.json", "unlimited-map-into-athena", "medium"),
    ("express", "sync-in-express-workflow", "high"),
];

/// One finding, as it is written down.
struct Found {
    machine: String,
    rule: String,
    severity: String,
    line: String,
}

#[test]
fn ordinary_machines_have_nothing_of_high_severity() {
    let found = check_all("clean");
    let high: Vec<&str> = found.iter().filter(|one| one.severity == "high").map(|one| one.line.as_str()).collect();
    assert!(high.is_empty(), "{high:#?}");
    compare("clean.txt", &found);
}

#[test]
fn what_has_cost_money_is_found() {
    let found = check_all("bad");
    let has = |(machine, rule, least): &(&str, &str, &str)| {
        let enough = |severity: &str| severity == *least || severity == "high";
        found.iter().any(|one| one.machine == *machine && one.rule == *rule && enough(&one.severity))
    };
    let missing: Vec<_> = MUST.iter().filter(|expected| !has(expected)).collect();
    assert!(missing.is_empty(), "not found: {missing:#?}");
    compare("bad.txt", &found);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machines")
}

/// Holds the findings to those that are written down.
fn compare(name: &str, found: &[Found]) {
    let path = folder().join(name);
    let lines: String = found.iter().map(|one| format!("{}\n", one.line)).collect();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &lines).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == lines, "{name} says something else, now it is:\n{lines}\n`UPDATE=1` writes it down");
}

/// Every entry of a folder, checked alone.
fn check_all(of: &str) -> Vec<Found> {
    let root = folder().join(of);
    let mut names: Vec<String> =
        std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(names.len() > 8, "the machines are there");
    names.iter().flat_map(|name| check(&root, name)).collect()
}

/// A copy in a folder of its own: what lies beside it here is none of its project.
fn check(root: &Path, machine: &str) -> Vec<Found> {
    let project = tempfile::tempdir().unwrap();
    copy(&root.join(machine), &project.path().join(machine));
    let args = ["lakelint", "check", "--as-of", "2025-06-30", "--output-file", "json=report.json", machine];
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut env = Env::plain(project.path().to_path_buf(), &mut stdout, &mut stderr);
    let status = commands::run(&Cli::try_parse_from(args).unwrap(), &mut env);
    assert_ne!(status, Status::Failed, "{}", String::from_utf8_lossy(&stderr));
    let report = std::fs::read_to_string(project.path().join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let mut found: Vec<Found> = report["findings"].as_array().unwrap().iter().map(|one| read(machine, one)).collect();
    found.sort_by(|a, b| a.line.cmp(&b.line));
    found
}

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        std::fs::copy(from, to).unwrap();
        return;
    }
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        copy(&from.join(&name), &to.join(&name));
    }
}

fn read(machine: &str, finding: &serde_json::Value) -> Found {
    let text = |key: &str| finding[key].as_str().unwrap_or_default().to_string();
    let (rule, severity) = (text("rule"), text("severity"));
    let place = format!("{}:{}", text("file"), finding["line"]);
    let line = format!("{place} {severity} {rule}: {}", text("message"));
    Found { machine: machine.to_string(), rule, severity, line }
}
