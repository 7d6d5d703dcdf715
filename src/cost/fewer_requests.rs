//! What is saved in requests when a table's partitions change and its rows stay.

use super::estimate::{Estimator, is_billed};
use super::projected::projected;
use super::prune::prune;
use super::requests::{Requests, domains_of_keys, to_glue};
use super::saving::add;
use crate::finding::{Billed, Change, Share, Waste};
use crate::lake::{Count, Query, Table, TableRead, Usd};

/// How a table's partitions are found instead.
#[derive(Debug, Clone, Copy)]
pub enum Partitioning<'a> {
    /// Registered, without those that hold nothing.
    WithoutEmpty,
    /// Projected as this description of the table says.
    Projected(&'a Table),
    /// Registered instead of projected.
    Registered,
    /// Registered by text keys, which Glue filters by.
    TextKeys,
}

impl Estimator<'_> {
    /// What one run of every statement that reads a table saves together in requests; `None` when none of them is known to save
    /// any.
    pub fn saved_requests(&self, table: &Table, instead: Partitioning<'_>, how: impl Into<String>) -> Option<Waste> {
        let billed = self.lake.queries.iter().filter(|query| is_billed(query.kind));
        let total = billed.filter_map(|query| self.saved_of(query, table, instead)).reduce(add)?;
        Some(Waste { fix: how.into(), ..total })
    }

    /// LIST requests and those to Glue; the files that are opened stay the same.
    fn saved_of(&self, query: &Query, table: &Table, instead: Partitioning<'_>) -> Option<Waste> {
        let (mut before, mut after, mut bytes) = (Requests::NONE, Requests::NONE, 0u64);
        for read in &query.reads {
            if std::ptr::eq(self.lake.catalog.get(read.table), table) {
                let now = self.read(query, read);
                let found = Requests { get: Some(0), ..now.requests };
                before = before.plus(found);
                after = after.plus(self.instead(read, table, found, instead)?);
                bytes = bytes.saturating_add(now.bytes.map_or(0, |bytes| bytes.likely));
            }
        }
        let count = |requests: &Requests| Some(requests.list?.saturating_add(requests.glue?));
        let requests = Change { before: count(&before)?, after: count(&after)? };
        if requests.after >= requests.before {
            return None;
        }
        let usd = Change { before: before.usd()?, after: after.usd()? };
        Some(Waste {
            billed: Billed::Requests,
            bytes: Change { before: bytes, after: bytes },
            requests: Some(requests),
            usd,
            usd_per_month: self.frequency(query).map(|(runs, _)| Usd((usd.before.0 - usd.after.0) * runs)),
            fix: String::new(),
            is_assumed: false,
            by_ratio: false,
            is_scaled: false,
            is_most: query.reads.iter().any(|read| read.stops_early),
            shares: vec![Share { query: query.span, amount: requests, usd }],
        })
    }

    fn instead(&self, read: &TableRead, table: &Table, now: Requests, instead: Partitioning<'_>) -> Option<Requests> {
        let pruning = prune(read, table, self.as_of);
        let kept = |table: &Table| Some(projected(read, table, self.as_of)?.partitions.high);
        let (gone, glue) = match instead {
            Partitioning::WithoutEmpty => (pruning?.empty, now.glue),
            Partitioning::Projected(narrow) => (kept(table)?.saturating_sub(kept(narrow)?), now.glue),
            Partitioning::Registered => {
                let stored = pruning?.survivors.count();
                (kept(table)?.saturating_sub(stored), Some(to_glue(stored)))
            }
            Partitioning::TextKeys if domains_of_keys(read).next().is_some() => (0, Some(to_glue(pruning?.kept))),
            Partitioning::TextKeys => (0, now.glue),
        };
        let list = now.list?.saturating_sub(gone.saturating_mul(u64::from(read.scans)));
        Some(Requests { list: Some(list), glue, ..now })
    }
}

/// `3,650 LIST requests ($0.02)`: what so many LIST requests cost.
pub fn listing(requests: u64) -> String {
    let usd = Requests { list: Some(requests), ..Requests::NONE }.usd().unwrap_or_default();
    format!("{} LIST requests ({usd})", Count(requests))
}
