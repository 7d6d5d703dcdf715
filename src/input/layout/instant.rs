//! Times of change as listings and inventories write them.

use chrono::{DateTime, NaiveDate};

/// Seconds since 1970 of `2024-01-05T12:00:00.000Z` or `2024-01-05T12:00:00+00:00`; `None` without a time zone.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    in_utc(text.as_bytes()).or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp()))
}

/// The form of inventories, which hold millions of them.
fn in_utc(text: &[u8]) -> Option<i64> {
    let (time, rest) = text.split_at_checked(19)?;
    let fraction = rest.strip_suffix(b"Z")?;
    let is_fraction = fraction.is_empty() || (fraction[0] == b'.' && fraction[1..].iter().all(u8::is_ascii_digit));
    let has_form =
        [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')].iter().all(|(at, byte)| time[*at] == *byte);
    let number = |from: usize, length: usize| {
        let digits = &time[from..from + length];
        let add = |sum: i64, digit: &u8| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0'));
        digits.iter().try_fold(0, add)
    };
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
    if !is_fraction || !has_form || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year as i32, month as u32, day as u32)?;
    let days = date.signed_duration_since(NaiveDate::default()).num_days();
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_taken_into_account_and_required() {
        assert_eq!(seconds("1970-01-02T00:00:01.999Z"), Some(86_401));
        assert_eq!(seconds("2024-02-29T23:59:59Z"), Some(1_709_251_199));
        assert_eq!(seconds("2024-02-29T23:59:59+00:00"), Some(1_709_251_199));
        assert_eq!(seconds("2024-03-01T01:59:59+02:00"), Some(1_709_251_199));
        for none in [
            "2024-02-29T23:59:59",
            "2023-02-29T00:00:00Z",
            "2024-01-01T25:00:00Z",
            "",
            "2024-01-01",
            "é024-01-01T00:00:00Z",
        ] {
            assert_eq!(seconds(none), None, "{none}");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_short_way_agrees_with_the_long_one(text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{1,6})?Z") {
            if let Some(short) = in_utc(text.as_bytes()) {
                proptest::prop_assert_eq!(Ok(short), DateTime::parse_from_rfc3339(&text).map(|time| time.timestamp()));
            }
        }
    }
}
