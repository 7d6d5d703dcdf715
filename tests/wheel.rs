//! What `pip install lakelint` gives, and the hook `lakelint`, which installs it: from a wheel that is built here, out of the source
//! distribution, and without any Rust toolchain in sight.

mod git;
mod hook;
mod needed;
mod python;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

const BUILDERS: [&str; 2] = ["maturin==1.16.0", "setuptools==80.9.0"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run(command: &mut Command) -> String {
    let done = command.output().expect("it runs");
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("UTF-8")
}

/// The Python that has maturin, with a wheel of lakelint and one of setuptools in `folder`; `None` where the test is to be skipped.
/// Nothing but lakelint itself is compiled: the profile, the features and the target folder are those of the tests.
fn wheels(folder: &Path) -> Option<PathBuf> {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let python =
        needed::or_skip("maturin, a Python package", python::environment(&temporary.join("maturin"), &BUILDERS))?;
    let maturin = python.with_file_name("maturin");
    run(Command::new(&maturin).arg("sdist").arg("--out").arg(folder).current_dir(root().join("packaging/python")));
    let name = format!("lakelint-{}", env!("CARGO_PKG_VERSION"));
    // Unpacked into one and the same place, where what was compiled before is of use. The times of the archive are the same for every
    // version of a file: with those, nothing would be compiled again.
    let unpacked = temporary.join("sdist");
    let _ = std::fs::remove_dir_all(&unpacked);
    std::fs::create_dir(&unpacked).expect("made");
    let archive = folder.join(format!("{name}.tar.gz"));
    run(Command::new("tar").args(["-xzmf"]).arg(&archive).arg("-C").arg(&unpacked));
    std::fs::remove_file(archive).expect("removed");
    let build = ["build", "--profile", "dev", "--all-features", "--compatibility", "linux", "--compression-level", "1"];
    let mut build_wheel = Command::new(&maturin);
    build_wheel.args(build).arg("--target-dir").arg(temporary.parent().expect("the folder of this build"));
    // What cargo tells a test of its package would have build scripts of others run again, here and in the next build of the tests.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_")) {
        if name != "CARGO_HOME" {
            build_wheel.env_remove(name);
        }
    }
    run(build_wheel.arg("--out").arg(folder).current_dir(unpacked.join(name)));
    run(Command::new(&python).args(["-m", "pip", "download", "-q", "--no-deps", BUILDERS[1], "-d"]).arg(folder));
    Some(python)
}

/// A folder for `PATH` with all programs of this machine but some.
fn programs_without(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let path = std::env::var_os("PATH").expect("a path");
    for file in std::env::split_paths(&path).filter_map(|folder| folder.read_dir().ok()).flatten().flatten() {
        if names.iter().all(|name| file.file_name() != *name) {
            // Where a name is there already, the earlier one counts.
            let _ = std::os::unix::fs::symlink(file.path(), folder.path().join(file.file_name()));
        }
    }
    folder
}

#[test]
fn the_wheel_is_the_program_and_the_hook_installs_it_without_a_rust_toolchain() {
    let wheels_folder = tempfile::tempdir().expect("a folder");
    let Some(python) = wheels(wheels_folder.path()) else { return };
    let fresh = tempfile::tempdir().expect("a folder");
    run(Command::new(&python).args(["-m", "venv"]).arg(fresh.path()));
    let installed = ["-m", "pip", "install", "-q", "--no-index", "lakelint", "--find-links"];
    run(Command::new(fresh.path().join("bin/python")).args(installed).arg(wheels_folder.path()));
    let program = fresh.path().join("bin/lakelint");
    assert_eq!(run(Command::new(&program).arg("--version")), concat!("lakelint ", env!("CARGO_PKG_VERSION"), "\n"));
    let query = "sample_sql/queries/slow_orders.sql";
    let checked = Command::new(&program).args(["check", "--as-of", "2025-06-30", query]).current_dir(root()).output();
    let checked = checked.expect("it runs");
    assert_eq!(checked.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&checked.stdout).contains("high[filter-on-event-time-only]"));
    let licences = fresh.path().join("bin/python");
    let licences = run(Command::new(licences).args(["-m", "pip", "show", "-f", "lakelint"]));
    for line in ["License: MIT OR Apache-2.0", "licenses/LICENSE-APACHE", "licenses/LICENSE-MIT"] {
        assert!(licences.contains(line), "{line}: {licences}");
    }

    let Some(pre_commit) = hook::pre_commit() else { return };
    let path = programs_without(&["cargo", "rustc", "rustup", "lakelint"]);
    let variables: [(&str, OsString); 3] =
        [("PATH", path.path().into()), ("PIP_FIND_LINKS", wheels_folder.path().into()), ("PIP_NO_INDEX", "1".into())];
    let files = [".pre-commit-hooks.yaml", "pyproject.toml", "setup.py", "Cargo.toml"];
    hook::blocks_a_bad_commit(&pre_commit, "lakelint", &files, &variables);
}
