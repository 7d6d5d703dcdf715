//! Step Functions, or a schedule alone.

use super::{Decision, LEAST_BETWEEN_STARTS, Level, Part, Pattern, Product, pattern, price};

pub(super) const SCHEDULER: Pattern = pattern!(Orchestration, "scheduler-orchestration");
pub(super) const STEP_FUNCTIONS: Pattern = pattern!(Orchestration, "step-functions-orchestration");

const CORRECTNESS: &str = "`correctness`: whether a wrong number costs \"low\", \"medium\" or \"high\"";

pub(super) fn decide(product: &Product) -> Decision {
    let mut decision = Decision::new(Part::Orchestration);
    let why = match (product.correctness, product.is_batch(), product.starts()) {
        (Some(Level::High), ..) => {
            Some("a wrong number is dear: checks are stages, and a failure stops what comes after")
        }
        (Some(Level::Medium), ..) => {
            Some("a wrong number must be noticed: checks are stages, and a failure tells somebody")
        }
        (_, Some(true), _) => Some(
            "a batch and what is made of it are two steps: each is retried on its own, and waits for the one before",
        ),
        (_, _, Some(2..)) => {
            Some("there is more than one step: each is retried on its own, and waits for the one before")
        }
        (Some(Level::Low), Some(false), Some(1)) => {
            decision.choose(
                &SCHEDULER,
                "one thing is started, and a wrong number can be mended later: a schedule is enough",
            );
            // https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
            let told = "its dead-letter queue tells of starts that failed, not of runs that failed: what runs has to tell itself";
            decision.reasons.push(told.to_string());
            None
        }
        _ => None,
    };
    if let Some(why) = why {
        decision.choose(&STEP_FUNCTIONS, why);
    }
    let needed = [
        (product.correctness.is_none(), CORRECTNESS),
        (product.freshness.is_none(), price::FRESHNESS),
        (product.steps.is_none(), price::STEPS),
    ];
    decision.missing.extend(needed.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, what)| what));
    let Some(choice) = decision.choice else { return decision };
    decision.cost = price::orchestration(product, choice.id == STEP_FUNCTIONS.id);
    let shortest = LEAST_BETWEEN_STARTS * if product.is_batch() == Some(false) { 3.0 } else { 2.0 };
    if product.freshness.is_some_and(|freshness| freshness.0.0 < shortest) {
        let why = "a schedule starts once a minute at most: what must be fresher is read from the stream itself";
        decision.reasons.push(why.to_string());
    }
    decision
}
