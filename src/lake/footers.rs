//! What the footers of a table's columnar files say: where the bytes of each leaf column lie, and which values they hold.

use std::ops::Range;

use crate::expr::{ColumnType, Value};

/// Footers of some or all files of a layout. Columnar: each leaf column has one entry per row group, file after file, so that
/// adding up a column of many files is one pass over an array.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Footers {
    /// Sorted by partition, then by path.
    pub files: Vec<FileFooter>,
    /// Where each row group (ORC: stripe) starts in its file, in bytes.
    pub starts: Vec<u64>,
    /// Rows of each row group.
    pub rows: Vec<u64>,
    /// In the order of the schema of the first file; leaves that only later files have follow.
    pub columns: Vec<LeafColumn>,
    /// Columnar files that the layout holds, read or not.
    pub of_files: u64,
    /// Files whose footer cannot be read, by path, at most three.
    pub unreadable: Vec<String>,
    /// They come from Iceberg's manifests: one row group stands for each file, its bounds are those of the whole file, and a
    /// file that these refute is not opened.
    pub of_manifests: bool,
}

/// One file whose footer was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFooter {
    /// Index in the layout's partitions.
    pub partition: u32,
    /// Size of the whole file in bytes.
    pub bytes: u64,
    /// Bytes of the footer, length and magic number included; of ORC the file's tail and the stripe footers.
    pub footer: u64,
    /// Bytes of page indexes and bloom filters, which a reader may take in too.
    pub indexes: u64,
    /// Its row groups in the arrays of every column.
    pub row_groups: Range<u32>,
}

/// A leaf of the schema.
#[derive(Debug, Clone, PartialEq)]
pub struct LeafColumn {
    /// Lower-case names from the root, joined with dots, as the file has them: `tags.list.element`.
    pub path: String,
    /// What its values are compared as.
    pub data_type: ColumnType,
    /// Compressed bytes per row group; 0 where a file lacks the column.
    pub bytes: Vec<u64>,
    /// Per row group; empty when no file has statistics of this column.
    pub values: Vec<ChunkValues>,
}

/// Which values one column holds in one row group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChunkValues {
    /// Smallest and largest value that is not NULL; `None` when unknown, and when every value is NULL.
    pub range: Option<(Value, Value)>,
    /// How many are NULL; `None` is unknown.
    pub nulls: Option<u64>,
}

impl Footers {
    /// The files of one partition.
    pub fn of_partition(&self, partition: u32) -> &[FileFooter] {
        let start = self.files.partition_point(|file| file.partition < partition);
        let end = start + self.files[start..].partition_point(|file| file.partition == partition);
        &self.files[start..end]
    }

    /// Share of the bytes of all chunks that each leaf column has, in schema order; empty without any bytes.
    pub fn shares(&self) -> Vec<(&str, f64)> {
        let sums: Vec<u64> = self.columns.iter().map(|column| column.bytes.iter().sum()).collect();
        let total: u64 = sums.iter().sum();
        let named = self.columns.iter().zip(sums).filter(|_| total > 0);
        named.map(|(column, bytes)| (column.path.as_str(), bytes as f64 / total as f64)).collect()
    }
}

impl LeafColumn {
    /// Whether the leaf is the column of this lower-case dotted path, or lies in it.
    pub fn is_within(&self, path: &str) -> bool {
        self.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(path: &str, bytes: &[u64]) -> LeafColumn {
        LeafColumn { path: path.into(), data_type: ColumnType::String, bytes: bytes.to_vec(), values: Vec::new() }
    }

    #[test]
    fn files_are_found_by_their_partition() {
        let file = |partition| FileFooter { partition, bytes: 1, footer: 1, indexes: 0, row_groups: 0..0 };
        let footers = Footers { files: [0, 2, 2, 5].map(file).to_vec(), ..Footers::default() };
        assert_eq!(footers.of_partition(2).len(), 2);
        assert_eq!(footers.of_partition(1).len(), 0);
        assert_eq!(footers.of_partition(5).len(), 1);
    }

    #[test]
    fn shares_add_up_and_nested_leaves_lie_within_their_column() {
        let columns = vec![leaf("id", &[1, 2]), leaf("user.name", &[3, 3]), leaf("user_id", &[1, 0])];
        let footers = Footers { columns, ..Footers::default() };
        assert_eq!(footers.shares(), [("id", 0.3), ("user.name", 0.6), ("user_id", 0.1)]);
        let within: Vec<bool> = footers.columns.iter().map(|c| c.is_within("user")).collect();
        assert_eq!(within, [false, true, false]);
        assert_eq!(Footers::default().shares(), []);
    }
}
