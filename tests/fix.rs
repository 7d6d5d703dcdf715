//! `lakelint check --fix` over a folder.

mod git;
mod program;

use lakelint::commands::Status;
use program::{lakelint, write};

/// A machine whose retries the longest execution cuts off: 90 attempts, of which 10 fit into a year.
const MACHINE: &str = r#"{
  "Comment": "Daily",
  "StartAt": "Load",
  "States": {
    "Load": {
      "Type": "Task",
      "Resource": "arn:aws:states:::glue:startJobRun.sync",
      "Parameters": { "JobName": "load" },
      "Retry": [{
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": 5,
        "BackoffRate": 5,
        "MaxAttempts": 90
      }],
      "Next": "Publish"
    },
    "Publish": {
      "Type": "Task",
      "Resource": "arn:aws:states:::glue:startJobRun.sync",
      "Parameters": { "JobName": "publish" },
      "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5, "BackoffRate": 5, "MaxAttempts": 91}],
      "End": true
    }
  }
}
"#;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        write(folder.path(), name, text);
    }
    folder
}

fn text(folder: &tempfile::TempDir, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).expect("a file")
}

fn fixed(machine: &str) -> String {
    machine.replace("\"MaxAttempts\": 90", "\"MaxAttempts\": 10").replace("\"MaxAttempts\": 91", "\"MaxAttempts\": 10")
}

#[test]
fn safe_changes_are_shown_made_and_checked() {
    let crlf = MACHINE.replace('\n', "\r\n");
    let folder = folder(&[("a/load.asl.json", MACHINE), ("a/crlf.asl.json", &crlf), ("b/load.asl.json", MACHINE)]);
    let check = |args: &[&str]| lakelint(folder.path(), &[&["check", "--select", "unbounded-retry"], args].concat());
    let before = check(&["a"]);
    assert_eq!(before.status, Status::Findings);
    assert!(
        before.stdout.contains("13 -         \"MaxAttempts\": 90\n13 +         \"MaxAttempts\": 10\n"),
        "{}",
        before.stdout
    );
    assert!(before.stdout.ends_with("4 findings can be fixed: run `lakelint check --fix`\n"), "{}", before.stdout);
    assert_eq!(text(&folder, "a/load.asl.json"), MACHINE);

    let after = check(&["--fix", "a"]);
    assert_eq!(after.status, Status::Clean, "{}", after.stdout);
    assert!(after.stdout.starts_with("fixed 4 findings in 2 files\nchecked 2 files"), "{}", after.stdout);
    assert_eq!(text(&folder, "a/load.asl.json"), fixed(MACHINE));
    assert_eq!(text(&folder, "a/crlf.asl.json"), fixed(&crlf));
    assert_eq!(text(&folder, "b/load.asl.json"), MACHINE);
    assert!(check(&["--fix", "a"]).stdout.starts_with("fixed nothing: no finding has a safe fix\n"));
}

#[test]
fn what_is_ignored_or_not_safe_stays_and_counts() {
    let ignored =
        MACHINE.replace("\"MaxAttempts\": 90\n", "\"MaxAttempts\": 90 // lakelint: ignore[unbounded-retry] known\n");
    let folder = folder(&[("load.asl.json", &ignored)]);
    let after = lakelint(folder.path(), &["check", "--select", "unbounded-retry", "--format", "json", "--fix"]);
    assert_eq!(after.stderr, "fixed 1 finding in 1 file\n");
    let report: serde_json::Value = serde_json::from_str(&after.stdout).expect("JSON");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(0), "{}", after.stdout);
    assert_eq!(text(&folder, "load.asl.json"), ignored.replace("\"MaxAttempts\": 91", "\"MaxAttempts\": 10"));

    // The names of errors are changed by hand.
    let misspelt = MACHINE.replace("\"States.ALL\"", "\"States.All\"");
    std::fs::write(folder.path().join("load.asl.json"), &misspelt).expect("written");
    let after = lakelint(folder.path(), &["check", "--select", "retry-never-matches", "--fail-on", "low", "--fix"]);
    assert_eq!(after.status, Status::Findings);
    assert!(after.stdout.contains("= fix: a change to look at before it is made"), "{}", after.stdout);
    assert_eq!(text(&folder, "load.asl.json"), misspelt);
}

#[test]
fn a_comment_field_silences_its_state_or_the_machine() {
    let kept = |comment: &str, at: &str| {
        let machine = MACHINE.replacen(at, &format!("{at}\"Comment\": \"{comment}\", "), 1);
        let machine = machine.replace("\"Comment\": \"Daily\",", "");
        let folder = folder(&[("load.asl.json", &machine)]);
        let report =
            lakelint(folder.path(), &["check", "--select", "unbounded-retry,unused-ignore", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&report.stdout).expect("JSON");
        let findings = report["findings"].as_array().expect("findings").clone();
        findings.iter().map(|finding| format!("{}:{}", finding["rule"], finding["line"])).collect::<Vec<_>>().len()
    };
    assert_eq!(kept("Slow.", "\"Load\": {"), 2);
    assert_eq!(kept("Slow. lakelint: ignore[unbounded-retry] known", "\"Load\": {"), 1);
    assert_eq!(kept("lakelint: ignore[unbounded-retry] known", "{"), 0);
    assert_eq!(kept("lakelint: ignore-file[unbounded-retry] known", "{"), 0);
    assert_eq!(kept("lakelint: ignore[unbounded-retry] known until=2020-01-01", "{"), 2);
}

#[test]
fn standard_input_cannot_be_fixed() {
    let folder = folder(&[]);
    let ran = lakelint(folder.path(), &["check", "--fix", "-"]);
    assert_eq!(ran.status, Status::Failed);
    assert!(ran.stderr.starts_with("error: `--fix` changes files, and standard input is none"), "{}", ran.stderr);
}

#[test]
fn a_local_that_other_resources_may_use_is_left_alone() {
    let module = r#"
locals { attempts = 5000 }
resource "aws_sfn_state_machine" "load" {
  definition = jsonencode({
    StartAt = "Load"
    States = { Load = {
      Type = "Task", Resource = "arn:aws:states:::glue:startJobRun.sync", Parameters = { JobName = "load" }
      Retry = [{ ErrorEquals = ["States.ALL"], MaxAttempts = local.attempts }], End = true } }
  })
}
"#;
    let folder = folder(&[("main.tf", module)]);
    let run = lakelint(folder.path(), &["check", "--select", "unbounded-retry", "--fix"]);
    assert_eq!((run.status, text(&folder, "main.tf").as_str()), (Status::Findings, module));
}

#[test]
fn changes_that_alter_what_runs_are_shown_as_a_patch_before_they_are_made() {
    let misspelt = MACHINE.replace("\"States.ALL\"", "\"States.All\"");
    let folder = folder(&[("a/load it.asl.json", &misspelt), ("b.asl.json", &misspelt)]);
    let check = |args: &[&str]| {
        let select = ["check", "--select", "retry-never-matches", "--fail-on", "low", "--fix", "--unsafe"];
        lakelint(folder.path(), &[&select, args].concat())
    };
    let shown = check(&["a"]);
    assert_eq!(shown.status, Status::Findings);
    assert!(shown.stdout.starts_with("diff --git a/a/load it.asl.json b/a/load it.asl.json\n--- a/a/load it.asl.json\n+++ b/a/load it.asl.json\n@@ "), "{}", shown.stdout);
    assert!(shown.stderr.starts_with("2 changes in 1 file, not made: add `--yes`"), "{}", shown.stderr);
    assert_eq!(text(&folder, "a/load it.asl.json"), misspelt);

    // git makes the same of the patch as lakelint does.
    git::git(folder.path(), &["init", "-q"]);
    write(folder.path(), "the.patch", &shown.stdout);
    git::git(folder.path(), &["apply", "the.patch"]);
    let applied = text(&folder, "a/load it.asl.json");
    assert_eq!(applied, misspelt.replace("States.All", "States.ALL"));
    write(folder.path(), "a/load it.asl.json", &misspelt);
    let made = check(&["--yes", "a"]);
    assert_eq!(made.status, Status::Clean, "{}", made.stdout);
    assert!(made.stdout.starts_with("fixed 2 findings in 1 file\n"), "{}", made.stdout);
    assert_eq!((text(&folder, "a/load it.asl.json"), text(&folder, "b.asl.json")), (applied, misspelt));

    let nothing = check(&["a"]);
    assert_eq!((nothing.status, nothing.stdout.as_str()), (Status::Clean, ""));
    assert_eq!(nothing.stderr, "nothing to change: no finding has a fix\n");
    let both = check(&["--format", "json", "a"]);
    assert_eq!(both.status, Status::Failed);
    assert!(both.stderr.starts_with("error: `--fix --unsafe` prints a patch and no report"), "{}", both.stderr);
}

#[test]
fn no_change_is_made_that_the_patch_did_not_show() {
    // Fewer tries give a longer wait its turn: the change of the one finding makes another one.
    let machine = MACHINE.replace("\"BackoffRate\": 5", "\"BackoffRate\": 2").replace("States.ALL", "States.All");
    let folder =
        folder(&[("sub/none.sql", "SELECT 1;\n"), ("m\u{200e}.asl.json", &machine.replace("Daily", "\u{200e}Daily"))]);
    git::git(folder.path(), &["init", "-q"]);
    let file = "m\u{200e}.asl.json";
    let before = text(&folder, file);
    let check = |args: &[&str]| {
        lakelint(&folder.path().join("sub"), &[&["check", "--fix", "--unsafe"], args, &[".."]].concat())
    };
    let shown = check(&[]);
    // A patch from below the top has the paths of the top, and every byte of the file.
    write(folder.path(), "the.patch", &shown.stdout);
    git::git(folder.path(), &["apply", "the.patch"]);
    let applied = text(&folder, file);
    assert_ne!(applied, before);
    write(folder.path(), file, &before);
    let made = check(&["--yes"]);
    assert_eq!(text(&folder, file), applied, "{}{}", made.stdout, made.stderr);
}

#[test]
fn what_the_baseline_knows_is_not_changed() {
    let folder = folder(&[("load.asl.json", MACHINE)]);
    let check = |args: &[&str]| lakelint(folder.path(), &[&["check"], args].concat());
    assert_eq!(check(&["--write-baseline"]).status, Status::Clean);
    let fixed = check(&["--fix"]);
    assert!(fixed.stdout.starts_with("fixed nothing"), "{}", fixed.stdout);
    assert_eq!(text(&folder, "load.asl.json"), MACHINE);
}
