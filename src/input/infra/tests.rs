//! State machines and what is around them, read from small folders.

use std::path::Path;

use crate::config::Config;
use crate::finding::Place;
use crate::input::tests::{sources, write};
use crate::input::{self, Sources};
use crate::lake::{Call, Container, Lake, Span, WorkflowKind};

mod environments;
mod lifecycle;
mod saved;

const TABLE: &str = "CREATE EXTERNAL TABLE lake.orders (id string) PARTITIONED BY (dt string) STORED AS PARQUET";

fn read(sources: &Sources) -> Lake {
    input::read(sources, &Config::default()).expect("read")
}

fn lake(folder: &Path) -> Lake {
    read(&sources(folder, &["."]))
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    files.iter().for_each(|(name, text)| write(folder.path(), name, text));
    folder
}

fn on_disk(lake: &Lake, span: Span) -> (String, u32, u32) {
    let span = lake.sources.on_disk(span);
    let at = lake.sources.position(span.file, span.start);
    (lake.sources.get(span.file).path.clone(), at.line, at.column)
}

const QUERY: &str = r#"{
  "StartAt": "Load",
  "States": {
    "Load": {
      "Type": "Task",
      "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
      "Parameters": {
        "QueryString": "SELECT id FROM lake.orders -- \"all\"\nWHERE dt = '2025-01-01'"
      },
      "End": true
    }
  }
}"#;

#[test]
fn sql_of_a_machine_is_read_like_a_file_and_knows_its_place_on_disk() {
    let folder = folder(&[("tables.ddl", TABLE), ("load.asl.json", QUERY)]);
    let lake = lake(folder.path());
    let query = lake.queries.iter().find(|query| query.step.is_some()).expect("the machine's query");
    assert_eq!(query.name.as_deref(), Some("load/Load"));
    assert_eq!(on_disk(&lake, query.reads[0].span), ("load.asl.json".to_string(), 8, 40));
    // Behind two escapes of two bytes for a quote each and one for the line feed.
    assert_eq!(on_disk(&lake, query.reads[0].conjuncts[0].span), ("load.asl.json".to_string(), 8, 70));
    assert_eq!((lake.files, lake.statements, lake.workflows.len()), (2, 2, 1));
}

#[test]
fn a_file_that_a_template_names_is_read_once_with_what_the_template_says() {
    let template = "Resources:\n  Machine:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n      DefinitionUri: machines/load.asl.json\n      Type: EXPRESS\n      DefinitionSubstitutions:\n        Function: !GetAtt Loader.Arn\n  Loader:\n    Type: AWS::Serverless::Function\n";
    let machine = r#"{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Function}", "End": true}}}"#;
    let folder = folder(&[("infra/template.yaml", template), ("infra/machines/load.asl.json", machine)]);
    let lake = lake(folder.path());
    assert_eq!(lake.workflows.len(), 1);
    let workflow = &lake.workflows[0];
    assert_eq!((workflow.container, workflow.kind), (Container::Sam, Some(WorkflowKind::Express)));
    assert_eq!(on_disk(&lake, workflow.span).0, "infra/machines/load.asl.json");
    let call = &workflow.states[0].task().expect("a task").call;
    assert!(matches!(call, Call::Lambda { function: Some(name), .. } if name == "${Loader.Arn}"), "{call:?}");
}

#[test]
fn a_file_that_is_not_there_is_not_analysed() {
    let template = "Resources:\n  Machine:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n      DefinitionUri: gone.json\n";
    let folder = folder(&[("template.yaml", template)]);
    let lake = lake(folder.path());
    let missing: Vec<_> = lake.not_analysed.iter().map(|m| (on_disk(&lake, m.span).1, m.reason.as_str())).collect();
    assert_eq!(missing, [(5, "the definition of `Machine` is in `gone.json`, which is not there")]);
}

#[test]
fn only_texts_that_mention_machines_or_resources_are_sources() {
    let folder = folder(&[
        ("package.json", "{\"name\": 1, broken"),
        ("deploy.yaml", "kind: Deployment\n\tbroken"),
        ("variables.tf", "variable \"x\" {"),
        ("broken.json", "{\"StartAt\": \"A\", \"States\": {"),
    ]);
    let lake = lake(folder.path());
    let paths: Vec<_> = lake.sources.iter().map(|(_, source)| source.path.as_str()).collect();
    assert_eq!((paths, lake.files), (vec!["broken.json"], 1));
    let place = |place: &Place| matches!(place, Place::Span(_));
    assert!(lake.unreadable.len() == 1 && place(&lake.unreadable[0].place), "{:?}", lake.unreadable);
}

#[test]
fn a_changed_machine_knows_the_project_and_a_changed_query_does_not_need_it() {
    let folder =
        folder(&[("tables.ddl", TABLE), ("load.asl.json", QUERY), ("other.asl.json", QUERY), ("q.sql", "select 1")]);
    let of = |path: &str| {
        let mut sources = sources(folder.path(), &[path]);
        sources.project = Some(folder.path().to_path_buf());
        read(&sources)
    };
    let machine = of("load.asl.json");
    assert_eq!((machine.files, machine.workflows.len(), machine.asked_workflows().count()), (1, 2, 1));
    assert_eq!(machine.queries.len(), 1);
    assert!(machine.is_partial && machine.queries[0].unknown_tables.is_empty());
    let query = of("q.sql");
    assert_eq!((query.workflows.len(), query.queries.len()), (0, 1));
}

#[test]
fn data_of_the_lake_is_not_taken_for_machines() {
    let folder = folder(&[("lake/t/load.json", QUERY), ("q.sql", "select 1")]);
    let mut sources = sources(folder.path(), &["."]);
    sources.lake = vec!["lake".to_string()];
    assert_eq!(read(&sources).workflows.len(), 0);
}

#[test]
fn a_module_of_terraform_defines_machines_in_place_and_in_files() {
    let module = r#"
resource "aws_sfn_state_machine" "load" {
  name       = "load"
  definition = templatefile("${path.module}/load.asl.json", { table = "lake.orders" })
}

resource "aws_sfn_state_machine" "inline" {
  name       = "inline"
  definition = <<EOF
{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}
EOF
}
"#;
    let folder = folder(&[("infra/main.tf", module), ("infra/load.asl.json", QUERY), ("tables.ddl", TABLE)]);
    let lake = lake(folder.path());
    let found: Vec<_> = lake.workflows.iter().map(|w| (w.name.as_str(), w.container, on_disk(&lake, w.span))).collect();
    let place = |file: &str, line, column| (file.to_string(), line, column);
    let expected = [
        ("load", Container::Terraform, place("infra/load.asl.json", 2, 3)),
        ("inline", Container::Terraform, place("infra/main.tf", 10, 2)),
    ];
    assert_eq!(found, expected);
    assert_eq!(lake.queries.iter().filter(|query| query.step.is_some()).count(), 1);
}

#[test]
fn the_context_of_a_query_says_where_its_tables_are() {
    let machine = QUERY
        .replace("lake.orders", "orders")
        .replace("\"Parameters\": {", "\"Parameters\": {\"QueryExecutionContext\": {\"Database\": \"lake\"},");
    let other = TABLE.replace("lake.orders", "archive.orders");
    let folder = folder(&[("a.ddl", TABLE), ("b.ddl", &other), ("load.asl.json", &machine)]);
    let lake = lake(folder.path());
    let query = lake.queries.iter().find(|query| query.step.is_some()).expect("the machine's query");
    let read: Vec<_> = query.reads.iter().map(|read| lake.catalog.get(read.table).name.to_string()).collect();
    assert_eq!(read, ["lake.orders"]);
}

#[test]
fn a_definition_that_discovery_does_not_meet_is_no_sql() {
    let machine = r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}"#;
    let template = |path: &str| {
        format!("resource \"aws_sfn_state_machine\" \"m\" {{\n  definition = file(\"${{path.module}}/{path}\")\n}}\n")
    };
    let folder = folder(&[("infra/main.tf", &template("../machines/a.asl.json")), ("machines/a.asl.json", machine)]);
    let lake = read(&sources(folder.path(), &["infra"]));
    assert_eq!((lake.workflows.len(), lake.files, lake.statements), (1, 2, 0));
    assert!(lake.unreadable.is_empty(), "{:?}", lake.unreadable);
}

#[test]
fn a_template_cannot_name_what_is_outside_of_the_project_or_no_file() {
    let outside = folder(&[("secret", "password = 1")]);
    let outside = outside.path().join("secret");
    for (path, why) in [(outside.to_str().expect("UTF-8"), "is outside of the project"), (".", "is no file")] {
        let template = format!(
            "Resources:\n  M:\n    Type: AWS::Serverless::StateMachine\n    Properties: {{DefinitionUri: {path}}}\n"
        );
        let folder = folder(&[("jobs/template.yaml", &template)]);
        let lake = lake(folder.path());
        assert_eq!((lake.workflows.len(), lake.unreadable.len(), lake.sources.iter().count()), (0, 0, 1));
        assert!(lake.not_analysed[0].reason.ends_with(why), "{}", lake.not_analysed[0].reason);
    }
}

#[test]
fn who_asks_about_a_template_asks_about_the_machines_in_the_files_that_it_names() {
    let template =
        "Resources:\n  M:\n    Type: AWS::Serverless::StateMachine\n    Properties: {DefinitionUri: load.asl.json}\n";
    let module = "resource \"aws_sfn_state_machine\" \"m\" {\n  definition = file(\"load.asl.json\")\n}\n";
    for (name, text) in [("template.yaml", template), ("main.tf", module)] {
        let folder = folder(&[(name, text), ("load.asl.json", QUERY), ("other.asl.json", QUERY), ("t.ddl", TABLE)]);
        let mut sources = sources(folder.path(), &[name]);
        sources.project = Some(folder.path().to_path_buf());
        let lake = read(&sources);
        let asked: Vec<_> = lake.asked_workflows().map(|workflow| on_disk(&lake, workflow.span).0).collect();
        assert_eq!((asked, lake.queries.len()), (vec!["load.asl.json".to_string()], 1));
    }
}

#[test]
fn what_is_not_analysed_is_told_once_per_file_and_reason() {
    let machine = |name: &str| {
        format!(
            "  {name}:\n    Type: AWS::StepFunctions::StateMachine\n    Properties: {{DefinitionS3Location: {{Bucket: b, Key: k}}}}\n"
        )
    };
    let template = format!("Resources:\n{}{}{}", machine("A"), machine("B"), machine("C"));
    let folder = folder(&[("a.yaml", &template), ("b.yaml", &template)]);
    let lake = lake(folder.path());
    let told: Vec<_> = lake.not_analysed.iter().map(|m| (on_disk(&lake, m.span), m.reason.as_str())).collect();
    let reason = "the definition of `A` (and of 2 more in this file) is in a bucket";
    assert_eq!(told, ["a.yaml", "b.yaml"].map(|file| ((file.to_string(), 2, 3), reason)));
}

#[test]
fn a_template_with_directives_is_not_analysed_and_no_problem() {
    let module = "resource \"aws_sfn_state_machine\" \"m\" {\n  definition = templatefile(\"m.tpl\", {})\n}\n";
    let machine = |open: &str, close: &str| {
        format!("{{\"StartAt\": \"A\", \"States\": {{\n{open}\n\"B\": {{}}{close}\n\"A\": {{\"Type\": \"Pass\"}}}}}}")
    };
    let folder = folder(&[
        ("main.tf", module),
        ("m.tpl", &machine("%{~ for x in xs ~}", "%{ endfor }")),
        ("jinja.json.tpl", &machine("{%- if x %}", "{% endif %}")),
        ("go.json.tpl", &machine("{{- range .x }}", "{{ end }}")),
        ("broken.json", r#"{"StartAt": "A", "States": {"A": {"Output": "{% $x %}" "Type": "Pass"}}}"#),
    ]);
    let lake = lake(folder.path());
    let told: Vec<_> = lake.not_analysed.iter().map(|m| (on_disk(&lake, m.span).0, on_disk(&lake, m.span).1)).collect();
    assert_eq!(told, ["go.json.tpl", "jinja.json.tpl", "m.tpl"].map(|file| (file.to_string(), 2)));
    assert_eq!((lake.unreadable.len(), lake.workflows.len()), (1, 0), "{:?}", lake.unreadable);
}

#[test]
fn a_file_that_is_called_a_definition_and_is_none_is_a_problem() {
    let folder = folder(&[
        ("a.asl.json", ""),
        ("b.asl.json", "{\"StartAt\": \"A\" \"St"),
        ("c.asl.yaml", "Comment: x\n"),
        ("us.states.json", "{\"AL\": 1}"),
        ("d.json", "{\"StartAt\" 1}"),
    ]);
    let lake = lake(folder.path());
    let place = |place: &Place| match place {
        Place::Span(span) => on_disk(&lake, *span),
        other => panic!("{other:?}"),
    };
    let places: Vec<_> = lake.unreadable.iter().map(|problem| place(&problem.place)).collect();
    // Neither `States` nor `StartAt`.
    let expected = [("a.asl.json", 1), ("b.asl.json", 17), ("c.asl.yaml", 1), ("c.asl.yaml", 1)];
    assert_eq!(places.iter().map(|(file, _, column)| (file.as_str(), *column)).collect::<Vec<_>>(), expected);
}

#[test]
fn a_stage_of_cdk_finds_its_assets_in_the_folder_above() {
    let hash = "0123456789abcdef".repeat(4);
    let template = format!(
        "{{\"Resources\": {{\"M\": {{\"Type\": \"AWS::StepFunctions::StateMachine\", \"Properties\": {{\"StateMachineName\": \"load\",
          \"DefinitionS3Location\": {{\"Bucket\": {{\"Fn::Sub\": \"cdk-${{AWS::Region}}\"}}, \"Key\": \"{hash}.json\"}}}}}}}}}}"
    );
    let asset = format!("asset.{hash}.json");
    for (name, file) in [("assembly-Prod/A.template.json", asset.as_str()), ("A.template.json", asset.as_str())] {
        let folder = folder(&[(name, &template), (file, QUERY)]);
        let lake = lake(folder.path());
        let found: Vec<_> = lake.workflows.iter().map(|w| (w.name.as_str(), on_disk(&lake, w.span).0)).collect();
        assert_eq!(found, [("load", asset.clone())]);
    }
}

#[test]
fn a_definition_beside_a_template_that_is_named_alone_is_no_sql() {
    let template =
        "Resources:\n  M:\n    Type: AWS::Serverless::StateMachine\n    Properties: {DefinitionUri: load.asl.yaml}\n";
    let module = "resource \"aws_sfn_state_machine\" \"m\" {\n  definition = file(\"load.asl.yaml\")\n}\n";
    let machine = "StartAt: A\nStates: {A: {Type: Pass, End: true}}\n";
    // `module` has no name that tells what it is.
    for (name, text) in [("template.yaml", template), ("main.tf", module), ("module", module)] {
        let folder = folder(&[(name, text), ("load.asl.yaml", machine)]);
        let lake = read(&sources(folder.path(), &[name]));
        assert_eq!((lake.workflows.len(), lake.unreadable.len(), lake.statements), (1, 0, 0), "{:?}", lake.unreadable);
    }
}

const TABLES: &str = "Resources:
  Orders:
    Type: AWS::Glue::Table
    Properties:
      DatabaseName: lake
      TableInput:
        Name: orders
        PartitionKeys: [{Name: dt, Type: string}]
        StorageDescriptor: {Location: 's3://b/orders/', Columns: [{Name: id, Type: string}]}
";

#[test]
fn a_query_knows_the_tables_of_templates_that_nobody_asked_about() {
    let query = "select id from lake.orders where dt = '2025-01-01'";
    let folder = folder(&[("template.yaml", TABLES), ("q.sql", query), ("load.asl.json", QUERY)]);
    let mut sources = sources(folder.path(), &["q.sql"]);
    sources.project = Some(folder.path().to_path_buf());
    let lake = read(&sources);
    assert_eq!((lake.queries.len(), lake.files, lake.workflows.len()), (1, 1, 0));
    assert!(lake.queries[0].unknown_tables.is_empty() && lake.queries[0].reads.len() == 1, "{:?}", lake.queries);
    let (_, table) = lake.catalog.iter().next().expect("a table");
    assert_eq!(on_disk(&lake, table.declared_at.expect("a place")), ("template.yaml".to_string(), 7, 15));
}

#[test]
fn tables_of_an_open_name_are_not_taken_for_one() {
    let open = TABLES.replace("lake", "!Ref Database");
    let templates: [(&str, &str); 3] = [("a.yaml", &open), ("b.yaml", &open), ("c.yaml", TABLES)];
    let names = |count: usize| {
        let lake = lake(folder(&templates[..count]).path());
        lake.catalog.iter().map(|(_, table)| table.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(1), ["${database}.orders"]);
    assert_eq!(names(2), [""; 0]);
    assert_eq!(names(3), ["lake.orders"]);
}

#[test]
fn a_template_of_tables_that_cannot_be_parsed_is_a_problem() {
    let folder = folder(&[("template.yaml", &TABLES.replace("[{Name: dt,", "[{Name: dt"))]);
    let lake = lake(folder.path());
    assert_eq!(lake.unreadable.len(), 1, "{:?}", lake.unreadable);
    assert_eq!(lake.unreadable[0].kind, crate::lake::UnreadableKind::Sql);
}
