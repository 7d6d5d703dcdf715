//! Queries as people write them, over one small data product: `tests/corpus/*.sql`, each with the findings it should give in
//! comments of the form `-- expect: rule@line`. A file without such a comment is clean. The tables are in
//! `tests/corpus/tables.ddl`; the layout of some is made here.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::Path;

use chrono::NaiveDate;
use clap::Parser as _;
use lakelint::cli::Cli;
use lakelint::commands::{self, Env, Status};

#[test]
fn every_file_gives_the_findings_it_expects() {
    let lake = tempfile::tempdir().unwrap();
    let names = copy_corpus(lake.path());
    std::fs::write(lake.path().join("listing.txt"), listing()).unwrap();
    let found = findings(lake.path());
    let mut differences = String::new();
    for name in &names {
        let text = std::fs::read_to_string(lake.path().join(name)).unwrap();
        let mut expected: Vec<String> =
            text.lines().filter_map(|line| line.strip_prefix("-- expect: ")).map(|e| e.trim().to_string()).collect();
        expected.sort();
        let mut actual: Vec<String> =
            found.iter().filter(|(file, _, _)| file == name).map(|(_, at, _)| at.clone()).collect();
        actual.sort();
        if actual != expected {
            writeln!(differences, "{name}: expected {expected:?}").unwrap();
            for (_, at, message) in found.iter().filter(|(file, _, _)| file == name) {
                writeln!(differences, "    {at}: {message}").unwrap();
            }
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
    assert!(names.len() > 20, "the corpus is found");
}

/// Copies the corpus and returns the names of its queries, sorted.
fn copy_corpus(to: &Path) -> Vec<String> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(&name);
        std::fs::copy(path, to.join(&name)).unwrap();
        if name.ends_with(".sql") {
            names.push(name);
        }
    }
    names.sort();
    names
}

/// Three years of large daily partitions, and some small tables.
fn listing() -> String {
    let mut text = String::new();
    let mut add = |bytes: u64, key: String| writeln!(text, "2025-06-29 00:00:00 {bytes:>10} {key}").unwrap();
    let first: NaiveDate = "2022-07-01".parse().unwrap();
    for day in first.iter_days().take_while(|day| day.to_string() != "2025-06-30") {
        for part in 0..8 {
            add(400_000_000, format!("curated/orders/dt={day}/part-{part}.snappy.parquet"));
            add(900_000_000, format!("curated/visits/dt={day}/part-{part}.snappy.parquet"));
        }
    }
    add(40_000_000, "curated/customers/part-0.snappy.parquet".to_string());
    add(4_000, "curated/countries/part-0.snappy.parquet".to_string());
    text
}

/// File, `rule@line` and message of every finding.
fn findings(lake: &Path) -> Vec<(String, String, String)> {
    let args =
        ["lakelint", "check", "--as-of", "2025-06-30", "--lake", "listing.txt", "--output-file", "json=report.json"];
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut env = Env::plain(lake.to_path_buf(), &mut stdout, &mut stderr);
    let status = commands::run(&Cli::try_parse_from(args).unwrap(), &mut env);
    assert_ne!(status, Status::Failed, "{}", String::from_utf8_lossy(&stderr));
    let report = std::fs::read_to_string(lake.join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["summary"]["unreadable"], 0, "{report}");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_string();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|f| (text(&f["file"]), format!("{}@{}", text(&f["rule"]), f["line"]), text(&f["message"]))).collect()
}
