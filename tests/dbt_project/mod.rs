//! A dbt project in a folder of its own, beside a table of events, and what lakelint says of it.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::path::Path;
use std::process::{Command, Output};

const DDL: &str = "create external table raw.events (id bigint, kind string, amount double, payload string)\n\
                   partitioned by (dt string) stored as parquet location 's3://lake/raw/events/';\n";

/// A folder with files, and a table of 30 days of 1 GiB each.
pub fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    write("ddl/raw.sql", DDL);
    let days: Vec<String> = (1..=30)
        .map(|day| format!("2025-06-30 00:00:00 1073741824 raw/events/dt=2025-06-{day:02}/part-0.parquet"))
        .collect();
    write("lake.txt", &days.join("\n"));
    write("lakelint.toml", "[lake]\nsources = [\"s3://lake/=lake.txt\"]\n");
    write("dbt_project.yml", "name: shop\n");
    write("models/sources.yml", "sources:\n  - name: raw\n    tables:\n      - name: events\n");
    files.iter().for_each(|(name, text)| write(name, text));
    folder
}

pub fn lakelint(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lakelint"));
    command.current_dir(folder).args(args).args(["--as-of", "2025-06-30", "--color", "never"]);
    command.output().expect("lakelint runs")
}

/// What `check` reports, a line each: `file:line:column rule`.
pub fn findings(folder: &Path, args: &[&str]) -> Vec<String> {
    let output = lakelint(folder, &[&["check", "--format", "json"], args].concat());
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let shown = |finding: &serde_json::Value| {
        let (text, number) = (|key: &str| finding[key].as_str().unwrap_or("-"), |key: &str| finding[key].clone());
        format!("{}:{}:{} {}", text("file"), number("line"), number("column"), text("rule"))
    };
    report["findings"].as_array().expect("findings").iter().map(shown).collect()
}

/// What `cost` says of the statements, by name: likely bytes.
pub fn bytes(folder: &Path, args: &[&str]) -> Vec<(String, Option<u64>)> {
    let output = lakelint(folder, &[&["cost", "--format", "json"], args].concat());
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let queries = report["queries"].as_array().expect("queries").iter();
    queries
        .map(|query| (query["name"].as_str().unwrap_or("-").to_string(), query["bytes"]["likely"].as_u64()))
        .collect()
}

pub const GIB: u64 = 1 << 30;
