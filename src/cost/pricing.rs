//! What a terabyte costs, and how scanned bytes become a bill.

use crate::lake::{Spread, Usd};

/// The price of scanned bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Pricing {
    /// US dollars for one terabyte; 0 where capacity is provisioned.
    pub usd_per_tb: f64,
    /// Bytes of a terabyte. AWS does not say whether it is 10^12 or 2^40: 10^12 never estimates too little.
    pub tb_bytes: u64,
    /// Where the price comes from and as of when, for people: `Athena, us-east-1, as of 2026-08`.
    pub source: String,
}

/// A megabyte, and the least that a query is billed for: ten of them.
/// <https://aws.amazon.com/athena/pricing/>: "rounded up to the nearest megabyte, with a 10 MB minimum per query".
const MEGABYTE: u64 = 1_000_000;
const MINIMUM: u64 = 10 * MEGABYTE;

impl Pricing {
    /// What one billed query costs that scans so many bytes.
    pub fn bill(&self, bytes: u64) -> Usd {
        let billed = bytes.div_ceil(MEGABYTE).saturating_mul(MEGABYTE).max(MINIMUM);
        Usd(billed as f64 / self.tb_bytes as f64 * self.usd_per_tb)
    }

    pub fn bill_spread(&self, bytes: Spread<u64>) -> Spread<Usd> {
        bytes.map(|bytes| self.bill(bytes))
    }
}

impl Default for Pricing {
    fn default() -> Self {
        Pricing { usd_per_tb: 5.0, tb_bytes: 1_000_000_000_000, source: "Athena, us-east-1, as of 2026-08".to_string() }
    }
}
