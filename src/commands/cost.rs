//! `lakelint cost`: bytes and dollars of every query.

use anyhow::Context as _;

use super::progress::Progress;
use super::reading::Purpose;
use super::terms::terms;
use super::{Env, Status, print};
use crate::cli::CostArgs;
use crate::cost::Bill;
use crate::output::cost as output;

/// Reads, estimates, reports.
pub fn run(args: &CostArgs, env: &mut Env<'_>) -> anyhow::Result<Status> {
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
    print(env, &output::json(&bill, &estimator)).context("standard output")?;
    std::mem::forget(lake);
    Ok(Status::Clean)
}
