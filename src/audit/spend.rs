//! What is spent in a month, as far as frequencies and layouts tell.

use crate::cost::{Bill, Estimator, Stored};
use crate::lake::{Location, Spread, Table, Usd};

/// What is spent in a month.
#[derive(Debug, Clone, PartialEq)]
pub struct Spend {
    /// In the order of [`PartOf`]; [`PartOf::Elsewhere`] only where there is any.
    pub parts: Vec<Part>,
    /// The sum of the parts that are known; `None` when none is.
    pub usd_per_month: Option<Spread<Usd>>,
}

/// What is billed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartOf {
    /// Scanned bytes.
    Queries,
    /// Scanned bytes of statements that have run and that no file holds.
    Elsewhere,
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
    /// Statements that run on provisioned capacity: nobody is billed for what they scan.
    pub is_unmetered: bool,
}

impl Part {
    fn empty(of: PartOf) -> Part {
        Part { of, usd_per_month: None, counted: 0, not_counted: 0, is_assumed: false, is_unmetered: false }
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

pub(super) fn of(estimator: &Estimator<'_>, bill: &Bill<'_>, stored: &[Option<Stored>]) -> Spend {
    let (mut queries, requests) = queries(bill);
    let mut elsewhere = elsewhere(estimator);
    queries.is_unmetered = !estimator.pricing.is_metered();
    elsewhere.is_unmetered = queries.is_unmetered;
    let mut parts = vec![queries, elsewhere, requests, storage(stored), machines(bill)];
    // Where no history was read there is nothing to say about it.
    parts.retain(|part| part.of != PartOf::Elsewhere || part.counted + part.not_counted > 0);
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

/// What is stored under each table of the catalog, in its order; `None` without a layout. What lies under several tables is paid for
/// once: by the innermost one, and of tables at one place by the first.
pub(super) fn stored(estimator: &Estimator<'_>) -> Vec<Option<Stored>> {
    let tables: Vec<&Table> = estimator.lake.catalog.iter().map(|(_, table)| table).collect();
    let mut all: Vec<Option<Stored>> =
        tables.iter().map(|table| table.layout.as_ref().map(Stored::everything)).collect();
    let whole: Vec<f64> = all.iter().map(|stored| stored.map_or(0.0, |stored| stored.usd_per_month.0)).collect();
    // A place comes before those inside of it.
    let mut places: Vec<(&Location, usize)> =
        tables.iter().enumerate().filter_map(|(number, table)| Some((table.location.as_ref()?, number))).collect();
    let order = |location: &'_ Location| location.segments().map(str::to_string).collect::<Vec<_>>();
    places.sort_by_cached_key(|(location, number)| (location.bucket.clone(), order(location), *number));
    let mut around: Vec<(&Location, usize)> = Vec::new();
    for (location, number) in places {
        while around.pop_if(|(outer, _)| !outer.contains(location)).is_some() {}
        let Some(own) = all[number].as_mut() else { continue };
        if let Some((outer, paying)) = around.last() {
            if *outer == location {
                own.usd_per_month = Usd((whole[number] - whole[*paying]).max(0.0));
                continue;
            }
            let inside = whole[number];
            if let Some(outer) = all[*paying].as_mut() {
                outer.usd_per_month = Usd((outer.usd_per_month.0 - inside).max(0.0));
            }
        }
        around.push((location, number));
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

/// Runs of what no file holds, at their average.
fn elsewhere(estimator: &Estimator<'_>) -> Part {
    let mut part = Part::empty(PartOf::Elsewhere);
    for past in &estimator.lake.history.elsewhere {
        let month = past.runs_per_month.and_then(|runs| Some(Usd(estimator.pricing.bill(past.bytes)?.0 * runs)));
        part.add(month.map(Spread::exactly));
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
