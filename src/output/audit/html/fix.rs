//! The fixes that the page shows in full.

use serde_json::{Value, json};

use super::words::{capital, sentence};

/// Shown at least, and at most.
const SHOWN: (u64, u64) = (10, 25);
/// Findings, and statements, that one lists.
const LISTED: (usize, usize) = (8, 12);

/// The first fixes, with what they refer to in place of its numbers.
pub(super) fn shown(document: &Value) -> Vec<Value> {
    let most = document["top"].as_u64().unwrap_or(0).clamp(SHOWN.0, SHOWN.1);
    let fixes = document["fixes"].as_array().into_iter().flatten().take(most as usize);
    let full = |fix: &Value| {
        let mut shown = fix.clone();
        shown["advice"] = advised(fix["how"].as_str().unwrap_or_default(), fix["help"].as_str().unwrap_or_default());
        shown["found"] = referred(document, fix, "findings", LISTED.0, &["message", "file", "line"]);
        shown["statements"] = referred(document, fix, "queries", LISTED.1, &["name"]);
        shown["concerned"] = referred(document, fix, "tables", LISTED.1, &["name"]);
        shown
    };
    fixes.map(full).collect()
}

/// The first rows of a list that a fix refers to, with their numbers and some of their members.
fn referred(document: &Value, fix: &Value, list: &str, most: usize, members: &[&str]) -> Value {
    let numbers = fix[list].as_array().into_iter().flatten().filter_map(Value::as_u64).take(most);
    let row = |number: u64| {
        let mut row = json!({ "number": number });
        members.iter().for_each(|member| row[*member] = document[list][number as usize][*member].clone());
        row
    };
    numbers.map(row).collect()
}

/// What one run of everything costs too much, of fixes that no frequency is known of.
pub(super) fn saved_per_run(document: &Value) -> f64 {
    let fixes = document["fixes"].as_array().into_iter().flatten();
    fixes.filter(|fix| fix["usd_per_month"].is_null()).filter_map(|fix| fix["usd_per_run"].as_f64()).sum()
}

/// What to do: a sentence, the text to copy, and under which condition it saves what is said.
fn advised(how: &str, help: &str) -> Value {
    let longest = |text: &'_ str| {
        let codes = text.split('`').skip(1).step_by(2).filter(|code| code.contains(' '));
        codes.max_by_key(|code| code.len()).map(str::to_string)
    };
    let code = longest(how).or_else(|| longest(help));
    let note = if how.contains('`') { "" } else { how };
    // The text that is copied stands below: no need to say it twice.
    let before = code.as_ref().and_then(|code| help.strip_suffix(&format!(" `{code}`")));
    let text = match before {
        Some(before) => capital(before.trim_end_matches(':')) + ":",
        None if help.is_empty() => String::new(),
        None => sentence(help),
    };
    json!({ "text": text, "code": code, "note": note })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_copy_is_said_once() {
        let with = advised("with `dt = '2025'`", "add a predicate such as `dt = '2025'`");
        assert_eq!(with, json!({ "text": "Add a predicate such as:", "code": "dt = '2025'", "note": "" }));
        let statement =
            advised("compressed, if text compresses 3:1", "write Parquet: `CREATE TABLE a AS SELECT 1`, then drop `b`");
        assert_eq!(statement["code"], "CREATE TABLE a AS SELECT 1");
        assert_eq!(statement["note"], "compressed, if text compresses 3:1");
        assert_eq!(statement["text"], "Write Parquet: `CREATE TABLE a AS SELECT 1`, then drop `b`.");
        assert_eq!(advised("", ""), json!({ "text": "", "code": null, "note": "" }));
    }
}
