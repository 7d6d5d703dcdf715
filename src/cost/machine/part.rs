//! One billed thing of a machine: what it is, what one of it costs, how often it happens.

use std::fmt;

use crate::cost::Basis;
use crate::lake::{Span, Spread, StateId, Usd};

/// One billed thing of a machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// For people: `` Glue job `load` ``, `transitions`.
    pub what: String,
    pub kind: PartKind,
    /// The state that causes it; `None` for the machine as a whole.
    pub state: Option<StateId>,
    pub span: Span,
    /// How often in one execution; `None` when a number of items or turns is unknown.
    pub count: Spread<Option<u64>>,
    /// Dollars of one.
    pub each: Spread<Option<Usd>>,
    /// Dollars of all.
    pub usd: Spread<Option<Usd>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartKind {
    /// Transitions of a Standard execution, requests and duration of an Express one.
    Execution,
    /// An Athena query, which is listed among the queries too.
    Query,
    /// Another machine, which is listed too.
    Child,
    GlueJob,
    Lambda,
    /// A job of another service.
    Job,
}

/// What one call of a task costs.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    pub what: String,
    pub kind: PartKind,
    /// `low` is always known: 0 where nothing is.
    pub usd: Spread<Option<Usd>>,
    /// What `high` takes, where the state waits for it.
    pub seconds: Option<f64>,
    pub basis: Basis,
}

impl Part {
    pub(super) fn of(unit: &Unit, state: Option<StateId>, span: Span, count: Spread<Option<u64>>) -> Part {
        let times = |count: Option<u64>, each: Option<Usd>| match (count, each) {
            (Some(0), _) => Some(Usd(0.0)),
            (count, each) => Some(Usd(count? as f64 * each?.0)),
        };
        let usd = Spread {
            low: times(count.low, unit.usd.low),
            likely: times(count.likely, unit.usd.likely),
            high: times(count.high, unit.usd.high),
        };
        Part { what: unit.what.clone(), kind: unit.kind, state, span, count, each: unit.usd, usd }
    }
}

impl Part {
    /// Its worst case, or what is known of it: so many of the cheapest.
    pub(super) fn known_worst(&self) -> Usd {
        let least = |count: u64| Some(Usd(count as f64 * self.each.low?.0));
        self.usd.high.or_else(|| least(self.count.high?)).or(self.usd.low).unwrap_or_default()
    }
}

/// The sum of all parts, bound by bound; a bound is unknown when that of a part is.
pub(super) fn sum<'a>(parts: impl Iterator<Item = &'a Part>) -> Spread<Option<Usd>> {
    let plus = |a: Option<Usd>, b: Option<Usd>| Some(Usd(a?.0 + b?.0));
    parts.fold(Spread::exactly(Some(Usd(0.0))), |all, part| all.plus(part.usd, plus))
}

impl fmt::Display for Part {
    /// ``Glue job `load`, up to $35.20 each``.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spread { low, high, .. } = self.each;
        match (low, high) {
            (Some(low), Some(high)) if low == high => write!(f, "{}, {low} each", self.what),
            (_, Some(high)) => write!(f, "{}, up to {high} each", self.what),
            (Some(low), None) if low.0 > 0.0 => write!(f, "{}, {low} or more each", self.what),
            _ => f.write_str(&self.what),
        }
    }
}
