//! The footers of a table file: parallel arrays per file, per row group, and per row group of each leaf column.

use serde::{Deserialize, Serialize};

use super::value_text::End;
use crate::expr::ColumnType;
use crate::lake::{ChunkValues, FileFooter, Footers, LeafColumn};

/// [`Footers`] as arrays.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FootersPart {
    of_files: u64,
    unreadable: Vec<String>,
    of_manifests: bool,
    files: FilesPart,
    starts: Vec<u64>,
    rows: Vec<u64>,
    columns: Vec<ColumnPart>,
}

/// No file is larger: far above what S3 stores, far below where sums overflow.
pub(super) const LARGEST: u64 = 1 << 47;

/// One entry per file; its row groups follow those of the file before it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FilesPart {
    partition: Vec<u32>,
    bytes: Vec<u64>,
    footer: Vec<u64>,
    indexes: Vec<u64>,
    row_groups: Vec<u32>,
}

/// One entry per row group; the last three are empty when no file has statistics.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnPart {
    path: String,
    #[serde(rename = "type")]
    data_type: String,
    bytes: Vec<u64>,
    min: Vec<End>,
    max: Vec<End>,
    nulls: Vec<Option<u64>>,
}

impl FootersPart {
    pub(super) fn of(footers: &Footers) -> FootersPart {
        let files = &footers.files;
        FootersPart {
            of_files: footers.of_files,
            unreadable: footers.unreadable.clone(),
            of_manifests: footers.of_manifests,
            files: FilesPart {
                partition: files.iter().map(|f| f.partition).collect(),
                bytes: files.iter().map(|f| f.bytes).collect(),
                footer: files.iter().map(|f| f.footer).collect(),
                indexes: files.iter().map(|f| f.indexes).collect(),
                row_groups: files.iter().map(|f| f.row_groups.len() as u32).collect(),
            },
            starts: footers.starts.clone(),
            rows: footers.rows.clone(),
            columns: footers.columns.iter().map(ColumnPart::of).collect(),
        }
    }

    /// The footers of a layout of so many partitions; fails when the arrays do not fit each other.
    pub(super) fn footers(self, partitions: usize) -> Result<Footers, String> {
        let groups = self.rows.len();
        if self.starts.len() != groups {
            return Err(format!("`starts` has {} entries, `rows` {groups}", self.starts.len()));
        }
        let of_columns = self.columns.iter().map(|column| &column.bytes);
        let FilesPart { bytes, footer, indexes, .. } = &self.files;
        if let Some(bytes) = of_columns.chain([&self.starts, bytes, footer, indexes]).flatten().find(|n| **n > LARGEST)
        {
            return Err(format!("a footer counts {bytes} bytes, no file has as many"));
        }
        let files = self.files.files()?;
        if let Some(file) = files.iter().find(|file| file.partition as usize >= partitions) {
            return Err(format!("a footer is of partition {}, there are {partitions}", file.partition));
        }
        if !files.is_sorted_by_key(|file| file.partition) {
            return Err("footers are not sorted by partition".to_string());
        }
        let of_files = files.last().map_or(0, |file| file.row_groups.end as usize);
        if of_files != groups {
            return Err(format!("files have {of_files} row groups, `rows` has {groups}"));
        }
        let columns = self.columns.into_iter().map(|column| column.column(groups)).collect::<Result<_, _>>()?;
        let FootersPart { of_files, unreadable, of_manifests, starts, rows, .. } = self;
        Ok(Footers { files, starts, rows, columns, of_files, unreadable, of_manifests })
    }
}

impl FilesPart {
    fn files(&self) -> Result<Vec<FileFooter>, String> {
        let count = self.partition.len();
        let lengths = [self.bytes.len(), self.footer.len(), self.indexes.len(), self.row_groups.len()];
        if lengths.iter().any(|length| *length != count) {
            return Err(format!("the arrays of `files` have {count} and {lengths:?} entries"));
        }
        let mut end = 0u32;
        let file = |i: usize| {
            let start = end;
            end = end.checked_add(self.row_groups[i]).ok_or("there are more row groups than files can have")?;
            Ok(FileFooter {
                partition: self.partition[i],
                bytes: self.bytes[i],
                footer: self.footer[i],
                indexes: self.indexes[i],
                row_groups: start..end,
            })
        };
        (0..count).map(file).collect()
    }
}

impl ColumnPart {
    pub(super) fn of(column: &LeafColumn) -> ColumnPart {
        let values = &column.values;
        let end = |chunk: &ChunkValues, of: fn(&(_, _)) -> &_| End(chunk.range.as_ref().map(of).cloned());
        ColumnPart {
            path: column.path.clone(),
            data_type: column.data_type.to_string(),
            bytes: column.bytes.clone(),
            min: values.iter().map(|chunk| end(chunk, |(min, _)| min)).collect(),
            max: values.iter().map(|chunk| end(chunk, |(_, max)| max)).collect(),
            nulls: values.iter().map(|chunk| chunk.nulls).collect(),
        }
    }

    pub(super) fn column(self, groups: usize) -> Result<LeafColumn, String> {
        let ColumnPart { path, data_type, bytes, min, max, nulls } = self;
        let lengths = [min.len(), max.len(), nulls.len()];
        if bytes.len() != groups || lengths != [0; 3] && lengths != [groups; 3] {
            return Err(format!(
                "the arrays of column `{path}` have {} and {lengths:?} entries, there are {groups} row groups",
                bytes.len()
            ));
        }
        let chunk = |((End(min), End(max)), nulls)| match (min, max) {
            (Some(min), Some(max)) => Ok(ChunkValues { range: Some((min, max)), nulls }),
            (None, None) => Ok(ChunkValues { range: None, nulls }),
            _ => Err(format!("column `{path}` has a smallest value without a largest one, or the other way round")),
        };
        let values = min.into_iter().zip(max).zip(nulls).map(chunk).collect::<Result<_, _>>()?;
        Ok(LeafColumn { data_type: ColumnType::parse(&data_type), path, bytes, values })
    }
}
