//! What patterns cost in a month, to a first order: the quantities of the description times the price table. What the
//! description does not give is unknown, never 0, and every amount says how it was obtained.

use super::{Changes, Cost, Decision, Level, Part, Product, transforms};
use crate::cost::{Pricing, prices};
use crate::lake::{Bytes, Count, DAYS_PER_MONTH, StorageClass, Usd};

pub(super) const VOLUME: &str = "`volume-per-day`: how many bytes come in on a day";
pub(super) const FRESHNESS: &str = "`freshness`: how old the data may be when it is read";
pub(super) const STEPS: &str = "`steps`: how many tables are made on the way";

/// AWS stores and moves gigabytes of 2^30 bytes (<https://aws.amazon.com/s3/faqs/>).
const GB: f64 = (1u64 << 30) as f64;
/// The part of a month whose price for delivery streams is known: beyond it a gigabyte costs less.
const FIREHOSE_TIER_GB: f64 = 500.0 * 1_024.0;
/// A record of a delivery stream counts in steps of so many bytes (<https://aws.amazon.com/firehose/pricing/>).
const RECORD_STEP: u64 = 5_120;
/// The least that a run is billed for is a minute, with the least units of a Python shell job and of a Spark job
/// (<https://aws.amazon.com/glue/pricing/>, <https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html>).
const LEAST_HOURS: f64 = 1.0 / 60.0;
const PYTHON_SHELL_DPU: f64 = 0.0625;
const SPARK_DPU: f64 = 2.0;
/// Transitions of a run: for each step its work, and its check where there are checks; and to begin, to end and to tell.
const TRANSITIONS: f64 = 3.0;

/// What is missing to know how often things run, and on how much.
pub(super) fn missing_for_runs(product: &Product) -> Vec<&'static str> {
    let needed = [(product.freshness.is_none(), FRESHNESS), (product.volume_per_day.is_none(), VOLUME)];
    needed.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, what)| what).collect()
}

fn unknown(why: &str) -> Cost {
    Cost::Unknown(why.to_string())
}

/// `60.9`, `8,766`.
fn number(value: f64) -> String {
    if value < 100.0 { format!("{}", (value * 10.0).round() / 10.0) } else { Count(value.round() as u64).to_string() }
}

/// `60.9 runs a month, one every 12 hours`.
fn pace(product: &Product) -> Option<String> {
    Some(format!("{} runs a month, one every {}", number(product.runs_per_month()?), product.period()?))
}

pub(super) fn firehose(product: &Product) -> Cost {
    let Some(bytes) = product.bytes_per_month() else { return unknown("the volume is not known") };
    let counted = |record: Bytes| record.0.div_ceil(RECORD_STEP).saturating_mul(RECORD_STEP);
    let times = product.record_size.map_or(1.0, |record| counted(record) as f64 / record.0 as f64);
    let gb = bytes * times / GB;
    let firehose = &prices().firehose;
    let (ingested, converted) = (firehose.ingested_gb, firehose.converted_gb);
    let usd = Usd(gb.min(FIREHOSE_TIER_GB) * (ingested + converted));
    let mut why = format!(
        "{} GB a month at ${ingested} to take in and ${converted} to convert to Parquet, prices of us-east-1 at second hand",
        number(gb)
    );
    why += &match product.record_size {
        Some(record) => format!("; a record of {record} counts as {} bytes", Count(counted(record))),
        None => "; each record counts in steps of 5,120 bytes, so small ones cost more".to_string(),
    };
    if gb > FIREHOSE_TIER_GB {
        why += "; only the first 500 TB: a gigabyte costs less beyond";
    }
    match product.record_size {
        Some(_) if gb <= FIREHOSE_TIER_GB => Cost::About(usd, why),
        _ => Cost::AtLeast(usd, why),
    }
}

pub(super) fn batches(product: &Product) -> Cost {
    least_of_jobs(product, 1)
}

pub(super) fn glue(product: &Product) -> Cost {
    match product.steps() {
        Some(steps) => least_of_jobs(product, steps),
        None => unknown("the number of steps is not known"),
    }
}

/// Jobs that run for a minute: how long they take is known once they have run.
fn least_of_jobs(product: &Product, jobs: u32) -> Cost {
    let (Some(runs), Some(pace)) = (product.runs_per_month(), pace(product)) else {
        return unknown("how often it starts is not known");
    };
    let of = |dpu: f64| Usd(runs * f64::from(jobs) * dpu * LEAST_HOURS * prices().glue.dpu_hour);
    let jobs = if jobs == 1 { "a job".to_string() } else { format!("{} jobs", Count(u64::from(jobs))) };
    let why = format!(
        "{jobs}, {pace}: a minute of {PYTHON_SHELL_DPU} DPU as Python shell is the least that a run is billed for; a minute of \
         {SPARK_DPU} DPU as Spark makes {}; how long runs take is not known",
        of(SPARK_DPU)
    );
    Cost::AtLeast(of(PYTHON_SHELL_DPU), why)
}

/// Every step reads what is new, once.
pub(super) fn statements(product: &Product, steps: u32, pricing: &Pricing) -> Cost {
    let (Some(runs), Some(bytes), Some(pace)) = (product.runs_per_month(), product.bytes_per_month(), pace(product))
    else {
        return unknown("the volume, or how often it is transformed, is not known");
    };
    let new = bytes / runs;
    let Some(of_run) = scan(new, pricing) else { return unknown("capacity is provisioned") };
    let usd = Usd(runs * f64::from(steps) * of_run);
    let scans = if steps == 1 { "scan".to_string() } else { format!("{} scans", Count(u64::from(steps))) };
    let mut why = format!(
        "{pace}, each with {} of {}, what is new since the run before; a scan is billed as 10 MB at least",
        if steps == 1 { "a scan" } else { &scans },
        Bytes(new.ceil() as u64)
    );
    let is_all = product.changes == Some(Changes::AppendOnly);
    if !is_all {
        why += "; what is written again comes on top";
    }
    let is_dbt = transforms::is_dbt(product);
    if is_dbt {
        why += "; what runs dbt itself (a container, a service) is not known and not in it";
    }
    if is_all && !is_dbt { Cost::About(usd, why) } else { Cost::AtLeast(usd, why) }
}

/// All columns of whole days, as large as they came in: no query over columnar files reads more.
pub(super) fn queries(product: &Product, pricing: &Pricing) -> Cost {
    let (Some(queries), Some(days), Some(volume)) =
        (product.queries_per_day, product.days_per_query, product.volume_per_day)
    else {
        return unknown("how often it is queried, or how much a query reads, is not known");
    };
    let bytes = volume.0 as f64 * f64::from(days);
    let Some(of_query) = scan(bytes, pricing) else { return unknown("capacity is provisioned") };
    let why = format!(
        "{} queries a day of {} each, {} for a query: all columns of {} days as they came in; columnar files, fewer columns and a \
         table made for the queries cost less",
        Count(u64::from(queries)),
        Bytes(bytes.ceil() as u64),
        Usd(of_query),
        Count(u64::from(days)),
    );
    Cost::AtMost(Usd(f64::from(queries) * DAYS_PER_MONTH * of_query), why)
}

/// Dollars of one scan; `None` where scans are not billed.
fn scan(bytes: f64, pricing: &Pricing) -> Option<f64> {
    pricing.bill(bytes.ceil() as u64).map(|usd| usd.0)
}

pub(super) fn orchestration(product: &Product, is_machine: bool) -> Cost {
    let (Some(runs), Some(pace)) = (product.runs_per_month(), pace(product)) else {
        return unknown("how often it starts is not known");
    };
    let scheduler = &prices().scheduler;
    let started = (runs / 1e6 - scheduler.free_millions).max(0.0) * scheduler.per_million;
    if !is_machine {
        let why = format!("{pace}; the first {} million starts of a month are free", scheduler.free_millions);
        return Cost::About(Usd(started), why);
    }
    let Some(starts) = product.starts() else { return unknown("the number of steps is not known") };
    let works = starts.saturating_add(u32::from(product.is_batch() == Some(true)));
    let (per_step, checks) = match product.correctness {
        Some(Level::Medium | Level::High) => (2.0, "its work and its check"),
        _ => (1.0, "its work"),
    };
    let each = TRANSITIONS + per_step * f64::from(works);
    let per_1000 = prices().step_functions.standard_per_1000;
    let steps = if works == 1 { "1 step".to_string() } else { format!("{} steps", Count(u64::from(works))) };
    let mut why = format!(
        "{pace}, of {} transitions at ${per_1000} for 1,000: {per_step} for each of {steps}, {checks}, and {TRANSITIONS} more",
        Count(each as u64)
    );
    let usd = Usd(started + runs * each / 1_000.0 * per_1000);
    if product.correctness.is_none() {
        why += "; checks come on top";
        return Cost::AtLeast(usd, why);
    }
    Cost::About(usd, why)
}

pub(super) fn storage(product: &Product) -> Decision {
    let mut decision = Decision::new(Part::Storage);
    let standard = prices().storage.iter().find(|price| price.class == StorageClass::Standard);
    decision.cost = match (product.volume_per_day, product.keep_days, standard) {
        (Some(volume), Some(days), Some(price)) => {
            let gb = volume.0 as f64 * f64::from(days) / GB;
            let why = format!(
                "{} days of what comes in, stored once as it is, {} GB in S3 Standard at ${}, the price of the first 50 TB",
                Count(u64::from(days)),
                number(gb),
                price.usd_per_gb_month
            );
            Cost::About(Usd(gb * price.usd_per_gb_month), why)
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
