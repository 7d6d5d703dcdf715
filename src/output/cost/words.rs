//! The parts of an estimate in words, shared by the formats for people.

use crate::cost::{Estimate, Estimator};
use crate::lake::{Bytes, Count, Lake, Query, Spread, StatementKind, Usd};

/// How much of something is read, over all reads of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// There is nothing to count: no partitioned table, no column.
    Nothing,
    Unknown,
    Of {
        read: u64,
        total: u64,
    },
}

impl Part {
    fn sum(parts: impl Iterator<Item = Option<(u64, u64)>>) -> Part {
        parts.fold(Part::Nothing, |sum, part| match (sum, part) {
            (Part::Unknown, _) | (_, None) => Part::Unknown,
            (Part::Nothing, Some((read, total))) => Part::Of { read, total },
            (Part::Of { read, total }, Some(more)) => Part::Of { read: read + more.0, total: total + more.1 },
        })
    }

    /// `7/1,096`, `?`, `-`.
    pub(super) fn short(self) -> String {
        match self {
            Part::Nothing => "-".to_string(),
            Part::Unknown => "?".to_string(),
            Part::Of { read, total } => format!("{}/{}", Count(read), Count(total)),
        }
    }

    /// `7 of 1,096 partitions`; nothing when there is nothing to say.
    pub(super) fn sentence(self, what: &str) -> Option<String> {
        let Part::Of { read, total } = self else { return None };
        Some(format!("{} of {} {what}{}", Count(read), Count(total), if total == 1 { "" } else { "s" }))
    }
}

/// Partitions of all reads of partitioned tables that cannot be ruled out.
pub(super) fn partitions(query: &Query, estimate: &Estimate, lake: &Lake) -> Part {
    let reads = query.reads.iter().zip(&estimate.reads);
    let partitioned = reads.filter(|(read, _)| !lake.catalog.get(read.table).partition_keys.is_empty());
    Part::sum(partitioned.map(|(_, read)| read.partitions.map(|p| (p.high, p.total))))
}

/// Columns that all reads need.
pub(super) fn columns(estimate: &Estimate) -> Part {
    let columns = estimate.reads.iter().map(|read| read.columns.as_ref());
    Part::sum(columns.map(|columns| columns.map(|columns| (columns.read.len() as u64, columns.total as u64))))
}

/// `52.4 GB`, or `1 GB - 52.4 GB - 60 GB` where the three differ as shown.
pub(super) fn bytes(spread: Spread<u64>) -> String {
    let Spread { low, likely, high } = spread.map(|bytes| Bytes(bytes).to_string());
    if low == likely && likely == high { likely } else { format!("{low} - {likely} - {high}") }
}

/// Why a statement costs nothing.
pub(super) fn free(kind: StatementKind) -> &'static str {
    match kind {
        StatementKind::Explain => "free (EXPLAIN)",
        StatementKind::CreateView => "free (CREATE VIEW)",
        _ => "free (DDL)",
    }
}

/// `no layout of `t`, nothing describes `u``.
pub(super) fn reasons(estimate: &Estimate) -> String {
    estimate.basis.unknown.join(", ")
}

/// `price: $5.00 per TB (Athena, us-east-1, as of 2026-08), from https://...`.
pub(in crate::output) fn price(estimator: &Estimator<'_>) -> String {
    let pricing = estimator.pricing;
    match &pricing.as_of {
        Some(_) => format!("price: {pricing}, from {}", pricing.source),
        None => format!("price: {pricing}"),
    }
}

/// A dollar amount, or what stands in for one.
pub(super) fn usd(amount: Option<Usd>, otherwise: &str) -> String {
    amount.map_or(otherwise.to_string(), |usd| usd.to_string())
}

/// `1 statement`, `2 statements`.
pub(in crate::output) fn amount(number: usize, what: &str) -> String {
    format!("{} {what}{}", Count(number as u64), if number == 1 { "" } else { "s" })
}
