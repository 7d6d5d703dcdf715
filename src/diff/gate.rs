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

impl<'a> Diff<'a> {
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
            (None, unknown)
                if unknown > 0 && unknown == self.after.items && self.before.unknown == self.before.items =>
            {
                Some(format!("nothing of the {all} has a price: is the lake known?"))
            }
            _ => None,
        }
    }

    fn increase(&self, most: Usd) -> Verdict {
        let more = self.usd_per_month();
        match self.at_most() {
            _ if more.0 > most.0 => Verdict::Broken(format!("{} a month{}", signed(more), self.as_far())),
            Ok(top) if top.0 <= most.0 => Verdict::Holds(format!("{} a month{}", signed(top), self.at_worst())),
            Ok(_) => Verdict::Unknown(self.not_known()),
            Err(why) => Verdict::Unknown(why),
        }
    }

    /// Of the month before as far as it is known: that is the least of it, and the percentage the most.
    fn increase_in_percent(&self, most: f64) -> Verdict {
        let (before, more) = (self.before.usd_per_month.0, self.usd_per_month());
        let percent = |more: Usd| 100.0 * more.0 / before;
        let found = |more: Usd| format!("{:+.1} % of {} a month", percent(more), Usd(before));
        let is_known = self.before.unknown + self.before.without_frequency == 0;
        match self.at_most() {
            _ if before > 0.0 && percent(more) > most => Verdict::Broken(found(more) + self.as_far()),
            Ok(top) if before > 0.0 && percent(top) <= most => Verdict::Holds(found(top) + self.at_worst()),
            Ok(top) if top.0 <= 0.0 => Verdict::Holds("nothing more".to_string()),
            Ok(_) if before <= 0.0 && !is_known => {
                Verdict::Unknown("what a month cost before the change is unknown".to_string())
            }
            _ if before <= 0.0 && more.0 > 0.0 => {
                Verdict::Broken(format!("{} a month, where nothing was spent before", signed(more)))
            }
            Ok(_) => Verdict::Unknown(self.not_known()),
            Err(why) => Verdict::Unknown(why),
        }
    }

    /// What the change adds to a month at most, or why that is unknown: what it removes, or makes cheaper, adds nothing however often
    /// it runs.
    fn at_most(&self) -> Result<Usd, String> {
        if let Some(why) = self.is_open() {
            return Err(why);
        }
        let tops: Option<Vec<Usd>> = self.rows.iter().map(Row::usd_per_month_at_most).collect();
        let sum = |tops: Vec<Usd>| Usd(tops.into_iter().fold(0.0, |sum, top| sum + top.0));
        tops.map(sum).ok_or_else(|| self.why(|row| row.usd_per_month_at_most().is_none()))
    }

    /// Why what the change adds to a month is not known.
    fn not_known(&self) -> String {
        self.why(|row| row.usd_per_month().is_none() && row.usd_per_month_at_most().is_none_or(|top| top.0 > 0.0))
    }

    /// What is not known of the changes that lack something.
    pub fn why(&self, lacks: impl Fn(&Row<'a>) -> bool) -> String {
        if let Some(why) = self.is_open() {
            return why;
        }
        let mut open = self.rows.iter().filter(|row| lacks(row));
        let first = open.next().map_or_else(|| "something is unknown".to_string(), Row::lacks);
        match open.count() {
            0 => first,
            more => format!("{first}, and {more} more"),
        }
    }

    fn is_all_known(&self) -> bool {
        self.unknown(|row| row.usd_per_month().is_none()) == 0
    }

    fn as_far(&self) -> &'static str {
        if self.is_all_known() { "" } else { ", as far as it is known" }
    }

    fn at_worst(&self) -> &'static str {
        if self.is_all_known() { "" } else { " at most" }
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
