//! `aws_athena_named_query`, `aws_athena_prepared_statement`, and the views among `aws_glue_catalog_table`.
//!
//! Their arguments are described at <https://registry.terraform.io/providers/hashicorp/aws/latest/docs>.

use super::Declared;
use super::definition::{Unresolved, origin};
use super::evaluate::Evaluator;
use super::fields::Fields;
use crate::document::{Expr, ExprKind, Key, KeyName, Node, Part, Value, parse_json};
use crate::input::infra::catalog::is_one_name;
use crate::input::infra::saved::{SavedQuery, SavedSql};
use crate::input::infra::views::{self, ViewSql, is_view};
use crate::input::infra::{Body, Missing};

/// Locals that stand for one another.
const MAX_STEPS: usize = 32;

/// Of the evaluator's budget: locals that name each other twice double with each step.
const STEP_COST: usize = 256;

/// The statement of a block, unless only Terraform knows it; `None` without SQL.
pub(super) fn query(declared: Declared, fields: Fields) -> Option<Result<SavedQuery, Missing>> {
    let sql = ["query", "query_statement"].into_iter().find_map(|name| fields.body.attribute(name))?;
    let name = declared.names(fields, "name").1;
    Some(match fields.evaluator.sql(&sql.value, MAX_STEPS) {
        Ok(sql) => Ok(SavedQuery {
            name,
            database: fields.text("database"),
            span: declared.span,
            sql,
            workgroup: fields.text("workgroup").map(|name| (fields.evaluator.module.path.clone(), name)),
            view: None,
        }),
        Err(reason) => Err(Missing::sql(sql.value.span, name, reason)),
    })
}

/// The view of a block, unless only Terraform knows its SQL; `None` when it is none of Athena.
pub(super) fn view(declared: Declared, fields: Fields) -> Option<Result<SavedQuery, Missing>> {
    let written = &fields.body.attribute("view_original_text")?.value;
    let name = fields.text("name").filter(|name| is_one_name(name))?;
    is_view(fields.text("table_type").as_deref()).then_some(())?;
    Some(match fields.evaluator.view(written)? {
        Ok(sql) => Ok(sql.saved(fields.text("database_name"), name.trim(), declared.span)),
        Err(reason) => Err(Missing::sql(written.span, name, reason)),
    })
}

/// The definition of a view, before it is encoded.
enum Encoded<'e> {
    /// What `jsonencode` takes.
    Object(&'e [(Key, Expr)]),
    Json(Node),
}

impl Evaluator<'_> {
    fn view(&self, expr: &Expr) -> Option<Result<ViewSql, String>> {
        Some(match self.encoded_in(expr, MAX_STEPS)? {
            Encoded::Object(items) => {
                let value =
                    |name: &str| items.iter().rev().find(|(key, _)| is_called(key, name)).map(|(_, value)| value);
                let schema = value("schema").and_then(|schema| self.value(schema).as_str().map(str::to_string));
                self.sql(value("originalSql")?, MAX_STEPS).map(|sql| ViewSql { sql, schema })
            }
            Encoded::Json(definition) => ViewSql::of(&definition),
        })
    }

    /// What an expression writes in base64.
    fn encoded_in<'e>(&'e self, expr: &'e Expr, steps: usize) -> Option<Encoded<'e>> {
        let steps = steps.checked_sub(1).filter(|_| self.spend(STEP_COST))?;
        match &expr.kind {
            ExprKind::Call { function, args } => match (function.as_str(), args.as_slice()) {
                ("base64encode", [value]) => self.object_in(value, steps),
                _ => args.iter().find_map(|arg| self.encoded_in(arg, steps)),
            },
            ExprKind::List(items) => items.iter().find_map(|item| self.encoded_in(item, steps)),
            ExprKind::Template(parts) => {
                let inner = parts.iter().find_map(|part| match part {
                    Part::Interpolation { value, .. } => self.encoded_in(value, steps),
                    Part::Text(_) | Part::Directive(_) => None,
                });
                let text = || Some(Encoded::Json(views::decoded(self.value(expr).as_text()?)?));
                inner.or_else(text)
            }
            ExprKind::Reference(names) => self.encoded_in(self.referred_to(names)?, steps),
            _ => None,
        }
    }

    /// The JSON that an expression is.
    fn object_in<'e>(&'e self, expr: &'e Expr, steps: usize) -> Option<Encoded<'e>> {
        let steps = steps.checked_sub(1)?;
        match &expr.kind {
            ExprKind::Call { function, args } if function == "jsonencode" => self.object_in(args.first()?, steps),
            ExprKind::Object(items) => Some(Encoded::Object(items)),
            ExprKind::Reference(names) => self.object_in(self.referred_to(names)?, steps),
            _ => Some(Encoded::Json(parse_json(self.value(expr).as_text()?).ok()?.root)),
        }
    }

    /// Where the SQL is that an expression gives, or the end of a sentence that starts with it.
    fn sql(&self, expr: &Expr, steps: usize) -> Result<SavedSql, String> {
        let Some(steps) = steps.checked_sub(1) else { return Err("refers to itself".to_string()) };
        match &expr.kind {
            ExprKind::Call { function, args } => match (function.as_str(), args.as_slice()) {
                ("templatefile" | "file", _) => self.in_file(expr),
                ("trimspace" | "chomp" | "tostring" | "sensitive" | "nonsensitive", [value]) => self.sql(value, steps),
                _ => self.text_of(expr),
            },
            ExprKind::Reference(names) => match self.referred_to(names) {
                Some(target) => self.sql(target, steps),
                None if names.starts_with(&["data".to_string(), "template_file".to_string()]) => self.in_file(expr),
                None => self.text_of(expr),
            },
            ExprKind::Conditional { condition, then, otherwise } => match self.value(condition).as_bool() {
                Some(is_then) => self.sql(if is_then { then } else { otherwise }, steps),
                None => Err("depends on a condition that only Terraform knows".to_string()),
            },
            ExprKind::Template(parts) => match parts.as_slice() {
                [Part::Interpolation { value, .. }] => self.sql(value, steps),
                _ => self.text_of(expr),
            },
            _ => self.text_of(expr),
        }
    }

    /// The expression that a local or the default of a variable is, or that stands in it at the end of a path.
    fn referred_to(&self, names: &[String]) -> Option<&Expr> {
        let [root, name, path @ ..] = names else { return None };
        let target = match root.as_str() {
            "local" => self.module.local(name)?,
            "var" => self.module.variable(name).filter(|default| default.kind != ExprKind::Null)?,
            _ => return None,
        };
        path.iter().try_fold(target, |expr, key| match &expr.kind {
            ExprKind::Object(items) => {
                items.iter().rev().find(|(name, _)| is_called(name, key)).map(|(_, value)| value)
            }
            _ => None,
        })
    }

    fn in_file(&self, expr: &Expr) -> Result<SavedSql, String> {
        match self.definition(expr) {
            Ok(resolved) => match resolved.body {
                Body::File { path, span } => Ok(SavedSql::File { path, span, substitutions: resolved.substitutions }),
                Body::Inline(_) => Err("is no text".to_string()),
            },
            Err(Unresolved::NotAnalysed(reason)) => Err(reason),
            Err(Unresolved::Malformed(_)) => Err("is a template that is written out in the module".to_string()),
        }
    }

    fn text_of(&self, expr: &Expr) -> Result<SavedSql, String> {
        match (self.value(expr).value, &expr.kind) {
            (Value::Text(text), _) => SavedSql::written(text),
            (Value::Hole(_), _) if self.left() == 0 => Err("is in a module too large to be worked out".to_string()),
            (Value::Hole(_), ExprKind::Reference(names)) => Err(origin(names)),
            (Value::Hole(_), ExprKind::Call { function, .. }) => Err(format!("is computed by `{function}`")),
            (Value::Hole(_), ExprKind::Template(_)) => Err("is a template with `%{ ... }` directives".to_string()),
            (Value::Hole(_), _) => Err("is an expression that only Terraform evaluates".to_string()),
            _ => Err("is no text".to_string()),
        }
    }
}

fn is_called(key: &Key, name: &str) -> bool {
    matches!(&key.name, KeyName::Plain(plain) if plain == name)
}
