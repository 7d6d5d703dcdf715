//! Statements that templates save in Athena, and the files that hold them.

use super::*;

/// The text of the only query of a template, with the place and the text on disk of the table that it reads.
fn saved(name: &str, text: &str) -> (String, (String, u32, u32), String) {
    let table = "CREATE EXTERNAL TABLE lake.orders (id string) PARTITIONED BY (dt string) STORED AS PARQUET";
    let folder = folder(&[("tables.ddl", table), (name, text)]);
    let lake = lake(folder.path());
    assert!(lake.unreadable.is_empty(), "{:?}", lake.unreadable);
    let query = lake.queries.iter().find(|query| !query.reads.is_empty()).expect("a query");
    let at = query.reads[0].span;
    let written = lake.sources.text(lake.sources.on_disk(at)).to_string();
    (query.name.clone().expect("a name"), on_disk(&lake, at), written)
}

#[test]
fn saved_statements_are_read_where_they_stand() {
    let template = |sql: &str| {
        format!(
            "Parameters:\n  Db: {{Type: String, Default: lake}}\nResources:\n  Q:\n    Type: AWS::Athena::NamedQuery\n    \
             Properties:\n      Database: !Ref Db\n      QueryString: {sql}\n"
        )
    };
    let of = |sql: &str| saved("t.yaml", &template(sql));
    let found =
        |line: u32, column: u32, text: &str| ("Q".to_string(), ("t.yaml".to_string(), line, column), text.to_string());
    assert_eq!(of("SELECT id FROM orders"), found(8, 35, "orders"));
    assert_eq!(of("!Sub |\n        SELECT id\n        FROM ${Db}.orders"), found(10, 14, "${Db}.orders"));
    assert_eq!(of("!Sub ['SELECT ${a} FROM orders', {a: !ImportValue x}]"), found(8, 44, "orders"));
    assert_eq!(of("!Join ['', ['SELECT id FROM ', !Ref Db, '.orders']]"), found(8, 51, "!Ref Db, '.orders"));
    let module = |sql: &str| {
        format!(
            "locals {{\n  t = \"orders\"\n  q = \"SELECT id FROM lake.orders\"\n}}\nresource \"aws_athena_named_query\" \"q\" {{\n  name = \"Q\"\n  database = \"lake\"\n  query = {sql}\n}}\n"
        )
    };
    let of = |sql: &str| saved("t.tf", &module(sql));
    let found =
        |line: u32, column: u32, text: &str| ("Q".to_string(), ("t.tf".to_string(), line, column), text.to_string());
    assert_eq!(of("\"SELECT id FROM ${local.t} WHERE dt = '${var.day}'\""), found(8, 27, "${local.t}"));
    assert_eq!(of("<<-EOT\n    SELECT id\n    FROM lake.orders\n  EOT"), found(10, 10, "lake.orders"));
    assert_eq!(of("trimspace(local.q)"), found(3, 23, "lake.orders"));
}

#[test]
fn a_file_of_a_saved_statement_is_read_once() {
    let query = |name: &str, sql: &str| {
        format!(
            "resource \"aws_athena_named_query\" \"{name}\" {{\n  name = \"{name}\"\n  database = \"lake\"\n  query = {sql}\n}}\n"
        )
    };
    let module = [
        query("a", "file(\"a.sql\")"),
        query("b", "templatefile(\"b.sql.tpl\", { t = \"orders\" })"),
        query("c", "templatefile(\"c.sql\", { t = \"orders\", day = var.day })"),
        query("d", "templatefile(\"d.sql\", { t = \"orders\" })"),
        query("e", "file(\"gone.sql\")"),
        query("f", "file(\"/etc/hostname\")"),
    ];
    let folder = folder(&[
        ("tables.ddl", TABLE),
        ("m/main.tf", &module.concat()),
        ("m/a.sql", "SELECT id FROM orders"),
        ("m/b.sql.tpl", "SELECT id FROM ${t}"),
        ("m/c.sql", "SELECT id FROM ${t} WHERE dt = '${day}'"),
        ("m/d.sql", "SELECT 1 %{ if x }FROM orders%{ endif }"),
    ]);
    let lake = lake(folder.path());
    let read = lake.queries.iter().filter(|query| !query.reads.is_empty());
    let read: Vec<_> =
        read.map(|query| (query.name.clone().unwrap_or_default(), on_disk(&lake, query.reads[0].span))).collect();
    let at = |name: &str, file: &str| (name.to_string(), (file.to_string(), 1, 16));
    assert_eq!(read, [at("a", "m/a.sql"), at("b", "m/b.sql.tpl"), at("c", "m/c.sql")]);
}
