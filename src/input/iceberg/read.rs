//! The files of a table's current snapshot: its manifests, read in parallel, one entry at a time.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use rayon::prelude::*;
use serde::de::DeserializeOwned;

use super::avro::{self, Cell, Records};
use super::manifest::{Content, DataFile, Entry, ManifestFile, of_id};
use super::metadata::Metadata;
use super::schema::{Leaf, SpecKey, all_leaves, spec_keys};
use super::value::{From, bound, partition_value, source};
use crate::input::footers::bounds::End;
use crate::lake::{ChunkValues, Deletes, FileFormat, SizeHistogram, Usage};

/// Values of all leaves of all files that are kept at most: of larger tables a sample of the files is kept.
const MOST_CELLS: u64 = 1_000_000;
/// Manifests of one snapshot.
const MOST_MANIFESTS: usize = 1_000_000;
/// Files of which some manifest does not tell how many it has: an entry takes more bytes than this.
const ENTRY_BYTES: u64 = 64;
/// No file is larger: far above what S3 stores, far below where sums overflow.
const LARGEST_FILE: u64 = 1 << 47;

/// Opens a file by the name that metadata has for it.
pub(super) type Open<'a> = dyn Fn(&str) -> Result<Box<dyn Read + Send>, String> + Sync + 'a;

/// Partition values in the order of the current keys; `None` is NULL.
pub(super) type Values = Vec<Option<Box<str>>>;

/// What the manifests of a snapshot say.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub partitions: BTreeMap<Values, Sum>,
    pub histogram: SizeHistogram,
    /// By the format's name in metadata.
    pub formats: BTreeMap<String, Usage>,
    pub data: Usage,
    pub small: Usage,
    pub rows: u64,
    pub position_deletes: Deletes,
    pub equality_deletes: Deletes,
    pub deletes: Added,
    /// The sizes and bounds of columns, of the files that tell them.
    pub measured: Vec<Measured>,
}

/// When delete files were added.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Added {
    pub oldest: Option<i64>,
    /// Some were added by snapshots that are gone.
    pub any_untold: bool,
}

/// The data files of one partition.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Sum {
    pub files: u64,
    pub bytes: u64,
    pub largest: u64,
    /// When the newest file was added, in seconds since 1970.
    pub newest: Option<i64>,
}

/// A file whose columns are known.
#[derive(Debug)]
pub(super) struct Measured {
    pub values: Values,
    pub path: String,
    pub bytes: u64,
    pub rows: u64,
    /// By leaf of the current schema.
    pub columns: Vec<u64>,
    pub chunks: Vec<ChunkValues>,
}

/// What is needed to read entries.
pub(super) struct Reading<'a> {
    pub metadata: &'a Metadata,
    /// Leaves of the current schema.
    pub leaves: &'a [Leaf],
    /// The current partition keys.
    pub keys: &'a [SpecKey],
    /// Files below it are small.
    pub small: u64,
    pub open: &'a Open<'a>,
}

impl Reading<'_> {
    /// Reads the current snapshot; an error names the file and what is wrong with it.
    pub(super) fn files(&self) -> Result<Files, String> {
        let manifests = self.manifests()?;
        let known =
            |file: &ManifestFile| file.files().unwrap_or(file.manifest_length.size().unwrap_or(0) / ENTRY_BYTES);
        let files = manifests.iter().map(known).fold(0, u64::saturating_add);
        let cells = files.saturating_mul(self.leaves.len() as u64);
        let share = if cells <= MOST_CELLS {
            u64::MAX
        } else {
            (MOST_CELLS as u128 * u64::MAX as u128 / u128::from(cells)) as u64
        };
        let all = all_leaves(self.metadata);
        let by_id: HashMap<i32, &Leaf> = all.iter().map(|leaf| (leaf.id, leaf)).collect();
        let specs: HashMap<i64, Vec<SpecKey>> =
            self.metadata.partition_specs.iter().map(|spec| (spec.spec_id, spec_keys(spec, &by_id))).collect();
        let times: HashMap<i64, i64> =
            self.metadata.snapshots.iter().map(|s| (s.snapshot_id, s.timestamp_ms.div_euclid(1000))).collect();
        let one = |manifest: &ManifestFile| {
            let spec = manifest.partition_spec_id.int().unwrap_or(self.metadata.default_spec_id);
            let spec = specs.get(&spec).map_or(&[][..], |keys| keys);
            let from: Vec<From> = self.keys.iter().map(|key| source(key, spec)).collect();
            self.manifest(manifest, &from, share, &times)
        };
        let read: Vec<Files> =
            manifests.par_iter().filter(|m| m.files() != Some(0)).map(one).collect::<Result<_, _>>()?;
        Ok(read.into_iter().reduce(Files::merge).unwrap_or_default())
    }

    /// The manifests of the current snapshot.
    fn manifests(&self) -> Result<Vec<ManifestFile>, String> {
        let Some(snapshot) = self.metadata.current() else { return Ok(Vec::new()) };
        let Some(list) = &snapshot.manifest_list else {
            let named =
                |path: &String| ManifestFile { manifest_path: Cell::Text(path.clone()), ..ManifestFile::default() };
            return Ok(snapshot.manifests.iter().flatten().map(named).collect());
        };
        let mut manifests = Vec::new();
        for manifest in self.records::<ManifestFile>(list)? {
            manifests.push(manifest.map_err(|e| about(list, &e))?);
            if manifests.len() > MOST_MANIFESTS {
                return Err(about(list, "it names more than a million manifests"));
            }
        }
        Ok(manifests)
    }

    fn manifest(
        &self,
        manifest: &ManifestFile,
        from: &[From],
        share: u64,
        times: &HashMap<i64, i64>,
    ) -> Result<Files, String> {
        let path = manifest.manifest_path.text().ok_or("a manifest list names a manifest without a path")?;
        let mut files = Files::default();
        for entry in self.records::<Entry>(path)? {
            let entry = entry.map_err(|e| about(path, &e))?;
            if entry.is_deleted() {
                continue;
            }
            let added = entry.snapshot_id.int().or(manifest.added_snapshot_id.int());
            let added = added.and_then(|id| times.get(&id).copied());
            self.add(&mut files, entry.data_file, from, share, added).map_err(|e| about(path, &e))?;
        }
        Ok(files)
    }

    fn add(
        &self,
        files: &mut Files,
        file: DataFile,
        from: &[From],
        share: u64,
        added: Option<i64>,
    ) -> Result<(), String> {
        let size = file.file_size_in_bytes.size().filter(|size| *size <= LARGEST_FILE);
        let bytes = size.ok_or("an entry has no size of its file")?;
        let rows = file.record_count.size().unwrap_or(0);
        let deletes = match file.content().ok_or("an entry holds neither data nor deletes")? {
            Content::Data => {
                self.add_data(files, file, from, (bytes, rows), share, added);
                return Ok(());
            }
            Content::PositionDeletes => &mut files.position_deletes,
            Content::EqualityDeletes => &mut files.equality_deletes,
        };
        files.deletes.merge(Added { oldest: added, any_untold: added.is_none() });
        // Deletion vectors of several data files share a file.
        let own = file.content_size_in_bytes.size().map_or(bytes, |own| own.min(bytes));
        add(deletes, Deletes { files: 1, bytes: own, rows });
        Ok(())
    }

    fn add_data(
        &self,
        files: &mut Files,
        file: DataFile,
        from: &[From],
        (bytes, rows): (u64, u64),
        share: u64,
        added: Option<i64>,
    ) {
        let values: Values =
            self.keys.iter().zip(from).map(|(key, from)| partition_value(key, *from, &file.partition.0)).collect();
        let one = Sum { files: 1, bytes, largest: bytes, newest: added };
        match files.partitions.get_mut(&values) {
            Some(sum) => sum.merge(&one),
            None => drop(files.partitions.insert(values.clone(), one)),
        }
        files.histogram.add(bytes);
        let format = file.file_format.text().unwrap_or_default().to_ascii_lowercase();
        let is_columnar = FileFormat::of_name(&format).is_some_and(FileFormat::is_columnar);
        let usage = Usage { files: 1, bytes };
        count(files.formats.entry(format).or_default(), usage);
        count(&mut files.data, usage);
        if bytes < self.small {
            count(&mut files.small, usage);
        }
        files.rows = files.rows.saturating_add(rows);
        let path = file.file_path.text().unwrap_or_default();
        if is_columnar && hash(path) <= share {
            files.measured.extend(self.measured(&file, values, bytes, rows));
        }
    }

    /// The sizes and bounds of a file's columns; `None` where the manifest does not tell the sizes of all of them.
    fn measured(&self, file: &DataFile, values: Values, bytes: u64, rows: u64) -> Option<Measured> {
        let size = |leaf: &Leaf| of_id(&file.column_sizes.0, leaf.id).and_then(Cell::size).map(|size| size.min(bytes));
        let sizes: Vec<Option<u64>> = self.leaves.iter().map(size).collect();
        // Columns that were dropped since are in the file too.
        let all = file.column_sizes.0.iter().filter_map(|pair| pair.value.size()).fold(0, u64::saturating_add);
        let rest = bytes.saturating_sub(all);
        let is_complete = sizes.iter().all(Option::is_some);
        // Of wide tables not all columns have statistics. A column that was added since the file was written has none either, but
        // then nothing is left besides the footer.
        if all == 0 || !is_complete && rest > (64 << 10) + bytes / 50 {
            return None;
        }
        let columns = sizes.iter().map(|size| size.unwrap_or(0)).collect();
        let chunks = self.leaves.iter().map(|leaf| chunk(leaf, file)).collect();
        Some(Measured { values, path: file.file_path.text()?.to_string(), bytes, rows, columns, chunks })
    }

    fn records<T: DeserializeOwned + 'static>(&self, path: &str) -> Result<Records<T>, String> {
        let input = (self.open)(path).map_err(|e| about(path, &e))?;
        avro::records(input).map_err(|e| about(path, &e))
    }
}

/// What a manifest says of one column of a file.
fn chunk(leaf: &Leaf, file: &DataFile) -> ChunkValues {
    let end = |pairs, end| of_id(pairs, leaf.id).and_then(Cell::bytes).and_then(|bytes| bound(&leaf.kind, bytes, end));
    let nulls = of_id(&file.null_value_counts.0, leaf.id).and_then(Cell::size);
    let has_nan = of_id(&file.nan_value_counts.0, leaf.id).and_then(Cell::size).is_some_and(|count| count > 0);
    let range = end(&file.lower_bounds.0, End::Low).zip(end(&file.upper_bounds.0, End::High));
    // NULLs of elements say nothing about the list that they are in.
    let nulls = nulls.filter(|_| !leaf.path.contains('.'));
    ChunkValues { range: range.filter(|(low, high)| !has_nan && low.compare(high).is_some_and(|o| o.is_le())), nulls }
}

fn about(path: &str, what: &str) -> String {
    format!("`{path}`: {what}")
}

fn count(sum: &mut Usage, more: Usage) {
    sum.files = sum.files.saturating_add(more.files);
    sum.bytes = sum.bytes.saturating_add(more.bytes);
}

fn add(sum: &mut Deletes, more: Deletes) {
    sum.files = sum.files.saturating_add(more.files);
    sum.bytes = sum.bytes.saturating_add(more.bytes);
    sum.rows = sum.rows.saturating_add(more.rows);
}

/// Which files of a large table are kept depends on their names alone.
fn hash(path: &str) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = path.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, step);
    (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd)
}

impl Added {
    fn merge(&mut self, more: Added) {
        self.oldest = self.oldest.into_iter().chain(more.oldest).min();
        self.any_untold |= more.any_untold;
    }
}

impl Sum {
    fn merge(&mut self, more: &Sum) {
        self.files += more.files;
        self.bytes = self.bytes.saturating_add(more.bytes);
        self.largest = self.largest.max(more.largest);
        self.newest = self.newest.max(more.newest);
    }
}

impl Files {
    fn merge(mut self, more: Files) -> Files {
        for (values, sum) in more.partitions {
            self.partitions.entry(values).or_default().merge(&sum);
        }
        for slot in 0..self.histogram.counts.len() {
            self.histogram.counts[slot] += more.histogram.counts[slot];
            self.histogram.bytes[slot] = self.histogram.bytes[slot].saturating_add(more.histogram.bytes[slot]);
        }
        for (format, usage) in more.formats {
            count(self.formats.entry(format).or_default(), usage);
        }
        count(&mut self.data, more.data);
        count(&mut self.small, more.small);
        self.rows = self.rows.saturating_add(more.rows);
        add(&mut self.position_deletes, more.position_deletes);
        add(&mut self.equality_deletes, more.equality_deletes);
        self.deletes.merge(more.deletes);
        self.measured.extend(more.measured);
        self
    }
}
