//! SARIF 2.1.0, for code scanning.

use serde_json::{Map, Value, json};

use super::waste::sentence;
use super::{Look, from_root};
use crate::config::FILE_NAME;
use crate::finding::{Edit, Severity};
use crate::rules::{self, Rule};
use crate::triage::{Found, Report, Resolved};

pub(super) fn render(report: &Report, look: &Look) -> String {
    // A finding's rule ran, so it is in the list.
    let index = |id: &str| report.rules.iter().position(|rule| *rule == id);
    let results: Vec<Value> =
        report.findings.iter().map(|found| result(found, index(found.finding.rule), look)).collect();
    let rules: Vec<Value> = report.rules.iter().filter_map(|id| rules::find(id)).map(descriptor).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "lakelint",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { ROOT: { "description": { "text": "the repository's root" } } },
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&document).expect("strings, numbers and lists only");
    text.push('\n');
    text
}

/// The base that GitHub and others replace by the root of the checkout.
const ROOT: &str = "%SRCROOT%";

fn descriptor(rule: &Rule) -> Value {
    let page = rule.page();
    json!({
        "id": rule.id,
        "shortDescription": { "text": page.title },
        "fullDescription": { "text": page.summary },
        "help": { "text": rule.page_text, "markdown": rule.page_text },
        "properties": { "tags": ["cost"] },
    })
}

fn result(found: &Found, rule_index: Option<usize>, look: &Look) -> Value {
    let finding = &found.finding;
    let help = finding.help.as_ref().map_or_else(String::new, |help| format!("\n{help}"));
    let waste = finding.waste.as_ref().map_or_else(String::new, |waste| format!("\ncost: {}", sentence(waste)));
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": format!("{}{help}{waste}", finding.message) },
        "locations": [location(found, look)],
        "partialFingerprints": { "lakelint/v1": found.fingerprint },
        "properties": { "severity": finding.severity, "confidence": finding.confidence },
    });
    if let Some(index) = rule_index {
        result["ruleIndex"] = json!(index);
    }
    let related: Vec<Value> = finding
        .related
        .iter()
        .zip(&found.related)
        .filter_map(|(related, place)| {
            let place = physical(place, look)?;
            Some(json!({ "physicalLocation": place, "message": { "text": related.message } }))
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    if let Some(fix) = fix(found, look) {
        result["fixes"] = json!([fix]);
    }
    result
}

/// A change of one file, as the standard has it: regions to delete, and what comes in their place.
fn fix(found: &Found, look: &Look) -> Option<Value> {
    let patch = found.finding.patch.as_ref()?;
    let file = found.edits.first()?.file.as_ref()?;
    let replacement = |(edit, place): (&Edit, &Resolved)| {
        let region = physical(place, look)?.get("region")?.clone();
        Some(json!({ "deletedRegion": region, "insertedContent": { "text": edit.text } }))
    };
    let replacements: Option<Vec<Value>> = patch.edits.iter().zip(&found.edits).map(replacement).collect();
    let change = json!({ "artifactLocation": artifact(file, look), "replacements": replacements? });
    Some(json!({ "description": { "text": patch.title() }, "artifactChanges": [change] }))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

fn location(found: &Found, look: &Look) -> Value {
    // Code scanning refuses a whole upload when one result has no file. What is only in the lake is hung on the
    // configuration, the file that describes the lake.
    let configuration = || json!({ "artifactLocation": artifact(look.config.as_deref().unwrap_or(FILE_NAME), look) });
    let mut location = json!({ "physicalLocation": physical(&found.place, look).unwrap_or_else(configuration) });
    let finding = &found.finding;
    if let Some(name) = finding.object.as_ref().or(finding.table.as_ref()) {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": name }]);
    }
    location
}

fn physical(place: &Resolved, look: &Look) -> Option<Value> {
    let mut physical = Map::new();
    physical.insert("artifactLocation".to_string(), artifact(place.file.as_ref()?, look));
    if let Some((start, end)) = place.range {
        let region = json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        });
        physical.insert("region".to_string(), region);
    }
    Some(Value::Object(physical))
}

fn artifact(path: &str, look: &Look) -> Value {
    match from_root(path, look) {
        Some(path) => json!({ "uri": escaped(&path), "uriBaseId": ROOT }),
        None if path.starts_with('/') => json!({ "uri": format!("file://{}", escaped(path)) }),
        None => json!({ "uri": escaped(path) }),
    }
}

/// A path as a relative URI: everything but unreserved characters and slashes is percent-encoded.
fn escaped(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
