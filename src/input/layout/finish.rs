//! The end of a collection: layouts of described tables, and tables that only their folders describe.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::collector::{Collector, Plain, Root};
use super::partition_path::{Values, aligned, key_value};
use super::scope::Origin;
use super::seen::{Seen, merge};
use super::spelling;
use crate::expr::ColumnType;
use crate::finding::Place;
use crate::lake::{
    Codec, ColumnarFile, DeclaredBy, FileFormat, Layout, Location, Oddity, Partition, PartitionKey, Table, TableName,
    Unreadable, UnreadableKind,
};

/// What was collected from all sources.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    /// By index of the described table.
    pub layouts: BTreeMap<usize, Layout>,
    /// Tables that nobody described, with their layouts.
    pub derived: Vec<Table>,
    pub unreadable: Vec<Unreadable>,
}

impl Collector {
    /// Ends the collection.
    pub(crate) fn finish(mut self, tables: &[Table]) -> Collected {
        self.end_run();
        let mut collected = Collected { unreadable: self.ambiguities(tables), ..Collected::default() };
        self.sort_out_plain_folders();
        self.place_what_is_past();
        let mut seen: Vec<Option<Seen>> = self.seen.into_iter().map(Some).collect();
        let mut take = |origin: &Origin| seen[origin.seen].take();
        for (index, origin) in &self.described {
            let Some(mut seen) = take(origin) else { continue };
            let folders = std::mem::take(&mut seen.folders).into_values().map(Some).collect();
            let keys = tables[*index].partition_keys.iter().map(|k| k.name.clone()).collect::<Vec<_>>();
            if let Some(layout) = measure(folders, seen, origin, &keys) {
                collected.layouts.insert(*index, layout);
            }
        }
        for (root, origin) in &self.derived {
            collected.derived.extend(take(origin).and_then(|seen| derive_partitioned(root, origin, seen)));
        }
        for (root, Plain { origin, .. }) in &self.plain {
            collected.derived.extend(take(origin).and_then(|seen| derive_plain(root, origin, seen)));
        }
        collected
    }

    fn ambiguities(&self, tables: &[Table]) -> Vec<Unreadable> {
        let describe = |(found, (source, path)): (&Vec<usize>, &(String, String))| {
            let names: Vec<String> = found.iter().map(|i| format!("`{}`", tables[*i].name)).collect();
            Unreadable {
                kind: UnreadableKind::Sql,
                place: Place::Path(source.clone()),
                message: format!("objects under `{path}` may belong to {}", names.join(" or ")),
                help: format!("say where they are: `--lake s3://bucket/prefix={source}`"),
            }
        };
        self.ambiguous.iter().map(describe).collect()
    }
}

/// The layout of a table with these keys; `None` when its folders are not explained by them, so that its partitions must be
/// registered one by one somewhere else.
fn measure(folders: Vec<Option<Partition>>, mut seen: Seen, origin: &Origin, keys: &[String]) -> Option<Layout> {
    let columnar = seen.take_columnar();
    let Seen { mut layout, unexplained_folders, .. } = seen;
    let places;
    (layout.partitions, places) = merged(folders);
    layout.columnar = placed(columnar, &places);
    if layout.partitions.is_empty() && unexplained_folders {
        return None;
    }
    report_spellings(&mut layout, keys);
    layout.parts = origin.only_parts();
    layout.source = origin.sources.iter().cloned().collect::<Vec<_>>().join(", ");
    Some(layout)
}

/// Sorted partitions, and which of them each folder is. Folders with equal values are one partition. Folders without any data
/// are none, and those that are no partition of the table.
fn merged(folders: Vec<Option<Partition>>) -> (Vec<Partition>, Vec<Option<u32>>) {
    let mut places = vec![None; folders.len()];
    let numbered = folders.into_iter().enumerate().filter_map(|(i, folder)| Some((i, folder?)));
    let mut numbered: Vec<(usize, Partition)> = numbered.filter(|(_, p)| p.files > 0 || p.values.is_empty()).collect();
    numbered.sort_by(|(_, a), (_, b)| a.values.cmp(&b.values));
    let mut partitions: Vec<Partition> = Vec::with_capacity(numbered.len());
    for (folder, partition) in numbered {
        match partitions.last_mut().filter(|last| last.values == partition.values) {
            Some(last) => last.absorb(partition.files, partition.bytes, partition.largest, partition.newest),
            None => partitions.push(partition),
        }
        places[folder] = Some(partitions.len() as u32 - 1);
    }
    (partitions, places)
}

/// Files with the index of their partition instead of their folder's.
fn placed(files: Vec<ColumnarFile>, places: &[Option<u32>]) -> Vec<ColumnarFile> {
    let place = |file: ColumnarFile| Some(ColumnarFile { partition: places[file.partition as usize]?, ..file });
    let mut files: Vec<ColumnarFile> = files.into_iter().filter_map(place).collect();
    files.sort_by(|a, b| (a.partition, &a.at).cmp(&(b.partition, &b.at)));
    files
}

fn report_spellings(layout: &mut Layout, keys: &[String]) {
    for (i, key) in keys.iter().enumerate() {
        for odd in spelling::minority(&layout.partitions, i) {
            let partition = &layout.partitions[odd];
            let value = partition.values[i].as_deref().unwrap_or_default();
            let more =
                Oddity { objects: partition.files, bytes: partition.bytes, examples: vec![format!("{key}={value}")] };
            merge(&mut layout.oddities.inconsistent_names, more);
        }
    }
}

fn derive_partitioned(root: &Root, origin: &Origin, mut seen: Seen) -> Option<Table> {
    let keys = usual_keys(&seen.folders)?;
    let mut folders = Vec::with_capacity(seen.folders.len());
    for (path, partition) in std::mem::take(&mut seen.folders) {
        match values_of(&path, &keys) {
            Ok(values) => folders.push(Some(Partition { values, ..partition })),
            Err(misfit) => {
                let oddities = &mut seen.layout.oddities;
                let oddity = match misfit {
                    Misfit::OtherKeys => &mut oddities.inconsistent_names,
                    Misfit::Above => &mut oddities.outside_partitions,
                };
                let Partition { files, bytes, .. } = partition;
                merge(oddity, Oddity { objects: files, bytes, examples: vec![path.to_string()] });
                folders.push(None);
            }
        }
    }
    let mut table = derived_table(root, origin, measure(folders, seen, origin, &keys)?);
    table.partition_keys = keys.iter().map(|k| PartitionKey::new(k, ColumnType::String)).collect();
    Some(table)
}

fn derive_plain(root: &Root, origin: &Origin, mut seen: Seen) -> Option<Table> {
    let folders = std::mem::take(&mut seen.folders).into_values().map(Some).collect();
    let table = derived_table(root, origin, measure(folders, seen, origin, &[])?);
    // Files of no known format are no reason to see a table.
    table.format.is_some().then_some(table)
}

fn derived_table(root: &Root, origin: &Origin, layout: Layout) -> Table {
    let segments: Vec<&str> = root.path.split('/').filter(|s| !s.is_empty()).collect();
    let below = segments.get(origin.above..).unwrap_or_default();
    let name = match below {
        [.., parent, last] => TableName::new([parent, last]),
        [last] => TableName::new([last]),
        [] => TableName::new([segments.last().copied().or(root.bucket.as_deref()).unwrap_or("objects")]),
    };
    let mut table = Table::new(name, DeclaredBy::Layout);
    let path = if origin.above > 0 { &origin.shown } else { &root.path };
    table.location = Some(Location { bucket: root.bucket.clone(), path: path.trim_matches('/').to_string() });
    table.format = main_format(layout.formats.iter().map(|(kind, usage)| (kind, usage.bytes)));
    table.layout = Some(layout);
    table
}

/// The format of most bytes.
fn main_format<'a>(formats: impl Iterator<Item = (&'a (Option<FileFormat>, Codec), u64)>) -> Option<FileFormat> {
    let mut bytes: BTreeMap<FileFormat, u64> = BTreeMap::new();
    for ((format, _), size) in formats {
        if let Some(format) = format {
            *bytes.entry(*format).or_default() += size;
        }
    }
    bytes.into_iter().max_by_key(|(format, size)| (*size, std::cmp::Reverse(*format))).map(|(format, _)| format)
}

/// The key names that most files lie under.
fn usual_keys(folders: &IndexMap<Box<str>, Partition>) -> Option<Vec<String>> {
    let mut files: BTreeMap<Vec<String>, u64> = BTreeMap::new();
    for (path, partition) in folders.iter().filter(|(_, partition)| partition.files > 0) {
        *files.entry(key_names(path)).or_default() += partition.files;
    }
    let most = files.values().copied().max()?;
    files.into_iter().find(|(_, n)| *n == most).map(|(names, _)| names)
}

fn key_names(path: &str) -> Vec<String> {
    path.split('/').filter_map(key_value).map(|(key, _)| key.to_lowercase()).collect()
}

/// Why a folder is no partition of a derived table.
enum Misfit {
    OtherKeys,
    Above,
}

fn values_of(path: &str, keys: &[String]) -> Result<Values, Misfit> {
    let pairs: Vec<(&str, &str)> = path.split('/').filter_map(key_value).collect();
    let names: BTreeSet<String> = pairs.iter().map(|(key, _)| key.to_lowercase()).collect();
    match aligned(&pairs, keys) {
        Some(values) => Ok(values),
        None if names.iter().all(|n| keys.contains(n)) => Err(Misfit::Above),
        None => Err(Misfit::OtherKeys),
    }
}
