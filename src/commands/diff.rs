//! `lakelint diff`: what a change adds to the bill.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::progress::Progress;
use super::reading::Purpose;
use super::{Env, Status, print};
use crate::cli::DiffArgs;
use crate::config::{self, Loaded};
use crate::cost::{Bill, Budget, OnUnknown, Pricing, Runs, Terms};
use crate::diff::{Diff, Limits, Revision};
use crate::expr::AsOf;
use crate::input::git::Repository;
use crate::input::{self, Sources};
use crate::lake::{Lake, Usd};
use crate::output::cost_diff::{Report, Revisions, render};

/// A revision as files: the work tree, or a folder that git wrote, below which its files lie as in the work tree.
struct Checkout<'a> {
    repository: &'a Repository,
    /// `None` for the work tree.
    written: Option<Written>,
    /// Working directory.
    base: PathBuf,
}

struct Written {
    /// Removed when it is dropped.
    _folder: tempfile::TempDir,
    /// Its path without links, as paths below it are compared.
    root: PathBuf,
}

/// What is asked for: the same of both revisions.
struct Asked<'a> {
    args: &'a DiffArgs,
    /// Of the work tree: what tells of the lake counts for both.
    sources: Sources,
    as_of: AsOf,
}

/// A revision that was read.
struct Side {
    loaded: Loaded,
    lake: Lake,
    terms: Terms,
}

/// Reads both revisions, estimates them alike, compares.
pub fn run(args: &DiffArgs, env: &mut Env<'_>) -> anyhow::Result<Status> {
    if args.read.reads_stdin() || args.read.stdin_filename.is_some() {
        bail!("a diff compares revisions: standard input is in none");
    }
    let progress = Progress::start(env.progress);
    let repository = Repository::around(&env.base)?;
    let head = args.head.as_deref().map(|head| repository.commit(head)).transpose()?;
    let base = repository.merge_base(&repository.commit(&args.base)?, head.as_deref().unwrap_or("HEAD"))?;
    let as_of = args.read.as_of();
    let present = args.read.load_config(&env.base, &[], &[])?;
    let asked = Asked { args, sources: args.read.sources(&env.base, &present, as_of, Purpose::Estimate), as_of };
    let data = asked.data(&repository);
    progress.phase("reading the base");
    let before_files = Checkout::of(&repository, Some(&base), &env.base, &data)?;
    let after_files = Checkout::of(&repository, head.as_deref(), &env.base, &data)?;
    asked.check_paths(&before_files, &after_files)?;
    progress.phase("reading the change");
    let after = asked.read(&after_files, None)?;
    let before = asked.read(&before_files, Some(&after.terms.pricing));
    let before = before.with_context(|| format!("at {base}, where the change left `{}`", args.base))?;
    progress.phase("estimating");
    let (old, new) = (before.terms.estimator(&before.lake, as_of), after.terms.estimator(&after.lake, as_of));
    let (old_bill, new_bill) = (Bill::of(&old).with_machines(&old), Bill::of(&new).with_machines(&new));
    let moved = repository.renames(&base, head.as_deref())?;
    let shown = |path: &PathBuf| repository.shown(path, &env.base);
    let renames: BTreeMap<String, String> = moved.iter().map(|(old, new)| (shown(old), shown(new))).collect();
    let left_out = left_out(&before.lake, &after.lake, &renames, &after_files);
    let before_revision = Revision { lake: &before.lake, bill: &old_bill };
    let diff = Diff::of(before_revision, Revision { lake: &after.lake, bill: &new_bill }, &renames, &left_out);
    let limits = limits(args, &after)?;
    let gates = diff.gates(&limits);
    let fails = gates.iter().any(|gate| gate.fails(limits.unknown));
    drop(progress);
    let revisions = Revisions { asked: &args.base, base: &base, head: head.as_deref() };
    let report = Report { diff: &diff, gates: &gates, unknown: limits.unknown, revisions, estimator: &new };
    print(env, &render(args.format, &report, env.width, env.color)).context("standard output")?;
    std::mem::forget((before, after));
    Ok(if fails { Status::Findings } else { Status::Clean })
}

impl<'a> Checkout<'a> {
    fn of(
        repository: &'a Repository,
        commit: Option<&str>,
        base: &Path,
        data: &[PathBuf],
    ) -> anyhow::Result<Checkout<'a>> {
        let Some(commit) = commit else { return Ok(Checkout { repository, written: None, base: base.to_path_buf() }) };
        // Hidden, as the folder for them may lie in the work tree: no walk looks into it, then or when it is left behind.
        let folder = tempfile::Builder::new().prefix(".lakelint-").tempdir().context("a folder for a revision")?;
        let root = folder.path().canonicalize().context("a folder for a revision")?;
        repository.write(commit, &root, data)?;
        let base = root.join(&repository.prefix);
        std::fs::create_dir_all(&base).context("a folder for a revision")?;
        Ok(Checkout { repository, written: Some(Written { _folder: folder, root }), base })
    }

    /// Where a path of the work tree lies in the revision.
    fn place(&self, base: &Path, path: &Path) -> anyhow::Result<PathBuf> {
        let Some(written) = &self.written else { return Ok(base.join(path)) };
        match self.repository.below(&base.join(path)) {
            Some(below) => Ok(written.root.join(below)),
            None => bail!("`{}` lies outside of the repository", path.display()),
        }
    }
}

impl Asked<'_> {
    /// Folders of the repository that hold a lake, from its root.
    fn data(&self, repository: &Repository) -> Vec<PathBuf> {
        let folders = self.sources.lake.iter().map(|source| match config::split_place(source, &self.sources.base) {
            Some((_, path)) => path,
            None => self.sources.base.join(source),
        });
        let below = folders.filter(|folder| folder.is_dir()).filter_map(|folder| repository.below(&folder));
        below.filter(|below| !below.as_os_str().is_empty()).collect()
    }

    /// A path may be missing in one revision, as the change adds or removes it.
    fn check_paths(&self, before: &Checkout<'_>, after: &Checkout<'_>) -> anyhow::Result<()> {
        for path in &self.sources.paths {
            let is_in = |files: &Checkout<'_>| Ok::<_, anyhow::Error>(files.place(&self.sources.base, path)?.exists());
            if !is_in(before)? && !is_in(after)? {
                bail!("cannot read `{}`: it is in neither revision", path.display());
            }
        }
        Ok(())
    }

    /// Reads a revision with its own configuration, from the lake of the work tree; at its own prices, or at those of the other one.
    fn read(&self, files: &Checkout<'_>, pricing: Option<&Pricing>) -> anyhow::Result<Side> {
        let Asked { args, sources, as_of } = self;
        let places = sources.paths.iter().map(|path| files.place(&sources.base, path));
        let mut paths: Vec<PathBuf> = places.collect::<Result<_, _>>()?;
        paths.retain(|path| path.exists());
        let base = &files.base;
        let own = |named: &PathBuf| files.place(&sources.base, named).ok().filter(|own| own.is_file());
        let named = args.read.config.as_ref().map(|named| own(named).unwrap_or_else(|| sources.base.join(named)));
        let loaded = config::load(base, named.as_deref(), &paths, &[], &[])?;
        let root = files.written.as_ref().map(|written| &written.root);
        let is_within = |project: &PathBuf| root.is_none_or(|root| project.starts_with(root));
        let sources = Sources {
            paths,
            project: loaded.project.clone().filter(is_within),
            lake: sources.lake.iter().map(|source| config::seen_from(source, &sources.base)).collect(),
            config_file: loaded.file.as_ref().map(|file| (file.path.clone(), file.text.clone())),
            base: base.clone(),
            ..sources.clone()
        };
        let globs_from = loaded.file.as_ref().and_then(|file| file.path.parent());
        let terms = Terms {
            pricing: match pricing {
                Some(pricing) => pricing.clone(),
                None => loaded.pricing(args.price.region.as_deref(), args.price.usd_per_tb)?,
            },
            runs: Runs::new(&loaded.config.runs, *as_of, base, globs_from),
            budget: Budget::default(),
        };
        Ok(Side { lake: input::read(&sources, &loaded.config)?, terms, loaded })
    }
}

/// Files that were read before the change, and that are still there and no longer read.
fn left_out(before: &Lake, after: &Lake, renames: &BTreeMap<String, String>, files: &Checkout<'_>) -> Vec<String> {
    let read: BTreeSet<&str> = after.sources.iter().map(|(_, file)| file.path.as_str()).collect();
    let asked = before.sources.iter().filter(|(_, file)| !file.is_context && file.inside.is_none());
    let now = asked.map(|(_, file)| renames.get(&file.path).unwrap_or(&file.path));
    now.filter(|path| !read.contains(path.as_str()) && files.base.join(path).is_file()).cloned().collect()
}

/// Flags count before the configuration that the change has. What it says of limits that cannot be evaluated is about its own: a change
/// cannot loosen those of the command line.
fn limits(args: &DiffArgs, after: &Side) -> anyhow::Result<Limits> {
    let configured = &after.loaded.config.budget;
    let budget = configured.limits(args.budget.max_query_usd, args.budget.max_query_bytes);
    let is_flag = args.max_increase_usd_month.is_some()
        || args.max_increase_pct.is_some()
        || args.budget.max_query_usd.is_some()
        || args.budget.max_query_bytes.is_some();
    let limits = Limits {
        increase_usd_month: args.max_increase_usd_month.or(configured.increase_usd_month).map(Usd),
        increase_pct: args.max_increase_pct.or(configured.increase_pct),
        query_usd: budget.query_usd,
        query_bytes: budget.query_bytes,
        unknown: if is_flag { OnUnknown::Fail } else { budget.unknown },
    };
    if !after.terms.pricing.is_metered() && limits.needs_dollars() {
        bail!("a limit in dollars needs a price: with `usd-per-tb` 0, limit `query-bytes`");
    }
    Ok(limits)
}
