//! Step Functions, or a schedule alone.

use super::{Decision, LEAST_BETWEEN_STARTS, Level, Part, Pattern, Product, pattern, price};

pub(super) const SCHEDULER: Pattern = pattern!(Orchestration, "scheduler-orchestration");
pub(super) const STEP_FUNCTIONS: Pattern = pattern!(Orchestration, "step-functions-orchestration");

pub(super) fn decide(product: &Product) -> Decision {
    let mut decision = Decision::new(Part::Orchestration);
    match (product.correctness, product.steps()) {
        (Some(Level::High), _) => {
            decision.choose(
                &STEP_FUNCTIONS,
                "a wrong number is dear: checks are stages, and a failure stops what comes after",
            );
        }
        (_, Some(2..)) => {
            decision.choose(
                &STEP_FUNCTIONS,
                "there is more than one step: each is retried on its own, and waits for the one before",
            );
        }
        (Some(_), Some(_)) => {
            decision.choose(
                &SCHEDULER,
                "there is one step, and a wrong number can be mended the next day: a schedule is enough",
            );
        }
        (None, Some(_)) => {
            decision.missing.push("`correctness`: whether a wrong number costs \"low\", \"medium\" or \"high\"")
        }
        (Some(_), None) => decision.missing.push("`steps`: how many tables are made on the way"),
        (None, None) => decision.missing.extend([
            "`correctness`: whether a wrong number costs \"low\", \"medium\" or \"high\"",
            "`steps`: how many tables are made on the way",
        ]),
    }
    let Some(choice) = decision.choice else { return decision };
    decision.cost = price::orchestration(product, choice.id == STEP_FUNCTIONS.id);
    if product.freshness.is_some_and(|freshness| freshness.0.0 < LEAST_BETWEEN_STARTS) {
        let why = "a schedule starts once a minute at most: what must be fresher is read from the stream itself";
        decision.reasons.push(why.to_string());
    }
    if product.freshness.is_none() {
        decision.missing.push("`freshness`: how old the data may be when it is read");
    }
    if product.steps.is_none() {
        decision.missing.push("`steps`: how many tables are made on the way");
    }
    decision
}
