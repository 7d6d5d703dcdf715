//! Severities and thresholds: the pages' defaults with the user's configuration over them.

use std::collections::BTreeMap;

use crate::finding::Severity;
use crate::lake::Bytes;

use super::RULES;

/// The thresholds of one rule. Every name a rule asks for stands in its page, so a missing one is a fault of ours.
#[derive(Debug, Clone, PartialEq)]
pub struct Params(toml::Table);

#[derive(Debug, Clone, PartialEq)]
pub struct RuleSettings {
    pub severity: Severity,
    pub params: Params,
}

/// Settings of every rule that is switched on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings(BTreeMap<&'static str, RuleSettings>);

/// A `[rules.<id>]` entry that does not fit the rule's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    pub rule: String,
    /// `None` when the rule itself is unknown.
    pub key: Option<String>,
    pub message: String,
}

impl Params {
    /// A size such as `"16 MiB"`, in bytes.
    pub fn bytes(&self, name: &str) -> u64 {
        self.0.get(name).and_then(|v| v.as_str()).and_then(|s| s.parse::<Bytes>().ok()).expect("a size in the page").0
    }

    /// A size as the page or the user writes it.
    pub fn written(&self, name: &str) -> &str {
        self.0.get(name).and_then(|v| v.as_str()).expect("a text in the page")
    }

    pub fn count(&self, name: &str) -> u64 {
        self.0.get(name).and_then(toml::Value::as_integer).expect("a whole number in the page") as u64
    }

    /// A fraction or factor.
    pub fn number(&self, name: &str) -> f64 {
        let value = self.0.get(name).expect("a number in the page");
        value.as_float().or(value.as_integer().map(|i| i as f64)).expect("a number in the page")
    }

    pub fn list(&self, name: &str) -> Vec<&str> {
        let values = self.0.get(name).and_then(|v| v.as_array()).expect("a list in the page");
        values.iter().filter_map(|v| v.as_str()).collect()
    }
}

impl Settings {
    /// The settings of a rule; `None` when it is off.
    pub fn get(&self, rule: &str) -> Option<&RuleSettings> {
        self.0.get(rule)
    }

    /// Switches off every rule that is not kept.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|id, _| keep(id));
    }

    /// Lays `[rules.<id>]` overlays over the pages' defaults. A non-empty `select` switches every other rule off, and
    /// switches the named ones on; `ignore` switches rules off.
    pub fn resolve(
        overlays: &BTreeMap<String, toml::Table>,
        select: &[String],
        ignore: &[String],
    ) -> Result<Settings, SettingsError> {
        let known: Vec<&str> = RULES.iter().map(|r| r.id).collect();
        for id in overlays.keys().chain(select).chain(ignore) {
            if !known.contains(&id.as_str()) {
                let message = format!("unknown rule `{id}`{}", crate::config::did_you_mean(id, &known));
                return Err(SettingsError { rule: id.clone(), key: None, message });
            }
        }
        let mut settings = BTreeMap::new();
        for rule in RULES {
            let mut values = defaults(rule.id, rule.page().defaults);
            if let Some(overlay) = overlays.get(rule.id) {
                lay_over(rule.id, &mut values, overlay)?;
            }
            let selected = select.iter().any(|id| id == rule.id);
            let severity = match values.remove("severity").as_ref().and_then(|v| v.as_str()) {
                Some("high") => Some(Severity::High),
                Some("low") => Some(Severity::Low),
                Some("off") if !selected => None,
                _ => Some(Severity::Medium),
            };
            let on = (select.is_empty() || selected) && !ignore.iter().any(|id| id == rule.id);
            if let (Some(severity), true) = (severity, on) {
                settings.insert(rule.id, RuleSettings { severity, params: Params(values) });
            }
        }
        Ok(Settings(settings))
    }
}

/// The stanza of a page as values.
fn defaults(id: &str, stanza: &str) -> toml::Table {
    let mut document: toml::Table = stanza.parse().expect("a page's toml block is valid");
    let rules = document.remove("rules").and_then(|v| v.as_table().and_then(|t| t.get(id).cloned()));
    rules.and_then(|v| v.as_table().cloned()).expect("a page's toml block holds [rules.<id>]")
}

fn lay_over(id: &str, values: &mut toml::Table, overlay: &toml::Table) -> Result<(), SettingsError> {
    let error =
        |key: &str, message: String| Err(SettingsError { rule: id.to_string(), key: Some(key.to_string()), message });
    for (key, value) in overlay {
        let Some(default) = values.get(key) else {
            let known: Vec<&str> = values.keys().map(String::as_str).collect();
            return error(key, format!("`{id}` has no setting `{key}`{}", crate::config::did_you_mean(key, &known)));
        };
        if key == "severity" && !matches!(value.as_str(), Some("high" | "medium" | "low" | "off")) {
            return error(key, "expected \"high\", \"medium\", \"low\" or \"off\"".to_string());
        }
        let is_size = default.as_str().is_some_and(|s| s.parse::<Bytes>().is_ok());
        let number = |v: &toml::Value| v.is_integer() || v.is_float();
        match default {
            _ if is_size && value.as_str().is_none_or(|s| s.parse::<Bytes>().is_err()) => {
                return error(key, format!("expected a size such as {default}"));
            }
            toml::Value::Integer(_) if value.as_integer().is_none_or(|i| i < 0) => {
                return error(key, format!("expected a whole number such as {default}"));
            }
            toml::Value::Float(_) if !number(value) => {
                return error(key, format!("expected a number such as {default}"));
            }
            _ if default.type_str() != value.type_str() && !(number(default) && number(value)) => {
                return error(key, format!("expected a value such as {default}"));
            }
            _ => {}
        }
        values.insert(key.clone(), value.clone());
    }
    Ok(())
}
