//! The estimates of all statements of a run, added up.

use super::estimate::{Estimate, Estimator};
use crate::lake::{Query, Spread, Usd};

/// What the queries of a run scan and cost.
#[derive(Debug, Clone)]
pub struct Bill<'a> {
    /// Dearest first; unknown ones last, in file order.
    pub queries: Vec<Priced<'a>>,
    /// Sums over the queries whose bytes are known, one run each.
    pub bytes: Spread<u64>,
    pub usd: Spread<Usd>,
    /// Queries whose bytes are unknown.
    pub unknown: usize,
}

/// One statement with its estimate.
#[derive(Debug, Clone)]
pub struct Priced<'a> {
    pub query: &'a Query,
    /// From a `-- name:` comment, else `file:line`.
    pub name: String,
    /// As shown to the user.
    pub file: &'a str,
    /// 1-based.
    pub line: u32,
    pub estimate: Estimate,
}

impl<'a> Bill<'a> {
    /// Estimates every statement that reads data.
    pub fn of(estimator: &Estimator<'a>) -> Bill<'a> {
        let mut bill = Bill { queries: Vec::new(), bytes: Spread::default(), usd: Spread::default(), unknown: 0 };
        for query in &estimator.lake.queries {
            let priced = priced(query, estimator);
            match priced.estimate.bytes {
                Some(bytes) => bill.add(bytes, priced.estimate.usd.unwrap_or_default()),
                None => bill.unknown += 1,
            }
            bill.queries.push(priced);
        }
        let likely = |priced: &Priced<'_>| priced.estimate.bytes.map(|bytes| bytes.likely);
        bill.queries.sort_by_key(|priced| (std::cmp::Reverse(likely(priced)), priced.query.span));
        bill
    }

    fn add(&mut self, bytes: Spread<u64>, usd: Spread<Usd>) {
        let plus = |a: u64, b: u64| a.saturating_add(b);
        self.bytes = Spread {
            low: plus(self.bytes.low, bytes.low),
            likely: plus(self.bytes.likely, bytes.likely),
            high: plus(self.bytes.high, bytes.high),
        };
        self.usd = Spread {
            low: Usd(self.usd.low.0 + usd.low.0),
            likely: Usd(self.usd.likely.0 + usd.likely.0),
            high: Usd(self.usd.high.0 + usd.high.0),
        };
    }
}

fn priced<'a>(query: &'a Query, estimator: &Estimator<'a>) -> Priced<'a> {
    let source = estimator.lake.sources.get(query.span.file);
    let line = estimator.lake.sources.position(query.span.file, query.span.start).line;
    let name = query.name.clone().unwrap_or_else(|| format!("{}:{line}", source.path));
    Priced { query, name, file: &source.path, line, estimate: estimator.query(query) }
}
