//! A finding: one thing that wastes money, where it is, and what to do about it.

use serde::{Deserialize, Serialize};

use crate::lake::{FileId, Span, Usd};

/// How much a finding matters; ordered so that `High` is greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Low,
    Medium,
    High,
}

/// How sure lakelint is; ordered so that `High` is greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    Low,
    Medium,
    High,
}

/// Where a finding is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the text of a file.
    Span(Span),
    /// A whole file that was read.
    File(FileId),
    /// A file that could not be read, by its shown path.
    Path(String),
    /// Only in the lake: the finding's `object` says where.
    Lake,
}

/// A second place that explains a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    pub place: Place,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub rule: &'static str,
    pub severity: Severity,
    pub confidence: Confidence,
    pub place: Place,
    /// Lower case, no final period, with the numbers.
    pub message: String,
    /// What to do, with the exact predicate, property or command where there is one.
    pub help: Option<String>,
    /// The table's name as the statement writes it (or as declared).
    pub table: Option<String>,
    /// A prefix, partition or state.
    pub object: Option<String>,
    pub related: Vec<Related>,
    /// What the fix would save; `None` when that is unknown, or when it saves nothing that is billed.
    pub waste: Option<Waste>,
    /// A change of the files that mends it.
    pub patch: Option<Patch>,
}

/// A change of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// Places in files on disk, in order, without overlaps.
    pub edits: Vec<Edit>,
    /// It changes nothing that works: `check --fix` may apply it.
    pub is_safe: bool,
}

impl Patch {
    /// What a user may do with it.
    pub fn title(&self) -> &'static str {
        match self.is_safe {
            true => "`lakelint check --fix` makes this change",
            false => "a change to look at before it is made",
        }
    }
}

/// Text in place of other text; an empty span is an insertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

/// A quantity as it is, and with a fix.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Change<T> {
    pub before: T,
    pub after: T,
}

/// What is billed that a fix saves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Billed {
    /// Bytes that statements scan: bytes and dollars are those of one run of each statement concerned.
    Scan,
    /// Bytes that are stored: dollars are those of a month.
    Storage,
    /// Requests of statements, to S3 and Glue: requests and dollars are those of one run of each statement concerned.
    Requests,
}

/// What a fix would save: the likely figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Waste {
    pub billed: Billed,
    /// Scanned, or stored.
    pub bytes: Change<u64>,
    /// `None` unless requests are what is saved.
    pub requests: Option<Change<u64>>,
    /// The bill for a run, or for a month of storage; both are 0 for scans where capacity is provisioned.
    pub usd: Change<Usd>,
    /// What is saved in a month; `None` when some statement's frequency is unknown.
    pub usd_per_month: Option<Usd>,
    /// The fix that was applied and what it takes for granted, for people: ``with `dt = '2025-06-29'` ``.
    pub fix: String,
    /// Whether the present bytes were assumed in part (type widths for columns, typical files) and not measured.
    pub is_assumed: bool,
    /// Whether the bytes that the fix leaves follow from a typical ratio, such as how well text compresses, and not from the table.
    pub by_ratio: bool,
    /// Whether the present bytes are what runs scanned, and the others the share that the estimate says the fix leaves of them.
    pub is_scaled: bool,
    /// Whether the engine may stop before it has read so much, below a LIMIT: the saving lies between nothing and this.
    pub is_most: bool,
    /// The statements concerned, each with its own part of the dollars; none where stored bytes are saved.
    pub shares: Vec<Share>,
}

/// What a fix does to the bill of one run of one statement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// [`crate::lake::Query::span`].
    pub query: Span,
    /// Bytes, or requests where these are saved.
    pub amount: Change<u64>,
    pub usd: Change<Usd>,
}

impl Waste {
    /// How its amounts were obtained, as in JSON.
    pub fn basis(&self) -> &'static str {
        match (self.is_assumed || self.by_ratio, self.is_scaled) {
            (true, _) => "assumed",
            (false, true) => "actual",
            (false, false) => "measured",
        }
    }

    /// What findings are ranked by: dollars, those of the month where it is known, else of one run, which is what a month saves
    /// at least; then bytes, which alone tell where capacity is provisioned. What may be saved ranks below everything that is
    /// saved.
    pub fn rank(&self) -> (bool, f64, u64) {
        let usd = self.usd_per_month.unwrap_or(Usd(self.usd.before.0 - self.usd.after.0)).0;
        (!self.is_most, usd, self.bytes.before.saturating_sub(self.bytes.after))
    }

    /// Whether the fix saves anything at all.
    pub fn is_any(&self) -> bool {
        self.bytes.after < self.bytes.before || self.usd.after < self.usd.before
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        })
    }
}

impl std::fmt::Display for Confidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        })
    }
}
