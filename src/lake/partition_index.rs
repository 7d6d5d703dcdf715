//! Partition indexes of a table in Glue: partitions that match a predicate are found without fetching all of them.

use serde::{Deserialize, Serialize};

use super::{Table, TableKind};

/// The partition indexes of one table, of which there may be none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartitionIndexes {
    /// Keys of each index that is ready, in the order of the index; sorted.
    pub keys: Vec<Vec<String>>,
    /// The table's property `partition_filtering.enabled`, without which Athena looks into none of them
    /// (<https://docs.aws.amazon.com/athena/latest/ug/glue-best-practices-partition-index.html>).
    pub are_used: bool,
}

impl Table {
    /// Keys of the longest index that Athena could look into and does not. Of projected tables it asks Glue for no partitions.
    pub fn unused_index(&self) -> Option<&[String]> {
        let indexes = self.partition_indexes.as_ref().filter(|indexes| !indexes.are_used)?;
        let asks_glue = self.kind == TableKind::Hive && self.projection.is_none();
        // Of equals the first.
        let longest = indexes.keys.iter().rev().max_by_key(|keys| keys.len());
        longest.filter(|_| asks_glue).map(Vec::as_slice)
    }
}
