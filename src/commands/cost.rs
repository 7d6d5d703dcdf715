//! `lakelint cost`: bytes and dollars of every query, and dollars of every state machine.

use anyhow::{Context as _, anyhow, bail};

use super::progress::Progress;
use super::reading::Purpose;
use super::terms::terms;
use super::{Env, Status, print, say};
use crate::cli::{CostArgs, CostFormat};
use crate::config::{FailOn, Loaded};
use crate::cost::{Bill, Estimator};
use crate::dbt::Selection;
use crate::lake::{Lake, Model};
use crate::output::cost::{Form, View, render};
use crate::output::{self, Detail, Format, Look};
use crate::rules::{self, BUDGET_RULES};
use crate::triage;

/// Reads, estimates, reports.
pub fn run(args: &CostArgs, env: &mut Env<'_>) -> anyhow::Result<Status> {
    if args.explain && args.format == CostFormat::Csv {
        bail!("`--explain` does not fit into CSV: use `--format json`");
    }
    let progress = Progress::start(env.progress);
    let mut loaded = args.read.load_config(&env.base, &[], &[])?;
    let as_of = args.read.as_of();
    progress.phase("reading files");
    let selection = Selection::parse(&args.select).map_err(|error| anyhow!("`--select`: {error}"))?;
    let (mut lake, _) = args.read.read(&env.base, &loaded, as_of, Purpose::Estimate)?;
    if !args.select.is_empty() {
        select(&selection, &mut lake)?;
    }
    if args.read.reads_only_stdin() && lake.queries.is_empty() && lake.workflows.is_empty() {
        match lake.unreadable.first() {
            Some(unreadable) => bail!("standard input cannot be read: {}", unreadable.message),
            None => bail!("no statement on standard input"),
        }
    }
    progress.phase("estimating");
    let terms = terms(&loaded, &args.price, &args.budget, as_of, &env.base)?;
    let estimator = terms.estimator(&lake, as_of);
    let bill = Bill::of(&estimator).with_machines(&estimator);
    drop(progress);
    let view = View { width: env.width, color: env.color, explain: args.explain };
    let form = form(args);
    let mut text = render(form, &bill, &estimator, &view);
    loaded.settings.retain(|rule| terms.budget.is_set() && BUDGET_RULES.contains(&rule));
    let (findings, broken) = budget_findings(&bill, &estimator, &loaded, env, form);
    // Where the output is for programs or one line is asked for, it stays as it is.
    match form {
        Form::Table if !findings.is_empty() => text.push_str(&format!("\n{findings}")),
        Form::Table => {}
        _ => say(env, &findings),
    }
    print(env, &text).context("standard output")?;
    // The process is about to end: taking a large lake apart first would only make the user wait.
    drop(bill);
    std::mem::forget(lake);
    Ok(if broken { Status::Findings } else { Status::Clean })
}

/// Leaves the queries of the selected models of dbt.
fn select(selection: &Selection, lake: &mut Lake) -> anyhow::Result<()> {
    let path_of = |model: &Model| lake.sources.get(model.span.file).path.clone();
    let selected = selection.of(&lake.models, &lake.exposures, path_of);
    if selected.is_empty() {
        bail!("`--select` fits none of the {} models, snapshots, tests and analyses that were read", lake.models.len());
    }
    lake.queries.retain(|query| query.model.is_some_and(|model| selected.contains(&model)));
    lake.workflows.clear();
    Ok(())
}

/// What breaks the budget, as `check` prints it, and whether that breaks the run.
fn budget_findings(
    bill: &Bill<'_>,
    estimator: &Estimator<'_>,
    loaded: &Loaded,
    env: &Env<'_>,
    form: Form,
) -> (String, bool) {
    let findings = rules::run_on_bill(bill, estimator, &loaded.settings);
    let globs_from = loaded.file.as_ref().and_then(|file| file.path.parent());
    let sift = triage::Sift { settings: &loaded.settings, estimator: *estimator, base: &env.base, globs_from };
    let report = triage::triage(findings, estimator.lake, &sift);
    let color = env.color && form == Form::Table;
    let look = Look { width: env.width, color, detail: Detail::Quiet, ..Look::default() };
    let fail_on = loaded.config.fail_on.unwrap_or(FailOn::High);
    let broken = report.findings.iter().any(|found| fail_on.breaks(found.finding.severity));
    (output::render(Format::Terminal, &report, estimator.lake, &look), broken)
}

/// What comes in on standard input alone is answered in a line.
fn form(args: &CostArgs) -> Form {
    match args.format {
        CostFormat::Table if args.read.reads_only_stdin() => Form::Line,
        CostFormat::Table => Form::Table,
        CostFormat::Json => Form::Json,
        CostFormat::Csv => Form::Csv,
        CostFormat::Markdown => Form::Markdown,
    }
}
