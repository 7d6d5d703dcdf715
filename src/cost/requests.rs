//! S3 and Glue requests of a query, which are billed beside the scanned bytes.
//!
//! LIST: at least one per partition, and one per 1,000 objects
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>). A projected partition is listed whether or not it
//! exists: "at least one million S3 list operations" for a million values
//! (<https://docs.aws.amazon.com/athena/latest/ug/performance-tuning-data-optimization-techniques.html>). GET: at least one per
//! file; of Parquet and ORC the tail, then the needed columns of each row group, those that lie near each other in one request.
//! Glue: `GetTable`, and a page of `GetPartitions` per 1,000 partitions that the metastore hands over.

use super::columns::leaves;
use super::prices::prices;
use super::projected::projected;
use super::reader::{MAX_GAP, MAX_MERGED, SMALL_FILE};
use crate::expr::AsOf;
use crate::lake::{Class, Conjunct, FileFooter, Footers, Layout, Pruning, Table, TableKind, TableRead, Usd};

/// Requests of one run; `None` is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requests {
    pub get: Option<u64>,
    pub list: Option<u64>,
    pub glue: Option<u64>,
}

/// Objects that one LIST returns, and partitions that one `GetPartitions` returns, at most.
const PAGE: u64 = 1_000;
/// Most files whose footers are looked at: the others have as many requests on average.
const SAMPLE: usize = 100;
/// Metadata file, manifest list and a manifest of an Iceberg table: there are often more manifests.
const ICEBERG_METADATA: u64 = 3;

impl Default for Requests {
    fn default() -> Self {
        Requests::NONE
    }
}

impl Requests {
    pub const NONE: Requests = Requests { get: Some(0), list: Some(0), glue: Some(0) };
    pub const UNKNOWN: Requests = Requests { get: None, list: None, glue: None };

    /// The requests of one read, all its scans together; Glue is asked once.
    pub fn of(read: &TableRead, table: &Table, pruning: Option<&Pruning>, as_of: AsOf) -> Requests {
        let layout = table.layout.as_ref().zip(pruning);
        let times = |requests: u64| requests.saturating_mul(u64::from(read.scans));
        Requests {
            get: layout.map(|(layout, pruning)| times(gets(read, table, layout, pruning))),
            list: lists(read, table, layout, as_of).map(times),
            glue: glue(read, table, pruning),
        }
    }

    /// Adds those of another read.
    pub fn plus(self, other: Requests) -> Requests {
        let sum = |a: Option<u64>, b: Option<u64>| Some(a?.saturating_add(b?));
        Requests { get: sum(self.get, other.get), list: sum(self.list, other.list), glue: sum(self.glue, other.glue) }
    }

    /// What they cost in us-east-1, free tiers left aside; `None` when some are unknown.
    pub fn usd(&self) -> Option<Usd> {
        let price = &prices().requests;
        let cost = |requests: u64, per_1000: f64| requests as f64 / 1000.0 * per_1000;
        Some(Usd(cost(self.get?, price.get) + cost(self.list?, price.list) + cost(self.glue?, price.glue)))
    }
}

fn gets(read: &TableRead, table: &Table, layout: &Layout, pruning: &Pruning) -> u64 {
    let kept = || pruning.survivors.iter().map(|survivor| survivor.partition);
    let files: u64 = kept().map(|partition| layout.partitions[partition as usize].files).sum();
    let metadata = if table.kind == TableKind::Iceberg { ICEBERG_METADATA } else { 0 };
    if !table.main_format().is_some_and(|format| format.is_columnar()) {
        return files + metadata;
    }
    let measured = layout.footers.as_ref().filter(|footers| !footers.files.is_empty());
    let Some(footers) = measured else { return files.saturating_mul(2) + metadata };
    let own = kept().flat_map(|partition| footers.of_partition(partition)).take(SAMPLE);
    let mut sample: Vec<&FileFooter> = own.collect();
    if sample.is_empty() {
        sample = footers.files.iter().take(SAMPLE).collect();
    }
    let columns = leaves(read, table, footers);
    let sum: u64 = sample.iter().map(|file| of_file(footers, file, &columns)).sum();
    (files as f64 * sum as f64 / sample.len().max(1) as f64).round() as u64 + metadata
}

/// GETs of one columnar file: a small one is read whole.
fn of_file(footers: &Footers, file: &FileFooter, columns: &[usize]) -> u64 {
    if file.bytes <= SMALL_FILE {
        return 1;
    }
    1 + file.row_groups.clone().map(|group| of_row_group(footers, group as usize, columns)).sum::<u64>()
}

/// Needed chunks that lie near each other are read in one request, of a bounded size.
fn of_row_group(footers: &Footers, group: usize, columns: &[usize]) -> u64 {
    let (mut requests, mut run, mut gap) = (0, 0u64, 0u64);
    for (index, column) in footers.columns.iter().enumerate() {
        let bytes = column.bytes[group];
        if !columns.contains(&index) || bytes == 0 {
            gap += bytes;
            continue;
        }
        if run > 0 && (gap > MAX_GAP || run + gap + bytes > MAX_MERGED) {
            requests += run.div_ceil(MAX_MERGED);
            (run, gap) = (0, 0);
        }
        run += bytes + if run > 0 { gap } else { 0 };
        gap = 0;
    }
    requests + run.div_ceil(MAX_MERGED)
}

/// `None` when nothing tells how many partitions or objects there are.
fn lists(read: &TableRead, table: &Table, layout: Option<(&Layout, &Pruning)>, as_of: AsOf) -> Option<u64> {
    // Iceberg's manifests name the files.
    if table.kind == TableKind::Iceberg {
        return Some(0);
    }
    let pages = |files: u64| files.div_ceil(PAGE).max(1);
    let stored = layout.map(|(layout, pruning)| {
        let stored =
            pruning.survivors.iter().map(|survivor| pages(layout.partitions[survivor.partition as usize].files));
        (stored.sum::<u64>() + pruning.empty + pruning.unlisted, pruning.survivors.count())
    });
    let of_projection = table.projection.is_some().then(|| projected(read, table, as_of)).flatten();
    match of_projection.map(|projected| projected.partitions.high) {
        // Those that hold nothing are listed as well.
        Some(projected) => {
            let (pages, partitions) = stored.unwrap_or_default();
            Some(pages + projected.saturating_sub(partitions))
        }
        None if table.projection.is_some() => None,
        None => stored.map(|(pages, _)| pages),
    }
}

/// The metastore applies only predicates that are domains of keys it filters by, text mostly; others are applied to the partitions that it hands over
/// (<https://docs.aws.amazon.com/athena/latest/ug/other-notable-limitations.html>).
fn glue(read: &TableRead, table: &Table, pruning: Option<&Pruning>) -> Option<u64> {
    if table.partition_keys.is_empty() || table.projection.is_some() || table.kind == TableKind::Iceberg {
        return Some(1);
    }
    let is_filtered = |key: &usize| table.is_filtered_by_glue(*key);
    let is_pruned_there = domains_of_keys(read).any(|conjunct| conjunct.keys.iter().any(is_filtered));
    let pruning = pruning?;
    let partitions = if is_pruned_there { pruning.kept } else { pruning.total };
    Some(to_glue(partitions))
}

/// The predicates that Glue would apply, if their keys are text.
pub(super) fn domains_of_keys(read: &TableRead) -> impl Iterator<Item = &Conjunct> {
    read.conjuncts.iter().filter(|conjunct| conjunct.class == Class::Metastore)
}

/// Requests that hand over so many partitions.
pub(super) fn to_glue(partitions: u64) -> u64 {
    1 + partitions.div_ceil(PAGE).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::ColumnType;
    use crate::lake::LeafColumn;

    const MIB: u64 = 1 << 20;

    fn requests(columns: &[u64], needed: &[usize], bytes: u64) -> u64 {
        let leaf = |bytes: &u64| LeafColumn {
            path: String::new(),
            data_type: ColumnType::String,
            bytes: vec![*bytes],
            values: Vec::new(),
        };
        let footers = Footers { columns: columns.iter().map(leaf).collect(), ..Footers::default() };
        let file = FileFooter { partition: 0, bytes, footer: 1, indexes: 0, row_groups: 0..1 };
        of_file(&footers, &file, needed)
    }

    #[test]
    fn near_columns_share_a_request_and_large_ones_need_several() {
        assert_eq!(requests(&[100, 100, 100], &[0, 2], MIB), 1, "small files are read whole");
        assert_eq!(requests(&[100, MIB, 100], &[0, 2], 4 * MIB), 2);
        assert_eq!(requests(&[100, 2 * MIB, 100], &[0, 2], 4 * MIB), 3);
        assert_eq!(requests(&[20 * MIB], &[0], 20 * MIB), 4);
        assert_eq!(requests(&[20 * MIB], &[], 20 * MIB), 1);
    }

    #[test]
    fn requests_are_priced_per_thousand_and_unknown_ones_are_not() {
        let usd = |get, list, glue| Requests { get, list, glue }.usd().map(|usd| (usd.0 * 1e6).round());
        assert_eq!(usd(Some(1_000_000), Some(0), Some(0)), Some(400_000.0));
        assert_eq!(usd(Some(0), Some(1_000_000), Some(0)), Some(5_000_000.0));
        assert_eq!(usd(Some(0), Some(0), Some(1_000_000)), Some(1_000_000.0));
        assert_eq!(usd(None, Some(0), Some(0)), None);
        assert_eq!(Requests::NONE.plus(Requests::UNKNOWN), Requests::UNKNOWN);
    }
}
