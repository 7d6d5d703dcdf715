//! Expressions to values, as far as the files of the module tell: locals, defaults of variables, templates, a few functions.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::instances::Instance;
use super::module::Module;
use super::template::push_hole;
use crate::document::{
    COMPUTED, Entry, Expr, ExprKind, Key, KeyName, Map, MapStyle, Node, Operator, Part, SPLAT, TextBuilder, Value,
};

/// Levels of expressions and values; what is deeper stays an expression.
const MAX_DEPTH: usize = 96;

/// Locals can double in size with each that names the one before. Values and bytes of texts, per byte of the files.
const MAX_GROWTH: usize = 16;
const LEAST_BUDGET: usize = 1 << 22;

/// Evaluates the expressions of a module.
pub(super) struct Evaluator<'a> {
    pub module: &'a Module<'a>,
    /// Locals that were asked for; `None` while a local is being evaluated.
    locals: RefCell<BTreeMap<String, Option<Local>>>,
    /// Values and bytes that may still be made.
    left: Cell<usize>,
    /// What is being read of a block with several.
    pub(super) instance: RefCell<Option<Instance>>,
    /// The instances of a block are being worked out.
    pub(super) is_counting: Cell<bool>,
}

/// The value of a local.
struct Local {
    node: Node,
    size: usize,
    height: usize,
}

impl<'a> Evaluator<'a> {
    pub fn new(module: &'a Module<'a>) -> Evaluator<'a> {
        let left = Cell::new(LEAST_BUDGET + MAX_GROWTH * module.bytes());
        Evaluator {
            module,
            locals: RefCell::default(),
            left,
            instance: RefCell::default(),
            is_counting: Cell::new(false),
        }
    }

    pub fn value(&self, expr: &Expr) -> Node {
        self.at_depth(expr, 0)
    }

    /// The value of an expression inside of others; a [`Value::Hole`] where the files do not tell.
    pub(super) fn at_depth(&self, expr: &Expr, depth: usize) -> Node {
        let value = match self.spend(1) && depth < MAX_DEPTH {
            true => self.resolve(expr, depth + 1),
            false => None,
        };
        value.unwrap_or_else(|| self.hole(expr))
    }

    fn resolve(&self, expr: &Expr, depth: usize) -> Option<Node> {
        let value = match &expr.kind {
            ExprKind::Null => Value::Null,
            ExprKind::Bool(value) => Value::Bool(*value),
            ExprKind::Number(number) => Value::Number(*number),
            ExprKind::Template(parts) => return self.template(expr, parts, depth),
            ExprKind::List(items) => Value::List(items.iter().map(|item| self.at_depth(item, depth)).collect()),
            ExprKind::Object(items) => {
                let entries = items.iter().map(|(key, value)| self.entry(key, value, depth)).collect();
                Value::Map(Map { entries, style: MapStyle::Hcl })
            }
            ExprKind::Call { function, args } => return self.call(expr, function, args, depth),
            ExprKind::Reference(names) => return self.reference(expr, names, depth),
            ExprKind::Conditional { condition, then, otherwise } => {
                let branch = if self.at_depth(condition, depth).as_bool()? { then } else { otherwise };
                return self.resolve(branch, depth);
            }
            ExprKind::Arithmetic { operator, operands } => {
                let operand = |expr| self.at_depth(expr, depth).as_f64();
                Value::Number(arithmetic(*operator, operand(&operands.0)?, operand(&operands.1)?)?)
            }
            ExprKind::Other => return None,
        };
        Some(Node { span: expr.span, value })
    }

    fn entry(&self, key: &Key, value: &Expr, depth: usize) -> Entry {
        let name = match &key.name {
            KeyName::Plain(name) => name.clone(),
            KeyName::Computed(expr) => match self.at_depth(expr, depth) {
                Node { value: Value::Text(text), .. } => text.value.to_string(),
                _ => format!("${{{}}}", self.module.source(key.span)),
            },
        };
        Entry { key: name, key_span: key.span, value: self.at_depth(value, depth) }
    }

    fn template(&self, expr: &Expr, parts: &[Part], depth: usize) -> Option<Node> {
        let mut pieces = TextBuilder::new(expr.span.file);
        for part in parts {
            match part {
                Part::Text(text) => pieces.push_text(text),
                Part::Interpolation { span, value } => {
                    let inner = self.at_depth(value, depth);
                    // `"${x}"` is x itself.
                    if let ([_], false) = (parts, matches!(inner.value, Value::Hole(_))) {
                        return Some(inner);
                    }
                    match plain(&inner.value) {
                        Some(text) => pieces.push_opaque(&text, *span),
                        None => push_hole(&mut pieces, self.module.source(*span), *span),
                    }
                }
                Part::Directive(_) => return None,
            }
        }
        let text = pieces.build();
        self.spend(text.value.len()).then_some(Node { span: expr.span, value: Value::Text(text) })
    }

    fn reference(&self, expr: &Expr, names: &[String], depth: usize) -> Option<Node> {
        let indices: Vec<Option<String>> = names.iter().map(|name| self.index(name)).collect();
        let named = names.iter().zip(&indices).map(|(name, index)| index.as_deref().unwrap_or(name));
        let names: Vec<&str> = named.collect();
        match names.as_slice() {
            ["local", name, path @ ..] => self.local(name, path, depth),
            ["var", name, path @ ..] => {
                let default = self.at_depth(self.module.variable(name)?, depth);
                let value = path.iter().try_fold(&default, |node, key| step(node, key))?;
                (value.value != Value::Null).then(|| value.clone())
            }
            ["path", "module" | "root" | "cwd"] => {
                let mut pieces = TextBuilder::new(expr.span.file);
                pieces.push_opaque(".", expr.span);
                Some(Node { span: expr.span, value: Value::Text(pieces.build()) })
            }
            ["each" | "count", ..] => self.of_instance(&names),
            // A name that is written without its instance is that of the only one.
            [kind, name, attribute] => self.attribute(kind, name, None, attribute, depth),
            [kind, name, instance, attribute] => {
                let value = self.attribute(kind, name, Some(instance), attribute, depth)?;
                let is_list = *instance == SPLAT;
                let value = if is_list { Node { span: expr.span, value: Value::List(vec![value]) } } else { value };
                Some(value)
            }
            _ => None,
        }
    }

    /// The name that a resource of the module writes out.
    fn attribute(&self, kind: &str, name: &str, instance: Option<&str>, attribute: &str, depth: usize) -> Option<Node> {
        let attribute = match (kind, attribute) {
            ("aws_glue_catalog_table" | "aws_glue_catalog_database" | "aws_athena_workgroup", "name") => "name",
            ("aws_athena_database", "name" | "id") => "name",
            ("aws_glue_catalog_table", "database_name") => "database_name",
            ("aws_athena_workgroup", "id") => "name",
            ("aws_s3_bucket", "bucket" | "id") => "bucket",
            _ => return None,
        };
        let body = self.module.body("resource", [kind, name])?;
        let written = &body.attribute(attribute)?.value;
        let instance = instance.and_then(|name| self.instance_called(body, name, depth));
        let node = self.within(instance, || self.at_depth(written, depth));
        node.as_str().is_some_and(|text| !text.contains("${")).then_some(node)
    }

    fn local(&self, name: &str, path: &[&str], depth: usize) -> Option<Node> {
        if !self.locals.borrow().contains_key(name) {
            self.locals.borrow_mut().insert(name.to_string(), None);
            let node = self.at_depth(self.module.local(name)?, depth);
            let (size, height) = measure(&node);
            if self.is_counting.get() {
                // What names instances is unknown until they are counted.
                self.locals.borrow_mut().remove(name);
                return path.iter().try_fold(&node, |node, key| step(node, key)).cloned();
            }
            self.locals.borrow_mut().insert(name.to_string(), Some(Local { node, size, height }));
        }
        let locals = self.locals.borrow();
        // A local that is being evaluated is in a cycle.
        let local = locals.get(name)?.as_ref()?;
        if depth + local.height > MAX_DEPTH || !self.spend(local.size) {
            return None;
        }
        let node = path.iter().try_fold(&local.node, |node, key| step(node, key))?;
        Some(node.clone())
    }

    /// What nothing resolves, as the files write it.
    pub(super) fn hole(&self, expr: &Expr) -> Node {
        let source = self.module.source(expr.span);
        let source = if self.spend(source.len()) { source.to_string() } else { String::new() };
        Node { span: expr.span, value: Value::Hole(source) }
    }

    /// Values and bytes that may still be made.
    pub(super) fn left(&self) -> usize {
        self.left.get()
    }

    pub(super) fn spend(&self, amount: usize) -> bool {
        let left = self.left.get().checked_sub(amount);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// A value as it stands in a text; `None` when it does not.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// One step of a path into a value.
pub(super) fn step<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    match &node.value {
        _ if key == SPLAT || key.starts_with(COMPUTED) => None,
        Value::Map(map) => map.get(key),
        Value::List(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

fn arithmetic(operator: Operator, left: f64, right: f64) -> Option<f64> {
    let result = match operator {
        Operator::Plus => left + right,
        Operator::Minus => left - right,
        Operator::Times => left * right,
        Operator::Divide => left / right,
    };
    result.is_finite().then_some(result)
}

/// Values and bytes of texts, and levels.
pub(super) fn measure(node: &Node) -> (usize, usize) {
    let children: Vec<(usize, usize)> = match &node.value {
        Value::List(items) => items.iter().map(measure).collect(),
        Value::Map(map) => map.entries.iter().map(|entry| measure(&entry.value)).collect(),
        Value::Text(text) => return (1 + text.value.len(), 1),
        Value::Hole(source) => return (1 + source.len(), 1),
        Value::Null | Value::Bool(_) | Value::Number(_) => return (1, 1),
    };
    let size = children.iter().map(|(size, _)| size).sum::<usize>();
    (1 + size, 1 + children.iter().map(|(_, height)| *height).max().unwrap_or(0))
}
