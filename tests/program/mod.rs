//! The program in process, as a test sees it.

use std::path::Path;

use clap::Parser;
use lakelint::cli::Cli;
use lakelint::commands::{self, Env, Status};

/// What a run printed and how it ended.
pub struct Ran {
    pub status: Status,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a command in a folder, 80 columns wide.
#[allow(dead_code, reason = "each test binary takes the width it needs")]
pub fn lakelint(base: &Path, args: &[&str]) -> Ran {
    lakelint_at_width(base, args, 80)
}

#[allow(dead_code, reason = "each test binary takes the width it needs")]
pub fn lakelint_at_width(base: &Path, args: &[&str], width: usize) -> Ran {
    lakelint_with(base, args, |env| env.width = width)
}

/// Runs a command in a folder, in surroundings that are changed first.
pub fn lakelint_with(base: &Path, args: &[&str], change: impl FnOnce(&mut Env<'_>)) -> Ran {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let cli = Cli::try_parse_from(["lakelint"].iter().chain(args)).expect("valid arguments");
    let mut env = Env::plain(base.to_path_buf(), &mut stdout, &mut stderr);
    change(&mut env);
    let status = commands::run(&cli, &mut env);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ran { status, stdout: text(stdout), stderr: text(stderr) }
}

/// Writes a file, and the folders that lead to it.
#[allow(dead_code, reason = "some test binaries write their files themselves")]
pub fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
    std::fs::write(path, text).expect("written");
}
