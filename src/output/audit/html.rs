//! The page of `lakelint audit --html`: one file that loads nothing. It is made from the JSON document, so that it says nothing else.
//!
//! What people read first is written here by a template, and complete without a script. The rows behind it travel in the page, packed,
//! and the script of page/ (bundled: docs/audit-page.md) turns them into tables and charts.

mod fix;
mod rows;
mod words;

use std::borrow::Cow;

use minijinja::Environment;
use minijinja::value::Serde;
use serde_json::{Value, json};

use crate::controls::visible;

const STYLE: &str = include_str!("page/bundled/page.css");
const SCRIPT: &str = include_str!("page/bundled/page.js");
/// Nothing but this script runs in the page, whatever a name holds.
const SCRIPT_HASH: &str = include_str!("page/bundled/page.js.sha256");
/// Of what the script is bundled with: they go wherever the page goes.
const LICENCES: &str = include_str!("page/bundled/LICENSES");
/// The lists that the script reads.
const LISTS: [&str; 5] = ["fixes", "tables", "queries", "findings", "machines"];

/// The whole page of a JSON document of `lakelint audit`.
pub(super) fn render(document: &str) -> String {
    let mut document: Value = serde_json::from_str(document).expect("lakelint wrote the document");
    make_visible(&mut document);
    let page = json!({
        "fixes": fix::shown(&document),
        "all_fixes": length(&document["fixes"]),
        "statements": length(&document["queries"]),
        "licences": LICENCES,
        "missing": words::missing(&document),
        "is_partial": words::is_partial(&document),
        "saved_per_run": fix::saved_per_run(&document),
        "script": SCRIPT,
        "script_hash": SCRIPT_HASH.trim(),
        "style": STYLE,
    });
    document["page"] = page;
    // The template needs nothing of the long lists: they are taken out, and are gone when it is filled in.
    document["page"]["data"] = json!(rows::packed(LISTS.map(|name| (name, document[name].take()))));
    let mut environment = Environment::new();
    words::add_to(&mut environment);
    environment.add_template("page.html", include_str!("page/page.html")).expect("the template is right");
    let template = environment.get_template("page.html").expect("it was just added");
    template.render(Serde(&document)).expect("the template asks for what the document has")
}

fn length(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

/// Control characters become readable, here once for the template and the script.
fn make_visible(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(shown) = visible(text, false) {
                *text = shown;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(make_visible),
        Value::Object(members) => members.values_mut().for_each(make_visible),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use flate2::read::GzDecoder;

    use super::*;

    fn document(name: &str) -> String {
        let unknown = json!({ "low": null, "likely": null, "high": null });
        json!({
            "version": 1, "lakelint": "0.1.0", "as_of": "2025-06-30",
            "price": { "usd_per_tb": 5.0, "tb_bytes": 1_000_000_000_000_u64, "region": name, "source": name, "as_of": null, "assumption": name },
            "lake": { "tables": 1, "tables_with_layout": 0, "partitions": null, "objects": null, "bytes": null, "queries": 1, "machines": 0, "sources": [name] },
            "spend": { "usd_per_month": null, "parts": [{ "kind": "queries", "usd_per_month": null, "counted": 0, "not_counted": 1, "basis": name }] },
            "avoidable": { "usd_per_month": { "low": 0.0, "high": 0.0 }, "share": null }, "top": 0,
            "fixes": [{ "rule": "r", "title": name, "severity": "high", "confidence": "high", "table": name, "machine": null, "usd_per_month": null,
                "usd_per_run": 1.5, "without_frequency": 1, "change": null, "before": name, "after": name, "how": name, "help": name, "basis": "unknown",
                "findings": [0], "queries": [0], "tables": [0] }],
            "tables": [{ "name": name, "bytes": 123_456_789_u64 }],
            "queries": [{ "name": name, "file": name, "line": 1, "bytes": unknown, "usd": unknown }],
            "findings": [{ "rule": "r", "message": name, "file": name, "line": 1 }],
            "machines": [],
            "checklist": [{ "id": "a", "question": name, "answer": "no", "reasons": [{ "text": name, "file": name, "line": 2 }], "help": name }],
            "not_checked": [{ "what": name, "count": 1, "why": name, "help": name }],
        })
        .to_string()
    }

    /// What the script of a page reads.
    fn carried(page: &str) -> Value {
        let (_, data) = page.split_once("id=\"data\">").expect("data");
        let (data, _) = data.split_once('<').expect("an end");
        let bytes = BASE64_STANDARD.decode(data).expect("base64");
        serde_json::from_reader(GzDecoder::new(bytes.as_slice())).expect("JSON")
    }

    #[test]
    fn a_page_is_one_file_that_runs_one_script() {
        let page = render(&document("sales.orders"));
        assert!(page.starts_with("<!doctype html>"), "{}", &page[..80]);
        assert_eq!(page.matches("<script").count(), 2, "the bundle and the data");
        assert!(page.contains("Mike Bostock") && page.contains("Leon Sorokin"), "the licences of what is bundled");
        assert!(
            page.contains(&format!("script-src &#x27;{0}&#x27;", SCRIPT_HASH.trim()))
                || page.contains(&format!("script-src '{}'", SCRIPT_HASH.trim()))
        );
        assert!(page.contains("sales.orders"));
        assert_eq!(page, render(&document("sales.orders")), "the same document gives the same bytes");
    }

    #[test]
    fn the_bundle_stays_in_its_element() {
        for text in [STYLE, SCRIPT] {
            assert!(!text.contains("</script") && !text.contains("</style") && !text.contains("<!--"));
        }
    }

    #[test]
    fn names_are_text() {
        let plain = render(&document("plain"));
        for name in [
            "</script><img src=x onerror=alert(1)>",
            "\"><svg onload=alert(1)>",
            "`<b>`",
            "{{ 7*7 }}{% raw %}",
            "]]>--><!--",
        ] {
            let page = render(&document(name));
            for mark in ["<script", "<img", "<svg", "<b>", "</script", "<!--"] {
                assert_eq!(page.matches(mark).count(), plain.matches(mark).count(), "{mark} of {name}");
            }
            assert_eq!(carried(&page)["tables"]["columns"]["name"][0], name);
        }
        let page = render(&document("a\u{1b}[2J\u{202e}b\u{0}"));
        assert!(!page.contains(['\u{1b}', '\u{202e}', '\u{0}']));
        assert!(page.contains("a\\u001b[2J\\u202eb\\u0000"));
        let page = render(&document("javascript:alert(1)"));
        assert!(!page.contains("href=\"javascript"));
    }

    #[test]
    fn the_script_gets_every_list() {
        let rows = carried(&render(&document("t")));
        assert_eq!(rows["tables"], json!({ "rows": 1, "columns": { "name": ["t"], "bytes": [123_460_000] } }));
        assert_eq!(rows["machines"], json!({ "rows": 0, "columns": {} }));
        assert_eq!(rows.as_object().map(serde_json::Map::len), Some(LISTS.len()));
    }
}
