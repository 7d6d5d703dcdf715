//! A table: what some source declares about it, and its layout where one is known.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Count, Documented, Gap, Layout, Location, Partition, PartitionIndexes, Span, TableMemo};
use crate::controls::visible_name;
use crate::expr::ColumnType;

/// Index of a table in the [`super::Catalog`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableId(pub u32);

/// A possibly qualified name, outermost part first (`catalog.database.table`), in lower case: Athena folds names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName(pub Vec<String>);

impl TableName {
    /// From parts as written, quotes already removed.
    pub fn new<S: AsRef<str>>(parts: impl IntoIterator<Item = S>) -> Self {
        TableName(parts.into_iter().map(|p| p.as_ref().to_lowercase()).collect())
    }

    /// From dotted text without quotes, as in the configuration.
    pub fn parse(text: &str) -> Self {
        TableName::new(text.split('.').map(|p| p.trim().trim_matches(['"', '`'])))
    }

    /// The unqualified name.
    pub fn table(&self) -> &str {
        self.0.last().map_or("", |s| s)
    }

    pub fn database(&self) -> Option<&str> {
        self.0.len().checked_sub(2).map(|i| self.0[i].as_str())
    }

    /// Whether the shorter name equals the last parts of the longer one: `sales` matches `lake.fact.sales`.
    pub fn matches(&self, other: &TableName) -> bool {
        let n = self.0.len().min(other.0.len());
        n > 0 && self.0[self.0.len() - n..] == other.0[other.0.len() - n..]
    }
}

impl std::fmt::Display for TableName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&visible_name(&self.0.join(".")))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileFormat {
    Parquet,
    Orc,
    Avro,
    Csv,
    Json,
    Text,
    Ion,
}

impl FileFormat {
    /// Whether a query reads only the columns it needs.
    pub fn is_columnar(self) -> bool {
        matches!(self, FileFormat::Parquet | FileFormat::Orc)
    }

    /// Row text: compression is the file's, and a gzip file cannot be split.
    pub fn is_text(self) -> bool {
        matches!(self, FileFormat::Csv | FileFormat::Json | FileFormat::Text)
    }

    pub fn name(self) -> &'static str {
        match self {
            FileFormat::Parquet => "Parquet",
            FileFormat::Orc => "ORC",
            FileFormat::Avro => "Avro",
            FileFormat::Csv => "CSV",
            FileFormat::Json => "JSON",
            FileFormat::Text => "text",
            FileFormat::Ion => "Ion",
        }
    }
}

/// Compression of a whole file (text formats), as Athena infers it from the extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    None,
    Gzip,
    Bzip2,
    Snappy,
    Zstd,
    Lz4,
    Lzo,
}

impl Codec {
    /// Whether several readers can share one text file (of compressed ones bzip2 only; LZO when indexed).
    pub fn is_splittable(self) -> bool {
        matches!(self, Codec::None | Codec::Bzip2)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    Raw,
    Clean,
    Curated,
}

impl Layer {
    pub fn name(self) -> &'static str {
        match self {
            Layer::Raw => "raw",
            Layer::Clean => "clean",
            Layer::Curated => "curated",
        }
    }

    /// The layer that a folder or a part of a database name stands for.
    pub fn well_known(name: &str) -> Option<Layer> {
        match name.to_lowercase().as_str() {
            "raw" | "bronze" | "landing" | "staging" => Some(Layer::Raw),
            "clean" | "silver" | "cleaned" | "conformed" => Some(Layer::Clean),
            "curated" | "gold" | "analytics" | "mart" | "marts" | "serving" | "refined" => Some(Layer::Curated),
            _ => None,
        }
    }
}

/// Who described the table first; later sources only fill gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeclaredBy {
    Config,
    Glue,
    /// A template of CloudFormation or a module of Terraform.
    Template,
    Ddl,
    Ctas,
    /// Nobody: derived from the folders of a layout.
    Layout,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TableKind {
    /// Partitions are folders; keys are not in the files.
    Hive,
    /// Partitions are hidden transforms of data columns.
    Iceberg,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Lower case.
    pub name: String,
    pub data_type: ColumnType,
}

/// An Iceberg partition transform; Hive keys are `Identity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transform {
    Identity,
    Year,
    Month,
    Day,
    Hour,
    Bucket(u32),
    Truncate(u32),
}

/// One partition key. For Iceberg, `name` is the source column that queries filter on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionKey {
    /// Lower case.
    pub name: String,
    pub data_type: ColumnType,
    pub transform: Transform,
    /// Java `DateTimeFormatter` pattern of date values kept as text (`yyyy-MM-dd`), where a source gives it.
    pub format: Option<String>,
}

/// Partition projection of one key (<https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum ProjectionKind {
    Enum {
        values: Vec<String>,
    },
    Integer {
        min: i64,
        max: i64,
        interval: u64,
        digits: Option<u32>,
    },
    /// Range ends as written (`2020-01-01`, `NOW-3YEARS`, `NOW`); `format` is a Java pattern.
    Date {
        from: String,
        to: String,
        format: String,
        interval: u64,
        unit: Option<String>,
    },
    Injected,
    /// Present but not readable: the text as written.
    Invalid(String),
}

/// `projection.*` table properties.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Projection {
    /// By lower-case key name.
    pub keys: BTreeMap<String, ProjectionKind>,
    /// `storage.location.template`, where the keys are not `key=value` folders.
    pub template: Option<String>,
}

/// A partition with a location of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionPlace {
    /// Aligned with the table's keys; `None` is NULL.
    pub values: Vec<Option<Box<str>>>,
    pub location: Location,
}

#[derive(Debug, Clone)]
pub struct Table {
    pub name: TableName,
    pub kind: TableKind,
    /// Data columns; empty when unknown.
    pub columns: Vec<Column>,
    pub documented: Documented,
    pub partition_keys: Vec<PartitionKey>,
    /// `None` is unknown. A DDL without a format clause is text.
    pub format: Option<FileFormat>,
    pub location: Option<Location>,
    /// Where a template puts it whose bucket, or the end of the path, only the deployment knows: a bucket that stands for a bucket of
    /// that template, and the path as far as it is written.
    pub open_place: Option<Location>,
    pub layer: Option<Layer>,
    /// `Some` only when `projection.enabled` is true.
    pub projection: Option<Projection>,
    pub declared_by: DeclaredBy,
    /// The table's name where it is declared; `None` for Glue exports, configuration and layouts.
    pub declared_at: Option<Span>,
    /// Widest date range that the configuration allows a query, in days.
    pub max_range_days: Option<u32>,
    /// Values of the partitions that Glue has registered, aligned with the keys; their files and bytes are not known from
    /// there. `None` is unknown.
    pub registered_partitions: Option<Vec<Vec<Option<Box<str>>>>>,
    /// `None` is unknown.
    pub partition_indexes: Option<PartitionIndexes>,
    /// Registered partitions that are not where the table's own folders would have them, sorted by location.
    pub placed_partitions: Vec<PartitionPlace>,
    /// `None` is unknown, never empty.
    pub layout: Option<Layout>,
    /// The current `metadata.json` of an Iceberg table, as the catalog names it.
    pub metadata_location: Option<String>,
    /// What has been worked out of the above.
    pub(crate) memo: TableMemo,
}

impl Table {
    pub fn new(name: TableName, declared_by: DeclaredBy) -> Self {
        Table {
            name,
            kind: TableKind::Hive,
            columns: Vec::new(),
            documented: Documented::default(),
            partition_keys: Vec::new(),
            format: None,
            location: None,
            open_place: None,
            layer: None,
            projection: None,
            declared_by,
            declared_at: None,
            max_range_days: None,
            registered_partitions: None,
            partition_indexes: None,
            placed_partitions: Vec::new(),
            layout: None,
            metadata_location: None,
            memo: TableMemo::default(),
        }
    }

    /// The declared format, or the one that most stored bytes have.
    pub fn main_format(&self) -> Option<FileFormat> {
        self.format.or_else(|| {
            let formats = &self.layout.as_ref()?.formats;
            let mut bytes: BTreeMap<Option<FileFormat>, u64> = BTreeMap::new();
            for ((format, _), usage) in formats {
                *bytes.entry(*format).or_default() += usage.bytes;
            }
            bytes.into_iter().max_by_key(|(_, bytes)| *bytes)?.0
        })
    }

    /// What is to be said wherever numbers of this table are: that some of its files could not be listed.
    pub fn incomplete(&self) -> Option<String> {
        let Layout { gaps, parts, .. } = self.layout.as_ref()?;
        match &parts[..] {
            [] => {}
            [part] => {
                return Some(format!("only `{part}` of `{}` was scanned: its numbers are lower bounds", self.name));
            }
            parts => {
                let count = Count(parts.len() as u64);
                return Some(format!(
                    "only {count} parts of `{}` were scanned: its numbers are lower bounds",
                    self.name
                ));
            }
        }
        let prefixes = match gaps.len() as u64 {
            0 => return None,
            1 => format!("`{}`", gaps[0].prefix),
            n => format!("{} prefixes", Count(n)),
        };
        Some(format!("{prefixes} of `{}` could not be listed: its numbers are lower bounds", self.name))
    }

    /// What is missing from its numbers, with the reason.
    pub fn gaps(&self) -> Vec<Gap> {
        let Some(Layout { gaps, parts, .. }) = &self.layout else { return Vec::new() };
        let unscanned = self.location.as_ref().zip(parts.first()).map(|(location, first)| {
            let more = if parts.len() > 1 { format!(" and {} more", parts.len() - 1) } else { String::new() };
            Gap { prefix: location.to_string(), reason: format!("only `{first}`{more} was scanned") }
        });
        unscanned.into_iter().chain(gaps.iter().cloned()).collect()
    }

    /// A partition as its folder is named: `dt=2024-01-05/shop=7`.
    pub fn folder_of(&self, partition: &Partition) -> String {
        let pairs = self.partition_keys.iter().zip(&partition.values);
        let one = |(key, value): (&PartitionKey, &Option<Box<str>>)| {
            format!("{}={}", key.name, value.as_deref().unwrap_or(Partition::NULL))
        };
        pairs.map(one).collect::<Vec<_>>().join("/")
    }

    pub fn is_partitioned(&self) -> bool {
        !self.partition_keys.is_empty()
    }

    /// The partition that was registered with this very place. Without a bucket any may be meant.
    pub fn placed_at(&self, bucket: Option<&str>, path: &str) -> Option<&PartitionPlace> {
        let from = self.placed_partitions.partition_point(|placed| placed.location.path.as_str() < path);
        let same_path = self.placed_partitions[from..].iter().take_while(|placed| placed.location.path == path);
        let is_here = |placed: &&PartitionPlace| match (bucket, placed.location.bucket.as_deref()) {
            (Some(here), Some(there)) => here == there,
            _ => true,
        };
        same_path.into_iter().find(is_here)
    }

    /// Whether Glue applies filters on a partition key: on text it does, and on a number that it finds in an index, whose other
    /// keys need a filter on the first one.
    pub fn is_filtered_by_glue(&self, key: usize) -> bool {
        let Some(PartitionKey { name, data_type, .. }) = self.partition_keys.get(key) else { return false };
        let indexes = self.partition_indexes.as_ref().filter(|indexes| indexes.are_used);
        let is_first = |keys: &Vec<String>| keys.first() == Some(name);
        match data_type {
            ColumnType::String => true,
            ColumnType::Integer(_) => indexes.is_some_and(|indexes| indexes.keys.iter().any(is_first)),
            _ => false,
        }
    }

    /// Index of a partition key by name, in any case.
    pub fn key_index(&self, column: &str) -> Option<usize> {
        self.partition_keys.iter().position(|k| k.name.eq_ignore_ascii_case(column))
    }
}

impl PartitionKey {
    pub fn new(name: &str, data_type: ColumnType) -> Self {
        PartitionKey { name: name.to_lowercase(), data_type, transform: Transform::Identity, format: None }
    }
}
