//! What is stored under a table's location: partitions, files, bytes; the same type whatever it was read from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Bytes, Codec, FileFormat, Footers, IcebergFacts};

/// Objects of one table, aggregated per partition. Only objects that Athena reads are counted: hidden, zero-byte and
/// archived ones are in [`Oddities`].
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Where the numbers come from, for people: `listing.txt`, `./lake`.
    pub source: String,
    /// Sorted by values. An unpartitioned table has one entry without values.
    pub partitions: Vec<Partition>,
    /// Sizes of all files.
    pub histogram: SizeHistogram,
    /// Files and bytes per format and whole-file codec. A file without a known extension has no format.
    pub formats: BTreeMap<(Option<FileFormat>, Codec), Usage>,
    pub oddities: Oddities,
    /// Largest text files that one reader must read whole, largest first, at most five.
    pub unsplittable: Vec<ObjectRef>,
    /// Columnar files whose footers can be read: all that are on the local disk, of objects a sample; sorted by partition, then by
    /// place.
    pub columnar: Vec<ColumnarFile>,
    /// Footers of columnar files; `None` when none were read: a listing has no content.
    pub footers: Option<Footers>,
    /// Files and bytes per storage class, archived ones included; empty where the source does not tell classes.
    pub classes: BTreeMap<StorageClass, Usage>,
    /// Prefixes below the table that could not be listed, with the reason: what lies there is missing from every number here.
    pub gaps: Vec<Gap>,
    /// The only places that were looked at, sorted, where they are not all of the table: `s3://lake/t/dt=2025-06-29/`; else empty.
    pub parts: Vec<String>,
    /// Of an Iceberg table whose metadata was read: then files and bytes are those of its current snapshot.
    pub iceberg: Option<IcebergFacts>,
}

/// A part of a lake that a scan was refused: `s3://bucket/prefix/`, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    pub prefix: String,
    /// For people: `access denied`.
    pub reason: String,
}

/// Storage classes as S3 names them (`StorageClass` in
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html>), of those that cost different amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StorageClass {
    Standard,
    ReducedRedundancy,
    IntelligentTiering,
    StandardIa,
    OnezoneIa,
    ExpressOnezone,
    GlacierIr,
    Glacier,
    DeepArchive,
    /// A class that this version does not know.
    Other,
}

impl StorageClass {
    /// From a listing or an inventory; no class at all is the standard one in `ListObjectVersions`.
    pub fn of_name(name: &str) -> StorageClass {
        match name {
            "STANDARD" | "" => StorageClass::Standard,
            "REDUCED_REDUNDANCY" => StorageClass::ReducedRedundancy,
            "INTELLIGENT_TIERING" => StorageClass::IntelligentTiering,
            "STANDARD_IA" => StorageClass::StandardIa,
            "ONEZONE_IA" => StorageClass::OnezoneIa,
            "EXPRESS_ONEZONE" => StorageClass::ExpressOnezone,
            "GLACIER_IR" => StorageClass::GlacierIr,
            "GLACIER" => StorageClass::Glacier,
            "DEEP_ARCHIVE" => StorageClass::DeepArchive,
            _ => StorageClass::Other,
        }
    }

    /// Classes that Athena skips (<https://docs.aws.amazon.com/athena/latest/ug/querying-glacier.html>); `GLACIER_IR` is readable.
    pub fn is_archived(self) -> bool {
        matches!(self, StorageClass::Glacier | StorageClass::DeepArchive)
    }
}

/// A columnar file that can be read. Place, size and time of change together tell whether it is still the same file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnarFile {
    pub at: FileAt,
    /// Size in bytes.
    pub bytes: u64,
    /// Last change, in nanoseconds since 1970; `None` where nothing tells.
    pub modified: Option<u64>,
    /// Index in the layout's partitions.
    pub partition: u32,
}

/// Where a file can be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileAt {
    Disk(PathBuf),
    /// `s3://bucket/key`, the key as it is.
    Object(Box<str>),
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Partition {
    /// Aligned with the table's partition keys; `None` is the NULL partition (`__HIVE_DEFAULT_PARTITION__`).
    pub values: Vec<Option<Box<str>>>,
    pub files: u64,
    pub bytes: u64,
    /// Size of the largest file, in bytes.
    pub largest: u64,
    /// When the newest file was last changed, in seconds since 1970; `None` where the source does not tell.
    pub newest: Option<i64>,
}

impl Partition {
    /// Hive's folder value for NULL.
    pub const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

    /// Adds files.
    pub fn absorb(&mut self, files: u64, bytes: u64, largest: u64, newest: Option<i64>) {
        self.files += files;
        self.bytes += bytes;
        self.largest = self.largest.max(largest);
        self.newest = self.newest.max(newest);
    }
}

/// Counts of files by size: slot `i` counts sizes in `[2^i, 2^(i+1))` bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeHistogram {
    pub counts: [u64; SizeHistogram::SLOTS],
    pub bytes: [u64; SizeHistogram::SLOTS],
}

impl Default for SizeHistogram {
    fn default() -> Self {
        SizeHistogram { counts: [0; SizeHistogram::SLOTS], bytes: [0; SizeHistogram::SLOTS] }
    }
}

impl SizeHistogram {
    /// The last slot counts all that is larger, too.
    pub const SLOTS: usize = 48;

    /// The slot of a size; empty files are counted with those of 1 byte.
    fn slot(size: u64) -> usize {
        (63 - size.max(1).leading_zeros() as usize).min(Self::SLOTS - 1)
    }

    pub fn add(&mut self, size: u64) {
        let slot = Self::slot(size);
        self.counts[slot] += 1;
        self.bytes[slot] += size;
    }

    /// Adds the files of another histogram.
    pub fn absorb(&mut self, other: &SizeHistogram) {
        for slot in 0..self.counts.len() {
            self.counts[slot] += other.counts[slot];
            self.bytes[slot] += other.bytes[slot];
        }
    }

    /// Files smaller than `limit` bytes; exact when the limit is a power of two, else rounded down to one.
    pub fn files_below(&self, limit: u64) -> u64 {
        let slot = Self::slot(limit);
        self.counts[..slot].iter().sum()
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    pub files: u64,
    pub bytes: u64,
}

impl Usage {
    /// Adds files.
    pub fn add(&mut self, files: u64, bytes: u64) {
        self.files += files;
        self.bytes += bytes;
    }
}

/// One stored object: its full key and its size in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectRef {
    pub key: String,
    pub bytes: u64,
}

/// A kind of object that is not plain table data: how many, how many bytes, and the first three keys in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oddity {
    pub objects: u64,
    pub bytes: u64,
    pub examples: Vec<String>,
}

impl Oddity {
    pub fn add(&mut self, key: &str, bytes: u64) {
        self.objects += 1;
        self.bytes += bytes;
        let at = self.examples.partition_point(|e| e.as_str() < key);
        if at < 3 && self.examples.get(at).is_none_or(|e| e != key) {
            self.examples.insert(at, key.to_string());
            self.examples.truncate(3);
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oddities {
    /// Names starting with `_` or `.`: Athena does not read them.
    pub hidden: Oddity,
    /// Zero-byte objects, folder markers included.
    pub zero_byte: Oddity,
    /// Glacier Flexible Retrieval and Deep Archive: Athena skips them silently.
    pub archived: Oddity,
    /// Data files that lie beside the partition folders, not in one.
    pub outside_partitions: Oddity,
    /// Files that Athena reads as data but that are none: `.crc`, `.tmp`, `.md`, scripts, archives it cannot open.
    pub stray: Oddity,
    /// Partition folders with another key or spelling than the declared one: `date=` beside `dt=`, `dt=2024-1-5`
    /// beside `dt=2024-01-05`. Examples are folder names.
    pub inconsistent_names: Oddity,
    /// Versions that a newer one or a delete marker hides: nothing reads them, and they are paid for.
    pub noncurrent: Oddity,
    /// Delete markers, which have no size.
    pub delete_markers: Oddity,
    /// Multipart uploads that were neither completed nor aborted, with the bytes of their parts.
    pub unfinished_uploads: Oddity,
}

impl Layout {
    pub fn files(&self) -> u64 {
        self.partitions.iter().map(|p| p.files).sum()
    }

    pub fn bytes(&self) -> Bytes {
        Bytes(self.partitions.iter().map(|p| p.bytes).sum())
    }

    /// How many files are columnar. Files whose names tell no format have the declared one.
    pub fn columnar_files(&self, declared: Option<FileFormat>) -> u64 {
        let columnar = |format: &Option<FileFormat>| format.or(declared).is_some_and(FileFormat::is_columnar);
        self.formats.iter().filter(|((format, _), _)| columnar(format)).map(|(_, usage)| usage.files).sum()
    }

    /// Whether some of its columnar files are objects of a bucket.
    pub fn has_objects(&self) -> bool {
        self.columnar.iter().any(|file| matches!(file.at, FileAt::Object(_)))
    }

    /// Median size of the partitions that hold anything; `None` when there is none.
    pub fn median_partition(&self) -> Option<Bytes> {
        median(self.partitions.iter().filter(|p| p.files > 0).map(|p| p.bytes).collect())
    }
}

/// The middle value, the lower one of two.
pub fn median(mut sizes: Vec<u64>) -> Option<Bytes> {
    sizes.sort_unstable();
    sizes.get(sizes.len().checked_sub(1)? / 2).copied().map(Bytes)
}
