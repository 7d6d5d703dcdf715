//! What patterns cost in a month, to a first order: the quantities of the description times the price table. What the
//! description does not give is unknown, never 0.

use super::{Changes, Cost, Decision, Part, Product};
use crate::cost::{Pricing, prices};
use crate::lake::{StorageClass, Usd};

pub(super) const VOLUME: &str = "`volume-per-day`: how many bytes come in on a day";
const FRESHNESS: &str = "`freshness`: how old the data may be when it is read";

/// AWS stores and moves gigabytes of 2^30 bytes (<https://aws.amazon.com/s3/faqs/>).
const GB: f64 = (1u64 << 30) as f64;
/// The least that a Spark job is billed for: two units for a minute (<https://aws.amazon.com/glue/pricing/>).
const LEAST_DPU_HOURS: f64 = 2.0 / 60.0;
/// Transitions of a run: for each step its work and its check, and to begin, to end and to tell.
const TRANSITIONS_PER_STEP: f64 = 2.0;
const TRANSITIONS: f64 = 3.0;

/// What is missing to know how often things run, and on how much.
pub(super) fn missing_for_runs(product: &Product) -> Vec<&'static str> {
    let needed = [(product.freshness.is_none(), FRESHNESS), (product.volume_per_day.is_none(), VOLUME)];
    needed.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, what)| what).collect()
}

fn unknown(why: &str) -> Cost {
    Cost::Unknown(why.to_string())
}

pub(super) fn firehose(product: &Product) -> Cost {
    let Some(bytes) = product.bytes_per_month() else { return unknown("the volume is not known") };
    let firehose = &prices().firehose;
    let usd = bytes / GB * (firehose.ingested_gb + firehose.converted_gb);
    Cost::Known(
        Usd(usd),
        "a delivery stream that converts to Parquet, at the price of eu-west-2; records count in steps of 5 kB"
            .to_string(),
    )
}

pub(super) fn batches(product: &Product) -> Cost {
    let Some(runs) = product.runs_per_month() else { return unknown("how often a batch starts is not known") };
    least_of_jobs(runs, 1)
}

pub(super) fn glue(product: &Product) -> Cost {
    let Some(runs) = product.runs_per_month() else { return unknown("how often the jobs start is not known") };
    least_of_jobs(runs, product.steps().unwrap_or(1))
}

/// Jobs of two units, for a minute: how long they take is known once they have run.
fn least_of_jobs(runs: f64, jobs: u32) -> Cost {
    let usd = runs * f64::from(jobs) * LEAST_DPU_HOURS * prices().glue.dpu_hour;
    let why = "a Glue job is billed for 2 DPU and a minute at least; the minutes that the volume takes are not known";
    Cost::AtLeast(Usd(usd), why.to_string())
}

/// Every step reads what is new, once.
pub(super) fn statements(product: &Product, steps: u32, pricing: &Pricing) -> Cost {
    let (Some(runs), Some(bytes)) = (product.runs_per_month(), product.bytes_per_month()) else {
        return unknown("the volume, or how often it is transformed, is not known");
    };
    let Some(of_run) = scan(bytes / runs, pricing) else { return unknown("capacity is provisioned") };
    let usd = Usd(runs * f64::from(steps) * of_run);
    let why = "every step scans what is new once, as much as came in; at least 10 MB a run";
    match product.changes {
        Some(Changes::AppendOnly) => Cost::Known(usd, why.to_string()),
        _ => Cost::AtLeast(usd, format!("{why}; what is written again comes on top")),
    }
}

pub(super) fn queries(product: &Product, pricing: &Pricing) -> Cost {
    let (Some(queries), Some(days), Some(volume)) =
        (product.queries_per_day, product.days_per_query, product.volume_per_day)
    else {
        return unknown("how often it is queried, or how much a query reads, is not known");
    };
    let Some(of_query) = scan(volume.0 as f64 * f64::from(days), pricing) else {
        return unknown("capacity is provisioned");
    };
    let why = "queries read whole days; columnar files and fewer columns cost less";
    Cost::Known(Usd(f64::from(queries) * crate::lake::DAYS_PER_MONTH * of_query), why.to_string())
}

/// Dollars of one scan; `None` where scans are not billed.
fn scan(bytes: f64, pricing: &Pricing) -> Option<f64> {
    pricing.bill(bytes.ceil() as u64).map(|usd| usd.0)
}

pub(super) fn orchestration(product: &Product, is_machine: bool) -> Cost {
    let Some(runs) = product.runs_per_month() else { return unknown("how often it starts is not known") };
    let scheduler = &prices().scheduler;
    let started = (runs / 1e6 - scheduler.free_millions).max(0.0) * scheduler.per_million;
    if !is_machine {
        let why = format!("the first {} million starts of a month are free", scheduler.free_millions);
        return Cost::Known(Usd(started), why);
    }
    let Some(steps) = product.steps() else { return unknown("the number of steps is not known") };
    let transitions = runs * (TRANSITIONS + TRANSITIONS_PER_STEP * f64::from(steps));
    let usd = transitions / 1_000.0 * prices().step_functions.standard_per_1000;
    Cost::Known(Usd(started + usd), "two transitions a step, its work and its check, and three more a run".to_string())
}

pub(super) fn storage(product: &Product) -> Decision {
    let mut decision = Decision::new(Part::Storage);
    let standard = prices().storage.iter().find(|price| price.class == StorageClass::Standard);
    decision.cost = match (product.volume_per_day, product.keep_days, standard) {
        (Some(volume), Some(days), Some(price)) => {
            let usd = volume.0 as f64 * f64::from(days) / GB * price.usd_per_gb_month;
            Cost::Known(Usd(usd), format!("{days} days in S3 Standard, stored once"))
        }
        _ => unknown("how much is kept is not known"),
    };
    let needed = [
        (product.volume_per_day.is_none(), VOLUME),
        (product.keep_days.is_none(), "`keep-days`: for how many days data is kept"),
    ];
    decision.missing.extend(needed.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, what)| what));
    decision
}
