//! Pipelines as people deploy them, with SAM and with Terraform: what is found in the tables and statements that their templates
//! declare, and where. `UPDATE=1 cargo test --test infrastructure` rewrites `findings.txt`.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use clap::Parser as _;
use lakelint::cli::Cli;
use lakelint::commands::{self, Env, Status};
use serde_json::Value;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/infrastructure")
}

fn run(folder: &Path, args: &[&str]) -> String {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut env = Env::plain(folder.to_path_buf(), &mut stdout, &mut stderr);
    let status = commands::run(&Cli::try_parse_from(args).unwrap(), &mut env);
    assert_ne!(status, Status::Failed, "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

fn json(folder: &Path, command: &str, paths: &[&str]) -> Value {
    let mut args = vec!["lakelint", command, "--as-of", "2025-06-30", "--format", "json"];
    args.extend(paths);
    serde_json::from_str(&run(folder, &args)).unwrap()
}

/// `file:line:column severity rule: message`, and the text that the finding points to.
fn findings(folder: &Path, path: &str) -> Vec<String> {
    let report = json(folder, "check", &[path]);
    report["findings"].as_array().unwrap().iter().map(|finding| told(folder, finding)).collect()
}

fn told(folder: &Path, finding: &Value) -> String {
    let text = |key: &str| finding[key].as_str().unwrap_or_default();
    let number = |key: &str| finding[key].as_u64().unwrap() as usize;
    let file = std::fs::read_to_string(folder.join(text("file"))).unwrap();
    let (first, last) = (number("line"), number("end_line"));
    let line = |number: usize| file.lines().nth(number - 1).unwrap();
    let cut = |line: &str, from: usize, to: usize| line.chars().skip(from - 1).take(to - from).collect::<String>();
    let marked = match first == last {
        true => cut(line(first), number("column"), number("end_column")),
        false => cut(line(first), number("column"), usize::MAX),
    };
    format!(
        "{}:{first}:{} {} {}: {}\n    {marked}\n",
        text("file"),
        number("column"),
        text("severity"),
        text("rule"),
        text("message")
    )
}

#[test]
fn findings_stand_at_what_they_are_about() {
    let found: String = ["sam", "terraform"].iter().flat_map(|path| findings(&fixtures(), path)).collect();
    let path = fixtures().join("findings.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == found, "now it is:\n{found}\n`UPDATE=1` writes it down");
}

#[test]
fn statements_have_the_names_that_they_are_saved_by() {
    let names = |path: &str| {
        let report = json(&fixtures(), "cost", &[path]);
        let mut names: Vec<String> = report["queries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|query| query["name"].as_str().unwrap().to_string())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sam"), ["OfPartner", "all-orders", "daily-revenue-dev", "orders_of_customer"]);
    assert_eq!(names("terraform"), ["daily-users", "events_of_user", "everything", "recent-users", "sessions"]);
}

fn copy(name: &str, change: impl Fn(&str, String) -> String) -> tempfile::TempDir {
    fn walk(from: &Path, to: &Path, change: &dyn Fn(&str, String) -> String) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let (path, name) = {
                let e = entry.unwrap();
                (e.path(), e.file_name().into_string().unwrap())
            };
            match path.is_dir() {
                true => walk(&path, &to.join(&name), change),
                false => {
                    std::fs::write(to.join(&name), change(&name, std::fs::read_to_string(&path).unwrap())).unwrap()
                }
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    walk(&fixtures().join(name), folder.path(), &change);
    folder
}

/// How often a file has a finding of a rule.
fn count(folder: &Path, rule: &str) -> usize {
    findings(folder, ".").iter().filter(|found| found.contains(&format!(" {rule}: "))).count()
}

const INJECTED: &str = "injected-key-without-filter";
const UNFILTERED: &str = "missing-partition-filter";

#[test]
fn comments_and_the_configuration_silence_what_stands_in_templates() {
    for (name, rule, before) in [
        ("sam", INJECTED, "  OrdersOfCustomer:\n"),
        ("sam", INJECTED, "      QueryStatement:\n"),
        ("terraform", UNFILTERED, "resource \"aws_athena_named_query\" \"everything\""),
        ("terraform", UNFILTERED, "  query    = \"SELECT *"),
    ] {
        let plain = count(copy(name, |_, text| text).path(), rule);
        let comment = format!("# lakelint: ignore[{rule}] known\n{before}");
        let folder = copy(name, |_, text| text.replace(before, &comment));
        let left = (count(folder.path(), rule) + 1, count(folder.path(), "unused-ignore"));
        assert_eq!(left, (plain, 0), "{before}");
    }
    let folder = copy("sam", |_, text| text);
    let entry = format!("[[ignore]]\nrule = \"{INJECTED}\"\npath = \"template.yaml\"\nreason = \"known\"\n");
    std::fs::write(folder.path().join("lakelint.toml"), entry).unwrap();
    assert_eq!((count(folder.path(), INJECTED), count(folder.path(), "unused-ignore")), (0, 0));
}

#[test]
fn one_statement_in_a_file_knows_the_module_that_names_it() {
    let folder = copy("terraform", |_, text| text);
    std::fs::write(folder.path().join("lakelint.toml"), "").unwrap();
    let alone = findings(folder.path(), "sql/daily.sql");
    let of_file = |found: &&String| found.starts_with("sql/daily.sql:");
    let all = findings(folder.path(), ".");
    assert_eq!(alone.iter().collect::<Vec<_>>(), all.iter().filter(of_file).collect::<Vec<_>>());
    assert!(!alone.is_empty());
}
