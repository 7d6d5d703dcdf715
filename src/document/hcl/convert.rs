//! The parser's tree to ours.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{BinaryOperator, Expression, FuncCall, Object, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::{self, Structure};
use hcl_edit::template::{Element, Template};

use super::template::{decode_heredoc, decode_quoted};
use super::{Attribute, Block, Body, COMPUTED, Expr, ExprKind, Key, KeyName, Label, Operator, Part, SPLAT};
use crate::document::Text;
use crate::lake::Span;

/// Makes our tree of the parser's; names and texts are taken from the text.
pub(super) struct Converter<'a> {
    pub(super) text: &'a Text,
}

impl Converter<'_> {
    pub(super) fn body(&self, body: &structure::Body) -> Body {
        let mut converted = Body::default();
        for structure in body.iter() {
            match structure {
                Structure::Attribute(attribute) => converted.attributes.extend(self.attribute(attribute)),
                Structure::Block(block) => converted.blocks.extend(self.block(block)),
            }
        }
        converted
    }

    fn attribute(&self, attribute: &structure::Attribute) -> Option<Attribute> {
        let name = attribute.key.span()?;
        Some(Attribute {
            name: self.source(name.clone()).to_string(),
            value: self.expr(&attribute.value, name.end),
            name_span: self.span(name),
        })
    }

    fn block(&self, block: &structure::Block) -> Option<Block> {
        let label = |label: &structure::BlockLabel| {
            let span = label.span()?;
            Some(Label { text: label.as_str().to_string(), span: self.span(span) })
        };
        Some(Block {
            kind: self.source(block.ident.span()?).to_string(),
            labels: block.labels.iter().filter_map(label).collect(),
            span: self.span(block.span().or_else(|| block.ident.span())?),
            body: self.body(&block.body),
        })
    }

    /// An expression; `at` is where it is taken to stand should the parser not know.
    fn expr(&self, expr: &Expression, at: usize) -> Expr {
        let range = expr.span().unwrap_or(at..at);
        let kind = match expr {
            Expression::Null(_) => ExprKind::Null,
            Expression::Bool(value) => ExprKind::Bool(*value.value()),
            Expression::Number(number) => number.value().as_f64().map_or(ExprKind::Other, ExprKind::Number),
            Expression::String(_) => ExprKind::Template(self.quoted(&range, &Template::new())),
            Expression::StringTemplate(template) => ExprKind::Template(self.quoted(&range, template)),
            Expression::HeredocTemplate(heredoc) => ExprKind::Template(self.heredoc(&range, &heredoc.template)),
            Expression::Array(items) => ExprKind::List(items.iter().map(|item| self.expr(item, range.start)).collect()),
            Expression::Object(object) => ExprKind::Object(self.object(object, range.start)),
            Expression::Parenthesis(inner) => return self.expr(inner.inner(), range.start),
            Expression::Variable(name) => ExprKind::Reference(vec![name.as_str().to_string()]),
            Expression::Traversal(traversal) => self.reference(traversal).map_or(ExprKind::Other, ExprKind::Reference),
            Expression::FuncCall(call) => self.call(call, range.start),
            Expression::Conditional(conditional) => {
                let part = |part| Box::new(self.expr(part, range.start));
                ExprKind::Conditional {
                    condition: part(&conditional.cond_expr),
                    then: part(&conditional.true_expr),
                    otherwise: part(&conditional.false_expr),
                }
            }
            Expression::BinaryOp(operation) => match operator(*operation.operator.value()) {
                Some(operator) => {
                    let operand = |operand| self.expr(operand, range.start);
                    let operands = (operand(&operation.lhs_expr), operand(&operation.rhs_expr));
                    ExprKind::Arithmetic { operator, operands: Box::new(operands) }
                }
                None => ExprKind::Other,
            },
            Expression::UnaryOp(_) | Expression::ForExpr(_) => ExprKind::Other,
        };
        Expr { span: self.span(range), kind }
    }

    fn object(&self, object: &Object, at: usize) -> Vec<(Key, Expr)> {
        let item = |key: &ObjectKey, value: &Expression| {
            let range = key.span().unwrap_or(at..at);
            let computed = |expr| KeyName::Computed(Box::new(self.expr(expr, at)));
            let name = match key {
                ObjectKey::Ident(_) => KeyName::Plain(self.source(range.clone()).to_string()),
                ObjectKey::Expression(expr @ Expression::String(_)) => {
                    let parts = self.quoted(&expr.span().unwrap_or(at..at), &Template::new());
                    KeyName::Plain(parts.iter().map(plain).collect())
                }
                ObjectKey::Expression(expr) => computed(expr),
            };
            let end = range.end;
            (Key { span: self.span(range), name }, self.expr(value, end))
        };
        object.iter().map(|(key, value)| item(key, value.expr())).collect()
    }

    fn call(&self, call: &FuncCall, at: usize) -> ExprKind {
        // The last argument of `merge(local.maps...)` stands for many: nothing can be said of such a call.
        if call.args.expand_final() || call.name.is_namespaced() {
            return ExprKind::Other;
        }
        ExprKind::Call {
            function: call.name.name.as_str().to_string(),
            args: call.args.iter().map(|arg| self.expr(arg, at)).collect(),
        }
    }

    /// The names of a traversal, with [`SPLAT`] and [`COMPUTED`] where something else stands between them; `names[each.key]` has the path
    /// of its index behind [`COMPUTED`].
    fn reference(&self, traversal: &Traversal) -> Option<Vec<String>> {
        let Expression::Variable(root) = &traversal.expr else { return None };
        let mut names = vec![root.as_str().to_string()];
        for operator in &traversal.operators {
            names.push(match operator.value() {
                TraversalOperator::GetAttr(name) => name.as_str().to_string(),
                TraversalOperator::LegacyIndex(index) => index.value().to_string(),
                TraversalOperator::Index(Expression::String(key)) => key.value().to_string(),
                TraversalOperator::Index(Expression::Number(index)) => index.value().to_string(),
                TraversalOperator::Index(Expression::Traversal(path)) => match self.reference(path)?.as_slice() {
                    path @ [root, _, ..] if root == "each" || root == "count" => {
                        format!("{COMPUTED}{}", path.join("."))
                    }
                    _ => COMPUTED.to_string(),
                },
                TraversalOperator::Index(_) => COMPUTED.to_string(),
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => SPLAT.to_string(),
            });
        }
        Some(names)
    }

    fn quoted(&self, range: &Range<usize>, template: &Template) -> Vec<Part> {
        let inner = (range.start + 1).min(range.end)..range.end.saturating_sub(1).max(range.start + 1).min(range.end);
        let (stretches, elements) = self.stretches(inner, template);
        interleave(stretches.into_iter().map(|range| decode_quoted(self.text, range)), elements)
    }

    fn heredoc(&self, range: &Range<usize>, template: &Template) -> Vec<Part> {
        let source = self.source(range.clone());
        let start = source.find('\n').map_or(range.end, |at| range.start + at + 1);
        let end = source.rfind('\n').map_or(range.end, |at| range.start + at + 1);
        let (stretches, elements) = self.stretches(start..end, template);
        interleave(decode_heredoc(self.text, &stretches, source.starts_with("<<-")), elements)
    }

    /// What stands between the interpolations and directives of a template, one stretch more than there are of them.
    fn stretches(&self, inner: Range<usize>, template: &Template) -> (Vec<Range<usize>>, Vec<Part>) {
        let mut stretches = Vec::new();
        let mut elements = Vec::new();
        let mut at = inner.start;
        for element in template.iter() {
            let Some(range) = element.span().filter(|range| range.start >= at && range.end <= inner.end) else {
                continue;
            };
            let span = self.span(range.clone());
            elements.push(match element {
                Element::Literal(_) => continue,
                Element::Interpolation(inner) => {
                    Part::Interpolation { span, value: self.expr(&inner.expr, range.start) }
                }
                Element::Directive(_) => Part::Directive(span),
            });
            stretches.push(at..range.start);
            at = range.end;
        }
        stretches.push(at..inner.end);
        (stretches, elements)
    }

    fn source(&self, range: Range<usize>) -> &str {
        &self.text.value[range]
    }

    fn span(&self, range: Range<usize>) -> Span {
        self.text.map.span(range)
    }
}

fn interleave(texts: impl IntoIterator<Item = Text>, elements: Vec<Part>) -> Vec<Part> {
    let mut elements = elements.into_iter();
    let mut parts = Vec::new();
    for text in texts {
        if !text.value.is_empty() {
            parts.push(Part::Text(text));
        }
        parts.extend(elements.next());
    }
    parts
}

/// The text of a template without interpolations.
fn plain(part: &Part) -> &str {
    match part {
        Part::Text(text) => &text.value,
        Part::Interpolation { .. } | Part::Directive(_) => "",
    }
}

fn operator(operator: BinaryOperator) -> Option<Operator> {
    match operator {
        BinaryOperator::Plus => Some(Operator::Plus),
        BinaryOperator::Minus => Some(Operator::Minus),
        BinaryOperator::Mul => Some(Operator::Times),
        BinaryOperator::Div => Some(Operator::Divide),
        _ => None,
    }
}
