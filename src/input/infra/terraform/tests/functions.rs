//! Functions of texts.

use super::*;

/// The name of a table that an expression gives; `None` where it is not known.
fn name(expression: &str) -> Option<String> {
    let found = file(&format!(
        "locals {{\n  list = [\"a\", var.b]\n  text = \"Ab-c\"\n}}\n\
         resource \"aws_glue_catalog_table\" \"t\" {{\n  name = {expression}\n  database_name = \"d\"\n}}\n"
    ));
    found.found.tables.first().map(|table| table.name.table().to_string())
}

#[test]
fn texts_are_put_together_and_changed() {
    for (expression, expected) in [
        ("format(\"%s_%d%%\", local.text, 3)", "ab-c_3%"),
        ("format(\"t_%s\", var.stage)", "t_${var.stage}"),
        ("\"t_${upper(local.text) == 1}\"", "t_${upper(local.text) == 1}"),
        ("\"${lower(local.text)}_${length(local.text)}_${length(local.list)}_${length({ a = 1 })}\"", "ab-c_4_2_1"),
        ("replace(local.text, \"-\", \"_\")", "ab_c"),
        ("replace(\"a/b\", \"/\", \"_\")", "a_b"),
    ] {
        assert_eq!(name(expression).as_deref(), Some(expected), "{expression}");
    }
    let location = file(
        "resource \"aws_glue_catalog_table\" \"t\" {\n  name = \"t\"\n  database_name = \"d\"\n  storage_descriptor {\n    \
         location = \"s3://b/${upper(\"ab\")}/\"\n  }\n}\n",
    );
    assert_eq!(location.found.tables[0].location.as_ref().map(ToString::to_string).as_deref(), Some("s3://b/AB/"));
}

#[test]
fn what_cannot_be_worked_out_is_not_known() {
    for expression in [
        "format(\"%s\", var.name)",
        "format(\"%s%s\", var.a, var.b)",
        "format(\"t_%s\")",
        "format(\"t_%s\", \"a\", \"b\")",
        "format(\"t_%05d\", 3)",
        "format(\"t_%d\", 1.5)",
        "format(var.pattern, \"a\")",
        "upper(var.name)",
        "replace(var.name, \"a\", \"b\")",
        "replace(local.text, \"/[a-z]/\", \"_\")",
        "replace(local.text, \"\", \"_\")",
    ] {
        assert_eq!(name(expression), None, "{expression}");
    }
}
