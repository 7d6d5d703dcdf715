//! Which partition keys of a table are dates, and how their values are written.

use super::Table;

/// How fine a date key's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Granularity {
    Year,
    Month,
    Day,
    Hour,
    /// Finer than an hour.
    Instant,
}

/// The partition keys that together carry a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateKey {
    /// One key holds the date. `format` is a Java pattern for text keys, `None` for `date` and `timestamp` keys.
    Single { key: usize, granularity: Granularity, format: Option<String> },
    /// Split keys: `year`, `month`, `day`, `hour`.
    Split(DateParts),
}

/// Indices of split date keys; `year` always exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateParts {
    pub year: usize,
    pub month: Option<usize>,
    pub day: Option<usize>,
    pub hour: Option<usize>,
}

impl DateKey {
    /// The table's date key, recognised by type, declared format, values and name; `None` when no key is a date.
    pub fn of(_table: &Table) -> Option<DateKey> {
        None
    }
}
