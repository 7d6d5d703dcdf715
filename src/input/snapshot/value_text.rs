//! Smallest and largest values of column chunks as JSON: integers and booleans as they are, everything else as a text whose first
//! letter says what it is. Texts keep floating point numbers exact, which JSON numbers do not.

use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::expr::{Interval, Value};

/// One end of a range; `None` (JSON null) is unknown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct End(pub Option<Value>);

/// A value that is there.
struct Known<'a>(&'a Value);

impl Serialize for End {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            None => to.serialize_unit(),
            Some(value) => Known(value).serialize(to),
        }
    }
}

impl Serialize for Known<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(value) => to.serialize_bool(*value),
            Value::Int(value) => to.serialize_i64(*value),
            Value::Array(values) => {
                let mut list = to.serialize_seq(Some(values.len()))?;
                values.iter().try_for_each(|value| list.serialize_element(&Known(value)))?;
                list.end()
            }
            Value::Null => to.serialize_str("n"),
            Value::String(text) => to.collect_str(&format_args!("s{text}")),
            // `{:?}` writes the shortest digits that read back as the same number.
            Value::Float(value) => to.collect_str(&format_args!("f{value:?}")),
            Value::Date(date) => to.collect_str(&format_args!("d{date}")),
            Value::Timestamp(time) => to.collect_str(&format_args!("t{time:?}")),
            Value::Interval(Interval { months, milliseconds }) => {
                to.collect_str(&format_args!("i{months},{milliseconds}"))
            }
        }
    }
}

fn of_text(text: &str) -> Option<Value> {
    let first = text.chars().next()?;
    let rest = &text[first.len_utf8()..];
    match first {
        's' => Some(Value::String(rest.to_string())),
        'f' => rest.parse().ok().map(Value::Float),
        'd' => rest.parse().ok().map(Value::Date),
        't' => rest.parse().ok().map(Value::Timestamp),
        'n' if rest.is_empty() => Some(Value::Null),
        'i' => {
            let (months, milliseconds) = rest.split_once(',')?;
            let interval = Interval { months: months.parse().ok()?, milliseconds: milliseconds.parse().ok()? };
            Some(Value::Interval(interval))
        }
        _ => None,
    }
}

impl<'de> Deserialize<'de> for End {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<End, D::Error> {
        from.deserialize_any(EndVisitor)
    }
}

struct EndVisitor;

impl<'de> Visitor<'de> for EndVisitor {
    type Value = End;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "null, a whole number, true, false, a list, or a text such as \"sabc\", \"f1.5\" or \"d2024-01-01\"",
        )
    }

    fn visit_unit<E: de::Error>(self) -> Result<End, E> {
        Ok(End(None))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<End, E> {
        Ok(End(Some(Value::Bool(value))))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<End, E> {
        Ok(End(Some(Value::Int(value))))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<End, E> {
        let value = i64::try_from(value).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(value), &self))?;
        Ok(End(Some(Value::Int(value))))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<End, E> {
        match of_text(text) {
            Some(value) => Ok(End(Some(value))),
            None => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<End, A::Error> {
        let mut values = Vec::new();
        while let Some(End(value)) = list.next_element()? {
            values.push(value.ok_or_else(|| de::Error::custom("a list of values holds null"))?);
        }
        Ok(End(Some(Value::Array(values))))
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn values_are_short_texts() {
        let date = NaiveDate::from_ymd_opt(2024, 2, 29).expect("a date");
        let time = date.and_hms_milli_opt(1, 2, 3, 450).expect("a time");
        let values = [
            (Value::Int(-7), "-7"),
            (Value::Bool(true), "true"),
            (Value::String("7".into()), r#""s7""#),
            (Value::Float(0.1), r#""f0.1""#),
            (Value::Date(date), r#""d2024-02-29""#),
            (Value::Timestamp(time), r#""t2024-02-29T01:02:03.450""#),
            (Value::Interval(Interval { months: -1, milliseconds: 5 }), r#""i-1,5""#),
            (Value::Array(vec![Value::Null, Value::Int(1)]), r#"["n",1]"#),
        ];
        for (value, text) in values {
            let end = End(Some(value));
            assert_eq!(serde_json::to_string(&end).expect("json"), text);
            assert_eq!(serde_json::from_str::<End>(text).expect("json"), end);
        }
        assert_eq!(serde_json::from_str::<End>("null").expect("json"), End(None));
    }

    #[test]
    fn odd_floats_survive_and_other_texts_are_errors() {
        for value in [f64::INFINITY, f64::MIN_POSITIVE / 3.0, -0.0, 1.0 / 3.0, 1e300, f64::NAN] {
            let text = serde_json::to_string(&End(Some(Value::Float(value)))).expect("json");
            let Ok(End(Some(Value::Float(read)))) = serde_json::from_str(&text) else { panic!("{text}") };
            assert!(read.to_bits() == value.to_bits() || read.is_nan() && value.is_nan(), "{text}");
        }
        for text in ["1.5", r#""""#, r#""x1""#, r#""f""#, r#""d2024-02-30""#, "{}", "[null]", "18446744073709551615"] {
            assert!(serde_json::from_str::<End>(text).is_err(), "{text}");
        }
    }
}
