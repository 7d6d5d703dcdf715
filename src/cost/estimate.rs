//! What a query scans and costs, as low / likely / high with a stated basis.

use super::basis::{Basis, Certainty};
use super::budget::Budget;
use super::machine::{MachineEstimate, Pricer};
use super::pricing::Pricing;
use super::requests::Requests;
use super::runs::Runs;
use super::scan::scan;
use crate::expr::AsOf;
use crate::lake::{Lake, Past, Query, Sameness, Scanned, Spread, StatementKind, TableRead, Usd, Workflow};

/// Estimates queries of one lake at one date and price.
#[derive(Debug, Clone, Copy)]
pub struct Estimator<'a> {
    pub lake: &'a Lake,
    pub as_of: AsOf,
    pub pricing: &'a Pricing,
    pub runs: &'a Runs,
    pub budget: &'a Budget,
}

/// The estimate of one statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Scanned bytes: what runs of the same statement scanned, else those of the layout; `None` when neither is known.
    pub bytes: Option<Spread<u64>>,
    /// Scanned bytes by the layout alone; `None` when the size of some read is unknown.
    pub from_layout: Option<Spread<u64>>,
    /// Bytes that are scanned whatever the unknown parts are: the sum of the known reads' low bounds.
    pub at_least: u64,
    /// Dollars per run for scanned bytes; `None` when the bytes are unknown, and where capacity is provisioned.
    pub usd: Option<Spread<Usd>>,
    /// Whether the statement is billed for what it scans: DDL and EXPLAIN are free.
    pub billed: bool,
    /// How often the statement runs; `None` when nothing says.
    pub runs_per_month: Option<f64>,
    /// What says so.
    pub runs_from: Option<RunsFrom>,
    /// Requests that are billed beside the bytes.
    pub requests: Requests,
    pub basis: Basis,
    /// Aligned with [`Query::reads`].
    pub reads: Vec<ReadEstimate>,
}

/// What says how often a statement runs; the first of them that does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunsFrom {
    /// `[runs]`, of the statement or of the state machine it is part of.
    Configuration,
    /// Schedules and machines that start the state machine it is part of.
    Schedule,
    History,
}

/// The estimate of one read, all its scans together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadEstimate {
    /// `None` when the partitions are unknown.
    pub partitions: Option<Partitions>,
    /// Leaf columns (fields included) that are read and all leaf columns; `None` when the columns are unknown.
    pub columns: Option<Columns>,
    /// Files of the partitions that are kept, times the scans; `None` without a layout.
    pub files: Option<u64>,
    /// Scanned bytes; `None` without a layout.
    pub bytes: Option<Spread<u64>>,
    /// Footers in the likely bytes.
    pub footers: u64,
    /// Delete files of an Iceberg table in the likely bytes.
    pub deletes: u64,
    /// Requests that are billed beside the bytes.
    pub requests: Requests,
    pub basis: Basis,
}

/// Partitions of a table that a read keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Partitions {
    pub total: u64,
    /// That are read whatever placeholders and run-time filters hold.
    pub low: u64,
    /// That cannot be ruled out before the query runs.
    pub high: u64,
}

/// Columns of a table that a read needs, partition keys excluded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Columns {
    pub total: usize,
    /// Names as the query uses them: `id`, `user.name`; in schema order.
    pub read: Vec<String>,
    /// Share of the table's stored bytes that each has, aligned with `read`; `None` when unknown.
    pub shares: Vec<Option<f64>>,
}

impl Estimator<'_> {
    /// Estimates one statement: by what its runs scanned where it has not changed, else by the layout.
    pub fn query(&self, query: &Query) -> Estimate {
        let mut estimate = self.from_layout(query);
        if let Some((bytes, basis)) = query.past.as_ref().and_then(|past| actual(past, &estimate)) {
            estimate.at_least = bytes.low;
            estimate.usd = self.pricing.bill_spread(bytes);
            (estimate.bytes, estimate.basis) = (Some(bytes), basis);
        }
        estimate
    }

    /// Estimates one statement by the layout alone.
    pub fn from_layout(&self, query: &Query) -> Estimate {
        let reads: Vec<ReadEstimate> = query.reads.iter().map(|read| self.read(query, read)).collect();
        self.total(query, reads)
    }

    /// Estimates one read of a statement.
    pub fn read(&self, query: &Query, read: &TableRead) -> ReadEstimate {
        scan(query.kind, read, self.lake.catalog.get(read.table), self.as_of)
    }

    /// A statement's estimate from those of its reads.
    pub fn total(&self, query: &Query, reads: Vec<ReadEstimate>) -> Estimate {
        let billed = is_billed(query.kind);
        let mut basis = Basis::default();
        let mut bytes = Some(Spread::default());
        let mut at_least = 0u64;
        for read in &reads {
            basis.merge(&read.basis);
            at_least = at_least.saturating_add(read.bytes.map_or(0, |bytes| bytes.low));
            bytes = bytes.zip(read.bytes).map(|(sum, more)| sum.plus(more, u64::saturating_add));
        }
        let again = self.read_again(query, &mut basis);
        bytes = bytes.map(|sum| sum.plus(again, u64::saturating_add));
        if query.truncated {
            basis.lacks("it opens more CTEs and views than are followed".to_string());
            bytes = None;
        }
        for (name, _) in &query.unknown_tables {
            basis.lacks(format!("nothing describes `{name}`"));
            bytes = None;
        }
        let usd = match billed {
            true => bytes.and_then(|bytes| self.pricing.bill_spread(bytes)),
            false => Some(Spread::default()),
        };
        let requests = match query.unknown_tables.is_empty() {
            true => reads.iter().fold(Requests::NONE, |sum, read| sum.plus(read.requests)),
            false => Requests::UNKNOWN,
        };
        let (runs_per_month, runs_from) = self.frequency(query).unzip();
        let from_layout = bytes;
        Estimate { bytes, from_layout, at_least, usd, billed, runs_per_month, runs_from, requests, basis, reads }
    }

    /// Estimates one execution of a state machine.
    pub fn machine(&self, workflow: &Workflow) -> MachineEstimate {
        let mut pricer = Pricer::new(self);
        match self.lake.id_of(workflow) {
            Some(id) => (*pricer.machine(id)).clone(),
            None => pricer.workflow(workflow),
        }
    }

    /// How often a statement runs, and what says so; `None` when nothing does. That of a state runs with its machine, once per
    /// item of the Maps around it.
    pub fn frequency(&self, query: &Query) -> Option<(f64, RunsFrom)> {
        let name = query.name.as_deref();
        let declared = match query.step {
            Some((machine, state)) if name.and_then(|name| self.runs.of_name(name)).is_none() => {
                let workflow = self.lake.workflow(machine);
                let runs = self.machine_frequency(workflow).zip(self.items_around(workflow, state));
                runs.map(|((runs, from), items)| (runs * items, from))
            }
            _ => {
                let path = &self.lake.sources.get(query.span.file).path;
                self.runs.per_month(name, path).map(|runs| (runs, RunsFrom::Configuration))
            }
        };
        declared.or_else(|| Some((query.past.as_ref()?.runs_per_month()?, RunsFrom::History)))
    }
}

/// What runs of a statement scanned, where that counts more than its estimate: they ran the same text; or a model of that name,
/// of which nothing else is known.
fn actual(past: &Past, estimate: &Estimate) -> Option<(Spread<u64>, Basis)> {
    let Scanned { runs, low, median, high, .. } = past.scanned.filter(|_| estimate.billed)?;
    let mut basis = Basis::actual(runs);
    match past.sameness {
        Sameness::Same => {}
        Sameness::SameName if estimate.bytes.is_none() => {
            basis.certainty = Certainty::Assumed;
            basis.note(format!("models scan what those of their name did in `{}`", past.source));
        }
        Sameness::SameName | Sameness::OtherValues => return None,
    }
    Some((Spread { low, likely: median, high }, basis))
}

/// Requests are worth a word when they cost more than this share of the scanned bytes.
const NOTABLE: f64 = 0.05;

impl Estimate {
    /// What the requests cost, where that is worth a word beside the scanned bytes.
    pub fn notable_requests(&self) -> Option<Usd> {
        let (scan, requests) = (self.usd?.likely, self.requests.usd()?);
        (requests.0 > NOTABLE * scan.0).then_some(requests)
    }

    /// Likely dollars per month; `None` when the dollars or the frequency are unknown. What is free stays free.
    pub fn usd_per_month(&self) -> Option<Usd> {
        let likely = self.usd?.likely;
        if self.billed { self.runs_per_month.map(|runs| Usd(likely.0 * runs)) } else { Some(likely) }
    }
}

/// DDL, partition statements and EXPLAIN are free (<https://aws.amazon.com/athena/pricing/>); EXPLAIN ANALYZE runs the query
/// and is billed (<https://docs.aws.amazon.com/athena/latest/ug/athena-explain-statement.html>).
pub fn is_billed(kind: StatementKind) -> bool {
    !matches!(kind, StatementKind::Ddl | StatementKind::Explain | StatementKind::CreateView)
}
