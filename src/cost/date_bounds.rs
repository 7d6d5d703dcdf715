//! The days that a read takes in, from its filters on the date key.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::kept;
use crate::expr::{AsOf, Domain, Value};
use crate::lake::{Class, Conjunct, DateKey, DateRange, KeyFilter, Partition, PartitionKey, Table, TableRead};

/// What the filters on a table's date key leave.
#[derive(Debug, Clone, Copy)]
pub struct DateBounds<'a> {
    pub range: DateRange,
    /// The first predicate on the date key.
    pub conjunct: &'a Conjunct,
}

impl<'a> DateBounds<'a> {
    /// `None` when there is no date key, when no predicate is on it, or when the days cannot be told: placeholders, subqueries,
    /// functions that only the partitions of an unknown layout could answer.
    pub fn of(read: &'a TableRead, table: &Table, as_of: AsOf) -> Option<DateBounds<'a>> {
        let date = DateKey::of(table)?;
        let keys = date.keys();
        let on_date = |c: &&Conjunct| c.keys.iter().any(|key| keys.contains(key));
        let is_unknown = |c: &Conjunct| c.placeholder || (c.class == Class::RunTime && c.partners.is_empty());
        if read.truncated || read.conjuncts.iter().filter(on_date).any(is_unknown) {
            return None;
        }
        let pruning = |c: &&Conjunct| on_date(c) && matches!(c.class, Class::Metastore | Class::PlanTime);
        let conjunct = read.conjuncts.iter().find(pruning)?;
        // Of `year = '2024' AND month = '12' OR year = '2025'` the domains tell less than the predicate.
        let is_evaluated = read
            .conjuncts
            .iter()
            .filter(pruning)
            .any(|c| c.class == Class::PlanTime || c.keys.iter().filter(|key| keys.contains(key)).count() > 1);
        let range = match (is_evaluated, &table.layout) {
            (false, _) => date.range_of(table, &read.keys)?,
            (true, Some(_)) => days_of(kept(read, table, as_of), table, &date)?,
            (true, None) => return None,
        };
        Some(DateBounds { range, conjunct })
    }
}

/// The first day that a table's layout holds.
pub fn first_day(table: &Table) -> Option<NaiveDate> {
    table.partition_days().iter().flatten().min().copied()
}

/// From the first to the last day of some partitions, looked at year by year where the year is a key of its own.
fn days_of<'p>(partitions: impl Iterator<Item = &'p Partition>, table: &Table, date: &DateKey) -> Option<DateRange> {
    let leading = *date.keys().first()?;
    let mut years: BTreeMap<&str, Vec<BTreeSet<&str>>> = BTreeMap::new();
    for partition in partitions {
        let year = match date {
            DateKey::Single { .. } => "",
            DateKey::Split(_) => partition.values.get(leading)?.as_deref().unwrap_or(""),
        };
        let values = years.entry(year).or_insert_with(|| vec![BTreeSet::new(); table.partition_keys.len()]);
        for (seen, value) in values.iter_mut().zip(&partition.values) {
            seen.extend(value.as_deref());
        }
    }
    let range = |values: Vec<BTreeSet<&str>>| {
        let filter = |(key, values): (&PartitionKey, BTreeSet<&str>)| {
            let values = values.into_iter().filter_map(|text| Value::of_partition(Some(text), &key.data_type));
            KeyFilter { domain: Domain::values(values), ..KeyFilter::all() }
        };
        let filters: Vec<KeyFilter> = table.partition_keys.iter().zip(values).map(filter).collect();
        date.range_of(table, &filters)
    };
    let ranges: Vec<DateRange> = years.into_values().filter_map(range).collect();
    Some(DateRange { from: ranges.iter().map(|r| r.from).min()?, to: ranges.iter().map(|r| r.to).max()? })
}
