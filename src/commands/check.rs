//! `lakelint check`: read, look, sift, report.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, bail};

use super::baseline::BaselineFile;
use super::fix::{self, Choice};
use super::progress::Progress;
use super::reading::Purpose;
use super::terms::terms;
use super::{Env, Status, print, print_raw, say};
use crate::cli::{CheckArgs, PriceArgs};
use crate::config::{FailOn, Loaded};
use crate::cost::{Bill, Calibration, Terms};
use crate::expr::AsOf;
use crate::input::git::{Changed, Repository};
use crate::lake::Lake;
use crate::output::{self, Detail, Format, Look};
use crate::rules::{self, BUDGET_RULES};
use crate::shown_path::{shown_path, without_dots};
use crate::triage::{self, Baseline, Report};

/// Runs the whole pipeline. Fails on usage and configuration errors and on a named input that cannot be read.
pub fn run(args: &CheckArgs, env: &mut Env<'_>) -> anyhow::Result<Status> {
    let started = Instant::now();
    let progress = Progress::start(env.progress);
    check_usage(args, &env.base)?;
    let mut loaded = args.read.load_config(&env.base, &args.select, &args.ignore)?;
    let as_of = args.read.as_of();
    let baseline_file = BaselineFile::of(args, &loaded, &env.base);
    let known = if args.write_baseline { None } else { baseline_file.read()? };
    let terms = terms(&loaded, &PriceArgs::default(), &args.budget, as_of, &env.base)?;
    loaded.settings.retain(|rule| terms.budget.is_set() || !BUDGET_RULES.contains(&rule));
    let only = args.changed_since.as_ref().map(|since| changed(since, args, &env.base)).transpose()?;
    let known = known.as_ref().map(|known| (&baseline_file, known));
    let job = Job { args, base: &env.base, loaded: &loaded, terms: &terms, only, known, as_of, progress: &progress };
    let mut checked = job.run()?;
    let choice = if args.unsafe_fixes { Choice::All } else { Choice::Safe };
    let preview = is_preview(args).then(|| fix::preview(&checked, choice, &env.base, &args.read.paths));
    let fixed = match args.fix && preview.is_none() {
        true => Some(fix::fix(&mut checked, || job.run(), choice, &env.base, &args.read.paths)?),
        false => None,
    };
    let Checked { lake, mut report, paths } = checked;
    drop(progress);
    if args.write_baseline {
        let (written, said) = baseline_file.write(&report, &lake, &env.base)?;
        baseline_file.hide(&written, &mut report, &lake, &env.base);
        say(env, &said);
    }
    if let Some(hidden) = report.hidden.as_ref().filter(|_| !matches!(args.format, Format::Terminal | Format::Markdown))
    {
        say(env, &output::hidden(hidden));
    }
    let look = Look {
        width: env.width,
        color: env.color,
        elapsed: env.timed.then(|| started.elapsed()),
        detail: detail(args),
        paths,
        fixed,
        config: loaded.file.as_ref().map(|file| shown_path(&env.base, &file.path)),
        repository_prefix: repository_prefix(&env.base),
    };
    let fail_on = args.fail_on.or(loaded.config.fail_on).unwrap_or(FailOn::High);
    let broken = report.findings.iter().any(|found| fail_on.breaks(found.finding.severity));
    write_files(args, &report, &lake, &look, &env.base)?;
    if let Some(fixed) = look.fixed.filter(|_| args.format != Format::Terminal) {
        // Documents on standard output stay documents.
        say(env, &format!("{fixed}\n"));
    }
    match &preview {
        Some(preview) => {
            let patch = output::unified(preview, &look);
            // For git every byte counts, for a terminal that none of them moves the cursor.
            let done = if env.on_terminal { print(env, &patch) } else { print_raw(env, &patch) };
            done.context("standard output")?;
            say(env, &format!("{preview}\n"));
        }
        None => print(env, &output::render(args.format, &report, &lake, &look)).context("standard output")?,
    }
    // The process is about to end: taking a large lake apart first would only make the user wait.
    std::mem::forget(lake);
    Ok(if broken { Status::Findings } else { Status::Clean })
}

/// Everything that a check needs: with `--fix` it is done several times.
struct Job<'a> {
    args: &'a CheckArgs,
    base: &'a Path,
    loaded: &'a Loaded,
    terms: &'a Terms,
    /// The files that `--changed-since` leaves.
    only: Option<Changed>,
    /// The findings that do not count.
    known: Option<(&'a BaselineFile, &'a Baseline)>,
    as_of: AsOf,
    progress: &'a Progress,
}

/// What was read, and what there is to say about it.
pub(super) struct Checked {
    pub(super) lake: Lake,
    pub(super) report: Report,
    /// The paths that were asked for.
    pub(super) paths: Vec<String>,
}

impl Job<'_> {
    fn run(&self) -> anyhow::Result<Checked> {
        let Job { args, base, loaded, terms, ref only, known, as_of, progress } = *self;
        progress.phase("reading files");
        let mut sources = args.read.sources(base, loaded, as_of, Purpose::Check);
        sources.only.clone_from(only);
        sources.force_exclude = args.force_exclude;
        let (lake, mut paths) = args.read.read_from(&sources, loaded, Purpose::Check)?;
        if let Some(since) = &args.changed_since {
            paths.iter_mut().for_each(|path| path.push_str(&format!(" that changed since {since}")));
        }
        progress.phase("checking");
        let estimator = terms.estimator(&lake, as_of);
        let findings = rules::run(&estimator, &loaded.settings);
        let globs_from = loaded.file.as_ref().and_then(|file| file.path.parent());
        let sift = triage::Sift { settings: &loaded.settings, estimator, base, globs_from };
        let mut report = triage::triage(findings, &lake, &sift);
        if args.verbose && !lake.history.is_empty() {
            report.calibration = Calibration::of(&Bill::of(&estimator));
        }
        if let Some((file, known)) = known {
            file.hide(known, &mut report, &lake, base);
        }
        Ok(Checked { lake, report, paths })
    }
}

/// The files that changed since the commit where the branch left a revision.
fn changed(since: &str, args: &CheckArgs, base: &Path) -> anyhow::Result<Changed> {
    if args.read.reads_stdin() {
        bail!("`--changed-since` is about files, and standard input is none");
    }
    let repository = Repository::around(base)?;
    if let Some(path) = args.read.paths.iter().find(|path| repository.below(&base.join(path)).is_none()) {
        bail!("`{}` lies outside of the repository, whose changes are asked about", path.display());
    }
    repository.commit(since)?;
    repository.changed(&repository.merge_base(since, "HEAD")?)
}

/// What the definitions of the command line cannot say.
fn check_usage(args: &CheckArgs, base: &Path) -> anyhow::Result<()> {
    if args.fix && args.read.reads_stdin() {
        bail!("`--fix` changes files, and standard input is none: name the file instead of `-`");
    }
    if is_preview(args) && args.format != Format::Terminal {
        bail!(
            "`--fix --unsafe` prints a patch and no report: add `--yes` to make the changes, or write the report with `--output-file`"
        );
    }
    let files: Vec<PathBuf> = args.output_file.iter().map(|(_, path)| without_dots(&base.join(path))).collect();
    match (1..files.len()).find(|i| files[..*i].contains(&files[*i])) {
        Some(i) => bail!(
            "`--output-file` names `{}` twice: one report would overwrite the other",
            args.output_file[i].1.display()
        ),
        None => Ok(()),
    }
}

/// Whether changes are shown in place of the report, and none is made.
fn is_preview(args: &CheckArgs) -> bool {
    args.unsafe_fixes && !args.yes
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

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};

    fn args(words: &[&str]) -> Box<CheckArgs> {
        match Cli::try_parse_from(["lakelint", "check"].iter().chain(words)).expect("arguments").command {
            Command::Check(args) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn reports_go_to_different_files() {
        let error = |words: &[&str]| check_usage(&args(words), Path::new("/repo")).err().map(|e| e.to_string());
        let named = |a: &str, b: &str| error(&["--output-file", a, "--output-file", b]);
        assert_eq!(named("json=a", "sarif=b"), None);
        let twice = "`--output-file` names `./a` twice: one report would overwrite the other";
        assert_eq!(named("json=/repo/a", "sarif=./a").as_deref(), Some(twice));
    }
}
