//! The days that the filters of a table's partition keys allow.

use std::cmp::Ordering;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};

use super::{DateKey, DateParts, KeyFilter, Table};
use crate::expr::date_format::Pattern;
use crate::expr::{Bound, Domain, Value};

/// Inclusive days; `None` is open. The smallest range that holds every allowed day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateRange {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

impl DateRange {
    /// The days that a set of values takes in: dates, timestamps, or text that starts with an ISO date.
    pub fn of(values: &Domain) -> Option<DateRange> {
        typed_range(values).or_else(|| written_range(values, "yyyy-MM-dd"))
    }

    /// Number of days; `None` when an end is open.
    pub fn days(&self) -> Option<u64> {
        u64::try_from((self.to? - self.from?).num_days() + 1).ok()
    }
}

/// Years that a split key can hold; a filter that allows the first or last of them is open at that end.
const YEARS: std::ops::RangeInclusive<i64> = 1970..=2200;

impl DateKey {
    /// The days that the filters allow; `keys` are aligned with the table's partition keys. `None` when no day is allowed or the
    /// filtered values cannot be read as dates.
    pub fn range_of(&self, table: &Table, keys: &[KeyFilter]) -> Option<DateRange> {
        match self {
            DateKey::Single { key, format: Some(format), .. } => written_range(&keys.get(*key)?.domain, format),
            DateKey::Single { key, format: None, .. } => typed_range(&keys.get(*key)?.domain),
            DateKey::Split(parts) => split_range(parts, table, keys),
        }
    }
}

/// `date` and `timestamp` values.
fn typed_range(domain: &Domain) -> Option<DateRange> {
    let instant = |value: &Value| match value {
        Value::Date(day) => Some(day.and_time(NaiveTime::MIN)),
        Value::Timestamp(time) => Some(*time),
        _ => None,
    };
    let from = match domain.low()? {
        Bound::Unbounded => None,
        Bound::Included(value) => Some(instant(value)?.date()),
        // After a date is the next day; after an instant is the same day.
        Bound::Excluded(Value::Date(day)) => Some(day.succ_opt()?),
        Bound::Excluded(value) => Some(instant(value)?.date()),
    };
    let to = match domain.high()? {
        Bound::Unbounded => None,
        Bound::Included(value) => Some(instant(value)?.date()),
        Bound::Excluded(value) => {
            let end = instant(value)?;
            Some(if end.time() == NaiveTime::MIN { end.date().pred_opt()? } else { end.date() })
        }
    };
    Some(DateRange { from, to })
}

/// Text and integer values in a format.
fn written_range(domain: &Domain, format: &str) -> Option<DateRange> {
    let pattern = Pattern::java(format)?;
    if domain.low()? == &Bound::Unbounded && domain.high()? == &Bound::Unbounded {
        return Some(DateRange { from: None, to: None });
    }
    if !sorts_by_date(format) {
        // Text order says nothing about dates: only values that are spelled out do.
        let days: Option<Vec<NaiveDate>> = domain.discrete()?.into_iter().map(|v| day(v, &pattern)).collect();
        let days = days?;
        return Some(DateRange { from: days.iter().min().copied(), to: days.iter().max().copied() });
    }
    let (first, last) = (NaiveDate::from_ymd_opt(1000, 1, 1)?, NaiveDate::from_ymd_opt(9999, 12, 31)?);
    let span = u64::try_from((last - first).num_days()).ok()?;
    let nth = |n: u64| first.checked_add_days(Days::new(n));
    // The earliest day whose last value reaches the low bound, the latest whose first value is within the high bound.
    let reaches = |n: u64, bound: &Bound| {
        let end = nth(n)?.and_hms_nano_opt(23, 59, 59, 999_999_999)?;
        Some(match bound {
            Bound::Unbounded => true,
            Bound::Included(value) => compare(&pattern, end, value)? != Ordering::Less,
            Bound::Excluded(value) => compare(&pattern, end, value)? == Ordering::Greater,
        })
    };
    let exceeds = |n: u64, bound: &Bound| {
        let start = nth(n)?.and_time(NaiveTime::MIN);
        Some(match bound {
            Bound::Unbounded => false,
            Bound::Included(value) => compare(&pattern, start, value)? == Ordering::Greater,
            Bound::Excluded(value) => compare(&pattern, start, value)? != Ordering::Less,
        })
    };
    let from = first_true(span + 1, |n| reaches(n, domain.low()?))?;
    let after = first_true(span + 1, |n| exceeds(n, domain.high()?))?;
    let to = after.checked_sub(1).filter(|to| *to >= from)?;
    Some(DateRange { from: (from > 0).then(|| nth(from)).flatten(), to: (to < span).then(|| nth(to)).flatten() })
}

/// The first number below `end` for which a monotonous condition holds, or `end`.
fn first_true(end: u64, holds: impl Fn(u64) -> Option<bool>) -> Option<u64> {
    let (mut low, mut high) = (0, end);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle)? {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(low)
}

fn compare(pattern: &Pattern, time: NaiveDateTime, with: &Value) -> Option<Ordering> {
    let written = pattern.format(time)?;
    match with {
        Value::String(text) => Some(written.as_bytes().cmp(text.as_bytes())),
        Value::Int(number) => Some(written.parse::<i64>().ok()?.cmp(number)),
        _ => None,
    }
}

fn day(value: &Value, pattern: &Pattern) -> Option<NaiveDate> {
    match value {
        Value::String(text) => Some(pattern.parse(text)?.date()),
        Value::Int(number) => Some(pattern.parse(&number.to_string())?.date()),
        _ => None,
    }
}

/// Whether later dates have later text: fields of fixed width from the year down.
fn sorts_by_date(format: &str) -> bool {
    let mut rest: String = format.split('\'').step_by(2).collect();
    rest.retain(|c| c.is_ascii_alphabetic());
    ["yyyy", "MM", "dd", "HH", "mm", "ss"]
        .iter()
        .try_fold(rest.as_str(), |rest, field| if rest.is_empty() { Some(rest) } else { rest.strip_prefix(field) })
        == Some("")
}

/// The product of the parts' values: its first day has the first value of each part, its last day the last.
fn split_range(parts: &DateParts, table: &Table, keys: &[KeyFilter]) -> Option<DateRange> {
    let allowed = |key: usize, numbers: std::ops::RangeInclusive<i64>| -> Option<(i64, i64)> {
        let domain = &keys.get(key)?.domain;
        let fits = |n: &i64| spellings(*n, table, key).iter().any(|value| domain.contains(value));
        let mut all = numbers.filter(fits);
        let first = all.next()?;
        Some((first, all.next_back().unwrap_or(first)))
    };
    let part = |key: Option<usize>, max: i64| key.map_or(Some((1, max)), |key| allowed(key, 1..=max));
    let years = allowed(parts.year, YEARS)?;
    let (months, days) = (part(parts.month, 12)?, part(parts.day, 31)?);
    let date = |year: i64, month: i64, day: i64| NaiveDate::from_ymd_opt(year as i32, month as u32, day as u32);
    // The 31st of a shorter month is its last day.
    let last_day = |year, month, day: i64| (1..=day).rev().find_map(|d| date(year, month, d));
    Some(DateRange {
        from: (years.0 > *YEARS.start()).then(|| last_day(years.0, months.0, days.0)).flatten(),
        to: (years.1 < *YEARS.end()).then(|| last_day(years.1, months.1, days.1)).flatten(),
    })
}

/// The values by which a part may be written: padded or not.
fn spellings(number: i64, table: &Table, key: usize) -> Vec<Value> {
    use super::date_predicate::{Padding, padding};
    use crate::expr::ColumnType;
    let text = |padded: bool| Value::String(if padded { format!("{number:02}") } else { number.to_string() });
    match (&table.partition_keys[key].data_type, padding(table, key)) {
        (ColumnType::Integer(_), _) => vec![Value::Int(number)],
        (_, Padding::Padded) => vec![text(true)],
        (_, Padding::Bare) => vec![text(false)],
        (_, Padding::Unknown) => vec![text(true), text(false)],
    }
}

#[cfg(test)]
mod tests {
    use super::super::date_key::tests::table;
    use super::*;

    fn filter(domain: Domain) -> KeyFilter {
        KeyFilter { domain, filtered: true, placeholder: false, run_time: false }
    }

    fn text(t: &str) -> Value {
        Value::String(t.to_string())
    }

    fn shown(range: Option<DateRange>) -> String {
        let end = |d: Option<NaiveDate>| d.map_or("*".to_string(), |d| d.to_string());
        range.map_or("none".to_string(), |r| format!("{} {}", end(r.from), end(r.to)))
    }

    fn range(keys: &[&str], rows: &[&[&str]], domains: Vec<Domain>) -> String {
        let table = table(keys, rows);
        let key = DateKey::of(&table).expect("date key");
        shown(key.range_of(&table, &domains.into_iter().map(filter).collect::<Vec<_>>()))
    }

    fn between(low: Bound, high: Bound) -> Vec<Domain> {
        vec![Domain::range(low, high)]
    }

    #[test]
    fn text_keys_are_read_through_their_format() {
        use Bound::*;
        let dt = |low, high| range(&["dt"], &[], between(low, high));
        assert_eq!(dt(Included(text("2024-01-31")), Unbounded), "2024-01-31 *");
        assert_eq!(dt(Excluded(text("2024-01-31")), Excluded(text("2024-03-01"))), "2024-02-01 2024-02-29");
        // The domain of LIKE '2024-01%', and a comparison with a bare year.
        assert_eq!(dt(Included(text("2024-01")), Excluded(text("2024-02"))), "2024-01-01 2024-01-31");
        assert_eq!(dt(Included(text("2024-1")), Unbounded), "2024-10-01 *");
        assert_eq!(dt(Unbounded, Included(text("2024"))), "* 2023-12-31");
        assert_eq!(dt(Included(text("x")), Unbounded), "none");
        assert_eq!(range(&["dt"], &[], vec![Domain::all()]), "* *");
        assert_eq!(range(&["dt"], &[], vec![Domain::none()]), "none");
    }

    #[test]
    fn integers_months_hours_and_typed_keys() {
        use Bound::*;
        assert_eq!(
            range(&["dt int"], &[], between(Included(Value::Int(20240131)), Excluded(Value::Int(20240202)))),
            "2024-01-31 2024-02-01"
        );
        assert_eq!(range(&["m"], &[&["2024-01"]], vec![Domain::single(text("2024-02"))]), "2024-02-01 2024-02-29");
        let hours = between(Included(text("2024-01-31-05")), Included(text("2024-02-01-05")));
        assert_eq!(range(&["h"], &[&["2024-01-31-05"]], hours), "2024-01-31 2024-02-01");
        let day = |d| NaiveDate::from_ymd_opt(2024, 2, d).expect("date");
        assert_eq!(
            range(&["d date"], &[], between(Excluded(Value::Date(day(1))), Excluded(Value::Date(day(9))))),
            "2024-02-02 2024-02-08"
        );
        let noon = Value::Timestamp(day(3).and_hms_opt(12, 0, 0).expect("time"));
        assert_eq!(range(&["d timestamp"], &[], between(Excluded(noon.clone()), Excluded(noon))), "none");
    }

    #[test]
    fn split_keys_are_combined() {
        let keys = &["year", "month", "day"];
        let one = |t: &str| Domain::single(text(t));
        assert_eq!(range(keys, &[], vec![one("2024"), one("02"), Domain::all()]), "2024-02-01 2024-02-29");
        assert_eq!(range(keys, &[&["2024", "2", "5"]], vec![one("2024"), one("2"), one("5")]), "2024-02-05 2024-02-05");
        assert_eq!(range(keys, &[], vec![Domain::all(), one("02"), Domain::all()]), "* *");
        let since = Domain::range(Bound::Included(text("2023")), Bound::Unbounded);
        assert_eq!(range(keys, &[], vec![since, Domain::all(), Domain::all()]), "2023-01-01 *");
        assert_eq!(range(keys, &[], vec![one("2024"), one("13"), Domain::all()]), "none");
        assert_eq!(range(&["year int"], &[], vec![Domain::single(Value::Int(2024))]), "2024-01-01 2024-12-31");
    }

    #[test]
    fn formats_that_do_not_sort_need_spelled_out_values() {
        let mut table = table(&["dt"], &[]);
        table.partition_keys[0].format = Some("dd-MM-yyyy".to_string());
        let key = DateKey::of(&table).expect("date key");
        let of = |domain| shown(key.range_of(&table, &[filter(domain)]));
        assert_eq!(of(Domain::values([text("31-01-2024"), text("01-03-2024")])), "2024-01-31 2024-03-01");
        assert_eq!(of(Domain::range(Bound::Included(text("01-01-2024")), Bound::Unbounded)), "none");
        assert!(sorts_by_date("yyyy-MM-dd'T'HH:mm") && !sorts_by_date("yyyy-M-d") && !sorts_by_date("MM-dd"));
    }
}
