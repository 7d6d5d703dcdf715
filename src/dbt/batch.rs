//! The batches that a run of a microbatch model takes in (<https://docs.getdbt.com/docs/build/incremental-microbatch>).

use chrono::{Datelike, Days, Months, NaiveDateTime, TimeDelta, Timelike};
use minijinja::value::Value;

use super::settings::Config;

/// Consecutive batches up to the time of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batches {
    start: NaiveDateTime,
    end: NaiveDateTime,
    pub count: u64,
}

/// More would be a mistake.
const MOST: u64 = 10_000;

impl Batches {
    /// Those of a plain run: the one that the time of the run is in, and as many before it as `lookback` says, one by default.
    pub fn of(config: &Config, now: NaiveDateTime) -> Option<Batches> {
        config.get("event_time")?.as_str()?;
        let size = config.get("batch_size")?.as_str()?.to_lowercase();
        let lookback = match config.get("lookback") {
            None => 1,
            Some(lookback) if lookback.is_none() => 1,
            Some(lookback) => u64::try_from(lookback.clone()).ok().filter(|lookback| *lookback < MOST)?,
        };
        let count = lookback + 1;
        let begin = begin_of(&size, now)?;
        let end = if begin == now { now } else { moved(&size, begin, 1)? };
        Some(Batches { start: moved(&size, end, -(count as i64))?, end, count })
    }

    /// What dbt-athena adds to an input, by the column that tells when its rows happened (dbt-athena 1.11.1, `relation.py`). Times are
    /// UTC.
    pub fn filter(&self, column: &str) -> String {
        let [start, end] = [self.start, self.end].map(|at| at.format("%Y-%m-%d %H:%M:%S"));
        format!(
            "cast({column} as timestamp) >= timestamp '{start}' and cast({column} as timestamp) < timestamp '{end}'"
        )
    }
}

/// When the batch of a size began that a time is in.
fn begin_of(size: &str, at: NaiveDateTime) -> Option<NaiveDateTime> {
    let day = at.date();
    match size {
        "hour" => day.and_hms_opt(at.hour(), 0, 0),
        "day" => day.and_hms_opt(0, 0, 0),
        "month" => day.with_day(1)?.and_hms_opt(0, 0, 0),
        "year" => day.with_ordinal(1)?.and_hms_opt(0, 0, 0),
        _ => None,
    }
}

/// So many batches later.
fn moved(size: &str, at: NaiveDateTime, by: i64) -> Option<NaiveDateTime> {
    let steps = by.unsigned_abs();
    let months = |of_one: u32| Some(Months::new(u32::try_from(steps).ok()?.checked_mul(of_one)?));
    match (size, by < 0) {
        ("hour", _) => at.checked_add_signed(TimeDelta::try_hours(by)?),
        ("day", false) => at.checked_add_days(Days::new(steps)),
        ("day", true) => at.checked_sub_days(Days::new(steps)),
        ("month", false) => at.checked_add_months(months(1)?),
        ("month", true) => at.checked_sub_months(months(1)?),
        ("year", false) => at.checked_add_months(months(12)?),
        ("year", true) => at.checked_sub_months(months(12)?),
        _ => None,
    }
}

/// The column that tells when rows of a relation happened, as configured.
pub(super) fn event_time(configured: Option<&Value>) -> Option<String> {
    configured.and_then(Value::as_str).filter(|column| !column.is_empty()).map(str::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_end_with_the_one_that_the_run_is_in() {
        let of = |now: &str, size: &str, lookback: Option<i64>| {
            let mut config: Config =
                [("event_time", "at"), ("batch_size", size)].map(|(key, value)| (key.to_string(), value.into())).into();
            config.extend(lookback.map(|lookback| ("lookback".to_string(), lookback.into())));
            let batches = Batches::of(&config, now.parse().expect("a time"))?;
            Some(format!("{} {} {}", batches.count, batches.start, batches.end))
        };
        let shown = |text: &str| Some(text.to_string());
        assert_eq!(of("2025-06-30T10:20:00", "day", None), shown("2 2025-06-29 00:00:00 2025-07-01 00:00:00"));
        assert_eq!(of("2025-06-30T00:00:00", "day", None), shown("2 2025-06-28 00:00:00 2025-06-30 00:00:00"));
        assert_eq!(of("2025-06-30T10:20:00", "hour", Some(0)), shown("1 2025-06-30 10:00:00 2025-06-30 11:00:00"));
        assert_eq!(of("2025-01-31T10:20:00", "Month", Some(2)), shown("3 2024-11-01 00:00:00 2025-02-01 00:00:00"));
        assert_eq!(of("2025-06-30T10:20:00", "year", Some(1)), shown("2 2024-01-01 00:00:00 2026-01-01 00:00:00"));
        assert_eq!(of("2025-06-30T10:20:00", "week", None), None);
        assert_eq!(of("2025-06-30T10:20:00", "day", Some(-1)), None);
        assert_eq!(of("2025-06-30T10:20:00", "day", Some(1_000_000)), None);
    }
}
