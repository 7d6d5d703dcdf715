//! `[budget]`: what queries may cost.

use serde::Deserialize;

use crate::lake::{Bytes, Usd};

/// Limits on likely figures; an absent one limits nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Budget {
    /// Dollars of one run of one query.
    pub query_usd: Option<Usd>,
    /// Bytes that one run of one query scans.
    pub query_bytes: Option<Bytes>,
    /// Dollars that all queries of the lake cost in a month.
    pub month_usd: Option<Usd>,
    pub unknown: OnUnknown,
}

/// What becomes of a budget that cannot be evaluated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnUnknown {
    #[default]
    Fail,
    Allow,
}

impl Budget {
    /// Whether anything is limited.
    pub fn is_set(&self) -> bool {
        self.query_usd.is_some() || self.query_bytes.is_some() || self.month_usd.is_some()
    }
}
