//! Expressions to parts: literals side by side, added, formatted and joined.

use std::cell::Cell;

use tree_sitter::Node;

use super::literal::{self, Part};
use super::looks::starts_like_sql;
use super::scopes::{ScopeId, Scopes};
use super::syntax::{Argument, arguments, children, range, written};
use crate::document::Text;

/// Deeper expressions are holes.
const DEEPEST: usize = 40;

/// Longest text of a name that is put in its place: the name of a table or a database, a date.
const LONGEST_CONSTANT: usize = 256;

/// Longest statement of Athena, in bytes (<https://docs.aws.amazon.com/athena/latest/ug/service-limits.html>).
pub(super) const LONGEST_STATEMENT: usize = 262_144;

/// Methods that leave a text as it is, but for blanks and fields.
const METHODS: [&str; 5] = ["format_map", "strip", "lstrip", "rstrip", "expandtabs"];

/// Functions that leave a text as it is, but for blanks.
const FUNCTIONS: [&str; 5] = ["dedent", "cleandoc", "text", "Template", "SQL"];

/// What evaluates expressions.
#[derive(Clone, Copy)]
pub(super) struct Evaluator<'a, 't, 'p> {
    pub(super) text: &'p Text,
    pub(super) scopes: &'a Scopes<'t, 'p>,
    pub(super) scope: ScopeId,
    /// How many more names may be looked up: programs use a few hundred.
    pub(super) names_left: &'a Cell<usize>,
}

impl<'t, 'p> Evaluator<'_, 't, 'p> {
    /// The parts of a text; `None` for what is none that the program writes.
    pub(super) fn parts(&self, node: Node<'t>) -> Option<Vec<Part>> {
        self.at(node, 0)
    }

    /// The whole text, where the program writes all of it.
    pub(super) fn constant(&self, node: Node<'t>) -> Option<String> {
        let mut value = String::new();
        for part in self.parts(node)? {
            match part {
                Part::Written(text) => value.push_str(&text.value),
                Part::Hole { .. } => return None,
            }
        }
        Some(value)
    }

    fn at(&self, node: Node<'t>, depth: usize) -> Option<Vec<Part>> {
        if depth > DEEPEST {
            return None;
        }
        match node.kind() {
            "string" => Some(self.named(literal::parts(node, self.text)?, node, depth)),
            "concatenated_string" => {
                let mut parts = Vec::new();
                for child in children(node) {
                    parts.extend(self.at(child, depth + 1)?);
                }
                Some(parts)
            }
            "parenthesized_expression" => self.at(*children(node).first()?, depth + 1),
            "binary_operator" => self.operator(node, depth),
            "call" => self.call(node, depth),
            "identifier" => self.name(node, depth),
            _ => None,
        }
    }

    /// The holes of an f-string whose names are constants are none.
    fn named(&self, parts: Vec<Part>, literal: Node<'t>, depth: usize) -> Vec<Part> {
        let mut interpolated = children(literal).into_iter().filter(|child| child.kind() == "interpolation");
        let fill = |part: Part| match part {
            Part::Hole { name, place } => {
                let is_at = |child: &Node<'t>| self.text.map.span(range(*child)) == place;
                let expression = interpolated.find(is_at).and_then(|child| child.child_by_field_name("expression"));
                let value = expression.and_then(|expression| self.name(expression, depth + 1));
                value.unwrap_or_else(|| vec![Part::Hole { name, place }])
            }
            part => vec![part],
        };
        parts.into_iter().flat_map(fill).collect()
    }

    /// A name with one short text, at the place that names it.
    fn name(&self, node: Node<'t>, depth: usize) -> Option<Vec<Part>> {
        if node.kind() != "identifier" {
            return None;
        }
        self.names_left.set(self.names_left.get().checked_sub(1)?);
        let binding = self.scopes.lookup(self.scope, written(node, &self.text.value))?;
        let [Some(value)] = binding.values[..] else { return None };
        if value.byte_range().len() > LONGEST_CONSTANT * 2 {
            return None;
        }
        // A constant may name another one, and that no more.
        let parts = self.at(value, depth + DEEPEST / 2 - 1)?;
        // Statements are followed where they are written.
        let is_short = |part: &Part| match part {
            Part::Written(text) => text.value.len() <= LONGEST_CONSTANT && !starts_like_sql(&text.value),
            Part::Hole { .. } => false,
        };
        let place = self.text.map.span(range(node));
        let here = |part: Part| match part {
            Part::Written(text) => Part::Written(Text::opaque(&text.value, place)),
            hole => hole,
        };
        (parts.len() <= 4 && parts.iter().all(is_short)).then(|| parts.into_iter().map(here).collect())
    }

    /// `a + b + c`, and `a % b`, of which the fields stay.
    fn operator(&self, node: Node<'t>, depth: usize) -> Option<Vec<Part>> {
        let operator = written(node.child_by_field_name("operator")?, &self.text.value);
        if operator == "%" {
            return self.at(node.child_by_field_name("left")?, depth + 1);
        }
        let mut operands = Vec::new();
        let mut left = node;
        // Chains lean to the left, however long they are.
        while left.kind() == "binary_operator" {
            let operator = left.child_by_field_name("operator").map(|operator| written(operator, &self.text.value));
            if operator != Some("+") {
                break;
            }
            operands.push(left.child_by_field_name("right")?);
            left = left.child_by_field_name("left")?;
        }
        operands.push(left);
        let mut parts = Vec::new();
        for operand in operands.into_iter().rev() {
            match self.at(operand, depth + 1) {
                Some(more) => parts.extend(more),
                None => parts.push(Part::hole(operand, range(operand), self.text)),
            }
        }
        (operator == "+").then_some(parts)
    }

    fn call(&self, node: Node<'t>, depth: usize) -> Option<Vec<Part>> {
        let program = &*self.text.value;
        let function = node.child_by_field_name("function")?;
        let name = function.child_by_field_name("attribute").unwrap_or(function);
        let name = written(name, program);
        let given = arguments(node, program);
        let first = given.iter().find(|argument| argument.name.is_none()).map(|argument| argument.value);
        let object = function.child_by_field_name("object");
        match object {
            Some(object) if name == "format" => Some(self.formatted(self.at(object, depth + 1)?, given)),
            Some(object) if METHODS.contains(&name) => self.at(object, depth + 1),
            Some(object) if name == "replace" => {
                let mut parts = self.at(object, depth + 1)?;
                parts.push(Part::hole(function, range(node), self.text));
                Some(parts)
            }
            Some(object) if name == "join" => self.joined(object, first?, depth),
            _ if FUNCTIONS.contains(&name) => self.at(first?, depth + 1),
            _ => None,
        }
    }

    /// Fields that are given a constant by their name are no holes.
    fn formatted(&self, parts: Vec<Part>, given: Vec<Argument<'t, 'p>>) -> Vec<Part> {
        let fill = |part: Part| match part {
            Part::Hole { name, place } => {
                let value = given.iter().find(|argument| argument.name == Some(name.as_str()));
                match value.and_then(|argument| self.constant(argument.value)) {
                    Some(value) if value.len() <= LONGEST_CONSTANT => Part::Written(Text::opaque(&value, place)),
                    _ => Part::Hole { name, place },
                }
            }
            part => part,
        };
        parts.into_iter().map(fill).collect()
    }

    /// `" ".join([a, b])`.
    fn joined(&self, separator: Node<'t>, list: Node<'t>, depth: usize) -> Option<Vec<Part>> {
        let between = self.at(separator, depth + 1)?;
        if !matches!(list.kind(), "list" | "tuple") {
            return None;
        }
        let mut parts = Vec::new();
        for (i, item) in children(list).into_iter().enumerate() {
            if i > 0 {
                parts.extend(between.iter().cloned());
            }
            match self.at(item, depth + 1) {
                Some(more) => parts.extend(more),
                None => parts.push(Part::hole(item, range(item), self.text)),
            }
        }
        Some(parts)
    }
}
