//! The hook `lakelint-system` of .pre-commit-hooks.yaml: the lakelint on the path; and the hook that `lakelint init` writes. The hook
//! `lakelint` is in `wheel.rs`.

mod git;
mod hook;
mod needed;
mod program;
mod python;

use std::path::Path;
use std::process::Command;

use lakelint::commands::Status;

#[test]
fn the_hook_that_runs_what_is_installed_blocks_a_bad_commit() {
    let Some(python) = hook::pre_commit() else { return };
    let programs = Path::new(env!("CARGO_BIN_EXE_lakelint")).parent().expect("a folder");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    hook::blocks_a_bad_commit(&python, "lakelint-system", &[".pre-commit-hooks.yaml"], &[("PATH", path.into())]);
}

#[test]
fn the_hook_that_init_writes_is_one_to_pre_commit() {
    let Some(python) = hook::pre_commit() else { return };
    for below in [".", "team/a b"] {
        let folder = tempfile::tempdir().expect("a folder");
        git::git(folder.path(), &["init", "-q"]);
        program::write(folder.path(), "team/a b/q.sql", "SELECT 1 FROM t");
        let ran = program::lakelint(&folder.path().join(below), &["init"]);
        assert_eq!(ran.status, Status::Clean, "{}{}", ran.stdout, ran.stderr);
        let path = folder.path().join(".pre-commit-config.yaml");
        let done =
            Command::new(&python).args(["-m", "pre_commit", "validate-config"]).arg(path).output().expect("runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    }
}
