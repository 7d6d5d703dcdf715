//! SARIF 2.1.0, for code scanning.

use serde_json::{Map, Value, json};

use super::said::{home, whole};
use super::{Look, from_root};
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
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": whole(found) },
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
    // Code scanning refuses a whole upload when one result has no file.
    let home = || json!({ "artifactLocation": artifact(home(found, look), look) });
    let mut location = json!({ "physicalLocation": physical(&found.place, look).unwrap_or_else(home) });
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

#[cfg(test)]
mod tests {
    use crate::output::tests::{folder, odd, patched, usual, validate};
    use crate::output::{Format, Look};
    use crate::triage::Fixture;

    #[test]
    fn the_edits_of_a_patch_are_a_fix() {
        let result = &sarif(&patched())["runs"][0]["results"][1];
        let change = &result["fixes"][0]["artifactChanges"][0];
        assert_eq!(change["artifactLocation"]["uri"], "data/sql/load.asl.json");
        let [replaced, inserted] = &change["replacements"].as_array().expect("a list")[..] else { panic!("{change}") };
        assert_eq!(
            (&replaced["deletedRegion"]["endColumn"], &replaced["insertedContent"]["text"]),
            (&28.into(), &"6".into())
        );
        assert_eq!(inserted["deletedRegion"]["startColumn"], inserted["deletedRegion"]["endColumn"]);
        assert_eq!(inserted["insertedContent"]["text"], ",\n    \"MaxDelaySeconds\": 300");
        assert!(sarif(&usual())["runs"][0]["results"][0].get("fixes").is_none());
    }

    #[test]
    fn sarif_is_valid_and_counts_paths_from_the_repository() {
        for fixture in [Fixture::default(), usual(), odd(), patched()] {
            let text = fixture.render(Format::Sarif, &folder());
            // The standard's pattern of a language tag has a bracket too many, which the validator rightly refuses.
            let schema = include_str!("../../tests/schemas/sarif-schema-2.1.0.json").replace("{2}]?$", "{2}$");
            validate(&schema, &text);
        }
        let run = sarif(&odd())["runs"][0].clone();
        let uris: Vec<String> = run["results"]
            .as_array()
            .expect("results")
            .iter()
            .map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].to_string())
            .collect();
        let odd = "\"data/sql/a%20dir/50%25%2C%20%C3%A9%3A1.sql\"";
        assert_eq!(uris, ["\"data/x.sql\"", odd, odd, odd, "\"data/sql/lakelint.toml\""]);
        let look = Look { config: Some("../../lakelint.toml".to_string()), ..folder() };
        let text = self::odd().render(Format::Sarif, &look);
        assert!(text.contains("\"uri\": \"lakelint.toml\""), "{text}");
    }

    fn sarif(fixture: &Fixture) -> serde_json::Value {
        serde_json::from_str(&fixture.render(Format::Sarif, &folder())).expect("JSON")
    }

    #[test]
    fn sarif_results_point_to_their_rule_and_their_places() {
        let document = sarif(&usual());
        let run = &document["runs"][0];
        let result = &run["results"][0];
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().expect("an index") as usize];
        assert_eq!(rule["id"], "missing-partition-filter");
        assert!(rule["help"]["markdown"].as_str().expect("help").starts_with("# Missing partition filter"));
        assert_eq!(result["level"], "error");
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(
            [&region["startLine"], &region["startColumn"], &region["endLine"], &region["endColumn"]],
            [2, 6, 2, 17]
        );
        assert_eq!(result["relatedLocations"].as_array().map(Vec::len), Some(2));
        assert_eq!(result["partialFingerprints"]["lakelint/v1"], usual().report().findings[0].fingerprint.as_str());
    }
}
