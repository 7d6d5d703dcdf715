//! The attributes and blocks of a resource, as values.

use super::evaluate::{Evaluator, plain};
use crate::document::{HclBlock, HclBody, Node, Value};
use crate::lake::{Limit, Span};

/// A body whose attributes are asked for by name.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub evaluator: &'a Evaluator<'a>,
    pub body: &'a HclBody,
}

/// A number that a body may set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Unset,
    Known(f64, Span),
    /// Only the deployment knows it.
    Unknown(Span),
}

impl<'a> Fields<'a> {
    /// The value of an attribute; `null` is no value.
    pub fn value(&self, name: &str) -> Option<Node> {
        let node = self.evaluator.value(&self.body.attribute(name)?.value);
        (node.value != Value::Null).then_some(node)
    }

    /// The value as a text; what nothing resolves is `${...}` in it.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.value(name)?.value {
            Value::Hole(source) => Some(format!("${{{source}}}")),
            value => plain(&value),
        }
    }

    /// The value where it is written out.
    pub fn literal(&self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.contains("${"))
    }

    /// Whether one of the attributes is set to what only the deployment knows.
    pub fn is_open(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.text(name).is_some_and(|text| text.contains("${")))
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.value(name)?.value {
            Value::Bool(value) => Some(value),
            Value::Text(text) => text.value.parse().ok(),
            _ => None,
        }
    }

    pub fn number(&self, name: &str) -> Number {
        let Some(node) = self.value(name) else { return Number::Unset };
        let number = match &node.value {
            Value::Number(number) => Some(*number),
            Value::Text(text) => text.value.parse().ok(),
            _ => None,
        };
        match number.filter(|number: &f64| number.is_finite() && *number >= 0.0) {
            Some(number) => Number::Known(number, node.span),
            None => Number::Unknown(node.span),
        }
    }

    pub fn span(&self, name: &str) -> Option<Span> {
        let attribute = self.body.attribute(name)?;
        Some(attribute.name_span.join(attribute.value.span))
    }

    /// The blocks of a kind that are written out.
    pub fn blocks(&self, kind: &str) -> impl Iterator<Item = Fields<'a>> {
        let fields = *self;
        let is_it = move |block: &&HclBlock| block.kind == kind;
        fields.body.blocks.iter().filter(is_it).map(move |block| Fields { body: &block.body, ..fields })
    }

    /// Whether Terraform makes some of the blocks of a kind.
    pub fn has_dynamic(&self, kind: &str) -> bool {
        let makes_it = |block: &HclBlock| block.labels.first().is_some_and(|label| label.text == kind);
        self.body.blocks.iter().any(|block| block.kind == "dynamic" && makes_it(block))
    }

    /// The first block of a kind, and whether it is a `dynamic` one, of which Terraform makes none, one or many.
    pub fn block(&self, kind: &str) -> Option<(Fields<'a>, bool)> {
        let blocks = &self.body.blocks;
        let fields = |body| Fields { body, ..*self };
        if let Some(block) = blocks.iter().find(|block| block.kind == kind) {
            return Some((fields(&block.body), false));
        }
        let makes_it = |block: &&HclBlock| block.labels.first().is_some_and(|label| label.text == kind);
        let dynamic = blocks.iter().filter(|block| block.kind == "dynamic").find(makes_it)?;
        let content = dynamic.body.blocks.iter().find(|block| block.kind == "content")?;
        Some((fields(&content.body), true))
    }
}

impl Number {
    pub fn known(self) -> Option<f64> {
        match self {
            Number::Known(number, _) => Some(number),
            Number::Unset | Number::Unknown(_) => None,
        }
    }

    pub fn whole(self) -> Option<u64> {
        self.known().map(|number| number as u64)
    }

    /// As a limit, of a number of `seconds` each; 0 is none.
    pub fn limit(self, seconds: u64) -> Limit {
        match self {
            Number::Unset | Number::Known(0.0, _) => Limit::Unset,
            Number::Known(number, span) => Limit::Seconds { seconds: (number * seconds as f64) as u64, span },
            Number::Unknown(span) => Limit::Dynamic(span),
        }
    }
}
