//! What turns bytes into money: the price, how often queries run, and what they may cost.

use super::{Budget, Estimator, Pricing, Runs};
use crate::expr::AsOf;
use crate::lake::Lake;

/// The money side of the configuration.
#[derive(Debug, Default)]
pub struct Terms {
    pub pricing: Pricing,
    pub runs: Runs,
    pub budget: Budget,
}

impl Terms {
    /// An estimator on these terms.
    pub fn estimator<'a>(&'a self, lake: &'a Lake, as_of: AsOf) -> Estimator<'a> {
        Estimator { lake, as_of, pricing: &self.pricing, runs: &self.runs, budget: &self.budget }
    }
}
