//! Terraform's language as a tree of our own: blocks, attributes and expressions, each with its place.
//!
//! The syntax is described at <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>.

mod comments;
mod convert;
mod outline;
mod parse;
mod template;

use super::Text;
use crate::lake::Span;

pub use parse::parse_hcl;

/// A parsed `.tf` file.
#[derive(Debug, Clone)]
pub struct HclFile {
    /// The whole text.
    pub span: Span,
    pub body: Body,
    /// Comments in text order, marks included.
    pub comments: Vec<Span>,
}

/// What stands between the braces of a block, or in a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Body {
    pub attributes: Vec<Attribute>,
    pub blocks: Vec<Block>,
}

/// `name = value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    pub name: String,
    pub name_span: Span,
    pub value: Expr,
}

/// `resource "aws_glue_job" "load" { ... }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    pub kind: String,
    pub labels: Vec<Label>,
    /// From the block's kind to the closing brace.
    pub span: Span,
    pub body: Body,
}

/// A name of a block.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    pub text: String,
    /// As written, quotes included.
    pub span: Span,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub span: Span,
    pub kind: ExprKind,
}

/// In a reference: all instances, `aws_glue_catalog_table.x[*].name`.
pub const SPLAT: &str = "*";

/// In a reference: an index that is computed, `aws_glue_catalog_table.x[each.key].name`.
pub const COMPUTED: &str = "...";

/// The path in an index of a traversal that each instance of a block tells for itself: `each.key`, `count.index`.
pub fn index_of_instance(name: &str) -> Option<&str> {
    name.strip_prefix(COMPUTED).filter(|path| !path.is_empty())
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    Null,
    Bool(bool),
    Number(f64),
    /// A quoted string or a heredoc; without parts it is empty.
    Template(Vec<Part>),
    List(Vec<Expr>),
    /// Keys and values in text order; a key may occur twice.
    Object(Vec<(Key, Expr)>),
    Call {
        function: String,
        args: Vec<Expr>,
    },
    /// `local.retry.fast`, `var.names["x"]`: at least one name; [`SPLAT`] and [`COMPUTED`] are none.
    Reference(Vec<String>),
    Conditional {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    Arithmetic {
        operator: Operator,
        operands: Box<(Expr, Expr)>,
    },
    /// Anything else: `for` expressions, comparisons.
    Other,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Decoded: without escapes, and without the indentation that `<<-` removes.
    Text(Text),
    /// `${value}`; the span is that of the whole interpolation.
    Interpolation { span: Span, value: Expr },
    /// `%{ if ... }...%{ endif }` and `%{ for ... }...%{ endfor }`, as a whole.
    Directive(Span),
}

/// The key of an object's item.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// As written, quotes included.
    pub span: Span,
    pub name: KeyName,
}

#[derive(Debug, Clone, PartialEq)]
pub enum KeyName {
    Plain(String),
    Computed(Box<Expr>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Plus,
    Minus,
    Times,
    Divide,
}

impl Body {
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

#[cfg(test)]
mod tests;
