//! One table as a file: what is declared, and its partitions as one array per key and per number.

use std::borrow::Cow;
use std::cmp::Ordering;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::footers_part::FootersPart;
use super::named_list;
use crate::expr::ColumnType;
use crate::lake::{
    Codec, Column, DeclaredBy, Documented, FileFormat, Gap, IcebergFacts, Layout, Location, ObjectRef, Oddities,
    Partition, PartitionIndexes, PartitionKey, PartitionPlace, Projection, SizeHistogram, StorageClass, Table,
    TableKind, TableName, Transform, Usage,
};

/// Values of one key, one entry per partition; `None` is NULL. They are of the file's text, or of the table that is written: a
/// million of them is copied once.
type KeyValues<'a> = Vec<Option<Text<'a>>>;

/// A text that is copied only where it has to be unescaped.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A [`Table`] as JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableFile<'a> {
    pub name: Vec<String>,
    kind: TableKind,
    declared_by: DeclaredBy,
    format: Option<FileFormat>,
    location: Option<LocationPart>,
    max_range_days: Option<u32>,
    /// Names and types.
    #[serde(with = "named_list")]
    columns: Vec<(String, String)>,
    /// Missing where nothing has a comment.
    #[serde(default, skip_serializing_if = "Documented::is_none")]
    documented: Documented,
    partition_keys: Vec<KeyPart>,
    projection: Option<Projection>,
    #[serde(borrow)]
    registered: Option<RegisteredPart<'a>>,
    /// Missing where it is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partition_indexes: Option<PartitionIndexes>,
    #[serde(borrow)]
    layout: Option<LayoutPart<'a>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LocationPart {
    bucket: Option<String>,
    path: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyPart {
    name: String,
    #[serde(rename = "type")]
    data_type: String,
    /// As Iceberg writes it: `day`, `bucket[16]`.
    transform: String,
    format: Option<String>,
}

/// Partitions that Glue has registered. Their number says how many there are when there are no keys.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegisteredPart<'a> {
    count: usize,
    #[serde(borrow)]
    values: Vec<KeyValues<'a>>,
    /// Those that have a place of their own; none in snapshots of before.
    #[serde(default, skip_serializing_if = "PlacesPart::is_empty")]
    places: PlacesPart,
}

/// Parallel arrays: which registered partitions, and where they are.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlacesPart {
    partition: Vec<usize>,
    location: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LayoutPart<'a> {
    source: String,
    #[serde(borrow)]
    partitions: PartitionsPart<'a>,
    sizes: SizesPart,
    formats: Vec<FormatPart>,
    oddities: Oddities,
    unsplittable: Vec<ObjectRef>,
    footers: Option<FootersPart>,
    classes: Vec<ClassPart>,
    gaps: Vec<Gap>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parts: Vec<String>,
    iceberg: Option<IcebergFacts>,
}

/// Parallel arrays, one entry per partition, sorted by values.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartitionsPart<'a> {
    /// One array per partition key.
    #[serde(borrow)]
    values: Vec<KeyValues<'a>>,
    files: Vec<u64>,
    bytes: Vec<u64>,
    largest: Vec<u64>,
    /// `None` when nothing is known of any partition.
    newest: Option<Vec<Option<i64>>>,
}

/// [`SizeHistogram`] without the empty slots at its end.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SizesPart {
    files: Vec<u64>,
    bytes: Vec<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FormatPart {
    format: Option<FileFormat>,
    codec: Codec,
    files: u64,
    bytes: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassPart {
    class: StorageClass,
    files: u64,
    bytes: u64,
}

impl<'a> TableFile<'a> {
    pub(super) fn of(table: &'a Table) -> TableFile<'a> {
        let keys = table.partition_keys.len();
        TableFile {
            name: table.name.0.clone(),
            kind: table.kind,
            declared_by: table.declared_by,
            format: table.format,
            location: table.location.as_ref().map(|l| LocationPart { bucket: l.bucket.clone(), path: l.path.clone() }),
            max_range_days: table.max_range_days,
            columns: table.columns.iter().map(|c| (c.name.clone(), c.data_type.to_string())).collect(),
            documented: table.documented,
            partition_keys: table.partition_keys.iter().map(KeyPart::of).collect(),
            projection: table.projection.clone(),
            registered: table.registered_partitions.as_ref().map(|rows| RegisteredPart {
                count: rows.len(),
                values: columns_of(keys, rows.len(), |row| &rows[row]),
                places: PlacesPart::of(table, rows),
            }),
            partition_indexes: table.partition_indexes.clone(),
            layout: table.layout.as_ref().map(|layout| LayoutPart::of(layout, keys)),
        }
    }

    /// The table; fails with what is wrong when the file was not written by this version or was changed since.
    pub(super) fn table(self) -> Result<Table, String> {
        let mut table = Table::new(TableName(self.name), self.declared_by);
        table.kind = self.kind;
        table.format = self.format;
        table.location = self.location.map(|l| Location { bucket: l.bucket, path: l.path });
        table.max_range_days = self.max_range_days;
        let column = |(name, data_type): (String, String)| Column { name, data_type: ColumnType::parse(&data_type) };
        table.columns = self.columns.into_iter().map(column).collect();
        table.documented = self.documented;
        table.partition_keys = self.partition_keys.into_iter().map(KeyPart::key).collect::<Result<_, _>>()?;
        table.projection = self.projection;
        table.partition_indexes = self.partition_indexes;
        let keys = table.partition_keys.len();
        table.registered_partitions = match self.registered {
            Some(RegisteredPart { count, values, places }) => {
                check_order(&values, keys, count, "registered")?;
                let rows: Vec<_> = (0..count).map(|i| row_of(&values, i)).collect();
                table.placed_partitions = places.places(&rows)?;
                Some(rows)
            }
            None => None,
        };
        table.layout = match self.layout {
            Some(layout) => Some(layout.layout(keys)?),
            None => None,
        };
        Ok(table)
    }
}

impl PlacesPart {
    /// In the order of the table's places, which is by location.
    fn of(table: &Table, rows: &[Vec<Option<Box<str>>>]) -> PlacesPart {
        let mut places = PlacesPart::default();
        for placed in &table.placed_partitions {
            if let Ok(index) = rows.binary_search(&placed.values) {
                places.partition.push(index);
                places.location.push(placed.location.to_string());
            }
        }
        places
    }

    fn is_empty(&self) -> bool {
        self.partition.is_empty()
    }

    fn places(self, rows: &[Vec<Option<Box<str>>>]) -> Result<Vec<PartitionPlace>, String> {
        if self.partition.len() != self.location.len() {
            return Err(format!(
                "`places` has {} partitions, but {} locations",
                self.partition.len(),
                self.location.len()
            ));
        }
        let place = |(index, location): (usize, String)| {
            let values =
                rows.get(index).ok_or_else(|| format!("`places` names partition {index} of {}", rows.len()))?;
            Ok(PartitionPlace { values: values.clone(), location: Location::parse(&location) })
        };
        self.partition.into_iter().zip(self.location).map(place).collect()
    }
}

impl KeyPart {
    fn of(key: &PartitionKey) -> KeyPart {
        KeyPart {
            name: key.name.clone(),
            data_type: key.data_type.to_string(),
            transform: key.transform.to_string(),
            format: key.format.clone(),
        }
    }

    fn key(self) -> Result<PartitionKey, String> {
        let transform = Transform::parse(&self.transform);
        let transform = transform.ok_or_else(|| format!("`{}` is no transform", self.transform))?;
        Ok(PartitionKey {
            name: self.name,
            data_type: ColumnType::parse(&self.data_type),
            transform,
            format: self.format,
        })
    }
}

impl<'a> LayoutPart<'a> {
    fn of(layout: &'a Layout, keys: usize) -> LayoutPart<'a> {
        let partitions = &layout.partitions;
        let SizeHistogram { counts, bytes } = &layout.histogram;
        let used = counts.iter().zip(bytes).rposition(|slot| slot != (&0, &0)).map_or(0, |last| last + 1);
        let format = |((format, codec), usage): (&(Option<FileFormat>, Codec), &Usage)| FormatPart {
            format: *format,
            codec: *codec,
            files: usage.files,
            bytes: usage.bytes,
        };
        let class = |(class, usage): (&StorageClass, &Usage)| ClassPart {
            class: *class,
            files: usage.files,
            bytes: usage.bytes,
        };
        LayoutPart {
            source: layout.source.clone(),
            partitions: PartitionsPart {
                values: columns_of(keys, partitions.len(), |row| &partitions[row].values),
                files: partitions.iter().map(|p| p.files).collect(),
                bytes: partitions.iter().map(|p| p.bytes).collect(),
                largest: partitions.iter().map(|p| p.largest).collect(),
                newest: (partitions.iter().any(|p| p.newest.is_some()))
                    .then(|| partitions.iter().map(|p| p.newest).collect()),
            },
            sizes: SizesPart { files: counts[..used].to_vec(), bytes: bytes[..used].to_vec() },
            formats: layout.formats.iter().map(format).collect(),
            oddities: layout.oddities.clone(),
            unsplittable: layout.unsplittable.clone(),
            footers: layout.footers.as_ref().map(FootersPart::of),
            classes: layout.classes.iter().map(class).collect(),
            gaps: layout.gaps.clone(),
            parts: layout.parts.clone(),
            iceberg: layout.iceberg.clone(),
        }
    }

    fn layout(self, keys: usize) -> Result<Layout, String> {
        let partitions = self.partitions.partitions(keys)?;
        let mut histogram = SizeHistogram::default();
        let (counts, bytes) = (&self.sizes.files, &self.sizes.bytes);
        if counts.len() != bytes.len() || counts.len() > histogram.counts.len() {
            return Err(format!("`sizes` has arrays of {} and {} entries", counts.len(), bytes.len()));
        }
        histogram.counts[..counts.len()].copy_from_slice(counts);
        histogram.bytes[..bytes.len()].copy_from_slice(bytes);
        let usage = |f: FormatPart| ((f.format, f.codec), Usage { files: f.files, bytes: f.bytes });
        let footers = match self.footers {
            Some(part) => Some(part.footers(partitions.len())?),
            None => None,
        };
        Ok(Layout {
            source: self.source,
            partitions,
            histogram,
            formats: self.formats.into_iter().map(usage).collect(),
            oddities: self.oddities,
            unsplittable: self.unsplittable,
            footers,
            columnar: Vec::new(),
            classes: (self.classes.into_iter()).map(|c| (c.class, Usage { files: c.files, bytes: c.bytes })).collect(),
            gaps: self.gaps,
            parts: self.parts,
            iceberg: self.iceberg,
        })
    }
}

impl PartitionsPart<'_> {
    fn partitions(self, keys: usize) -> Result<Vec<Partition>, String> {
        let count = self.files.len();
        for (name, array) in [("bytes", &self.bytes), ("largest", &self.largest)] {
            if array.len() != count {
                return Err(format!("`partitions` has {count} `files`, but {} `{name}`", array.len()));
            }
        }
        if let Some(newest) = self.newest.as_ref().filter(|newest| newest.len() != count) {
            return Err(format!("`partitions` has {count} `files`, but {} `newest`", newest.len()));
        }
        check_order(&self.values, keys, count, "partitions")?;
        let newest = self.newest.as_deref();
        let partition = |i: usize| Partition {
            values: row_of(&self.values, i),
            files: self.files[i],
            bytes: self.bytes[i],
            largest: self.largest[i],
            newest: newest.and_then(|newest| newest[i]),
        };
        Ok((0..count).into_par_iter().map(partition).collect())
    }
}

/// Rows of values as one array per key.
fn columns_of<'a>(keys: usize, rows: usize, row: impl Fn(usize) -> &'a [Option<Box<str>>]) -> Vec<KeyValues<'a>> {
    let value = |i: usize, key: usize| row(i).get(key)?.as_deref().map(|text| Text(Cow::Borrowed(text)));
    (0..keys).map(|key| (0..rows).map(|i| value(i, key)).collect()).collect()
}

/// The values of one partition. All arrays are as long as [`check_order`] was told.
fn row_of(columns: &[KeyValues<'_>], i: usize) -> Vec<Option<Box<str>>> {
    columns.iter().map(|values| values[i].as_ref().map(|text| Box::from(&*text.0))).collect()
}

/// Whether there is one array per key, each of the same length, and partitions are sorted and different.
fn check_order(columns: &[KeyValues<'_>], keys: usize, count: usize, part: &str) -> Result<(), String> {
    if columns.len() != keys {
        return Err(format!("`{part}` has values of {} keys, the table has {keys}", columns.len()));
    }
    if let Some(values) = columns.iter().find(|values| values.len() != count) {
        return Err(format!("`{part}` has {} values of a key for {count} partitions", values.len()));
    }
    if keys == 0 && count > 1 {
        return Err(format!("`{part}` has {count} entries, a table without keys has one"));
    }
    let order = |i: &usize| columns.iter().map(|values| values[i - 1].cmp(&values[*i])).find(|order| order.is_ne());
    match (1..count).into_par_iter().find_first(|i| order(i) != Some(Ordering::Less)) {
        None => Ok(()),
        Some(i) => Err(format!(
            "`{part}` are not sorted, or not different: {} stands before {}",
            shown(&row_of(columns, i - 1)),
            shown(&row_of(columns, i))
        )),
    }
}

fn shown(values: &[Option<Box<str>>]) -> String {
    let values: Vec<&str> = values.iter().map(|value| value.as_deref().unwrap_or("NULL")).collect();
    format!("`{}`", values.join("/"))
}
