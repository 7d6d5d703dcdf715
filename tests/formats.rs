//! The reports of every format, over lakes in which every rule finds something and over hostile names: they fit the schemas that
//! others publish, and the parsers that others use read in them what the JSON report says.

#[path = "program/hostile_names.rs"]
mod names;
mod needed;
mod pages;
mod program;
mod python;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use jsonschema::Validator;
use lakelint::commands::Status;
use lakelint::output::Format;
use lakelint::rules::RULES;
use program::lakelint;
use serde_json::Value;

const PACKAGES: [&str; 2] = ["lxml==6.1.3", "markdown-it-py==4.3.0"];

/// A folder with a report in each format, `NAME.FORMAT`, of every bad example of the rule pages and of a lake with hostile names.
static REPORTS: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let reports = tempfile::tempdir().expect("a folder");
    for (id, text) in pages::page_files("rules") {
        for (number, example) in pages::examples(&text, "Bad", true).iter().enumerate() {
            let folder = tempfile::tempdir().expect("a folder");
            let lake = pages::write_files(folder.path(), &example.files);
            write_reports(folder.path(), &lake, &reports.path().join(format!("{id}-{number}")));
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    names::lake(folder.path());
    write_reports(
        folder.path(),
        &["listing.json".to_string(), "glue.json".to_string()],
        &reports.path().join("hostile"),
    );
    reports
});

fn write_reports(folder: &Path, lake: &[String], report: &Path) {
    let files: Vec<String> =
        Format::NAMES.iter().map(|format| format!("{format}={}.{format}", report.display())).collect();
    let mut args = vec!["check", "--as-of", "2025-06-30"];
    files.iter().for_each(|file| args.extend(["--output-file", file]));
    lake.iter().for_each(|source| args.extend(["--lake", source]));
    let ran = lakelint(folder, &args);
    assert_ne!(ran.status, Status::Failed, "{}: {}{}", report.display(), ran.stdout, ran.stderr);
}

/// The reports of a format, as JSON.
fn documents(format: &str) -> Vec<(PathBuf, Value)> {
    let entries = std::fs::read_dir(REPORTS.path()).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|e| e == format)).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("text");
        (path, serde_json::from_str(&text).expect("JSON"))
    };
    paths.into_iter().map(read).collect()
}

fn assert_valid(format: &str, schema: &str) {
    let schema: Value = serde_json::from_str(schema).expect("a schema in JSON");
    let validator: Validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    let documents = documents(format);
    assert!(documents.len() > RULES.len(), "{} reports", documents.len());
    for (path, document) in documents {
        let errors = validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path()));
        let errors: Vec<String> = errors.collect();
        assert!(errors.is_empty(), "{}:\n{}", path.display(), errors.join("\n"));
    }
}

#[test]
fn every_rule_finds_something_in_them() {
    let documents = documents("json");
    let findings = documents.iter().flat_map(|(_, document)| document["findings"].as_array().expect("a list"));
    let found: BTreeSet<&str> = findings.filter_map(|finding| finding["rule"].as_str()).collect();
    assert_eq!(found, RULES.iter().map(|rule| rule.id).collect());
}

#[test]
fn json_fits_its_schemas() {
    assert_valid("json", include_str!("../docs/json.schema.json"));
    // The standard's pattern of a language tag has a bracket too many, which the validator rightly refuses.
    assert_valid("sarif", &include_str!("schemas/sarif-schema-2.1.0.json").replace("{2}]?$", "{2}$"));
    assert_valid("gitlab", include_str!("schemas/gitlab-code-quality.json"));
    assert_valid("rdjson", include_str!("schemas/rdjson-schema.json"));
}

#[test]
fn every_finding_is_in_every_format() {
    for (path, report) in documents("json") {
        let report = report["findings"].as_array().expect("a list").clone();
        let beside = |format: &str| -> Value {
            let text = std::fs::read_to_string(path.with_extension(format)).expect("a report");
            serde_json::from_str(&text).expect("JSON")
        };
        let fingerprints: Vec<&Value> = report.iter().map(|finding| &finding["fingerprint"]).collect();
        let (issues, log, rdjson) = (beside("gitlab"), beside("sarif"), beside("rdjson"));
        let issues = issues.as_array().expect("a list");
        assert_eq!(issues.iter().map(|issue| &issue["fingerprint"]).collect::<Vec<_>>(), fingerprints);
        let results = log["runs"][0]["results"].as_array().expect("a list");
        let known = results.iter().map(|result| &result["partialFingerprints"]["lakelint/v1"]);
        assert_eq!(known.collect::<Vec<_>>(), fingerprints);
        let diagnostics = rdjson["diagnostics"].as_array().expect("a list");
        assert_eq!(diagnostics.len(), report.len());
        for ((finding, issue), diagnostic) in report.iter().zip(issues).zip(diagnostics) {
            let message = finding["message"].as_str().expect("a message");
            assert!(issue["description"].as_str().is_some_and(|text| text.starts_with(message)));
            assert!(diagnostic["message"].as_str().is_some_and(|text| text.starts_with(message)));
        }
    }
}

#[test]
fn parsers_of_others_read_what_the_json_report_says() {
    let environment = python::environment(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("formats"), &PACKAGES);
    let Some(python) = needed::or_skip("reading reports in Python", environment) else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut command = Command::new(python);
    command.arg(root.join("formats/read.py")).arg(REPORTS.path()).arg(root.join("schemas/junit-10.xsd"));
    let output = command.output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: usize = String::from_utf8_lossy(&output.stdout).trim().parse().expect("how many it read");
    assert_eq!(read, documents("json").len());
}

/// Runs the console blocks of docs/formats.md, to the character; `UPDATE=1` rewrites what they print.
#[test]
fn the_documentation_shows_what_they_print() {
    let root = pages::folder("");
    let path = root.join("docs/formats.md");
    let text = std::fs::read_to_string(&path).expect("text");
    let (mut rewritten, mut shown) = (String::new(), BTreeSet::new());
    let mut parts = text.split("```console\n$ lakelint ");
    rewritten.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (line, rest) = part.split_once('\n').expect("a command");
        let (_, rest) = rest.split_once("\n```").expect("the end of the block");
        let args: Vec<&str> = line.split(' ').collect();
        shown.extend(args.windows(2).filter(|pair| pair[0] == "--format").map(|pair| pair[1]));
        let ran = lakelint(&root, &args);
        assert_eq!((ran.status, ran.stderr.as_str()), (Status::Findings, ""), "{line}");
        rewritten += &format!("```console\n$ lakelint {line}\n? 1\n{}\n```{rest}", ran.stdout);
    }
    assert_eq!(shown, ["csv", "github", "gitlab", "junit", "markdown", "rdjson"].into());
    if pages::updating() {
        std::fs::write(&path, &rewritten).expect("written");
    } else {
        assert!(rewritten == text, "UPDATE=1 rewrites\n{}", pages::difference(&text, &rewritten));
    }
}
