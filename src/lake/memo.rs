//! Facts that follow from a table or a read and are asked for again and again: computed on first use, never part of what is
//! reported.

use std::collections::HashMap;
use std::sync::OnceLock;

use chrono::NaiveDate;

use super::registered::Registered;
use super::{ANY_VALUE, DateKey, Layout, PartitionKey, Table};
use crate::expr::Value;

/// What follows from a table. A catalog starts its tables with an empty one: they do not change from then on.
#[derive(Debug, Clone, Default)]
pub struct TableMemo {
    pub(super) date_key: OnceLock<Option<DateKey>>,
    pub(super) days: OnceLock<Vec<Option<NaiveDate>>>,
    values: OnceLock<Vec<KeyValues>>,
    registered: OnceLock<Option<Registered>>,
}

/// The values of one partition key in a layout, each spelling once: a predicate on one key is evaluated per value, not per
/// partition.
#[derive(Debug, Clone, Default)]
pub struct KeyValues {
    /// As the key's type; `None` where the text does not fit it, or stands for any value.
    pub values: Vec<Option<Value>>,
    /// A partition that has the value, aligned with `values`.
    pub example: Vec<u32>,
    /// Per partition of the layout, the index of its value.
    pub of_partition: Vec<u32>,
}

impl KeyValues {
    fn of(layout: &Layout, index: usize, key: &PartitionKey, may_be_any: bool) -> KeyValues {
        let mut found = KeyValues::default();
        let mut seen: HashMap<Option<&str>, u32> = HashMap::new();
        let mut last: Option<Option<&str>> = None;
        for (partition, values) in layout.partitions.iter().enumerate() {
            let text = values.values.get(index).and_then(Option::as_deref);
            // Partitions are sorted: the first key comes in runs, and only the others need be looked up.
            let known = match (index, last) {
                (_, Some(previous)) if previous == text => found.of_partition.last().copied(),
                (0, _) => None,
                _ => seen.get(&text).copied(),
            };
            let value = known.unwrap_or_else(|| {
                let next = found.values.len() as u32;
                let is_any = may_be_any && text == Some(ANY_VALUE);
                found.values.push(if is_any { None } else { Value::of_partition(text, &key.data_type) });
                found.example.push(partition as u32);
                if index > 0 {
                    seen.insert(text, next);
                }
                next
            });
            found.of_partition.push(value);
            last = Some(text);
        }
        found
    }
}

impl Table {
    /// The values of a layout's partitions, per key. Empty without a layout.
    pub fn key_values(&self) -> &[KeyValues] {
        self.memo.values.get_or_init(|| {
            let Some(layout) = &self.layout else { return Vec::new() };
            let may_be_any = layout.iceberg.is_some();
            let values = |(index, key)| KeyValues::of(layout, index, key, may_be_any);
            self.partition_keys.iter().enumerate().map(values).collect()
        })
    }

    /// How the layout's partitions compare with those that Glue has registered; `None` where either is unknown, or where the
    /// two have nothing in common, so that folders do not tell which partition they hold.
    pub fn registered(&self) -> Option<&Registered> {
        self.memo.registered.get_or_init(|| Registered::of(self)).as_ref()
    }
}
