//! Which partition keys of a table are dates, and how their values are written.

use chrono::{Datelike, NaiveDateTime};

use super::{PartitionKey, ProjectionKind, Table, Transform};
use crate::expr::ColumnType;
use crate::expr::date_format::Pattern;

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
    /// One key holds the date. `format` is a Java pattern for text and integer keys, `None` for `date` and `timestamp` keys.
    /// When only the key's name says that it is a date, the usual pattern is assumed.
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

/// Values of a key that are looked at.
const SAMPLE: usize = 50;

/// Names of keys that hold a whole date, besides those that end like [`DATE_ENDINGS`].
const DATE_NAMES: [&str; 6] = ["dt", "date", "day", "ds", "dateint", "datekey"];
const DATE_ENDINGS: [&str; 4] = ["_date", "_dt", "_day", "_ds"];

/// Patterns of dates in partition values with their shape (`0` stands for a digit).
const PATTERNS: [(&str, &str); 20] = [
    ("0000-00-00", "yyyy-MM-dd"),
    ("00000000", "yyyyMMdd"),
    ("0000/00/00", "yyyy/MM/dd"),
    ("0000_00_00", "yyyy_MM_dd"),
    ("0000.00.00", "yyyy.MM.dd"),
    ("0000-00", "yyyy-MM"),
    ("000000", "yyyyMM"),
    ("0000/00", "yyyy/MM"),
    ("0000_00", "yyyy_MM"),
    ("0000-00-00-00", "yyyy-MM-dd-HH"),
    ("0000-00-00 00", "yyyy-MM-dd HH"),
    ("0000-00-00T00", "yyyy-MM-dd'T'HH"),
    ("0000/00/00/00", "yyyy/MM/dd/HH"),
    ("0000000000", "yyyyMMddHH"),
    ("0000-00-00-00-00", "yyyy-MM-dd-HH-mm"),
    ("0000-00-00 00:00", "yyyy-MM-dd HH:mm"),
    ("0000-00-00 00:00:00", "yyyy-MM-dd HH:mm:ss"),
    ("0000-00-00T00:00:00", "yyyy-MM-dd'T'HH:mm:ss"),
    ("0000-00-00T00:00:00Z", "yyyy-MM-dd'T'HH:mm:ss'Z'"),
    ("000000000000", "yyyyMMddHHmm"),
];

impl DateKey {
    /// The table's date key, recognised by type, declared format, values and name; `None` when no key is a date. Values that are
    /// known win over names: a key `dt` that holds country codes is no date.
    pub fn of(table: &Table) -> Option<DateKey> {
        table.memo.date_key.get_or_init(|| DateKey::recognised(table)).clone()
    }

    fn recognised(table: &Table) -> Option<DateKey> {
        let known = (0..table.partition_keys.len()).find_map(|key| known_date(table, key));
        known.or_else(|| split(table).map(DateKey::Split)).or_else(|| {
            let by_name = |key: &usize| {
                let name = &table.partition_keys[*key].name;
                is_date_name(name) && samples(table, *key).is_empty()
            };
            (0..table.partition_keys.len()).find(by_name).and_then(|key| assumed(key, &table.partition_keys[key]))
        })
    }
}

impl DateKey {
    /// Indices of the partition keys that carry the date, coarsest first.
    pub fn keys(&self) -> Vec<usize> {
        match self {
            DateKey::Single { key, .. } => vec![*key],
            DateKey::Split(parts) => {
                [Some(parts.year), parts.month, parts.day, parts.hour].into_iter().flatten().collect()
            }
        }
    }
}

/// A date by type, declared format or values.
fn known_date(table: &Table, key: usize) -> Option<DateKey> {
    let declared = &table.partition_keys[key];
    let single = |granularity, format| Some(DateKey::Single { key, granularity, format });
    let by_transform = match declared.transform {
        Transform::Identity => None,
        Transform::Year => Some(Granularity::Year),
        Transform::Month => Some(Granularity::Month),
        Transform::Day => Some(Granularity::Day),
        Transform::Hour => Some(Granularity::Hour),
        Transform::Bucket(_) | Transform::Truncate(_) => return None,
    };
    match declared.data_type {
        ColumnType::Date => return single(by_transform.unwrap_or(Granularity::Day), None),
        ColumnType::Timestamp => return single(by_transform.unwrap_or_else(|| finest(&samples(table, key))), None),
        ColumnType::String | ColumnType::Integer(_) => {}
        _ => return None,
    }
    if by_transform.is_some() {
        // The source column's type is not known here: a time transform applies to dates and timestamps only.
        return single(by_transform?, None);
    }
    if let Some(format) = declared_format(table, key) {
        let granularity = granularity(format)?;
        // A `year` key with the pattern `yyyy` is a part of a date, not a date.
        let is_part = granularity == Granularity::Year || !format.contains(['y', 'u']);
        return if is_part { None } else { single(granularity, Some(format.to_string())) };
    }
    let format = format_of_values(&samples(table, key))?;
    single(granularity(format)?, Some(format.to_string()))
}

/// The pattern that the key's declaration or its projection gives.
pub(super) fn declared_format(table: &Table, key: usize) -> Option<&str> {
    let declared = &table.partition_keys[key];
    let projected = table.projection.as_ref().and_then(|p| match p.keys.get(&declared.name) {
        Some(ProjectionKind::Date { format, .. }) => Some(format.as_str()),
        _ => None,
    });
    declared.format.as_deref().or(projected)
}

fn assumed(key: usize, declared: &PartitionKey) -> Option<DateKey> {
    let format = match declared.data_type {
        ColumnType::Integer(_) => "yyyyMMdd",
        ColumnType::String => "yyyy-MM-dd",
        _ => return None,
    };
    Some(DateKey::Single { key, granularity: Granularity::Day, format: Some(format.to_string()) })
}

fn is_date_name(name: &str) -> bool {
    DATE_NAMES.contains(&name) || DATE_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Values of a key, spread over all partitions, NULL left out; empty when none are known.
pub(super) fn samples(table: &Table, key: usize) -> Vec<&str> {
    fn spread<'a, T>(all: &'a [T], value: impl Fn(&'a T) -> Option<&'a str>) -> Vec<&'a str> {
        let step = all.len().div_ceil(SAMPLE).max(1);
        all.iter().step_by(step).filter_map(value).collect()
    }
    if let Some(layout) = &table.layout {
        let values = spread(&layout.partitions, |p| p.values.get(key)?.as_deref());
        if !values.is_empty() {
            return values;
        }
    }
    match (
        &table.registered_partitions,
        table.projection.as_ref().and_then(|p| p.keys.get(&table.partition_keys[key].name)),
    ) {
        (Some(registered), _) => spread(registered, |values| values.get(key)?.as_deref()),
        (None, Some(ProjectionKind::Enum { values })) => spread(values, |v| Some(v.as_str())),
        _ => Vec::new(),
    }
}

/// The pattern that at least nine in ten values have.
fn format_of_values(values: &[&str]) -> Option<&'static str> {
    let fits = |shape: &str, pattern: &Pattern, value: &str| {
        has_shape(value, shape) && pattern.parse(value).is_some_and(is_plausible)
    };
    PATTERNS.iter().find_map(|(shape, format)| {
        if !values.iter().any(|v| has_shape(v, shape)) {
            return None;
        }
        let pattern = Pattern::java(format)?;
        let matching = values.iter().filter(|v| fits(shape, &pattern, v)).count();
        (matching * 10 >= values.len() * 9).then_some(*format)
    })
}

/// The pattern of a single value that looks like a date.
pub fn date_pattern(value: &str) -> Option<&'static str> {
    format_of_values(&[value])
}

fn has_shape(value: &str, shape: &str) -> bool {
    value.len() == shape.len()
        && value.bytes().zip(shape.bytes()).all(|(v, s)| if s == b'0' { v.is_ascii_digit() } else { v == s })
}

/// Numbers that merely look like a date mostly have an odd year.
fn is_plausible(time: NaiveDateTime) -> bool {
    (1990..=2100).contains(&time.year())
}

/// The granularity of timestamp values.
fn finest(values: &[&str]) -> Granularity {
    let midnight =
        |v: &&str| v.len() == 10 || v.get(10..).is_some_and(|time| time[1..].bytes().all(|b| b"0:.".contains(&b)));
    if !values.is_empty() && values.iter().all(midnight) { Granularity::Day } else { Granularity::Instant }
}

/// The finest field of a Java pattern.
pub(super) fn granularity(format: &str) -> Option<Granularity> {
    let mut quoted = false;
    let letters = format.chars().filter(|c| {
        quoted ^= *c == '\'';
        !quoted && c.is_ascii_alphabetic()
    });
    letters
        .filter_map(|letter| match letter {
            'y' | 'u' => Some(Granularity::Year),
            'M' | 'L' => Some(Granularity::Month),
            'd' | 'D' => Some(Granularity::Day),
            'H' | 'k' | 'h' | 'K' => Some(Granularity::Hour),
            'm' | 's' | 'S' | 'n' => Some(Granularity::Instant),
            _ => None,
        })
        .max()
}

/// `year`, `month`, `day` and `hour` keys, by name and values.
fn split(table: &Table) -> Option<DateParts> {
    let part = |names: &[&str], ending: &str, range: std::ops::RangeInclusive<i64>| {
        (0..table.partition_keys.len()).find(|key| {
            let name = table.partition_keys[*key].name.as_str();
            let fits = |v: &&str| v.trim().parse().is_ok_and(|n: i64| range.contains(&n));
            (names.contains(&name) || name.ends_with(ending)) && {
                let values = samples(table, *key);
                values.iter().filter(|v| fits(v)).count() * 10 >= values.len() * 9
            }
        })
    };
    let year = part(&["year", "y", "yr", "yyyy"], "_year", 1990..=2100)?;
    let month = part(&["month", "m", "mm", "mon"], "_month", 1..=12);
    let day = part(&["day", "d", "dd"], "_day", 1..=31).filter(|_| month.is_some());
    let hour = part(&["hour", "h", "hh", "hr"], "_hour", 0..=24).filter(|_| day.is_some());
    Some(DateParts { year, month, day, hour })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::lake::{DeclaredBy, Layout, Partition, TableName};

    /// `"dt string"` keys; each row is the values of one partition.
    pub(in crate::lake) fn table(keys: &[&str], rows: &[&[&str]]) -> Table {
        let mut table = Table::new(TableName::parse("t"), DeclaredBy::Ddl);
        table.partition_keys = keys
            .iter()
            .map(|k| {
                k.split_once(' ').map_or_else(
                    || PartitionKey::new(k, ColumnType::String),
                    |(n, t)| PartitionKey::new(n, ColumnType::parse(t)),
                )
            })
            .collect();
        let values = |row: &&[&str]| row.iter().map(|v| Some((*v).into())).collect();
        let partitions =
            rows.iter().map(|row| Partition { values: values(row), files: 1, ..Partition::default() }).collect();
        table.layout = (!rows.is_empty()).then_some(Layout { partitions, ..Layout::default() });
        table
    }

    fn single(keys: &[&str], rows: &[&[&str]]) -> Option<(usize, Granularity, Option<String>)> {
        match DateKey::of(&table(keys, rows))? {
            DateKey::Single { key, granularity, format } => Some((key, granularity, format)),
            DateKey::Split(parts) => panic!("{parts:?}"),
        }
    }

    fn text(key: usize, granularity: Granularity, format: &str) -> Option<(usize, Granularity, Option<String>)> {
        Some((key, granularity, Some(format.to_string())))
    }

    #[test]
    fn types_formats_values_and_names_tell_a_date() {
        use Granularity::*;
        assert_eq!(single(&["region", "x date"], &[]), Some((1, Day, None)));
        assert_eq!(single(&["x timestamp"], &[]), Some((0, Instant, None)));
        assert_eq!(single(&["region", "event_date"], &[]), text(1, Day, "yyyy-MM-dd"));
        assert_eq!(single(&["dt int"], &[]), text(0, Day, "yyyyMMdd"));
        assert_eq!(single(&["x"], &[&["20240131"], &["20240201"]]), text(0, Day, "yyyyMMdd"));
        assert_eq!(single(&["dt"], &[&["2024-01"], &["2024-02"]]), text(0, Month, "yyyy-MM"));
        assert_eq!(single(&["x"], &[&["2024-01-31-05"]]), text(0, Hour, "yyyy-MM-dd-HH"));
        assert_eq!(single(&["x timestamp"], &[&["2024-01-31 00:00:00"]]), Some((0, Day, None)));
    }

    #[test]
    fn values_win_over_names() {
        assert_eq!(single(&["dt"], &[&["de"], &["us"]]), None);
        assert_eq!(single(&["region", "kind"], &[]), None);
        assert_eq!(single(&["x"], &[&["17040672"], &["99999999"]]), None);
        assert_eq!(single(&["date"], &[&["2024-13-45"]]), None);
        assert_eq!(single(&["id"], &[&["1704067200"]]), None);
    }

    #[test]
    fn one_odd_value_in_ten_does_not_hide_a_date() {
        let mut rows: Vec<Vec<String>> = (1..=19).map(|d| vec![format!("2024-01-{d:02}")]).collect();
        rows.push(vec!["unknown".into()]);
        let rows: Vec<Vec<&str>> = rows.iter().map(|r| r.iter().map(String::as_str).collect()).collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        assert_eq!(single(&["x"], &rows), text(0, Granularity::Day, "yyyy-MM-dd"));
    }

    #[test]
    fn split_keys_need_a_year_and_fitting_values() {
        let split = |keys: &[&str], rows: &[&[&str]]| DateKey::of(&table(keys, rows));
        let parts = |year, month, day, hour| Some(DateKey::Split(DateParts { year, month, day, hour }));
        assert_eq!(split(&["year", "month", "day", "hour"], &[]), parts(0, Some(1), Some(2), Some(3)));
        assert_eq!(split(&["region", "y", "m"], &[&["eu", "2024", "1"]]), parts(1, Some(2), None, None));
        assert_eq!(split(&["year"], &[&["2024"]]), parts(0, None, None, None));
        assert_eq!(split(&["year"], &[&["first"]]), None);
        assert_eq!(split(&["month", "day"], &[&["1", "2"]]), None);
    }
}
