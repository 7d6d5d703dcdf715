//! A data product on one page: what its consumers need, as a TOML file says it. What is not said is not known.

use std::num::NonZeroU32;

use serde::{Deserialize, Deserializer};

use crate::lake::{Bytes, DAYS_PER_MONTH, Seconds};

/// The description of a product.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Product {
    pub name: String,
    /// Who reads it, in words: it is printed, and decides nothing.
    pub consumers: Vec<String>,
    /// How old the data may be when it is read.
    pub freshness: Option<Time>,
    /// What a wrong number costs.
    pub correctness: Option<Level>,
    /// How long a consumer may wait for an answer.
    pub latency: Option<Time>,
    pub changes: Option<Changes>,
    /// Bytes that come in on a day.
    #[serde(deserialize_with = "amount")]
    pub volume_per_day: Option<Bytes>,
    /// Bytes of one record, where records come in one by one.
    #[serde(deserialize_with = "amount")]
    pub record_size: Option<Bytes>,
    pub logic: Option<Logic>,
    /// Tables that are made on the way from what comes in, the last one included.
    pub steps: Option<NonZeroU32>,
    pub queries_per_day: Option<u32>,
    /// Days of data that a query reads.
    pub days_per_query: Option<u32>,
    /// Days for which data is kept.
    pub keep_days: Option<u32>,
    /// Tables of the lake that are the product, to compare with what is there.
    pub tables: Vec<String>,
    /// Jobs, state machines, delivery streams and functions that make it, by name, where the files do not tell what they write.
    pub made_by: Vec<String>,
}

/// A span of time such as `15 minutes`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Time(pub Seconds);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It is mended the next time: no checks.
    Low,
    /// It must be noticed: checks tell somebody.
    Medium,
    /// It must not get out: checks stop what comes after.
    High,
}

/// What becomes of rows once they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Changes {
    /// They stay as they are.
    AppendOnly,
    /// Some come late, into days that are over.
    LateRows,
    /// They are changed or deleted.
    Updates,
}

/// What transforms the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Logic {
    Sql,
    /// Libraries, models, formats that SQL does not read.
    Code,
}

/// `m` is left out: it could be minutes or months.
const TIME: &str =
    "expected a time such as \"15 minutes\": a number above 0 and `s`, `min`, `h`, `d`, `weeks` or `months`";
const SIZE: &str = "expected a size such as \"20 GB\": a number above 0 and `B`, `kB`, `MB`, `GB`, `TB`, `PB`, or `KiB`, `MiB` and so on";

impl Time {
    fn parse(text: &str) -> Option<Time> {
        let text = text.trim();
        let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let number: f64 = text[..split].parse().ok()?;
        let seconds = match text[split..].trim().to_ascii_lowercase().as_str() {
            "s" | "sec" | "second" | "seconds" => 1.0,
            "min" | "minute" | "minutes" => 60.0,
            "h" | "hour" | "hours" => 3_600.0,
            "d" | "day" | "days" => 86_400.0,
            "w" | "week" | "weeks" => 7.0 * 86_400.0,
            "month" | "months" => DAYS_PER_MONTH * 86_400.0,
            _ => return None,
        };
        Some(Time(Seconds(number * seconds))).filter(|time| time.0.0.is_finite() && time.0.0 > 0.0)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Time, D::Error> {
        let error = || serde::de::Error::custom(TIME);
        match toml::Value::deserialize(value)? {
            toml::Value::String(text) => Time::parse(&text).ok_or_else(error),
            _ => Err(error()),
        }
    }
}

/// A size with its unit: whoever writes `20` hardly means 20 bytes.
fn amount<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Bytes>, D::Error> {
    let size = match toml::Value::deserialize(value)? {
        toml::Value::String(text) if text.trim_end().ends_with(|c: char| c.is_ascii_alphabetic()) => text.parse().ok(),
        _ => None,
    };
    size.filter(|size| *size > Bytes(0)).map(Some).ok_or_else(|| serde::de::Error::custom(SIZE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_and_errors_name_their_place() {
        let read = |text: &str| crate::config::read_toml::<Product>("p.toml", text).map_err(|error| error.to_string());
        let seconds =
            |text: &str| read(&format!("freshness = \"{text}\"")).ok().and_then(|product| Some(product.freshness?.0.0));
        assert_eq!(seconds("15 minutes"), Some(900.0));
        assert_eq!(seconds("1.5h"), Some(5_400.0));
        assert_eq!(
            [seconds("1 Day"), seconds("1 D"), seconds("1 month")],
            [Some(86_400.0), Some(86_400.0), Some(2_629_800.0)]
        );
        assert_eq!([seconds("0 s"), seconds("day"), seconds("1 fortnight"), seconds(""), seconds("1 m")], [None; 5]);
        let at = |place: &str, text: &str| format!("p.toml:{place}: {text}");
        for (text, message) in [
            ("fresness = \"1 day\"", at("1:1", "unknown key `fresness`, did you mean `freshness`?")),
            ("name = \"x\"\nfreshness = 15", at("2:13", TIME)),
            ("freshness = \"5 m\"", at("1:13", TIME)),
            ("correctness = \"hihg\"", at("1:15", "unknown value `hihg`, did you mean `high`?")),
            ("correctness = \"HIGH\"", at("1:15", "unknown value `HIGH`, expected `low`, `medium`, `high`")),
            ("volume-per-day = \"much\"", at("1:18", SIZE)),
            ("volume-per-day = 20", at("1:18", SIZE)),
            ("volume-per-day = \"20\"", at("1:18", SIZE)),
            ("volume-per-day = \"0 B\"", at("1:18", SIZE)),
            ("steps = -1", at("1:9", "expected a whole number from 1 on")),
            ("steps = 0", at("1:9", "expected a whole number from 1 on")),
            ("keep-days = -1", at("1:13", "expected a whole number")),
        ] {
            assert_eq!(read(text).expect_err(text), message);
        }
    }
}
