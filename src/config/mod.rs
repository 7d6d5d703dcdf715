//! `lakelint.toml`: one struct; unknown keys are errors.

mod load;
mod money;
mod schema;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

pub use load::{ConfigError, ConfigFile, FILE_NAME, Loaded, load, parse};
pub(crate) use load::{read_toml, seen_from, split_place};
pub use money::{BudgetConfig, PriceConfig};
pub use schema::schema;

use crate::cost::Frequency;
use crate::expr::ColumnType;
use crate::expr::date_format::Pattern;
use crate::finding::Severity;
use crate::lake::Layer;

/// The configuration as written; every section is optional.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// Lowest severity that makes the exit status 1.
    pub fail_on: Option<FailOn>,
    /// Globs of files that discovery leaves out; a named file is always read.
    pub exclude: Vec<String>,
    /// `[rules.<id>]`: overlays of the pages' defaults.
    pub rules: BTreeMap<String, toml::Table>,
    /// Globs over paths, databases (`db:curated_*`) or S3 prefixes (`s3://...`), per layer.
    pub layers: BTreeMap<Layer, Vec<String>>,
    pub tables: Vec<TableConfig>,
    pub lake: LakeConfig,
    pub price: PriceConfig,
    /// `[runs]`: globs over paths, or names of queries, with how often they run.
    pub runs: BTreeMap<String, Frequency>,
    pub budget: BudgetConfig,
    pub dbt: DbtConfig,
    pub ignore: Vec<IgnoreConfig>,
}

/// `[[tables]]`: a table that nobody described.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TableConfig {
    /// Matches a reference by its last parts.
    #[serde(deserialize_with = "filled")]
    pub name: String,
    #[serde(default)]
    pub partition_keys: Option<Vec<KeyConfig>>,
    /// Java pattern of the date key's values.
    #[serde(default, deserialize_with = "date_format")]
    pub key_format: Option<String>,
    #[serde(default)]
    pub location: Option<String>,
    #[serde(default)]
    pub max_range_days: Option<u32>,
}

/// A partition key: `"dt"`, a string, or `"dt date"`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct KeyConfig {
    pub name: String,
    pub data_type: ColumnType,
}

impl TryFrom<String> for KeyConfig {
    type Error = String;

    fn try_from(text: String) -> Result<KeyConfig, String> {
        let (name, data_type) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), "string"));
        match ColumnType::parse(data_type) {
            _ if name.is_empty() => Err("expected a key such as \"dt\" or \"dt date\"".to_string()),
            ColumnType::Other(unknown) => {
                Err(format!("unknown type `{unknown}`, expected a key such as \"dt\" or \"dt date\""))
            }
            data_type => Ok(KeyConfig { name: name.to_lowercase(), data_type }),
        }
    }
}

/// `[lake]`: where the layout comes from.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct LakeConfig {
    /// Snapshots, folders, listings and Glue exports, as for `--lake`; relative to the configuration file.
    pub sources: Vec<String>,
}

/// `[dbt]`: what only the deployment of dbt knows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct DbtConfig {
    /// The target that models are rendered for.
    pub target: Option<String>,
    /// Over those of `dbt_project.yml`.
    pub vars: BTreeMap<String, serde_json::Value>,
}

/// `[[ignore]]`: silences findings that no comment can reach.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct IgnoreConfig {
    pub rule: String,
    #[serde(deserialize_with = "filled")]
    pub reason: String,
    #[serde(default)]
    pub path: Option<String>,
    #[serde(default)]
    pub table: Option<String>,
    #[serde(default)]
    pub object: Option<String>,
    /// As written, as a string or as a TOML date.
    #[serde(default, deserialize_with = "date_text")]
    pub until: Option<String>,
}

fn filled<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    match String::deserialize(value)? {
        text if text.trim().is_empty() => Err(serde::de::Error::custom("expected some text")),
        text => Ok(text),
    }
}

fn date_format<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(value)?;
    match Pattern::java(&text) {
        Some(_) => Ok(Some(text)),
        None => {
            Err(serde::de::Error::custom(format!("`{text}` is no date pattern, expected one such as \"yyyy-MM-dd\"")))
        }
    }
}

fn date_text<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    match toml::Value::deserialize(value)? {
        toml::Value::String(text) => Ok(Some(text)),
        toml::Value::Datetime(date) => Ok(Some(date.to_string())),
        _ => Err(serde::de::Error::custom("expected a date such as \"2025-12-31\"")),
    }
}

/// Lowest severity that breaks a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    High,
    Medium,
    Low,
    Never,
}

impl FailOn {
    pub fn breaks(self, severity: Severity) -> bool {
        match self {
            FailOn::High => severity >= Severity::High,
            FailOn::Medium => severity >= Severity::Medium,
            FailOn::Low => true,
            FailOn::Never => false,
        }
    }
}

/// `, did you mean ...?` with the nearest of the known names, or nothing when none is near.
pub fn did_you_mean(written: &str, known: &[&str]) -> String {
    let nearest = known.iter().map(|k| (strsim::damerau_levenshtein(written, k), k)).min();
    match nearest {
        Some((distance, name)) if distance <= written.len().max(name.len()) / 3 + 1 => {
            format!(", did you mean `{name}`?")
        }
        _ => String::new(),
    }
}
