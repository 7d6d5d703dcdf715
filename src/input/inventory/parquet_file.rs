//! Parquet files of a report: only the columns that tell something are read, batch by batch.

use std::fs::File;

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{BoolType, ByteArrayType, DataType, Int32Type, Int64Type, Int96Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};

use super::objects::{Classes, Entry, Objects};
use super::texts::Texts;

/// Rows decoded at once.
const BATCH: usize = 4096;

/// Reads the objects of a file.
pub(super) fn read(file: File, objects: &mut Objects<'_>) -> Result<()> {
    let reader = SerializedFileReader::new(file)?;
    for number in 0..reader.num_row_groups() {
        let group = reader.get_row_group(number)?;
        Rows::open(group.as_ref())?.add(group.metadata().num_rows(), objects)?;
    }
    Ok(())
}

/// The columns of a row group.
struct Rows {
    key: Text,
    size: Whole,
    modified: Option<Time>,
    class: Option<Text>,
    is_latest: Option<Column<BoolType>>,
    is_delete_marker: Option<Column<BoolType>>,
}

/// Values of one column of the rows of a batch.
struct Column<T: DataType> {
    reader: ColumnReaderImpl<T>,
    is_optional: bool,
    levels: Vec<i16>,
    values: Vec<T::T>,
    /// Values that were taken.
    taken: usize,
}

/// Texts.
enum Text {
    Pages(Box<Texts>),
    /// Of encodings that are rare in inventories.
    Values(Box<Column<ByteArrayType>>),
}

/// Whole numbers of either length.
enum Whole {
    Short(Column<Int32Type>),
    Long(Column<Int64Type>),
}

/// Times, and how many of their units a second has.
enum Time {
    Since1970(Column<Int64Type>, i64),
    /// As Hive and older Spark write them.
    Julian(Column<Int96Type>),
}

impl<T: DataType> Column<T> {
    fn new(reader: ColumnReaderImpl<T>, descriptor: &ColumnDescriptor) -> Column<T> {
        let is_optional = descriptor.max_def_level() > 0;
        Column { reader, is_optional, levels: Vec::new(), values: Vec::new(), taken: 0 }
    }

    /// Reads the next rows, all of them.
    fn fill(&mut self, rows: usize) -> Result<()> {
        self.levels.clear();
        self.values.clear();
        self.taken = 0;
        let mut read = 0;
        while read < rows {
            let levels = self.is_optional.then_some(&mut self.levels);
            let (more, ..) = self.reader.read_records(rows - read, levels, None, &mut self.values)?;
            if more == 0 {
                return Err(ParquetError::General("a column has fewer values than its row group has rows".to_string()));
            }
            read += more;
        }
        Ok(())
    }

    /// The value of a row; rows come one after the other.
    fn next(&mut self, row: usize) -> Option<&T::T> {
        if self.is_optional && self.levels.get(row) != Some(&1) {
            return None;
        }
        self.taken += 1;
        self.values.get(self.taken - 1)
    }
}

impl Text {
    fn open(group: &dyn RowGroupReader, name: &str) -> Result<Option<Text>> {
        let schema = group.metadata().schema_descr();
        let Some(index) = position(schema, name)? else { return Ok(None) };
        let descriptor = &schema.columns()[index];
        if descriptor.physical_type() != Type::BYTE_ARRAY {
            return Err(unexpected(name));
        }
        if Texts::are_in(group.metadata().column(index).encodings()) {
            let pages = group.get_column_page_reader(index)?;
            return Ok(Some(Text::Pages(Box::new(Texts::new(pages, descriptor.max_def_level() > 0)))));
        }
        match group.get_column_reader(index)? {
            ColumnReader::ByteArrayColumnReader(reader) => {
                Ok(Some(Text::Values(Box::new(Column::new(reader, descriptor)))))
            }
            _ => Err(unexpected(name)),
        }
    }

    fn fill(&mut self, rows: usize) -> Result<()> {
        match self {
            Text::Pages(_) => Ok(()),
            Text::Values(column) => column.fill(rows),
        }
    }

    fn next(&mut self, row: usize) -> Result<Option<&[u8]>> {
        match self {
            Text::Pages(texts) => texts.next(),
            Text::Values(column) => Ok(column.next(row).map(|value| value.data())),
        }
    }
}

impl Whole {
    fn fill(&mut self, rows: usize) -> Result<()> {
        match self {
            Whole::Short(column) => column.fill(rows),
            Whole::Long(column) => column.fill(rows),
        }
    }

    fn next(&mut self, row: usize) -> Option<u64> {
        match self {
            Whole::Short(column) => column.next(row).and_then(|value| u64::try_from(*value).ok()),
            Whole::Long(column) => column.next(row).and_then(|value| u64::try_from(*value).ok()),
        }
    }
}

impl Time {
    fn fill(&mut self, rows: usize) -> Result<()> {
        match self {
            Time::Since1970(column, _) => column.fill(rows),
            Time::Julian(column) => column.fill(rows),
        }
    }

    fn next(&mut self, row: usize) -> Option<i64> {
        match self {
            Time::Since1970(column, units) => column.next(row).map(|value| value.div_euclid(*units)),
            Time::Julian(column) => column.next(row).map(|value| value.to_seconds()),
        }
    }
}

impl Rows {
    fn open(group: &dyn RowGroupReader) -> Result<Rows> {
        let schema = group.metadata().schema_descr();
        let flag = |name: &str| match reader(group, schema, name)? {
            Some((ColumnReader::BoolColumnReader(reader), descriptor)) => Ok(Some(Column::new(reader, descriptor))),
            Some(_) => Err(unexpected(name)),
            None => Ok(None),
        };
        Ok(Rows {
            key: Text::open(group, "key")?
                .ok_or_else(|| ParquetError::General("it has no column `key`".to_string()))?,
            size: match reader(group, schema, "size")? {
                Some((ColumnReader::Int64ColumnReader(reader), descriptor)) => {
                    Whole::Long(Column::new(reader, descriptor))
                }
                Some((ColumnReader::Int32ColumnReader(reader), descriptor)) => {
                    Whole::Short(Column::new(reader, descriptor))
                }
                Some(_) => return Err(unexpected("size")),
                None => return Err(ParquetError::General("it has no column `size`".to_string())),
            },
            modified: time(group, schema)?,
            class: Text::open(group, "storage_class")?,
            is_latest: flag("is_latest")?,
            is_delete_marker: flag("is_delete_marker")?,
        })
    }

    fn add(mut self, rows: i64, objects: &mut Objects<'_>) -> Result<()> {
        let mut classes = Classes::default();
        let mut left = usize::try_from(rows).unwrap_or(0);
        while left > 0 {
            let batch = left.min(BATCH);
            self.fill(batch)?;
            for row in 0..batch {
                let class = match &mut self.class {
                    Some(column) => column.next(row)?.and_then(|name| classes.of(name)),
                    None => None,
                };
                let entry = Entry {
                    size: self.size.next(row),
                    modified: self.modified.as_mut().and_then(|column| column.next(row)),
                    class,
                    is_latest: self.is_latest.as_mut().is_none_or(|column| column.next(row) == Some(&true)),
                    is_delete_marker: self
                        .is_delete_marker
                        .as_mut()
                        .is_some_and(|column| column.next(row) == Some(&true)),
                };
                let key = self.key.next(row)?.ok_or_else(|| ParquetError::General("a key is NULL".to_string()))?;
                match std::str::from_utf8(key) {
                    Ok(key) => objects.add(key, entry),
                    Err(_) => objects.add(&String::from_utf8_lossy(key), entry),
                }
            }
            left -= batch;
        }
        Ok(())
    }

    fn fill(&mut self, rows: usize) -> Result<()> {
        self.key.fill(rows)?;
        self.size.fill(rows)?;
        self.modified.as_mut().map_or(Ok(()), |column| column.fill(rows))?;
        self.class.as_mut().map_or(Ok(()), |column| column.fill(rows))?;
        self.is_latest.as_mut().map_or(Ok(()), |column| column.fill(rows))?;
        self.is_delete_marker.as_mut().map_or(Ok(()), |column| column.fill(rows))
    }
}

/// Where a column of the schema's top level is, in any case of letters.
fn position(schema: &SchemaDescriptor, name: &str) -> Result<Option<usize>> {
    let columns = schema.columns();
    let Some(index) = columns.iter().position(|column| column.path().string().eq_ignore_ascii_case(name)) else {
        return Ok(None);
    };
    if columns[index].max_def_level() > 1 || columns[index].max_rep_level() > 0 {
        return Err(unexpected(name));
    }
    Ok(Some(index))
}

fn reader<'a>(
    group: &dyn RowGroupReader,
    schema: &'a SchemaDescriptor,
    name: &str,
) -> Result<Option<(ColumnReader, &'a ColumnDescriptor)>> {
    let Some(index) = position(schema, name)? else { return Ok(None) };
    Ok(Some((group.get_column_reader(index)?, &schema.columns()[index])))
}

fn time(group: &dyn RowGroupReader, schema: &SchemaDescriptor) -> Result<Option<Time>> {
    let name = "last_modified_date";
    Ok(match reader(group, schema, name)? {
        Some((ColumnReader::Int64ColumnReader(reader), descriptor)) => {
            let units = match (descriptor.logical_type_ref(), descriptor.converted_type()) {
                (Some(LogicalType::Timestamp(time)), _) => match time.unit {
                    TimeUnit::MILLIS => 1_000,
                    TimeUnit::MICROS => 1_000_000,
                    TimeUnit::NANOS => 1_000_000_000,
                },
                (_, ConvertedType::TIMESTAMP_MICROS) => 1_000_000,
                (_, ConvertedType::TIMESTAMP_MILLIS) => 1_000,
                _ => return Err(unexpected(name)),
            };
            Some(Time::Since1970(Column::new(reader, descriptor), units))
        }
        Some((ColumnReader::Int96ColumnReader(reader), descriptor)) => {
            Some(Time::Julian(Column::new(reader, descriptor)))
        }
        Some(_) => return Err(unexpected(name)),
        None => None,
    })
}

fn unexpected(name: &str) -> ParquetError {
    ParquetError::General(format!("its column `{name}` has a type that is not expected"))
}
