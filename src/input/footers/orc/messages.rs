//! The protocol buffers of ORC's tail, as far as they are read
//! (<https://github.com/apache/orc-format/blob/main/src/main/proto/orc/proto/orc_proto.proto>). Texts are bytes: a writer that cuts
//! one within a character must not make the whole message unreadable.

/// The last section of a file.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct PostScript {
    #[prost(uint64, optional, tag = "1")]
    pub footer_length: Option<u64>,
    /// 0 none, 1 zlib, 2 snappy, 3 LZO, 4 LZ4, 5 zstd.
    #[prost(uint32, optional, tag = "2")]
    pub compression: Option<u32>,
    #[prost(uint64, optional, tag = "3")]
    pub compression_block_size: Option<u64>,
    #[prost(uint64, optional, tag = "5")]
    pub metadata_length: Option<u64>,
    /// 0 is the original Java writer, whose text statistics are wrong.
    #[prost(uint32, optional, tag = "6")]
    pub writer_version: Option<u32>,
    /// Statistics of encrypted columns.
    #[prost(uint64, optional, tag = "7")]
    pub stripe_statistics_length: Option<u64>,
}

/// Schema and stripes.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct FileFooter {
    #[prost(message, repeated, tag = "3")]
    pub stripes: Vec<StripeInformation>,
    #[prost(message, repeated, tag = "4")]
    pub types: Vec<Type>,
    /// Present where columns are encrypted.
    #[prost(bytes = "vec", optional, tag = "10")]
    pub encryption: Option<Vec<u8>>,
}

/// Where a stripe lies: indexes, data and its footer, one after the other.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StripeInformation {
    #[prost(uint64, optional, tag = "1")]
    pub offset: Option<u64>,
    #[prost(uint64, optional, tag = "2")]
    pub index_length: Option<u64>,
    #[prost(uint64, optional, tag = "3")]
    pub data_length: Option<u64>,
    #[prost(uint64, optional, tag = "4")]
    pub footer_length: Option<u64>,
    #[prost(uint64, optional, tag = "5")]
    pub rows: Option<u64>,
}

/// A node of the schema, in pre-order.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Type {
    #[prost(uint32, optional, tag = "1")]
    pub kind: Option<u32>,
    #[prost(uint32, repeated, packed = "true", tag = "2")]
    pub subtypes: Vec<u32>,
    #[prost(bytes = "vec", repeated, tag = "3")]
    pub field_names: Vec<Vec<u8>>,
    #[prost(uint32, optional, tag = "5")]
    pub precision: Option<u32>,
    #[prost(uint32, optional, tag = "6")]
    pub scale: Option<u32>,
}

/// The streams of a stripe.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StripeFooter {
    #[prost(message, repeated, tag = "1")]
    pub streams: Vec<Stream>,
    /// By node of the schema.
    #[prost(message, repeated, tag = "2")]
    pub encodings: Vec<ColumnEncoding>,
    /// In which timestamps are counted.
    #[prost(bytes = "vec", tag = "3")]
    pub writer_timezone: Vec<u8>,
}

/// How the values of a column are stored.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ColumnEncoding {
    /// 0 direct, 1 dictionary; 2 and 3 the same with version 2 of integers.
    #[prost(uint32, optional, tag = "1")]
    pub kind: Option<u32>,
    #[prost(uint32, optional, tag = "2")]
    pub dictionary_size: Option<u32>,
}

/// One stream of a column.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Stream {
    #[prost(uint32, optional, tag = "1")]
    pub kind: Option<u32>,
    #[prost(uint32, optional, tag = "2")]
    pub column: Option<u32>,
    #[prost(uint64, optional, tag = "3")]
    pub length: Option<u64>,
}

/// Statistics of all stripes.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Metadata {
    #[prost(message, repeated, tag = "1")]
    pub stripes: Vec<StripeStatistics>,
}

/// Statistics of one stripe, by node of the schema.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StripeStatistics {
    #[prost(message, repeated, tag = "1")]
    pub columns: Vec<ColumnStatistics>,
}

/// At most one kind of statistics is there.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ColumnStatistics {
    /// Values that are not NULL.
    #[prost(uint64, optional, tag = "1")]
    pub values: Option<u64>,
    #[prost(message, optional, tag = "2")]
    pub int: Option<IntegerStatistics>,
    #[prost(message, optional, tag = "3")]
    pub double: Option<DoubleStatistics>,
    #[prost(message, optional, tag = "4")]
    pub string: Option<StringStatistics>,
    #[prost(message, optional, tag = "5")]
    pub bucket: Option<BucketStatistics>,
    #[prost(message, optional, tag = "6")]
    pub decimal: Option<DecimalStatistics>,
    #[prost(message, optional, tag = "7")]
    pub date: Option<DateStatistics>,
    #[prost(message, optional, tag = "9")]
    pub timestamp: Option<TimestampStatistics>,
}

/// Of all whole numbers.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct IntegerStatistics {
    #[prost(sint64, optional, tag = "1")]
    pub minimum: Option<i64>,
    #[prost(sint64, optional, tag = "2")]
    pub maximum: Option<i64>,
}

/// Of single and double precision.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct DoubleStatistics {
    #[prost(double, optional, tag = "1")]
    pub minimum: Option<f64>,
    #[prost(double, optional, tag = "2")]
    pub maximum: Option<f64>,
}

/// Of text; long values have only bounds.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StringStatistics {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub minimum: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub maximum: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "4")]
    pub lower_bound: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "5")]
    pub upper_bound: Option<Vec<u8>>,
}

/// Of booleans: how many are true.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct BucketStatistics {
    #[prost(uint64, repeated, packed = "true", tag = "1")]
    pub count: Vec<u64>,
}

/// In digits.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct DecimalStatistics {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub minimum: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub maximum: Option<Vec<u8>>,
}

/// Days since 1970.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct DateStatistics {
    #[prost(sint32, optional, tag = "1")]
    pub minimum: Option<i32>,
    #[prost(sint32, optional, tag = "2")]
    pub maximum: Option<i32>,
}

/// Milliseconds since 1970, rounded down. Older writers counted in a time zone that is not known here.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct TimestampStatistics {
    #[prost(sint64, optional, tag = "3")]
    pub minimum_utc: Option<i64>,
    #[prost(sint64, optional, tag = "4")]
    pub maximum_utc: Option<i64>,
}
