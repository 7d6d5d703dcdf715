//! What is spent in a month, as far as frequencies and layouts tell.

use std::collections::BTreeMap;

use crate::cost::{Bill, Estimator, Stored};
use crate::lake::{Location, Spread, Usd};

/// What is spent in a month.
#[derive(Debug, Clone, PartialEq)]
pub struct Spend {
    /// In the order of [`PartOf`].
    pub parts: Vec<Part>,
    /// The sum of the parts that are known; `None` when none is.
    pub usd_per_month: Option<Spread<Usd>>,
}

/// What is billed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartOf {
    /// Scanned bytes.
    Queries,
    /// Requests of queries, to S3 and Glue.
    Requests,
    Storage,
    /// State machines without their queries.
    Machines,
}

/// One part of the spend.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub of: PartOf,
    /// `None` when nothing is counted.
    pub usd_per_month: Option<Spread<Usd>>,
    /// Statements, tables or machines that are in the sum, and those that are not.
    pub counted: usize,
    pub not_counted: usize,
    /// Some of the sum is taken for granted: a storage class.
    pub is_assumed: bool,
}

impl Part {
    fn empty(of: PartOf) -> Part {
        Part { of, usd_per_month: None, counted: 0, not_counted: 0, is_assumed: false }
    }

    fn add(&mut self, month: Option<Spread<Usd>>) {
        let Some(month) = month else {
            self.not_counted += 1;
            return;
        };
        self.counted += 1;
        self.usd_per_month = Some(self.usd_per_month.unwrap_or_default().plus(month, plus));
    }
}

fn plus(a: Usd, b: Usd) -> Usd {
    Usd(a.0 + b.0)
}

pub(super) fn of(bill: &Bill<'_>, stored: &[Option<Stored>]) -> Spend {
    let (queries, requests) = queries(bill);
    let parts = vec![queries, requests, storage(stored), machines(bill)];
    let known = parts.iter().filter_map(|part| part.usd_per_month);
    Spend { usd_per_month: known.reduce(|a, b| a.plus(b, plus)), parts }
}

fn queries(bill: &Bill<'_>) -> (Part, Part) {
    let (mut queries, mut requests) = (Part::empty(PartOf::Queries), Part::empty(PartOf::Requests));
    for priced in bill.billed() {
        let estimate = &priced.estimate;
        let runs = estimate.runs_per_month;
        let times = |usd: Usd| runs.map(|runs| Usd(usd.0 * runs));
        queries.add(estimate.usd.zip(runs).map(|(usd, runs)| usd.map(|usd| Usd(usd.0 * runs))));
        requests.add(estimate.requests.usd().and_then(times).map(Spread::exactly));
    }
    (queries, requests)
}

/// What is stored under each table of the catalog, in its order; `None` without a layout. Tables that lie at one place are paid for
/// once: the first one with all of it, another one with what it has more.
pub(super) fn stored(estimator: &Estimator<'_>) -> Vec<Option<Stored>> {
    let mut places: BTreeMap<&Location, f64> = BTreeMap::new();
    let mut all = Vec::new();
    for (_, table) in estimator.lake.catalog.iter() {
        let mut stored = table.layout.as_ref().map(Stored::everything);
        if let (Some(stored), Some(location)) = (&mut stored, &table.location) {
            let so_far = places.entry(location).or_default();
            let more = (stored.usd_per_month.0 - *so_far).max(0.0);
            *so_far += more;
            stored.usd_per_month = Usd(more);
        }
        all.push(stored);
    }
    all
}

fn storage(stored: &[Option<Stored>]) -> Part {
    let mut part = Part::empty(PartOf::Storage);
    for stored in stored {
        part.is_assumed |= stored.is_some_and(|stored| stored.is_assumed && stored.bytes > 0);
        part.add(stored.map(|stored| Spread::exactly(stored.usd_per_month)));
    }
    part
}

/// The likely amount on all sides: the worst case of a machine is no spend.
fn machines(bill: &Bill<'_>) -> Part {
    let mut part = Part::empty(PartOf::Machines);
    for machine in &bill.machines {
        part.add(machine.estimate.own_usd_per_month().map(Spread::exactly));
    }
    part
}
