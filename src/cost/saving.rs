//! What a fix would save: the statement estimated again with the fix applied.

use std::collections::BTreeSet;

use chrono::{Days as DaySpan, NaiveDate};

use super::basis::Certainty;
use super::columns::by_width;
use super::estimate::{Estimate, Estimator, ReadEstimate};
use super::prune::prune;
use super::requests::Requests;
use super::scan::{scan, scan_of};
use crate::finding::{Billed, Change, Share, Waste};
use crate::lake::{Codec, ColumnsUsed, DateKey, Pruning, Query, Spread, Survivor, Table, TableRead, Usd};

/// A change to one read.
#[derive(Debug, Clone)]
pub enum Fix {
    /// Only some days of the date key.
    Days(Days),
    /// Without one data column.
    Without(String),
    /// Row text written as compressed Parquet.
    AsParquet,
    /// Text written with compression.
    Compressed,
    /// One scan for all scans of these reads, that one among them: it takes in the columns of all.
    Once(Vec<usize>),
    /// Not at all: another read that stays gives the rows too.
    Shared,
    /// This share of the bytes: the others are no rows of the table. Only of reads of the whole table: which partitions the others
    /// lie in is not known.
    Part(f64),
    /// The same rows in this share of the files.
    Compacted(f64),
    /// The same rows in this share of the partitions.
    Coarser(f64),
    /// Delete files merged into the data, which leaves this share of its rows.
    Merged(f64),
}

impl Fix {
    /// Whether what it leaves rests on [`COMPRESSION`].
    fn is_by_ratio(&self) -> bool {
        matches!(self, Fix::AsParquet | Fix::Compressed)
    }

    /// Whether the fix is about requests, so that they count beside the bytes.
    fn is_about_requests(&self) -> bool {
        matches!(self, Fix::Compacted(_) | Fix::Coarser(_))
    }
}

/// Inclusive days that a predicate keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// Text compresses to about a third, and Parquet reads only the needed columns of it: the example of
/// <https://aws.amazon.com/athena/pricing/> (3 TB of text, 3:1, one column of four).
pub const COMPRESSION: f64 = 3.0;

impl Days {
    /// The days before a date, that one excluded.
    pub fn before(today: NaiveDate, count: u64) -> Option<Days> {
        Some(Days { from: today.checked_sub_days(DaySpan::new(count))?, to: today.pred_opt()? })
    }
}

impl Estimator<'_> {
    /// What one run of a statement saves when some of its reads change; `None` when its bytes are unknown or stay.
    pub fn saved(&self, query: &Query, fixes: &[(usize, Fix)], how: impl Into<String>) -> Option<Waste> {
        let before = self.from_layout(query);
        let mut reads = before.reads.clone();
        for (index, fix) in fixes {
            reads[*index] = self.fixed(query, &query.reads[*index], fix, &reads[*index])?;
        }
        let mut after = self.total(query, reads);
        let scaled = self.scaled(query, &before, &mut after);
        let is_scaled = scaled.is_some();
        let before = scaled.unwrap_or(before);
        let bytes = before.bytes.zip(after.bytes)?;
        let with_requests = fixes.iter().any(|(_, fix)| fix.is_about_requests());
        // No dollars where capacity is provisioned.
        let dollars = |estimate: &Estimate| {
            let requests = if with_requests { estimate.requests.usd().unwrap_or_default().0 } else { 0.0 };
            estimate.usd.map_or(Usd(0.0), |usd| Usd(usd.likely.0 + requests))
        };
        let usd = Change { before: dollars(&before), after: dollars(&after) };
        let amount = Change { before: bytes.0.likely, after: bytes.1.likely };
        let runs = before.runs_per_month.filter(|_| self.pricing.is_metered());
        Some(Waste {
            billed: Billed::Scan,
            bytes: amount,
            requests: None,
            usd,
            usd_per_month: runs.map(|runs| Usd((usd.before.0 - usd.after.0) * runs)),
            fix: how.into(),
            is_assumed: before.basis.certainty == Certainty::Assumed,
            by_ratio: fixes.iter().any(|(_, fix)| fix.is_by_ratio()),
            is_scaled,
            is_most: fixes.iter().any(|(index, _)| query.reads[*index].stops_early),
            shares: vec![Share { query: query.span, amount, usd }],
        })
    }

    /// Where runs tell what a statement scans, both sides in that measure: the fix leaves the same share of it as of the layout's
    /// bytes. Gives the side before; `None` where no runs count.
    fn scaled(&self, query: &Query, before: &Estimate, after: &mut Estimate) -> Option<Estimate> {
        let actual = self.query(query);
        let (now, layout, fixed) = (actual.bytes?, before.bytes?, after.bytes?);
        if actual.basis.certainty != Certainty::Actual || layout.likely == 0 {
            return None;
        }
        let share = fixed.likely as f64 / layout.likely as f64;
        let bytes = now.map(|bytes| (bytes as f64 * share) as u64);
        after.usd = after.usd.and_then(|_| self.pricing.bill_spread(bytes));
        after.bytes = Some(bytes);
        Some(actual)
    }

    /// What a predicate on some days of the date key saves at some reads of a statement; its text comes from the first read.
    pub fn saved_within(&self, query: &Query, reads: &[usize], days: Option<Days>) -> Option<Waste> {
        let (days, table) = (days?, self.lake.catalog.get(query.reads.get(*reads.first()?)?.table));
        let predicate = DateKey::of(table)?.predicate(table, days.from, days.to);
        let fixes: Vec<(usize, Fix)> = reads.iter().map(|index| (*index, Fix::Days(days))).collect();
        self.saved(query, &fixes, format!("with `{predicate}`"))
    }

    /// What one run of every statement that reads a table saves together.
    pub fn saved_on(&self, table: &Table, fix: &Fix, how: impl Into<String>) -> Option<Waste> {
        let of_table = |read: &TableRead| std::ptr::eq(self.lake.catalog.get(read.table), table);
        let mut total: Option<Waste> = None;
        for query in &self.lake.queries {
            let reads = query.reads.iter().enumerate().filter(|(_, read)| of_table(read));
            let fixes: Vec<(usize, Fix)> = reads.map(|(index, _)| (index, fix.clone())).collect();
            if fixes.is_empty() {
                continue;
            }
            let Some(saved) = self.saved(query, &fixes, "") else { continue };
            total = Some(match total {
                Some(sum) => add(sum, saved),
                None => saved,
            });
        }
        Some(Waste { fix: how.into(), ..total? })
    }

    /// One read with a fix; `None` where the fix does not apply.
    fn fixed(&self, query: &Query, read: &TableRead, fix: &Fix, now: &ReadEstimate) -> Option<ReadEstimate> {
        let table = self.lake.catalog.get(read.table);
        match fix {
            Fix::Days(days) => {
                let kept = within(prune(read, table, self.as_of)?, table, days)?;
                Some(scan_of(query.kind, read, table, &kept))
            }
            Fix::Without(column) => {
                let columns = without(read, table, column)?;
                Some(scan(query.kind, &TableRead { columns, ..read.clone() }, table, self.as_of))
            }
            Fix::Once(group) => Some(scan(query.kind, &once(query, read, group), table, self.as_of)),
            Fix::Shared => Some(ReadEstimate { bytes: now.bytes.map(|bytes| bytes.map(|_| 0)), ..now.clone() }),
            Fix::Part(share) => {
                let is_whole = prune(read, table, self.as_of).is_some_and(|pruning| pruning.kept == pruning.total);
                is_whole.then(|| scaled(now, share.clamp(0.0, 1.0))).flatten()
            }
            Fix::Compacted(share) => Some(compacted(now, *share)),
            Fix::Coarser(share) => Some(coarser(now, *share)),
            Fix::Merged(share) => scaled(&without_deletes(now), share.clamp(0.0, 1.0)),
            Fix::Compressed => scaled(now, compressed(table)?),
            Fix::AsParquet => scaled(now, compressed(table)? * by_width(read, table).share),
        }
    }
}

/// Of two statements, of the same kind.
pub(crate) fn add(a: Waste, b: Waste) -> Waste {
    let usd = |a: Usd, b: Usd| Usd(a.0 + b.0);
    Waste {
        billed: a.billed,
        requests: a
            .requests
            .zip(b.requests)
            .map(|(a, b)| Change { before: a.before.saturating_add(b.before), after: a.after.saturating_add(b.after) }),
        bytes: Change {
            before: a.bytes.before.saturating_add(b.bytes.before),
            after: a.bytes.after.saturating_add(b.bytes.after),
        },
        usd: Change { before: usd(a.usd.before, b.usd.before), after: usd(a.usd.after, b.usd.after) },
        usd_per_month: a.usd_per_month.zip(b.usd_per_month).map(|(a, b)| usd(a, b)),
        fix: a.fix,
        is_assumed: a.is_assumed || b.is_assumed,
        by_ratio: a.by_ratio || b.by_ratio,
        is_scaled: a.is_scaled || b.is_scaled,
        is_most: a.is_most && b.is_most,
        shares: a.shares.into_iter().chain(b.shares).collect(),
    }
}

/// The survivors whose day lies in the range. A layout may be older than the range: then as many days before its newest one
/// stand for what the predicate will keep.
fn within(pruning: &Pruning, table: &Table, days: &Days) -> Option<Pruning> {
    let date = DateKey::of(table)?;
    let starts = table.partition_days();
    let newest = starts.iter().flatten().filter(|day| **day <= days.to).max()?;
    let back = (days.to - *newest).max(chrono::TimeDelta::zero());
    let (from, to) = (date.floor(days.from - back), days.to - back);
    let is_inside = |day: NaiveDate| from <= day && day <= to;
    let day = |survivor: &Survivor| starts.get(survivor.partition as usize).copied().flatten();
    Some(pruning.retain(|survivor| day(survivor).is_some_and(is_inside)))
}

/// One scan with the columns that a group of reads needs.
fn once(query: &Query, read: &TableRead, group: &[usize]) -> TableRead {
    let mut once = TableRead { scans: 1, ..read.clone() };
    for other in group.iter().map(|index| &query.reads[*index]) {
        // A column that one of them needs whole is needed whole.
        let needs_whole = |read: &TableRead, column: &str| {
            let used = match &read.columns {
                ColumnsUsed::All(_) => true,
                ColumnsUsed::Some(columns) => columns.contains(column),
            };
            used && !read.fields.contains_key(column)
        };
        let kept: Vec<String> = once.fields.keys().filter(|c| !needs_whole(other, c)).cloned().collect();
        once.fields.retain(|column, _| kept.contains(column));
        for (column, fields) in &other.fields {
            if !needs_whole(&once, column) {
                once.fields.entry(column.clone()).or_default().extend(fields.iter().cloned());
            }
        }
        match (&mut once.columns, &other.columns) {
            (ColumnsUsed::Some(columns), ColumnsUsed::Some(more)) => columns.extend(more.iter().cloned()),
            (columns, ColumnsUsed::All(star)) => *columns = ColumnsUsed::All(*star),
            (ColumnsUsed::All(_), ColumnsUsed::Some(_)) => {}
        }
    }
    once
}

/// The columns of a `*` but one.
fn without(read: &TableRead, table: &Table, column: &str) -> Option<ColumnsUsed> {
    let mut columns: BTreeSet<String> = match &read.columns {
        ColumnsUsed::Some(columns) => columns.clone(),
        ColumnsUsed::All(_) => {
            let footers = table.layout.as_ref().and_then(|layout| layout.footers.as_ref());
            let leaves = footers.into_iter().flat_map(|footers| &footers.columns);
            let stored = leaves.map(|leaf| leaf.path.split('.').next().unwrap_or(&leaf.path).to_string());
            table.columns.iter().map(|column| column.name.clone()).chain(stored).collect()
        }
    };
    columns.remove(column).then_some(ColumnsUsed::Some(columns))
}

/// What is left of a text table's bytes once the uncompressed files are compressed.
fn compressed(table: &Table) -> Option<f64> {
    let formats = &table.layout.as_ref()?.formats;
    let sum = |is_plain: bool| -> u64 {
        let counted = formats.iter().filter(|((_, codec), _)| !is_plain || *codec == Codec::None);
        counted.map(|(_, usage)| usage.bytes).sum()
    };
    let plain = sum(true) as f64 / sum(false).max(1) as f64;
    Some(1.0 - plain + plain / COMPRESSION)
}

/// Fewer files have fewer footers and take fewer GETs.
fn compacted(now: &ReadEstimate, share: f64) -> ReadEstimate {
    let saved = now.footers - part(now.footers, share);
    let bytes = now.bytes.map(|bytes| Spread { likely: bytes.likely.saturating_sub(saved), ..bytes });
    let get = now.requests.get.map(|get| part(get, share));
    ReadEstimate { bytes, requests: Requests { get, ..now.requests }, ..now.clone() }
}

/// Only data files are read.
fn without_deletes(now: &ReadEstimate) -> ReadEstimate {
    let bytes = now.bytes.map(|bytes| Spread { likely: bytes.likely.saturating_sub(now.deletes), ..bytes });
    ReadEstimate { bytes, deletes: 0, ..now.clone() }
}

/// Fewer partitions take fewer LISTs and fewer pages from Glue.
fn coarser(now: &ReadEstimate, share: f64) -> ReadEstimate {
    let scaled = |requests: Option<u64>| requests.map(|requests| part(requests, share));
    let Requests { get, list, glue } = now.requests;
    // One of the requests to Glue asks for the table itself.
    let glue = glue.map(|glue| glue.min(1) + part(glue.saturating_sub(1), share));
    ReadEstimate { requests: Requests { get, list: scaled(list), glue }, ..now.clone() }
}

fn part(all: u64, share: f64) -> u64 {
    (all as f64 * share).ceil() as u64
}

fn scaled(now: &ReadEstimate, factor: f64) -> Option<ReadEstimate> {
    let bytes = now.bytes?.map(|bytes| (bytes as f64 * factor).round() as u64);
    Some(ReadEstimate { bytes: Some(bytes), ..now.clone() })
}

#[cfg(test)]
mod tests;
