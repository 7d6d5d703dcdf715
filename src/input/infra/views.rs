//! Views of Athena as templates declare them: JSON in base64, between `/* Presto View:` and `*/`.

use super::saved::{SavedQuery, SavedSql};
use crate::document::{Node, Text, TextBuilder, parse_json};
use crate::input::athena_view;
use crate::lake::{FileId, Span, TableName};

/// What the definition of a view holds that is of use here.
pub(super) struct ViewSql {
    pub sql: SavedSql,
    /// Where its names without a database are.
    pub schema: Option<String>,
}

impl ViewSql {
    /// The SQL of a definition; why there is none.
    pub fn of(definition: &Node) -> Result<ViewSql, String> {
        let sql = definition.get("originalSql").and_then(Node::as_text).ok_or("is not in its definition")?;
        let schema = definition.get("schema").and_then(Node::as_str).map(str::to_string);
        Ok(ViewSql { sql: SavedSql::written(sql.clone())?, schema })
    }

    /// As a statement that is saved under the name of the view.
    pub fn saved(self, database: Option<String>, name: &str, span: Span) -> SavedQuery {
        let parts = database.iter().map(String::as_str).chain([name]);
        let view = TableName::new(parts);
        SavedQuery {
            name: view.to_string(),
            database: self.schema.or(database),
            span,
            sql: self.sql,
            workgroup: None,
            view: Some(view),
        }
    }
}

/// Whether the type of a table is that of a view.
pub(super) fn is_view(table_type: Option<&str>) -> bool {
    table_type.is_some_and(|kind| kind.to_ascii_uppercase().ends_with("_VIEW"))
}

/// The definition in a text that writes it in base64.
pub(super) fn decoded(text: &Text) -> Option<Node> {
    let json = athena_view::decoded(&text.value)?;
    let definition = Text::opaque(&json, text.map.span(0..text.value.len()));
    parse_json(&definition).ok().map(|document| document.root)
}

/// `CREATE VIEW` around the SQL of a view.
pub(super) fn statement(view: &TableName, sql: &Text, file: FileId) -> Text {
    let mut text = TextBuilder::new(file);
    text.push_opaque(&athena_view::head(view), sql.map.span(0..sql.value.len()));
    text.push_text(sql);
    text.build()
}
