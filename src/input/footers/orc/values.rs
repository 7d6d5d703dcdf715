//! Statistics of an ORC stripe as SQL values.

use std::cmp::Ordering;

use chrono::{DateTime, TimeDelta};

use super::messages::{BucketStatistics, ColumnStatistics, StringStatistics, TimestampStatistics};
use super::schema::{Kind, Node};
use crate::expr::Value;
use crate::input::footers::bounds::{End, date, decimal_text, text};
use crate::lake::ChunkValues;

/// Which values a leaf holds in a stripe of so many rows. `has_sound_text` is false of the first Java writer, whose text
/// statistics are wrong (HIVE-8732).
pub(super) fn values(node: &Node, rows: u64, statistics: &ColumnStatistics, has_sound_text: bool) -> ChunkValues {
    let nulls = statistics.values.filter(|_| !node.is_repeated).and_then(|values| rows.checked_sub(values));
    if statistics.values == Some(0) {
        return ChunkValues { range: None, nulls };
    }
    let range = match node.kind {
        Kind::Boolean => statistics.bucket.as_ref().and_then(|bucket| booleans(bucket, statistics.values?)),
        Kind::Integer => statistics.int.as_ref().and_then(|s| Some((Value::Int(s.minimum?), Value::Int(s.maximum?)))),
        Kind::Float => statistics.double.as_ref().and_then(|s| Some((single(s.minimum?)?, single(s.maximum?)?))),
        Kind::Double => statistics.double.as_ref().and_then(|s| Some((number(s.minimum?)?, number(s.maximum?)?))),
        Kind::Text | Kind::Char if has_sound_text => {
            statistics.string.as_ref().and_then(|s| texts(s, node.kind == Kind::Char))
        }
        Kind::Decimal => statistics.decimal.as_ref().and_then(|s| {
            let end = |digits: &Option<Vec<u8>>, end| decimal_text(std::str::from_utf8(digits.as_ref()?).ok()?, end);
            Some((Value::Float(end(&s.minimum, End::Low)?), Value::Float(end(&s.maximum, End::High)?)))
        }),
        Kind::Date => statistics.date.as_ref().and_then(|s| {
            let day = |days: Option<i32>| date(i64::from(days?)).map(Value::Date);
            Some((day(s.minimum)?, day(s.maximum)?))
        }),
        Kind::Timestamp => statistics.timestamp.as_ref().and_then(times),
        _ => None,
    };
    let range = range.filter(|(low, high)| low.compare(high).is_some_and(Ordering::is_le));
    ChunkValues { range, nulls }
}

/// The only bucket counts what is true.
fn booleans(bucket: &BucketStatistics, values: u64) -> Option<(Value, Value)> {
    let is_true = *bucket.count.first()?;
    Some((Value::Bool(is_true >= values), Value::Bool(is_true > 0)))
}

fn number(number: f64) -> Option<Value> {
    (!number.is_nan()).then_some(Value::Float(number + 0.0))
}

/// Single precision as the number that it is written as, because that is what literals are compared as.
fn single(stored: f64) -> Option<Value> {
    number((stored as f32).to_string().parse().ok()?)
}

/// Spaces at the end of padded text do not count when it is compared.
fn texts(statistics: &StringStatistics, is_padded: bool) -> Option<(Value, Value)> {
    let low = statistics.minimum.as_ref().or(statistics.lower_bound.as_ref())?;
    let high = statistics.maximum.as_ref().or(statistics.upper_bound.as_ref())?;
    let mut low = text(low, End::Low)?;
    if is_padded {
        low.truncate(low.trim_end_matches(' ').len());
    }
    Some((Value::String(low), Value::String(text(high, End::High)?)))
}

/// Whole milliseconds: the largest value may lie up to one later.
fn times(statistics: &TimestampStatistics) -> Option<(Value, Value)> {
    let time = |milliseconds: i64| DateTime::from_timestamp_millis(milliseconds).map(|time| time.naive_utc());
    let high = time(statistics.maximum_utc?)?.checked_add_signed(TimeDelta::nanoseconds(999_999))?;
    Some((Value::Timestamp(time(statistics.minimum_utc?)?), Value::Timestamp(high)))
}

#[cfg(test)]
mod tests {
    use super::super::messages::*;
    use super::super::schema::Schema;
    use super::*;

    fn of(kind: u32, statistics: ColumnStatistics) -> ChunkValues {
        let root =
            Type { kind: Some(12), subtypes: vec![1], field_names: vec![b"a".to_vec()], precision: None, scale: None };
        let leaf = Type { kind: Some(kind), ..Type::default() };
        let schema = Schema::of(&[root, leaf]).expect("schema");
        values(&schema.nodes[1], 10, &ColumnStatistics { values: statistics.values.or(Some(9)), ..statistics }, true)
    }

    fn range(kind: u32, statistics: ColumnStatistics) -> Option<(Value, Value)> {
        of(kind, statistics).range
    }

    #[test]
    fn numbers_and_booleans() {
        let int = |low, high| ColumnStatistics {
            int: Some(IntegerStatistics { minimum: low, maximum: high }),
            ..Default::default()
        };
        assert_eq!(
            of(4, int(Some(-3), Some(4))),
            ChunkValues { range: Some((Value::Int(-3), Value::Int(4))), nulls: Some(1) }
        );
        assert_eq!(range(4, int(Some(4), Some(-3))), None);
        assert_eq!(range(4, int(None, Some(3))), None);
        let double = |low, high| ColumnStatistics {
            double: Some(DoubleStatistics { minimum: Some(low), maximum: Some(high) }),
            ..Default::default()
        };
        assert_eq!(range(6, double(-0.5, 0.25)), Some((Value::Float(-0.5), Value::Float(0.25))));
        assert_eq!(range(6, double(f64::NAN, 0.25)), None);
        assert_eq!(range(5, double(f64::from(0.1_f32), 2.0)), Some((Value::Float(0.1), Value::Float(2.0))));
        let bucket =
            |count| ColumnStatistics { bucket: Some(BucketStatistics { count: vec![count] }), ..Default::default() };
        assert_eq!(range(0, bucket(9)), Some((Value::Bool(true), Value::Bool(true))));
        assert_eq!(range(0, bucket(3)), Some((Value::Bool(false), Value::Bool(true))));
        assert_eq!(range(0, bucket(0)), Some((Value::Bool(false), Value::Bool(false))));
        let decimal = DecimalStatistics { minimum: Some(b"-1.50".to_vec()), maximum: Some(b"20".to_vec()) };
        let decimal = ColumnStatistics { decimal: Some(decimal), ..Default::default() };
        assert_eq!(range(14, decimal), Some((Value::Float(-1.5), Value::Float(20.0))));
    }

    #[test]
    fn texts_have_values_or_bounds() {
        let statistics = |minimum: Option<&str>, lower: Option<&str>| ColumnStatistics {
            string: Some(StringStatistics {
                minimum: minimum.map(|text| text.into()),
                maximum: Some(b"x".to_vec()),
                lower_bound: lower.map(|text| text.into()),
                upper_bound: None,
            }),
            ..Default::default()
        };
        let texts = |low: &str| Some((Value::String(low.into()), Value::String("x".into())));
        assert_eq!(range(7, statistics(Some("a "), None)), texts("a "));
        assert_eq!(range(16, statistics(None, Some("b"))), texts("b"));
        assert_eq!(range(17, statistics(Some("a  "), None)), texts("a"));
        assert_eq!(range(7, statistics(None, None)), None);
        assert_eq!(range(8, statistics(Some("a"), None)), None, "binary");
    }

    #[test]
    fn dates_and_times() {
        let date = ColumnStatistics {
            date: Some(DateStatistics { minimum: Some(-1), maximum: Some(1) }),
            ..Default::default()
        };
        let day = |text: &str| Value::Date(text.parse().expect("date"));
        assert_eq!(range(15, date), Some((day("1969-12-31"), day("1970-01-02"))));
        let timestamp = TimestampStatistics { minimum_utc: Some(-1), maximum_utc: Some(1_000) };
        let timestamp = ColumnStatistics { timestamp: Some(timestamp), ..Default::default() };
        let time = |text: &str| Value::Timestamp(text.parse().expect("time"));
        assert_eq!(range(9, timestamp), Some((time("1969-12-31T23:59:59.999"), time("1970-01-01T00:00:01.000999999"))));
        let local = ColumnStatistics { timestamp: Some(TimestampStatistics::default()), ..Default::default() };
        assert_eq!(range(9, local), None, "in an unknown time zone");
    }

    #[test]
    fn only_nulls_are_known_as_such() {
        assert_eq!(
            of(4, ColumnStatistics { values: Some(0), ..Default::default() }),
            ChunkValues { range: None, nulls: Some(10) }
        );
    }
}
