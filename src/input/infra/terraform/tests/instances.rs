//! Tables and statements of blocks with `for_each` and `count`.

use super::*;
use crate::input::infra::saved::SavedSql;

fn tables(folder: &Folder) -> Vec<String> {
    let told = |table: &crate::lake::Table| {
        let location = table.location.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} {location} {}", table.name, folder.place(table.declared_at.expect("a place")))
    };
    folder.found.tables.iter().map(told).collect()
}

fn statements(folder: &Folder) -> Vec<String> {
    let told = |saved: &crate::input::infra::saved::SavedQuery| match &saved.sql {
        SavedSql::Written(text) => format!("{}: {}", saved.name, text.value),
        SavedSql::File { path, substitutions, .. } => format!("{}: {path} {substitutions:?}", saved.name),
    };
    folder.found.queries.iter().map(told).collect()
}

fn table(repeated: &str, name: &str, location: &str) -> String {
    format!(
        "resource \"aws_glue_catalog_table\" \"t\" {{\n  {repeated}\n  name = {name}\n  database_name = \"lake\"\n  storage_descriptor {{\n    location = {location}\n  }}\n}}\n"
    )
}

const MAP: &str = "locals {\n  tables = {\n    orders = { path = \"s3://lake/o/\" }\n    users = { path = \"s3://lake/u/\" }\n  }\n}\n";

#[test]
fn each_entry_of_a_map_is_a_table() {
    let block = table("for_each = local.tables", "each.key", "each.value.path");
    let found = file(&format!("{MAP}{block}"));
    assert_eq!(
        tables(&found),
        ["lake.orders s3://lake/o/ infra/main.tf:9:10 each.key", "lake.users s3://lake/u/ infra/main.tf:9:10 each.key"]
    );
    let query = "resource \"aws_athena_named_query\" \"q\" {\n  for_each = toset([\"orders\", \"users\"])\n  name = \"all-${each.key}\"\n  query = \"SELECT id FROM ${each.value}\"\n}\n\
        resource \"aws_athena_named_query\" \"u\" {\n  name = \"u\"\n  query = \"SELECT id FROM ${aws_glue_catalog_table.t[\"users\"].name}\"\n}\n";
    let found = file(&format!("{MAP}{block}{query}"));
    assert_eq!(
        statements(&found),
        ["all-orders: SELECT id FROM orders", "all-users: SELECT id FROM users", "u: SELECT id FROM users"]
    );
}

#[test]
fn counts_are_numbered() {
    let block = table("count = 2", "\"part_${count.index}\"", "\"s3://lake/${count.index}/\"");
    let names: Vec<String> = tables(&file(&block)).into_iter().map(|told| told[..22].to_string()).collect();
    assert_eq!(names, ["lake.part_0 s3://lake/", "lake.part_1 s3://lake/"]);
}

/// What a default leaves out, others may switch on: the block is read as if it stood alone.
#[test]
fn blocks_whose_instances_are_not_known_are_one() {
    for repeated in ["for_each = {}", "count = 0", "count = var.on ? 1 : 0", "for_each = var.tables", "count = 1e9"] {
        let found = file(&table(repeated, "\"orders\"", "\"s3://lake/o/\""));
        assert_eq!(tables(&found).len(), 1, "{repeated}");
        let found = file(&table(repeated, "each.key", "\"s3://lake/o/\""));
        assert_eq!(tables(&found).len(), 0, "{repeated}");
    }
}

#[test]
fn what_names_itself_ends() {
    let name = "aws_glue_catalog_table.t[\"a\"].name";
    for repeated in
        [format!("for_each = {{ a = {name} }}"), format!("count = {name}"), format!("for_each = toset([{name}])")]
    {
        let found = file(&table(&repeated, name, "each.value"));
        assert_eq!(tables(&found), Vec::<String>::new(), "{repeated}");
    }
}
