//! `AWS::Athena::NamedQuery` and `AWS::Athena::PreparedStatement`.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-athena-namedquery.html>,
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-athena-preparedstatement.html>

use super::scope::{Scope, call};
use super::tables::name_of;
use crate::document::{Entry, Node, Text};
use crate::input::infra::Missing;
use crate::input::infra::saved::{SavedQuery, SavedSql};

/// The statement of a resource, unless only the deployment knows it; `None` without SQL.
pub(super) fn read(kind: &str, entry: &Entry, properties: &Node, scope: &Scope) -> Option<Result<SavedQuery, Missing>> {
    let (name, sql) = match kind {
        "AWS::Athena::NamedQuery" => ("Name", "QueryString"),
        _ => ("StatementName", "QueryStatement"),
    };
    let name = scope.written(properties.get(name)).unwrap_or_else(|| entry.key.clone());
    let node = properties.get(sql)?;
    Some(match text(node, scope).and_then(SavedSql::written) {
        Ok(sql) => Ok(SavedQuery {
            name,
            database: properties.get("Database").and_then(|database| name_of(database, scope)),
            span: entry.key_span,
            sql,
            workgroup: scope.string(properties.get("WorkGroup")).map(|name| (scope.module.clone(), name)),
            view: None,
        }),
        Err(reason) => Err(Missing::sql(node.span, name, reason)),
    })
}

/// The text where it is written: also in the default of a parameter.
fn text(node: &Node, scope: &Scope) -> Result<Text, String> {
    let computed = || match call(node) {
        Some((function, _)) => format!("is computed by `{function}`"),
        None => "is no text".to_string(),
    };
    scope.default_of(node).or_else(|| scope.text(node)).ok_or_else(computed)
}
