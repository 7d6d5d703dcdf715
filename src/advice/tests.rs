//! The rules as a whole.

use proptest::prelude::*;

use super::*;
use crate::lake::{Bytes, Seconds};

fn ids(product: &Product) -> Vec<&'static str> {
    let advice = advise(product, &Pricing::default());
    advice.decisions.iter().map(|decision| decision.choice.map_or("-", |pattern| pattern.id)).collect()
}

#[test]
fn nothing_said_is_nothing_decided_and_nothing_priced() {
    let advice = advise(&Product::default(), &Pricing::default());
    assert!(advice.sum.usd.is_none() && advice.sum.unknown.len() == 5);
    for decision in &advice.decisions {
        assert!(decision.choice.is_none() && !decision.missing.is_empty(), "{decision:?}");
    }
}

#[test]
fn thresholds_belong_to_one_side() {
    let fresh = |seconds: f64| Product { freshness: Some(Time(Seconds(seconds))), ..Product::default() };
    assert_eq!(ids(&fresh(1_799.0))[0], "streaming-ingestion");
    assert_eq!(ids(&fresh(1_800.0))[0], "batch-ingestion");
    let steps = |steps: u32| Product { logic: Some(Logic::Sql), steps: NonZeroU32::new(steps), ..Product::default() };
    assert_eq!([ids(&steps(4))[1], ids(&steps(5))[1]], ["athena-transforms", "dbt-transforms"]);
    assert_eq!([ids(&steps(1))[2], ids(&steps(2))[2]], ["-", "step-functions-orchestration"]);
    let latency = |seconds: f64| Product { latency: Some(Time(Seconds(seconds))), ..Product::default() };
    assert_eq!([ids(&latency(2.9))[3], ids(&latency(3.0))[3]], ["store-serving", "athena-serving"]);
}

fn product() -> impl Strategy<Value = Product> {
    let time = || proptest::option::of((1.0f64..1e7).prop_map(|seconds| Time(Seconds(seconds))));
    let count = || proptest::option::of(0u32..1_000);
    let level = proptest::option::of(prop_oneof![Just(Level::Low), Just(Level::Medium), Just(Level::High)]);
    let logic = proptest::option::of(prop_oneof![Just(Logic::Sql), Just(Logic::Code)]);
    let changes =
        proptest::option::of(prop_oneof![Just(Changes::AppendOnly), Just(Changes::LateRows), Just(Changes::Updates)]);
    (time(), time(), (level, logic, changes), (count(), count(), count(), count())).prop_map(
        |(freshness, latency, (correctness, logic, changes), (steps, queries, days, keep))| Product {
            freshness,
            latency,
            correctness,
            logic,
            changes,
            steps: steps.and_then(NonZeroU32::new),
            queries_per_day: queries,
            days_per_query: days,
            keep_days: keep,
            ..Product::default()
        },
    )
}

proptest! {
    #[test]
    fn the_same_product_has_the_same_advice_and_more_volume_never_costs_less(
        product in product(), small in 0u64..1 << 50, more in 0u64..1 << 50
    ) {
        let of = |volume: u64| {
            advise(&Product { volume_per_day: Some(Bytes(volume)), ..product.clone() }, &Pricing::default())
        };
        let (a, b) = (of(small), of(small + more));
        let chosen = |advice: &Advice| -> Vec<_> {
            advice.decisions.iter().map(|decision| decision.choice.map(|pattern| pattern.id)).collect()
        };
        prop_assert_eq!(chosen(&a), chosen(&b));
        prop_assert_eq!(format!("{a:?}"), format!("{:?}", of(small)));
        let usd = |advice: &Advice| advice.sum.usd.map_or(0.0, |usd| usd.0);
        prop_assert!(usd(&a) <= usd(&b) * (1.0 + 1e-9), "{} {}", usd(&a), usd(&b));
        prop_assert!(usd(&a).is_finite() && usd(&a) >= 0.0);
    }
}
