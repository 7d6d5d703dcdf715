//! The hooks of .pre-commit-hooks.yaml through a real pre-commit, from PyPI: a bad commit is blocked, a good one goes through.

mod git;
mod needed;
mod python;

use std::path::Path;
use std::process::{Command, Output};

const PACKAGE: &str = "pre-commit==4.3.0";

const TABLE: &str =
    "CREATE EXTERNAL TABLE lake.t (a bigint) PARTITIONED BY (dt string) STORED AS PARQUET LOCATION 's3://lake/t/';\n";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
    std::fs::write(path, text).expect("written");
}

/// Commits everything, with the hooks that are installed.
fn commit(folder: &Path, path: &str, home: &Path) -> Output {
    git::git(folder, &["add", "-A"]);
    Command::new("git")
        .args(["commit", "-m", "change"])
        .current_dir(folder)
        .env("PATH", path)
        .env("PRE_COMMIT_HOME", home)
        .env("LAKELINT_OFFLINE", "1")
        .output()
        .expect("git runs")
}

#[test]
fn pre_commit_blocks_a_bad_commit_and_lets_a_good_one_through() {
    let environment = python::environment(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("pre-commit"), &[PACKAGE]);
    let Some(python) = needed::or_skip("pre-commit, a Python package", environment) else { return };
    let (hooks, project, home) = (folder(), folder(), folder());
    // A repository of hooks with our manifest, as pre-commit clones one.
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml"));
    write(hooks.path(), ".pre-commit-hooks.yaml", &manifest.expect("a manifest"));
    git::git(hooks.path(), &["init", "-q"]);
    git::git(hooks.path(), &["add", "-A"]);
    git::git(hooks.path(), &["commit", "-q", "-m", "hooks"]);
    let revision = git::git(hooks.path(), &["rev-parse", "HEAD"]);

    let project = project.path();
    let config = format!(
        "repos:\n  - repo: {}\n    rev: {}\n    hooks:\n      - id: lakelint-system\n",
        hooks.path().display(),
        revision.trim()
    );
    let listing: String =
        (10..29).map(|day| format!("2025-06-30 00:00:00 10000000000 t/dt=2025-06-{day}/part-0.parquet\n")).collect();
    write(project, ".pre-commit-config.yaml", &config);
    write(project, "lakelint.toml", "[lake]\nsources = [\"s3://lake/=listing.txt\"]\n");
    write(project, "listing.txt", &listing);
    write(project, "ddl/t.sql", TABLE);
    git::git(project, &["init", "-q"]);
    for (name, value) in [("user.name", "t"), ("user.email", "t@example.com"), ("commit.gpgsign", "false")] {
        git::git(project, &["config", name, value]);
    }
    git::git(project, &["add", "-A"]);
    git::git(project, &["commit", "-q", "-m", "base"]);
    let programs = Path::new(env!("CARGO_BIN_EXE_lakelint")).parent().expect("a folder");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let installed = Command::new(&python)
        .args(["-m", "pre_commit", "install"])
        .current_dir(project)
        .env("PRE_COMMIT_HOME", home.path())
        .output()
        .expect("pre-commit runs");
    assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));

    write(project, "q/dear.sql", "SELECT a FROM lake.t;\n");
    let bad = commit(project, &path, home.path());
    let said = String::from_utf8_lossy(&[bad.stdout, bad.stderr].concat()).into_owned();
    assert!(!bad.status.success(), "{said}");
    assert!(said.contains("high[missing-partition-filter]: reads all 19 partitions of `lake.t`"), "{said}");
    write(project, "q/dear.sql", "SELECT a FROM lake.t WHERE dt = '2025-06-28';\n");
    let good = commit(project, &path, home.path());
    let said = String::from_utf8_lossy(&[good.stdout, good.stderr].concat()).into_owned();
    assert!(good.status.success(), "{said}");
    assert!(said.contains("Passed"), "{said}");
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}
