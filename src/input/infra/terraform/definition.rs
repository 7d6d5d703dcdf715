//! From the `definition` of a resource to the states, through locals, conditions and the functions that read and write JSON.

use std::collections::BTreeMap;

use super::evaluate::{Evaluator, plain};
use crate::document::{Expr, ExprKind, Node, Part, Problem, Value, json, parse_json};
use crate::input::infra::Body;

/// Locals and functions that stand for one another.
const MAX_STEPS: usize = 32;

/// Of the evaluator's budget: conditions in locals that name each other double with each step.
const STEP_COST: usize = 256;

/// Where the states are, and what placeholders in them stand for.
pub(super) struct Resolved {
    pub body: Body,
    pub substitutions: BTreeMap<String, String>,
    /// A condition that only the deployment knows chooses between these states and others.
    pub is_one_of_two: bool,
}

/// Why there are no states to read.
pub(super) enum Unresolved {
    /// The end of a sentence that starts with the definition.
    NotAnalysed(String),
    Malformed(Problem),
}

impl Evaluator<'_> {
    /// Where the states are that `definition = ...` describes.
    pub(super) fn definition(&self, expr: &Expr) -> Result<Resolved, Unresolved> {
        self.definition_in(expr, MAX_STEPS)
    }

    fn definition_in(&self, expr: &Expr, steps: usize) -> Result<Resolved, Unresolved> {
        let Some(steps) = steps.checked_sub(1) else { return Err(because("refers to itself")) };
        if !self.spend(STEP_COST) {
            return Err(because("is one of too many that depend on conditions"));
        }
        match &expr.kind {
            ExprKind::Reference(names) => self.referred(expr, names, steps),
            ExprKind::Conditional { condition, then, otherwise } => match self.value(condition).as_bool() {
                Some(true) => self.definition_in(then, steps),
                Some(false) => self.definition_in(otherwise, steps),
                None => self.one_of_two(then, otherwise, steps),
            },
            ExprKind::Call { function, args } => self.called(expr, function, args, steps),
            ExprKind::Template(parts) => match parts.as_slice() {
                [Part::Interpolation { value, .. }] => self.definition_in(value, steps),
                parts => self.text(expr, parts),
            },
            ExprKind::Object(_) => Ok(inline(self.value(expr))),
            _ => Err(because("is an expression that only Terraform evaluates")),
        }
    }

    /// The first branch that has states; the other one is often `null`.
    fn one_of_two(&self, then: &Expr, otherwise: &Expr, steps: usize) -> Result<Resolved, Unresolved> {
        match (self.definition_in(then, steps), self.definition_in(otherwise, steps)) {
            (Ok(first), second) => Ok(Resolved { is_one_of_two: first.is_one_of_two || second.is_ok(), ..first }),
            (Err(Unresolved::NotAnalysed(_)), Ok(second)) => Ok(second),
            (first, _) => first,
        }
    }

    fn referred(&self, expr: &Expr, names: &[String], steps: usize) -> Result<Resolved, Unresolved> {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let target = match names.as_slice() {
            ["local", name] => self.module.local(name),
            ["var", name] => self.module.variable(name).filter(|default| default.kind != ExprKind::Null),
            ["data", "template_file", name, "rendered"] => return self.template_file(name, steps),
            _ => None,
        };
        if let Some(target) = target {
            return self.definition_in(target, steps);
        }
        if let Some(found) = self.written_out(self.value(expr)) {
            return found;
        }
        Err(Unresolved::NotAnalysed(origin(&names)))
    }

    fn called(&self, expr: &Expr, function: &str, args: &[Expr], steps: usize) -> Result<Resolved, Unresolved> {
        match (function, args) {
            ("jsonencode" | "yamlencode", [value]) => match self.decoded(value) {
                Some(text) => self.definition_in(text, steps),
                None => self.encoded(value, steps),
            },
            ("templatefile", [path, vars]) => self.file(path, expr, self.substitutions(vars)),
            ("file", [path]) => self.file(path, expr, BTreeMap::new()),
            ("trimspace" | "chomp" | "sensitive" | "nonsensitive" | "tostring", [value]) => {
                self.definition_in(value, steps)
            }
            _ => Err(because(&format!("is computed by `{function}`"))),
        }
    }

    /// The text that `jsondecode` or `yamldecode` takes, through locals.
    fn decoded<'e>(&'e self, expr: &'e Expr) -> Option<&'e Expr> {
        let mut expr = expr;
        for _ in 0..MAX_STEPS {
            expr = match &expr.kind {
                ExprKind::Call { function, args } if function == "jsondecode" || function == "yamldecode" => {
                    return args.first();
                }
                ExprKind::Reference(names) => match names.as_slice() {
                    [root, name] if root == "local" => self.module.local(name)?,
                    _ => return None,
                },
                _ => return None,
            };
        }
        None
    }

    /// The states as a value of Terraform.
    fn encoded(&self, expr: &Expr, steps: usize) -> Result<Resolved, Unresolved> {
        let value = self.value(expr);
        match (&expr.kind, &value.value) {
            (_, Value::Map(_)) => Ok(inline(value)),
            (ExprKind::Call { function, .. }, _) => Err(because(&format!("is computed by `{function}`"))),
            (ExprKind::Conditional { .. } | ExprKind::Reference(_), _) => self.definition_in(expr, steps),
            _ => Err(because("is an expression that only Terraform evaluates")),
        }
    }

    /// The states as JSON in a string.
    fn text(&self, expr: &Expr, parts: &[Part]) -> Result<Resolved, Unresolved> {
        let value = self.value(expr);
        let Some(text) = value.as_text() else {
            return Err(because("is a template with `%{ ... }` directives"));
        };
        match parse_json(text) {
            Ok(document) => Ok(inline(document.root)),
            // What an expression stands for may be what is missing.
            Err(_) if parts.iter().any(|part| self.is_computed(part)) => {
                Err(because("is a template with expressions that only Terraform evaluates"))
            }
            Err(problem) => Err(Unresolved::Malformed(problem)),
        }
    }

    fn is_computed(&self, part: &Part) -> bool {
        let Part::Interpolation { value, .. } = part else { return false };
        !matches!(value.kind, ExprKind::Reference(_)) && matches!(self.value(value).value, Value::Hole(_))
    }

    /// A value that is known after all: a map of states, or a text of JSON.
    fn written_out(&self, value: Node) -> Option<Result<Resolved, Unresolved>> {
        match &value.value {
            Value::Map(_) => Some(Ok(inline(value))),
            Value::Text(text) => Some(match parse_json(text) {
                Ok(document) => Ok(inline(document.root)),
                Err(problem) => Err(Unresolved::Malformed(problem)),
            }),
            _ => None,
        }
    }

    fn file(&self, path: &Expr, at: &Expr, substitutions: BTreeMap<String, String>) -> Result<Resolved, Unresolved> {
        let value = self.value(path);
        let Some(path) = value.as_str().filter(|path| !path.contains("${")) else {
            return Err(because("is in a file whose name is computed"));
        };
        let path = path.trim_start_matches("./").to_string();
        Ok(Resolved { body: Body::File { path, span: at.span }, substitutions, is_one_of_two: false })
    }

    /// `data "template_file"`, of Terraform before 0.12.
    fn template_file(&self, name: &str, steps: usize) -> Result<Resolved, Unresolved> {
        let body = self.module.body("data", ["template_file", name]);
        let Some(template) = body.and_then(|body| body.attribute("template")) else {
            return Err(because(&format!("comes from the template `{name}`, which is not declared here")));
        };
        let mut resolved = self.definition_in(&template.value, steps)?;
        if let Some(vars) = body.and_then(|body| body.attribute("vars")) {
            resolved.substitutions = self.substitutions(&vars.value);
        }
        Ok(resolved)
    }

    /// The variables of a template; those that are known of a `merge`.
    fn substitutions(&self, vars: &Expr) -> BTreeMap<String, String> {
        match &vars.kind {
            ExprKind::Call { function, args } if function == "merge" => {
                args.iter().flat_map(|arg| self.substitution_entries(arg)).collect()
            }
            _ => self.substitution_entries(vars).into_iter().collect(),
        }
    }

    fn substitution_entries(&self, vars: &Expr) -> Vec<(String, String)> {
        let Value::Map(map) = self.value(vars).value else { return Vec::new() };
        let text = |node: &Node| plain(&node.value).unwrap_or_else(|| json(node));
        map.entries.into_iter().map(|entry| (entry.key, text(&entry.value))).collect()
    }
}

/// Where a value comes from that the files do not tell, as the end of a sentence.
pub(super) fn origin<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        ["local", name, ..] => format!("comes from the local value `{name}`, which is computed"),
        ["var", name, ..] => format!("comes from the variable `{name}`"),
        ["each" | "count", ..] => format!("is `{}`, which only Terraform knows", names.join(".")),
        ["module", name, ..] => format!("is an output of the module `{name}`"),
        _ => format!("is the attribute `{}`", names.join(".")),
    }
}

fn inline(node: Node) -> Resolved {
    Resolved { body: Body::Inline(node), substitutions: BTreeMap::new(), is_one_of_two: false }
}

fn because(reason: &str) -> Unresolved {
    Unresolved::NotAnalysed(reason.to_string())
}
