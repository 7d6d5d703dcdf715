//! The money side of a run, from configuration and flags.

use std::path::Path;

use crate::cli::{BudgetArgs, PriceArgs};
use crate::config::Loaded;
use crate::cost::{Runs, Terms};
use crate::expr::AsOf;

/// Flags count before the configuration. Fails where the price is not in dollars.
pub(super) fn terms(
    loaded: &Loaded,
    price: &PriceArgs,
    budget: &BudgetArgs,
    as_of: AsOf,
    base: &Path,
) -> anyhow::Result<Terms> {
    let globs_from = loaded.file.as_ref().and_then(|file| file.path.parent());
    Ok(Terms {
        pricing: loaded.pricing(price.region.as_deref(), price.usd_per_tb)?,
        runs: Runs::new(&loaded.config.runs, as_of, base, globs_from),
        budget: loaded.config.budget.limits(budget.max_query_usd, budget.max_query_bytes),
    })
}
