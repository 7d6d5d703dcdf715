//! What is done to a frame behind the call that reads it: some of it reads nothing or little, and some of it may filter by any
//! column, which only the running program knows.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::{Finder, LONGEST_CHAIN};
use crate::python::program::Program;
use crate::python::syntax::{arguments, children, written};

/// What reads nothing, or no more files than a few rows take.
const OF_FEW_ROWS: [&str; 12] = [
    "schema",
    "columns",
    "dtypes",
    "printSchema",
    "show",
    "limit",
    "take",
    "head",
    "first",
    "isEmpty",
    "explain",
    "tail",
];

/// Functions of Python, which filter no frame.
const OF_PYTHON: [&str; 10] = ["len", "print", "list", "type", "display", "isinstance", "str", "iter", "id", "repr"];

/// What the module of Spark's functions goes by.
const FUNCTIONS: [&str; 7] = ["F", "f", "fn", "fns", "functions", "sf", "psf"];

/// Deeper conditions may be anything.
const DEEPEST: usize = 24;

/// What comes behind expressions.
#[derive(Default)]
pub(super) struct Chains<'t, 'p> {
    /// The next name of a chain, with its call, by the expression that it belongs to.
    next: BTreeMap<usize, (&'p str, Node<'t>)>,
    /// Arguments of the program's own functions.
    passed_on: BTreeSet<usize>,
    /// Names by the values that they are assigned.
    assigned: BTreeMap<usize, &'p str>,
    /// Names of frames that are filtered by what only the running program knows.
    filtered: BTreeSet<&'p str>,
}

impl<'t, 'p> Finder<'_, 't, 'p> {
    pub(super) fn chains(&mut self, program: &Program<'t, 'p>) -> Chains<'t, 'p> {
        let mut chains = Chains::default();
        let text = self.program();
        for property in &program.properties {
            let (name, object) = (property.child_by_field_name("attribute"), property.child_by_field_name("object"));
            if let (Some(name), Some(object)) = (name, object) {
                chains.next.insert(bare(object).id(), (written(name, text), *property));
            }
        }
        for (call, scope) in &program.calls {
            self.evaluator.scope = *scope;
            let Some(function) = call.child_by_field_name("function") else { continue };
            let object = function.child_by_field_name("object");
            let name = written(function.child_by_field_name("attribute").unwrap_or(function), text);
            match object {
                Some(object) => {
                    chains.next.insert(bare(object).id(), (name, *call));
                    if self.may_filter(name, *call) {
                        chains.filtered.extend(root(object, text));
                    }
                }
                None if OF_PYTHON.contains(&name) => continue,
                None => {}
            }
            if object.is_none_or(|object| is_self(object, text)) {
                chains.passed_on.extend(arguments(*call, text).iter().map(|argument| bare(argument.value).id()));
            }
        }
        let mut made_of: BTreeMap<&str, Vec<&'p str>> = BTreeMap::new();
        for (name, value) in program.scopes.values() {
            chains.assigned.insert(bare(value).id(), name);
            made_of.entry(name).or_default().extend(root(value, text));
        }
        // The frames that a filtered one is made of are read with its filter.
        let mut open: Vec<&str> = chains.filtered.iter().copied().collect();
        while let Some(name) = open.pop() {
            for of in made_of.remove(name).unwrap_or_default() {
                chains.filtered.insert(of);
                open.push(of);
            }
        }
        chains
    }

    /// Whether what is done to the frame of a call leaves most of its table out, or may.
    pub(super) fn is_narrowed(&self, chains: &Chains<'t, 'p>, call: Node<'t>) -> bool {
        let (mut at, mut is_next) = (call, true);
        for _ in 0..LONGEST_CHAIN {
            if chains.passed_on.contains(&at.id()) {
                return true;
            }
            let Some((name, next)) = chains.next.get(&at.id()) else { break };
            if is_next && OF_FEW_ROWS.contains(name) || next.kind() == "call" && self.may_filter(name, *next) {
                return true;
            }
            is_next &= matches!(*name, "select" | "alias" | "cache" | "drop");
            at = *next;
        }
        chains.assigned.get(&at.id()).is_some_and(|name| chains.filtered.contains(name))
    }

    /// Whether a method of a frame may filter by any column, as far as its arguments tell.
    fn may_filter(&self, name: &str, call: Node<'t>) -> bool {
        let arguments = self.arguments(call);
        match name {
            "filter" | "where" => arguments.first().is_some_and(|first| !self.is_told(first.value, 0)),
            "join" => arguments.iter().skip(1).any(|argument| {
                let is_on = argument.name.is_none_or(|name| name == "on");
                is_on && !self.is_told(argument.value, 0)
            }),
            "transform" => true,
            _ => false,
        }
    }

    /// Whether the program writes by which columns a condition filters.
    fn is_told(&self, node: Node<'t>, depth: usize) -> bool {
        let all = |parts: Vec<Node<'t>>| parts.into_iter().all(|part| self.is_told(part, depth + 1));
        match node.kind() {
            _ if depth > DEEPEST => false,
            "true" | "false" => true,
            "string" | "concatenated_string" | "identifier" => self.evaluator.constant(node).is_some(),
            "parenthesized_expression" | "not_operator" | "unary_operator" | "boolean_operator" | "list" => {
                all(children(node))
            }
            "binary_operator" => {
                let operator = node.child_by_field_name("operator").map_or("", |it| written(it, self.program()));
                match operator {
                    "&" | "|" | "^" => all(children(node)),
                    _ => self.evaluator.constant(node).is_some(),
                }
            }
            "comparison_operator" => children(node).into_iter().all(|operand| self.is_operand(operand, depth + 1)),
            "call" => {
                let object = node.child_by_field_name("function").and_then(|it| it.child_by_field_name("object"));
                let is_of_column = object.is_some_and(|object| {
                    object.kind() != "identifier" || FUNCTIONS.contains(&written(object, self.program()))
                });
                (is_of_column || object.is_none() && self.is_column(node)) && self.is_operand(node, depth + 1)
            }
            _ => false,
        }
    }

    /// The same of what is compared: a value may be any, a column has to be named.
    fn is_operand(&self, node: Node<'t>, depth: usize) -> bool {
        let all = |parts: Vec<Node<'t>>| parts.into_iter().all(|part| self.is_operand(part, depth + 1));
        match node.kind() {
            _ if depth > DEEPEST => false,
            "identifier" | "integer" | "float" | "none" | "true" | "false" | "string" | "concatenated_string" => true,
            "attribute" => {
                let object = node.child_by_field_name("object");
                object.is_some_and(|object| !is_self(object, self.program()) && self.is_operand(object, depth + 1))
            }
            "subscript" => {
                let index = node.child_by_field_name("subscript");
                index.is_some_and(|index| index.kind() == "integer" || self.evaluator.constant(index).is_some())
            }
            "call" => {
                let given = self.arguments(node);
                if self.is_column(node) {
                    return given.first().is_some_and(|first| self.evaluator.constant(first.value).is_some());
                }
                let function = node.child_by_field_name("function");
                let object = function.and_then(|function| function.child_by_field_name("object"));
                object.is_none_or(|object| self.is_operand(object, depth + 1))
                    && given.iter().all(|argument| self.is_operand(argument.value, depth + 1))
            }
            "list"
            | "tuple"
            | "set"
            | "binary_operator"
            | "unary_operator"
            | "not_operator"
            | "boolean_operator"
            | "comparison_operator"
            | "parenthesized_expression" => all(children(node)),
            _ => false,
        }
    }

    /// `F.col("amount")`, `expr("amount > 1")`.
    fn is_column(&self, call: Node<'t>) -> bool {
        let function = call.child_by_field_name("function");
        let name = function.map(|function| function.child_by_field_name("attribute").unwrap_or(function));
        name.is_some_and(|name| matches!(written(name, self.program()), "col" | "column" | "expr" | "getattr"))
    }
}

/// Without its parentheses.
fn bare(node: Node<'_>) -> Node<'_> {
    let mut at = node;
    for _ in 0..DEEPEST {
        match children(at).first() {
            Some(inner) if at.kind() == "parenthesized_expression" => at = *inner,
            _ => break,
        }
    }
    at
}

fn is_self(node: Node<'_>, program: &str) -> bool {
    node.kind() == "identifier" && matches!(written(node, program), "self" | "cls")
}

/// The name that a chain begins with.
fn root<'p>(node: Node<'_>, program: &'p str) -> Option<&'p str> {
    let mut at = Some(node);
    for _ in 0..LONGEST_CHAIN {
        let node = at?;
        at = match node.kind() {
            "identifier" => return Some(written(node, program)),
            "attribute" => node.child_by_field_name("object"),
            "call" => node.child_by_field_name("function"),
            "parenthesized_expression" => node.named_child(0),
            _ => return None,
        };
    }
    None
}
