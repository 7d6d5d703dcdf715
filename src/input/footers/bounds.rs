//! Ends of ranges as statistics store them: what cannot be told exactly is rounded outwards.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime};

/// Which end of a range a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::input) enum End {
    Low,
    High,
}

/// The nearest float. Up to 15 digits different decimals are different floats, beyond it ends are rounded outwards.
pub(in crate::input) fn decimal(unscaled: i128, scale: u32, end: End) -> Option<f64> {
    const EXACT: u128 = 1_000_000_000_000_000;
    if unscaled.unsigned_abs() <= EXACT && scale <= 22 {
        // Both are exact, so that the quotient is rounded once.
        return Some(unscaled as f64 / 10_f64.powi(scale as i32));
    }
    let nearest: f64 = format!("{unscaled}e-{scale}").parse().ok()?;
    Some(outwards(nearest, end))
}

pub(in crate::input) fn outwards(number: f64, end: End) -> f64 {
    match end {
        End::Low => number.next_down(),
        End::High => number.next_up(),
    }
}

pub(in crate::input) fn date(days: i64) -> Option<NaiveDate> {
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1)?;
    match days < 0 {
        true => epoch.checked_sub_days(Days::new(days.unsigned_abs())),
        false => epoch.checked_add_days(Days::new(days.unsigned_abs())),
    }
}

/// A time in parts of a second since 1970.
pub(in crate::input) fn time(ticks: i64, per_second: i64) -> Option<NaiveDateTime> {
    let nanos = ticks.rem_euclid(per_second) * (1_000_000_000 / per_second);
    Some(DateTime::from_timestamp(ticks.div_euclid(per_second), nanos as u32)?.naive_utc())
}

/// Little-endian, four or eight bytes.
pub(in crate::input) fn signed(bytes: &[u8]) -> Option<i64> {
    match bytes.len() {
        4 => Some(i64::from(i32::from_le_bytes(bytes.try_into().ok()?))),
        8 => Some(i64::from_le_bytes(bytes.try_into().ok()?)),
        _ => None,
    }
}

/// Two's complement, at most 16 bytes besides leading ones that only carry the sign.
pub(in crate::input) fn big_endian(bytes: &[u8]) -> Option<i128> {
    let sign = if *bytes.first()? >= 0x80 { 0xff } else { 0 };
    let (above, bytes) = bytes.split_at(bytes.len().saturating_sub(16));
    let is_same_sign = (*bytes.first()? >= 0x80) == (sign == 0xff);
    if above.iter().any(|byte| *byte != sign) || !is_same_sign {
        return None;
    }
    let start = if sign == 0xff { -1_i128 } else { 0 };
    Some(bytes.iter().fold(start, |number, byte| (number << 8) | i128::from(*byte)))
}

/// A zero is stored with either sign for both of them, which compare as equal. A NaN says nothing. Single precision becomes the
/// number that it is written as: 0.1, not 0.10000000149, because that is what literals are compared as.
pub(in crate::input) fn float(bytes: &[u8]) -> Option<f64> {
    let number = match bytes.len() {
        4 => f32::from_le_bytes(bytes.try_into().ok()?).to_string().parse().ok()?,
        8 => f64::from_le_bytes(bytes.try_into().ok()?),
        _ => return None,
    };
    (!number.is_nan()).then_some(number + 0.0)
}

/// A decimal in digits.
pub(in crate::input) fn decimal_text(text: &str, end: End) -> Option<f64> {
    let nearest: f64 = text.trim().parse().ok().filter(|number: &f64| number.is_finite())?;
    match text.bytes().filter(u8::is_ascii_digit).count() {
        0..=15 => Some(nearest),
        _ => Some(outwards(nearest, end)),
    }
}

/// Writers cut long texts, also within a character: the low end is shortened, of the high end the last character raised.
pub(in crate::input) fn text(bytes: &[u8], end: End) -> Option<String> {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => return Some(text.to_string()),
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?,
    };
    if end == End::Low {
        return Some(valid.to_string());
    }
    let mut raised = valid.to_string();
    while let Some(last) = raised.pop() {
        if let Some(next) = ((last as u32 + 1)..=(char::MAX as u32)).find_map(char::from_u32) {
            raised.push(next);
            return Some(raised);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_in_digits() {
        assert_eq!(decimal_text("-12.50", End::Low), Some(-12.5));
        assert!(decimal_text("1234567890.1234567", End::High) > decimal_text("1234567890.1234567", End::Low));
        assert_eq!(decimal_text("", End::Low), None);
        assert_eq!(decimal_text("NaN", End::Low), None);
    }

    proptest::proptest! {
        #[test]
        fn decimals_keep_their_order(a in proptest::num::i128::ANY, b in proptest::num::i128::ANY, scale in 0_u32..40) {
            let (low, high) = (a.min(b), a.max(b));
            let low = decimal(low, scale, End::Low).expect("number");
            let high = decimal(high, scale, End::High).expect("number");
            proptest::prop_assert!(low <= high);
        }

        #[test]
        fn text_ends_hold_the_bytes(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..6)) {
            proptest::prop_assert!(text(&bytes, End::Low).expect("text").as_bytes() <= &bytes[..]);
            if let Some(high) = text(&bytes, End::High) {
                proptest::prop_assert!(high.as_bytes() >= &bytes[..]);
            }
        }
    }
}
