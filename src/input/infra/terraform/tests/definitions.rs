//! Every form of a definition.

use super::*;

#[test]
fn a_heredoc_of_json_has_its_places_in_the_file() {
    let found = file(
        r#"resource "aws_sfn_state_machine" "daily" {
  name     = "daily-${var.env}"
  type     = "EXPRESS"
  definition = <<-EOF
    {
      "StartAt": "Load",
      "States": {
        "Load": {
          "Type": "Task",
          "Resource": "${aws_lambda_function.load.arn}",
          "TimeoutSeconds": ${var.timeout},
          "Cost": "$${price}",
          "End": true
        }
      }
    }
  EOF
}
"#,
    );
    let load = ["States", "Load", "Resource"];
    assert_eq!(found.text(&load), "${aws_lambda_function.load.arn}");
    assert_eq!(found.at(&load), "infra/main.tf:10:23 \"${aws_lambda_function.load.arn}\"");
    assert_eq!(found.at(&["States", "Load", "TimeoutSeconds"]), "infra/main.tf:11:29 ${var.timeout}");
    assert_eq!(found.text(&["States", "Load", "Cost"]), "${price}");
    let definition = &found.found.definitions[0];
    assert_eq!((definition.name.as_str(), definition.kind), ("daily", Some(WorkflowKind::Express)));
    assert_eq!(found.place(definition.span), "infra/main.tf:1:34 \"daily\"");
    assert!(definition.named.is("infra", "${aws_sfn_state_machine.daily.arn}"));
    assert!(definition.named.is("infra", "aws_sfn_state_machine.daily[0].id"));
    assert!(!definition.named.is("infra", "${aws_sfn_state_machine.daily_more.arn}"));
    assert!(!definition.named.is("other", "${aws_sfn_state_machine.daily.arn}"));
}

#[test]
fn jsonencode_gives_the_values_that_the_files_tell() {
    let found = folder(&[
        (
            "main.tf",
            r#"resource "aws_sfn_state_machine" "m" {
  definition = jsonencode({
    StartAt = "Load"
    "States" : {
      (local.first) = merge(local.task, {
        Resource = aws_lambda_function.load.arn
        Next     = "${local.first}-2"
        TimeoutSeconds = 60 * var.minutes
        HeartbeatSeconds = var.heartbeat
        Retry = local.retry["slow"]
        Sql = join(" ", ["select 1", "from ${local.first}"])
        Input = jsonencode({ a = [1, null], b = var.heartbeat })
      })
    }
  })
}
"#,
        ),
        (
            "locals.tf",
            r#"locals {
  first = "Load"
  task  = { Type = "Task", End = true, Next = "x" }
  retry = { slow = [{ ErrorEquals = ["States.ALL"], MaxAttempts = var.attempts }] }
}
variable "minutes" { default = 5 }
variable "attempts" {
  default = 100
}
variable "heartbeat" { type = number }
"#,
        ),
    ]);
    let load = |key: &'static str| ["States", "Load", key];
    let value = |key| found.states().at(&load(key)).expect("a value").value.clone();
    assert_eq!(found.at(&["StartAt"]), "infra/main.tf:3:15 \"Load\"");
    assert_eq!((found.text(&load("Type")), found.text(&load("Next"))), ("Task", "Load-2"));
    assert_eq!(value("TimeoutSeconds"), Value::Number(300.0));
    assert_eq!(value("HeartbeatSeconds"), Value::Hole("var.heartbeat".to_string()));
    assert_eq!(value("Resource"), Value::Hole("aws_lambda_function.load.arn".to_string()));
    assert_eq!(found.at(&load("Retry")).split(" [").next(), Some("infra/locals.tf:4:20"));
    let attempts =
        found.states().at(&load("Retry")).expect("retriers").as_list().expect("a list")[0].get("MaxAttempts");
    assert_eq!(found.place(attempts.expect("attempts").span), "infra/locals.tf:8:13 100");
    assert_eq!(found.text(&load("Sql")), "select 1 from Load");
    assert_eq!(found.text(&load("Input")), "{\"a\":[1,null],\"b\":${var.heartbeat}}");
    assert_eq!(found.found.definitions[0].kind, Some(WorkflowKind::Standard));
}

#[test]
fn a_heredoc_inside_of_jsonencode_keeps_the_places_of_its_lines() {
    let found = file(&machine(
        "jsonencode({ StartAt = \"A\", States = { A = {\n    Sql = <<-SQL\n      select *\n      from ${local.t}\n    SQL\n  } } })",
    ));
    let text = found.states().at(&["States", "A", "Sql"]).expect("SQL").as_text().expect("a text");
    assert_eq!(&*text.value, "select *\nfrom ${local.t}\n");
    assert_eq!(found.place(text.map.span(9..13)), "infra/main.tf:6:7 from");
}

#[test]
fn definitions_are_followed_through_locals_conditions_and_functions() {
    let states = "jsonencode({ StartAt = \"A\", States = {} })";
    for (definition, rest) in [
        ("local.d".to_string(), format!("locals {{ d = {states} }}")),
        ("jsonencode(local.d)".to_string(), "locals {\n  d = { StartAt = \"A\", States = {} }\n}".to_string()),
        (format!("var.fast ? {states} : null"), String::new()),
        ("var.fast ? file(local.x) : local.d".to_string(), format!("locals {{ d = {states} }}")),
        (format!("jsonencode(jsondecode({states}))"), String::new()),
        ("trimspace(<<EOF\n\n { \"StartAt\": \"A\", \"States\": {} }\nEOF\n)".to_string(), String::new()),
        (
            "\"${local.d}\"".to_string(),
            "locals { d = \"{ \\\"StartAt\\\": \\\"A\\\", \\\"States\\\": {} }\" }".to_string(),
        ),
        ("jsonencode(merge(local.d, { States = {} }))".to_string(), "locals { d = { StartAt = \"A\" } }".to_string()),
        ("local.machines.daily".to_string(), format!("locals {{ machines = {{ daily = {states} }} }}")),
    ] {
        let found = file(&format!("{}{rest}\n", machine(&definition)));
        assert_eq!(found.text(&["StartAt"]), "A", "{definition}");
        assert!(found.states().get("States").is_some(), "{definition}");
    }
}

#[test]
fn definitions_in_files_have_their_path_and_substitutions() {
    let of = |definition: &str, rest: &str| {
        let found = file(&format!("{}{rest}\n", machine(definition)));
        let [definition] = found.found.definitions.as_slice() else { panic!("one definition: {:?}", found.found) };
        let Body::File { path, .. } = &definition.body else { panic!("a file") };
        (path.clone(), definition.substitutions.clone().into_iter().collect::<Vec<_>>())
    };
    let none = Vec::new();
    let pair = |key: &str, value: &str| (key.to_string(), value.to_string());
    assert_eq!(of("file(\"${path.module}/a.asl.json\")", ""), ("a.asl.json".to_string(), none.clone()));
    assert_eq!(of("jsonencode(yamldecode(file(\"./a.yaml\")))", ""), ("a.yaml".to_string(), none.clone()));
    assert_eq!(of("local.t", "locals { t = file(\"../a.json\") }"), ("../a.json".to_string(), none));
    assert_eq!(
        of(
            "templatefile(\"${path.module}/${local.f}\", merge(var.more, {\n  arn = aws_lambda_function.f.arn\n  n = 5\n}))",
            "locals { f = \"a.json\" }"
        ),
        ("a.json".to_string(), vec![pair("arn", "${aws_lambda_function.f.arn}"), pair("n", "5")])
    );
    assert_eq!(
        of(
            "data.template_file.t.rendered",
            "data \"template_file\" \"t\" {\n  template = file(\"t.tpl\")\n  vars = {\n    a = \"x-${var.b}\"\n  }\n}"
        ),
        ("t.tpl".to_string(), vec![pair("a", "x-${var.b}")])
    );
}

#[test]
fn what_is_computed_is_not_analysed_and_says_why() {
    let reason = |definition: &str| {
        let found = file(&machine(definition));
        assert!(found.found.definitions.is_empty() && found.found.problems.is_empty(), "{:?}", found.found);
        found.reasons()[0].strip_prefix("the definition of `machine` ").expect("a reason").to_string()
    };
    assert_eq!(reason("replace(file(\"a.json\"), \"x\", \"y\")"), "is computed by `replace`");
    assert_eq!(reason("jsonencode(merge(var.a, {}))"), "is computed by `merge`");
    assert_eq!(reason("var.definition"), "comes from the variable `definition`");
    assert_eq!(reason("each.value.definition"), "is `each.value.definition`, which only Terraform knows");
    assert_eq!(reason("module.states.json"), "is an output of the module `states`");
    assert_eq!(reason("file(var.path)"), "is in a file whose name is computed");
    assert_eq!(reason("<<EOF\n{ %{ if var.x }%{ endif } }\nEOF\n"), "is a template with `%{ ... }` directives");
    assert_eq!(
        reason("<<EOF\n{ \"A\": 1 ${join(\",\", var.x)} }\nEOF\n"),
        "is a template with expressions that only Terraform evaluates"
    );
}

#[test]
fn a_malformed_definition_is_a_problem_in_its_line_and_other_machines_go_on() {
    let broken = "<<EOF\n{\n  \"StartAt\": \"A\"\n  \"States\": {}\n}\nEOF\n";
    let found = file(&format!("{}{}", machine(broken), machine("jsonencode({})").replace("\"m\"", "\"n\"")));
    let [problem] = found.found.problems.as_slice() else { panic!("one problem") };
    let Place::Span(span) = problem.place else { panic!("a place") };
    let at = found.sources.position(span.file, span.start);
    assert_eq!((at.line, found.found.definitions.len()), (5, 1));
    let broken = folder(&[("a.tf", &machine("{{{")), ("b.tf", &machine("jsonencode({})")), ("c.tf", "locals {{{")]);
    assert_eq!((broken.found.problems.len(), broken.found.definitions.len()), (1, 1));
}

#[test]
fn cycles_and_growth_of_locals_end() {
    let cycle = "locals {\n  a = local.b\n  b = { x = local.a }\n}\n";
    let reference = format!("{}locals {{\n  a = local.b\n  b = local.a\n}}\n", machine("local.a"));
    assert_eq!(file(&reference).reasons(), ["the definition of `machine` refers to itself"]);
    let found = file(&format!("{}{cycle}", machine("jsonencode(local.b)")));
    assert_eq!(found.states().get("x").expect("x").value, Value::Hole("local.b".to_string()));
    let mut choices = machine("local.x0");
    choices.push_str("locals {\n");
    for i in 0..100 {
        choices.push_str(&format!("  x{i} = var.c ? local.x{0} : local.x{0}\n", i + 1));
    }
    assert_eq!(file(&format!("{choices}}}\n")).found.not_analysed.len(), 1);
    let mut doubling = machine("jsonencode(local.x0)");
    doubling.push_str("locals {\n");
    for i in 0..200 {
        doubling.push_str(&format!("  x{i} = {{ a = local.x{0}, b = \"${{local.y{0}}}${{local.y{0}}}\" }}\n", i + 1));
        doubling.push_str(&format!("  y{i} = \"${{local.y{0}}}${{local.y{0}}}\"\n", i + 1));
    }
    doubling.push_str("  y200 = \"0123456789\"\n}\n");
    assert_eq!(file(&doubling).found.not_analysed.len(), 1);
}

#[test]
fn modules_that_make_machines_are_machines() {
    let states = "jsonencode({ StartAt = \"A\", States = {} })";
    let module = |source: &str, attribute: &str, value: &str| {
        file(&format!("module \"daily\" {{\n  source = \"{source}\"\n  name = \"d\"\n  {attribute} = {value}\n}}\n"))
    };
    let found = module("terraform-aws-modules/step-functions/aws", "definition", states);
    let definition = &found.found.definitions[0];
    assert!(definition.named.is("infra", "module.daily.state_machine_arn") && definition.named.is("infra", "d"));
    assert_eq!(found.place(definition.span), "infra/main.tf:1:8 \"daily\"");
    assert_eq!(module("./sfn", "sfn_definition", states).found.definitions.len(), 1);
    assert_eq!(module("./sfn", "definition", "jsonencode({ a = 1 })").found.definitions.len(), 0);
    assert_eq!(module("./ecs", "definition", "var.x").reasons().len(), 0);
}

#[test]
fn a_condition_between_two_machines_is_told_and_reasons_are_told_once_per_file() {
    let states = "jsonencode({ StartAt = \"A\", States = {} })";
    let found = file(&machine(&format!("var.fast ? {states} : {states}")));
    assert_eq!(found.found.definitions.len(), 1);
    assert_eq!(
        found.reasons(),
        ["the definition of `machine` depends on a condition, and only the first of its two is read"]
    );
    let computed = machine("replace(local.a, \"x\", \"y\")");
    let found = file(&format!(
        "{computed}{}{}",
        computed.replace("\"m\"", "\"n\""),
        machine("var.x").replace("\"m\"", "\"o\"")
    ));
    assert_eq!(
        found.reasons(),
        [
            "the definition of `machine` (and of 1 more in this file) is computed by `replace`",
            "the definition of `machine` comes from the variable `x`",
        ]
    );
}
