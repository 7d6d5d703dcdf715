//! The program as a child process whose environment knows nothing but the server.

use std::path::Path;
use std::process::{Command, Output};

use crate::server::Server;

/// Runs `lakelint` in a folder against a server, and waits for its end.
pub fn lakelint(dir: &Path, server: &Server, args: &[&str]) -> Output {
    let home = tempfile::tempdir().expect("a home folder");
    command(dir, home.path(), &server.url(), args).output().expect("lakelint runs")
}

/// The same without starting it, for tests that kill it or give it more variables. `url` may be that of any server.
pub fn command(dir: &Path, home: &Path, url: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lakelint"));
    command.env_clear().current_dir(dir).args(args).env("HOME", home).env("NO_COLOR", "1");
    let aws = [
        ("AWS_ENDPOINT_URL", url),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    command.envs(aws).envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command
}

/// What a run printed, for messages of failed assertions.
pub fn printed(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}{}", output.status, text(&output.stdout), text(&output.stderr))
}
