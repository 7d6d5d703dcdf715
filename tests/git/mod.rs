//! git as tests call it: the same commits on every machine.

use std::path::Path;
use std::process::Command;

const SETTINGS: [&str; 10] = [
    "-c",
    "user.name=t",
    "-c",
    "user.email=t@example.com",
    "-c",
    "init.defaultBranch=main",
    "-c",
    "core.autocrlf=false",
    "-c",
    "commit.gpgsign=false",
];

/// What git prints; it has to succeed.
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let done = Command::new("git")
        .args(SETTINGS)
        .args(arguments)
        .env("GIT_AUTHOR_DATE", "2025-06-30T00:00:00Z")
        .env("GIT_COMMITTER_DATE", "2025-06-30T00:00:00Z")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .current_dir(folder)
        .output()
        .expect("git runs");
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("UTF-8")
}
