//! The JSON Schema of `lakelint.toml`, for editors: what is written here, and the settings of every rule's page.

use serde_json::{Map, Value, json};

use crate::lake::Bytes;
use crate::rules::{RULES, Rule};

/// All but the rules. Of JSON Schema only what draft 4 knows as well, which is what editors of TOML read
/// (<https://taplo.tamasfe.dev/configuration/using-schemas.html>).
const HEAD: &str = include_str!("schema.json");

/// As text, with a final newline.
pub fn schema() -> String {
    let mut schema: Value = serde_json::from_str(HEAD).expect("the shipped schema is JSON");
    schema["properties"]["rules"]["properties"] =
        RULES.iter().map(|rule| (rule.id.to_string(), stanza(rule))).collect();
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    schema["properties"]["ignore"]["items"]["properties"]["rule"]["enum"] = json!(ids);
    format!("{schema:#}\n")
}

/// `[rules.<id>]`.
fn stanza(rule: &Rule) -> Value {
    let page = rule.page();
    let mut settings = Map::new();
    let mut comment = String::new();
    for line in page.defaults.lines().skip(1) {
        match (line.strip_prefix('#'), line.split_once('=')) {
            (Some(text), _) => comment = format!("{comment} {}", text.trim()).trim().to_string(),
            (None, Some((key, value))) => {
                let key = key.trim();
                let default: toml::Table = format!("{key} = {value}").parse().expect("a page's toml block is valid");
                let setting = setting(key, &default[key], &std::mem::take(&mut comment));
                settings.insert(key.to_string(), setting);
            }
            (None, None) => {}
        }
    }
    json!({ "description": page.summary, "type": "object", "additionalProperties": false, "properties": settings })
}

/// Takes what [`crate::rules::Settings`] takes.
fn setting(key: &str, default: &toml::Value, description: &str) -> Value {
    let is_size = default.as_str().is_some_and(|text| text.parse::<Bytes>().is_ok());
    let mut schema = match default {
        _ if key == "severity" => json!({ "allOf": [{ "$ref": "#/definitions/severity" }] }),
        _ if is_size => json!({ "allOf": [{ "$ref": "#/definitions/size" }] }),
        toml::Value::Integer(_) => json!({ "type": "integer", "minimum": 0 }),
        toml::Value::Float(_) => json!({ "type": "number" }),
        toml::Value::Array(_) => json!({ "type": "array", "items": { "type": "string" } }),
        toml::Value::Boolean(_) => json!({ "type": "boolean" }),
        _ => json!({ "type": "string" }),
    };
    schema["default"] = json!(default);
    if !description.is_empty() {
        schema["description"] = json!(description);
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{FILE_NAME, parse};
    use crate::rules::Settings;

    fn validator() -> jsonschema::Validator {
        jsonschema::validator_for(&serde_json::from_str(&schema()).expect("JSON")).expect("a schema")
    }

    fn in_json(text: &str) -> Value {
        let table: toml::Table = text.parse().expect("TOML");
        serde_json::to_value(table).expect("JSON")
    }

    /// Whether lakelint itself takes it.
    fn is_read(text: &str) -> bool {
        parse(FILE_NAME, text).is_ok_and(|config| Settings::resolve(&config.rules, &[], &[]).is_ok())
    }

    #[test]
    fn it_takes_what_lakelint_takes_and_nothing_else() {
        let validator = validator();
        for (text, expected) in [
            ("", true),
            ("fail-on = \"never\"\nexclude = [\"a/**\"]\nlake.sources = [\"s3://a=b\"]", true),
            ("fail-on = \"off\"", false),
            ("fail_on = \"high\"", false),
            ("exclude = [\"\"]\nlayers.raw = [\"\"]\nlake.sources = [\"\"]", true),
            ("exclude = \"a\"", false),
            ("lake.source = []", false),
            ("price = { region = \"eu-west-1\", engine = \"athena\", usd-per-tb = 0, tb-bytes = 1 }", true),
            ("price.engine = \"presto\"", false),
            ("price.usd-per-tb = -1", false),
            ("price.tb-bytes = 0", false),
            ("runs = { a = \"30/month\", \"b/**\" = \"rate(1 hour)\" }", true),
            ("runs.a = 30", false),
            ("budget = { query-usd = 1, query-bytes = \"1.5 TB\", month-usd = 0.5, unknown = \"allow\" }", true),
            ("budget = { query-bytes = 7, increase-usd-month = 1, increase-pct = 2.5 }", true),
            ("budget.query-bytes = \"much\"", false),
            ("budget.query-bytes = \"1 XB\"", false),
            ("budget.month = 1", false),
            ("layers = { raw = [\"a\"], clean = [], curated = [\"db:x_*\"] }", true),
            ("layers.gold = []", false),
            (
                "[[tables]]\nname = \"a\"\npartition-keys = [\"dt\", \"h int\"]\nkey-format = \"yyyy\"\nlocation = \"s3://a/\"\nmax-range-days = 3",
                true,
            ),
            ("[[tables]]\nlocation = \"s3://a/\"", false),
            ("[[tables]]\nname = \" \"", false),
            (
                "[[ignore]]\nrule = \"small-files\"\nreason = \"r\"\npath = \"a\"\ntable = \"b\"\nobject = \"c\"\nuntil = \"2025-12-31\"",
                true,
            ),
            ("[[ignore]]\nrule = \"small-files\"", false),
            ("[[ignore]]\nrule = \"small-files\"\nreason = \"\"", false),
            ("rules.small-files = { severity = \"off\", min-files = 3, very-small-average = \"1 B\" }", true),
            ("rules.small-files.very-small-average = 3", false),
            ("rules.small-files.very-small-average = \"small\"", false),
            ("rules.small-files.min-files = -1", false),
            ("rules.small-files.severity = \"on\"", false),
            ("rules.small-file = {}", false),
            ("rules.small-files.min-file = 1", false),
            ("rules.read-twice = 1", false),
        ] {
            let is_valid = validator.is_valid(&in_json(text));
            assert_eq!((is_valid, is_read(text)), (expected, expected), "{text}");
        }
    }

    /// Every section knows the keys that the reader names when it meets an unknown one.
    #[test]
    fn it_knows_every_key() {
        let schema: Value = serde_json::from_str(&schema()).expect("JSON");
        let keys = |pointer: &str| {
            let properties = schema.pointer(pointer).and_then(Value::as_object).expect(pointer);
            let mut keys: Vec<String> = properties.keys().cloned().collect();
            keys.sort();
            keys
        };
        for (prefix, pointer) in [
            ("", "/properties"),
            ("price.", "/properties/price/properties"),
            ("budget.", "/properties/budget/properties"),
            ("lake.", "/properties/lake/properties"),
            ("layers.", "/properties/layers/properties"),
            ("[[tables]]\n", "/properties/tables/items/properties"),
            ("[[ignore]]\n", "/properties/ignore/items/properties"),
        ] {
            let error = parse(FILE_NAME, &format!("{prefix}zzzzzzzzzzzzzzzz = 1")).expect_err("no such key").message;
            let mut known: Vec<String> = error.split('`').skip(3).step_by(2).map(str::to_string).collect();
            known.sort();
            assert_eq!(keys(pointer), known, "{prefix}: {error}");
        }
    }

    #[test]
    fn the_defaults_fit() {
        let validator = validator();
        for rule in RULES {
            let defaults = in_json(rule.page().defaults);
            assert!(validator.is_valid(&defaults), "{}", rule.id);
        }
    }
}
