//! An audit of 500 tables, 100,000 partitions and 5,000 statements, as a process that writes every form: in under 3 s and 300 MB,
//! the page under 1 MB.
//!
//! `cargo bench --bench audit`; with `LAKELINT_AUDIT=/path/to/folder` the lake and the reports are kept there.
#![allow(missing_docs)]

use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "../tests/audit_lake/mod.rs"]
mod audit_lake;

/// Runs a command and prints its seconds, its CPU seconds and its peak memory in kB.
const MEASURE: &str = "
import os, sys, time
start = time.time()
null = os.open(os.devnull, os.O_WRONLY)
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
_, status, usage = os.wait4(pid, 0)
print(f'{time.time() - start:.2f} s wall {usage.ru_utime + usage.ru_stime:.2f} s CPU {usage.ru_maxrss / 1024:.0f} MB')
sys.exit(os.waitstatus_to_exitcode(status))
";

fn run(folder: &Path, name: &str, words: &[&str]) {
    let output = Command::new("python3")
        .args(["-c", MEASURE, env!("CARGO_BIN_EXE_lakelint")])
        .args(words)
        .current_dir(folder)
        .output()
        .expect("python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    print!("{name:40} {}", String::from_utf8_lossy(&output.stdout));
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
