//! Facts that follow from a table or a read and are asked for again and again: computed on first use, never part of what is
//! reported.

use std::sync::OnceLock;

use chrono::NaiveDate;

use super::{DateKey, Partition, PartitionKey, Table};
use crate::expr::Value;

/// Partitions that a read cannot skip, of those that exist. Bytes are those of whole files, whatever columns are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pruned {
    pub partitions: u64,
    pub bytes: u64,
    pub of_partitions: u64,
    pub of_bytes: u64,
    /// The true numbers may be lower: a filter has a placeholder, is known only at run time, or could not be followed.
    pub uncertain: bool,
}

/// What follows from a table. A catalog starts its tables with an empty one: they do not change from then on.
#[derive(Debug, Clone, Default)]
pub struct TableMemo {
    pub(super) date_key: OnceLock<Option<DateKey>>,
    pub(crate) first_day: OnceLock<Option<NaiveDate>>,
    pub(super) days: OnceLock<Vec<Option<NaiveDate>>>,
    values: OnceLock<Vec<Vec<Option<Value>>>>,
}

impl Table {
    /// The values of a layout's partitions as the keys' types, aligned with its partitions; `None` where a text does not fit
    /// its type. Empty without a layout.
    pub fn partition_values(&self) -> &[Vec<Option<Value>>] {
        self.memo.values.get_or_init(|| {
            let value =
                |(key, text): (&PartitionKey, &Option<Box<str>>)| Value::of_partition(text.as_deref(), &key.data_type);
            let values = |p: &Partition| self.partition_keys.iter().zip(&p.values).map(value).collect();
            self.layout.iter().flat_map(|layout| &layout.partitions).map(values).collect()
        })
    }
}
