//! The footer of a Parquet file (<https://parquet.apache.org/docs/file-format/metadata/>).

use parquet::basic::ColumnOrder;
use parquet::file::metadata::{
    ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
    RowGroupMetaData,
};

use super::Footer;
use super::parquet_type::{self, Leaf};
use super::parquet_values::values;
use super::tail::Tail;
use crate::lake::{Column, LeafColumn};

/// Length of the metadata and magic number.
const END: u64 = 8;

/// Reads where the bytes of each column lie and which values they hold.
pub(super) fn footer(tail: &mut Tail<'_>) -> Result<Footer, String> {
    let (metadata, length) = metadata(tail)?;
    let schema = metadata.file_metadata().schema_descr();
    let groups = metadata.row_groups();
    let mut footer = Footer {
        length,
        starts: groups.iter().map(start).collect(),
        rows: groups.iter().map(|group| unsigned(group.num_rows())).collect(),
        ..Footer::default()
    };
    let mut total = length;
    for (index, descriptor) in schema.columns().iter().enumerate() {
        let leaf = Leaf::of(descriptor.self_type());
        let order = metadata.file_metadata().column_orders().and_then(|orders| orders.get(index).copied());
        let order = order.unwrap_or(ColumnOrder::UNDEFINED);
        let mut column = LeafColumn {
            path: descriptor.path().string().to_lowercase(),
            data_type: leaf.data_type.clone(),
            bytes: Vec::with_capacity(groups.len()),
            values: Vec::new(),
        };
        let chunks = || groups.iter().filter_map(|group| group.columns().get(index));
        for chunk in chunks() {
            let bytes = unsigned(chunk.compressed_size());
            total = total.saturating_add(bytes);
            column.bytes.push(bytes);
            footer.indexes = footer.indexes.saturating_add(indexes(chunk));
        }
        if column.bytes.len() != groups.len() {
            return Err("its row groups do not have the columns of its schema".to_string());
        }
        if chunks().any(|chunk| chunk.statistics().is_some()) {
            column.values = chunks().map(|chunk| values(&leaf, order, chunk.statistics())).collect();
        }
        footer.columns.push(column);
    }
    if total > tail.size {
        return Err("its footer counts more bytes than the file has".to_string());
    }
    if footer.starts.iter().any(|start| *start > tail.size) {
        return Err("its footer points outside of the file".to_string());
    }
    footer.indexes = footer.indexes.min(tail.size);
    Ok(footer)
}

/// The columns of the schema.
pub(super) fn fields(tail: &mut Tail<'_>) -> Result<Vec<Column>, String> {
    let (metadata, _) = metadata(tail)?;
    let root = metadata.file_metadata().schema_descr().root_schema();
    let fields = root.get_fields().iter();
    Ok(fields.map(|f| Column { name: f.name().to_lowercase(), data_type: parquet_type::column_type(f) }).collect())
}

/// The metadata and its length with its end.
fn metadata(tail: &mut Tail<'_>) -> Result<(ParquetMetaData, u64), String> {
    let end: [u8; 4] = tail.last(END)?[..4].try_into().map_err(|_| "it is too short".to_string())?;
    let length = u64::from(u32::from_le_bytes(end)) + END;
    let bytes = &tail.last(length)?[..(length - END) as usize];
    let options = ParquetMetaDataOptions::new()
        .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll);
    let decode = |options| ParquetMetaDataReader::decode_metadata_with_options(bytes, Some(&options));
    // Statistics that cannot be read are no reason to know nothing.
    let without_statistics = options.clone().with_column_stats_policy(ParquetStatisticsPolicy::SkipAll);
    let metadata = decode(options).or_else(|_| decode(without_statistics));
    metadata.map(|metadata| (metadata, length)).map_err(|_| "its Parquet footer is corrupt".to_string())
}

/// Where the first page of a row group lies.
fn start(group: &RowGroupMetaData) -> u64 {
    let Some(first) = group.columns().first() else { return 0 };
    let data = first.data_page_offset();
    unsigned(first.dictionary_page_offset().filter(|dictionary| (1..data).contains(dictionary)).unwrap_or(data))
}

/// Bytes of the page index and the bloom filter of a chunk.
fn indexes(chunk: &ColumnChunkMetaData) -> u64 {
    let lengths = [chunk.column_index_length(), chunk.offset_index_length(), chunk.bloom_filter_length()];
    lengths.into_iter().flatten().map(|length| unsigned(i64::from(length))).sum()
}

/// The format has signed numbers for what cannot be negative.
fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
