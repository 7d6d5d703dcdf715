//! Athena's views as the Glue Data Catalog keeps them: `/* Presto View: <base64 of JSON> */` instead of SQL.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::lake::TableName;

/// What Athena writes around the encoded definition.
const PREFIX: &str = "/* Presto View:";
const SUFFIX: &str = "*/";

/// What a definition holds that is of use here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Definition {
    original_sql: String,
    /// The database that names without one meant.
    schema: Option<String>,
}

/// The `CREATE VIEW` statement of an Athena view. `None` for views of other engines, for a definition that cannot be decoded,
/// and for one that was made from another database than the view's own: its short names would mean other tables here.
pub(super) fn statement(name: &TableName, original_text: &str) -> Option<String> {
    let definition: Definition = serde_json::from_str(&decoded(original_text)?).ok()?;
    if let (Some(schema), Some(database)) = (&definition.schema, name.database())
        && !schema.eq_ignore_ascii_case(database)
    {
        return None;
    }
    Some(format!("{}{}\n", head(name), definition.original_sql.trim()))
}

/// The definition of an Athena view, as JSON.
pub(super) fn decoded(original_text: &str) -> Option<String> {
    let encoded = original_text.trim().strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()
}

/// What stands before the SQL of a view.
pub(super) fn head(name: &TableName) -> String {
    let parts: Vec<String> = name.0.iter().map(|part| format!("\"{}\"", part.replace('"', "\"\""))).collect();
    format!("CREATE VIEW {} AS\n", parts.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(json: &str) -> String {
        format!("/* Presto View: {} */", STANDARD.encode(json))
    }

    #[test]
    fn a_view_of_athena_is_a_statement() {
        let text =
            encoded(r#"{"originalSql": "SELECT 'é' x\nFROM orders", "catalog": "awsdatacatalog", "schema": "Lake"}"#);
        let name = TableName::parse("lake.a\"b");
        let statement = statement(&name, &text);
        assert_eq!(statement.as_deref(), Some("CREATE VIEW \"lake\".\"a\"\"b\" AS\nSELECT 'é' x\nFROM orders\n"));
    }

    #[test]
    fn what_is_no_view_of_athena_is_none() {
        let name = TableName::parse("lake.v");
        assert_eq!(statement(&name, "SELECT 1"), None);
        assert_eq!(statement(&name, "/* Presto View: % */"), None);
        assert_eq!(statement(&name, &encoded("{}")), None);
        assert_eq!(statement(&name, &encoded(r#"{"originalSql": "SELECT 1", "schema": "other"}"#)), None);
        assert!(statement(&name, &encoded(r#"{"originalSql": "SELECT 1"}"#)).is_some());
    }
}
