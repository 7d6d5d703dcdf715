//! Statements that have run: how often, and what they really scanned.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A statement without its literal values, comments and spacing: runs of one scheduled query share it. 64 bits of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

/// What was seen of past runs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// Where it was read, for people: `Athena, 3 workgroups`, `target/run_results.json`.
    pub source: String,
    /// Length of the period that was looked at, in days; `None` when nothing tells, so that frequencies are unknown.
    pub days: Option<f64>,
    pub statements: BTreeMap<Fingerprint, PastStatement>,
    /// By dbt model, as `cost` names its query: results of dbt runs do not always tell the statement.
    pub models: BTreeMap<String, PastStatement>,
}

/// The runs of one statement.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PastStatement {
    /// Runs that succeeded and were billed; runs whose result was reused scan nothing and are `reused`.
    pub runs: u64,
    pub reused: u64,
    /// Failed and cancelled runs.
    pub failed: u64,
    /// Runs by what their literals were: see [`Actual::literals`]. The most frequent ones.
    pub actual: Vec<Actual>,
    /// The text, where the user asked to keep it.
    pub sql: Option<String>,
}

/// Bytes that runs with the same literal values scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actual {
    /// 16 bits of a hash of the literal values: enough to tell that a statement has changed, too few to tell what they were.
    pub literals: u16,
    pub runs: u64,
    /// Smallest, median and largest `DataScannedInBytes` of these runs.
    pub low: u64,
    pub median: u64,
    pub high: u64,
}
