//! One table as a file: what is declared, and its partitions as one array per key and per number.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::footers_part::FootersPart;
use super::named_list;
use crate::expr::ColumnType;
use crate::lake::{
    Codec, Column, DeclaredBy, FileFormat, Layout, Location, ObjectRef, Oddities, Partition, PartitionKey, Projection,
    SizeHistogram, Table, TableKind, TableName, Transform, Usage,
};

/// Values of one key, one entry per partition; `None` is NULL.
type KeyValues = Vec<Option<Box<str>>>;

/// A [`Table`] as JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableFile {
    pub name: Vec<String>,
    kind: TableKind,
    declared_by: DeclaredBy,
    format: Option<FileFormat>,
    location: Option<LocationPart>,
    max_range_days: Option<u32>,
    /// Names and types.
    #[serde(with = "named_list")]
    columns: Vec<(String, String)>,
    partition_keys: Vec<KeyPart>,
    projection: Option<Projection>,
    registered: Option<RegisteredPart>,
    layout: Option<LayoutPart>,
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
struct RegisteredPart {
    count: usize,
    values: Vec<KeyValues>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LayoutPart {
    source: String,
    partitions: PartitionsPart,
    sizes: SizesPart,
    formats: Vec<FormatPart>,
    oddities: Oddities,
    unsplittable: Vec<ObjectRef>,
    footers: Option<FootersPart>,
}

/// Parallel arrays, one entry per partition, sorted by values.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartitionsPart {
    /// One array per partition key.
    values: Vec<KeyValues>,
    files: Vec<u64>,
    bytes: Vec<u64>,
    largest: Vec<u64>,
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

impl TableFile {
    pub(super) fn of(table: &Table) -> TableFile {
        let keys = table.partition_keys.len();
        TableFile {
            name: table.name.0.clone(),
            kind: table.kind,
            declared_by: table.declared_by,
            format: table.format,
            location: table.location.as_ref().map(|l| LocationPart { bucket: l.bucket.clone(), path: l.path.clone() }),
            max_range_days: table.max_range_days,
            columns: table.columns.iter().map(|c| (c.name.clone(), c.data_type.to_string())).collect(),
            partition_keys: table.partition_keys.iter().map(KeyPart::of).collect(),
            projection: table.projection.clone(),
            registered: table.registered_partitions.as_ref().map(|rows| RegisteredPart {
                count: rows.len(),
                values: columns_of(keys, rows.len(), |row| &rows[row]),
            }),
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
        table.partition_keys = self.partition_keys.into_iter().map(KeyPart::key).collect::<Result<_, _>>()?;
        table.projection = self.projection;
        let keys = table.partition_keys.len();
        table.registered_partitions = match self.registered {
            Some(RegisteredPart { count, values }) => Some(rows_of(values, keys, count, "registered")?),
            None => None,
        };
        table.layout = match self.layout {
            Some(layout) => Some(layout.layout(keys)?),
            None => None,
        };
        Ok(table)
    }
}

impl KeyPart {
    fn of(key: &PartitionKey) -> KeyPart {
        let transform = match key.transform {
            Transform::Identity => "identity".to_string(),
            Transform::Year => "year".to_string(),
            Transform::Month => "month".to_string(),
            Transform::Day => "day".to_string(),
            Transform::Hour => "hour".to_string(),
            Transform::Bucket(buckets) => format!("bucket[{buckets}]"),
            Transform::Truncate(width) => format!("truncate[{width}]"),
        };
        KeyPart { name: key.name.clone(), data_type: key.data_type.to_string(), transform, format: key.format.clone() }
    }

    fn key(self) -> Result<PartitionKey, String> {
        let number =
            |name: &str| self.transform.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?.parse::<u32>().ok();
        let transform = match self.transform.as_str() {
            "identity" => Transform::Identity,
            "year" => Transform::Year,
            "month" => Transform::Month,
            "day" => Transform::Day,
            "hour" => Transform::Hour,
            written => (number("bucket").map(Transform::Bucket))
                .or_else(|| number("truncate").map(Transform::Truncate))
                .ok_or_else(|| format!("`{written}` is no transform"))?,
        };
        Ok(PartitionKey {
            name: self.name,
            data_type: ColumnType::parse(&self.data_type),
            transform,
            format: self.format,
        })
    }
}

impl LayoutPart {
    fn of(layout: &Layout, keys: usize) -> LayoutPart {
        let partitions = &layout.partitions;
        let SizeHistogram { counts, bytes } = &layout.histogram;
        let used = counts.iter().zip(bytes).rposition(|slot| slot != (&0, &0)).map_or(0, |last| last + 1);
        let format = |((format, codec), usage): (&(Option<FileFormat>, Codec), &Usage)| FormatPart {
            format: *format,
            codec: *codec,
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
            },
            sizes: SizesPart { files: counts[..used].to_vec(), bytes: bytes[..used].to_vec() },
            formats: layout.formats.iter().map(format).collect(),
            oddities: layout.oddities.clone(),
            unsplittable: layout.unsplittable.clone(),
            footers: layout.footers.as_ref().map(FootersPart::of),
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
            local: Vec::new(),
        })
    }
}

impl PartitionsPart {
    fn partitions(self, keys: usize) -> Result<Vec<Partition>, String> {
        let count = self.files.len();
        for (name, array) in [("bytes", &self.bytes), ("largest", &self.largest)] {
            if array.len() != count {
                return Err(format!("`partitions` has {count} `files`, but {} `{name}`", array.len()));
            }
        }
        let rows = rows_of(self.values, keys, count, "partitions")?;
        let numbers = self.files.into_iter().zip(self.bytes).zip(self.largest);
        let partition = |(values, ((files, bytes), largest))| Partition { values, files, bytes, largest };
        Ok(rows.into_iter().zip(numbers).map(partition).collect())
    }
}

/// Rows of values as one array per key.
fn columns_of<'a>(keys: usize, rows: usize, row: impl Fn(usize) -> &'a KeyValues) -> Vec<KeyValues> {
    (0..keys).map(|key| (0..rows).map(|i| row(i).get(key).cloned().flatten()).collect()).collect()
}

/// One array per key as rows of values, which must be sorted and different.
fn rows_of(columns: Vec<KeyValues>, keys: usize, count: usize, part: &str) -> Result<Vec<KeyValues>, String> {
    if columns.len() != keys {
        return Err(format!("`{part}` has values of {} keys, the table has {keys}", columns.len()));
    }
    if let Some(values) = columns.iter().find(|values| values.len() != count) {
        return Err(format!("`{part}` has {} values of a key for {count} partitions", values.len()));
    }
    let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
    let row = |_| columns.iter_mut().map(|values| values.next().flatten()).collect();
    let rows: Vec<KeyValues> = (0..count).map(row).collect();
    let unordered = rows.windows(2).find(|pair| pair[0].cmp(&pair[1]) != Ordering::Less);
    match unordered {
        None => Ok(rows),
        Some(_) if keys == 0 => Err(format!("`{part}` has {count} entries, a table without keys has one")),
        Some(pair) => Err(format!(
            "`{part}` are not sorted, or not different: {} stands before {}",
            shown(&pair[0]),
            shown(&pair[1])
        )),
    }
}

fn shown(values: &[Option<Box<str>>]) -> String {
    let values: Vec<&str> = values.iter().map(|value| value.as_deref().unwrap_or("NULL")).collect();
    format!("`{}`", values.join("/"))
}
