//! `AWS::Athena::NamedQuery` and `AWS::Athena::PreparedStatement`.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-athena-namedquery.html>,
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-athena-preparedstatement.html>

use super::scope::Scope;
use super::tables::name_of;
use crate::document::{Entry, Node};
use crate::input::infra::saved::{SavedQuery, SavedSql};

/// The statement of a resource; `None` when it is another resource, or computed.
pub(super) fn read(kind: &str, entry: &Entry, properties: &Node, scope: &Scope) -> Option<SavedQuery> {
    let (name, sql) = match kind {
        "AWS::Athena::NamedQuery" => ("Name", "QueryString"),
        "AWS::Athena::PreparedStatement" => ("StatementName", "QueryStatement"),
        _ => return None,
    };
    Some(SavedQuery {
        name: scope.written(properties.get(name)).unwrap_or_else(|| entry.key.clone()),
        database: properties.get("Database").and_then(|database| name_of(database, scope)),
        span: entry.key_span,
        sql: SavedSql::written(scope.text(properties.get(sql)?)?)?,
    })
}
