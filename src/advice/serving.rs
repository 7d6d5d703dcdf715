//! Athena, or a store that answers at once.

use super::{Cost, Decision, Part, Pattern, Product, pattern, price};
use crate::cost::Pricing;

pub(super) const ATHENA: Pattern = pattern!(Serving, "athena-serving");
pub(super) const STORE: Pattern = pattern!(Serving, "store-serving");

/// Seconds below which queries over files are not relied on: they are queued, planned and list their partitions first
/// (<https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryRuntimeStatisticsTimeline.html>). AWS promises no time; the
/// limit is ours.
const AT_ONCE: f64 = 3.0;

pub(super) fn decide(product: &Product, pricing: &Pricing) -> Decision {
    let mut decision = Decision::new(Part::Serving);
    let Some(latency) = product.latency else {
        decision.missing.push("`latency`: how long a consumer may wait for an answer");
        return decision;
    };
    if latency.0.0 < AT_ONCE {
        decision.choose(
            &STORE,
            format!(
                "an answer may take {}: queries over files are queued and planned first, and below 3 s, a limit of ours, not \
                 relied on",
                latency.0
            ),
        );
        decision.cost = Cost::Unknown("it depends on the store and on its load".to_string());
    } else {
        decision.choose(
            &ATHENA,
            format!("an answer may take {}: queries over files mostly take seconds; measure yours", latency.0),
        );
        decision.cost = price::queries(product, pricing);
        let needed = [
            (product.queries_per_day.is_none(), "`queries-per-day`: how often it is queried"),
            (product.days_per_query.is_none(), "`days-per-query`: how many days of data a query reads"),
            (product.volume_per_day.is_none(), price::VOLUME),
        ];
        decision.missing.extend(needed.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, what)| what));
    }
    decision
}
