//! What one read of a table scans: surviving partitions, then the bytes of the needed columns in them.

use super::columnar::{Doubt, Extent, Projection};
use super::columns::{self, Needed};
use super::estimate::{Partitions, ReadEstimate};
use super::placeholder::OneValue;
use super::projected::projected;
use super::prune::prune;
use super::requests::Requests;
use crate::expr::AsOf;
use crate::lake::{Bytes, Count, Layout, Pruning, Spread, StatementKind, Survivors, Table, TableRead};

/// Estimates one read of a statement of some kind. Every bound holds for all its scans together; the low bound counts one,
/// because an engine may keep the rows of the first.
pub fn scan(kind: StatementKind, read: &TableRead, table: &Table, as_of: AsOf) -> ReadEstimate {
    let pruning = prune(read, table, as_of);
    let requests = Requests::of(read, table, pruning, as_of);
    let mut estimate = ReadEstimate { requests, ..scan_of(kind, read, table, pruning.unwrap_or(&Pruning::default())) };
    if let (None, Some(projected)) = (&table.layout, projected(read, table, as_of)) {
        estimate.partitions = Some(projected.partitions);
        if projected.is_capped {
            estimate.basis.assume(format!("more partitions of `{}` are projected than are evaluated", table.name));
        }
    }
    estimate
}

/// Estimates one read of some partitions.
pub(super) fn scan_of(kind: StatementKind, read: &TableRead, table: &Table, pruning: &Pruning) -> ReadEstimate {
    let mut estimate = ReadEstimate { columns: columns::listed(read, table), ..ReadEstimate::default() };
    let Some(layout) = &table.layout else {
        estimate.basis.lacks(format!("no layout of `{}`", table.name));
        return estimate;
    };
    estimate.partitions = Some(Partitions { total: pruning.total, low: pruning.certain, high: pruning.kept });
    if pruning.unseen > 0 {
        let unseen = Count(pruning.unseen);
        estimate.basis.note(format!(
            "{unseen} stored partitions of `{}` are neither registered nor projected: they are not read",
            table.name
        ));
    }
    if let Some(incomplete) = table.incomplete() {
        estimate.basis.assume(incomplete);
    } else if pruning.unlisted > 0 {
        let unlisted = Count(pruning.unlisted);
        let name = &table.name;
        estimate.basis.assume(format!("{unlisted} registered partitions of `{name}` lie outside of what was listed"));
    }
    let survivors = &pruning.survivors;
    let scans = u64::from(read.scans);
    let files: u64 = survivors.iter().map(|s| layout.partitions[s.partition as usize].files).sum();
    estimate.files = Some(files.saturating_mul(scans));
    let mut once = match table.main_format() {
        Some(format) if format.is_columnar() => columnar(read, table, layout, survivors, &mut estimate),
        Some(_) => whole_files(layout, survivors),
        None => {
            estimate.basis.assume(format!("files of `{}` are read whole: their format is unknown", table.name));
            whole_files(layout, survivors)
        }
    };
    let deletes = deletes(layout, survivors);
    estimate.deletes = deletes.likely;
    if deletes.high > 0 {
        once.likely = once.likely.saturating_add(deletes.likely);
        once.high = once.high.saturating_add(deletes.high);
        let all = Bytes(deletes.high);
        estimate.basis.note(format!(
            "delete files of `{}`, {all} in all, are read with the data that they are about",
            table.name
        ));
    }
    if let Some(OneValue { keys, of }) = OneValue::of(read, table, survivors) {
        once.likely /= of;
        estimate.deletes /= of;
        let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        estimate.basis.assume(format!("a placeholder picks one of {} values of {}", Count(of), keys.join(", ")));
    }
    let may_read_less = read.stops_early || read.truncated || kind == StatementKind::Optimize;
    estimate.deletes = estimate.deletes.saturating_mul(scans);
    estimate.bytes = Some(Spread {
        low: if may_read_less { 0 } else { once.low },
        likely: once.likely.saturating_mul(scans),
        high: once.high.max(once.likely).saturating_mul(scans),
    });
    estimate
}

/// Delete files of an Iceberg table: those of the data that is read, taken to be spread like it. How an engine skips some by their
/// bounds is not known, so that the least is none.
fn deletes(layout: &Layout, survivors: &Survivors) -> Spread<u64> {
    let all = layout.iceberg.as_ref().map_or(0, |facts| facts.deletes().bytes);
    let data = whole_files(layout, survivors).likely;
    if all == 0 || data == 0 {
        return Spread::default();
    }
    let share = data as f64 / layout.bytes().0.max(1) as f64;
    Spread { low: 0, likely: (all as f64 * share).round() as u64, high: all }
}

/// Text, JSON and Avro are read as stored.
fn whole_files(layout: &Layout, survivors: &Survivors) -> Spread<u64> {
    let bytes = |certain: bool| {
        let counted = survivors.iter().filter(|survivor| survivor.is_certain || !certain);
        counted.map(|survivor| layout.partitions[survivor.partition as usize].bytes).sum()
    };
    Spread { low: bytes(true), likely: bytes(false), high: bytes(false) }
}

/// Parquet and ORC: the needed columns, from footers where some were read, else by the width of their types.
fn columnar(
    read: &TableRead,
    table: &Table,
    layout: &Layout,
    survivors: &Survivors,
    estimate: &mut ReadEstimate,
) -> Spread<u64> {
    let Some(footers) = layout.footers.as_ref().filter(|footers| !footers.files.is_empty()) else {
        return by_width(read, table, layout, survivors, estimate);
    };
    let projection = Projection::of(read, table, footers);
    let mut bytes = Spread::default();
    let mut doubted = Doubt::default();
    for survivor in survivors.iter() {
        let partition = &layout.partitions[survivor.partition as usize];
        let measured = footers.of_partition(survivor.partition);
        let Extent { data, least, overhead, high, doubt } = projection.extent(partition, measured);
        bytes.low += if survivor.is_certain { least } else { 0 };
        doubted.add(doubt);
        bytes.likely += data + overhead;
        estimate.footers += overhead * u64::from(read.scans);
        bytes.high += high;
        match footers.of_manifests {
            true => estimate.basis.manifests += measured.len() as u64,
            false => estimate.basis.footers += measured.len() as u64,
        }
        estimate.basis.columnar_files += partition.files;
    }
    if estimate.basis.measured() < estimate.basis.columnar_files {
        projection.explain_sample(bytes.likely, doubted, &mut estimate.basis);
    }
    if read.has_data_placeholder() {
        bytes.low = 0;
    }
    bytes
}

/// Without footers: the share of the needed columns is that of their types' widths. The low bound halves it, or drops it where
/// row-group statistics may skip everything; the high bound is whole files.
fn by_width(
    read: &TableRead,
    table: &Table,
    layout: &Layout,
    survivors: &Survivors,
    estimate: &mut ReadEstimate,
) -> Spread<u64> {
    let whole = whole_files(layout, survivors);
    let Needed { share, assumption } = columns::by_width(read, table);
    estimate.basis.assume(assumption);
    let of = |bytes: u64| (bytes as f64 * share).round() as u64;
    let may_skip = read.conjuncts.iter().any(|conjunct| !conjunct.columns.is_empty());
    Spread { low: if may_skip { 0 } else { of(whole.low) / 2 }, likely: of(whole.likely), high: whole.high }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
