//! What a query scans and costs, as low / likely / high with a stated basis.

use super::basis::Basis;
use super::budget::Budget;
use super::machine::{MachineEstimate, Pricer};
use super::pricing::Pricing;
use super::requests::Requests;
use super::runs::Runs;
use super::scan::scan;
use crate::expr::AsOf;
use crate::lake::{Lake, Query, Spread, StatementKind, TableRead, Usd, Workflow};

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
    /// Scanned bytes; `None` when the size of some read is unknown.
    pub bytes: Option<Spread<u64>>,
    /// Bytes that are scanned whatever the unknown parts are: the sum of the known reads' low bounds.
    pub at_least: u64,
    /// Dollars per run for scanned bytes; `None` when the bytes are unknown, and where capacity is provisioned.
    pub usd: Option<Spread<Usd>>,
    /// Whether the statement is billed for what it scans: DDL and EXPLAIN are free.
    pub billed: bool,
    /// How often the statement runs; `None` when nothing says.
    pub runs_per_month: Option<f64>,
    /// Requests that are billed beside the bytes.
    pub requests: Requests,
    pub basis: Basis,
    /// Aligned with [`Query::reads`].
    pub reads: Vec<ReadEstimate>,
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
    /// Estimates one statement.
    pub fn query(&self, query: &Query) -> Estimate {
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
        let runs_per_month = self.runs_per_month(query);
        Estimate { bytes, at_least, usd, billed, runs_per_month, requests, basis, reads }
    }

    /// Estimates one execution of a state machine.
    pub fn machine(&self, workflow: &Workflow) -> MachineEstimate {
        let mut pricer = Pricer::new(self);
        match self.lake.id_of(workflow) {
            Some(id) => (*pricer.machine(id)).clone(),
            None => pricer.workflow(workflow),
        }
    }

    /// How often a statement runs; `None` when nothing says. That of a state runs with its machine, once per item of the Maps
    /// around it.
    pub fn runs_per_month(&self, query: &Query) -> Option<f64> {
        let name = query.name.as_deref();
        if let Some((machine, state)) = query.step
            && name.and_then(|name| self.runs.of_name(name)).is_none()
        {
            let workflow = self.lake.workflow(machine);
            return Some(self.machine_runs(workflow)? * self.items_around(workflow, state)?);
        }
        self.runs.per_month(name, &self.lake.sources.get(query.span.file).path)
    }
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
