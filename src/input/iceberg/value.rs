//! Values of metadata as the rest of the tool has them: partition values as the names of their folders, bounds as SQL values.

use chrono::{Datelike, Timelike};

use super::avro::Cell;
use super::schema::{Kind, SpecKey, Stored};
use crate::expr::Value;
use crate::input::footers::bounds::{End, big_endian, date, decimal, float, signed, text, time};
use crate::lake::{ANY_VALUE, Transform};

/// What a partition value is of a file that was written under some specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// The same field, at this position of the tuple.
    Same(usize),
    /// A date transform of the same column that tells more or less: the position, and the transform.
    Dated(usize, Transform),
    /// Nothing tells.
    Unknown,
}

/// Where the value of a key comes from in the tuples of another specification.
pub(super) fn source(key: &SpecKey, spec: &[SpecKey]) -> From {
    let of_column = || spec.iter().filter(|field| field.source == key.source);
    if let Some(field) = of_column().find(|field| field.transform == key.transform) {
        return From::Same(field.position);
    }
    let is_date = |transform: Transform| transform.date_parts().is_some();
    let dated = of_column().filter(|field| is_date(field.transform)).max_by_key(|field| field.transform.date_parts());
    match dated.filter(|_| is_date(key.transform)) {
        Some(field) => From::Dated(field.position, field.transform),
        None => From::Unknown,
    }
}

/// A partition value as the folder's name has it; `None` is NULL.
pub(super) fn partition_value(key: &SpecKey, from: From, tuple: &[Cell]) -> Option<Box<str>> {
    let known = match from {
        From::Unknown => return Some(ANY_VALUE.into()),
        From::Same(position) => {
            let cell = tuple.get(position)?;
            match key.transform {
                _ if *cell == Cell::Null => return None,
                Transform::Identity | Transform::Truncate(_) => spelled(&key.kind, cell),
                Transform::Bucket(_) => cell.int().map(|bucket| bucket.to_string()),
                transform => cell.int().map(|units| calendar(units, transform, transform)),
            }
        }
        From::Dated(position, transform) => {
            let cell = tuple.get(position)?;
            if *cell == Cell::Null {
                return None;
            }
            cell.int().map(|units| calendar(units, transform, key.transform))
        }
    };
    Some(known.map_or_else(|| ANY_VALUE.into(), String::into_boxed_str))
}

/// Units since 1970 of one date transform as another one names them: `2024-01` of a day, `2024-01-*` where only the month is known.
/// Years beyond four digits stay numbers where both are the same, because a folder's name would be taken for one.
fn calendar(units: i64, known: Transform, wanted: Transform) -> String {
    let start = known.period_start(units).filter(|start| (1000..=9999).contains(&start.year()));
    let Some(start) = start else {
        return if known == wanted { units.to_string() } else { ANY_VALUE.to_string() };
    };
    let parts = known.date_parts().min(wanted.date_parts()).unwrap_or(1);
    let mut written = start.year().to_string();
    let more = [start.month(), start.day(), start.hour()];
    for part in more.iter().take(parts - 1) {
        written += &format!("-{part:02}");
    }
    if known.date_parts() < wanted.date_parts() {
        written += "-*";
    }
    written
}

/// A source value as a folder's name has it, before it is escaped.
fn spelled(kind: &Kind, cell: &Cell) -> Option<String> {
    match (kind.stored, cell) {
        (Stored::Boolean, Cell::Bool(value)) => Some(value.to_string()),
        (Stored::Integer, Cell::Int(number)) => Some(number.to_string()),
        (Stored::Days, Cell::Int(days)) => Some(date(*days)?.to_string()),
        (Stored::Micros, Cell::Int(micros)) => Some(format!("{:?}", time(*micros, 1_000_000)?)),
        (Stored::Nanos, Cell::Int(nanos)) => Some(format!("{:?}", time(*nanos, 1_000_000_000)?)),
        (Stored::Decimal(scale), Cell::Bytes(bytes)) => Some(decimal_digits(big_endian(bytes)?, scale)),
        (_, Cell::Float(number)) => Some(number.to_string()),
        (_, Cell::Double(number)) => Some(number.to_string()),
        (_, Cell::Text(text)) => Some(text.clone()),
        (_, Cell::Bytes(bytes)) => Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        (_, Cell::Int(number)) => Some(number.to_string()),
        _ => None,
    }
}

fn decimal_digits(unscaled: i128, scale: u32) -> String {
    let (sign, digits) = (if unscaled < 0 { "-" } else { "" }, unscaled.unsigned_abs().to_string());
    let scale = scale as usize;
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// A bound as a value; what cannot be told exactly is rounded outwards. `None` where the type is not compared, or the bytes are no
/// value of it.
pub(super) fn bound(kind: &Kind, bytes: &[u8], end: End) -> Option<Value> {
    match kind.stored {
        Stored::Boolean => Some(Value::Bool(*bytes.first()? != 0)),
        Stored::Integer => signed(bytes).map(Value::Int),
        // A column that was widened keeps bounds of its old width.
        Stored::Float | Stored::Double => float(bytes).map(Value::Float),
        Stored::Decimal(scale) => decimal(big_endian(bytes)?, scale, end).map(Value::Float),
        Stored::Days => date(signed(bytes)?).map(Value::Date),
        Stored::Micros => time(signed(bytes)?, 1_000_000).map(Value::Timestamp),
        Stored::Nanos => time(signed(bytes)?, 1_000_000_000).map(Value::Timestamp),
        Stored::Text => text(bytes, end).map(Value::String),
        Stored::Bytes | Stored::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::ColumnType;

    fn kind(data_type: &str, stored: Stored) -> Kind {
        Kind { data_type: ColumnType::parse(data_type), stored }
    }

    fn key(transform: Transform, kind: Kind) -> SpecKey {
        SpecKey { source: 1, transform, kind, position: 0 }
    }

    fn value(transform: Transform, kind: Kind, cell: Cell) -> Option<String> {
        partition_value(&key(transform, kind), From::Same(0), &[cell]).map(String::from)
    }

    #[test]
    fn partition_values_are_named_as_folders_are() {
        let time = || kind("timestamp", Stored::Micros);
        let cases = [
            (Transform::Year, time(), Cell::Int(54), Some("2024")),
            (Transform::Month, time(), Cell::Int(648), Some("2024-01")),
            (Transform::Day, time(), Cell::Int(19_727), Some("2024-01-05")),
            (Transform::Hour, time(), Cell::Int(473_461), Some("2024-01-05-13")),
            (Transform::Day, time(), Cell::Int(-1), Some("1969-12-31")),
            (Transform::Day, time(), Cell::Int(i64::MAX), Some("9223372036854775807")),
            (Transform::Year, time(), Cell::Int(-1_500), Some("-1500")),
            (Transform::Day, time(), Cell::Null, None),
            (Transform::Bucket(8), kind("string", Stored::Text), Cell::Int(7), Some("7")),
            (Transform::Truncate(2), kind("string", Stored::Text), Cell::Text("a/".into()), Some("a/")),
            (
                Transform::Identity,
                kind("decimal(9,2)", Stored::Decimal(2)),
                Cell::Bytes(vec![0xff, 0x6a]),
                Some("-1.50"),
            ),
            (Transform::Identity, kind("decimal(9,2)", Stored::Decimal(2)), Cell::Bytes(vec![5]), Some("0.05")),
            (Transform::Identity, kind("date", Stored::Days), Cell::Int(19_727), Some("2024-01-05")),
            (Transform::Identity, time(), Cell::Int(1), Some("1970-01-01T00:00:00.000001")),
            (Transform::Identity, kind("boolean", Stored::Boolean), Cell::Bool(true), Some("true")),
            (Transform::Identity, kind("boolean", Stored::Boolean), Cell::Null, None),
        ];
        for (transform, kind, cell, expected) in cases {
            let shown = format!("{transform:?} {cell:?}");
            assert_eq!(value(transform, kind, cell).as_deref(), expected, "{shown}");
        }
    }

    #[test]
    fn values_of_other_specifications_tell_what_they_can() {
        let time = || kind("timestamp", Stored::Micros);
        let day = key(Transform::Day, time());
        let of = |transform: Transform, units: i64| {
            let spec = [SpecKey { position: 1, ..key(transform, time()) }];
            partition_value(&day, source(&day, &spec), &[Cell::Null, Cell::Int(units)]).map(String::from)
        };
        assert_eq!(of(Transform::Month, 648).as_deref(), Some("2024-01-*"));
        assert_eq!(of(Transform::Year, 54).as_deref(), Some("2024-*"));
        assert_eq!(of(Transform::Hour, 473_461).as_deref(), Some("2024-01-05"));
        assert_eq!(of(Transform::Bucket(3), 1).as_deref(), Some("*"));
        assert_eq!(of(Transform::Month, i64::MIN).as_deref(), Some("*"));
        let other = SpecKey { source: 2, ..key(Transform::Day, time()) };
        assert_eq!(source(&day, &[other]), From::Unknown);
    }

    #[test]
    fn bounds_are_values_of_their_types() {
        let of = |stored, bytes: &[u8], end| bound(&kind("string", stored), bytes, end);
        assert_eq!(of(Stored::Integer, &7_i32.to_le_bytes(), End::Low), Some(Value::Int(7)));
        assert_eq!(of(Stored::Integer, &(-7_i64).to_le_bytes(), End::Low), Some(Value::Int(-7)));
        assert_eq!(of(Stored::Float, &0.1_f32.to_le_bytes(), End::Low), Some(Value::Float(0.1)));
        assert_eq!(of(Stored::Double, &f64::NAN.to_le_bytes(), End::Low), None);
        assert_eq!(of(Stored::Decimal(2), &[0x05, 0xaa], End::Low), Some(Value::Float(14.5)));
        assert_eq!(of(Stored::Text, b"ab\xc3", End::Low), Some(Value::String("ab".into())));
        assert_eq!(of(Stored::Days, &[1], End::Low), None);
        assert_eq!(of(Stored::Other, b"0123456789abcdef", End::Low), None);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_are_too_odd(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..20), units in proptest::num::i64::ANY) {
            let kinds = [Stored::Boolean, Stored::Integer, Stored::Float, Stored::Double, Stored::Decimal(60), Stored::Days,
                Stored::Micros, Stored::Nanos, Stored::Text, Stored::Bytes, Stored::Other];
            for stored in kinds {
                let _ = bound(&kind("bigint", stored), &bytes, End::High);
                let _ = spelled(&kind("bigint", stored), &Cell::Bytes(bytes.clone()));
                let _ = spelled(&kind("bigint", stored), &Cell::Int(units));
            }
            for known in [Transform::Year, Transform::Month, Transform::Day, Transform::Hour] {
                let _ = calendar(units, known, Transform::Day);
            }
        }
    }
}
