//! Iceberg tables from their metadata: the current snapshot's partitions, files, bytes and columns, and what is stored besides them.
//!
//! Folders of such a table hold the files of old snapshots too, so that its metadata wins over any listing.

use std::collections::{HashMap, HashSet};

use crate::expr::ColumnType;
use crate::lake::{
    Codec, Column, DeclaredBy, Documented, FileFooter, FileFormat, Footers, IcebergFacts, Layout, LeafColumn, Location,
    Partition, PartitionKey, Removed, Table, TableKind, TableName, Usage,
};
use metadata::{Metadata, SchemaJson, Spec};
use read::{Files, Measured, Open, Reading, Values};
use schema::{Leaf, leaves, partition_keys, spec_keys};

mod avro;
mod find;
mod manifest;
mod metadata;
mod places;
mod read;
mod schema;
mod value;

pub(super) use find::{Around, attach, is_metadata};
pub(super) use places::Remote;

/// `write.target-file-size-bytes` (<https://iceberg.apache.org/docs/latest/configuration/#write-properties>).
const TARGET_FILE_SIZE: u64 = 512 << 20;
/// What a Parquet file starts with.
const MAGIC: u64 = 4;
const DAY: i64 = 86_400;

/// A table as its metadata describes it.
#[derive(Debug)]
pub(super) struct Described {
    pub columns: Vec<Column>,
    pub documented: Documented,
    pub keys: Vec<PartitionKey>,
    pub format: FileFormat,
    pub location: Location,
    pub layout: Layout,
}

/// Reads the metadata and the manifests of the current snapshot; an error says what is wrong, and with which file.
fn describe(metadata: &Metadata, shown: &str, open: &Open<'_>) -> Result<Described, String> {
    let schema = metadata.current_schema().ok_or("it has no schema")?;
    let leaves = leaves(schema);
    let by_id: HashMap<i32, &Leaf> = leaves.iter().map(|leaf| (leaf.id, leaf)).collect();
    let keys = metadata.spec(metadata.default_spec_id).map(|spec| spec_keys(spec, &by_id)).unwrap_or_default();
    let target = target_file_size(metadata);
    let small = target / 4 * 3;
    let files = Reading { metadata, leaves: &leaves, keys: &keys, small, open }.files()?;
    let format = metadata.property("write.format.default").and_then(FileFormat::of_name);
    let says = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
    Ok(Described {
        columns: schema::columns(schema),
        documented: Documented {
            table: says(metadata.property("comment")),
            columns: schema.fields.iter().filter(|field| says(field.doc.as_deref())).count(),
        },
        keys: partition_keys(&keys, &by_id),
        format: format.unwrap_or(FileFormat::Parquet),
        location: Location::parse(&metadata.location),
        layout: layout(metadata, files, &leaves, keys.is_empty(), shown),
    })
}

/// The columns and partition keys of a schema and a partition specification that no metadata holds yet; `None` when they are none.
pub(super) fn declared(schema: serde_json::Value, spec: serde_json::Value) -> Option<(Vec<Column>, Vec<PartitionKey>)> {
    let schema: SchemaJson = serde_json::from_value(schema).ok()?;
    let spec: Spec = serde_json::from_value(spec).ok()?;
    let leaves = leaves(&schema);
    let by_id: HashMap<i32, &Leaf> = leaves.iter().map(|leaf| (leaf.id, leaf)).collect();
    Some((schema::columns(&schema), partition_keys(&spec_keys(&spec, &by_id), &by_id)))
}

/// Athena's name for the property, then Iceberg's.
fn target_file_size(metadata: &Metadata) -> u64 {
    let names = ["write_target_data_file_size_bytes", "write.target-file-size-bytes"];
    names.iter().find_map(|name| metadata.number(name)).filter(|size| *size > 0).unwrap_or(TARGET_FILE_SIZE)
}

fn layout(metadata: &Metadata, files: Files, leaves: &[Leaf], is_unpartitioned: bool, shown: &str) -> Layout {
    let iceberg = facts(metadata, &files);
    let mut partitions: Vec<Partition> = Vec::with_capacity(files.partitions.len());
    let mut index: HashMap<Values, u32> = HashMap::with_capacity(files.partitions.len());
    for (values, sum) in files.partitions {
        index.insert(values.clone(), partitions.len() as u32);
        let read::Sum { files, bytes, largest, newest } = sum;
        partitions.push(Partition { values, files, bytes, largest, newest });
    }
    if partitions.is_empty() && is_unpartitioned {
        partitions.push(Partition::default());
    }
    let mut formats: std::collections::BTreeMap<_, Usage> = std::collections::BTreeMap::new();
    for (name, usage) in files.formats {
        let sum = formats.entry((FileFormat::of_name(&name), Codec::None)).or_default();
        *sum = Usage { files: sum.files + usage.files, bytes: sum.bytes.saturating_add(usage.bytes) };
    }
    let mut layout = Layout {
        source: shown.to_string(),
        partitions,
        histogram: files.histogram,
        formats,
        iceberg: Some(iceberg),
        ..Layout::default()
    };
    let of_files = layout.columnar_files(None);
    layout.footers = (!files.measured.is_empty()).then(|| footers(files.measured, &index, leaves, of_files));
    layout
}

/// Lays the files' columns together: one row group stands for a file.
fn footers(mut measured: Vec<Measured>, index: &HashMap<Values, u32>, leaves: &[Leaf], of_files: u64) -> Footers {
    let place = |file: &Measured| index.get(&file.values).copied().unwrap_or(0);
    measured.sort_by(|a, b| (place(a), &a.path).cmp(&(place(b), &b.path)));
    let column = |leaf: &Leaf| LeafColumn {
        path: leaf.path.clone(),
        data_type: match &leaf.kind.data_type {
            ColumnType::Other(_) => ColumnType::Binary,
            known => known.clone(),
        },
        bytes: Vec::with_capacity(measured.len()),
        values: Vec::with_capacity(measured.len()),
    };
    let mut footers =
        Footers { columns: leaves.iter().map(column).collect(), of_files, of_manifests: true, ..Footers::default() };
    for (group, file) in measured.into_iter().enumerate() {
        let chunks: u64 = file.columns.iter().fold(0, |sum, bytes| bytes.saturating_add(sum));
        footers.files.push(FileFooter {
            partition: place(&file),
            bytes: file.bytes,
            // What no column has: the footer, and page indexes where there are some.
            footer: file.bytes.saturating_sub(chunks.saturating_add(MAGIC)),
            indexes: 0,
            row_groups: group as u32..group as u32 + 1,
        });
        footers.starts.push(MAGIC);
        footers.rows.push(file.rows);
        for (column, (bytes, chunk)) in footers.columns.iter_mut().zip(file.columns.into_iter().zip(file.chunks)) {
            column.bytes.push(bytes);
            column.values.push(chunk);
        }
    }
    footers
}

fn facts(metadata: &Metadata, files: &Files) -> IcebergFacts {
    let times = || metadata.snapshots.iter().map(|snapshot| snapshot.timestamp_ms.div_euclid(1000));
    let milliseconds = metadata.number("history.expire.max-snapshot-age-ms").map(|ms| ms / 1000);
    IcebergFacts {
        format_version: metadata.format_version,
        snapshots: metadata.snapshots.len() as u64,
        oldest: times().min(),
        newest: times().max(),
        removed: removed(metadata),
        data: files.data,
        small: files.small,
        target_file_size: target_file_size(metadata),
        rows: files.rows,
        position_deletes: files.position_deletes,
        equality_deletes: files.equality_deletes,
        // What was added by a snapshot that is gone is older than those that are left.
        deletes_since: (files.deletes.any_untold).then(|| times().min()).flatten().or(files.deletes.oldest),
        max_snapshot_age: metadata.number("vacuum_max_snapshot_age_seconds").or(milliseconds),
        unnamed: None,
    }
}

/// Bytes that the ancestors of the current snapshot still name and it does not: what each snapshot removed, by the time of the one
/// before it. A snapshot whose parent is gone removed nothing that is still named.
fn removed(metadata: &Metadata) -> Option<Vec<Removed>> {
    let by_id: HashMap<i64, &metadata::Snapshot> = metadata.snapshots.iter().map(|s| (s.snapshot_id, s)).collect();
    let pinned = pinned(metadata, &by_id);
    let kept = snapshots_to_keep(metadata);
    let mut days: std::collections::BTreeMap<i64, Removed> = std::collections::BTreeMap::new();
    let mut current = metadata.current();
    // Each snapshot is met once: parents of a hostile file may form a ring.
    for newer in 1..=metadata.snapshots.len() as u64 {
        let Some(snapshot) = current else { break };
        let Some(parent) = snapshot.parent_snapshot_id.and_then(|id| by_id.get(&id).copied()) else { break };
        let time = parent.timestamp_ms.div_euclid(1000);
        let bytes = snapshot.summary.removed_bytes()?;
        if bytes > 0 && newer >= kept && time < pinned {
            let day = days.entry(time.div_euclid(DAY)).or_insert(Removed { last_named: time, bytes: 0 });
            day.last_named = day.last_named.max(time);
            day.bytes = day.bytes.saturating_add(bytes);
        }
        current = Some(parent);
    }
    Some(days.into_values().collect())
}

/// The time of the oldest snapshot that a branch or a tag may hold on to: what was removed after it may still be named there.
fn pinned(metadata: &Metadata, by_id: &HashMap<i64, &metadata::Snapshot>) -> i64 {
    let mut main = HashSet::new();
    let mut current = metadata.current();
    while let Some(snapshot) = current.filter(|snapshot| main.insert(snapshot.snapshot_id)) {
        current = snapshot.parent_snapshot_id.and_then(|id| by_id.get(&id).copied());
    }
    // A branch shares what lies before the snapshot that it left the table at.
    let forked = |of: &metadata::Ref| {
        let mut id = Some(of.snapshot_id);
        for _ in 0..=by_id.len() {
            let snapshot = by_id.get(&id?)?;
            if main.contains(&snapshot.snapshot_id) {
                return Some(snapshot.timestamp_ms.div_euclid(1000));
            }
            id = snapshot.parent_snapshot_id;
        }
        None
    };
    let others = metadata.refs.iter().filter(|(name, _)| *name != "main");
    others.map(|(_, of)| forked(of).unwrap_or(i64::MIN)).min().unwrap_or(i64::MAX)
}

/// Snapshots that stay however old they are; one does in any case.
fn snapshots_to_keep(metadata: &Metadata) -> u64 {
    let own = metadata.refs.get("main").and_then(|main| main.min_snapshots_to_keep);
    let names = ["vacuum_min_snapshots_to_keep", "history.expire.min-snapshots-to-keep"];
    own.or_else(|| names.iter().find_map(|name| metadata.number(name))).unwrap_or(1).max(1)
}

impl metadata::Summary {
    /// `None` where files were removed and nobody says how large they were.
    fn removed_bytes(&self) -> Option<u64> {
        let number = |text: &Option<String>| text.as_ref().and_then(|text| text.trim().parse::<u64>().ok());
        if let Some(bytes) = number(&self.removed_files_size) {
            return Some(bytes);
        }
        let counts = [&self.deleted_data_files, &self.removed_delete_files];
        let removes = counts.into_iter().any(|count| number(count).unwrap_or(0) > 0);
        let is_told = self.operation.is_some();
        (is_told && !removes).then_some(0)
    }
}

/// A table that only its metadata describes, named after the last two folders of its location.
fn undeclared(described: Described) -> Table {
    let segments: Vec<&str> = described.location.segments().collect();
    let name = match segments[..] {
        [.., parent, last] => TableName::new([parent.trim_end_matches(".db"), last]),
        [last] => TableName::new([last]),
        [] => TableName::new(["table"]),
    };
    let mut table = Table::new(name, DeclaredBy::Layout);
    table.kind = TableKind::Iceberg;
    table.location = Some(described.location.clone());
    take(&mut table, described);
    table
}

/// Lays what metadata says over a table: it knows columns and keys better than any catalog.
fn take(table: &mut Table, described: Described) {
    table.kind = TableKind::Iceberg;
    table.columns = described.columns;
    table.documented = described.documented.or(table.documented);
    table.partition_keys = described.keys;
    table.format = Some(described.format);
    table.layout = Some(described.layout);
}

#[cfg(test)]
mod tests;
