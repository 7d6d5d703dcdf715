//! What to build for a data product: a pattern for each part of its pipeline, chosen by plain rules from its description, with
//! what it costs to a first order and how it compares with what the repository does. A pure function of its input.

mod compare;
mod ingestion;
mod makers;
mod orchestration;
mod price;
mod product;
mod serving;
mod transforms;

use std::num::NonZeroU32;

use crate::cost::Pricing;
use crate::lake::{DAYS_PER_MONTH, Seconds, Usd};
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

/// Dollars of a month, each with how they were obtained.
#[derive(Debug, Clone, PartialEq)]
pub enum Cost {
    /// To a first order: it may be more or less.
    About(Usd, String),
    /// The part of it that can be priced.
    AtLeast(Usd, String),
    AtMost(Usd, String),
    /// Why.
    Unknown(String),
}

/// Everything that is advised.
#[derive(Debug, Clone)]
pub struct Advice {
    pub decisions: Vec<Decision>,
    pub sum: Sum,
}

/// What is known of the costs, added up: amounts of several kinds are no bound together, so it says what it is made of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sum {
    /// `None` where nothing is known.
    pub usd: Option<Usd>,
    /// The part of it that is lower bounds.
    pub at_least: Usd,
    /// The part of it that is upper bounds.
    pub at_most: Usd,
    /// What is not in it.
    pub unknown: Vec<Part>,
}

/// Dollars of a month that nobody should take as they are.
const DEAR: f64 = 10_000.0;

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

impl Cost {
    pub fn usd(&self) -> Option<Usd> {
        match self {
            Cost::About(usd, _) | Cost::AtLeast(usd, _) | Cost::AtMost(usd, _) => Some(*usd),
            Cost::Unknown(_) => None,
        }
    }

    pub fn basis(&self) -> &str {
        match self {
            Cost::About(_, basis) | Cost::AtLeast(_, basis) | Cost::AtMost(_, basis) | Cost::Unknown(basis) => basis,
        }
    }
}

impl Product {
    /// Whether data comes in by batches, where that is decided.
    fn is_batch(&self) -> Option<bool> {
        Some(!ingestion::streams(self.freshness?))
    }

    /// The time between two starts. Data gets as old as that, and as much older as a run takes: half of what is allowed is left
    /// to the run; after a delivery stream, which collects for a third, a third.
    fn period(&self) -> Option<Seconds> {
        let part = if self.is_batch()? { 2.0 } else { 3.0 };
        Some(Seconds((self.freshness?.0.0 / part).max(LEAST_BETWEEN_STARTS)))
    }

    fn runs_per_month(&self) -> Option<f64> {
        Some(DAYS_PER_MONTH * 86_400.0 / self.period()?.0)
    }

    fn steps(&self) -> Option<u32> {
        self.steps.map(NonZeroU32::get)
    }

    /// What is started to make the tables: dbt makes all of its own.
    fn starts(&self) -> Option<u32> {
        self.steps().map(|steps| if transforms::is_dbt(self) { 1 } else { steps })
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
    let mut sum = Sum::default();
    for decision in &mut decisions {
        decision.missing.dedup();
        let Some(usd) = decision.cost.usd() else {
            sum.unknown.push(decision.part);
            continue;
        };
        sum.usd = Some(Usd(sum.usd.unwrap_or_default().0 + usd.0));
        match decision.cost {
            Cost::AtLeast(..) => sum.at_least.0 += usd.0,
            Cost::AtMost(..) => sum.at_most.0 += usd.0,
            _ => {}
        }
        if usd.0 > DEAR {
            let remark = "over $10,000 a month by these numbers: check them before anything is built";
            decision.reasons.push(remark.to_string());
        }
    }
    Advice { decisions, sum }
}

#[cfg(test)]
mod tests;
