//! What the metadata of an Iceberg table says besides the files that a query reads.

use serde::{Deserialize, Serialize};

use super::Usage;

/// A partition value that the metadata does not tell: the file was written while the table was partitioned in another way.
pub const ANY_VALUE: &str = "*";

/// Facts of the current snapshot and of those before it (<https://iceberg.apache.org/spec/>). Sizes are in bytes, times in
/// seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IcebergFacts {
    pub format_version: u8,
    /// Snapshots that the metadata keeps, the current one included.
    pub snapshots: u64,
    /// When the oldest and the newest of them were made.
    pub oldest: Option<i64>,
    pub newest: Option<i64>,
    /// Bytes of files that later snapshots removed, by the time of the last snapshot that still names them, a day at a time: they
    /// are stored until that snapshot expires. Added up from the snapshots' summaries; `None` where one of them does not tell. What
    /// a branch, a tag or the number of snapshots that the table keeps may hold is not among them.
    pub removed: Option<Vec<Removed>>,
    /// Data files of the current snapshot.
    pub data: Usage,
    /// Those below three quarters of `target_file_size`, which `OPTIMIZE` of Athena rewrites.
    pub small: Usage,
    /// `write.target-file-size-bytes`, 512 MiB where it is not set.
    pub target_file_size: u64,
    /// Rows of the data files, deleted ones included.
    pub rows: u64,
    /// Files of deleted positions, deletion vectors included.
    pub position_deletes: Deletes,
    pub equality_deletes: Deletes,
    /// When the oldest of these files was added; `None` where there are none.
    pub deletes_since: Option<i64>,
    /// `vacuum_max_snapshot_age_seconds`, or Iceberg's own property; `None` where the table does not set it.
    pub max_snapshot_age: Option<u64>,
    /// Objects under the table's location that the current snapshot does not name, where a listing tells how many there are:
    /// those of old snapshots, and what writers left behind. Metadata is not counted.
    pub unnamed: Option<Usage>,
}

/// Files that a snapshot was the last to name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removed {
    /// Time of the snapshot, the latest of its day.
    pub last_named: i64,
    pub bytes: u64,
}

/// Delete files, and the rows that they delete.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deletes {
    pub files: u64,
    pub bytes: u64,
    pub rows: u64,
}

impl IcebergFacts {
    /// Bytes that are freed when snapshots made before a time expire; the current one stays.
    pub fn freed_before(&self, time: i64) -> Option<u64> {
        let removed = self.removed.as_ref()?;
        let freed = removed.iter().filter(|removed| removed.last_named < time);
        Some(freed.fold(0, |sum, removed| removed.bytes.saturating_add(sum)))
    }

    /// All delete files.
    pub fn deletes(&self) -> Deletes {
        let (a, b) = (self.position_deletes, self.equality_deletes);
        Deletes {
            files: a.files.saturating_add(b.files),
            bytes: a.bytes.saturating_add(b.bytes),
            rows: a.rows.saturating_add(b.rows),
        }
    }
}
