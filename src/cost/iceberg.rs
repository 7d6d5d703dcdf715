//! Whether a partition of an Iceberg transform may hold a value of its source column.
//!
//! Source: Apache Iceberg, "Partition Transforms" and "Appendix B: 32-bit Hash Requirements",
//! <https://iceberg.apache.org/spec/#partition-transforms>.

use chrono::{Days, Months, NaiveDate, NaiveDateTime, TimeDelta};

use super::verdict::Verdict;
use crate::expr::{Bound, ColumnType, Domain, Value, prefix_range};
use crate::lake::{PartitionKey, Transform};

/// What a domain of the source column says about a partition, given by its folder's text: `None` and `null` are the partition of
/// NULLs.
pub(super) fn may_hold(key: &PartitionKey, text: Option<&str>, domain: &Domain) -> Verdict {
    let Some(text) = text else { return verdict(domain.nulls) };
    let is_null_text = text == "null" && domain.nulls;
    let inside = match key.transform {
        Transform::Identity => None,
        Transform::Bucket(buckets) => return verdict(is_null_text || holds_bucket(key, text, buckets, domain)),
        Transform::Truncate(width) => truncated(key, text, width),
        _ => period(text, key.transform).map(|(start, end)| {
            let value = |time: NaiveDateTime| match key.data_type {
                ColumnType::Date => Value::Date(time.date()),
                _ => Value::Timestamp(time),
            };
            Domain::range(Bound::Included(value(start)), Bound::Excluded(value(end)))
        }),
    };
    match inside {
        Some(inside) => verdict(is_null_text || !domain.intersect(&inside).is_none()),
        None if text == "null" => verdict(domain.nulls),
        None => Verdict::Maybe,
    }
}

fn verdict(may_hold: bool) -> Verdict {
    if may_hold { Verdict::In } else { Verdict::Out }
}

/// The source values of one partition of a date transform, from its start to before its end: `2024`, `2024-01`, `2024-01-05`,
/// `2024-01-05-13`, as Iceberg writes them in folder names; or the number of units since 1970, as its metadata has them; or a longer
/// period, `2024-01-*`, where files were written under a coarser transform.
fn period(text: &str, transform: Transform) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let (text, transform) = match text.strip_suffix("-*") {
        Some(longer) => (longer, of_parts(longer.split('-').count())?),
        None => (text, transform),
    };
    let start = match text.parse::<i64>() {
        // Of years, the calendar's have four digits.
        Ok(year) if transform == Transform::Year && year > 999 => calendar(text, transform)?,
        Ok(units) => transform.period_start(units)?,
        Err(_) => calendar(text, transform)?,
    };
    let end = match transform {
        Transform::Year => start.checked_add_months(Months::new(12)),
        Transform::Month => start.checked_add_months(Months::new(1)),
        Transform::Day => start.checked_add_days(Days::new(1)),
        _ => start.checked_add_signed(TimeDelta::hours(1)),
    };
    Some((start, end?))
}

/// The transform whose names have so many parts.
fn of_parts(count: usize) -> Option<Transform> {
    [Transform::Year, Transform::Month, Transform::Day].get(count.checked_sub(1)?).copied()
}

fn calendar(text: &str, transform: Transform) -> Option<NaiveDateTime> {
    let count = transform.date_parts()?;
    let parts: Vec<&str> = text.split('-').collect();
    let number = |index: usize, absent: u32| parts.get(index).map_or(Some(absent), |part| part.parse().ok());
    let date = NaiveDate::from_ymd_opt(parts.first()?.parse().ok()?, number(1, 1)?, number(2, 1)?)?;
    if parts.len() == count { date.and_hms_opt(number(3, 0)?, 0, 0) } else { None }
}

/// The source values of one partition of `truncate[width]`: numbers from the partition's value on, texts that start with it.
fn truncated(key: &PartitionKey, text: &str, width: u32) -> Option<Domain> {
    match (&key.data_type, Value::of_partition(Some(text), &key.data_type)?) {
        (ColumnType::Integer(_), Value::Int(from)) => {
            let last = from.checked_add(i64::from(width.max(1)) - 1)?;
            Some(Domain::range(Bound::Included(Value::Int(from)), Bound::Included(Value::Int(last))))
        }
        (ColumnType::Decimal(_, scale), Value::Float(from)) => {
            let step = f64::from(width) / 10f64.powi(i32::from(*scale));
            Some(Domain::range(Bound::Included(Value::Float(from)), Bound::Excluded(Value::Float(from + step))))
        }
        (ColumnType::String, Value::String(prefix)) => match prefix.chars().count() < width as usize {
            true => Some(Domain::single(Value::String(prefix))),
            false => Some(prefix_range(&prefix)),
        },
        _ => None,
    }
}

/// Whether one of the values that a domain lists falls into the bucket. Ranges may have any hash.
fn holds_bucket(key: &PartitionKey, text: &str, buckets: u32, domain: &Domain) -> bool {
    let Ok(bucket) = text.parse::<u32>() else { return text != "null" };
    let points = Domain { nulls: false, ..domain.clone() };
    let Some(values) = points.discrete() else { return true };
    values.into_iter().any(|value| match hash(value, &key.data_type) {
        Some(hash) => (hash & i32::MAX) as u32 % buckets.max(1) == bucket,
        None => true,
    })
}

/// Murmur3 (x86, 32 bit, seed 0) of a value as the specification serialises it; `None` where the type is not known well enough.
fn hash(value: &Value, data_type: &ColumnType) -> Option<i32> {
    let of_long = |n: i64| murmur(&n.to_le_bytes());
    match (data_type, value) {
        (ColumnType::Integer(_), Value::Int(n)) => of_long(*n),
        (ColumnType::Date, Value::Date(date)) => of_long((*date - NaiveDate::default()).num_days()),
        (ColumnType::Timestamp, Value::Timestamp(time)) => of_long(time.and_utc().timestamp_micros()),
        (ColumnType::String, Value::String(text)) => murmur(text.as_bytes()),
        (ColumnType::Decimal(precision, scale), Value::Float(x)) if *precision <= 15 => {
            murmur(&shortest_big_endian((x * 10f64.powi(i32::from(*scale))).round() as i64))
        }
        _ => None,
    }
}

fn murmur(bytes: &[u8]) -> Option<i32> {
    murmur3::murmur3_32(&mut &bytes[..], 0).ok().map(|hash| hash as i32)
}

/// The two's-complement bytes of a number, the fewest that hold it.
fn shortest_big_endian(n: i64) -> Vec<u8> {
    let bytes = n.to_be_bytes();
    let is_spare = |at: usize| {
        let sign = if bytes[at + 1] & 0x80 == 0 { 0x00 } else { 0xff };
        bytes[at] == sign
    };
    let spare = (0..7).take_while(|at| is_spare(*at)).count();
    bytes[spare..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect("a time")
    }

    fn text(s: &str) -> Value {
        Value::String(s.into())
    }

    /// The test vectors of the specification's appendix B.
    #[test]
    fn hashes_are_those_of_the_specification() {
        let day = NaiveDate::from_ymd_opt(2017, 11, 16).expect("a date");
        assert_eq!(hash(&Value::Int(34), &ColumnType::Integer(4)), Some(2_017_239_379));
        assert_eq!(hash(&Value::Int(34), &ColumnType::Integer(8)), Some(2_017_239_379));
        assert_eq!(hash(&Value::Float(14.20), &ColumnType::Decimal(9, 2)), Some(-500_754_589));
        assert_eq!(hash(&Value::Date(day), &ColumnType::Date), Some(-653_330_422));
        assert_eq!(hash(&Value::Timestamp(time("2017-11-16 22:31:08")), &ColumnType::Timestamp), Some(-2_047_944_441));
        assert_eq!(hash(&text("iceberg"), &ColumnType::String), Some(1_210_000_089));
        assert_eq!(hash(&Value::Float(0.5), &ColumnType::Float(8)), None);
    }

    #[test]
    fn numbers_are_serialised_in_as_few_bytes_as_hold_their_sign() {
        assert_eq!(shortest_big_endian(0), [0]);
        assert_eq!(shortest_big_endian(127), [0x7f]);
        assert_eq!(shortest_big_endian(128), [0x00, 0x80]);
        assert_eq!(shortest_big_endian(-1), [0xff]);
        assert_eq!(shortest_big_endian(-129), [0xff, 0x7f]);
        assert_eq!(shortest_big_endian(i64::MIN).len(), 8);
    }

    fn key(transform: Transform, data_type: ColumnType) -> PartitionKey {
        PartitionKey { transform, ..PartitionKey::new("c", data_type) }
    }

    fn kept(key: &PartitionKey, domain: &Domain, texts: &[&str]) -> Vec<String> {
        let is_kept = |text: &&&str| may_hold(key, (**text != "NULL").then_some(**text), domain) != Verdict::Out;
        texts.iter().filter(is_kept).map(|text| text.to_string()).collect()
    }

    #[test]
    fn buckets_hold_the_values_that_hash_to_them() {
        let sixteen = key(Transform::Bucket(16), ColumnType::Integer(8));
        let all: Vec<String> = (0..16).map(|n| n.to_string()).chain(["NULL".to_string()]).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        // 2017239379 % 16 = 3
        assert_eq!(kept(&sixteen, &Domain::single(Value::Int(34)), &all), ["3"]);
        assert_eq!(kept(&sixteen, &Domain::single(Value::Int(34)).union(&Domain::null()), &all), ["3", "NULL"]);
        assert_eq!(kept(&sixteen, &Domain::null(), &all), ["NULL"]);
        let range = Domain::range(Bound::Included(Value::Int(1)), Bound::Unbounded);
        assert_eq!(kept(&sixteen, &range, &all).len(), 16);
        assert!(kept(&sixteen, &Domain::values([Value::Int(34), Value::Int(35)]), &all).len() <= 2);
    }

    #[test]
    fn truncated_values_hold_a_range_of_their_source() {
        let tens = key(Transform::Truncate(10), ColumnType::Integer(8));
        let texts = ["-10", "0", "10", "20", "NULL"];
        assert_eq!(kept(&tens, &Domain::single(Value::Int(-1)), &texts), ["-10"]);
        assert_eq!(
            kept(&tens, &Domain::range(Bound::Excluded(Value::Int(9)), Bound::Excluded(Value::Int(20))), &texts),
            ["10"]
        );
        let heads = key(Transform::Truncate(3), ColumnType::String);
        let texts = ["ab", "abc", "abd", "zzz"];
        assert_eq!(kept(&heads, &Domain::single(text("abcdef")), &texts), ["abc"]);
        assert_eq!(kept(&heads, &prefix_range("ab"), &texts), ["ab", "abc", "abd"]);
        assert_eq!(kept(&heads, &prefix_range("abcd"), &texts), ["abc"]);
        assert_eq!(kept(&heads, &Domain::single(text("ab")), &texts), ["ab"]);
        let cents = key(Transform::Truncate(50), ColumnType::Decimal(9, 2));
        assert_eq!(kept(&cents, &Domain::single(Value::Float(10.65)), &["10.00", "10.50", "11.00"]), ["10.50"]);
    }

    #[test]
    fn date_transforms_are_read_as_folders_and_as_numbers() {
        let at = |s: &str| Domain::single(Value::Timestamp(time(s)));
        let of = |transform| key(transform, ColumnType::Timestamp);
        let noon = at("2024-01-02 12:30:00");
        assert_eq!(kept(&of(Transform::Year), &noon, &["2023", "2024", "54", "55"]), ["2024", "54"]);
        assert_eq!(kept(&of(Transform::Month), &noon, &["2024-01", "2024-02", "648", "649"]), ["2024-01", "648"]);
        assert_eq!(kept(&of(Transform::Day), &noon, &["2024-01-02", "2024-01-03", "19724"]), ["2024-01-02", "19724"]);
        assert_eq!(
            kept(&of(Transform::Hour), &noon, &["2024-01-02-12", "2024-01-02-13", "473388"]),
            ["2024-01-02-12", "473388"]
        );
        assert_eq!(kept(&of(Transform::Day), &at("1969-12-31 23:00:00"), &["-1", "0"]), ["-1"]);
        let date = Domain::single(Value::Date(time("2024-01-02 00:00:00").date()));
        assert_eq!(kept(&key(Transform::Month, ColumnType::Date), &date, &["2024-01", "2024-02", "null"]), ["2024-01"]);
        assert_eq!(kept(&of(Transform::Day), &noon, &["garbage"]), ["garbage"]);
    }
}
