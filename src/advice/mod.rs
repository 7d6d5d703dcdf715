//! What to build for a data product: a pattern for each part of its pipeline, chosen by plain rules from its description, with
//! what it costs to a first order and how it compares with what the repository does. A pure function of its input.

mod compare;
mod ingestion;
mod orchestration;
mod price;
mod product;
mod serving;
mod transforms;

use std::num::NonZeroU32;

use crate::cost::Pricing;
use crate::lake::{DAYS_PER_MONTH, Usd};
use crate::rules::Page;

pub use compare::{Comparison, Verdict, compare};
pub use product::{Changes, Level, Logic, Product, Time};

/// One way to build a part of a pipeline: its id, the part, and its page.
#[derive(Debug)]
pub struct Pattern {
    pub id: &'static str,
    pub part: Part,
    /// The text of `advice/<id>.md`.
    pub page_text: &'static str,
}

/// A part of a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Ingestion,
    Transforms,
    Orchestration,
    Serving,
    /// No pattern to choose: it only costs.
    Storage,
}

/// What the rules say about one part.
#[derive(Debug, Clone)]
pub struct Decision {
    pub part: Part,
    /// `None` where the description does not decide.
    pub choice: Option<&'static Pattern>,
    /// What led to the choice.
    pub reasons: Vec<String>,
    /// What else must be known, for the choice or the cost; `` `freshness`: how old the data may be when it is read``.
    pub missing: Vec<&'static str>,
    pub cost: Cost,
}

/// Dollars of a month.
#[derive(Debug, Clone, PartialEq)]
pub enum Cost {
    /// With what was taken for granted.
    Known(Usd, String),
    /// The part of it that can be priced, and what is missing.
    AtLeast(Usd, String),
    /// Why.
    Unknown(String),
}

/// Everything that is advised.
#[derive(Debug, Clone)]
pub struct Advice {
    pub decisions: Vec<Decision>,
    /// Sum of what is known; `None` where nothing is.
    pub usd_per_month: Option<Usd>,
    /// Some part is not in the sum, or not all of it.
    pub is_partial: bool,
}

/// Seconds between two starts by a schedule, at least (<https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>).
const LEAST_BETWEEN_STARTS: f64 = 60.0;

/// Defines a pattern and embeds its page by id.
macro_rules! pattern {
    ($part:ident, $id:literal) => {
        $crate::advice::Pattern {
            id: $id,
            part: $crate::advice::Part::$part,
            page_text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/advice/", $id, ".md")),
        }
    };
}
use pattern;

/// Every pattern, by part.
pub const PATTERNS: &[&Pattern] = &[
    &ingestion::BATCH,
    &ingestion::STREAMING,
    &transforms::ATHENA,
    &transforms::DBT,
    &transforms::GLUE,
    &orchestration::SCHEDULER,
    &orchestration::STEP_FUNCTIONS,
    &serving::ATHENA,
    &serving::STORE,
];

impl Pattern {
    pub fn page(&self) -> Page<'static> {
        Page::parse(self.page_text)
    }
}

impl Part {
    pub fn name(self) -> &'static str {
        match self {
            Part::Ingestion => "ingestion",
            Part::Transforms => "transforms",
            Part::Orchestration => "orchestration",
            Part::Serving => "serving",
            Part::Storage => "storage",
        }
    }
}

impl Decision {
    fn new(part: Part) -> Decision {
        let cost = Cost::Unknown("nothing is chosen".to_string());
        Decision { part, choice: None, reasons: Vec::new(), missing: Vec::new(), cost }
    }

    fn choose(&mut self, pattern: &'static Pattern, reason: impl Into<String>) {
        self.choice = Some(pattern);
        self.reasons.push(reason.into());
    }
}

impl Product {
    /// Runs of a batch in a month: as often as data may be old, and as schedules can start it.
    fn runs_per_month(&self) -> Option<f64> {
        Some(DAYS_PER_MONTH * 86_400.0 / self.freshness?.0.0.max(LEAST_BETWEEN_STARTS))
    }

    fn steps(&self) -> Option<u32> {
        self.steps.map(NonZeroU32::get)
    }

    fn bytes_per_month(&self) -> Option<f64> {
        Some(self.volume_per_day?.0 as f64 * DAYS_PER_MONTH)
    }
}

/// The advice for a product.
pub fn advise(product: &Product, pricing: &Pricing) -> Advice {
    let mut decisions = vec![
        ingestion::decide(product),
        transforms::decide(product, pricing),
        orchestration::decide(product),
        serving::decide(product, pricing),
        price::storage(product),
    ];
    decisions.iter_mut().for_each(|decision| decision.missing.dedup());
    let known = decisions.iter().filter_map(|decision| match &decision.cost {
        Cost::Known(usd, _) | Cost::AtLeast(usd, _) => Some(usd.0),
        Cost::Unknown(_) => None,
    });
    let usd_per_month = known.reduce(|a, b| a + b).map(Usd);
    let is_partial = decisions.iter().any(|decision| !matches!(decision.cost, Cost::Known(..)));
    Advice { decisions, usd_per_month, is_partial }
}

#[cfg(test)]
mod tests;
