//! A Terraform file as a document: what stands inside of what, for comments. Expressions are not evaluated.

use super::{Block, Body, Expr, ExprKind, HclFile};
use crate::document::{Document, Entry, Map, MapStyle, Node, Value};
use crate::lake::Span;

impl HclFile {
    /// Blocks, attributes, objects and lists with their places; calls are lists of their arguments.
    pub fn outline(&self) -> Document {
        let map = Map { entries: entries(&self.body), style: MapStyle::Hcl };
        let root = Node { span: self.span, value: Value::Map(map) };
        Document { root, comments: self.comments.clone() }
    }
}

fn entries(body: &Body) -> Vec<Entry> {
    let attributes = body.attributes.iter().map(|attribute| Entry {
        key: attribute.name.clone(),
        key_span: attribute.name_span,
        value: node(&attribute.value),
    });
    let mut entries: Vec<Entry> = attributes.chain(body.blocks.iter().map(block)).collect();
    entries.sort_by_key(|entry| entry.key_span.start);
    entries
}

fn block(block: &Block) -> Entry {
    let map = Map { entries: entries(&block.body), style: MapStyle::Hcl };
    Entry {
        key: block.kind.clone(),
        key_span: Span { end: block.span.start + block.kind.len() as u32, ..block.span },
        value: Node { span: block.span, value: Value::Map(map) },
    }
}

fn node(expr: &Expr) -> Node {
    let list = |items: &[&Expr]| Value::List(items.iter().map(|item| node(item)).collect());
    let value = match &expr.kind {
        ExprKind::Object(items) => {
            let entries =
                items.iter().map(|(key, value)| Entry { key: String::new(), key_span: key.span, value: node(value) });
            Value::Map(Map { entries: entries.collect(), style: MapStyle::Hcl })
        }
        ExprKind::List(items) | ExprKind::Call { args: items, .. } => list(&items.iter().collect::<Vec<_>>()),
        ExprKind::Conditional { then, otherwise, .. } => list(&[then, otherwise]),
        _ => Value::Hole(String::new()),
    };
    Node { span: expr.span, value }
}
