//! `lakelint diff`: what a change adds to the bill.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::progress::Progress;
use super::reading::Purpose;
use super::terms::terms;
use super::{Env, Status, print};
use crate::cli::DiffArgs;
use crate::config::{self, BudgetConfig, Loaded};
use crate::cost::{Bill, Terms};
use crate::diff::{Diff, Limits, Revision};
use crate::expr::AsOf;
use crate::input::git::Repository;
use crate::input::{self, Sources};
use crate::lake::{Lake, Usd};
use crate::output::cost_diff::{Report, Revisions, render};
use crate::shown_path::without_dots;

/// The folder of a revision that git wrote, below which its files lie as in the work tree.
struct Checkout {
    folder: tempfile::TempDir,
    repository: Repository,
}

/// A revision that was read.
struct Side {
    lake: Lake,
    terms: Terms,
}

/// Reads both revisions, estimates them alike, compares.
pub fn run(args: &DiffArgs, env: &mut Env<'_>) -> anyhow::Result<Status> {
    if args.read.reads_stdin() {
        bail!("a diff compares revisions: standard input is in none");
    }
    let progress = Progress::start(env.progress);
    let repository = Repository::around(&env.base)?;
    let asked = args.head.as_deref().map(|head| repository.commit(head)).transpose()?;
    let base = repository.merge_base(&repository.commit(&args.base)?, asked.as_deref().unwrap_or("HEAD"))?;
    let as_of = args.read.as_of();
    let loaded = args.read.load_config(&env.base, &[], &[])?;
    // The same lake for both: what changes is the repository.
    let sources = args.read.sources(&env.base, &loaded, as_of, Purpose::Estimate);
    progress.phase("reading the base");
    let before = Checkout::of(&repository, &base)?.read(args, &sources, &loaded, as_of)?;
    progress.phase("reading the change");
    let after = match &asked {
        Some(head) => Checkout::of(&repository, head)?.read(args, &sources, &loaded, as_of)?,
        None => Side {
            terms: terms(&loaded, &args.price, &args.budget, as_of, &env.base)?,
            lake: input::read(&sources, &loaded.config)?,
        },
    };
    progress.phase("estimating");
    let (before_estimator, after_estimator) =
        (before.terms.estimator(&before.lake, as_of), after.terms.estimator(&after.lake, as_of));
    let before_bill = Bill::of(&before_estimator).with_machines(&before_estimator);
    let after_bill = Bill::of(&after_estimator).with_machines(&after_estimator);
    let moved = repository.renames(&base, asked.as_deref())?;
    let shown = |path: &PathBuf| repository.shown(path, &env.base);
    let renames = moved.iter().map(|(old, new)| (shown(old), shown(new))).collect();
    let diff = Diff::of(
        Revision { lake: &before.lake, bill: &before_bill },
        Revision { lake: &after.lake, bill: &after_bill },
        &renames,
    );
    let limits = limits(args, &loaded.config.budget, &after.terms)?;
    let gates = diff.gates(&limits);
    let fails = gates.iter().any(|gate| gate.fails(limits.unknown));
    drop(progress);
    let revisions = Revisions { asked: &args.base, base: &base, head: asked.as_deref() };
    let report = Report { diff: &diff, gates: &gates, unknown: limits.unknown, revisions, estimator: &after_estimator };
    print(env, &render(args.format, &report, env.width, env.color)).context("standard output")?;
    std::mem::forget((before, after));
    Ok(if fails { Status::Findings } else { Status::Clean })
}

impl Checkout {
    fn of(repository: &Repository, commit: &str) -> anyhow::Result<Checkout> {
        let folder = tempfile::Builder::new().prefix("lakelint-").tempdir().context("a folder for a revision")?;
        repository.write(commit, folder.path())?;
        Ok(Checkout { folder, repository: repository.clone() })
    }

    /// Reads the revision as the work tree is read, with its own configuration, the lake and the prices of `loaded`.
    fn read(&self, args: &DiffArgs, sources: &Sources, loaded: &Loaded, as_of: AsOf) -> anyhow::Result<Side> {
        let base = self.folder.path().join(&self.repository.prefix);
        std::fs::create_dir_all(&base).context("a folder for a revision")?;
        let mut paths = Vec::new();
        for path in &sources.paths {
            let there = self.place(&sources.base, path)?;
            // What the change adds is not in its base.
            if there.exists() {
                paths.push(there);
            }
        }
        let own = self.config(args, &base, &paths, loaded)?;
        let lake = sources.lake.iter().map(|source| config::seen_from(source, &sources.base)).collect();
        let sources = Sources {
            paths,
            project: own.project.clone().filter(|project| project.starts_with(self.folder.path())),
            lake,
            config_file: own.file.as_ref().map(|file| (file.path.clone(), file.text.clone())),
            base: base.clone(),
            ..sources.clone()
        };
        let terms = Terms {
            pricing: loaded.pricing(args.price.region.as_deref(), args.price.usd_per_tb)?,
            ..terms(&own, &args.price, &args.budget, as_of, &base)?
        };
        Ok(Side { lake: input::read(&sources, &own.config)?, terms })
    }

    /// The configuration that the revision has; the one that the command line names where it has none.
    fn config(&self, args: &DiffArgs, base: &Path, paths: &[PathBuf], loaded: &Loaded) -> anyhow::Result<Loaded> {
        let named = match (&args.read.config, &loaded.file) {
            (Some(_), Some(file)) => {
                let own = self.place(&file.path, Path::new("")).ok().filter(|own| own.is_file());
                Some(own.unwrap_or_else(|| file.path.clone()))
            }
            _ => None,
        };
        config::load(base, named.as_deref(), paths, &[], &[])
    }

    /// Where a path of the work tree lies in the revision.
    fn place(&self, base: &Path, path: &Path) -> anyhow::Result<PathBuf> {
        let full = without_dots(&base.join(path));
        let root = &self.repository.root;
        let real = || full.canonicalize().ok()?.strip_prefix(root).ok().map(Path::to_path_buf);
        let below = full.strip_prefix(root).map(Path::to_path_buf).ok().or_else(real);
        match below {
            Some(below) => Ok(self.folder.path().join(below)),
            None => bail!("`{}` lies outside of the repository", path.display()),
        }
    }
}

/// Flags count before the configuration.
fn limits(args: &DiffArgs, configured: &BudgetConfig, terms: &Terms) -> anyhow::Result<Limits> {
    let limits = Limits {
        increase_usd_month: args.max_increase_usd_month.or(configured.increase_usd_month).map(Usd),
        increase_pct: args.max_increase_pct.or(configured.increase_pct),
        query_usd: terms.budget.query_usd,
        query_bytes: terms.budget.query_bytes,
        unknown: terms.budget.unknown,
    };
    if !terms.pricing.is_metered() && limits.needs_dollars() {
        bail!("a limit in dollars needs a price: with `usd-per-tb` 0, limit `query-bytes`");
    }
    Ok(limits)
}
