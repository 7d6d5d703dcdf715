//! The part of a table that one statement may write: a predicate that keeps few enough partitions.

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;

use chrono::{Datelike, Days, Months, NaiveDate};

use super::identifier::{in_query, literal};
use crate::expr::ColumnType;
use crate::lake::{DateKey, Layout, Partition, Table};

/// What a statement takes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    /// `None`: all of the table.
    pub predicate: Option<String>,
    /// Partitions of the table as it is that stay for further statements.
    pub left: u64,
}

impl Batch {
    /// The newest part of a table that becomes at most so many partitions; `group` says which one a present partition goes
    /// to. `None` where no simple predicate cuts it that small.
    pub(super) fn newest<'a, G: Eq + Hash>(
        table: &Table,
        layout: &'a Layout,
        limit: u64,
        group: impl Fn(&'a Partition) -> G,
    ) -> Option<Batch> {
        let all: HashSet<G> = layout.partitions.iter().map(&group).collect();
        if all.len() as u64 <= limit {
            return Some(Batch { predicate: None, left: 0 });
        }
        by_date(table, layout, limit, &group).or_else(|| by_first_key(table, layout, limit, &group))
    }
}

/// Whole days, or whole months where the date is split over keys, from the newest one back.
fn by_date<'a, G: Eq + Hash>(
    table: &Table,
    layout: &'a Layout,
    limit: u64,
    group: &impl Fn(&'a Partition) -> G,
) -> Option<Batch> {
    let date = DateKey::of(table)?;
    let is_split = matches!(date, DateKey::Split(_));
    let mut by_day: BTreeMap<NaiveDate, Vec<&Partition>> = BTreeMap::new();
    for (partition, day) in layout.partitions.iter().zip(table.partition_days()) {
        if let Some(day) = day {
            by_day.entry(if is_split { day.with_day(1)? } else { *day }).or_default().push(partition);
        }
    }
    let newest = *by_day.keys().next_back()?;
    // A split date names months of two years at most.
    let near = by_day.into_iter().rev().take_while(|(day, _)| !is_split || day.year() + 1 >= newest.year());
    let (from, taken) = first_of(near, limit, group)?;
    let to = match is_split {
        true => newest.checked_add_months(Months::new(1))?.checked_sub_days(Days::new(1))?,
        false => newest,
    };
    Some(Batch { predicate: Some(date.predicate(table, from, to)), left: layout.partitions.len() as u64 - taken })
}

/// A range of the first key, in its order.
fn by_first_key<'a, G: Eq + Hash>(
    table: &Table,
    layout: &'a Layout,
    limit: u64,
    group: &impl Fn(&'a Partition) -> G,
) -> Option<Batch> {
    let key = table.partition_keys.first()?;
    let number = |text: &str| text.parse::<i64>().ok();
    let is_number = matches!(key.data_type, ColumnType::Integer(_));
    if !is_number && key.data_type != ColumnType::String {
        return None;
    }
    let mut by_value: BTreeMap<(Option<i64>, &str), Vec<&Partition>> = BTreeMap::new();
    for partition in &layout.partitions {
        if let Some(text) = partition.values.first()?.as_deref() {
            let order = if is_number { Some(number(text)?) } else { None };
            by_value.entry((order, text)).or_default().push(partition);
        }
    }
    let ((_, last), taken) = first_of(by_value, limit, group)?;
    let written = if is_number { last.to_string() } else { literal(last) };
    let predicate = format!("{} <= {written}", in_query(&key.name));
    Some(Batch { predicate: Some(predicate), left: layout.partitions.len() as u64 - taken })
}

/// The last of the first keys whose partitions become at most so many, and how many these keys hold; `None` where the first
/// alone becomes more.
fn first_of<'a, K, G: Eq + Hash>(
    keys: impl IntoIterator<Item = (K, Vec<&'a Partition>)>,
    limit: u64,
    group: &impl Fn(&'a Partition) -> G,
) -> Option<(K, u64)> {
    let (mut groups, mut taken, mut last) = (HashSet::new(), 0u64, None);
    for (key, partitions) in keys {
        groups.extend(partitions.iter().map(|partition| group(partition)));
        if groups.len() as u64 > limit {
            break;
        }
        taken += partitions.len() as u64;
        last = Some(key);
    }
    Some((last?, taken))
}
