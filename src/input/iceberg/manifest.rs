//! Manifest lists and manifests (<https://iceberg.apache.org/spec/#manifests>): what they say of data and delete files, and how they
//! say it in each format version.

use super::avro::{Cell, List, Tuple, record};

record! {
    /// An entry of a manifest list.
    ManifestFile {
        manifest_path: Cell,
        manifest_length: Cell,
        partition_spec_id: Cell,
        // 1 where a manifest lists delete files; absent in format 1.
        content: Cell,
        added_snapshot_id: Cell,
        added_files_count: Cell,
        existing_files_count: Cell,
        // As format 1 names them.
        added_data_files_count: Cell,
        existing_data_files_count: Cell,
    }
}

record! {
    /// An entry of a manifest.
    Entry {
        status: Cell,
        snapshot_id: Cell,
        data_file: DataFile,
    }
}

record! {
    /// A file and what is known of its content.
    DataFile {
        content: Cell,
        file_path: Cell,
        file_format: Cell,
        partition: Tuple,
        record_count: Cell,
        file_size_in_bytes: Cell,
        column_sizes: List<Pair>,
        null_value_counts: List<Pair>,
        nan_value_counts: List<Pair>,
        lower_bounds: List<Pair>,
        upper_bounds: List<Pair>,
        content_size_in_bytes: Cell,
    }
}

record! {
    /// An entry of a map by field id.
    Pair {
        key: Cell,
        value: Cell,
    }
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Data,
    PositionDeletes,
    EqualityDeletes,
}

impl ManifestFile {
    /// Files that it names and that are not deleted; `None` where it does not tell.
    pub(super) fn files(&self) -> Option<u64> {
        let count = |count: &Cell, old: &Cell| count.size().or(old.size());
        let added = count(&self.added_files_count, &self.added_data_files_count)?;
        added.checked_add(count(&self.existing_files_count, &self.existing_data_files_count)?)
    }
}

impl Entry {
    /// Whether the file was removed by the snapshot that wrote the manifest.
    pub(super) fn is_deleted(&self) -> bool {
        self.status.int() == Some(2)
    }
}

impl DataFile {
    pub(super) fn content(&self) -> Option<Content> {
        match self.content.int() {
            // Format 1 knows no other.
            None | Some(0) => Some(Content::Data),
            Some(1) => Some(Content::PositionDeletes),
            Some(2) => Some(Content::EqualityDeletes),
            Some(_) => None,
        }
    }
}

/// The value of a field id in a map.
pub(super) fn of_id(pairs: &[Pair], id: i32) -> Option<&Cell> {
    pairs.iter().find(|pair| pair.key.int() == Some(i64::from(id))).map(|pair| &pair.value)
}
