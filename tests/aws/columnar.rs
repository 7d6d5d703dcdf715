//! Parquet files for buckets.

use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

/// A Parquet file of about 8 kB per row group.
pub fn parquet(groups: i64) -> Vec<u8> {
    let schema = parse_message_type("message m { required int64 id; required binary note (UTF8); }").expect("schema");
    let properties = Arc::new(WriterProperties::default());
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), properties).expect("a writer");
    for number in 0..groups {
        let mut group = writer.next_row_group().expect("a group");
        let mut column = group.next_column().expect("a column").expect("id");
        column.typed::<Int64Type>().write_batch(&[number * 10, number * 10 + 1], None, None).expect("written");
        column.close().expect("closed");
        let mut column = group.next_column().expect("a column").expect("note");
        let notes = [1, 2].map(|i| ByteArray::from(format!("{i}{}", "x".repeat(4000)).into_bytes()));
        column.typed::<ByteArrayType>().write_batch(&notes, None, None).expect("written");
        column.close().expect("closed");
        group.close().expect("closed");
    }
    writer.into_inner().expect("written")
}
