//! The money side of a run, from configuration and flags.

use std::path::Path;

use anyhow::bail;

use crate::cli::{BudgetArgs, PriceArgs};
use crate::config::Loaded;
use crate::cost::{Runs, Terms};
use crate::expr::AsOf;

/// Flags count before the configuration. Fails where the price is not in dollars, or where a budget
/// is in dollars and nothing has a price.
pub(super) fn terms(
    loaded: &Loaded,
    price: &PriceArgs,
    budget: &BudgetArgs,
    as_of: AsOf,
    base: &Path,
) -> anyhow::Result<Terms> {
    let globs_from = loaded.file.as_ref().and_then(|file| file.path.parent());
    let terms = Terms {
        pricing: loaded.pricing(price.region.as_deref(), price.usd_per_tb)?,
        runs: Runs::new(&loaded.config.runs, as_of, base, globs_from),
        budget: loaded.config.budget.limits(budget.max_query_usd, budget.max_query_bytes),
    };
    let budget = &terms.budget;
    if !terms.pricing.is_metered() && (budget.query_usd.is_some() || budget.month_usd.is_some()) {
        bail!("a budget in dollars needs a price: with `usd-per-tb` 0, limit `query-bytes`");
    }
    Ok(terms)
}
