//! Statistics of a Parquet column chunk as SQL values.

use std::cmp::Ordering;

use parquet::basic::ColumnOrder;
use parquet::file::statistics::Statistics;

use super::bounds::{End, big_endian, date, decimal, float, outwards, signed, text, time};
use super::parquet_type::{Encoding, Leaf};
use crate::expr::Value;
use crate::lake::ChunkValues;

/// Which values a chunk holds. Statistics whose order is not that of the type are not used
/// (<https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>, `ColumnOrder`): those of the
/// deprecated fields are signed whatever the type.
pub(super) fn values(leaf: &Leaf, order: ColumnOrder, statistics: Option<&Statistics>) -> ChunkValues {
    let Some(statistics) = statistics else { return ChunkValues::default() };
    let mut values = ChunkValues { range: None, nulls: statistics.null_count_opt() };
    let (Some(low), Some(high)) = (statistics.min_bytes_opt(), statistics.max_bytes_opt()) else { return values };
    let is_signed_order = statistics.is_min_max_deprecated() || order == ColumnOrder::UNDEFINED;
    let fits = match leaf.encoding {
        Encoding::Text | Encoding::Unsigned => !is_signed_order,
        Encoding::Decimal(_) => !is_signed_order || !is_bytes(statistics),
        _ => true,
    };
    // Whatever the order, equal ends mean that all values are equal.
    if order == ColumnOrder::UNKNOWN || !(fits || low == high) {
        return values;
    }
    let range = value(leaf, statistics, low, End::Low).zip(value(leaf, statistics, high, End::High));
    values.range = range.filter(|(low, high)| low.compare(high).is_some_and(Ordering::is_le));
    values
}

fn is_bytes(statistics: &Statistics) -> bool {
    matches!(statistics, Statistics::ByteArray(_) | Statistics::FixedLenByteArray(_))
}

fn value(leaf: &Leaf, statistics: &Statistics, bytes: &[u8], end: End) -> Option<Value> {
    match leaf.encoding {
        Encoding::Boolean => Some(Value::Bool(*bytes.first()? != 0)),
        Encoding::Signed => Some(Value::Int(signed(bytes)?)),
        Encoding::Unsigned => unsigned(bytes, end),
        Encoding::Decimal(scale) => {
            let unscaled = if is_bytes(statistics) { big_endian(bytes)? } else { i128::from(signed(bytes)?) };
            decimal(unscaled, scale, end).map(Value::Float)
        }
        Encoding::Days => date(signed(bytes)?).map(Value::Date),
        Encoding::Ticks(per_second) => time(signed(bytes)?, per_second).map(Value::Timestamp),
        Encoding::Float => float(bytes).map(Value::Float),
        Encoding::Text => text(bytes, end).map(Value::String),
        Encoding::Unknown => None,
    }
}

fn unsigned(bytes: &[u8], end: End) -> Option<Value> {
    let number = match bytes.len() {
        4 => u64::from(u32::from_le_bytes(bytes.try_into().ok()?)),
        8 => u64::from_le_bytes(bytes.try_into().ok()?),
        _ => return None,
    };
    match i64::try_from(number) {
        Ok(number) => Some(Value::Int(number)),
        Err(_) => Some(Value::Float(outwards(number as f64, end))),
    }
}

#[cfg(test)]
mod tests;
