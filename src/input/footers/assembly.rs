//! The footers of a table's files laid together: files may differ in their schemas, columns are matched by their paths.

use std::collections::HashMap;

use super::Footer;
use crate::lake::{ChunkValues, ColumnarFile, FileFooter, Footers, LeafColumn};

/// Grows file by file.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    footers: Footers,
    /// Indices of columns by path.
    by_path: HashMap<String, usize>,
}

impl Assembly {
    /// Adds the footer of the next file.
    pub(super) fn add(&mut self, file: &ColumnarFile, footer: Footer) {
        let before = self.footers.rows.len();
        for (position, column) in footer.columns.into_iter().enumerate() {
            let known = self.footers.columns.get(position).is_some_and(|known| known.path == column.path);
            let index = if known { position } else { self.index(&column) };
            append(&mut self.footers.columns[index], column, before);
        }
        self.footers.starts.extend(footer.starts);
        self.footers.rows.extend(footer.rows);
        self.footers.files.push(FileFooter {
            partition: file.partition,
            bytes: file.bytes,
            footer: footer.length,
            indexes: footer.indexes,
            row_groups: before as u32..self.footers.rows.len() as u32,
        });
    }

    fn index(&mut self, column: &LeafColumn) -> usize {
        let columns = &mut self.footers.columns;
        *self.by_path.entry(column.path.clone()).or_insert_with(|| {
            let data_type = column.data_type.clone();
            columns.push(LeafColumn { path: column.path.clone(), data_type, bytes: Vec::new(), values: Vec::new() });
            columns.len() - 1
        })
    }

    pub(super) fn finish(mut self) -> Footers {
        let row_groups = self.footers.rows.len();
        for column in &mut self.footers.columns {
            column.bytes.resize(row_groups, 0);
            if !column.values.is_empty() {
                column.values.resize(row_groups, ChunkValues::default());
            }
        }
        self.footers
    }
}

/// Appends a file's column after so many row groups of the files before. Where two columns of a file differ only in case, their
/// bytes add up and their values are unknown.
fn append(column: &mut LeafColumn, more: LeafColumn, before: usize) {
    if column.bytes.len() > before {
        for (sum, bytes) in column.bytes[before..].iter_mut().zip(more.bytes) {
            *sum += bytes;
        }
        column.values.truncate(before);
        return;
    }
    column.bytes.resize(before, 0);
    column.bytes.extend(more.bytes);
    if more.values.iter().any(|values| *values != ChunkValues::default()) {
        column.values.resize(before, ChunkValues::default());
        column.values.extend(more.values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{ColumnType, Value};
    use crate::lake::FileAt;

    fn file(partition: u32) -> ColumnarFile {
        ColumnarFile { at: FileAt::Object("f".into()), bytes: 100, modified: None, partition }
    }

    fn footer(columns: &[(&str, &[u64], bool)]) -> Footer {
        let groups = columns.first().map_or(0, |(_, bytes, _)| bytes.len());
        let known = ChunkValues { range: Some((Value::Int(1), Value::Int(2))), nulls: Some(0) };
        let column = |(path, bytes, has_values): &(&str, &[u64], bool)| LeafColumn {
            path: path.to_string(),
            data_type: ColumnType::Integer(8),
            bytes: bytes.to_vec(),
            values: if *has_values { vec![known.clone(); groups] } else { Vec::new() },
        };
        let columns = columns.iter().map(column).collect();
        Footer { length: 9, indexes: 1, starts: vec![4; groups], rows: vec![10; groups], columns }
    }

    #[test]
    fn columns_are_matched_by_path_whatever_their_order() {
        let mut assembly = Assembly::default();
        assembly.add(&file(0), footer(&[("a", &[1, 2], true), ("b", &[3, 4], false)]));
        assembly.add(&file(1), footer(&[("b", &[5], false), ("c", &[6], true)]));
        assembly.add(&file(1), footer(&[("c", &[7], false), ("a", &[8], false)]));
        let footers = assembly.finish();
        let columns: Vec<(&str, &[u64])> = footers.columns.iter().map(|c| (c.path.as_str(), &c.bytes[..])).collect();
        assert_eq!(columns, [("a", &[1, 2, 0, 8][..]), ("b", &[3, 4, 5, 0]), ("c", &[0, 0, 6, 7])]);
        let known: Vec<Vec<bool>> =
            footers.columns.iter().map(|c| c.values.iter().map(|v| v.range.is_some()).collect()).collect();
        assert_eq!(known, [vec![true, true, false, false], vec![], vec![false, false, true, false]]);
        assert_eq!(footers.files.iter().map(|f| f.row_groups.clone()).collect::<Vec<_>>(), [0..2, 2..3, 3..4]);
        assert_eq!((footers.starts.len(), footers.rows.len()), (4, 4));
    }

    #[test]
    fn columns_that_differ_only_in_case_add_up() {
        let mut assembly = Assembly::default();
        assembly.add(&file(0), footer(&[("a", &[1], true)]));
        assembly.add(&file(0), footer(&[("a", &[1, 2], true), ("a", &[3, 4], true)]));
        let footers = assembly.finish();
        assert_eq!(footers.columns[0].bytes, [1, 4, 6]);
        assert_eq!(
            footers.columns[0].values.iter().map(|v| v.range.is_some()).collect::<Vec<_>>(),
            [true, false, false]
        );
    }
}
