//! JSON, YAML and HCL texts as one tree whose every value knows its place; the only folder that names their parsers.

mod json;
mod json_placeholders;
mod node;

pub use json::parse_json;
pub use node::{Entry, Map, MapStyle, Node, Text, Value};

use crate::lake::Span;

/// A parsed text.
#[derive(Debug, Clone)]
pub struct Document {
    pub root: Node,
    /// Comments in text order, marks included.
    pub comments: Vec<Span>,
}

/// Why a text cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where reading stopped.
    pub span: Span,
    /// In the tool's message style.
    pub message: String,
    /// What the user can do.
    pub help: String,
}
