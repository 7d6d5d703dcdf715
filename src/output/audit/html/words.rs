//! What the template of the page says with numbers and texts.

use minijinja::value::Value as Shown;
use minijinja::{Environment, HtmlEscape};
use serde_json::Value;

use crate::lake::{Bytes, Count, Usd};

const UNKNOWN: &str = "unknown";

/// The filters of the template. `null` is unknown.
pub(super) fn add_to(environment: &mut Environment<'_>) {
    environment.add_filter("count", |number: Option<u64>| or_unknown(number.map(Count)));
    environment.add_filter("bytes", |number: Option<u64>| or_unknown(number.map(Bytes)));
    environment.add_filter("money", |usd: Option<f64>| usd.map_or(UNKNOWN.to_string(), money));
    environment.add_filter("percent", |share: f64| format!("{:.0} %", 100.0 * share));
    environment.add_filter("range", |bounds: Shown| {
        let bound = |name| bounds.get_attr(name).ok().and_then(|usd| f64::try_from(usd).ok());
        bound("low").zip(bound("high")).map_or(UNKNOWN.to_string(), |(low, high)| range(low, high))
    });
    environment.add_filter("capital", |text: String| capital(&text));
    environment.add_filter("sentence", |text: String| sentence(&text));
    environment.add_filter("marked", |text: String| Shown::from_safe_string(marked(&text)));
    environment.add_filter("basis_word", |basis: String| basis_word(&basis));
    environment.add_filter("part_name", |kind: String| part_name(&kind).map_or(kind, str::to_string));
    environment.add_filter("answer_class", |answer: String| match answer.as_str() {
        "yes" => "yes",
        "no" => "no",
        _ => "open",
    });
    environment.add_filter("is_link", |text: String| text.starts_with("https://"));
}

fn or_unknown(quantity: Option<impl ToString>) -> String {
    quantity.map_or(UNKNOWN.to_string(), |quantity| quantity.to_string())
}

/// From a hundred dollars on, cents tell nobody anything.
fn money(usd: f64) -> String {
    if usd >= 99.995 { format!("${}", Count(usd.round() as u64)) } else { Usd(usd).to_string() }
}

fn range(low: f64, high: f64) -> String {
    let (least, most) = (money(low), money(high));
    if least == most {
        most
    } else if low == 0.0 {
        format!("up to {most}")
    } else {
        format!("{least} to {most}")
    }
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

pub(super) fn sentence(text: &str) -> String {
    capital(text) + if text.ends_with('.') { "" } else { "." }
}

/// Escaped, and `backticks` as code.
fn marked(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let mut out = String::new();
    for (number, part) in parts.iter().enumerate() {
        let escaped = HtmlEscape(part);
        // The last one of an odd number of backticks stands for itself.
        match number % 2 {
            1 if number + 1 < parts.len() => out.push_str(&format!("<code>{escaped}</code>")),
            1 => out.push_str(&format!("`{escaped}")),
            _ => out.push_str(&escaped.to_string()),
        }
    }
    out
}

fn basis_word(basis: &str) -> &'static str {
    ["measured", "assumed", UNKNOWN].into_iter().find(|word| basis.starts_with(word)).unwrap_or_default()
}

fn part_name(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "queries" => "Statements",
        "elsewhere" => "Statements in no file",
        "requests" => "Requests",
        "storage" => "Storage",
        "workflows" => "State machines",
        _ => return None,
    })
}

fn parts(document: &Value) -> impl Iterator<Item = (&str, u64, bool)> {
    let parts = document["spend"]["parts"].as_array().into_iter().flatten();
    parts.filter_map(|part| {
        Some((part["kind"].as_str()?, part["not_counted"].as_u64()?, !part["usd_per_month"].is_null()))
    })
}

/// A large part of the spend is unknown altogether: what is scanned, or what is stored.
pub(super) fn is_partial(document: &Value) -> bool {
    parts(document).any(|(kind, missing, is_known)| matches!(kind, "queries" | "storage") && missing > 0 && !is_known)
}

/// What is not in the spend: `12 statements, 1 state machine`.
pub(super) fn missing(document: &Value) -> String {
    let said = parts(document).filter(|(_, missing, _)| *missing > 0).filter_map(|(kind, missing, _)| {
        let (before, what) = match kind {
            "queries" => ("", "statement"),
            "storage" => ("the storage of ", "table"),
            "workflows" => ("", "state machine"),
            _ => return None,
        };
        Some(format!("{before}{} {what}{}", Count(missing), if missing == 1 { "" } else { "s" }))
    });
    said.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_short() {
        assert_eq!(range(0.0, 3.5), "up to $3.50");
        assert_eq!(range(120.0, 1234.4), "$120 to $1,234");
        assert_eq!(range(5.0, 5.0), "$5.00");
        assert_eq!(money(0.00005), "$0.00005");
    }

    #[test]
    fn only_pairs_of_backticks_are_code() {
        assert_eq!(marked("reads `a` and `<b>"), "reads <code>a</code> and `&lt;b&gt;");
        assert_eq!(marked("``"), "<code></code>");
        assert_eq!(marked(""), "");
    }

    #[test]
    fn what_is_missing_is_counted() {
        let part = |kind: &str, not_counted: u64, usd: Value| serde_json::json!({ "kind": kind, "not_counted": not_counted, "usd_per_month": usd });
        let document = serde_json::json!({ "spend": { "parts": [
            part("queries", 2, serde_json::json!({})), part("requests", 2, Value::Null), part("storage", 1, serde_json::json!({})), part("workflows", 0, Value::Null)] } });
        assert_eq!(missing(&document), "2 statements, the storage of 1 table");
        assert!(!is_partial(&document), "requests and workflows are small");
    }
}
