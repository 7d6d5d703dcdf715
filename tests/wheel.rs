//! What `pip install lakelint` gives, and the hook `lakelint`, which installs it: from a wheel that is built here, and
//! without any Rust toolchain in sight.

mod git;
mod hook;
mod needed;
mod python;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the hook is built with.
const SETUPTOOLS: &str = "setuptools==80.9.0";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run(command: &mut Command) -> String {
    let done = command.output().expect("it runs");
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("UTF-8")
}

fn maturin() -> Option<PathBuf> {
    let packages =
        include_str!("../packaging/requirements.txt").lines().filter(|package| package.starts_with("maturin"));
    let packages: Vec<&str> = packages.collect();
    let environment = python::environment(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("maturin"), &packages);
    Some(needed::or_skip("maturin, a Python package", environment)?.with_file_name("maturin"))
}

/// A wheel of lakelint in `folder`, with the profile, the features and the target folder of the tests. cargo builds a program alone without
/// what only tests ask of its dependencies: those of them that differ are compiled again, once.
fn build_wheel(maturin: &Path, folder: &Path) {
    let build = ["build", "--profile", "dev", "--all-features", "--compatibility", "linux", "--compression-level", "1"];
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the folder of this build");
    let mut command = Command::new(maturin);
    command.args(build).arg("--target-dir").arg(target).arg("--out").arg(folder);
    // What cargo tells a test of its package would have build scripts of others run again, here and in the next build of the tests.
    for (name, _) in std::env::vars_os() {
        if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|start| name.to_string_lossy().starts_with(start)) {
            command.env_remove(name);
        }
    }
    run(command.current_dir(root().join("packaging/python")));
}

/// Every file that the program is built from: cargo tells it to make, as `program: file file`, when it builds the program for itself.
fn sources() -> Vec<PathBuf> {
    let told = std::fs::read_to_string(Path::new(env!("CARGO_BIN_EXE_lakelint")).with_extension("d")).expect("a list");
    let files = told.split_whitespace().filter_map(|file| Path::new(file).strip_prefix(root()).ok());
    let files: Vec<PathBuf> = files.filter(|file| !file.starts_with("target")).map(Path::to_path_buf).collect();
    assert!(files.len() > 300, "{files:?}");
    files
}

/// Holds the source distribution, and what an image is built from, to the files that the program is built from.
fn have_every_source(maturin: &Path) {
    let folder = tempfile::tempdir().expect("a folder");
    run(Command::new(maturin)
        .arg("sdist")
        .arg("--out")
        .arg(folder.path())
        .current_dir(root().join("packaging/python")));
    let name = concat!("lakelint-", env!("CARGO_PKG_VERSION"));
    let held = run(Command::new("tar").arg("-tzf").arg(folder.path().join(format!("{name}.tar.gz"))));
    let held: BTreeSet<&Path> = held.lines().filter_map(|line| Path::new(line).strip_prefix(name).ok()).collect();
    let context = std::fs::read_to_string(root().join(".dockerignore")).expect("a list");
    let mut taken = globset::GlobSetBuilder::new();
    for pattern in context.lines().filter_map(|line| line.strip_prefix('!')) {
        for pattern in [pattern.to_string(), format!("{pattern}/**")] {
            taken.add(globset::Glob::new(&pattern).expect("a pattern"));
        }
    }
    let taken = taken.build().expect("patterns");
    let sources = sources();
    for file in sources.iter().map(PathBuf::as_path).chain(["Cargo.toml", "Cargo.lock"].map(Path::new)) {
        assert!(held.contains(file), "{} is missing: see `include` in Cargo.toml", file.display());
        assert!(taken.is_match(file), "{} is missing: see .dockerignore", file.display());
    }
    for file in ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "pyproject.toml"] {
        assert!(held.contains(Path::new(file)), "{file} is missing");
    }
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
    let Some(maturin) = maturin() else { return };
    let wheels = tempfile::tempdir().expect("a folder");
    let python = maturin.with_file_name("python");
    build_wheel(&maturin, wheels.path());
    have_every_source(&maturin);
    let wheel =
        wheels.path().read_dir().expect("a folder").flatten().map(|entry| entry.path()).next().expect("a wheel");
    // As a user installs it, over the sample lake.
    run(Command::new(root().join("packaging/try")).arg(&wheel));
    let held = run(Command::new(&python).args(["-m", "zipfile", "-l"]).arg(&wheel));
    for file in ["licenses/LICENSE-APACHE", "licenses/LICENSE-MIT"] {
        assert!(held.contains(file), "{file}: {held}");
    }

    let Some(pre_commit) = hook::pre_commit() else { return };
    let download = ["-m", "pip", "download", "-q", "--no-deps", SETUPTOOLS, "-d"];
    let download = Command::new(&python).args(download).arg(wheels.path()).output().expect("it runs");
    let got =
        if download.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&download.stderr).into_owned()) };
    let Some(()) = needed::or_skip("setuptools, a Python package", got) else { return };
    let path = programs_without(&["cargo", "rustc", "rustup", "lakelint"]);
    let variables: [(&str, OsString); 3] =
        [("PATH", path.path().into()), ("PIP_FIND_LINKS", wheels.path().into()), ("PIP_NO_INDEX", "1".into())];
    let files = [".pre-commit-hooks.yaml", "pyproject.toml", "setup.py", "Cargo.toml"];
    hook::blocks_a_bad_commit(&pre_commit, "lakelint", &files, &variables);
}
