//! `lakelint advise`: how to build a data product, and how the repository compares.

use anyhow::Context as _;

use super::reading::Purpose;
use super::terms::terms;
use super::{Env, Status, print};
use crate::advice::{Product, advise, compare};
use crate::cli::{AdviseArgs, BudgetArgs};
use crate::config;
use crate::cost::Bill;
use crate::output::advice::{Sheet, render};

/// Reads the description and the lake, decides, compares. Advice breaks no build.
pub fn run(args: &AdviseArgs, env: &mut Env<'_>) -> anyhow::Result<Status> {
    let shown = args.product.display().to_string();
    let text = std::fs::read_to_string(env.base.join(&args.product))
        .with_context(|| format!("the product `{shown}` cannot be read"))?;
    let product: Product = config::read_toml(&shown, text.trim_start_matches('\u{feff}'))?;
    let loaded = args.read.load_config(&env.base, &[], &[])?;
    let as_of = args.read.as_of();
    let (lake, _) = args.read.read(&env.base, &loaded, as_of, Purpose::Audit)?;
    let terms = terms(&loaded, &args.price, &BudgetArgs::default(), as_of, &env.base)?;
    let estimator = terms.estimator(&lake, as_of);
    let bill = Bill::of(&estimator);
    let advice = advise(&product, &terms.pricing);
    let comparisons = compare(&product, &advice, &estimator, &bill);
    let sheet = Sheet { product: &product, advice: &advice, comparisons: &comparisons, estimator: &estimator };
    print(env, &render(args.format, &sheet, env.width)).context("standard output")?;
    Ok(Status::Clean)
}
