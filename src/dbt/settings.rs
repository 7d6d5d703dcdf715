//! What is configured outside of models: in `dbt_project.yml` and in the YAML files beside them.

use std::collections::BTreeMap;

use minijinja::value::Value;

use super::batch::event_time;
use super::exposure::{self, Declared};
use super::freshness::{freshness, mentions_freshness};
use super::paths::Role;
use super::yaml_test::{Tested, YamlTest, tests_of};
use crate::document::{Node, Value as Written};
use crate::lake::{Freshness, Span};

/// Configuration by name.
pub(crate) type Config = BTreeMap<String, Value>;

/// Settings of one package, and of others where it is the root project.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    pub name: String,
    /// With the path that they are for: names of a package, folders and a file.
    by_path: Vec<(Role, Vec<String>, Config)>,
    /// Of single models, seeds and snapshots.
    by_name: BTreeMap<String, Config>,
    pub sources: Vec<Source>,
    /// `dbt_project.yml` says something of the freshness of sources.
    pub has_freshness: bool,
    pub tests: Vec<YamlTest>,
    pub exposures: Vec<Declared>,
    /// `dbt_project.yml` switches all of its exposures off.
    has_no_exposures: bool,
    /// Names of versions of models, with the files that they may stand in.
    pub versions: BTreeMap<String, Vec<String>>,
    /// Which version of which model may stand in a file: `("orders", "2")`.
    pub versioned: BTreeMap<String, (String, String)>,
    /// Snapshots without a file of their own.
    pub snapshots: Vec<String>,
    pub vars: BTreeMap<String, Value>,
    /// Variables of single packages.
    package_vars: BTreeMap<String, BTreeMap<String, Value>>,
}

/// A table of a source as it is written: names may be templates.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub source: String,
    pub table: String,
    pub database: Option<String>,
    pub schema: String,
    pub identifier: String,
    /// The column that tells when its rows happened.
    pub event_time: Option<String>,
    /// Whether it may be read; perhaps a template.
    pub enabled: Value,
    /// The table's name, where it is declared.
    pub span: Span,
    pub freshness: Freshness,
}

impl Settings {
    /// Takes in `dbt_project.yml`.
    pub fn add_project(&mut self, root: &Node) {
        self.name = text(root, "name").unwrap_or_default();
        for (section, role) in [("models", Role::Model), ("seeds", Role::Seed), ("snapshots", Role::Snapshot)] {
            if let Some(node) = root.get(section) {
                self.add_tree(role, node, &mut Vec::new());
            }
        }
        let exposures = [root.get("exposures"), root.at(&["exposures", &self.name])];
        let is_off = |node: &Node| {
            ["+enabled", "enabled"].iter().any(|key| node.get(key).and_then(Node::as_bool) == Some(false))
        };
        self.has_no_exposures = exposures.into_iter().flatten().any(is_off);
        self.has_freshness = root.get("sources").is_some_and(|sources| mentions_freshness(sources, DEEPEST));
        for entry in root.get("vars").and_then(Node::as_map).into_iter().flat_map(|map| &map.entries) {
            let value = plain(&entry.value);
            if entry.value.as_map().is_some() {
                let own = entry.value.as_map().into_iter().flat_map(|map| &map.entries);
                let own = own.map(|entry| (entry.key.clone(), plain(&entry.value))).collect();
                self.package_vars.insert(entry.key.clone(), own);
            }
            self.vars.insert(entry.key.clone(), value);
        }
    }

    /// Settings of a tree of folders: `+materialized: table`, or without the sign where no folder can be meant.
    fn add_tree(&mut self, role: Role, node: &Node, path: &mut Vec<String>) {
        let mut own = Config::new();
        for entry in node.as_map().into_iter().flat_map(|map| &map.entries) {
            match entry.key.strip_prefix('+') {
                Some(setting) => {
                    own.insert(setting.to_string(), plain(&entry.value));
                }
                None if entry.value.as_map().is_some() && path.len() < DEEPEST => {
                    path.push(entry.key.clone());
                    self.add_tree(role, &entry.value, path);
                    path.pop();
                }
                None => {
                    own.insert(entry.key.clone(), plain(&entry.value));
                }
            }
        }
        if !own.is_empty() {
            self.by_path.push((role, path.clone(), own));
        }
    }

    /// Takes in a file of properties: sources, models, seeds and snapshots
    /// (<https://docs.getdbt.com/reference/configs-and-properties>).
    pub fn add_properties(&mut self, root: &Node) {
        for source in list(root, "sources") {
            let Some(name) = text(source, "name") else { continue };
            let schema = text(source, "schema").unwrap_or_else(|| name.clone());
            for table in list(source, "tables") {
                let Some(table_name) = text(table, "name") else { continue };
                let span = table.get("name").map_or(table.span, |name| name.span);
                let tested = Tested::Source(name.clone(), table_name.clone());
                let said = |key: &str| {
                    let of = |node: &Node| node.at(&["config", key]).or_else(|| node.get(key)).map(plain);
                    of(table).or_else(|| of(source))
                };
                self.tests.extend(tests_of(table, &tested, &self.name));
                self.sources.push(Source {
                    source: name.clone(),
                    identifier: text(table, "identifier").unwrap_or_else(|| table_name.clone()),
                    table: table_name,
                    database: text(source, "database"),
                    schema: schema.clone(),
                    event_time: event_time(said("event_time").as_ref()),
                    enabled: said("enabled").unwrap_or(Value::from(true)),
                    span,
                    freshness: freshness(source, table),
                });
            }
        }
        for node in ["models", "seeds", "snapshots"].into_iter().flat_map(|section| list(root, section)) {
            let Some(name) = text(node, "name") else { continue };
            self.tests.extend(tests_of(node, &Tested::Model(name.clone()), &self.name));
            self.add_versions(&name, node);
            self.by_name.entry(name).or_default().extend(settings(node));
        }
        if !self.has_no_exposures {
            self.exposures
                .extend(list(root, "exposures").iter().filter_map(|node| exposure::declared(node, &self.name)));
        }
        let is_whole = |node: &&Node| node.get("relation").is_some();
        self.snapshots.extend(list(root, "snapshots").iter().filter(is_whole).filter_map(|node| text(node, "name")));
    }

    /// The versions of a model (<https://docs.getdbt.com/reference/resource-properties/versions>): each is called `orders_v2`, as its file
    /// is where nothing else is said. `orders` is the latest one, whose file may be called so, too.
    fn add_versions(&mut self, name: &str, node: &Node) {
        let number = |node: &Node| plain(node).to_string();
        let stated = node.get("latest_version").map(number);
        let order = |v: &str| if stated.as_deref() == Some(v) { f64::INFINITY } else { v.parse().unwrap_or(0.0) };
        let known = list(node, "versions").iter().filter_map(|version| Some((version.get("v").map(number)?, version)));
        let latest = known.clone().map(|(v, _)| v).max_by(|a, b| order(a).total_cmp(&order(b)));
        for (v, version) in known {
            let versioned = format!("{name}_v{v}");
            let mut files = vec![text(version, "defined_in").unwrap_or_else(|| versioned.clone())];
            let is_latest = latest.as_ref() == Some(&v);
            files.extend(is_latest.then(|| name.to_string()));
            for file in &files {
                self.versioned.insert(file.clone(), (name.to_string(), v.clone()));
                let config = self.by_name.entry(file.clone()).or_default();
                config.insert("alias".to_string(), Value::from(versioned.as_str()));
                config.extend(settings(node));
                config.extend(settings(version));
            }
            if is_latest {
                self.versions.insert(name.to_string(), files.clone());
            }
            self.versions.insert(versioned, files);
        }
    }

    /// What is configured for a file of a package, the more exact before the more general. YAML beside files is about those of its
    /// own package.
    pub fn config<'s>(&'s self, role: Role, package: &str, path: &str, name: &str) -> Vec<&'s Config> {
        let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
        let full: Vec<&str> =
            [package].into_iter().chain(folders.split('/').filter(|part| !part.is_empty())).chain([name]).collect();
        let fits = |(of, path, _): &&(Role, Vec<String>, Config)| {
            *of == role && path.len() <= full.len() && path.iter().zip(&full).all(|(a, b)| a == b)
        };
        let mut fitting: Vec<_> = self.by_path.iter().filter(fits).collect();
        fitting.sort_by_key(|(_, path, _)| std::cmp::Reverse(path.len()));
        let by_name = self.by_name.get(name).filter(|_| package == self.name).into_iter();
        by_name.chain(fitting.into_iter().map(|(_, _, config)| config)).collect()
    }

    /// All that is configured in YAML: where, for people, the setting, and its value.
    pub fn configured(&self) -> Vec<(String, &str, &Value)> {
        let of_folders = self.by_path.iter().map(|(_, _, config)| ("`dbt_project.yml`".to_string(), config));
        let of_one = self.by_name.iter().map(|(name, config)| (format!("the YAML of `{name}`"), config));
        let mut all = Vec::new();
        for (place, config) in of_folders.chain(of_one) {
            all.extend(config.iter().map(|(key, value)| (place.clone(), key.as_str(), value)));
        }
        all
    }

    /// Variables as a package sees them.
    pub fn vars_of(&self, package: &str) -> BTreeMap<String, Value> {
        let mut vars = self.vars.clone();
        vars.extend(self.package_vars.get(package).cloned().unwrap_or_default());
        vars
    }
}

/// Folders within each other that settings are looked for in.
const DEEPEST: usize = 32;

/// What is configured in `config:`.
fn settings(node: &Node) -> impl Iterator<Item = (String, Value)> {
    let entries = node.get("config").and_then(Node::as_map).into_iter().flat_map(|map| &map.entries);
    entries.map(|entry| (entry.key.trim_start_matches('+').to_string(), plain(&entry.value)))
}

fn list<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).and_then(Node::as_list).unwrap_or_default()
}

fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::as_str).map(str::to_string)
}

/// A written value as one of templates.
pub(super) fn plain(node: &Node) -> Value {
    match &node.value {
        Written::List(items) => items.iter().map(plain).collect::<Vec<Value>>().into(),
        Written::Map(map) => {
            Value::from_pairs(map.entries.iter().map(|entry| (entry.key.clone(), plain(&entry.value))))
        }
        Written::Bool(truth) => Value::from(*truth),
        Written::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => Value::from(*number as i64),
        Written::Number(number) => Value::from(*number),
        Written::Text(text) => Value::from(&*text.value),
        Written::Null | Written::Hole(_) => Value::from(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::{Text, parse_yaml};
    use crate::lake::FileId;

    fn node(text: &str) -> Node {
        parse_yaml(&Text::of_file(FileId(0), &Arc::from(text))).expect("YAML").root
    }

    #[test]
    fn the_nearest_setting_counts() {
        let mut settings = Settings::default();
        settings.add_project(&node(
            "name: shop\nvars:\n  days: 3\n  shop:\n    days: 5\nmodels:\n  +materialized: view\n  shop:\n    marts:\n      materialized: table\n      +tags: [daily]\n      big:\n        +materialized: incremental\n  other:\n    +enabled: false\n",
        ));
        settings.add_properties(&node(
            "models:\n  - name: orders\n    config: {materialized: ephemeral}\nsources:\n  - name: raw\n    tables:\n      - name: events\n        identifier: events_v2\n",
        ));
        let materialized = |path: &str, name: &str| {
            let config = settings.config(Role::Model, "shop", path, name);
            config.iter().find_map(|config| config.get("materialized")).map(ToString::to_string)
        };
        assert_eq!(materialized("a.sql", "a").as_deref(), Some("view"));
        assert_eq!(materialized("marts/a.sql", "a").as_deref(), Some("table"));
        assert_eq!(materialized("marts/big/a.sql", "a").as_deref(), Some("incremental"));
        assert_eq!(materialized("marts/big/orders.sql", "orders").as_deref(), Some("ephemeral"));
        assert!(settings.config(Role::Model, "other", "a.sql", "a")[0].contains_key("enabled"));
        assert_eq!(settings.vars_of("shop")["days"].to_string(), "5");
        assert_eq!(settings.vars_of("other")["days"].to_string(), "3");
        let source = &settings.sources[0];
        assert_eq!((&*source.schema, &*source.table, &*source.identifier), ("raw", "events", "events_v2"));
    }
}
