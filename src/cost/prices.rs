//! The dated price table, `prices.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::pricing::Engine;
use crate::lake::StorageClass;

/// All prices that are known.
#[derive(Debug, Deserialize)]
pub struct Prices {
    pub scan: Vec<ScanPrice>,
    pub foreign: Vec<ForeignPrice>,
    pub requests: RequestPrices,
    #[serde(rename = "step-functions")]
    pub step_functions: StepFunctionPrices,
    pub glue: GluePrices,
    pub lambda: LambdaPrices,
    pub firehose: FirehosePrices,
    pub scheduler: SchedulerPrices,
    pub storage: Vec<StoragePrice>,
}

/// The price of scanned bytes in some regions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ScanPrice {
    pub engine: Engine,
    /// Empty: every region that the engine has no row for.
    #[serde(default)]
    pub regions: Vec<String>,
    pub usd_per_tb: f64,
    /// The dearest region, where the source gives a range.
    #[serde(default)]
    pub up_to: Option<f64>,
    pub source: String,
    /// `2026-08`.
    pub as_of: String,
}

/// A price in another currency than US dollars.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ForeignPrice {
    pub region: String,
    pub currency: String,
    pub per_tb: f64,
    pub as_of: String,
}

/// US dollars for a thousand requests.
#[derive(Debug, Deserialize)]
pub struct RequestPrices {
    #[serde(rename = "s3-list-per-1000")]
    pub list: f64,
    #[serde(rename = "s3-get-per-1000")]
    pub get: f64,
    #[serde(rename = "glue-per-1000")]
    pub glue: f64,
}

/// US dollars for what state machines do.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct StepFunctionPrices {
    /// Transitions of Standard executions.
    pub standard_per_1000: f64,
    /// Requests for Express executions.
    pub express_per_million: f64,
    pub express_gb_hour: f64,
    pub as_of: String,
}

/// US dollars for Glue jobs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct GluePrices {
    pub dpu_hour: f64,
    pub as_of: String,
}

/// US dollars for delivery streams, a gigabyte of records.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FirehosePrices {
    pub ingested_gb: f64,
    /// To Parquet or ORC.
    pub converted_gb: f64,
    pub as_of: String,
}

/// US dollars for invocations by schedules.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SchedulerPrices {
    pub per_million: f64,
    /// Millions of invocations of a month.
    pub free_millions: f64,
    pub as_of: String,
}

/// US dollars for functions.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LambdaPrices {
    pub requests_per_million: f64,
    pub gb_second: f64,
    pub gb_second_arm: f64,
    pub as_of: String,
}

/// US dollars for a gigabyte of one storage class, stored for a month.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct StoragePrice {
    pub class: StorageClass,
    pub usd_per_gb_month: f64,
    pub as_of: String,
}

/// The region of all prices but those of scanned bytes.
const HOME: &str = "us-east-1";

/// The embedded table.
pub fn prices() -> &'static Prices {
    static PRICES: LazyLock<Prices> = LazyLock::new(|| {
        toml::from_str(include_str!("prices.toml")).expect("the embedded table is valid: a test reads it")
    });
    &PRICES
}

impl Prices {
    /// The oldest date of what state machines are priced with.
    pub fn machines_as_of(&self) -> &str {
        let dates = [&self.step_functions.as_of, &self.glue.as_of, &self.lambda.as_of];
        dates.into_iter().min().map_or("", |date| date)
    }

    /// Of where and when the prices are that advice takes besides that of scanned bytes, for people.
    pub fn of_advice(&self, region: &str) -> String {
        let storage = self.storage.iter().filter(|price| price.class == StorageClass::Standard);
        let dates = [&self.step_functions.as_of, &self.glue.as_of, &self.firehose.as_of, &self.scheduler.as_of];
        let oldest = dates.into_iter().chain(storage.map(|price| &price.as_of)).min().map_or("", |date| date);
        let other = if region == HOME { String::new() } else { format!(", not of `{region}`") };
        format!(
            "prices of Glue, Step Functions, EventBridge Scheduler, Firehose and S3 are those of {HOME}{other}, as of {oldest} \
             or later"
        )
    }

    /// The row of a region, else the engine's row for all others; whether the region has a row of its own.
    pub fn of_region(&self, engine: Engine, region: &str) -> (&ScanPrice, bool) {
        let rows = || self.scan.iter().filter(move |row| row.engine == engine);
        let own = rows().find(|row| row.regions.iter().any(|known| known == region));
        let default = || rows().find(|row| row.regions.is_empty()).expect("every engine has a row without regions");
        own.map_or_else(|| (default(), false), |row| (row, true))
    }

    /// Regions with a price of their own for an engine, in the table's order.
    pub fn regions(&self, engine: Engine) -> impl Iterator<Item = &str> {
        let rows = self.scan.iter().filter(move |row| row.engine == engine);
        rows.flat_map(|row| row.regions.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_source_and_a_date() {
        let table: toml::Table = include_str!("prices.toml").parse().expect("valid");
        let rows = table.values().flat_map(|value| value.as_array().cloned().unwrap_or(vec![value.clone()]));
        let rows: Vec<toml::Value> = rows.collect();
        assert_eq!(rows.len(), prices().scan.len() + prices().foreign.len() + prices().storage.len() + 6);
        for row in rows {
            let text =
                |key: &str| row.get(key).and_then(|value| value.as_str().map(str::to_string)).unwrap_or_default();
            assert!(!text("source").is_empty(), "{row}");
            assert!(text("as-of").len() == "2026-08".len() && text("as-of").starts_with("20"), "{row}");
        }
    }
}
