//! A repository that uses one of our hooks, through a real pre-commit.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::{git, needed, python};

const PACKAGE: &str = "pre-commit==4.3.0";

const TABLE: &str =
    "CREATE EXTERNAL TABLE lake.t (a bigint) PARTITIONED BY (dt string) STORED AS PARQUET LOCATION 's3://lake/t/';\n";

/// The Python that has pre-commit; `None` where the test is to be skipped.
pub fn pre_commit() -> Option<PathBuf> {
    let environment = python::environment(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("pre-commit"), &[PACKAGE]);
    needed::or_skip("pre-commit, a Python package", environment)
}

/// Installs the hook `id` in a new project and commits to it: a bad commit is blocked, a good one goes through. `files` are those of this
/// repository that the repository of hooks has, `variables` what the hook's installation and git see besides the test's own.
pub fn blocks_a_bad_commit(python: &Path, id: &str, files: &[&str], variables: &[(&str, OsString)]) {
    let (hooks, project, home) = (folder(), folder(), folder());
    let revision = repository_of_hooks(hooks.path(), files);
    let project = project.path();
    lay_out(
        project,
        &format!("  - repo: {}\n    rev: {revision}\n    hooks:\n      - id: {id}\n", hooks.path().display()),
    );
    let run = |program: &Path, arguments: &[&str]| -> Output {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(project).env("PRE_COMMIT_HOME", home.path()).env("LAKELINT_OFFLINE", "1");
        command.envs(variables.iter().map(|(name, value)| (name, value))).output().expect("it runs")
    };
    let installed = run(python, &["-m", "pre_commit", "install", "--install-hooks"]);
    assert!(installed.status.success(), "{}", said(&installed));
    let commit = || {
        git::git(project, &["add", "-A"]);
        run(Path::new("git"), &["commit", "-m", "change"])
    };

    write(project, "q/dear.sql", "SELECT a FROM lake.t;\n");
    let bad = commit();
    assert!(!bad.status.success(), "{}", said(&bad));
    let finding = "high[missing-partition-filter]: reads all 19 partitions of `lake.t`";
    assert!(said(&bad).contains(finding), "{}", said(&bad));
    write(project, "q/dear.sql", "SELECT a FROM lake.t WHERE dt = '2025-06-28';\n");
    let good = commit();
    assert!(good.status.success(), "{}", said(&good));
    assert!(said(&good).contains("Passed"), "{}", said(&good));
}

/// As pre-commit clones one; its revision.
fn repository_of_hooks(folder: &Path, files: &[&str]) -> String {
    for file in files {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file));
        write(folder, file, &text.expect(file));
    }
    git::git(folder, &["init", "-q"]);
    git::git(folder, &["add", "-A"]);
    git::git(folder, &["commit", "-q", "-m", "hooks"]);
    git::git(folder, &["rev-parse", "HEAD"]).trim().to_string()
}

/// A project with one table of 19 partitions.
fn lay_out(project: &Path, hooks: &str) {
    let listing: String =
        (10..29).map(|day| format!("2025-06-30 00:00:00 10000000000 t/dt=2025-06-{day}/part-0.parquet\n")).collect();
    write(project, ".pre-commit-config.yaml", &format!("repos:\n{hooks}"));
    write(project, "lakelint.toml", "[lake]\nsources = [\"s3://lake/=listing.txt\"]\n");
    write(project, "listing.txt", &listing);
    write(project, "ddl/t.sql", TABLE);
    git::git(project, &["init", "-q"]);
    for (name, value) in [("user.name", "t"), ("user.email", "t@example.com"), ("commit.gpgsign", "false")] {
        git::git(project, &["config", name, value]);
    }
    git::git(project, &["add", "-A"]);
    git::git(project, &["commit", "-q", "-m", "base"]);
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
    std::fs::write(path, text).expect("written");
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}
