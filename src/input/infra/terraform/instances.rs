//! The instances of a block with `for_each` or `count`: <https://developer.hashicorp.com/terraform/language/meta-arguments/for_each>.

use super::evaluate::{Evaluator, measure, plain, step};
use crate::document::{HclBody, Node, TextBuilder, Value, index_of_instance};
use crate::lake::Span;

/// Instances of one block that are told apart.
pub(super) const MOST: usize = 1_000;

/// What an instance differs in from the others.
#[derive(Debug, Clone)]
pub(super) enum Instance {
    /// `each.key` and `each.value`.
    Each { key: Node, value: Node },
    /// `count.index`.
    Count { index: Node },
}

impl Instance {
    fn is_called(&self, name: &str) -> bool {
        match self {
            Instance::Each { key, .. } => key.as_str() == Some(name),
            Instance::Count { index } => name.parse() == Ok(index.as_f64().unwrap_or(f64::NAN)),
        }
    }
}

impl Evaluator<'_> {
    /// The instances of a block; one of which nothing is known where it has neither argument, or where only the deployment knows how many
    /// there are: none is what a default says that others change.
    pub(super) fn instances(&self, body: &HclBody) -> Vec<Option<Instance>> {
        match self.known_instances(body, 0) {
            Some(instances) if !instances.is_empty() => instances.into_iter().map(Some).collect(),
            _ => vec![None],
        }
    }

    fn known_instances(&self, body: &HclBody, depth: usize) -> Option<Vec<Instance>> {
        match (body.attribute("for_each"), body.attribute("count")) {
            (Some(each), _) => self.each(&self.at_depth(&each.value, depth)),
            (None, Some(count)) => self.counted(&self.at_depth(&count.value, depth)),
            (None, None) => None,
        }
    }

    fn each(&self, over: &Node) -> Option<Vec<Instance>> {
        let text = |text: &str, span: Span| {
            let mut pieces = TextBuilder::new(span.file);
            pieces.push_opaque(text, span);
            Node { span, value: Value::Text(pieces.build()) }
        };
        let instances: Vec<Instance> = match &over.value {
            Value::Map(map) if map.entries.iter().all(|entry| !entry.key.contains("${")) => {
                let entries = map.entries.iter().take(MOST + 1);
                let each = entries.map(|entry| (text(&entry.key, entry.key_span), entry.value.clone()));
                each.map(|(key, value)| Instance::Each { key, value }).collect()
            }
            Value::List(items) if items.iter().all(|item| item.as_str().is_some_and(|text| !text.contains("${"))) => {
                let each = items.iter().take(MOST + 1);
                each.map(|item| Instance::Each { key: item.clone(), value: item.clone() }).collect()
            }
            _ => return None,
        };
        (instances.len() <= MOST && self.spend(measure(over).0)).then_some(instances)
    }

    fn counted(&self, count: &Node) -> Option<Vec<Instance>> {
        let count = (count.span, count.as_f64().filter(|count| *count >= 0.0 && *count <= MOST as f64)? as usize);
        let index = |index: usize| Node { span: count.0, value: Value::Number(index as f64) };
        self.spend(count.1).then(|| (0..count.1).map(|at| Instance::Count { index: index(at) }).collect())
    }

    /// What stands for an index that the instance tells which is being read.
    pub(super) fn index(&self, name: &str) -> Option<String> {
        let path: Vec<&str> = index_of_instance(name)?.split('.').collect();
        plain(&self.of_instance(&path)?.value)
    }

    /// What is read of one instance.
    pub(super) fn within<T>(&self, instance: Option<Instance>, read: impl FnOnce() -> T) -> T {
        let outer = self.instance.replace(instance);
        let value = read();
        self.instance.replace(outer);
        value
    }

    /// The instance of a block that a reference names: `t["orders"]`, `t[0]`.
    pub(super) fn instance_called(&self, body: &HclBody, name: &str, depth: usize) -> Option<Instance> {
        // Blocks that name instances of each other would double the work with every step.
        if self.is_counting.replace(true) {
            return None;
        }
        let instances = self.known_instances(body, depth);
        self.is_counting.set(false);
        instances?.into_iter().find(|instance| instance.is_called(name))
    }

    /// `each.key`, `each.value.path`, `count.index` of the instance that is being read.
    pub(super) fn of_instance(&self, names: &[&str]) -> Option<Node> {
        let instance = self.instance.borrow();
        let node = match (instance.as_ref()?, names) {
            (Instance::Each { key, .. }, ["each", "key"]) => key,
            (Instance::Each { value, .. }, ["each", "value", path @ ..]) => {
                path.iter().try_fold(value, |node, key| step(node, key))?
            }
            (Instance::Count { index }, ["count", "index"]) => index,
            _ => return None,
        };
        self.spend(measure(node).0).then(|| node.clone())
    }
}
