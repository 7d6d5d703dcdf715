//! Variables that a state counts: what proves that a loop ends.

use crate::document::{Node, Value};

use super::field::jsonata;
use super::{intrinsic, jsonata as expression};

/// Levels of payload templates that are looked into.
const DEEPEST: usize = 64;

/// Variables that a state increases or decreases by a constant: the place that the sum goes to, and the one that it comes from,
/// which differ where a later state moves it back.
pub(super) fn counted(state: &Node, is_pass: bool) -> Vec<String> {
    let mut found = Counted::default();
    let path = |key: &str| state.get(key).and_then(Node::as_str).map(intrinsic::path);
    let (input, output) = (path("InputPath"), path("OutputPath"));
    let result = path("ResultPath").unwrap_or_else(|| "$".to_owned());
    // What a Pass makes is its result; what other states make of it is only sent.
    for key in ["Parameters", "ItemSelector", "Arguments"] {
        let target = if is_pass { Some(result.as_str()) } else { None };
        found.collect(state.get(key), target, input.as_deref(), 0);
    }
    found.collect(state.get("ResultSelector"), Some(&result), None, 0);
    found.moved(output.as_deref());
    found.of_variables(Some(state));
    for key in ["Choices", "Catch"] {
        for rule in state.get(key).and_then(Node::as_list).unwrap_or_default() {
            found.of_variables(Some(rule));
        }
    }
    found.names.sort();
    found.names.dedup();
    found.names
}

#[derive(Debug, Default)]
struct Counted {
    names: Vec<String>,
}

impl Counted {
    /// What `Assign` and `Output` count.
    fn of_variables(&mut self, node: Option<&Node>) {
        for entry in node.and_then(|node| node.get("Assign")?.as_map()).iter().flat_map(|map| &map.entries) {
            let name = format!("${}", entry.key.trim_end_matches(".$"));
            self.leaf(&entry.key, &entry.value, Some(&name), None, 0);
        }
        self.collect(node.and_then(|node| node.get("Output")), Some("$states.input"), None, 0);
    }

    /// Walks a payload template whose values go to `target`, and whose paths start at `input`.
    fn collect(&mut self, node: Option<&Node>, target: Option<&str>, input: Option<&str>, depth: usize) {
        let Some(node) = node.filter(|_| depth < DEEPEST) else { return };
        match &node.value {
            Value::Map(map) => {
                for entry in &map.entries {
                    let target = target.map(|target| format!("{target}.{}", entry.key.trim_end_matches(".$")));
                    self.leaf(&entry.key, &entry.value, target.as_deref(), input, depth + 1);
                }
            }
            Value::List(items) => items.iter().for_each(|item| self.collect(Some(item), None, input, depth + 1)),
            Value::Text(_) => self.leaf("", node, None, input, depth),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Hole(_) => {}
        }
    }

    fn leaf(&mut self, key: &str, node: &Node, target: Option<&str>, input: Option<&str>, depth: usize) {
        let Some(text) = node.as_str() else { return self.collect(Some(node), target, input, depth) };
        let sources = match jsonata(text) {
            Some((_, inner)) => expression::counted(inner),
            None if key.ends_with(".$") => {
                intrinsic::counted(text).into_iter().map(|source| below(input, &source)).collect()
            }
            None => Vec::new(),
        };
        if !sources.is_empty() {
            self.names.extend(target.map(str::to_owned));
            self.names.extend(sources);
        }
    }

    /// Takes `OutputPath` into account: what stands below it is at the top for the next state.
    fn moved(&mut self, output: Option<&str>) {
        let Some(output) = output.filter(|path| path.starts_with("$.")) else { return };
        let top = |name: &String| {
            name.strip_prefix(output).filter(|rest| rest.starts_with('.')).map(|rest| format!("${rest}"))
        };
        let moved: Vec<String> = self.names.iter().filter_map(top).collect();
        self.names.extend(moved);
    }
}

/// A path of the state's input, where `InputPath` narrows it.
pub(super) fn below(input: Option<&str>, path: &str) -> String {
    match (input, path.strip_prefix('$')) {
        (Some(input), Some(rest)) if input.starts_with("$.") && (rest.is_empty() || rest.starts_with(['.', '['])) => {
            format!("{input}{rest}")
        }
        _ => path.to_owned(),
    }
}
