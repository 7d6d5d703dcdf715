//! `lakelint check` with a baseline, and of what changed since a revision.

mod git;
mod program;

use std::path::Path;

use git::git;
use lakelint::commands::Status;
use program::{Ran, lakelint, write};
use serde_json::Value;

const TABLE: &str = "CREATE EXTERNAL TABLE lake.t (a bigint, b string) PARTITIONED BY (dt string) STORED AS PARQUET LOCATION 's3://lake/t/';\n";
const DEAR: &str = "SELECT a FROM lake.t;\n";

fn listing(gigabytes: u64) -> String {
    let day =
        |n: u64| format!("2025-06-30 00:00:00 {} t/dt=2025-06-{n:02}/part-0.parquet\n", gigabytes * 1_000_000_000);
    (1..29).map(day).collect()
}

/// A project with one dear query.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "[runs]\n\"**\" = \"1/day\"\n\n[lake]\nsources = [\"s3://lake/=listing.txt\"]\n";
    for (name, text) in
        [("lakelint.toml", config), ("t.sql", TABLE), ("listing.txt", &listing(10)), ("q/old.sql", DEAR)]
    {
        write(folder.path(), name, text);
    }
    folder
}

fn check(folder: &Path, arguments: &[&str]) -> Ran {
    lakelint(folder, &[&["check", "--as-of", "2025-06-30"], arguments].concat())
}

fn baseline(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("lakelint-baseline.json")).expect("a baseline")
}

/// The places that a report names.
fn files(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let ran = check(folder, &[&["--format", "json"], arguments].concat());
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let files = report["findings"].as_array().expect("a list").iter();
    files.map(|finding| finding["file"].as_str().unwrap_or_default().to_string()).collect()
}

#[test]
fn only_new_findings_count() {
    let folder = project();
    let folder = folder.path();
    assert_eq!(check(folder, &[]).status, Status::Findings);
    let written = check(folder, &["--write-baseline"]);
    assert_eq!(
        (written.status, written.stderr.as_str()),
        (Status::Clean, "wrote lakelint-baseline.json: findings that are known: 1\n")
    );
    assert!(written.stdout.contains("1 finding hidden, which the baseline knows: worth $"), "{}", written.stdout);
    assert_eq!(check(folder, &[]).status, Status::Clean);
    // Lines move, and the file is looked at from elsewhere.
    write(folder, "q/old.sql", &format!("-- a comment\n\n{DEAR}"));
    assert!(files(&folder.join("q"), &["old.sql"]).is_empty());
    // A new one in another file.
    write(folder, "q/new.sql", DEAR);
    assert_eq!(files(folder, &[]), ["q/new.sql"]);
    assert_eq!(check(folder, &[]).status, Status::Findings);
    std::fs::remove_file(folder.join("q/new.sql")).expect("removed");
    // One more in the same file: nobody can tell which of them is new.
    write(folder, "q/old.sql", &format!("{DEAR}SELECT b FROM lake.t;\n"));
    let more = check(folder, &[]);
    assert_eq!(more.status, Status::Findings);
    assert!(
        more.stdout.contains("back: `missing-partition-filter` of lake.t in q/old.sql: 2 findings, of which"),
        "{}",
        more.stdout
    );
}

#[test]
fn known_findings_come_back_when_they_are_dearer_and_a_rewrite_shrinks() {
    let folder = project();
    let folder = folder.path();
    check(folder, &["--write-baseline"]);
    write(folder, "listing.txt", &listing(12));
    assert_eq!(check(folder, &[]).status, Status::Clean, "a fifth more");
    write(folder, "listing.txt", &listing(13));
    let dearer = check(folder, &[]);
    assert_eq!(dearer.status, Status::Findings);
    assert!(dearer.stdout.replace('\n', " ").contains("a month, and $"), "{}", dearer.stdout);
    write(folder, "q/old.sql", "SELECT a FROM lake.t WHERE dt = '2025-06-28';\n");
    let gone = check(folder, &[]);
    assert!(gone.stdout.contains("1 finding of the baseline is no longer there"), "{}", gone.stdout);
    // A run over another part does not see it.
    let part = check(folder, &["t.sql"]);
    assert!(!part.stdout.contains("no longer there"), "{}", part.stdout);
    let shrunk = check(folder, &["--write-baseline"]);
    assert_eq!(shrunk.stderr, "wrote lakelint-baseline.json: findings that are known: 0, 1 before\n");
}

#[test]
fn baselines_that_cannot_be_read_are_errors_and_stay() {
    let folder = project();
    let folder = folder.path();
    check(folder, &["--write-baseline"]);
    let good = baseline(folder);
    let conflict = format!("<<<<<<< HEAD\n{good}=======\n{good}>>>>>>> other\n");
    let cases = [
        (conflict.as_str(), "lakelint-baseline.json:1:1: a merge conflict: take either side"),
        (&good[..good.len() / 2], "the file ends early: restore it, or delete it"),
        ("", "lakelint-baseline.json:1:1: the file ends early"),
        (&good.replace("\"version\": 1", "\"version\": 7"), "the baseline has version 7, and this lakelint reads 1"),
        (&good.replace("\"count\"", "\"cuont\""), "this is no baseline (unknown field `cuont`"),
        ("[]", "delete it and write it anew"),
        (&good.replace("]\n}", ", {\"rule\": \"missing-partition-filter\", \"file\": \"q/old.sql\", \"table\": \"lake.t\", \"count\": 9}]\n}"), "stands twice: delete it and write it anew"),
    ];
    for (text, message) in cases {
        write(folder, "lakelint-baseline.json", text);
        for arguments in [&[][..], &["--write-baseline"]] {
            let ran = check(folder, arguments);
            assert_eq!(ran.status, Status::Failed, "{text}: {}", ran.stdout);
            assert!(ran.stderr.contains(message), "{text}: {}", ran.stderr);
            assert_eq!(baseline(folder), text, "nothing is overwritten");
        }
    }
    std::fs::remove_file(folder.join("lakelint-baseline.json")).expect("removed");
    let named = check(folder, &["--baseline", "no.json"]);
    assert!(named.stderr.contains("the baseline `no.json` is not there"), "{}", named.stderr);
    let part = check(folder, &["--write-baseline", "q/old.sql"]);
    assert!(part.stderr.contains("needs the whole project"), "{}", part.stderr);
    // Of files that are gone: told, no error.
    write(folder, "lakelint-baseline.json", &good.replace("q/old.sql", "q/deleted.sql"));
    let deleted = check(folder, &[]);
    assert_eq!(deleted.status, Status::Findings);
    assert!(deleted.stdout.contains("no longer there"), "{}", deleted.stdout);
}

#[test]
fn only_what_changed_is_asked_about() {
    let folder = project();
    let folder = folder.path();
    git(folder, &["init", "-q"]);
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "base"]);
    let nothing = check(folder, &["--changed-since", "main"]);
    assert_eq!(nothing.status, Status::Clean);
    assert!(nothing.stdout.starts_with("nothing to check"), "{}", nothing.stdout);
    let part = check(folder, &["--changed-since", "main", "--write-baseline"]);
    assert!(part.stderr.ends_with("would be lost; leave out `--changed-since`\n"), "{}", part.stderr);
    git(folder, &["switch", "-q", "-c", "change"]);
    // Committed, staged, and unknown to git; what git ignores stays out.
    write(folder, "q/committed.sql", DEAR);
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "one"]);
    write(folder, "q/staged.sql", DEAR);
    git(folder, &["add", "-A"]);
    write(folder, "q/unknown.sql", DEAR);
    write(folder, ".gitignore", "ignored.sql\n");
    write(folder, "q/ignored.sql", DEAR);
    let asked = ["q/committed.sql", "q/staged.sql", "q/unknown.sql"];
    assert_eq!(files(folder, &["--changed-since", "main"]), asked);
    assert_eq!(files(folder, &["--changed-since", "main", "q"]), asked);
    assert_eq!(files(&folder.join("q"), &["--changed-since", "main"]), ["committed.sql", "staged.sql", "unknown.sql"]);
    assert_eq!(check(folder, &["--changed-since", "mian"]).status, Status::Failed);
}

#[test]
fn what_is_mended_does_not_pay_for_what_grew_and_unknown_does_not_hide_known() {
    let folder = project();
    let folder = folder.path();
    // One without a price, in the same file.
    write(folder, "u.sql", &TABLE.replace("lake.t", "lake.u").replace("s3://lake/t/", "s3://elsewhere/u/"));
    let (wide, narrow) = ("SELECT a, b FROM lake.t;\n", "SELECT a FROM lake.t;\n");
    write(folder, "q/old.sql", &format!("{wide}{narrow}SELECT a FROM lake.u;\n"));
    assert!(check(folder, &["--write-baseline"]).stderr.contains("findings that are known: "));
    assert_eq!(check(folder, &[]).status, Status::Clean);
    write(folder, "q/old.sql", &format!("{wide}{wide}SELECT a FROM lake.u;\n"));
    let grown = check(folder, &[]);
    assert_eq!(grown.status, Status::Findings, "{}", grown.stdout);
    // Whatever the format is, somebody is told.
    let csv = check(folder, &["--format", "csv"]);
    assert!(csv.stderr.contains("back: `missing-partition-filter` of lake.t in q/old.sql: $"), "{}", csv.stderr);
    // A file that cannot be read at all may hold anything.
    write(folder, "q/old.sql", "SELEC T FROM;\n");
    check(folder, &["--write-baseline"]);
    assert!(files(folder, &[]).is_empty());
    std::fs::write(folder.join("q/old.sql"), b"SELECT a FROM lake.t \xff;\n").expect("written");
    assert_eq!(files(folder, &[]), ["q/old.sql"]);
    // Rules that do not run are not mended.
    write(folder, "q/old.sql", wide);
    check(folder, &["--write-baseline"]);
    let selected = check(folder, &["--select", "cross-join"]);
    assert!(!selected.stdout.contains("no longer there"), "{}", selected.stdout);
    let part = check(folder, &["q", "--write-baseline"]);
    assert!(part.stderr.contains("needs the whole project"), "{}", part.stderr);
}

#[cfg(unix)]
#[test]
fn what_changed_is_found_behind_links_and_templates() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = project();
    let folder = folder.path();
    let machine = r#"{"StartAt": "Q", "States": {"Q": {"Type": "Task", "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
        "Parameters": {"QueryString": "SELECT a FROM lake.t WHERE dt = '2025-06-28'", "WorkGroup": "w"}, "End": true}}}"#;
    let template = "Resources:\n  M:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n      DefinitionUri: defs/m.states\n";
    write(folder, "defs/m.states", machine);
    write(folder, "template.yaml", template);
    write(folder, ".texts/body", "SELECT a FROM lake.t WHERE dt = '2025-06-28';\n");
    symlink("../.texts/body", folder.join("q/linked.sql")).expect("linked");
    symlink("q", folder.join("link")).expect("linked");
    git(folder, &["init", "-q"]);
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "base"]);
    let since = |more: &[&str]| files(folder, &[&["--changed-since", "HEAD"], more].concat());
    assert!(since(&[]).is_empty());
    write(folder, "defs/m.states", &machine.replace(" WHERE dt = '2025-06-28'", ""));
    assert!(since(&["--select", "missing-partition-filter"]).contains(&"defs/m.states".to_string()));
    write(folder, ".texts/body", DEAR);
    assert!(since(&[]).contains(&"q/linked.sql".to_string()));
    write(folder, "q/new.sql", DEAR);
    assert!(since(&["link"]).contains(&"link/new.sql".to_string()), "{:?}", since(&["link"]));
    let outside = tempfile::tempdir().expect("a folder");
    let foreign = check(folder, &["--changed-since", "HEAD", outside.path().to_str().expect("UTF-8")]);
    assert!(foreign.stderr.contains("outside of the repository"), "{}", foreign.stderr);
    assert!(check(folder, &["--changed-since", "HEAD", "-"]).stderr.contains("standard input is none"));
    check(folder, &["--write-baseline"]);
    let mode = std::fs::metadata(folder.join("lakelint-baseline.json")).expect("a baseline").permissions().mode();
    assert_eq!(mode & 0o044, 0o044, "others may read it");
}
