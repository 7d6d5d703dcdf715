//! Partitions that Glue has registered beside those that are stored: Athena reads what is both.

use std::collections::{HashMap, HashSet};

use super::{PartitionKey, Table};
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
}

impl Registered {
    pub(super) fn of(table: &Table) -> Option<Registered> {
        let (layout, registered) = (table.layout.as_ref()?, table.registered_partitions.as_ref()?);
        if table.projection.is_some() || !table.is_partitioned() {
            return None;
        }
        let mut stored: HashMap<Vec<Option<String>>, bool> =
            layout.partitions.iter().map(|partition| (spelling(&partition.values, table), false)).collect();
        let mut seen = HashSet::new();
        let mut empty = Vec::new();
        for (index, values) in registered.iter().enumerate() {
            let values = spelling(values, table);
            match stored.get_mut(&values) {
                Some(is_registered) => *is_registered = true,
                None if !seen.contains(&values) => empty.push(index as u32),
                None => {}
            }
            seen.insert(values);
        }
        let of_layout: Vec<bool> =
            layout.partitions.iter().map(|partition| stored[&spelling(&partition.values, table)]).collect();
        let has_common = of_layout.iter().any(|is_registered| *is_registered);
        (has_common || registered.is_empty() || layout.partitions.is_empty()).then_some(Registered {
            total: seen.len() as u64,
            of_layout,
            empty,
        })
    }
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
