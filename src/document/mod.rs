//! JSON, YAML and HCL texts as one tree whose every value knows its place; the only folder that names their parsers.

mod hcl;
mod json;
mod json_placeholders;
mod node;
mod substitute;
mod text_builder;
mod yaml;
mod yaml_scalar;

pub use hcl::{
    Block as HclBlock, Body as HclBody, COMPUTED, Expr, ExprKind, HclFile, Key, KeyName, Operator, Part, SPLAT,
    index_of_instance, parse_hcl,
};
pub use json::parse_json;
pub use node::{Entry, Map, MapStyle, Node, Text, Value, json};
pub use substitute::{placeholders, substitute, substitute_text};
pub use text_builder::TextBuilder;
pub use yaml::parse_yaml;

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

/// Reads JSON or YAML, whichever it is: what starts with a brace is JSON. `path` is the file's; empty for a text inside of one.
pub fn parse(text: &Text, path: &str) -> Result<Document, Problem> {
    let ends = |endings: &[&str]| endings.iter().any(|ending| path.ends_with(ending));
    let start = text.value.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    match start.chars().next() {
        // YAML in braces without quotes is YAML still.
        Some('{' | '[') if ends(&[".yaml", ".yml"]) => {
            parse_json(text).or_else(|problem| parse_yaml(text).map_err(|_| problem))
        }
        Some('{' | '[') => parse_json(text),
        // A comment before the brace.
        _ if start.starts_with("//") || start.starts_with("/*") => parse_json(text),
        _ if ends(&[".json", ".jsonc", ".asl"]) => parse_json(text),
        _ => parse_yaml(text),
    }
}
