//! What a terabyte costs, and how scanned bytes become a bill.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::prices::{ForeignPrice, prices};
use crate::config::did_you_mean;
use crate::lake::{Count, Spread, Usd};

/// Who bills the scanned bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    #[default]
    Athena,
    RedshiftSpectrum,
}

/// The price of scanned bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Pricing {
    pub engine: Engine,
    /// As configured.
    pub region: String,
    /// US dollars for one terabyte; 0 where capacity is provisioned.
    pub usd_per_tb: f64,
    /// Bytes of a terabyte. AWS does not say whether it is 10^12 or 2^40: 10^12 never estimates too little.
    pub tb_bytes: u64,
    /// Where the price comes from.
    pub source: String,
    /// When the source gave it, `2026-08`; `None` for a price of the user's.
    pub as_of: Option<String>,
    /// What was taken for granted about the price.
    pub assumption: Option<String>,
}

/// `[price]`, with the flags of the command line over it.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceChoice {
    pub region: String,
    pub engine: Engine,
    /// Instead of the table's.
    pub usd_per_tb: Option<f64>,
    pub tb_bytes: u64,
}

/// A region whose bill is not in US dollars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignCurrency {
    pub region: String,
    pub currency: String,
    /// What is listed, for people.
    pub price: String,
}

/// A megabyte, and the least that a query is billed for: ten of them.
/// <https://aws.amazon.com/athena/pricing/>: "rounded up to the nearest megabyte, with a 10 MB minimum per query".
const MEGABYTE: u64 = 1_000_000;
const MINIMUM: u64 = 10 * MEGABYTE;

impl Pricing {
    /// The price that counts. An unknown region has the engine's price for regions that are not listed.
    pub fn of(choice: &PriceChoice) -> Result<Pricing, ForeignCurrency> {
        let PriceChoice { region, engine, usd_per_tb, tb_bytes } = choice;
        let mut pricing = Pricing {
            engine: *engine,
            region: region.clone(),
            usd_per_tb: 0.0,
            tb_bytes: *tb_bytes,
            source: "usd-per-tb".to_string(),
            as_of: None,
            assumption: None,
        };
        if let Some(usd_per_tb) = usd_per_tb {
            pricing.usd_per_tb = *usd_per_tb;
            return Ok(pricing);
        }
        if let Some(foreign) = prices().foreign.iter().find(|price| partition(&price.region) == partition(region)) {
            let ForeignPrice { region: listed, currency, per_tb, as_of } = foreign;
            let price = format!("{per_tb} per TB in {listed} as of {as_of}");
            return Err(ForeignCurrency { region: region.clone(), currency: currency.clone(), price });
        }
        let (row, own) = prices().of_region(*engine, region);
        pricing.usd_per_tb = row.usd_per_tb;
        pricing.source.clone_from(&row.source);
        pricing.as_of = Some(row.as_of.clone());
        let price = Usd(row.usd_per_tb);
        pricing.assumption = match (own, row.up_to) {
            (true, _) => None,
            (false, Some(most)) => Some(format!(
                "{engine} costs {price} to {} per TB by region: {price} is taken for `{region}`, set `usd-per-tb` to yours",
                Usd(most)
            )),
            (false, None) => {
                let known: Vec<&str> = prices().regions(*engine).collect();
                let near = if is_region(region) { String::new() } else { did_you_mean(region, &known) };
                Some(format!(
                    "no price of `{region}` is listed{near}: {price} per TB is taken, as in most regions, set `usd-per-tb` \
                     to yours"
                ))
            }
        };
        Ok(pricing)
    }

    /// Whether scanned bytes are billed: not where capacity is provisioned.
    pub fn is_metered(&self) -> bool {
        self.usd_per_tb > 0.0
    }

    /// The terabyte that the price is for: `TB`, and how large it is where that is not 10^12 bytes.
    pub fn terabyte(&self) -> String {
        match self.tb_bytes {
            1_000_000_000_000 => "TB".to_string(),
            bytes => format!("TB of {} bytes", Count(bytes)),
        }
    }

    /// Bytes that one billed query is billed for when it scans so many.
    pub fn billed_bytes(bytes: u64) -> u64 {
        bytes.div_ceil(MEGABYTE).saturating_mul(MEGABYTE).max(MINIMUM)
    }

    /// What one billed query costs that scans so many bytes; `None` where capacity is provisioned.
    pub fn bill(&self, bytes: u64) -> Option<Usd> {
        // Multiplied first: whole megabytes times a price in cents stay exact.
        let usd = Self::billed_bytes(bytes) as f64 * self.usd_per_tb / self.tb_bytes as f64;
        self.is_metered().then_some(Usd(usd))
    }

    pub fn bill_spread(&self, bytes: Spread<u64>) -> Option<Spread<Usd>> {
        Some(Spread { low: self.bill(bytes.low)?, likely: self.bill(bytes.likely)?, high: self.bill(bytes.high)? })
    }
}

/// Regions of one AWS partition, China's for one, share a currency.
fn partition(region: &str) -> Option<&str> {
    region.split('-').next()
}

/// Whether a text has the form of a region's name, with a known part of the world and a known direction:
/// `us-east-2` may be missing from the table, but it is no misspelling.
/// <https://docs.aws.amazon.com/general/latest/gr/rande.html>
fn is_region(text: &str) -> bool {
    const AREAS: [&str; 11] = ["us", "us-gov", "ca", "eu", "ap", "sa", "me", "af", "il", "mx", "cn"];
    const DIRECTIONS: [&str; 9] =
        ["north", "northeast", "northwest", "east", "west", "south", "southeast", "southwest", "central"];
    let parts = text.rsplit_once('-').and_then(|(rest, number)| Some((rest.rsplit_once('-')?, number)));
    parts.is_some_and(|((area, direction), number)| {
        AREAS.contains(&area) && DIRECTIONS.contains(&direction) && number.len() == 1 && number.parse::<u8>().is_ok()
    })
}

impl Default for PriceChoice {
    fn default() -> Self {
        PriceChoice {
            region: "us-east-1".to_string(),
            engine: Engine::Athena,
            usd_per_tb: None,
            tb_bytes: 1_000_000_000_000,
        }
    }
}

impl Default for Pricing {
    /// Athena in us-east-1.
    fn default() -> Self {
        Pricing::of(&PriceChoice::default()).expect("us-east-1 is billed in dollars")
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Engine::Athena => "Athena",
            Engine::RedshiftSpectrum => "Redshift Spectrum",
        })
    }
}

impl fmt::Display for Pricing {
    /// `$5.00 per TB (Athena, us-east-1, as of 2026-08)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_metered() {
            return f.write_str("provisioned capacity: scanned bytes cost nothing more");
        }
        write!(f, "{} per {} ({}, {}, ", Usd(self.usd_per_tb), self.terabyte(), self.engine, self.region)?;
        match &self.as_of {
            Some(as_of) => write!(f, "as of {as_of})"),
            None => f.write_str("as configured)"),
        }
    }
}

impl fmt::Display for ForeignCurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ForeignCurrency { region, currency, price } = self;
        write!(f, "the price of `{region}` is in {currency} ({price}), set `usd-per-tb`")
    }
}

impl std::error::Error for ForeignCurrency {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelled_regions_are_told_from_those_that_are_not_listed() {
        let assumption = |region: &str, engine| {
            let choice = PriceChoice { region: region.to_string(), engine, ..PriceChoice::default() };
            Pricing::of(&choice).expect("in dollars").assumption
        };
        assert_eq!(assumption("us-west-1", Engine::Athena), None);
        let unlisted = assumption("us-west-2", Engine::Athena).expect("an assumption");
        assert_eq!(
            unlisted,
            "no price of `us-west-2` is listed: $5.00 per TB is taken, as in most regions, set `usd-per-tb` to yours"
        );
        let misspelled = assumption("us-wets-1", Engine::Athena).expect("an assumption");
        assert!(misspelled.starts_with("no price of `us-wets-1` is listed, did you mean `us-west-1`?"), "{misspelled}");
        let spectrum = assumption("us-west-1", Engine::RedshiftSpectrum).expect("an assumption");
        assert!(spectrum.starts_with("Redshift Spectrum costs $5.00 to $6.25 per TB by region: $5.00"), "{spectrum}");
    }

    #[test]
    fn the_price_is_shown_with_its_date() {
        assert_eq!(Pricing::default().to_string(), "$5.00 per TB (Athena, us-east-1, as of 2026-08)");
        let own = PriceChoice { usd_per_tb: Some(4.2), ..PriceChoice::default() };
        assert_eq!(Pricing::of(&own).expect("valid").to_string(), "$4.20 per TB (Athena, us-east-1, as configured)");
        let binary = Pricing { tb_bytes: 1 << 40, ..Pricing::default() };
        assert!(binary.to_string().starts_with("$5.00 per TB of 1,099,511,627,776 bytes ("), "{binary}");
    }
}
