//! Statements that templates save in Athena, and the files that hold them.

use super::*;
use crate::lake::{StatementKind, TableKind};

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

#[test]
fn a_file_that_lacks_a_clause_is_told_for_what_is_given_that_leaves_it_open() {
    let query = |name: &str, clause: &str| {
        format!(
            "resource \"aws_athena_named_query\" \"{name}\" {{\n  name = \"{name}\"\n  database = \"lake\"\n  \
             query = templatefile(\"q.sql\", {{ clause = {clause} }})\n}}\n"
        )
    };
    let module = query("open", "var.clause") + &query("known", "\"WHERE dt = '1'\"");
    let folder =
        folder(&[("tables.ddl", TABLE), ("main.tf", &module), ("q.sql", "SELECT id FROM lake.orders o ${clause}")]);
    let lake = lake(folder.path());
    assert!(lake.unreadable.is_empty(), "{:?}", lake.unreadable);
    let reasons: Vec<_> = lake.not_analysed.iter().map(|missing| missing.reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["the SQL of `open` is in `q.sql`, and holds `${var.clause}`, which only the deployment knows"]
    );
    let read: Vec<_> = lake.queries.iter().filter(|query| !query.reads.is_empty()).collect();
    assert_eq!(read.iter().map(|query| query.name.as_deref()).collect::<Vec<_>>(), [Some("known")]);
}

const QUERY: &str = "resource \"aws_athena_named_query\" \"q\" {\n  name = \"Q\"\n  database = \"lake\"\n  query = ";

/// The reasons why statements are not analysed, with their lines.
fn missing(files: &[(&str, &str)]) -> Vec<(u32, String)> {
    let folder = folder(files);
    let lake = lake(folder.path());
    assert!(lake.unreadable.is_empty(), "{:?}", lake.unreadable);
    let told = |missing: &crate::lake::NotAnalysed| (on_disk(&lake, missing.span).1, missing.reason.clone());
    lake.not_analysed.iter().map(told).collect()
}

#[test]
fn sql_that_only_the_deployment_knows_is_told() {
    let of = |sql: &str| missing(&[("t.tf", &format!("{QUERY}{sql}\n}}\n"))]);
    for (sql, reason) in [
        ("var.sql", "comes from the variable `sql`"),
        ("local.sql", "comes from the local value `sql`, which is computed"),
        ("each.value.sql", "is `each.value.sql`, which only Terraform knows"),
        ("\"${module.sql.text}\"", "is an output of the module `sql`"),
        ("format(\"%s\", var.sql)", "is computed by `format`"),
        ("var.all ? \"SELECT 1\" : \"SELECT 2\"", "depends on a condition that only Terraform knows"),
        ("<<EOF\n%{ if var.x }SELECT 1%{ endif }\nEOF", "is a template with `%{ ... }` directives"),
        ("file(\"gone.sql\")", "is in `gone.sql`, which is not there"),
        ("file(\"/etc/hostname\")", "is in `/etc/hostname`, which is outside of the project"),
        ("file(\"${each.key}.sql\")", "is in a file whose name is computed"),
        ("\"  \"", "is empty"),
        ("\"SELECT v FROM t a ${var.where}\"", "holds `${var.where}`, which only the deployment knows"),
        (
            "\"SELECT v FROM t a ${var.x > 0 ? \"WHERE dt > '${var.x}'\" : \"\"}\"",
            "holds `${var.x > 0 ? WHERE dt > '${var.x}' : }`, which only the deployment knows",
        ),
    ] {
        assert_eq!(of(sql), [(4, format!("the SQL of `Q` {reason}"))], "{sql}");
    }
    let head = "Resources:\n  Q:\n    Type: AWS::Athena::NamedQuery\n    Properties:\n      Database: lake\n      QueryString: ";
    let of = |sql: &str| missing(&[("t.yaml", &format!("{head}{sql}\n"))]);
    for (sql, reason) in [
        ("!Ref Sql", "is `${Sql}`, which only the deployment knows"),
        ("!Sub '${Sql}'", "is `${Sql}`, which only the deployment knows"),
        ("!ImportValue x", "is computed by `Fn::ImportValue`"),
        ("!If [A, SELECT 1, SELECT 2]", "is computed by `Fn::If`"),
        ("'{{resolve:ssm:/sql}}'", "is `{{resolve:ssm:/sql}}`, which only the deployment knows"),
        ("[a]", "is no text"),
        (
            "!Join [' ', [SELECT v FROM t a, !If [A, WHERE x = 1, !Ref AWS::NoValue]]]",
            "holds `${Fn::If}`, which only the deployment knows",
        ),
        (
            "!Sub ['SELECT v FROM t a ${W}', {W: !If [A, WHERE x = 1, '']}]",
            "holds `${W}`, which only the deployment knows",
        ),
    ] {
        assert_eq!(of(sql), [(6, format!("the SQL of `Q` {reason}"))], "{sql}");
    }
    let several = ["a", "b", "c"].map(|name| {
        format!("resource \"aws_athena_named_query\" \"{name}\" {{\n  name = \"{name}\"\n  query = var.sql\n}}\n")
    });
    let reason = "the SQL of `a` (and of 2 more in this file) comes from the variable `sql`".to_string();
    assert_eq!(missing(&[("t.tf", &several.concat())]), [(3, reason)]);
}

#[test]
fn defaults_and_locals_are_read_where_they_are_written() {
    let lines = [
        "variable \"sql\" {\n  default = \"SELECT id FROM orders\"\n}",
        "locals {\n  sql = { daily = { text = \"SELECT id FROM orders\" }, weekly = file(\"weekly.sql\") }\n}",
    ];
    let of = |sql: &str| {
        let module = format!("{}\n{QUERY}{sql}\n}}\n", lines.join("\n"));
        let folder = folder(&[("tables.ddl", TABLE), ("t.tf", &module), ("weekly.sql", "SELECT id FROM orders")]);
        let lake = lake(folder.path());
        let query = lake.queries.iter().find(|query| query.name.as_deref() == Some("Q")).expect("the query");
        on_disk(&lake, query.reads[0].span)
    };
    let at = |file: &str, line, column| (file.to_string(), line, column);
    assert_eq!(of("var.sql"), at("t.tf", 2, 29));
    assert_eq!(of("\"${var.sql}\""), at("t.tf", 2, 29));
    assert_eq!(of("local.sql.daily.text"), at("t.tf", 5, 44));
    assert_eq!(of("local.sql[\"weekly\"]"), at("weekly.sql", 1, 16));
    assert_eq!(of("true ? local.sql.weekly : var.sql"), at("weekly.sql", 1, 16));
    let template = "Parameters:\n  Sql:\n    Type: String\n    Default: SELECT id FROM lake.orders\nResources:\n  \
        Q:\n    Type: AWS::Athena::NamedQuery\n    Properties: {QueryString: !Ref Sql}\n";
    assert_eq!(saved("t.yaml", template).1, at("t.yaml", 4, 29));
}

#[test]
fn one_text_of_several_statements_is_read_once() {
    let query = |name: &str| {
        format!(
            "resource \"aws_athena_named_query\" \"{name}\" {{\n  name = \"{name}\"\n  database = \"lake\"\n  query = local.q\n}}\n"
        )
    };
    let module = format!("locals {{\n  q = \"SELECT id FROM orders\"\n}}\n{}{}", query("a"), query("b"));
    let folder = folder(&[("tables.ddl", TABLE), ("t.tf", &module)]);
    let lake = lake(folder.path());
    let read: Vec<_> = lake.queries.iter().filter(|query| !query.reads.is_empty()).collect();
    assert_eq!(read.iter().map(|query| &query.name).collect::<Vec<_>>(), [&None]);
}

#[test]
fn an_instance_of_a_table_is_the_table() {
    let table = "resource \"aws_glue_catalog_table\" \"t\" {\n  count = 1\n  name = \"orders\"\n  database_name = \"lake\"\n}\n\
        resource \"aws_glue_catalog_table\" \"u\" {\n  for_each = var.x\n  name = \"u_${each.key}\"\n  database_name = \"lake\"\n}\n";
    let of = |name: &str| {
        let module = format!("{table}{QUERY}\"SELECT id FROM lake.${{{name}}}\"\n}}\n");
        let folder = folder(&[("t.tf", &module)]);
        lake(folder.path()).queries[0].reads.len()
    };
    let instances = ["aws_glue_catalog_table.t[0].name", "aws_glue_catalog_table.t[\"a\"].name"];
    let computed = ["aws_glue_catalog_table.t[each.key].name", "one(aws_glue_catalog_table.t[*].name)"];
    let old = [
        "join(\"\", aws_glue_catalog_table.t.*.name)",
        "element(aws_glue_catalog_table.t.*.name, 0)",
        "aws_glue_catalog_table.t.0.name",
    ];
    for name in instances.iter().chain(&computed).chain(&old) {
        assert_eq!(of(name), 1, "{name}");
    }
    for name in ["aws_glue_catalog_table.u[0].name", "one(aws_glue_catalog_table.u[*].name)", "one(var.t[*].name)"] {
        assert_eq!(of(name), 0, "{name}");
    }
}

#[test]
fn a_template_is_read_with_each_set_of_its_variables() {
    let module = "resource \"aws_athena_named_query\" \"q\" {\n  for_each = toset([\"orders\", \"clicks\"])\n  name = \"q-${each.key}\"\n  \
         query = templatefile(\"q.sql\", { t = each.key })\n}\n";
    let folder = folder(&[("tables.ddl", TABLE), ("t.tf", module), ("q.sql", "SELECT id FROM ${t}")]);
    let lake = lake(folder.path());
    let named = lake.queries.iter().filter_map(|query| Some((query.name.clone()?, query.reads.len())));
    let named: std::collections::BTreeMap<_, _> = named.collect();
    assert_eq!(named, [("q-clicks".to_string(), 0), ("q-orders".to_string(), 1)].into());
    let read = lake.queries.iter().flat_map(|query| &query.reads).next().expect("a read");
    assert_eq!(on_disk(&lake, read.span).1, 1);
}

/// File, line and text of where the view of a template reads its table, as a query sees it.
fn view(name: &str, text: &str) -> (String, u32, String) {
    let query = "SELECT id FROM lake.recent";
    let folder = folder(&[("tables.ddl", TABLE), (name, text), ("q.sql", query), ("v.sql", "SELECT id FROM ${t}")]);
    let lake = lake(folder.path());
    assert!(lake.unreadable.is_empty() && lake.not_analysed.is_empty(), "{:?}{:?}", lake.unreadable, lake.not_analysed);
    let view = lake.queries.iter().find(|query| query.kind == StatementKind::CreateView).expect("a view");
    assert_eq!(view.name.as_deref(), Some("lake.recent"));
    let of_query =
        lake.queries.iter().find(|query| lake.sources.get(query.span.file).path == "q.sql").expect("a query");
    assert_eq!((of_query.reads.len(), of_query.reads[0].through.len()), (1, 1));
    let at = lake.sources.on_disk(of_query.reads[0].span);
    (lake.sources.get(at.file).path.clone(), on_disk(&lake, at).1, lake.sources.text(at).to_string())
}

#[test]
fn views_are_followed_and_read_where_they_are_written() {
    let template = |text: &str| {
        format!(
            "Resources:\n  V:\n    Type: AWS::Glue::Table\n    Properties:\n      DatabaseName: lake\n      TableInput:\n        \
             Name: recent\n        TableType: VIRTUAL_VIEW\n        ViewOriginalText: {text}\n"
        )
    };
    let of = |text: &str| view("t.yaml", &template(text));
    let at = |file: &str, line, text: &str| (file.to_string(), line, text.to_string());
    let json = "'{\"originalSql\": \"SELECT id FROM orders\", \"schema\": \"lake\"}'";
    assert_eq!(of(&format!("!Join ['', ['/* Presto View: ', !Base64 {json}, ' */']]")), at("t.yaml", 9, "orders"));
    let sub = format!(
        "!Sub\n          - '/* Presto View: ${{View}} */'\n          - View:\n              Fn::Base64: {json}"
    );
    assert_eq!(of(&sub), at("t.yaml", 12, "orders"));
    let encoded =
        "'/* Presto View: eyJvcmlnaW5hbFNxbCI6ICJTRUxFQ1QgaWQgRlJPTSBvcmRlcnMiLCAic2NoZW1hIjogImxha2UifQ== */'";
    assert_eq!(of(encoded), at("t.yaml", 9, encoded.trim_matches('\'')));
    let module = |text: &str| {
        format!(
            "locals {{\n  sql = \"SELECT id FROM orders\"\n  view = {{ originalSql = \"SELECT id FROM orders\", schema = \"lake\" }}\n}}\n\
             resource \"aws_glue_catalog_table\" \"v\" {{\n  name = \"recent\"\n  database_name = \"lake\"\n  table_type = \"VIRTUAL_VIEW\"\n  \
             view_original_text = {text}\n}}\n"
        )
    };
    let of = |text: &str| view("t.tf", &module(text));
    let object = "{ originalSql = local.sql, schema = \"lake\" }";
    assert_eq!(of(&format!("\"/* Presto View: ${{base64encode(jsonencode({object}))}} */\"")), at("t.tf", 2, "orders"));
    assert_eq!(of("\"/* Presto View: ${base64encode(jsonencode(local.view))} */\""), at("t.tf", 3, "orders"));
    assert_eq!(of("format(\"/* Presto View: %s */\", base64encode(jsonencode(local.view)))"), at("t.tf", 3, "orders"));
    let file = "{ originalSql = templatefile(\"v.sql\", { t = \"orders\" }) }";
    assert_eq!(of(&format!("\"/* Presto View: ${{base64encode(jsonencode({file}))}} */\"")), at("v.sql", 1, "${t}"));
    let heredoc = format!("\"/* Presto View: ${{base64encode(<<EOT\n{}\nEOT\n)}} */\"", json.trim_matches('\''));
    assert_eq!(of(&heredoc), at("t.tf", 10, "orders"));
    let reasons =
        missing(&[("t.tf", &module("\"/* Presto View: ${base64encode(jsonencode({ originalSql = var.sql }))} */\""))]);
    assert_eq!(reasons, [(9, "the SQL of `recent` comes from the variable `sql`".to_string())]);
}

#[test]
fn an_iceberg_table_has_the_keys_and_columns_of_its_input() {
    let template = r#"Resources:
  T:
    Type: AWS::Glue::Table
    Properties:
      DatabaseName: lake
      Name: events
      OpenTableFormatInput:
        IcebergInput:
          MetadataOperation: CREATE
          Version: '2'
          IcebergTableInput:
            Location: s3://lake/events/
            Schema:
              Fields:
                - {Id: 1, Name: Id, Type: long, Required: true}
                - {Id: 2, Name: ts, Type: '"timestamptz"', Required: false}
                - {Id: 3, Name: tags, Required: false, Type: {type: list, element-id: 4, element: string}}
            PartitionSpec:
              Fields: [{Name: ts_day, SourceId: 2, Transform: day}, {Name: b, SourceId: 1, Transform: 'bucket[8]'}]
"#;
    let field =
        |id: u32, name: &str, kind: &str| format!("fields {{\nid = {id}\nname = \"{name}\"\ntype = {kind}\n}}\n");
    let list = "jsonencode({ type = \"list\", element-id = 4, element = \"string\" })";
    let fields = [field(1, "Id", "\"long\""), field(2, "ts", "<<EOF\n\"timestamptz\"\nEOF\n"), field(3, "tags", list)];
    let key = |id: u32, transform: &str| {
        format!("fields {{\nname = \"k\"\nsource_id = {id}\ntransform = \"{transform}\"\n}}\n")
    };
    let module = format!(
        "resource \"aws_glue_catalog_table\" \"t\" {{\nname = \"events\"\ndatabase_name = \"lake\"\nopen_table_format_input {{\niceberg_input {{\n\
         iceberg_table_input {{\nlocation = \"s3://lake/events\"\nschema {{\n{}}}\npartition_spec {{\n{}{}}}\n}}\n}}\n}}\n}}\n",
        fields.concat(),
        key(2, "day"),
        key(1, "bucket[8]")
    );
    for (name, text) in [("t.yaml", template), ("t.tf", &module)] {
        let folder = folder(&[(name, text)]);
        let lake = lake(folder.path());
        let table = lake.catalog.iter().next().expect("a table").1;
        assert_eq!((table.name.to_string(), table.kind), ("lake.events".to_string(), TableKind::Iceberg));
        assert_eq!(table.location.as_ref().expect("a location").to_string(), "s3://lake/events/");
        let columns: Vec<_> =
            table.columns.iter().map(|column| format!("{} {}", column.name, column.data_type)).collect();
        assert_eq!(columns, ["id bigint", "ts timestamp", "tags array<string>"], "{name}");
        let keys: Vec<_> = table.partition_keys.iter().map(|key| format!("{} {}", key.name, key.transform)).collect();
        assert_eq!(keys, ["ts day", "id bucket[8]"], "{name}");
    }
    for (name, text) in [
        ("t.yaml", template.replace("Fields: [{Name: ts_day", "Fields: !If [A, [], []] # [{Name: ts_day")),
        (
            "t.yaml",
            template.replace(
                "Schema:\n              Fields:\n",
                "Schema: !Ref X\n            Other:\n              Fields:\n",
            ),
        ),
        ("t.tf", module.replace("source_id = 2", "source_id = var.x")),
    ] {
        assert!(text != template && text != module);
        let folder = folder(&[(name, &text)]);
        assert!(lake(folder.path()).catalog.iter().next().is_none(), "{text}");
    }
}
