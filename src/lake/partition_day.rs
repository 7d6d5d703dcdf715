//! The day that each partition of a layout starts on.

use chrono::{Datelike, NaiveDate};

use super::{DateKey, Granularity, Table};
use crate::expr::date_format::Pattern;

impl Table {
    /// The first day of each partition, aligned with the layout's partitions; `None` where the values are no date. Empty
    /// without a layout or a date key.
    pub fn partition_days(&self) -> &[Option<NaiveDate>] {
        self.memo.days.get_or_init(|| {
            let Some(layout) = &self.layout else { return Vec::new() };
            self.days_of(layout.partitions.iter().map(|partition| &partition.values[..]))
        })
    }

    /// The first days of the registered partitions that hold files, or may: archived ones, and those that nobody has looked at.
    pub fn days_in_use(&self) -> Vec<NaiveDate> {
        let (Some(layout), Some(all), Some(registered)) =
            (&self.layout, &self.registered_partitions, self.registered())
        else {
            return Vec::new();
        };
        let has_archived = layout.oddities.archived.objects > 0;
        let unseen = registered.unlisted.iter().chain(registered.empty.iter().filter(|_| has_archived));
        let unseen = self.days_of(unseen.map(|index| &all[*index as usize][..]));
        let stored = self.partition_days().iter().zip(&registered.of_layout);
        stored.filter(|(_, is_registered)| **is_registered).map(|(day, _)| *day).chain(unseen).flatten().collect()
    }

    /// The first day of each of some partitions, given by their values; empty without a date key.
    fn days_of<'a>(&self, rows: impl Iterator<Item = &'a [Option<Box<str>>]>) -> Vec<Option<NaiveDate>> {
        let Some(date) = DateKey::of(self) else { return Vec::new() };
        let pattern = match &date {
            DateKey::Single { format: Some(format), .. } => Pattern::java(format),
            _ => None,
        };
        rows.map(|values| first_day(values, &date, pattern.as_ref())).collect()
    }
}

impl DateKey {
    /// The start of the year or month that a day lies in, where the key tells no more than that.
    pub fn floor(&self, day: NaiveDate) -> NaiveDate {
        let granularity = match self {
            DateKey::Single { granularity, .. } => *granularity,
            DateKey::Split(parts) => match (parts.month, parts.day) {
                (None, _) => Granularity::Year,
                (_, None) => Granularity::Month,
                _ => Granularity::Day,
            },
        };
        match granularity {
            Granularity::Year => day.with_ordinal(1),
            Granularity::Month => day.with_day(1),
            _ => None,
        }
        .unwrap_or(day)
    }
}

fn first_day(values: &[Option<Box<str>>], date: &DateKey, pattern: Option<&Pattern>) -> Option<NaiveDate> {
    let text = |key: usize| values.get(key)?.as_deref();
    match date {
        DateKey::Single { key, .. } => match pattern {
            Some(pattern) => Some(pattern.parse(text(*key)?)?.date()),
            None => leading_date(text(*key)?),
        },
        DateKey::Split(parts) => {
            let number = |key: usize| text(key)?.trim().parse::<u32>().ok();
            let part = |key: Option<usize>| key.map_or(Some(1), number);
            NaiveDate::from_ymd_opt(number(parts.year)? as i32, part(parts.month)?, part(parts.day)?)
        }
    }
}

/// `2024`, `2024-01`, `2024-01-05` and anything after it, as dates, timestamps and Iceberg's transforms are written.
fn leading_date(text: &str) -> Option<NaiveDate> {
    let mut parts = text.get(..text.len().min(10))?.split('-').map(str::parse::<u32>);
    let year = parts.next()?.ok()?;
    let month = parts.next().map_or(Some(1), Result::ok)?;
    let day = parts.next().map_or(Some(1), Result::ok)?;
    NaiveDate::from_ymd_opt(year as i32, month, day)
}

#[cfg(test)]
mod tests {
    use super::super::{DeclaredBy, Layout, Partition, PartitionKey, TableName};
    use super::*;
    use crate::expr::ColumnType;

    fn days(keys: &[(&str, ColumnType)], rows: &[&[&str]]) -> Vec<Option<String>> {
        let mut table = Table::new(TableName::parse("t"), DeclaredBy::Ddl);
        table.partition_keys = keys.iter().map(|(name, t)| PartitionKey::new(name, t.clone())).collect();
        let partition = |values: &&[&str]| Partition {
            values: values.iter().map(|v| (*v != "NULL").then(|| (*v).into())).collect(),
            files: 1,
            ..Partition::default()
        };
        table.layout = Some(Layout { partitions: rows.iter().map(partition).collect(), ..Layout::default() });
        table.partition_days().iter().map(|day| day.map(|d| d.to_string())).collect()
    }

    #[test]
    fn text_typed_and_split_dates_give_their_day() {
        let some = |day: &str| Some(day.to_string());
        let text = [("dt", ColumnType::String)];
        assert_eq!(
            days(&text, &[&["20240105"], &["20240106"], &["NULL"]]),
            [some("2024-01-05"), some("2024-01-06"), None]
        );
        assert_eq!(days(&[("dt", ColumnType::Date)], &[&["2024-01-05"]]), [some("2024-01-05")]);
        let split = ["year", "month"].map(|key| (key, ColumnType::String));
        assert_eq!(days(&split, &[&["2024", "07"], &["2023", "7"]]), [some("2024-07-01"), some("2023-07-01")]);
        assert_eq!(days(&[("country", ColumnType::String)], &[&["de"]]), []);
    }
}
