//! The rows that the page carries for its script: as columns, rounded, compressed, in base64.

use std::io::{self, Write as _};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};

/// One JSON object of the lists: a lake of 500 tables and 5,000 statements takes less than a megabyte.
pub(super) fn packed<const N: usize>(lists: [(&str, Value); N]) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = write(lists, &mut encoder).and_then(|()| encoder.finish());
    BASE64_STANDARD.encode(written.expect("a vector takes any bytes"))
}

/// List by list, so that a large one is gone before the next.
fn write<const N: usize>(lists: [(&str, Value); N], out: &mut GzEncoder<Vec<u8>>) -> io::Result<()> {
    for (number, (name, list)) in lists.into_iter().enumerate() {
        let open = if number == 0 { '{' } else { ',' };
        write!(out, "{open}\"{name}\":")?;
        serde_json::to_writer(&mut *out, &columns(list))?;
    }
    out.write_all(b"}")
}

/// Every row of a list has the same members.
fn columns(list: Value) -> Value {
    let Value::Array(rows) = list else { return json!({ "rows": 0, "columns": {} }) };
    let count = rows.len();
    let mut columns: Map<String, Value> = Map::new();
    for row in rows {
        let Value::Object(members) = row else { continue };
        for (name, value) in members {
            let column = columns.entry(name).or_insert_with(|| Value::Array(Vec::with_capacity(count)));
            if let Value::Array(column) = column {
                column.push(rounded(value));
            }
        }
    }
    json!({ "rows": count, "columns": columns })
}

/// As the page shows amounts; five digits of large counts. Rounding once means that template and script say the same.
fn rounded(value: Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(value) if number.is_u64() && value < 1e7 => Value::Number(number),
            Some(value) => json_number(if number.is_u64() { format!("{value:.4e}") } else { as_shown(value) }),
            None => Value::Null,
        },
        Value::Array(values) => values.into_iter().map(rounded).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, rounded(value))).collect(),
        other => other,
    }
}

/// Whole dollars, cents, or two digits.
fn as_shown(value: f64) -> String {
    match value.abs() {
        99.995.. => format!("{value:.0}"),
        0.00995.. => format!("{value:.2}"),
        _ => format!("{value:.1e}"),
    }
}

/// Short where it is whole.
fn json_number(digits: String) -> Value {
    let value: f64 = digits.parse().unwrap_or_default();
    if value.fract() == 0.0 && (0.0..1e15).contains(&value) { json!(value as u64) } else { json!(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_as_they_are_shown() {
        let all = json!([0.1 + 0.2, 9_999_999, 123_456_789_u64, 0, -1.5, 21.1149, 1234.49999, 0.000_456_7, null, "x"]);
        assert_eq!(rounded(all), json!([0.3, 9_999_999, 123_460_000, 0, -1.5, 21.11, 1234, 0.00046, null, "x"]));
    }

    #[test]
    fn rows_become_columns() {
        let list = json!([{ "a": 1, "b": { "c": [0.5] } }, { "a": null, "b": null }]);
        assert_eq!(columns(list), json!({ "rows": 2, "columns": { "a": [1, null], "b": [{ "c": [0.5] }, null] } }));
        assert_eq!(columns(json!([])), json!({ "rows": 0, "columns": {} }));
    }
}
