//! The hook `lakelint-system` of .pre-commit-hooks.yaml: the lakelint on the path. The hook `lakelint` is in `wheel.rs`.

mod git;
mod hook;
mod needed;
mod python;

use std::path::Path;

#[test]
fn the_hook_that_runs_what_is_installed_blocks_a_bad_commit() {
    let Some(python) = hook::pre_commit() else { return };
    let programs = Path::new(env!("CARGO_BIN_EXE_lakelint")).parent().expect("a folder");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    hook::blocks_a_bad_commit(&python, "lakelint-system", &[".pre-commit-hooks.yaml"], &[("PATH", path.into())]);
}
