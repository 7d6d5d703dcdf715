//! Limits on what a change may cost. One that cannot be evaluated fails.

use super::{Change, Diff, Item, Row};
use crate::cost::OnUnknown;
use crate::lake::{Bytes, Usd};

/// What a change may cost; an absent limit limits nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Limits {
    /// Dollars that it adds to a month.
    pub increase_usd_month: Option<Usd>,
    /// The same in percent of the month before it.
    pub increase_pct: Option<f64>,
    /// Dollars of one run of a query that it adds or changes.
    pub query_usd: Option<Usd>,
    /// Bytes of the same.
    pub query_bytes: Option<Bytes>,
    pub unknown: OnUnknown,
}

/// One limit and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// ``at most $50.00 more a month``.
    pub limit: String,
    pub verdict: Verdict,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// With what was found.
    Holds(String),
    Broken(String),
    /// What would have to be known.
    Unknown(String),
}

impl Limits {
    /// Whether dollars are limited, which needs a price.
    pub fn needs_dollars(&self) -> bool {
        self.increase_usd_month.is_some() || self.increase_pct.is_some() || self.query_usd.is_some()
    }
}

impl Gate {
    /// Whether the run fails because of it.
    pub fn fails(&self, unknown: OnUnknown) -> bool {
        match self.verdict {
            Verdict::Holds(_) => false,
            Verdict::Broken(_) => true,
            Verdict::Unknown(_) => unknown == OnUnknown::Fail,
        }
    }
}

impl Diff<'_> {
    /// Each limit with its verdict.
    pub fn gates(&self, limits: &Limits) -> Vec<Gate> {
        let mut gates = Vec::new();
        if let Some(most) = limits.increase_usd_month {
            gates.push(Gate { limit: format!("at most {most} more a month"), verdict: self.increase(most) });
        }
        if let Some(percent) = limits.increase_pct {
            gates.push(Gate {
                limit: format!("at most {percent} % more a month"),
                verdict: self.increase_in_percent(percent),
            });
        }
        if let Some(most) = limits.query_usd {
            let usd = |item: &Item<'_>| item.usd.likely.map(|usd| usd.0);
            let verdict = self.dearest(most.0, usd, |value| Usd(value).to_string());
            gates.push(Gate { limit: format!("at most {most} a run of a query"), verdict });
        }
        if let Some(most) = limits.query_bytes {
            let bytes = |item: &Item<'_>| item.bytes.map(|bytes| bytes.likely as f64);
            let verdict = self.dearest(most.0 as f64, bytes, |value| Bytes(value as u64).to_string());
            gates.push(Gate { limit: format!("at most {most} scanned in a run of a query"), verdict });
        }
        gates
    }

    /// Why nothing can be said of what the change costs, however little of it is known to: that something cannot be read any more, or
    /// that nothing has a price.
    fn is_open(&self) -> Option<String> {
        let all = self.rows.len() + self.rewritten + self.unchanged;
        match (self.unread.first(), self.after.unknown) {
            (Some(first), _) => Some(match self.unread.len() {
                1 => format!("{first}, and it could be read before"),
                more => format!("{first}, and {} more that could be read before", more - 1),
            }),
            (None, unknown) if unknown > 0 && unknown == self.after.items => {
                Some(format!("nothing of the {all} has a price: is the lake known?"))
            }
            _ => None,
        }
    }

    fn increase(&self, most: Usd) -> Verdict {
        let more = self.usd_per_month();
        let found = format!("{} a month", signed(more));
        match self.without_a_month() {
            _ if more.0 > most.0 => Verdict::Broken(found),
            Some(why) => Verdict::Unknown(why),
            None => Verdict::Holds(found),
        }
    }

    fn increase_in_percent(&self, most: f64) -> Verdict {
        let (before, more) = (self.before.usd_per_month.0, self.usd_per_month());
        let percent = 100.0 * more.0 / before;
        let found = || format!("{percent:+.1} % of {} a month", Usd(before));
        match self.without_a_month() {
            _ if before > 0.0 && percent > most => Verdict::Broken(found()),
            Some(why) => Verdict::Unknown(why),
            None if before > 0.0 => Verdict::Holds(found()),
            None if more.0 > 0.0 => {
                Verdict::Broken(format!("{} a month, where nothing was spent before", signed(more)))
            }
            None => Verdict::Holds("nothing more".to_string()),
        }
    }

    /// What of the change has no dollars a month.
    fn without_a_month(&self) -> Option<String> {
        if let Some(why) = self.is_open() {
            return Some(why);
        }
        let open: Vec<&Row<'_>> = self.rows.iter().filter(|row| row.usd_per_month().is_none()).collect();
        let first = open.first()?;
        let lacks = |side: &Option<Item<'_>>, of: fn(&Item<'_>) -> bool| side.as_ref().is_some_and(of);
        let is_unpriced = |item: &Item<'_>| item.usd.likely.is_none();
        let is_rare = |item: &Item<'_>| item.runs_per_month.is_none();
        let name = first.item().name;
        let why = match (&first.before, &first.after) {
            (_, after) if lacks(after, is_unpriced) => format!("the price of `{name}` is unknown"),
            (before, _) if lacks(before, is_unpriced) => format!("the price of `{name}` before the change is unknown"),
            (_, after) if lacks(after, is_rare) => {
                format!("how often `{name}` runs is unknown: say it in `[runs]` of lakelint.toml")
            }
            _ => format!("how often `{name}` ran before the change is unknown"),
        };
        Some(match open.len() {
            1 => why,
            more => format!("{why}, and {} more", more - 1),
        })
    }

    /// The dearest query that the change adds or rewrites.
    fn dearest(&self, most: f64, of: impl Fn(&Item<'_>) -> Option<f64>, shown: impl Fn(f64) -> String) -> Verdict {
        let touched = self.rows.iter().filter(|row| row.kind == super::Kind::Query && row.change() != Change::Removed);
        let (mut dearest, mut open) = (None::<(f64, &str)>, None);
        for item in touched.map(Row::item) {
            match of(item) {
                Some(value) if dearest.is_none_or(|(most, _)| value > most) => dearest = Some((value, item.name)),
                Some(_) => {}
                None => open = open.or(Some(item.name)),
            }
        }
        let found = |(value, name): (f64, &str)| format!("`{name}`: {}", shown(value));
        match (dearest, open) {
            (Some(dearest), _) if dearest.0 > most => Verdict::Broken(found(dearest)),
            (_, Some(name)) => Verdict::Unknown(format!("the price of `{name}` is unknown")),
            (dearest, None) => match (self.is_open(), dearest) {
                (Some(why), _) => Verdict::Unknown(why),
                (None, Some(dearest)) => Verdict::Holds(found(dearest)),
                (None, None) => Verdict::Holds("no query is added or costs something else".to_string()),
            },
        }
    }
}

/// `+$12.00`, `-$0.50`.
pub(crate) fn signed(usd: Usd) -> String {
    if usd.0 > 0.0 { format!("+{usd}") } else { usd.to_string() }
}
