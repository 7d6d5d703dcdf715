//! `lakelint cost`: bytes and dollars of every query.

use anyhow::{Context as _, bail};

use super::progress::Progress;
use super::reading::Purpose;
use super::terms::terms;
use super::{Env, Status, print};
use crate::cli::{CostArgs, CostFormat};
use crate::cost::Bill;
use crate::output::cost::{Form, View, render};

/// Reads, estimates, reports.
pub fn run(args: &CostArgs, env: &mut Env<'_>) -> anyhow::Result<Status> {
    if args.explain && args.format == CostFormat::Csv {
        bail!("`--explain` does not fit into CSV: use `--format json`");
    }
    let progress = Progress::start(env.progress);
    let loaded = args.read.load_config(&env.base, &[], &[])?;
    let as_of = args.read.as_of();
    progress.phase("reading files");
    let (lake, _) = args.read.read(&env.base, &loaded, as_of, Purpose::Estimate)?;
    progress.phase("estimating");
    let terms = terms(&loaded, &args.price, &args.budget, as_of, &env.base)?;
    let estimator = terms.estimator(&lake, as_of);
    let bill = Bill::of(&estimator);
    drop(progress);
    let view = View { width: env.width, color: env.color, explain: args.explain };
    print(env, &render(form(args), &bill, &estimator, &view)).context("standard output")?;
    // The process is about to end: taking a large lake apart first would only make the user wait.
    drop(bill);
    std::mem::forget(lake);
    Ok(Status::Clean)
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
