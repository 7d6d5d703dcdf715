//! `aws_glue_catalog_table`.
//!
//! Their arguments are described at <https://registry.terraform.io/providers/hashicorp/aws/latest/docs>.

use super::evaluate::plain;
use super::fields::Fields;
use crate::document::Value;
use crate::input::glue_json::{GlueColumn, GlueTable, Serde, Storage, TargetTable};
use crate::input::infra::catalog::{self, IcebergInput, Parameters};
use crate::lake::{Span, Table};

/// The table of a block; `None` when its name, its partition keys or all of its parameters are computed.
pub(super) fn table(fields: Fields) -> Option<Table> {
    let mut parameters = parameters(fields)?;
    let mut declared = None;
    if let Some((format, is_dynamic)) = fields.block("open_table_format_input") {
        let (input, _) = format.block("iceberg_input").filter(|_| !is_dynamic)?;
        declared = match input.block("iceberg_table_input") {
            Some((_, true)) => return None,
            Some((table, false)) => Some(iceberg(table)?),
            None => None,
        };
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
    let location = storage.and_then(|(storage, _)| storage.text("location"));
    let open_place = catalog::open_place(location, |bucket| fields.evaluator.bucket(bucket));
    catalog::table(glue, declared, place(fields)?).map(|table| Table { open_place, ..table })
}

/// `iceberg_table_input`; `None` when its partition keys are computed.
fn iceberg(input: Fields) -> Option<IcebergInput> {
    fn list<'a, T>(block: Option<(Fields<'a>, bool)>, item: impl Fn(Fields<'a>) -> Option<T>) -> Option<Vec<T>> {
        let Some((block, is_dynamic)) = block else { return Some(Vec::new()) };
        let is_open = is_dynamic || block.has_dynamic("fields") || block.body.attribute("fields").is_some();
        if is_open { None } else { block.blocks("fields").map(item).collect() }
    }
    let field = |field: Fields| {
        let kind = catalog::iceberg_type(&field.literal("type")?);
        Some((field.number("id").known()?, field.literal("name")?, kind))
    };
    let key = |field: Fields| Some((field.number("source_id").known()?, field.literal("transform")?));
    let schema = list(input.block("schema"), field);
    let declared = IcebergInput::new(schema, list(input.block("partition_spec"), key))?;
    let properties = match input.value("properties").map(|node| node.value) {
        Some(Value::Map(map)) => map.entries.into_iter().map(|entry| (entry.key, plain(&entry.value.value))).collect(),
        _ => Parameters::new(),
    };
    Some(IcebergInput { location: input.literal("location"), properties, ..declared })
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

#[cfg(test)]
mod tests {
    use super::super::read;
    use crate::input::infra::example::place;
    use crate::lake::{Sources, Table, TableKind};

    fn tables(text: &str) -> (Vec<Table>, Sources) {
        let mut sources = Sources::default();
        let file = sources.add("main.tf", text);
        (read(&[(file, text.into())], "", &Default::default()).tables, sources)
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
    fn names_of_other_resources_are_those_that_they_write() {
        let of = |database: &str| {
            let (tables, _) = tables(&format!(
                "resource \"aws_athena_database\" \"d\" {{\n  name = \"lake\"\n}}\n\
                 resource \"aws_glue_catalog_table\" \"t\" {{\n  name = \"t\"\n  database_name = aws_athena_database.d.id\n}}\n\
                 resource \"aws_glue_catalog_table\" \"u\" {{\n  name = \"u\"\n  database_name = {database}\n}}\n"
            ));
            tables[1].name.to_string()
        };
        assert_eq!(of("aws_athena_database.d.name"), "lake.u");
        assert_eq!(of("aws_glue_catalog_table.t.database_name"), "lake.u");
    }

    #[test]
    fn what_is_computed_is_not_taken_for_nothing() {
        let named = "name = \"t\"\ndatabase_name = \"d\"\n";
        for arguments in [
            "name = var.name\ndatabase_name = \"d\"".to_string(),
            "for_each = var.tables\nname = \"t_${each.key}\"\ndatabase_name = \"d\"".to_string(),
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
