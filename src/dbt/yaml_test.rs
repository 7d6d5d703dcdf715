//! Tests that YAML asks for: `data_tests:` of models, sources, seeds, snapshots and their columns
//! (<https://docs.getdbt.com/reference/resource-properties/data-tests>).

use std::collections::BTreeMap;

use minijinja::value::Value;

use super::settings::plain;
use crate::document::{Node, Value as Written};
use crate::lake::Span;

/// One test of one relation.
#[derive(Debug, Clone)]
pub(crate) struct YamlTest {
    /// Of the package whose YAML asks for it.
    pub package: String,
    pub of: Tested,
    /// `unique`, or `package.name`.
    pub test: String,
    /// A name of its own.
    name: Option<String>,
    pub arguments: BTreeMap<String, Value>,
    /// Rows that it looks at.
    pub filter: Option<String>,
    pub is_enabled: bool,
    /// Where the file asks for it.
    pub span: Span,
}

/// What is tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tested {
    Model(String),
    Source(String, String),
}

/// Keys of a test that are no arguments of its macro.
const SETTINGS: [&str; 10] =
    ["arguments", "config", "data_test", "description", "enabled", "name", "severity", "tags", "test_name", "where"];

impl YamlTest {
    /// What dbt calls it, as far as that matters to people: the test, the relation and the column.
    pub fn name(&self) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let relation = match &self.of {
            Tested::Model(model) => model.clone(),
            Tested::Source(source, table) => format!("{source}_{table}"),
        };
        let column =
            self.arguments.get("column_name").and_then(Value::as_str).map_or(String::new(), |c| format!("_{c}"));
        format!("{}_{relation}{column}", self.test.replace('.', "_"))
    }

    /// The call of its macro, with `__args` as arguments.
    pub fn call(&self) -> String {
        match self.test.split_once('.') {
            Some((package, test)) => format!("{{{{ {package}.test_{test}(**__args) }}}}"),
            None => format!("{{{{ test_{}(**__args) }}}}", self.test),
        }
    }
}

/// The tests of one model, source table, seed or snapshot.
pub(super) fn tests_of(node: &Node, of: &Tested, package: &str) -> Vec<YamlTest> {
    let mut tests = Vec::new();
    let mut add = |holder: &Node, column: Option<&str>| {
        let keys = ["tests", "data_tests"];
        for item in keys.iter().filter_map(|key| holder.get(key)?.as_list()).flatten() {
            tests.extend(test(item, of, column, package));
        }
    };
    add(node, None);
    for column in node.get("columns").and_then(Node::as_list).unwrap_or_default() {
        add(column, column.get("name").and_then(Node::as_str));
    }
    tests
}

/// `unique`, `{accepted_values: {values: [...]}}`, or `{name: mine, test_name: unique}`.
fn test(item: &Node, of: &Tested, column: Option<&str>, package: &str) -> Option<YamlTest> {
    let (test, body) = match &item.value {
        Written::Text(text) => (text.value.to_string(), None),
        Written::Map(map) => match map.get("test_name").or_else(|| map.get("data_test")).and_then(Node::as_str) {
            Some(test) => (test.to_string(), Some(item)),
            None => {
                let entry = map.entries.first()?;
                (entry.key.clone(), Some(&entry.value))
            }
        },
        _ => return None,
    };
    let is_name = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    if test.split('.').count() > 2 || !test.split('.').all(is_name) {
        return None;
    }
    let body = body.filter(|body| body.as_map().is_some());
    let setting = |key: &str| body.and_then(|body| body.at(&["config", key]).or_else(|| body.get(key)));
    let entries = body.and_then(Node::as_map).into_iter().flat_map(|map| &map.entries);
    let own = entries.filter(|entry| !SETTINGS.contains(&entry.key.as_str()));
    let given = body.and_then(|body| body.get("arguments")?.as_map()).into_iter().flat_map(|map| &map.entries);
    let mut arguments: BTreeMap<String, Value> =
        own.chain(given).map(|entry| (entry.key.clone(), plain(&entry.value))).collect();
    if let Some(column) = column {
        arguments.insert("column_name".to_string(), column.into());
    }
    Some(YamlTest {
        package: package.to_string(),
        of: of.clone(),
        test,
        name: setting("name").and_then(Node::as_str).map(str::to_string),
        arguments,
        filter: setting("where").and_then(Node::as_str).map(str::to_string),
        is_enabled: setting("enabled").and_then(Node::as_bool) != Some(false),
        span: item.span,
    })
}

/// Whether a text among the arguments is a call that dbt renders although no braces say so.
pub(super) fn is_call(text: &str) -> bool {
    let text = text.trim();
    text.ends_with(')')
        && ["ref", "source", "var", "env_var"]
            .iter()
            .any(|name| text.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('(')))
}
