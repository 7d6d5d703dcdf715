//! Every physical and logical type, as the format's own library stores and orders them.

use parquet::basic::{ColumnOrder, SortOrder};
use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::schema::parser::parse_message_type;

use super::*;

const TYPED: ColumnOrder = ColumnOrder::TYPE_DEFINED_ORDER(SortOrder::SIGNED);

fn leaf(schema: &str) -> Leaf {
    let schema = parse_message_type(&format!("message m {{ required {schema}; }}")).expect("schema");
    Leaf::of(&schema.get_fields()[0])
}

fn range(schema: &str, statistics: Statistics) -> Option<(Value, Value)> {
    values(&leaf(schema), TYPED, Some(&statistics)).range
}

fn ints(low: i32, high: i32) -> Statistics {
    Statistics::int32(Some(low), Some(high), None, Some(0), false)
}

fn longs(low: i64, high: i64) -> Statistics {
    Statistics::int64(Some(low), Some(high), None, Some(0), false)
}

fn bytes(low: &[u8], high: &[u8], deprecated: bool) -> Statistics {
    Statistics::byte_array(
        Some(ByteArray::from(low.to_vec())),
        Some(ByteArray::from(high.to_vec())),
        None,
        None,
        deprecated,
    )
}

fn fixed(low: &[u8], high: &[u8]) -> Statistics {
    let value = |bytes: &[u8]| Some(FixedLenByteArray::from(bytes.to_vec()));
    Statistics::fixed_len_byte_array(value(low), value(high), None, None, false)
}

fn int_pair(low: i64, high: i64) -> Option<(Value, Value)> {
    Some((Value::Int(low), Value::Int(high)))
}

fn floats(low: f64, high: f64) -> Option<(Value, Value)> {
    Some((Value::Float(low), Value::Float(high)))
}

fn texts(low: &str, high: &str) -> Option<(Value, Value)> {
    Some((Value::String(low.into()), Value::String(high.into())))
}

fn time(text: &str) -> Value {
    Value::Timestamp(text.parse().expect("time"))
}

#[test]
fn integers_and_booleans() {
    assert_eq!(range("int32 a", ints(-5, 7)), int_pair(-5, 7));
    assert_eq!(range("int32 a (INT_8)", ints(-5, 7)), int_pair(-5, 7));
    assert_eq!(range("int64 a", longs(i64::MIN, i64::MAX)), int_pair(i64::MIN, i64::MAX));
    assert_eq!(range("int32 a (UINT_32)", ints(5, -1)), int_pair(5, 4_294_967_295));
    assert_eq!(range("int64 a (INTEGER(64,false))", longs(5, 6)), int_pair(5, 6));
    let Some((low, Value::Float(high))) = range("int64 a (UINT_64)", longs(5, -1)) else { panic!("a range") };
    assert!(low == Value::Int(5) && high > u64::MAX as f64);
    let booleans = Statistics::boolean(Some(false), Some(true), None, None, false);
    assert_eq!(range("boolean a", booleans), Some((Value::Bool(false), Value::Bool(true))));
}

#[test]
fn decimals_of_every_storage() {
    assert_eq!(range("int32 a (DECIMAL(9,2))", ints(-105, 10)), floats(-1.05, 0.1));
    assert_eq!(range("int64 a (DECIMAL(15,2))", longs(90_100, 10_494_950)), floats(901.0, 104_949.5));
    assert_eq!(
        range("fixed_len_byte_array (3) a (DECIMAL(5,1))", fixed(&[0xff, 0xff, 0xf6], &[0, 1, 0])),
        floats(-1.0, 25.6)
    );
    assert_eq!(range("binary a (DECIMAL(5,1))", bytes(&[0x80], &[0x7f], false)), floats(-12.8, 12.7));
    let mut wide = [0_u8; 20];
    wide[19] = 9;
    assert_eq!(range("fixed_len_byte_array (20) a (DECIMAL(38,0))", fixed(&wide, &wide)), floats(9.0, 9.0));
    wide[0] = 1;
    assert_eq!(range("fixed_len_byte_array (20) a (DECIMAL(38,0))", fixed(&wide, &wide)), None);
    // More digits than a float has: rounded outwards.
    let long = 123_456_789_012_345_678;
    let Some((Value::Float(low), Value::Float(high))) = range("int64 a (DECIMAL(18,0))", longs(long, long)) else {
        panic!("a range")
    };
    assert!(low < long as f64 && long as f64 <= high && high - low < 1000.0);
}

#[test]
fn dates_and_times() {
    let day = |text: &str| Value::Date(text.parse().expect("date"));
    assert_eq!(range("int32 a (DATE)", ints(-1, 19_723)), Some((day("1969-12-31"), day("2024-01-01"))));
    assert_eq!(range("int32 a (DATE)", ints(i32::MIN, i32::MAX)), None);
    let expected = |low: &str| Some((time(low), time("2024-01-01T00:00:00")));
    assert_eq!(range("int64 a (TIMESTAMP_MILLIS)", longs(-1, 1_704_067_200_000)), expected("1969-12-31T23:59:59.999"));
    assert_eq!(
        range("int64 a (TIMESTAMP_MICROS)", longs(-1, 1_704_067_200_000_000)),
        expected("1969-12-31T23:59:59.999999")
    );
    assert_eq!(
        range("int64 a (TIMESTAMP(NANOS,false))", longs(-1, 1_704_067_200_000_000_000)),
        expected("1969-12-31T23:59:59.999999999")
    );
    assert_eq!(range("int64 a (TIMESTAMP(MILLIS,true))", longs(i64::MIN, i64::MAX)), None);
    assert_eq!(range("int32 a (TIME_MILLIS)", ints(1, 2)), None);
}

#[test]
fn floats_skip_nan_and_have_one_zero() {
    let double = |low, high| Statistics::double(Some(low), Some(high), None, None, false);
    let single = |low, high| Statistics::float(Some(low), Some(high), None, None, false);
    assert_eq!(range("double a", double(-1.5, 2.5)), floats(-1.5, 2.5));
    assert_eq!(range("double a", double(f64::NAN, 2.5)), None);
    assert_eq!(range("double a", double(f64::NEG_INFINITY, f64::INFINITY)), floats(f64::NEG_INFINITY, f64::INFINITY));
    let Some((Value::Float(low), Value::Float(high))) = range("double a", double(-0.0, -0.0)) else {
        panic!("a range")
    };
    assert!(low.is_sign_positive() && high.is_sign_positive());
    assert_eq!(range("float a", single(0.1, 0.3)), floats(0.1, 0.3));
    assert_eq!(range("float a", single(f32::NAN, f32::NAN)), None);
}

#[test]
fn texts_may_be_cut_within_a_character() {
    assert_eq!(range("binary a (UTF8)", bytes(b"a", "é".as_bytes(), false)), texts("a", "é"));
    assert_eq!(range("binary a", bytes(b"a", b"b", false)), texts("a", "b"));
    assert_eq!(range("binary a (ENUM)", bytes(b"a", b"b", false)), texts("a", "b"));
    assert_eq!(range("binary a (UTF8)", bytes(b"ab\xc3", b"ab\xc3", false)), texts("ab", "ac"));
    assert_eq!(range("binary a (UTF8)", bytes(b"", b"\xff", false)), None);
    let highest = format!("b{}", char::MAX);
    assert_eq!(range("binary a (UTF8)", bytes(b"a", &[highest.as_bytes(), b"\xff"].concat(), false)), texts("a", "c"));
    assert_eq!(
        range("binary a (UTF8)", bytes(b"a", "\u{d7ff}\u{ff}".as_bytes().split_last().expect("bytes").1, false)),
        texts("a", "\u{e000}")
    );
    assert_eq!(range("binary a (BSON)", bytes(b"a", b"b", false)), None);
    assert_eq!(range("fixed_len_byte_array (16) a (UUID)", fixed(&[0; 16], &[1; 16])), None);
}

#[test]
fn deprecated_statistics_count_where_their_order_is_right() {
    let of = |schema: &str, statistics: Statistics| values(&leaf(schema), ColumnOrder::UNDEFINED, Some(&statistics));
    let old = |low, high| Statistics::int32(Some(low), Some(high), None, Some(3), true);
    assert_eq!(of("int32 a", old(1, 2)), ChunkValues { range: int_pair(1, 2), nulls: Some(3) });
    assert_eq!(of("int32 a (UINT_32)", old(1, 2)), ChunkValues { range: None, nulls: Some(3) });
    assert_eq!(of("int32 a (DECIMAL(9,1))", old(1, 2)).range, floats(0.1, 0.2));
    assert_eq!(of("binary a (UTF8)", bytes(b"a", b"b", true)).range, None);
    assert_eq!(of("binary a (UTF8)", bytes(b"a", b"a", true)).range, texts("a", "a"));
    assert_eq!(of("binary a (DECIMAL(5,1))", bytes(&[1], &[2], true)).range, None);
    // New fields without an order are read like the old ones.
    assert_eq!(of("binary a (UTF8)", bytes(b"a", b"b", false)).range, None);
    let unknown = values(&leaf("int32 a"), ColumnOrder::UNKNOWN, Some(&ints(1, 2)));
    assert_eq!(unknown, ChunkValues { range: None, nulls: Some(0) });
    let int96 = Statistics::int96(None, None, None, Some(1), true);
    assert_eq!(of("int96 a", int96), ChunkValues { range: None, nulls: Some(1) });
}

#[test]
fn ends_that_contradict_each_other_or_are_missing_say_nothing() {
    assert_eq!(range("int32 a", ints(2, 1)), None);
    assert_eq!(range("int32 a", Statistics::int32(Some(2), None, None, None, false)), None);
    assert_eq!(values(&leaf("int32 a"), TYPED, None), ChunkValues::default());
}
