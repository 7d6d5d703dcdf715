//! Partitions that Glue has registered beside those that are stored: Athena reads what is both.

use std::collections::{HashMap, HashSet};

use super::{Location, Partition, PartitionKey, Table};
use crate::expr::{ColumnType, Value};

/// Which stored partitions are registered, and which registered ones hold no file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Registered partitions, stored or not.
    pub total: u64,
    /// Per partition of the layout: whether it is registered.
    pub of_layout: Vec<bool>,
    /// Indices in [`Table::registered_partitions`] of partitions without a stored file.
    pub empty: Vec<u32>,
    /// The same of partitions without a known file at places that nobody has looked at: they may hold some.
    pub unlisted: Vec<u32>,
}

impl Registered {
    pub(super) fn of(table: &Table) -> Option<Registered> {
        let (layout, registered) = (table.layout.as_ref()?, table.registered_partitions.as_ref()?);
        if table.projection.is_some() || !table.is_partitioned() {
            return None;
        }
        let mut stored: HashMap<Vec<Option<String>>, bool> =
            layout.partitions.iter().map(|partition| (spelling(&partition.values, table), false)).collect();
        let listed = Listed::of(table, &layout.parts);
        let mut seen = HashSet::new();
        let (mut empty, mut unlisted) = (Vec::new(), Vec::new());
        for (index, values) in registered.iter().enumerate() {
            let spelled = spelling(values, table);
            match stored.get_mut(&spelled) {
                Some(is_registered) => *is_registered = true,
                None if seen.contains(&spelled) => {}
                None if listed.holds(values) => empty.push(index as u32),
                None => unlisted.push(index as u32),
            }
            seen.insert(spelled);
        }
        let of_layout: Vec<bool> =
            layout.partitions.iter().map(|partition| stored[&spelling(&partition.values, table)]).collect();
        let has_common = of_layout.iter().any(|is_registered| *is_registered);
        (has_common || registered.is_empty() || layout.partitions.is_empty()).then_some(Registered {
            total: seen.len() as u64,
            of_layout,
            empty,
            unlisted,
        })
    }
}

/// The places of a table that were looked at.
struct Listed<'a> {
    table: &'a Table,
    /// Parts of the table's location; none where all of it was looked at.
    parts: Vec<Location>,
    /// Aligned with the parts: values of keys that all partitions below it have; `None` where its folders do not tell.
    limits: Vec<Option<Vec<(usize, String)>>>,
    placed: HashMap<&'a [Option<Box<str>>], &'a Location>,
}

impl<'a> Listed<'a> {
    fn of(table: &'a Table, parts: &[String]) -> Listed<'a> {
        let parts: Vec<Location> = parts.iter().map(|part| Location::parse(part)).collect();
        let limits = parts.iter().map(|part| limits(table, part)).collect();
        let placed = table.placed_partitions.iter().map(|placed| (&placed.values[..], &placed.location)).collect();
        Listed { table, parts, limits, placed }
    }

    /// Whether files of a partition would have been seen.
    fn holds(&self, values: &[Option<Box<str>>]) -> bool {
        match self.placed.get(values) {
            Some(place) if self.parts.is_empty() => self.table.location.as_ref().is_some_and(|all| all.contains(place)),
            Some(place) => self.parts.iter().any(|part| part.contains(place)),
            None if self.parts.is_empty() => true,
            None => {
                let folder = |key: usize| values.get(key).map(|value| value.as_deref().unwrap_or(Partition::NULL));
                let lies_in = |limits: &Vec<(usize, String)>| limits.iter().all(|(key, v)| folder(*key) == Some(v));
                self.limits.iter().flatten().any(lies_in)
            }
        }
    }
}

/// The values that a part of a table's location spells: `dt=2025-06-29` below it.
fn limits(table: &Table, part: &Location) -> Option<Vec<(usize, String)>> {
    let location = table.location.as_ref()?;
    if part.contains(location) {
        return Some(Vec::new());
    }
    let below = part.path.get(location.path.len()..).filter(|_| location.contains(part))?;
    let one = |folder: &str| {
        let (key, value) = folder.split_once('=')?;
        Some((table.key_index(key)?, value.to_string()))
    };
    below.split('/').filter(|folder| !folder.is_empty()).map(one).collect()
}

/// Values as they compare: a number is the same with and without its zeros.
fn spelling(values: &[Option<Box<str>>], table: &Table) -> Vec<Option<String>> {
    let one = |(key, text): (&PartitionKey, &Option<Box<str>>)| {
        let text = text.as_deref()?;
        match (&key.data_type, Value::of_partition(Some(text), &key.data_type)) {
            (ColumnType::Integer(_), Some(Value::Int(n))) => Some(n.to_string()),
            _ => Some(text.to_string()),
        }
    };
    table.partition_keys.iter().zip(values).map(one).collect()
}
