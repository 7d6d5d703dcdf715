//! `lakelint cost`: bytes and dollars of every query.

use anyhow::Context as _;

use super::progress::Progress;
use super::{Env, Status, print};
use crate::cli::CostArgs;
use crate::cost::{Bill, Estimator};
use crate::output::cost as output;

/// Reads, estimates, reports.
pub fn run(args: &CostArgs, env: &mut Env<'_>) -> anyhow::Result<Status> {
    let progress = Progress::start(env.progress);
    let loaded = args.read.load_config(&env.base, &[], &[])?;
    let as_of = args.read.as_of();
    progress.phase("reading files");
    let (lake, _) = args.read.read(&env.base, &loaded, as_of)?;
    progress.phase("estimating");
    let pricing = loaded.pricing(args.price.region.as_deref(), args.price.usd_per_tb)?;
    let estimator = Estimator { lake: &lake, as_of, pricing: &pricing };
    let bill = Bill::of(&estimator);
    drop(progress);
    print(env, &output::json(&bill, &estimator)).context("standard output")?;
    std::mem::forget(lake);
    Ok(Status::Clean)
}
