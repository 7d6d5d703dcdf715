//! Parquet footers of local files: the columns of a table that nobody describes.

use std::fs::File;

use parquet::basic::{ConvertedType, Type as PhysicalType};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::schema::types::Type;

use crate::expr::ColumnType;
use crate::lake::Column;

/// The columns of the first file whose footer can be read.
pub(super) fn columns(paths: &[String]) -> Vec<Column> {
    paths.iter().find_map(|path| footer(path)).map_or(Vec::new(), |footer| fields(&footer))
}

fn footer(path: &str) -> Option<ParquetMetaData> {
    let file = File::open(path).ok()?;
    ParquetMetaDataReader::new().parse_and_finish(&file).ok()
}

fn fields(footer: &ParquetMetaData) -> Vec<Column> {
    let root = footer.file_metadata().schema_descr().root_schema();
    let column = |t: &Type| Column { name: t.name().to_lowercase(), data_type: column_type(t) };
    root.get_fields().iter().map(|t| column(t)).collect()
}

fn column_type(field: &Type) -> ColumnType {
    let converted = field.get_basic_info().converted_type();
    if !field.is_primitive() {
        let kind = match converted {
            ConvertedType::LIST => "array",
            ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE => "map",
            _ => "struct",
        };
        return ColumnType::Other(kind.to_string());
    }
    match (converted, field.get_physical_type()) {
        (ConvertedType::DECIMAL, _) => ColumnType::Decimal(field.get_precision() as u8, field.get_scale() as u8),
        (ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON, _) => ColumnType::String,
        (ConvertedType::DATE, _) => ColumnType::Date,
        (ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS, _) => ColumnType::Timestamp,
        (ConvertedType::INT_8 | ConvertedType::UINT_8, _) => ColumnType::Integer(1),
        (ConvertedType::INT_16 | ConvertedType::UINT_16, _) => ColumnType::Integer(2),
        (_, PhysicalType::BOOLEAN) => ColumnType::Boolean,
        (_, PhysicalType::INT32) => ColumnType::Integer(4),
        (_, PhysicalType::INT64) => ColumnType::Integer(8),
        // Written by Spark and Hive for timestamps.
        (_, PhysicalType::INT96) => ColumnType::Timestamp,
        (_, PhysicalType::FLOAT) => ColumnType::Float(4),
        (_, PhysicalType::DOUBLE) => ColumnType::Float(8),
        (_, PhysicalType::BYTE_ARRAY | PhysicalType::FIXED_LEN_BYTE_ARRAY) => ColumnType::Binary,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;

    pub(in super::super) fn write(path: &std::path::Path) {
        let schema =
            parse_message_type("message m { required int64 Id; required binary Note (UTF8); }").expect("schema");
        let file = File::create(path).expect("file");
        let mut writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::default()).expect("writer");
        let mut group = writer.next_row_group().expect("group");
        let mut column = group.next_column().expect("column").expect("id");
        column.typed::<Int64Type>().write_batch(&[1, 2, 3], None, None).expect("ids");
        column.close().expect("close");
        let mut column = group.next_column().expect("column").expect("note");
        let notes: Vec<ByteArray> =
            (0..3).map(|i| ByteArray::from(format!("{i}{}", "x".repeat(4000)).into_bytes())).collect();
        column.typed::<ByteArrayType>().write_batch(&notes, None, None).expect("notes");
        column.close().expect("close");
        group.close().expect("close");
        writer.close().expect("close");
    }

    #[test]
    fn columns_are_those_of_the_first_readable_file() {
        let dir = tempfile::tempdir().expect("tempdir");
        let (good, bad) = (dir.path().join("a.parquet"), dir.path().join("b.parquet"));
        write(&good);
        std::fs::write(&bad, "PAR1 no footer").expect("file");
        let paths: Vec<String> = [bad, good].iter().map(|p| p.to_string_lossy().into_owned()).collect();
        let columns = columns(&paths);
        assert_eq!(columns[0], Column { name: "id".into(), data_type: ColumnType::Integer(8) });
        assert_eq!(columns[1], Column { name: "note".into(), data_type: ColumnType::String });
        assert_eq!(super::columns(&paths[..1]), []);
    }
}
