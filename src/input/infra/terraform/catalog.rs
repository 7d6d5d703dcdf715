//! `aws_glue_catalog_table`, `aws_athena_named_query` and `aws_athena_prepared_statement`.
//!
//! Their arguments are described at <https://registry.terraform.io/providers/hashicorp/aws/latest/docs>.

use super::Declared;
use super::evaluate::{Evaluator, plain};
use super::fields::Fields;
use crate::document::{Expr, ExprKind, Part, Value};
use crate::input::glue_json::{GlueColumn, GlueTable, Serde, Storage, TargetTable};
use crate::input::infra::Body;
use crate::input::infra::catalog::{self, Parameters};
use crate::input::infra::saved::{SavedQuery, SavedSql};
use crate::lake::{Span, Table};

/// Locals that stand for one another.
const MAX_STEPS: usize = 32;

/// The table of a block; `None` when its name, its partition keys or all of its parameters are computed.
pub(super) fn table(fields: Fields) -> Option<Table> {
    let mut parameters = parameters(fields)?;
    if let Some((format, is_dynamic)) = fields.block("open_table_format_input") {
        format.block("iceberg_input").filter(|_| !is_dynamic)?;
        parameters.insert("table_type".to_string(), Some("ICEBERG".to_string()));
    }
    let storage = fields.block("storage_descriptor").filter(|(_, is_dynamic)| !is_dynamic);
    let glue = GlueTable {
        name: fields.text("name")?.trim().to_string(),
        database_name: fields.text("database_name"),
        description: fields.text("description"),
        storage_descriptor: storage.map(|(storage, _)| Storage {
            columns: columns(storage, "columns"),
            location: storage.literal("location"),
            input_format: storage.literal("input_format"),
            serde_info: storage
                .block("ser_de_info")
                .filter(|(_, is_dynamic)| !is_dynamic)
                .map(|(serde, _)| Serde { serialization_library: serde.literal("serialization_library") }),
            parameters: self::parameters(storage),
        }),
        partition_keys: Some(columns(fields, "partition_keys")?),
        table_type: fields.text("table_type"),
        view_original_text: None,
        target_table: fields.block("target_table").map(|_| TargetTable {}),
        parameters: Some(parameters),
    };
    catalog::table(glue, place(fields)?)
}

/// What the file writes as the name of the table.
fn place(fields: Fields) -> Option<Span> {
    let written = fields.body.attribute("name")?.value.span;
    let value = fields.value("name")?;
    let text = value.as_text().filter(|text| text.map.file() == written.file);
    Some(text.map(|text| text.map.span(0..text.value.len())).filter(|span| written.contains(span)).unwrap_or(written))
}

/// All columns; `None` when some of them are computed, for the others say nothing then.
fn columns(fields: Fields, kind: &str) -> Option<Vec<GlueColumn>> {
    if fields.has_dynamic(kind) || fields.body.attribute(kind).is_some() {
        return None;
    }
    let column = |fields: Fields| {
        Some(GlueColumn {
            name: fields.literal("name")?,
            r#type: Some(fields.literal("type").unwrap_or_default()),
            comment: fields.text("comment"),
        })
    };
    fields.blocks(kind).map(column).collect()
}

/// `None` when they are computed as a whole.
fn parameters(fields: Fields) -> Option<Parameters> {
    let Some(value) = fields.value("parameters") else { return Some(Parameters::new()) };
    let Value::Map(map) = value.value else { return None };
    Some(map.entries.into_iter().map(|entry| (entry.key, plain(&entry.value.value))).collect())
}

/// The statement of a block; `None` when it is computed.
pub(super) fn query(declared: Declared, fields: Fields) -> Option<SavedQuery> {
    let sql = ["query", "query_statement"].into_iter().find_map(|name| fields.body.attribute(name))?;
    Some(SavedQuery {
        name: declared.names(fields, "name").1,
        database: fields.text("database"),
        span: declared.span,
        sql: fields.evaluator.sql(&sql.value, MAX_STEPS)?,
    })
}

impl Evaluator<'_> {
    /// Where the SQL is that an attribute gives.
    fn sql(&self, expr: &Expr, steps: usize) -> Option<SavedSql> {
        let steps = steps.checked_sub(1)?;
        match &expr.kind {
            ExprKind::Call { function, args } => match (function.as_str(), args.as_slice()) {
                ("templatefile" | "file", _) => {
                    let resolved = self.definition(expr).ok()?;
                    let Body::File { path, .. } = resolved.body else { return None };
                    Some(SavedSql::File { path, substitutions: resolved.substitutions })
                }
                ("trimspace" | "chomp" | "tostring", [value]) => self.sql(value, steps),
                _ => SavedSql::written(self.value(expr).as_text()?.clone()),
            },
            ExprKind::Reference(names) => match names.as_slice() {
                [root, name] if root == "local" => self.sql(self.module.local(name)?, steps),
                _ => SavedSql::written(self.value(expr).as_text()?.clone()),
            },
            ExprKind::Template(parts) => match parts.as_slice() {
                [Part::Interpolation { value, .. }] => self.sql(value, steps),
                _ => SavedSql::written(self.value(expr).as_text()?.clone()),
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use crate::input::infra::example::place;
    use crate::lake::{Sources, Table, TableKind};

    fn tables(text: &str) -> (Vec<Table>, Sources) {
        let mut sources = Sources::default();
        let file = sources.add("main.tf", text);
        (read(&[(file, text.into())], "").tables, sources)
    }

    fn of(arguments: &str) -> Option<Table> {
        let lines = format!("resource \"aws_glue_catalog_table\" \"t\" {{\n{arguments}\n}}\n");
        tables(&lines).0.pop()
    }

    #[test]
    fn names_resolve_and_have_their_places() {
        let (tables, sources) = tables(
            "resource \"aws_glue_catalog_database\" \"d\" {\n  name = \"${local.env}_lake\"\n}\nlocals {\n  env = \"dev\"\n}\n\
             resource \"aws_glue_catalog_table\" \"t\" {\n  name = \"Orders\"\n  database_name = aws_glue_catalog_database.d.name\n}\n\
             resource \"aws_glue_catalog_table\" \"u\" {\n  name = \"${var.stage}_u\"\n  database_name = \"${aws_glue_catalog_database.d.name}\"\n}\n",
        );
        let told = |table: &Table| (table.name.to_string(), place(&sources, table.declared_at.expect("a place")));
        let at = |name: &str, line, text: &str| (name.to_string(), (line, 11, text.to_string()));
        let expected = [at("dev_lake.orders", 8, "Orders"), at("dev_lake.${var.stage}_u", 12, "${var.stage}_u")];
        assert_eq!(tables.iter().map(told).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_is_computed_is_not_taken_for_nothing() {
        let named = "name = \"t\"\ndatabase_name = \"d\"\n";
        for arguments in [
            "name = var.name\ndatabase_name = \"d\"".to_string(),
            "name = \"t_${each.key}\"\ndatabase_name = \"d\"".to_string(),
            format!("{named}parameters = var.parameters"),
            format!("{named}dynamic \"partition_keys\" {{\n for_each = var.k\n content {{\n name = 1\n }}\n}}"),
            format!("{named}partition_keys {{\n name = var.k\n}}"),
            format!("{named}table_type = \"VIRTUAL_VIEW\""),
            format!("{named}target_table {{\n name = \"x\"\n}}"),
        ] {
            assert!(of(&arguments).is_none(), "{arguments}");
        }
        let open = of(&format!(
            "{named}storage_descriptor {{\n location = var.place\n columns {{\n name = \"a\"\n }}\n columns {{\n name = var.b\n }}\n}}"
        ))
        .expect("a table");
        assert!(open.columns.is_empty() && open.location.is_none() && open.format.is_none(), "{open:?}");
        let format = "open_table_format_input {\n iceberg_input {\n metadata_operation = \"CREATE\"\n }\n}";
        assert_eq!(of(&format!("{named}{format}")).expect("a table").kind, TableKind::Iceberg);
    }
}
