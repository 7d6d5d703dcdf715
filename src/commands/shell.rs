//! What shells and `man` know of the commands: made from their definitions.

use std::path::Path;

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Env, Status, print};
use crate::cli::Cli;

/// Prints completions.
pub(super) fn completions(shell: Shell, env: &mut Env<'_>) -> anyhow::Result<Status> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "lakelint", &mut text);
    print(env, &String::from_utf8_lossy(&text)).context("standard output")?;
    Ok(Status::Clean)
}

/// Writes `lakelint.1`, `lakelint-check.1` and so on.
pub(super) fn man(folder: &Path, env: &mut Env<'_>) -> anyhow::Result<Status> {
    let folder = env.base.join(folder);
    std::fs::create_dir_all(&folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), &folder))
        .with_context(|| format!("the pages cannot be written to `{}`", folder.display()))?;
    Ok(Status::Clean)
}
