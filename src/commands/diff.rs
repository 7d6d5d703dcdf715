//! `lakelint diff`: what a change adds to the bill.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::progress::Progress;
use super::reading::Purpose;
use super::{Env, Status, print};
use crate::cli::DiffArgs;
use crate::config::{self, Loaded};
use crate::cost::{Bill, Budget, OnUnknown, Pricing, Runs, Terms};
use crate::diff::{Diff, Limits, Revision};
use crate::expr::AsOf;
use crate::input::git::{Outside, Repository};
use crate::input::{self, Compared, Sources};
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
    /// The paths, from the root of the repository.
    paths: Vec<PathBuf>,
    /// The deepest folder around all of them, from there: its configuration counts.
    folder: PathBuf,
    /// Old and new paths of files that moved, from there.
    moved: BTreeMap<PathBuf, PathBuf>,
    /// What of the work tree is not compared; `None` where it is not read.
    outside: Option<Arc<Outside>>,
    as_of: AsOf,
}

/// Which side of the comparison a revision is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Before,
    After,
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
    repository.commit(&args.base)?;
    let head = args.head.as_deref().map(|head| repository.commit(head)).transpose()?;
    let base = repository.merge_base(&args.base, args.head.as_deref().unwrap_or("HEAD"))?;
    let mut asked = Asked::of(args, &repository, &env.base, (&base, head.as_deref()))?;
    let as_of = asked.as_of;
    let data = asked.data(&repository);
    progress.phase("reading the base");
    let sparse = asked.outside.as_ref().map(|outside| outside.sparse(&asked.moved)).unwrap_or_default();
    let before_files = Checkout::of(&repository, Some(&base), &env.base, &data, &sparse)?;
    let after_files = Checkout::of(&repository, head.as_deref(), &env.base, &data, &sparse)?;
    asked.look(&before_files, &after_files)?;
    progress.phase("reading the change");
    let after = asked.read(&after_files, When::After, None)?;
    let before = asked.read(&before_files, When::Before, Some(&after.terms.pricing));
    let before = before.with_context(|| format!("at {base}, where the change left `{}`", args.base))?;
    progress.phase("estimating");
    let (old, new) = (before.terms.estimator(&before.lake, as_of), after.terms.estimator(&after.lake, as_of));
    let (old_bill, new_bill) = (Bill::of(&old).with_machines(&old), Bill::of(&new).with_machines(&new));
    let shown = |path: &PathBuf| repository.shown(path, &env.base);
    let renames: BTreeMap<String, String> = asked.moved.iter().map(|(old, new)| (shown(old), shown(new))).collect();
    let left_out = asked.left_out(&before.lake, &after.lake, &renames, &after_files);
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
        sparse: &BTreeSet<PathBuf>,
    ) -> anyhow::Result<Checkout<'a>> {
        let Some(commit) = commit else { return Ok(Checkout { repository, written: None, base: base.to_path_buf() }) };
        // Hidden, as the folder for them may lie in the work tree: no walk looks into it, then or when it is left behind.
        let folder = tempfile::Builder::new().prefix(".lakelint-").tempdir().context("a folder for a revision")?;
        let root = folder.path().canonicalize().context("a folder for a revision")?;
        repository.write(commit, &root, data, sparse)?;
        let base = root.join(&repository.prefix);
        std::fs::create_dir_all(&base).context("a folder for a revision")?;
        Ok(Checkout { repository, written: Some(Written { _folder: folder, root }), base })
    }

    /// Where a path from the root lies in the revision.
    fn place(&self, below: &Path) -> PathBuf {
        let root = self.written.as_ref().map_or(&self.repository.root, |written| &written.root);
        let whole: PathBuf = root.join(below).components().collect();
        // As the user names it, where a link leads to the working directory.
        let real = self.base.canonicalize().unwrap_or_else(|_| self.base.clone());
        whole.strip_prefix(real).map(|below| self.base.join(below)).unwrap_or(whole)
    }
}

impl<'a> Asked<'a> {
    fn of(
        args: &'a DiffArgs,
        repository: &Repository,
        base: &Path,
        (from, to): (&str, Option<&str>),
    ) -> anyhow::Result<Asked<'a>> {
        let as_of = args.read.as_of();
        let below = |path: &PathBuf| match repository.below_links(&base.join(path)) {
            Some(below) => Ok(below),
            None => bail!("`{}` lies outside of the repository", path.display()),
        };
        let named = if args.read.paths.is_empty() { &[PathBuf::from(".")][..] } else { &args.read.paths };
        let paths = named.iter().map(below).collect::<Result<Vec<PathBuf>, _>>()?;
        // A link to a file counts where it lies.
        let folder =
            |path: PathBuf| if path.is_dir() { path } else { path.parent().map(Path::to_path_buf).unwrap_or(path) };
        let folders: Vec<PathBuf> = paths.iter().map(|path| folder(repository.root.join(path))).collect();
        let present = config::load(base, args.read.config.as_deref(), &folders, &[], &[])?;
        let sources = args.read.sources(base, &present, as_of, Purpose::Estimate);
        let moved = repository.renames(from, to)?;
        let outside = match to {
            Some(_) => None,
            None => Some(Arc::new(repository.outside()?)),
        };
        Ok(Asked { args, sources, paths, folder: PathBuf::new(), moved, outside, as_of })
    }

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
    fn look(&mut self, before: &Checkout<'_>, after: &Checkout<'_>) -> anyhow::Result<()> {
        let mut folders = Vec::new();
        for (path, below) in self.sources.paths.iter().zip(&self.paths) {
            let places = [before, after].map(|files| files.place(below));
            if self.outside.as_ref().is_some_and(|outside| outside.is_in_submodule(below)) {
                bail!("`{}` lies in a submodule, whose contents are not compared", path.display());
            }
            if !places.iter().any(|place| place.exists()) {
                bail!("cannot read `{}`: it is in neither revision", path.display());
            }
            let folder = if places.iter().any(|place| place.is_dir()) { Some(below.as_path()) } else { below.parent() };
            folders.push(folder.unwrap_or(Path::new("")).to_path_buf());
        }
        let common = |a: PathBuf, b: PathBuf| -> PathBuf {
            a.components().zip(b.components()).take_while(|(a, b)| a == b).map(|(part, _)| part).collect()
        };
        self.folder = folders.into_iter().reduce(common).unwrap_or_default();
        Ok(())
    }

    /// The paths as a revision has them. A file that moves into or out of them is asked about on both sides: it is no query that is
    /// added or removed.
    fn places(&self, files: &Checkout<'_>, when: When) -> (Vec<PathBuf>, Compared) {
        let mut compared = Compared::default();
        if files.written.is_none() {
            compared.outside.clone_from(&self.outside);
        }
        let mut paths: Vec<&PathBuf> = self.paths.iter().collect();
        let is_asked = |path: &Path| self.paths.iter().any(|asked| path.starts_with(asked));
        for (old, new) in &self.moved {
            let (own, other) = if when == When::Before { (old, new) } else { (new, old) };
            match is_asked(other) && !is_asked(own) {
                // Named files are read whatever their names are.
                true if self.paths.contains(other) => paths.push(own),
                true => drop(compared.moved.insert(files.place(own))),
                false => {}
            }
        }
        let mut places: Vec<PathBuf> = paths.into_iter().map(|path| files.place(path)).collect();
        places.retain(|place| place.exists() && !compared.leaves_out(place));
        (places, compared)
    }

    /// Reads a revision with its own configuration, from the lake of the work tree; at its own prices, or at those of the other one.
    fn read(&self, files: &Checkout<'_>, when: When, pricing: Option<&Pricing>) -> anyhow::Result<Side> {
        let Asked { args, sources, as_of, .. } = self;
        let (paths, compared) = self.places(files, when);
        let base = &files.base;
        let below = |named: &PathBuf| files.repository.below(&sources.base.join(named));
        let own = |named: &PathBuf| below(named).map(|below| files.place(&below)).filter(|own| own.is_file());
        let named = args.read.config.as_ref().map(|named| own(named).unwrap_or_else(|| sources.base.join(named)));
        let loaded = config::load(base, named.as_deref(), &[files.place(&self.folder)], &[], &[])?;
        let root = files.written.as_ref().map(|written| &written.root);
        let is_within = |project: &PathBuf| root.is_none_or(|root| project.starts_with(root));
        let sources = Sources {
            paths,
            project: loaded.project.clone().filter(is_within),
            lake: sources.lake.iter().map(|source| config::seen_from(source, &sources.base)).collect(),
            config_file: loaded.file.as_ref().map(|file| (file.path.clone(), file.text.clone())),
            base: base.clone(),
            compared,
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

    /// Files that were read before the change, and that are still there and no longer read.
    fn left_out(
        &self,
        before: &Lake,
        after: &Lake,
        renames: &BTreeMap<String, String>,
        files: &Checkout<'_>,
    ) -> Vec<String> {
        let read: BTreeSet<&str> = after.sources.iter().map(|(_, file)| file.path.as_str()).collect();
        let asked = before.sources.iter().filter(|(_, file)| !file.is_context && file.inside.is_none());
        let now = asked.map(|(_, file)| renames.get(&file.path).unwrap_or(&file.path));
        // Nobody knows what a folder that became a submodule still holds.
        let is_hidden = |path: &Path| {
            let below = files.repository.below(path);
            below.is_some_and(|below| self.outside.as_ref().is_some_and(|outside| outside.is_in_submodule(&below)))
        };
        let is_there = |path: PathBuf| path.is_file() || is_hidden(&path);
        now.filter(|path| !read.contains(path.as_str()) && is_there(files.base.join(path))).cloned().collect()
    }
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
