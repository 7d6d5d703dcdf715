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
fn an_instance_names_those_of_others_by_its_key() {
    let block = table("for_each = local.tables", "each.key", "each.value.path");
    let query = "resource \"aws_athena_named_query\" \"q\" {\n  for_each = local.tables\n  name = \"q-${each.key}\"\n  query = \"SELECT id FROM ${aws_glue_catalog_table.t[each.key].name} -- ${local.tables[each.key].path}\"\n}\n";
    let found = file(&format!("{MAP}{block}{query}"));
    assert_eq!(
        statements(&found),
        ["q-orders: SELECT id FROM orders -- s3://lake/o/", "q-users: SELECT id FROM users -- s3://lake/u/"]
    );
}

/// A local that names an instance is unknown only while the instances are counted, in whatever order blocks stand.
#[test]
fn what_is_asked_while_instances_are_counted_is_asked_again() {
    let block = table("for_each = local.tables", "each.key", "each.value.path");
    let more = "locals {\n  orders = aws_glue_catalog_table.t[\"orders\"].name\n}\nresource \"aws_glue_catalog_table\" \"u\" {\n  for_each = { one = local.orders }\n  name = each.key\n  database_name = \"lake\"\n}\n";
    let query = |name: &str, sql: &str| {
        format!(
            "resource \"aws_athena_named_query\" \"{name}\" {{\n  name = \"{name}\"\n  query = \"SELECT id FROM ${{{sql}}}\"\n}}\n"
        )
    };
    let (first, second) = (query("a", "aws_glue_catalog_table.u[\"one\"].name"), query("b", "local.orders"));
    let expected = ["a: SELECT id FROM one", "b: SELECT id FROM orders"];
    let mut found = statements(&file(&format!("{first}{second}{more}{MAP}{block}")));
    assert_eq!(found, expected);
    found = statements(&file(&format!("{second}{first}{more}{MAP}{block}")));
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn workgroups_and_buckets_have_names_of_their_own() {
    let found = file(
        "resource \"aws_athena_workgroup\" \"wg\" {\n  for_each = toset([\"etl\", \"adhoc\"])\n  name = each.key\n}\n\
         resource \"aws_s3_bucket\" \"lake\" {\n  for_each = toset([\"raw\", \"cur\"])\n  bucket = \"acme-${each.key}\"\n}\n\
         resource \"aws_s3_bucket_lifecycle_configuration\" \"l\" {\n  for_each = toset([\"raw\", \"cur\"])\n  bucket = aws_s3_bucket.lake[each.key].id\n  rule {\n    id = \"r\"\n    status = \"Enabled\"\n  }\n}\n",
    );
    let told = |resource: &Resource| match &resource.kind {
        crate::lake::ResourceKind::Lifecycle(rule) => rule.bucket.clone(),
        _ => resource.named.literal.clone().unwrap_or_default(),
    };
    assert_eq!(found.found.resources.iter().map(told).collect::<Vec<_>>(), ["etl", "adhoc", "acme-raw", "acme-cur"]);
}

/// The key of one block is not that of another.
#[test]
fn keys_do_not_reach_other_blocks() {
    let bucket = "resource \"aws_s3_bucket\" \"lake\" {\n  for_each = toset([\"raw\", \"cur\"])\n  bucket = \"acme-${each.key}\"\n}\n";
    let block = table(
        "for_each = { orders = { zone = \"raw\" } }",
        "each.key",
        "\"s3://${aws_s3_bucket.lake[local.x].id}/data/\"",
    );
    let [only] = &file(&format!("{bucket}{block}")).found.tables[..] else { panic!("one table") };
    assert!(!format!("{:?}", only.open_place).contains("acme-orders"), "{:?}", only.open_place);
}

#[test]
fn instances_leave_enough_for_the_rest() {
    let columns: String = (0..40)
        .map(|i| format!("    columns {{\n      name = \"c${{each.key}}{i}\"\n      type = \"string\"\n    }}\n"))
        .collect();
    let keys: String = (0..1000).map(|i| format!("\"t{i}\",")).collect();
    let many = format!(
        "resource \"aws_glue_catalog_table\" \"t\" {{\n  for_each = toset([{keys}])\n  name = each.key\n  database_name = \"{}\"\n  storage_descriptor {{\n{columns}  }}\n}}\n",
        "x".repeat(9000)
    );
    let found = file(&format!("{many}{}", table("", "\"last\"", "\"s3://lake/l/\"")));
    assert_eq!(found.found.tables.last().map(|table| table.name.table().to_string()), Some("last".to_string()));
    let read = found.found.tables.len() - 1;
    assert!(read < 1000, "{read}");
    assert_eq!(
        found.reasons(),
        [format!("the SQL of `t` is that of {} more instances, too many to be read", 1000 - read)]
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
