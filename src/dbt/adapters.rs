//! For which warehouse a project is written: as its profile tells, else the packages that its repository installs, else settings that only
//! one adapter takes.

use std::collections::BTreeSet;

use minijinja::value::{Value, ValueKind};

use super::file::File;
use super::settings::Settings;
use crate::document::Node;

/// Kinds of warehouses whose SQL is read (<https://docs.getdbt.com/docs/trusted-adapters>).
const READ: [&str; 3] = ["athena", "trino", "presto"];

/// All others that have an adapter called `dbt-` and this (<https://docs.getdbt.com/docs/trusted-adapters>,
/// <https://docs.getdbt.com/docs/community-adapters>).
const OTHERS: [&str; 40] = [
    "bigquery",
    "clickhouse",
    "cratedb",
    "databend",
    "databend-cloud",
    "databricks",
    "decodable",
    "doris",
    "dremio",
    "duckdb",
    "exasol",
    "extrica",
    "fabric",
    "fabricspark",
    "firebolt",
    "glue",
    "greenplum",
    "hive",
    "ibm-db2",
    "impala",
    "iomete",
    "layer-bigquery",
    "materialize",
    "mindsdb",
    "mysql",
    "oracle",
    "postgres",
    "redshift",
    "risingwave",
    "rockset",
    "singlestore",
    "snowflake",
    "spark",
    "sqlite",
    "sqlserver",
    "starrocks",
    "synapse",
    "teradata",
    "vertica",
    "yellowbrick",
];

/// Settings of models that only adapters for other warehouses take
/// (<https://docs.getdbt.com/category/platform-specific-configs>).
const FOREIGN: [(&str, &str); 25] = [
    ("auto_liquid_cluster", "databricks"),
    ("automatic_clustering", "snowflake"),
    ("cluster_by", "snowflake or bigquery"),
    ("copy_grants", "snowflake"),
    ("databricks_compute", "databricks"),
    ("dist", "redshift"),
    ("diststyle", "redshift"),
    ("file_format", "databricks or spark"),
    ("grant_access_to", "bigquery"),
    ("hours_to_expiration", "bigquery"),
    ("kms_key_name", "bigquery"),
    ("liquid_clustered_by", "databricks"),
    ("location_root", "databricks or spark"),
    ("partition_by", "bigquery"),
    ("partition_expiration_days", "bigquery"),
    ("query_tag", "snowflake"),
    ("require_partition_filter", "bigquery"),
    ("snowflake_warehouse", "snowflake"),
    ("sort", "redshift"),
    ("sort_type", "redshift"),
    ("target_lag", "snowflake"),
    ("tblproperties", "databricks or spark"),
    ("transient", "snowflake"),
    ("unlogged", "postgres"),
    ("zorder", "databricks"),
];

/// Settings that dbt-athena and dbt-trino take, and no other adapter
/// (<https://docs.getdbt.com/reference/resource-configs/athena-configs>, <https://docs.getdbt.com/reference/resource-configs/trino-configs>).
const OWN: [&str; 19] = [
    "bucketed_by",
    "external_location",
    "field_delimiter",
    "force_batch",
    "ha",
    "lf_grants",
    "lf_tags_config",
    "native_drop",
    "on_table_exists",
    "partitioned_by",
    "properties",
    "s3_data_dir",
    "s3_data_naming",
    "s3_tmp_table_dir",
    "seed_by_insert",
    "table_properties",
    "unique_tmp_table_suffix",
    "views_enabled",
    "write_compression",
];

/// A warehouse whose SQL is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Warehouse {
    pub name: String,
    /// For people: `` `requirements.txt` asks for dbt-snowflake ``.
    pub told_by: String,
}

/// What one source says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// Nothing.
    Nothing,
    /// That it is read here, or may be.
    Read,
    Other(Warehouse),
}

impl Told {
    /// What a weaker source says where this one says nothing.
    pub fn or(self, weaker: impl FnOnce() -> Told) -> Told {
        if self == Told::Nothing { weaker() } else { self }
    }

    pub fn other(self) -> Option<Warehouse> {
        match self {
            Told::Other(warehouse) => Some(warehouse),
            Told::Nothing | Told::Read => None,
        }
    }
}

/// What the targets of a profile say: one that is read suffices.
pub(crate) fn by_profile(profiles: &Node, profile: &str) -> Told {
    let outputs = profiles.at(&[profile, "outputs"]).and_then(Node::as_map);
    let kinds: Vec<&str> = outputs
        .into_iter()
        .flat_map(|outputs| &outputs.entries)
        .filter_map(|output| output.value.get("type")?.as_str())
        .filter(|kind| !kind.contains("{{"))
        .collect();
    let all = outputs.map_or(0, |outputs| outputs.entries.len());
    match kinds.first() {
        None => Told::Nothing,
        Some(_) if kinds.iter().any(|kind| READ.contains(kind)) || kinds.len() < all => Told::Read,
        Some(kind) => {
            let told_by = format!("no target of `{profile}` in `profiles.yml` is one of Athena or Trino");
            Told::Other(Warehouse { name: kind.to_string(), told_by })
        }
    }
}

/// What files that list packages say, the nearest first, with their names for people.
pub(crate) fn by_requirements(files: &[(String, BTreeSet<String>)]) -> Told {
    let all = || files.iter().flat_map(|(_, adapters)| adapters);
    if all().any(|adapter| READ.contains(&adapter.as_str())) {
        return Told::Read;
    }
    let Some((file, adapters)) = files.iter().find(|(_, adapters)| !adapters.is_empty()) else { return Told::Nothing };
    let names: Vec<&str> = adapters.iter().map(String::as_str).collect();
    let packages: Vec<String> = adapters.iter().map(|adapter| format!("dbt-{adapter}")).collect();
    let told_by = format!("`{file}` asks for {}", packages.join(" and "));
    Told::Other(Warehouse { name: names.join(" and "), told_by })
}

/// The adapters of dbt that a file of a Python environment lists: `snowflake` for `dbt-snowflake`.
pub(crate) fn adapters(file: &str, text: &str) -> BTreeSet<String> {
    // Locks list what packages could be installed with, too.
    let is_lock = file.ends_with(".lock") && !text.trim_start().starts_with('{');
    let is_json = text.trim_start().starts_with('{');
    let mut found = BTreeSet::new();
    for line in text.lines().filter(|line| !is_lock || line.starts_with("name = ")) {
        let line = if is_json { line } else { without_comment(line) };
        let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        found.extend(words.filter_map(adapter));
    }
    found
}

fn adapter(word: &str) -> Option<String> {
    let word = word.to_ascii_lowercase().replace('_', "-");
    let kind = word.strip_prefix("dbt-")?;
    // `dbt-athena-community`.
    let read =
        READ.iter().find(|read| kind.strip_prefix(**read).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')));
    read.or_else(|| OTHERS.iter().find(|other| **other == kind)).map(|kind| kind.to_string())
}

/// A number sign behind other signs belongs to them: `git+https://host/x#egg=y`.
fn without_comment(line: &str) -> &str {
    let starts = |(at, _): &(usize, &str)| *at == 0 || line[..*at].ends_with([' ', '\t']);
    let end = line.match_indices('#').find(starts).map_or(line.len(), |(at, _)| at);
    &line[..end]
}

/// What the configuration of a project says: what only other adapters take, where nothing is there that these take.
pub(crate) fn by_settings(settings: &Settings, files: &[File]) -> Told {
    let mut other = None;
    let mut met = |place: &dyn Fn() -> String, key: &str, is_it: bool| {
        let foreign = FOREIGN.iter().find(|(name, _)| *name == key).filter(|_| is_it);
        if let Some((key, warehouse)) = foreign
            && other.is_none()
        {
            other = Some(Warehouse { name: warehouse.to_string(), told_by: format!("{} sets `{key}`", place()) });
        }
        OWN.contains(&key)
    };
    for (place, key, value) in settings.configured() {
        if met(&|| place.to_string(), key, is_foreign(key, &shape(value))) {
            return Told::Read;
        }
    }
    for file in files.iter().filter(|file| file.package == settings.name && file.is_query()) {
        let head = &file.text[file.head()];
        if !head.contains("config") {
            continue;
        }
        for key in OWN.into_iter().chain(FOREIGN.into_iter().map(|(key, _)| key)) {
            if let Some(value) = argument(head, key)
                && met(&|| format!("`{}`", file.path), key, is_foreign(key, value))
            {
                return Told::Read;
            }
        }
    }
    other.map_or(Told::Nothing, Told::Other)
}

/// Whether a value makes a setting that others may have, too, one of another adapter.
fn is_foreign(key: &str, value: &str) -> bool {
    match key {
        // BigQuery's is a dictionary.
        "partition_by" => value.starts_with('{'),
        "file_format" => {
            ["delta", "hudi"].iter().any(|format| value.trim_start_matches(['\'', '"']).starts_with(format))
        }
        _ => true,
    }
}

/// A value as a template would write its start.
fn shape(value: &Value) -> String {
    if value.kind() == ValueKind::Map { "{".to_string() } else { value.to_string() }
}

/// What follows `key=` among the arguments of a call.
fn argument<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(key).find_map(|(at, _)| {
        let value = text[at + key.len()..].trim_start().strip_prefix('=')?;
        (!text[..at].ends_with(is_part)).then(|| value.trim_start())
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::dbt::Role;
    use crate::document::{Text, parse_yaml};
    use crate::lake::FileId;

    fn node(text: &str) -> Node {
        parse_yaml(&Text::of_file(FileId(0), &Arc::from(text))).expect("YAML").root
    }

    #[test]
    fn a_profile_without_a_known_warehouse_is_for_another() {
        let told = |outputs: &str| {
            let told = by_profile(&node(&format!("shop:\n  outputs: {{{outputs}}}\n")), "shop");
            (told == Told::Read, told.other().map(|warehouse| warehouse.name))
        };
        assert_eq!(told("dev: {type: duckdb}, prod: {type: snowflake}"), (false, Some("duckdb".to_string())));
        assert_eq!(told("dev: {type: duckdb}, prod: {type: athena}"), (true, None));
        assert_eq!(told("dev: {type: duckdb}, prod: {type: \"{{ env_var('T') }}\"}"), (true, None));
        assert_eq!(told("dev: {type: \"{{ env_var('T') }}\"}"), (false, None));
        assert_eq!(told("dev: {schema: x}"), (false, None));
        assert_eq!(told(""), (false, None));
    }

    #[test]
    fn adapters_are_found_in_the_files_of_every_tool() {
        let found = |file: &str, text: &str| adapters(file, text).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(
            found("requirements.txt", "dbt-core==1.9\n# dbt-athena\nDBT_Snowflake[x]>=1.9 # not dbt-trino\n"),
            "snowflake"
        );
        assert_eq!(
            found("requirements.txt", "git+https://host/dbt-labs/dbt-redshift.git#egg=dbt-redshift\n"),
            "redshift"
        );
        assert_eq!(
            found("requirements.txt", "dbt-spark[PyHive]\ndbt-utils\ndbt-postgres-tools\nmy-dbt-duckdb\n"),
            "spark"
        );
        assert_eq!(found("pyproject.toml", "dependencies = [\"dbt-athena-community~=1.9\"]\n"), "athena");
        assert_eq!(found("pyproject.toml", "[tool.poetry.dependencies]\ndbt-bigquery = \"^1.8\"\n"), "bigquery");
        assert_eq!(found("environment.yml", "dependencies:\n  - conda-forge::dbt-databricks=1.8\n"), "databricks");
        assert_eq!(found("setup.py", "install_requires=['dbt-trino>=1', \"dbt-duckdb\"]"), "duckdb trino");
        let lock = "[[package]]\nname = \"dbt-snowflake\"\n\n[package.extras]\ndbt-athena = [\"dbt-athena\"]\n";
        assert_eq!(found("poetry.lock", lock), "snowflake");
        assert_eq!(found("Pipfile.lock", "{\n  \"dbt-glue\": {\"hashes\": [\"sha256:1 #x\"]}}"), "glue");
    }

    #[test]
    fn one_adapter_that_is_read_suffices() {
        let told = |files: &[(&str, &str)]| {
            let files: Vec<_> = files.iter().map(|(name, text)| (name.to_string(), adapters(name, text))).collect();
            by_requirements(&files)
        };
        assert_eq!(told(&[("requirements.txt", "dbt-core")]), Told::Nothing);
        assert_eq!(told(&[("a/requirements.txt", "dbt-snowflake"), ("uv.lock", "name = \"dbt-athena\"")]), Told::Read);
        let other = Warehouse {
            name: "bigquery and snowflake".to_string(),
            told_by: "`pyproject.toml` asks for dbt-bigquery and dbt-snowflake".to_string(),
        };
        assert_eq!(
            told(&[
                ("requirements.txt", ""),
                ("pyproject.toml", "'dbt-snowflake', 'dbt-bigquery'"),
                ("x.txt", "dbt-duckdb")
            ]),
            Told::Other(other)
        );
    }

    #[test]
    fn settings_of_other_adapters_tell_where_none_of_these_is() {
        let told = |project: &str, model: &str| {
            let mut settings = Settings::default();
            settings.add_project(&node(&format!("name: shop\n{project}")));
            let file = File {
                role: Role::Model,
                package: "shop".to_string(),
                path: "a.sql".to_string(),
                text: Arc::from(model),
                file: FileId(0),
                part: None,
            };
            let told = by_settings(&settings, &[file]);
            (
                told == Told::Read,
                told.other().map_or(String::new(), |other| format!("{}: {}", other.name, other.told_by)),
            )
        };
        let other = |text: &str| (false, text.to_string());
        let plain = "{{ config(materialized='table') }} select 1";
        assert_eq!(told("", plain), other(""));
        assert_eq!(
            told("models:\n  +transient: false\n", plain),
            other("snowflake: `dbt_project.yml` sets `transient`")
        );
        assert_eq!(told("models:\n  +transient: false\n  +s3_data_naming: x\n", plain), (true, String::new()));
        assert_eq!(
            told("", "{{ config(partition_by = {'field': 'dt'}) }} select 1"),
            other("bigquery: `a.sql` sets `partition_by`")
        );
        assert_eq!(told("", "{{ config(partition_by=['dt']) }} select 1"), other(""));
        assert_eq!(
            told("models:\n  +file_format: delta\n", plain),
            other("databricks or spark: `dbt_project.yml` sets `file_format`")
        );
        assert_eq!(told("models:\n  +file_format: parquet\n", plain), other(""));
        assert_eq!(
            told("models:\n  +dist: even\n", "{{ config(partitioned_by=['dt']) }} select 1"),
            (true, String::new())
        );
        assert_eq!(told("", "{{ config(my_transient=true) }} select transient = 1"), other(""));
    }
}
