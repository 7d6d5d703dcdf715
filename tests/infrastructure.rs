//! Pipelines as people deploy them, with SAM and with Terraform: what is found in the tables and statements that their templates
//! declare, and where. `UPDATE=1 cargo test --test infrastructure` rewrites `findings.txt`.

#![allow(clippy::unwrap_used)]

mod findings;
mod program;

use std::path::{Path, PathBuf};

use lakelint::commands::Status;
use serde_json::Value;

/// Two small projects, and two pipelines of the size that people deploy: each with wasteful and with good parts.
const PROJECTS: [&str; 4] = ["sam", "terraform", "orders-sam", "clicks-terraform"];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/infrastructure")
}

fn run(folder: &Path, args: &[&str]) -> String {
    let ran = program::lakelint(folder, args);
    assert_ne!(ran.status, Status::Failed, "{}", ran.stderr);
    ran.stdout
}

fn json(folder: &Path, command: &str, paths: &[&str]) -> Value {
    let mut args = vec![command, "--as-of", "2025-06-30", "--format", "json"];
    args.extend(paths);
    serde_json::from_str(&run(folder, &args)).unwrap()
}

/// What is found, told.
fn told(folder: &Path, path: &str) -> Vec<String> {
    let report = json(folder, "check", &[path]);
    report["findings"].as_array().unwrap().iter().map(|finding| findings::told(folder, finding)).collect()
}

#[test]
fn findings_stand_at_what_they_are_about() {
    let of_project = |name: &&str| {
        let project = copy(name, |_, text| text);
        told(project.path(), ".").into_iter().map(|found| format!("{name}/{found}")).collect::<String>()
    };
    let found: String = PROJECTS.iter().map(of_project).collect();
    let path = fixtures().join("findings.txt");
    findings::compare(&path, &found);
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
    told(folder, ".").iter().filter(|found| found.contains(&format!(" {rule}: "))).count()
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
    let alone = told(folder.path(), "sql/daily.sql");
    let of_file = |found: &&String| found.starts_with("sql/daily.sql:");
    let all = told(folder.path(), ".");
    assert_eq!(alone.iter().collect::<Vec<_>>(), all.iter().filter(of_file).collect::<Vec<_>>());
    assert!(!alone.is_empty());
}

/// A task and a saved statement that read a terabyte, in a workgroup that stops them at a fifth of it.
#[test]
fn a_limit_of_a_workgroup_holds_for_those_who_name_it() {
    let module = r#"
resource "aws_athena_workgroup" "small" {
  name = "small"
  configuration {
    bytes_scanned_cutoff_per_query = 200000000000
  }
}
resource "aws_glue_catalog_table" "t" {
  name          = "t"
  database_name = "lake"
  parameters    = { classification = "json" }
  storage_descriptor {
    location = "s3://lake/t/"
  }
}
resource "aws_athena_prepared_statement" "count" {
  name            = "count"
  workgroup       = aws_athena_workgroup.small.name
  query_statement = "SELECT count(*) FROM lake.t"
}
resource "aws_athena_prepared_statement" "elsewhere" {
  name            = "elsewhere"
  workgroup       = "primary"
  query_statement = "SELECT count(*) AS all FROM lake.t"
}
resource "aws_sfn_state_machine" "m" {
  name = "m"
  definition = jsonencode({
    StartAt = "A"
    States = {
      A = {
        Type       = "Task"
        Resource   = "arn:aws:states:::athena:startQueryExecution.sync"
        Parameters = { QueryString = "SELECT sum(1) FROM lake.t", WorkGroup = aws_athena_workgroup.small.name }
        End        = true
      }
    }
  })
}
"#;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("main.tf", module);
    write("listing.txt", "2025-06-30 00:00:00 1000000000000 t/part-0.json.gz\n");
    write("lakelint.toml", "[lake]\nsources = [\"s3://lake/=listing.txt\"]\n");
    let found = told(folder.path(), ".");
    let over: Vec<&String> = found.iter().filter(|found| found.contains("query-over-scan-limit")).collect();
    let at = |place: &str, sql: &str| {
        format!(
            "main.tf:{place} high query-over-scan-limit: reads 1 TB or more: workgroup `small` cancels it at 200 GB, and $1.00 is \
             billed\n    {sql}\n"
        )
    };
    assert_eq!(over, [&at("19:22", "SELECT count(*) FROM lake.t"), &at("34:39", "SELECT sum(1) FROM lake.t")]);
    let cost = json(folder.path(), "cost", &["."]);
    let bill = &cost["machines"][0]["parts"][1]["usd"];
    assert_eq!(bill, &serde_json::json!({ "low": 1.0, "likely": 1.0, "high": 1.0 }), "{cost:#}");
}

/// What is found at which line, apart from where that is in its file.
fn told_without_lines(found: &[String]) -> Vec<(String, u32)> {
    let parts = |found: &String| {
        let mut parts = found.splitn(3, ':');
        let (file, line, rest) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        (format!("{file}: {rest}"), line.parse().unwrap())
    };
    let mut told: Vec<(String, u32)> = found.iter().map(parts).collect();
    told.sort();
    told
}

/// A comment line, as files of a name have them; JSON has none.
fn comment(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap() {
        "sql" | "tftpl" => "-- größer — 日本\n",
        "json" => "\n",
        _ => "# größer — 日本\n",
    }
}

/// A finding stands at a text, not at a number: it moves with it.
#[test]
fn findings_move_with_what_they_are_about() {
    for project in PROJECTS {
        let before = told_without_lines(&told(copy(project, |_, text| text).path(), "."));
        let moved = copy(project, |name, text| format!("{0}{0}{0}{text}", comment(name)));
        let after = told_without_lines(&told(moved.path(), "."));
        let expected: Vec<(String, u32)> = before.iter().map(|(what, line)| (what.clone(), line + 3)).collect();
        assert_eq!(after, expected, "{project}, three lines below");
        let windows = copy(project, |_, text| text.replace('\n', "\r\n"));
        assert_eq!(told_without_lines(&told(windows.path(), ".")), before, "{project}, with CRLF");
    }
}

/// Numbers that look random, the same ones each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

/// A text that is cut, or of which a piece is lost, repeated or overwritten.
fn broken(text: &str, numbers: &mut Numbers) -> String {
    const PIECES: [&str; 16] =
        ["{", "}", "[", "]", "\"", "'", "${", "%{", "<<EOT\n", "\n  ", "\t", ":", "!Sub ", "!If [", "\u{feff}", "日"];
    let at = |numbers: &mut Numbers| {
        let at = numbers.below(text.len());
        (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap()
    };
    let (a, b) = (at(numbers), at(numbers));
    let (start, end) = (a.min(b), a.max(b));
    match numbers.below(4) {
        0 => text[..start].to_string(),
        1 => format!("{}{}", &text[..start], &text[end..]),
        2 => format!("{}{}{}", &text[..end], &text[start..end], &text[end..]),
        _ => format!("{}{}{}", &text[..start], PIECES[numbers.below(PIECES.len())], &text[start..]),
    }
}

/// Whatever a template holds, a run ends in time, and what it finds stands in the files.
#[test]
fn broken_templates_are_told_and_findings_stand_in_them() {
    let rounds = 40;
    for (seed, project) in PROJECTS.iter().enumerate() {
        let mut numbers = Numbers(seed as u64);
        for round in 0..rounds {
            let start = std::time::Instant::now();
            let seed = numbers.below(usize::MAX) as u64;
            let folder = copy(project, |name, text| {
                let salt = name.bytes().fold(seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
                broken(&text, &mut Numbers(salt))
            });
            let report = json(folder.path(), "check", &["."]);
            for finding in report["findings"].as_array().unwrap() {
                stands_in_its_file(folder.path(), finding);
            }
            assert!(start.elapsed().as_secs() < 20, "{project}, round {round}");
        }
    }
}

fn stands_in_its_file(folder: &Path, finding: &Value) {
    let (Some(file), Some(line)) = (finding["file"].as_str(), finding["line"].as_u64()) else { return };
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let number = |key: &str| finding[key].as_u64().unwrap() as usize;
    let last = number("end_line");
    let lines: Vec<&str> = text.split('\n').collect();
    let width = |line: usize| lines[line - 1].chars().count();
    assert!(line as usize <= last && last <= lines.len(), "{finding:#}");
    assert!(number("column") <= width(line as usize) + 1 && number("end_column") <= width(last) + 1, "{finding:#}");
    assert!(line as usize != last || number("column") <= number("end_column"), "{finding:#}");
}
