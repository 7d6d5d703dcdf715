//! Partition transforms as Iceberg's specification has them (<https://iceberg.apache.org/spec/#partition-transforms>).

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use super::Transform;

impl Transform {
    /// Reads what the specification writes; `None` of transforms that are not known, and of `void`.
    pub fn parse(written: &str) -> Option<Transform> {
        let number = |name: &str| written.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?.trim().parse().ok();
        match written {
            "identity" => Some(Transform::Identity),
            "year" => Some(Transform::Year),
            "month" => Some(Transform::Month),
            "day" => Some(Transform::Day),
            "hour" => Some(Transform::Hour),
            _ => number("bucket").map(Transform::Bucket).or_else(|| number("truncate").map(Transform::Truncate)),
        }
    }

    /// How many parts of a date, from the year on, name one of its periods; `None` where its values are no periods.
    pub fn date_parts(self) -> Option<usize> {
        match self {
            Transform::Year => Some(1),
            Transform::Month => Some(2),
            Transform::Day => Some(3),
            Transform::Hour => Some(4),
            Transform::Identity | Transform::Bucket(_) | Transform::Truncate(_) => None,
        }
    }

    /// When one of its periods starts, which are counted from 1970 on.
    pub fn period_start(self, period: i64) -> Option<NaiveDateTime> {
        let month = |count: i64| {
            let year = i32::try_from(1970 + count.div_euclid(12)).ok()?;
            NaiveDate::from_ymd_opt(year, count.rem_euclid(12) as u32 + 1, 1)?.and_hms_opt(0, 0, 0)
        };
        let seconds = |length: i64| Some(DateTime::from_timestamp(period.checked_mul(length)?, 0)?.naive_utc());
        match self {
            Transform::Year => month(period.checked_mul(12)?),
            Transform::Month => month(period),
            Transform::Day => seconds(86_400),
            Transform::Hour => seconds(3_600),
            Transform::Identity | Transform::Bucket(_) | Transform::Truncate(_) => None,
        }
    }
}

/// What [`Transform::parse`] reads.
impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Transform::Identity => f.write_str("identity"),
            Transform::Year => f.write_str("year"),
            Transform::Month => f.write_str("month"),
            Transform::Day => f.write_str("day"),
            Transform::Hour => f.write_str("hour"),
            Transform::Bucket(buckets) => write!(f, "bucket[{buckets}]"),
            Transform::Truncate(width) => write!(f, "truncate[{width}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(number in any::<u32>()) {
            use Transform::*;
            for transform in [Identity, Year, Month, Day, Hour, Bucket(number), Truncate(number)] {
                prop_assert_eq!(Transform::parse(&transform.to_string()), Some(transform));
            }
            prop_assert_eq!(Transform::parse("void"), None);
        }

        #[test]
        fn no_period_is_too_far(period in any::<i64>()) {
            for transform in [Transform::Year, Transform::Month, Transform::Day, Transform::Hour] {
                let start = transform.period_start(period);
                prop_assert!(start.is_none_or(|start| (start.and_utc().timestamp() < 0) == (period < 0)));
            }
            prop_assert_eq!(Transform::Identity.period_start(period), None);
        }
    }
}
