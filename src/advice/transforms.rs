//! Athena, dbt or Glue.

use super::{Changes, Cost, Decision, Logic, Part, Pattern, Product, pattern, price};
use crate::cost::Pricing;
use crate::lake::Count;

pub(super) const ATHENA: Pattern = pattern!(Transforms, "athena-transforms");
pub(super) const DBT: Pattern = pattern!(Transforms, "dbt-transforms");
pub(super) const GLUE: Pattern = pattern!(Transforms, "glue-transforms");

/// Tables from which on their order, tests and documentation are worth a tool: a limit of ours.
const MANY: u32 = 5;

/// Whether the tables are made by dbt.
pub(super) fn is_dbt(product: &Product) -> bool {
    product.logic == Some(Logic::Sql) && product.steps().is_some_and(|steps| steps >= MANY)
}

pub(super) fn decide(product: &Product, pricing: &Pricing) -> Decision {
    let mut decision = Decision::new(Part::Transforms);
    match (product.logic, product.steps()) {
        (None, _) => decision.missing.push("`logic`: whether \"sql\" says it all, or it takes \"code\""),
        (Some(Logic::Code), _) => {
            decision.choose(&GLUE, "the logic is code: it needs Spark or Python");
            decision.cost = price::glue(product);
        }
        (Some(Logic::Sql), Some(steps)) => {
            let count = Count(u64::from(steps));
            let pattern = if is_dbt(product) { &DBT } else { &ATHENA };
            let tables = if steps == 1 { "table is made" } else { "tables are made" };
            let why = if is_dbt(product) {
                "their order, tests and documentation are worth a tool"
            } else {
                "a statement each"
            };
            decision.choose(pattern, format!("SQL says it all, and {count} {tables}: {why}"));
            decision.cost = price::statements(product, steps, pricing);
        }
        (Some(Logic::Sql), None) => decision.missing.push(price::STEPS),
    }
    match product.changes {
        Some(Changes::Updates) => {
            decision
                .reasons
                .push("rows change later: Iceberg tables, and a MERGE with a predicate on the partitions".to_string());
        }
        Some(Changes::LateRows) => decision
            .reasons
            .push("rows come late: write the last days again, each as a whole, and not only the newest".to_string()),
        Some(Changes::AppendOnly) => {
            decision.reasons.push("rows stay as they are: insert what each run brings, once".to_string())
        }
        None => decision
            .missing
            .push("`changes`: whether rows are \"append-only\", \"late-rows\" come, or there are \"updates\""),
    }
    if let (Some(_), Cost::Unknown(_)) = (decision.choice, &decision.cost) {
        decision.missing.extend(price::missing_for_runs(product));
        if product.steps.is_none() {
            decision.missing.push(price::STEPS);
        }
    }
    decision
}
