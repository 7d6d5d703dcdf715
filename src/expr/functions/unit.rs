//! Units of `date_add`, `date_diff` and `date_trunc`.

use crate::expr::Interval;

/// A unit of time, finest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::expr) enum Unit {
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Unit {
    /// `day`, `DAYS`; `None` for anything that is no unit.
    pub(in crate::expr) fn parse(text: &str) -> Option<Unit> {
        let text = text.trim().to_ascii_lowercase();
        match text.strip_suffix('s').unwrap_or(&text) {
            "millisecond" => Some(Unit::Millisecond),
            "second" => Some(Unit::Second),
            "minute" => Some(Unit::Minute),
            "hour" => Some(Unit::Hour),
            "day" => Some(Unit::Day),
            "week" => Some(Unit::Week),
            "month" => Some(Unit::Month),
            "quarter" => Some(Unit::Quarter),
            "year" => Some(Unit::Year),
            _ => None,
        }
    }

    /// `n` units; `None` on overflow.
    pub(in crate::expr) fn interval(self, n: i64) -> Option<Interval> {
        let (months, milliseconds) = match self {
            Unit::Millisecond => (0, 1),
            Unit::Second => (0, 1_000),
            Unit::Minute => (0, 60_000),
            Unit::Hour => (0, 3_600_000),
            Unit::Day => (0, 86_400_000),
            Unit::Week => (0, 7 * 86_400_000),
            Unit::Month => (1, 0),
            Unit::Quarter => (3, 0),
            Unit::Year => (12, 0),
        };
        Some(Interval { months: n.checked_mul(months)?, milliseconds: n.checked_mul(milliseconds)? })
    }
}
