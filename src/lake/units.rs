//! Quantities with their units, and how they are written for people.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A number of bytes. Shown with decimal units (1 GB = 10^9 bytes), as AWS bills.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

/// A number of things (files, partitions), shown with thousands separators.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
        let (mut value, mut unit) = (self.0 as f64, 0);
        // 999.95 would print as "1000.0": step up first.
        while value >= 999.95 && unit + 1 < units.len() {
            value /= 1000.0;
            unit += 1;
        }
        if unit == 0 || (value - value.round()).abs() < 0.05 {
            write!(f, "{} {}", value.round(), units[unit])
        } else {
            write!(f, "{value:.1} {}", units[unit])
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// An amount of US dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Usd(pub f64);

/// A span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Seconds(pub f64);

/// A quantity that is not known exactly: it lies between `low` and `high`, most likely at `likely`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Spread<T> {
    pub low: T,
    pub likely: T,
    pub high: T,
}

impl<T: Copy> Spread<T> {
    pub fn exactly(value: T) -> Self {
        Spread { low: value, likely: value, high: value }
    }

    /// Bound by bound.
    pub fn plus(self, other: Spread<T>, add: impl Fn(T, T) -> T) -> Self {
        Spread {
            low: add(self.low, other.low),
            likely: add(self.likely, other.likely),
            high: add(self.high, other.high),
        }
    }

    pub fn map<U>(self, f: impl Fn(T) -> U) -> Spread<U> {
        Spread { low: f(self.low), likely: f(self.likely), high: f(self.high) }
    }
}

impl fmt::Display for Usd {
    /// Cents from a cent on, else two significant digits: `$1,234.50`, `$0.26`, `$0.00005`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0.0 { "-" } else { "" };
        let value = self.0.abs();
        if value == 0.0 {
            return f.write_str("$0");
        }
        if value < 1e-11 {
            return write!(f, "{sign}<$0.00000000001");
        }
        if value < 0.00995 {
            let digits = (1 - value.log10().floor() as i32).clamp(2, 12) as usize;
            let text = format!("{value:.digits$}");
            return write!(f, "{sign}${}", text.trim_end_matches('0'));
        }
        let cents = (value * 100.0).round() as u64;
        write!(f, "{sign}${}.{:02}", Count(cents / 100), cents % 100)
    }
}

impl fmt::Display for Seconds {
    /// In the largest unit of which there are about two: `126 s`, `68 minutes`, `9.1 hours`, `12.1 days`, `3,171 years`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(365.0 * 86_400.0, "years"), (86_400.0, "days"), (3_600.0, "hours"), (60.0, "minutes")];
        let Some((unit, name)) = units.into_iter().find(|(unit, _)| self.0 >= 1.95 * unit && self.0 > 180.0) else {
            return write!(f, "{} s", one_decimal(self.0));
        };
        // A tenth of a minute tells nobody anything.
        let value = if name == "minutes" { (self.0 / unit).round() } else { self.0 / unit };
        write!(f, "{} {name}", one_decimal(value))
    }
}

/// `9.1`, `17`, `3,171`.
fn one_decimal(value: f64) -> String {
    let tenths = (value * 10.0).round() as u64;
    match (tenths % 10, tenths / 10) {
        (0, whole) => Count(whole).to_string(),
        (_, whole) if whole >= 100 => Count(value.round() as u64).to_string(),
        (tenth, whole) => format!("{whole}.{tenth}"),
    }
}

/// A size that is not a number with an optional unit.
#[derive(Debug, PartialEq, Eq)]
pub struct ParseBytesError;

impl fmt::Display for ParseBytesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a size such as \"128 MiB\" or \"1 GB\"")
    }
}

impl std::error::Error for ParseBytesError {}

impl FromStr for Bytes {
    type Err = ParseBytesError;

    /// Reads `123`, `1.5 GB`, `128MiB`: decimal units are powers of 1000, `Ki`, `Mi`, ... powers of 1024, in any case.
    fn from_str(text: &str) -> Result<Self, ParseBytesError> {
        let text = text.trim();
        let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let number: f64 = text[..split].parse().map_err(|_| ParseBytesError)?;
        let unit = text[split..].trim().to_ascii_lowercase();
        let unit = unit.strip_suffix('b').or(unit.strip_suffix("bytes")).unwrap_or(&unit);
        let (prefix, base) = match unit.strip_suffix('i') {
            Some(prefix) => (prefix, 1024f64),
            None => (unit, 1000f64),
        };
        let power = ["", "k", "m", "g", "t", "p", "e"].iter().position(|p| *p == prefix).ok_or(ParseBytesError)?;
        Ok(Bytes((number * base.powi(power as i32)).round() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_in_decimal_units() {
        let shown: Vec<String> =
            [0, 999, 1_000, 1_550, 999_960, 4_100_000_000_000].iter().map(|b| Bytes(*b).to_string()).collect();
        assert_eq!(shown, ["0 B", "999 B", "1 kB", "1.6 kB", "1 MB", "4.1 TB"]);
    }

    #[test]
    fn bytes_are_read_with_either_kind_of_unit() {
        assert_eq!("128 MiB".parse(), Ok(Bytes(128 << 20)));
        assert_eq!("1.5GB".parse(), Ok(Bytes(1_500_000_000)));
        assert_eq!("17".parse(), Ok(Bytes(17)));
        assert_eq!("17 parsecs".parse::<Bytes>(), Err(ParseBytesError));
    }

    #[test]
    fn dollars_are_shown_to_the_cent_and_small_ones_with_two_digits() {
        let shown: Vec<String> = [0.0, 0.00005, 0.000123, 0.0099, 0.00999, 0.256, 20.5, 1234.5, -3.0, 1e-14]
            .iter()
            .map(|d| Usd(*d).to_string())
            .collect();
        let (tiny, others) = shown.split_last().expect("several");
        assert_eq!(
            others,
            ["$0", "$0.00005", "$0.00012", "$0.0099", "$0.01", "$0.26", "$20.50", "$1,234.50", "-$3.00"]
        );
        assert_eq!(tiny, "<$0.00000000001");
    }

    #[test]
    fn times_are_shown_in_a_unit_that_people_read() {
        let shown: Vec<String> = [0.0, 7.0, 126.0, 0.5, 1023.0, 4095.0, 32_767.0, 1_048_575.0, 83_310.0, 1e11, 3600.0]
            .iter()
            .map(|s| Seconds(*s).to_string())
            .collect();
        let expected = [
            "0 s",
            "7 s",
            "126 s",
            "0.5 s",
            "17 minutes",
            "68 minutes",
            "9.1 hours",
            "12.1 days",
            "23.1 hours",
            "3,171 years",
            "60 minutes",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn counts_have_thousands_separators() {
        assert_eq!(Count(1_095).to_string(), "1,095");
        assert_eq!(Count(12).to_string(), "12");
        assert_eq!(Count(1_000_000).to_string(), "1,000,000");
    }
}
