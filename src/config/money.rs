//! `[price]` and `[budget]`: what counts in dollars.

use serde::{Deserialize, Deserializer};

use crate::cost::{Budget, Engine, OnUnknown, PriceChoice};
use crate::lake::{Bytes, Usd};

/// `[price]`: the price of scanned bytes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PriceConfig {
    pub region: Option<String>,
    pub engine: Engine,
    /// Instead of the listed price; 0 where capacity is provisioned.
    #[serde(deserialize_with = "amount")]
    pub usd_per_tb: Option<f64>,
    #[serde(deserialize_with = "whole_terabyte")]
    pub tb_bytes: Option<u64>,
}

impl PriceConfig {
    /// The choice, with the flags of the command line over it. A region that a flag names does away with the configured price,
    /// which belongs to another one.
    pub fn choice(&self, region: Option<&str>, usd_per_tb: Option<f64>) -> PriceChoice {
        let default = PriceChoice::default();
        PriceChoice {
            region: region.or(self.region.as_deref()).unwrap_or(&default.region).to_string(),
            engine: self.engine,
            usd_per_tb: usd_per_tb.or(if region.is_some() { None } else { self.usd_per_tb }),
            tb_bytes: self.tb_bytes.unwrap_or(default.tb_bytes),
        }
    }
}

/// `[budget]`: what queries may cost.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct BudgetConfig {
    #[serde(deserialize_with = "amount")]
    pub query_usd: Option<f64>,
    #[serde(deserialize_with = "size")]
    pub query_bytes: Option<Bytes>,
    #[serde(deserialize_with = "amount")]
    pub month_usd: Option<f64>,
    /// What `lakelint diff` lets a change add to a month.
    #[serde(deserialize_with = "amount")]
    pub increase_usd_month: Option<f64>,
    /// In percent of the month before it.
    #[serde(deserialize_with = "amount")]
    pub increase_pct: Option<f64>,
    pub unknown: OnUnknown,
}

impl BudgetConfig {
    /// The limits, with the flags of the command line over them.
    pub fn limits(&self, query_usd: Option<f64>, query_bytes: Option<Bytes>) -> Budget {
        Budget {
            query_usd: query_usd.or(self.query_usd).map(Usd),
            query_bytes: query_bytes.or(self.query_bytes),
            month_usd: self.month_usd.map(Usd),
            unknown: self.unknown,
        }
    }
}

/// A size as text with a unit, or as bytes.
fn size<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Bytes>, D::Error> {
    let error = || serde::de::Error::custom("expected a size such as \"100 GB\"");
    match toml::Value::deserialize(value)? {
        toml::Value::Integer(bytes) => u64::try_from(bytes).map(|bytes| Some(Bytes(bytes))).map_err(|_| error()),
        toml::Value::String(text) => text.parse().map(Some).map_err(|_| error()),
        _ => Err(error()),
    }
}

/// Dollars as a number that is not negative.
pub(super) fn amount<'de, D: Deserializer<'de>>(value: D) -> Result<Option<f64>, D::Error> {
    match toml::Value::deserialize(value)? {
        toml::Value::Integer(whole) if whole >= 0 => Ok(Some(whole as f64)),
        toml::Value::Float(number) if number.is_finite() && number >= 0.0 => Ok(Some(number)),
        _ => Err(serde::de::Error::custom("expected an amount in US dollars such as 5.0")),
    }
}

fn whole_terabyte<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u64>, D::Error> {
    match toml::Value::deserialize(value)? {
        toml::Value::Integer(bytes) if bytes > 0 => Ok(Some(bytes as u64)),
        _ => Err(serde::de::Error::custom("expected the bytes of a terabyte: 1000000000000 or 1099511627776")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;

    #[test]
    fn budgets_are_read_and_overridden_by_flags() {
        let budget = |text: &str| parse("lakelint.toml", text).map(|config| config.budget).map_err(|e| e.to_string());
        let config = budget("[budget]\nquery-usd = 1\nquery-bytes = \"100 GB\"\nmonth-usd = 50.5\nunknown = \"allow\"")
            .expect("valid");
        let limits = config.limits(None, None);
        assert_eq!(limits.query_usd, Some(Usd(1.0)));
        assert_eq!(limits.query_bytes, Some(Bytes(100_000_000_000)));
        assert_eq!((limits.month_usd, limits.unknown), (Some(Usd(50.5)), OnUnknown::Allow));
        assert_eq!(config.limits(Some(2.0), Some(Bytes(7))).query_bytes, Some(Bytes(7)));
        assert!(limits.is_set() && !BudgetConfig::default().limits(None, None).is_set());
        for (text, message) in [
            ("[budget]\nquery-bytes = \"much\"", "lakelint.toml:2:15: expected a size such as \"100 GB\""),
            ("[budget]\nquery-bytes = -1", "lakelint.toml:2:15: expected a size such as \"100 GB\""),
            ("[budget]\nunknown = \"alow\"", "lakelint.toml:2:11: unknown value `alow`, did you mean `allow`?"),
            ("[budget]\nmonthly-usd = 1", "lakelint.toml:2:1: unknown key `monthly-usd`, did you mean `month-usd`?"),
        ] {
            assert_eq!(budget(text).expect_err(text), message);
        }
    }

    #[test]
    fn prices_are_read_and_overridden_by_flags() {
        let price = |text: &str| parse("lakelint.toml", text).map(|config| config.price).map_err(|e| e.to_string());
        let config = price("[price]\nregion = \"eu-west-3\"\nusd-per-tb = 6\ntb-bytes = 1099511627776").expect("valid");
        let choice = config.choice(None, None);
        assert_eq!((choice.usd_per_tb, choice.tb_bytes), (Some(6.0), 1 << 40));
        assert_eq!(config.choice(None, Some(0.0)).usd_per_tb, Some(0.0));
        let moved = config.choice(Some("us-west-1"), None);
        assert_eq!((moved.region.as_str(), moved.usd_per_tb), ("us-west-1", None));
        let spectrum = price("[price]\nengine = \"redshift-spectrum\"").expect("valid");
        assert_eq!(spectrum.choice(None, None).engine, Engine::RedshiftSpectrum);
        assert_eq!(spectrum.choice(None, None).region, "us-east-1");
        for (text, message) in [
            ("[price]\nengine = \"athna\"", "lakelint.toml:2:10: unknown value `athna`, did you mean `athena`?"),
            ("[price]\nusd-per-tb = -1", "lakelint.toml:2:14: expected an amount in US dollars such as 5.0"),
            ("[price]\nusd_per_tb = 1", "lakelint.toml:2:1: unknown key `usd_per_tb`, did you mean `usd-per-tb`?"),
            (
                "[price]\ntb-bytes = 0",
                "lakelint.toml:2:12: expected the bytes of a terabyte: 1000000000000 or 1099511627776",
            ),
        ] {
            assert_eq!(price(text).expect_err(text), message);
        }
    }
}
