//! Variables of the Serverless Framework: `${self:custom.name}` is written in the same file, what else there is the deployment knows.
//!
//! <https://www.serverless.com/framework/docs/guides/variables>

use crate::document::{Node, Text, Value, placeholders, substitute_text};

/// Variables that name variables are followed this often.
const MOST_STEPS: usize = 8;

/// A longer text is no name and no setting: it is not copied into others.
const LONGEST: usize = 1000;

/// The file whose values `${self:...}` names.
pub(super) struct Variables<'a> {
    pub root: &'a Node,
}

impl<'a> Variables<'a> {
    /// What a value is once variables are followed: itself, or another value of the file.
    pub fn value(&self, node: &'a Node) -> &'a Node {
        let next = |node: &'a Node| self.root.at(&whole(node)?.strip_prefix("self:")?.split('.').collect::<Vec<_>>());
        let mut at = node;
        for _ in 0..MOST_STEPS {
            match next(at) {
                Some(node) => at = node,
                None => break,
            }
        }
        at
    }

    /// A copy of the value in which texts, numbers and truth values take the place of their variables.
    pub fn expand(&self, node: &Node) -> Node {
        let value = match &node.value {
            Value::Text(text) => self.expanded(node, text),
            Value::List(nodes) => Value::List(nodes.iter().map(|node| self.expand(node)).collect()),
            Value::Map(map) => Value::Map(map.with(|node| self.expand(node))),
            other => other.clone(),
        };
        Node { span: node.span, value }
    }

    fn expanded(&self, node: &Node, text: &Text) -> Value {
        if let Some(name) = whole(node) {
            return match self.scalar(name) {
                Some(Value::Text(found)) => Value::Text(Text::opaque(&found.value, node.span)),
                Some(found) => found.clone(),
                None => node.value.clone(),
            };
        }
        let lookup = |name: &str| match self.scalar(name)? {
            Value::Text(found) => Some(found.value.to_string()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(value) => Some(value.to_string()),
            _ => None,
        };
        Value::Text(substitute_text(text, &lookup))
    }

    /// The value of a variable that is all known.
    fn scalar(&self, name: &str) -> Option<&Value> {
        let named = self.root.at(&name.strip_prefix("self:")?.split('.').collect::<Vec<_>>())?;
        match &self.value(named).value {
            Value::Text(text) if text.value.len() > LONGEST || text.value.contains("${") => None,
            value @ (Value::Text(_) | Value::Number(_) | Value::Bool(_)) => Some(value),
            _ => None,
        }
    }
}

/// The name of a variable that is all of a text.
pub(super) fn whole(node: &Node) -> Option<&str> {
    let text = node.as_str()?;
    match placeholders(text).as_slice() {
        [(range, name)] if range.len() == text.len() => Some(name),
        _ => None,
    }
}
