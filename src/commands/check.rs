//! `lakelint check`: read, look, sift, report.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use chrono::{NaiveDateTime, Utc};

use super::progress::Progress;
use super::{Env, Status, print};
use crate::cli::CheckArgs;
use crate::config::{self, FailOn};
use crate::expr::AsOf;
use crate::input;
use crate::lake::Lake;
use crate::output::{self, Detail, Look};
use crate::rules;
use crate::triage::{self, Report};

/// Runs the whole pipeline. Fails on usage and configuration errors and on a named input that cannot be read.
pub fn run(args: &CheckArgs, env: &mut Env<'_>) -> anyhow::Result<Status> {
    let started = Instant::now();
    let progress = Progress::start(env.progress);
    let loaded = config::load(&env.base, args.config.as_deref(), &args.paths, &args.select, &args.ignore)?;
    let as_of = as_of(args);
    progress.phase("reading files");
    let (lake, paths) = read(args, env, &loaded, as_of)?;
    progress.phase("checking");
    let findings = rules::run(&lake, &loaded.settings, as_of);
    let globs_from = loaded.file.as_ref().and_then(|file| file.path.parent());
    let sift = triage::Sift { settings: &loaded.settings, as_of, base: &env.base, globs_from };
    let report = triage::triage(findings, &lake, &sift);
    drop(progress);
    let look = Look {
        width: env.width,
        color: env.color,
        elapsed: env.timed.then(|| started.elapsed()),
        detail: detail(args),
        paths,
        repository_prefix: repository_prefix(&env.base),
    };
    let fail_on = args.fail_on.or(loaded.config.fail_on).unwrap_or(FailOn::High);
    let broken = report.findings.iter().any(|found| fail_on.breaks(found.finding.severity));
    write_files(args, &report, &lake, &look, &env.base)?;
    print(env, &output::render(args.format, &report, &lake, &look)).context("standard output")?;
    Ok(if broken { Status::Findings } else { Status::Clean })
}

/// The lake, and the paths that were asked for as shown to the user.
fn read(args: &CheckArgs, env: &Env<'_>, loaded: &config::Loaded, as_of: AsOf) -> anyhow::Result<(Lake, Vec<String>)> {
    let mut paths = args.paths.clone();
    if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    let shown = paths.iter().map(|path| path.display().to_string()).collect();
    let mut lake = args.lake.clone();
    lake.extend(loaded.lake_sources());
    let sources = input::Sources {
        base: env.base.clone(),
        paths,
        project: loaded.project.clone(),
        stdin_filename: args.stdin_filename.clone(),
        lake,
        config_file: loaded.file.as_ref().map(|file| (file.path.clone(), file.text.clone())),
        as_of,
    };
    let mut read = input::read(&sources, &loaded.config)?;
    // A lake that the command line names is asked about, however few files are.
    read.is_partial &= args.lake.is_empty();
    Ok((read, shown))
}

/// `--as-of` at midnight, or now.
fn as_of(args: &CheckArgs) -> AsOf {
    AsOf(args.as_of.map_or_else(|| Utc::now().naive_utc(), NaiveDateTime::from))
}

fn detail(args: &CheckArgs) -> Detail {
    match (args.quiet, args.verbose) {
        (true, _) => Detail::Quiet,
        (_, true) => Detail::Verbose,
        _ => Detail::Normal,
    }
}

fn write_files(args: &CheckArgs, report: &Report, lake: &Lake, look: &Look, base: &Path) -> anyhow::Result<()> {
    // A file is read later, by other programs and in other windows.
    let plain = Look { color: false, ..look.clone() };
    for (format, path) in &args.output_file {
        std::fs::write(base.join(path), output::render(*format, report, lake, &plain))
            .with_context(|| format!("`{}` cannot be written", path.display()))?;
    }
    Ok(())
}

/// The working directory as seen from the repository's root: empty at the root and outside of a repository, else with a
/// closing slash.
fn repository_prefix(base: &Path) -> String {
    let root = base.ancestors().find(|folder| folder.join(".git").exists());
    let below = root.and_then(|root| base.strip_prefix(root).ok());
    below.map_or_else(String::new, |below| {
        below.components().map(|part| format!("{}/", part.as_os_str().to_string_lossy())).collect()
    })
}
