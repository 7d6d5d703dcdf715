//! The whole of `lakelint check`, in process: exit statuses, output files and errors are the same in every format.

mod program;

use std::io::{self, Write};

use clap::Parser;
use lakelint::cli::Cli;
use lakelint::commands::{self, Env, Status};
use lakelint::output::Format;
use program::{lakelint, write};

/// A repository with one file that cannot be read as text: a finding whatever the rules say about SQL.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("broken.sql"), b"select \xff").expect("written");
    std::fs::write(folder.path().join("lakelint.toml"), "[rules.unreadable-sql]\nseverity = \"medium\"\n")
        .expect("written");
    folder
}

#[test]
fn the_status_does_not_depend_on_the_format() {
    let folder = repository();
    for format in Format::NAMES {
        let status = |fail_on| lakelint(folder.path(), &["check", "--format", format, "--fail-on", fail_on]).status;
        assert_eq!(status("low"), Status::Findings, "{format}");
        assert_eq!(status("medium"), Status::Findings, "{format}");
        assert_eq!(status("high"), Status::Clean, "{format}");
        assert_eq!(status("never"), Status::Clean, "{format}");
    }
}

#[test]
fn high_is_the_default_limit_and_the_command_line_wins() {
    let folder = repository();
    assert_eq!(lakelint(folder.path(), &["check"]).status, Status::Clean);
    let path = folder.path().join("lakelint.toml");
    let rules = std::fs::read_to_string(&path).expect("read");
    std::fs::write(&path, format!("fail-on = \"low\"\n{rules}")).expect("written");
    assert_eq!(lakelint(folder.path(), &["check"]).status, Status::Findings);
    assert_eq!(lakelint(folder.path(), &["check", "--fail-on", "never"]).status, Status::Clean);
}

#[test]
fn output_files_hold_what_would_be_printed() {
    let folder = repository();
    let named: Vec<String> = Format::NAMES.iter().map(|format| format!("{format}=report.{format}")).collect();
    let mut args = vec!["check", "--as-of", "2025-06-30"];
    named.iter().for_each(|file| args.extend(["--output-file", file]));
    let printed = lakelint(folder.path(), &args);
    for format in Format::NAMES {
        let alone = lakelint(folder.path(), &["check", "--as-of", "2025-06-30", "--format", format]);
        let file = std::fs::read_to_string(folder.path().join(format!("report.{format}"))).expect("a file");
        assert_eq!(file, alone.stdout, "{format}");
        assert!(!file.is_empty());
        assert_eq!(alone.status, printed.status);
    }
    assert!(printed.stdout.contains("medium[unreadable-sql]"));
    let failed = lakelint(folder.path(), &["check", "--output-file", "json=no/such/folder/x"]);
    assert_eq!(failed.status, Status::Failed);
    assert!(failed.stderr.starts_with("error: `no/such/folder/x` cannot be written: "), "{}", failed.stderr);
}

#[test]
fn faults_of_usage_and_configuration_are_explained_and_print_no_report() {
    let folder = repository();
    let fails = |args: &[&str]| {
        let ran = lakelint(folder.path(), args);
        assert_eq!((ran.status, ran.stdout.as_str()), (Status::Failed, ""), "{args:?}");
        ran.stderr
    };
    let stderr = fails(&["check", "--select", "unused-ignore,unreadable-sqll"]);
    assert_eq!(stderr, "error: --select: unknown rule `unreadable-sqll`, did you mean `unreadable-sql`?\n");
    let stderr = fails(&["explain", "unused-ignor"]);
    assert!(stderr.starts_with("error: unknown rule `unused-ignor`, did you mean `unused-ignore`?"), "{stderr}");
    assert!(fails(&["check", "--config", "none.toml"]).contains("`none.toml` cannot be read"));
    assert!(fails(&["check", "none.sql"]).contains("none.sql"));
    std::fs::write(folder.path().join("lakelint.toml"), "[rules.unreadable-sql]\n\nseverty = \"low\"")
        .expect("written");
    let stderr = fails(&["check"]);
    assert!(
        stderr.starts_with("error: lakelint.toml:3:1: `unreadable-sql` has no setting `severty`, did you"),
        "{stderr}"
    );
}

/// A pipe whose reader is gone.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

#[test]
fn a_closed_pipe_changes_no_status() {
    let folder = repository();
    for (args, expected) in [
        (vec!["check", "--fail-on", "low"], Status::Findings),
        (vec!["check"], Status::Clean),
        (vec!["rules"], Status::Clean),
        (vec!["explain", "unused-ignore"], Status::Clean),
    ] {
        let cli = Cli::try_parse_from(["lakelint"].iter().chain(&args)).expect("valid arguments");
        let mut stderr = Vec::new();
        let mut env = Env {
            base: folder.path().to_path_buf(),
            stdout: &mut Closed,
            stderr: &mut stderr,
            on_terminal: false,
            width: 80,
            color: false,
            progress: false,
            timed: false,
            offline: false,
        };
        assert_eq!(commands::run(&cli, &mut env), expected, "{args:?}");
        assert!(stderr.is_empty());
    }
}

#[test]
fn every_rule_is_listed_and_explained_within_the_width() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = lakelint(folder.path(), &["rules"]).stdout;
    assert!(list.lines().all(|line| line.chars().count() <= 80), "{list}");
    for rule in lakelint::rules::RULES {
        assert!(list.lines().any(|line| line.split_whitespace().next() == Some(rule.id)), "{} is not listed", rule.id);
        let page = lakelint(folder.path(), &["explain", rule.id]).stdout;
        assert!(page.starts_with(rule.page().title) && !page.contains("```"), "{page}");
    }
}

/// A repository whose configuration lies above the working directory, `models`.
fn repository_with_models() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    write(".git/HEAD", "ref: refs/heads/main\n");
    write(
        "lakelint.toml",
        "\u{feff}[[ignore]]\nrule = \"missing-partition-filter\"\npath = \"models/legacy\"\nreason = \"is going away\"\n",
    );
    let table = "CREATE EXTERNAL TABLE lake.orders (id int) PARTITIONED BY (dt string) STORED AS PARQUET LOCATION 's3://l/o/';\n";
    write("models/tables.ddl", table);
    write("models/legacy/a.sql", "SELECT id FROM lake.orders;\n");
    write("models/b.sql", "SELECT id FROM lake.orders;\n");
    folder
}

#[test]
fn a_configuration_above_applies_with_its_own_paths() {
    let folder = repository_with_models();
    let models = folder.path().join("models");
    let json = |args: &[&str]| -> serde_json::Value {
        let ran = lakelint(&models, args);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("no JSON: {}", ran.stderr))
    };
    let report = json(&["check", "--format", "json"]);
    let places: Vec<String> =
        report["findings"].as_array().expect("a list").iter().map(|f| format!("{} {}", f["file"], f["rule"])).collect();
    assert_eq!(places, ["\"b.sql\" \"missing-partition-filter\""]);
    let sarif = json(&["check", "--format", "sarif"]);
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(place["uri"], "models/b.sql");
    let github = lakelint(&models, &["check", "--format", "github"]).stdout;
    assert!(github.starts_with("::error file=models/b.sql,line=1,"), "{github}");
}

#[test]
fn a_run_over_one_changed_file_calls_no_ignore_unused() {
    let folder = repository_with_models();
    let models = folder.path().join("models");
    let text = "-- lakelint: ignore[missing-partition-filter] reads all on purpose\nSELECT id FROM lake.orders;\n";
    std::fs::write(models.join("b.sql"), text).expect("written");
    assert_eq!(lakelint(&models, &["check", "b.sql"]).stdout, "checked 1 file, 1 statement: no findings\n");
    assert_eq!(lakelint(&models, &["check"]).stdout, "checked 3 files, 3 statements: no findings\n");
}

#[test]
fn verbose_runs_say_what_was_read_and_quiet_ones_only_what_was_found() {
    let folder = repository_with_models();
    let shown = lakelint(folder.path(), &["check", "-v", "--ignore", "small-files"]).stdout;
    assert!(shown.contains("read models/tables.ddl\n"), "{shown}");
    assert!(shown.contains("lake.orders  CREATE TABLE  none       unknown  unknown  unknown"), "{shown}");
    assert!(shown.contains("small-files"), "{shown}");
    let quiet = lakelint(folder.path(), &["check", "-q"]).stdout;
    assert!(quiet.contains("[missing-partition-filter]") && !quiet.contains("checked"), "{quiet}");
}

#[test]
fn a_view_in_another_file_is_blamed_on_the_changed_query_that_uses_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("lakelint.toml", "");
    write(
        "tables.ddl",
        "CREATE EXTERNAL TABLE lake.orders (id string, at timestamp) PARTITIONED BY (dt string) STORED AS PARQUET \
         LOCATION 's3://lake/orders/';\n",
    );
    write("views.sql", "CREATE VIEW recent AS\nSELECT * FROM lake.orders;\n");
    write(
        "old_view.sql",
        "CREATE VIEW since AS\nSELECT * FROM lake.orders WHERE at > timestamp '2025-01-01 00:00:00';\n",
    );
    write("changed.sql", "SELECT count(id)\nFROM recent;\n\nSELECT count(id)\nFROM since;\n");
    let ran = lakelint(folder.path(), &["check", "--format", "json", "changed.sql"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let shown: Vec<String> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|f| {
            format!(
                "{} {}:{} <- {}:{}",
                f["rule"], f["file"], f["line"], f["related"][0]["file"], f["related"][0]["line"]
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "\"missing-partition-filter\" \"changed.sql\":2 <- \"views.sql\":2",
            "\"filter-on-event-time-only\" \"changed.sql\":5 <- \"old_view.sql\":2",
        ]
    );
}

#[test]
fn shells_and_man_know_every_command() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = lakelint(folder.path(), &["completions", shell]);
        assert_eq!(ran.status, Status::Clean, "{}", ran.stderr);
        assert!(
            ["changed-since", "audit", "max-increase-usd-month"].iter().all(|word| ran.stdout.contains(word)),
            "{shell}"
        );
    }
    // A real shell reads what is for it.
    let bash = lakelint(folder.path(), &["completions", "bash"]).stdout;
    write(folder.path(), "lakelint.bash", &bash);
    let read = std::process::Command::new("bash").args(["-n", "lakelint.bash"]).current_dir(folder.path()).status();
    assert!(read.expect("bash runs").success());
    assert_eq!(lakelint(folder.path(), &["man", "man1"]).status, Status::Clean);
    for page in ["lakelint", "lakelint-check", "lakelint-diff", "lakelint-scan"] {
        let text = std::fs::read_to_string(folder.path().join(format!("man1/{page}.1"))).expect("a page");
        assert!(text.contains(".SH SYNOPSIS") && text.contains(".SH OPTIONS"), "{page}: {text}");
    }
}
