//! The SQL predicate that limits a date key to a range of days, for help lines.

use chrono::{Datelike, Days, NaiveDate, NaiveTime};

use super::date_key::samples;
use super::statement::in_query;
use super::{DateKey, DateParts, ProjectionKind, Table};
use crate::expr::ColumnType;
use crate::expr::date_format::Pattern;

/// How the numbers of a split date key are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Padding {
    /// `06`
    Padded,
    /// `6`
    Bare,
    Unknown,
}

impl DateKey {
    /// A predicate that keeps the days from `from` to `to`, written for the key's type and format. It may keep a little more:
    /// whole months or years where the parts of a split key would need nested conditions.
    pub fn predicate(&self, table: &Table, from: NaiveDate, to: NaiveDate) -> String {
        match self {
            DateKey::Single { key, format, .. } => single(table, *key, format.as_deref(), from, to),
            DateKey::Split(parts) => split(table, parts, from, to),
        }
    }

    /// A predicate that keeps the last days whenever it runs; `None` for keys whose parts would need nested conditions.
    pub fn recent(&self, table: &Table, days: u64) -> Option<String> {
        let DateKey::Single { key, format, .. } = self else { return None };
        let column = name(table, *key);
        let data_type = &table.partition_keys[*key].data_type;
        Some(match (format.as_deref(), data_type) {
            (None, ColumnType::Timestamp) => format!("{column} >= current_timestamp - interval '{days}' day"),
            (None, _) => format!("{column} >= current_date - interval '{days}' day"),
            (Some("yyyy-MM-dd"), ColumnType::String | ColumnType::Other(_)) => {
                format!("{column} >= date_format(current_date - interval '{days}' day, '%Y-%m-%d')")
            }
            (Some(pattern), data_type) => {
                let pattern = pattern.replace('\'', "''");
                let text = format!("format_datetime(current_timestamp - interval '{days}' day, '{pattern}')");
                match data_type {
                    ColumnType::Integer(_) => format!("{column} >= cast({text} as bigint)"),
                    _ => format!("{column} >= {text}"),
                }
            }
        })
    }
}

fn single(table: &Table, key: usize, format: Option<&str>, from: NaiveDate, to: NaiveDate) -> String {
    let column = name(table, key);
    let Some(pattern) = format.and_then(Pattern::java) else {
        if table.partition_keys[key].data_type != ColumnType::Timestamp {
            return between(&column, &format!("DATE '{from}'"), &format!("DATE '{to}'"));
        }
        let end = to.checked_add_days(Days::new(1)).unwrap_or(to);
        return format!("{column} >= TIMESTAMP '{from} 00:00:00' AND {column} < TIMESTAMP '{end} 00:00:00'");
    };
    let last = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or(NaiveTime::MIN);
    let literal = |day: NaiveDate, time| {
        let text = pattern.format(day.and_time(time)).unwrap_or_else(|| day.to_string());
        match table.partition_keys[key].data_type {
            ColumnType::Integer(_) => text,
            _ => format!("'{text}'"),
        }
    };
    between(&column, &literal(from, NaiveTime::MIN), &literal(to, last))
}

fn between(column: &str, from: &str, to: &str) -> String {
    match from == to {
        true => format!("{column} = {from}"),
        false => format!("{column} BETWEEN {from} AND {to}"),
    }
}

fn split(table: &Table, parts: &DateParts, from: NaiveDate, to: NaiveDate) -> String {
    let year = |from: i32, to: i32| numbers(table, parts.year, from as u32, to as u32);
    let Some(month) = parts.month else { return year(from.year(), to.year()) };
    let months = |from, to| numbers(table, month, from, to);
    if from.year() != to.year() {
        if to.year() != from.year() + 1 {
            return year(from.year(), to.year());
        }
        let (old, new) = (year(from.year(), from.year()), year(to.year(), to.year()));
        return format!("({old} AND {} OR {new} AND {})", months(from.month(), 12), months(1, to.month()));
    }
    let start = format!("{} AND {}", year(from.year(), from.year()), months(from.month(), to.month()));
    let whole_month = from.day() == 1 && to.succ_opt().is_none_or(|next| next.month() != to.month());
    match parts.day {
        Some(day) if from.month() == to.month() && !whole_month => {
            format!("{start} AND {}", numbers(table, day, from.day(), to.day()))
        }
        _ => start,
    }
}

/// A range of numbers of one part. Text without padding does not sort as numbers do: its values are listed.
fn numbers(table: &Table, key: usize, from: u32, to: u32) -> String {
    let column = name(table, key);
    let padding = padding(table, key);
    let literal = |n: u32| match (&table.partition_keys[key].data_type, padding) {
        (ColumnType::Integer(_), _) => n.to_string(),
        (_, Padding::Bare) => format!("'{n}'"),
        _ => format!("'{n:02}'"),
    };
    let is_text = !matches!(table.partition_keys[key].data_type, ColumnType::Integer(_));
    if is_text && padding == Padding::Bare && from < 10 && to >= 10 {
        return format!("{column} IN ({})", (from..=to).map(literal).collect::<Vec<_>>().join(", "));
    }
    between(&column, &literal(from), &literal(to))
}

/// Whether the numbers of a key are zero-padded, as far as its values or its projection show.
pub(super) fn padding(table: &Table, key: usize) -> Padding {
    let projected = table.projection.as_ref().and_then(|p| p.keys.get(&table.partition_keys[key].name));
    if let Some(ProjectionKind::Integer { digits, .. }) = projected {
        return if digits.is_some_and(|d| d > 1) { Padding::Padded } else { Padding::Bare };
    }
    let values = samples(table, key);
    if values.iter().any(|v| v.len() == 1) {
        Padding::Bare
    } else if values.iter().any(|v| v.len() > 1 && v.starts_with('0')) {
        Padding::Padded
    } else {
        Padding::Unknown
    }
}

/// The column's name, quoted where Athena needs it.
fn name(table: &Table, key: usize) -> String {
    in_query(&table.partition_keys[key].name)
}

#[cfg(test)]
mod tests {
    use super::super::date_key::tests::table;
    use super::*;

    fn predicate(keys: &[&str], rows: &[&[&str]], from: &str, to: &str) -> String {
        let table = table(keys, rows);
        let day = |text: &str| text.parse().expect("date");
        DateKey::of(&table).expect("date key").predicate(&table, day(from), day(to))
    }

    #[test]
    fn literals_fit_type_and_format() {
        let week = |keys: &[&str], rows: &[&[&str]]| predicate(keys, rows, "2025-06-23", "2025-06-29");
        assert_eq!(week(&["dt"], &[]), "dt BETWEEN '2025-06-23' AND '2025-06-29'");
        assert_eq!(week(&["dt date"], &[]), "dt BETWEEN DATE '2025-06-23' AND DATE '2025-06-29'");
        assert_eq!(week(&["dt int"], &[]), "dt BETWEEN 20250623 AND 20250629");
        assert_eq!(week(&["h"], &[&["2025-01-01-05"]]), "h BETWEEN '2025-06-23-00' AND '2025-06-29-23'");
        assert_eq!(week(&["m"], &[&["2025-01"]]), "m = '2025-06'");
        assert_eq!(
            week(&["ts timestamp"], &[]),
            "ts >= TIMESTAMP '2025-06-23 00:00:00' AND ts < TIMESTAMP '2025-06-30 00:00:00'"
        );
        assert_eq!(
            predicate(&["my-date"], &[&["2025-01-01"]], "2025-06-23", "2025-06-23"),
            "\"my-date\" = '2025-06-23'"
        );
    }

    #[test]
    fn split_keys_keep_their_padding() {
        let keys = &["year", "month", "day"];
        let rows: &[&[&str]] = &[&["2025", "6", "9"]];
        assert_eq!(
            predicate(keys, &[], "2025-06-23", "2025-06-29"),
            "year = '2025' AND month = '06' AND day BETWEEN '23' AND '29'"
        );
        assert_eq!(predicate(keys, rows, "2025-06-23", "2025-06-23"), "year = '2025' AND month = '6' AND day = '23'");
        assert_eq!(
            predicate(keys, rows, "2025-06-08", "2025-06-11"),
            "year = '2025' AND month = '6' AND day IN ('8', '9', '10', '11')"
        );
        assert_eq!(predicate(keys, &[], "2025-06-01", "2025-06-30"), "year = '2025' AND month = '06'");
        assert_eq!(predicate(keys, &[], "2025-05-25", "2025-06-03"), "year = '2025' AND month BETWEEN '05' AND '06'");
        assert_eq!(
            predicate(keys, &[], "2024-12-30", "2025-01-02"),
            "(year = '2024' AND month = '12' OR year = '2025' AND month = '01')"
        );
        assert_eq!(predicate(&["year int", "month int"], &[], "2025-06-01", "2025-06-09"), "year = 2025 AND month = 6");
    }
}
