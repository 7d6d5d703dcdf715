//! One file per command.

pub mod advise;
pub mod audit;
mod baseline;
pub mod check;
pub mod cost;
pub mod diff;
pub mod explain;
mod fix;
pub mod init;
mod policy;
mod progress;
mod reading;
pub mod rules;
pub mod scan;
mod shell;
mod terms;

use std::io::{self, Write};
use std::path::PathBuf;

use crate::cli::{Cli, Command};
use crate::config;
use crate::controls::visible;

/// The world as a command sees it; tests hand in their own.
pub struct Env<'a> {
    /// Working directory: absolute; shown paths are relative to it.
    pub base: PathBuf,
    pub stdout: &'a mut dyn Write,
    pub stderr: &'a mut dyn Write,
    /// Standard output is a terminal.
    pub on_terminal: bool,
    /// Columns of the terminal.
    pub width: usize,
    pub color: bool,
    /// Show progress on the process's standard error once the run takes over a second.
    pub progress: bool,
    /// Print how long the run took.
    pub timed: bool,
    /// Refuse every use of the network: `LAKELINT_OFFLINE=1`.
    pub offline: bool,
}

impl<'a> Env<'a> {
    /// Nobody watches: 80 columns, no colour, no progress, no times.
    pub fn plain(base: PathBuf, stdout: &'a mut dyn Write, stderr: &'a mut dyn Write) -> Self {
        Env {
            base,
            stdout,
            stderr,
            on_terminal: false,
            width: 80,
            color: false,
            progress: false,
            timed: false,
            offline: false,
        }
    }
}

/// How a command ended; the values are the process's exit statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nothing at or above `fail-on`.
    Clean = 0,
    Findings = 1,
    /// The job could not be done: usage, configuration, or an input that cannot be read.
    Failed = 2,
}

/// Runs a command; an error is printed and ends with [`Status::Failed`].
pub fn run(cli: &Cli, env: &mut Env<'_>) -> Status {
    let result = match &cli.command {
        Command::Check(args) => check::run(args, env),
        Command::Cost(args) => cost::run(args, env),
        Command::Diff(args) => diff::run(args, env),
        Command::Advise(args) => advise::run(args, env),
        Command::Audit(args) => audit::run(args, env),
        Command::Scan(args) => scan::run(args, env),
        Command::Explain { rule } => explain::run(rule, env),
        Command::Rules => rules::run(env),
        Command::Init { dry_run } => init::run(*dry_run, env),
        Command::Schema => print(env, &config::schema()).map(|()| Status::Clean).map_err(Into::into),
        Command::Completions { shell } => shell::completions(*shell, env),
        Command::Man { folder } => shell::man(folder, env),
    };
    result.unwrap_or_else(|error| {
        say(env, &format!("error: {error:#}\n"));
        Status::Failed
    })
}

/// Prints to standard error. Nothing is left to do when that is closed.
fn say(env: &mut Env<'_>, text: &str) {
    let _ = env.stderr.write_all(visible(text, env.color).as_bytes());
}

/// Prints to standard output. A reader that went away (`lakelint check | head`) is no failure.
fn print(env: &mut Env<'_>, text: &str) -> io::Result<()> {
    print_raw(env, &visible(text, env.color))
}

/// The same for a text that a program reads byte by byte.
fn print_raw(env: &mut Env<'_>, text: &str) -> io::Result<()> {
    match env.stdout.write_all(text.as_bytes()).and_then(|()| env.stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
