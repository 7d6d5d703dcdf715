//! An audit of 500 tables, 100,000 partitions and 5,000 statements, as a process that writes every form: in under 3 s and 300 MB,
//! the page under 1 MB.
//!
//! `cargo bench --bench audit`; with `LAKELINT_AUDIT=/path/to/folder` the lake and the reports are kept there.
#![allow(missing_docs)]

use std::path::{Path, PathBuf};

#[path = "../tests/audit_lake/mod.rs"]
mod audit_lake;

mod process;

/// Runs lakelint in a folder and prints what it took.
fn run(folder: &Path, name: &str, words: &[&str]) {
    let arguments = [&[env!("CARGO_BIN_EXE_lakelint")], words].concat();
    process::print(name, &process::measured(Path::new("python3"), &arguments, folder));
}

fn main() {
    let temporary = tempfile::tempdir().expect("tempdir");
    let kept = std::env::var_os("LAKELINT_AUDIT").map(PathBuf::from);
    let folder = kept.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(folder).expect("folder");
    audit_lake::write(folder).expect("lake");
    let forms = ["audit", "--as-of", "2025-06-30", "--html", "a.html", "--json", "a.json", "--markdown", "a.md"];
    for _ in 0..3 {
        run(folder, "audit of a listing", &forms);
    }
    run(folder, "scan into a snapshot", &["scan", "s3://corp-lake=listing.txt"]);
    std::fs::remove_file(folder.join("listing.txt")).expect("listing");
    let configuration = std::fs::read_to_string(folder.join("lakelint.toml")).expect("configuration");
    let without = configuration.replace("[lake]\nsources = [\"s3://corp-lake=listing.txt\"]\n", "");
    std::fs::write(folder.join("lakelint.toml"), without).expect("configuration");
    for _ in 0..3 {
        run(folder, "audit of the snapshot", &forms);
    }
    for name in ["a.html", "a.json", "a.md"] {
        println!("{name:40} {} bytes", std::fs::metadata(folder.join(name)).expect("written").len());
    }
}
