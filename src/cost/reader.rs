//! How much of a Parquet or ORC file a reader takes in, chunk by chunk: the model of Trino's reader, for the high bound.
//!
//! Small files are read whole, else a tail per split and column chunks whose gaps are small together with the gaps
//! (`parquet.small-file-threshold`, `parquet.max-merge-distance`, `parquet.max-buffer-size` of
//! <https://trino.io/docs/current/object-storage/file-formats.html>). Whether Athena's reader does the same is not documented,
//! so this is a bound and not the estimate.

use std::ops::Range;

use crate::lake::{FileFooter, FileFormat, Footers};

const MIB: u64 = 1 << 20;
/// Parquet files up to this size are read whole.
pub const SMALL_FILE: u64 = 3 * MIB;
/// ORC files are read whole when every stripe is at most this large (`orc.tiny-stripe-threshold`).
const TINY_STRIPE: u64 = 8 * MIB;
/// What an ORC reader takes in at first, whatever the footer's size.
const ORC_TAIL: u64 = 16 << 10;
const TAIL: u64 = 48 << 10;
pub(super) const MAX_GAP: u64 = MIB;
pub(super) const MAX_MERGED: u64 = 8 * MIB;
const SPLIT: u64 = 32 * MIB;
/// `write.parquet.row-group-size-bytes` (<https://iceberg.apache.org/docs/latest/configuration/#write-properties>).
const ROW_GROUP: u64 = 128 * MIB;

/// Bytes that the reader takes in of a file for some leaf columns, by index: no row group is skipped.
pub fn whole_reader(format: Option<FileFormat>, footers: &Footers, file: &FileFooter, columns: &[usize]) -> u64 {
    let is_read_whole = match format {
        Some(FileFormat::Orc) => file.row_groups.clone().all(|stripe| stripe_bytes(footers, stripe) <= TINY_STRIPE),
        _ => file.bytes <= SMALL_FILE,
    };
    match is_read_whole {
        // An ORC reader takes in the tail first, and then the stripes with whatever lies between.
        true if format == Some(FileFormat::Orc) => file.bytes + file.bytes.min(ORC_TAIL),
        true => file.bytes,
        false => splits(file.bytes).map(|split| of_split(footers, file, columns, split)).sum(),
    }
}

fn stripe_bytes(footers: &Footers, stripe: u32) -> u64 {
    footers.columns.iter().map(|column| column.bytes[stripe as usize]).sum()
}

fn of_split(footers: &Footers, file: &FileFooter, columns: &[usize], split: Range<u64>) -> u64 {
    let tail = file.bytes.min(TAIL) + if file.footer > TAIL { file.footer } else { 0 } + file.indexes;
    let groups = file.row_groups.clone().filter(|group| split.contains(&footers.starts[*group as usize]));
    if footers.of_manifests {
        return tail + groups.map(|group| of_whole_file(footers, file, group as usize, columns)).sum::<u64>();
    }
    let mut ranges: Vec<Range<u64>> = groups.flat_map(|group| chunks(footers, group as usize, columns)).collect();
    tail + merged(&mut ranges)
}

/// One row group stands for a file whose row groups are not known: they are taken to be of Iceberg's usual size, and alike.
fn of_whole_file(footers: &Footers, file: &FileFooter, group: usize, columns: &[usize]) -> u64 {
    let parts = file.bytes.div_ceil(ROW_GROUP).max(1);
    let part = |range: Range<u64>| range.start / parts..range.end.div_ceil(parts);
    let mut ranges: Vec<Range<u64>> = chunks(footers, group, columns).into_iter().map(part).collect();
    merged(&mut ranges).saturating_mul(parts).min(file.bytes)
}

/// The chunks of some columns in one row group: they follow each other in schema order.
fn chunks(footers: &Footers, group: usize, columns: &[usize]) -> Vec<Range<u64>> {
    let mut at = footers.starts[group];
    let mut found = Vec::with_capacity(columns.len());
    for (index, column) in footers.columns.iter().enumerate() {
        let end = at + column.bytes[group];
        if end > at && columns.contains(&index) {
            found.push(at..end);
        }
        at = end;
    }
    found
}

/// Splits of 32 MiB; a remainder of up to a tenth joins the last one.
fn splits(bytes: u64) -> impl Iterator<Item = Range<u64>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let left = bytes.checked_sub(start).filter(|left| *left > 0)?;
        let length = if left > SPLIT + SPLIT / 10 { SPLIT } else { left };
        let split = start..start + length;
        start += length;
        Some(split)
    })
}

/// Bytes of ranges once those that lie near each other are read in one go.
fn merged(ranges: &mut [Range<u64>]) -> u64 {
    ranges.sort_by_key(|range| range.start);
    let mut total = 0;
    let mut current: Option<Range<u64>> = None;
    for range in ranges.iter().cloned() {
        if range.end - range.start > MAX_MERGED {
            total += range.end - range.start;
            continue;
        }
        current = Some(match current {
            Some(read) if range.end - read.start <= MAX_MERGED && range.start <= read.end + MAX_GAP => {
                read.start..read.end.max(range.end)
            }
            other => {
                total += other.map_or(0, |read| read.end - read.start);
                range
            }
        });
    }
    total + current.map_or(0, |read| read.end - read.start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::ColumnType;
    use crate::lake::LeafColumn;

    fn footers(starts: &[u64], columns: &[&[u64]]) -> Footers {
        let leaf = |(i, bytes): (usize, &&[u64])| LeafColumn {
            path: format!("c{i}"),
            data_type: ColumnType::String,
            bytes: bytes.to_vec(),
            values: Vec::new(),
        };
        Footers {
            starts: starts.to_vec(),
            rows: vec![1; starts.len()],
            columns: columns.iter().enumerate().map(leaf).collect(),
            ..Footers::default()
        }
    }

    fn file(bytes: u64, row_groups: Range<u32>) -> FileFooter {
        FileFooter { partition: 0, bytes, footer: 1000, indexes: 0, row_groups }
    }

    #[test]
    fn a_small_file_is_read_whole_and_of_a_large_one_a_tail_and_the_columns() {
        let footers = footers(&[4], &[&[4 * MIB], &[100], &[4 * MIB]]);
        assert_eq!(whole_reader(None, &footers, &file(3 * MIB, 0..1), &[1]), 3 * MIB);
        assert_eq!(whole_reader(None, &footers, &file(9 * MIB, 0..1), &[1]), TAIL + 100);
        assert_eq!(whole_reader(None, &footers, &file(9 * MIB, 0..1), &[]), TAIL);
    }

    #[test]
    fn of_an_orc_file_the_stripes_decide() {
        let orc = |stripe: u64| {
            let footers = footers(&[3], &[&[stripe], &[100]]);
            whole_reader(Some(FileFormat::Orc), &footers, &file(20 * MIB, 0..1), &[1])
        };
        assert_eq!(orc(7 * MIB), 20 * MIB + ORC_TAIL);
        assert_eq!(orc(9 * MIB), TAIL + 100);
    }

    #[test]
    fn near_columns_are_read_with_the_gap_between_them() {
        let near = footers(&[4], &[&[100], &[MIB], &[100]]);
        assert_eq!(whole_reader(None, &near, &file(4 * MIB, 0..1), &[0, 2]), TAIL + 200 + MIB);
        let far = footers(&[4], &[&[100], &[MIB + 1], &[100]]);
        assert_eq!(whole_reader(None, &far, &file(4 * MIB, 0..1), &[0, 2]), TAIL + 200);
    }

    #[test]
    fn every_split_reads_the_tail_and_its_own_row_groups() {
        let footers = footers(&[4, 40 * MIB], &[&[100, 200]]);
        assert_eq!(whole_reader(None, &footers, &file(50 * MIB, 0..2), &[0]), 2 * TAIL + 300);
        assert_eq!(splits(35 * MIB).count(), 1);
        assert_eq!(splits(36 * MIB).map(|s| s.end - s.start).collect::<Vec<_>>(), [32 * MIB, 4 * MIB]);
    }
}
