//! Tests of the Terraform reader's tree.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::lake::FileId;

fn text(source: &str) -> Text {
    Text::of_file(FileId(0), &Arc::from(source))
}

fn parse(source: &str) -> HclFile {
    parse_hcl(&text(source)).expect("valid HCL")
}

/// The parts of the value of the first attribute of the file, interpolations as their source.
fn parts(source: &str) -> Vec<String> {
    let file = parse(source);
    let ExprKind::Template(parts) = &file.body.attributes[0].value.kind else { panic!("a template") };
    let part = |part: &Part| match part {
        Part::Text(text) => text.value.to_string(),
        Part::Interpolation { span, .. } | Part::Directive(span) => format!("<{}>", &source[span.range()]),
    };
    parts.iter().map(part).collect()
}

#[test]
fn blocks_attributes_and_expressions_have_names_and_places() {
    let source = "# before\nresource \"aws_glue_job\" \"load\" {\n  timeout = 60 * 2 // minutes\n  name    = \"load\"\n\n  \
                  command {\n    name = local.kinds[\"etl\"].name\n  }\n}\n/* after */\n";
    let file = parse(source);
    let block = &file.body.blocks[0];
    let of = |span: Span| &source[span.range()];
    assert_eq!((block.kind.as_str(), of(block.labels[1].span)), ("resource", "\"load\""));
    assert_eq!(of(block.span), source[9..].split("\n/*").next().expect("a block"));
    assert_eq!(block.body.attributes.iter().map(|a| of(a.name_span)).collect::<Vec<_>>(), ["timeout", "name"]);
    assert_eq!(of(block.body.attributes[0].value.span), "60 * 2");
    let name = &block.body.blocks[0].body.attribute("name").expect("a name").value;
    assert_eq!(name.kind, ExprKind::Reference(vec!["local".into(), "kinds".into(), "etl".into(), "name".into()]));
    assert_eq!(file.comments.iter().map(|c| of(*c)).collect::<Vec<_>>(), ["# before", "// minutes", "/* after */"]);
}

#[test]
fn comments_are_not_looked_for_in_strings_and_heredocs() {
    let source = "a = \"# no ${\"//\"} \\\" # no\" # yes\r\nb = <<-EOT\n  # no \"\n  EOT\nc = 1 # too\n";
    let file = parse(source);
    assert_eq!(file.comments.iter().map(|c| &source[c.range()]).collect::<Vec<_>>(), ["# yes", "# too"]);
}

#[test]
fn strings_are_decoded_with_the_place_of_every_byte() {
    let source = r#"a = "x\n\u00e9$${y}%%{z}-${local.b}é""#;
    assert_eq!(parts(source), ["x\né${y}%{z}-", "<${local.b}>", "é"]);
    let file = parse(source);
    let ExprKind::Template(parts) = &file.body.attributes[0].value.kind else { panic!("a template") };
    let Part::Text(text) = &parts[0] else { panic!("a text") };
    let of = |needle: &str| {
        let at = text.value.find(needle).expect("a needle");
        &source[text.map.span(at..at + needle.len()).range()]
    };
    assert_eq!((of("x"), of("\n"), of("é"), of("${"), of("y}"), of("z")), ("x", "\\n", "\\u00e9", "$${", "y}", "z"));
}

#[test]
fn heredocs_lose_the_indentation_that_all_lines_share() {
    assert_eq!(parts("a = <<EOF\n  {\n    1\n  }\nEOF\n"), ["  {\n    1\n  }\n"]);
    assert_eq!(parts("a = <<-EOF\n    {\n\n      1\n    }\n  EOF\n"), ["{\n\n  1\n}\n"]);
    assert_eq!(parts("a = <<-EOF\n    x ${b}\n      ${c}y\n  EOF\n"), ["x ", "<${b}>", "\n  ", "<${c}>", "y\n"]);
    assert_eq!(parts("a = <<-EOF\n    x\n${c}\n  EOF\n"), ["    x\n", "<${c}>", "\n"]);
    assert_eq!(parts("a = <<EOF\r\n{ \"a\": \"$${b}\" }\r\nEOF\r\n"), ["{ \"a\": \"${b}\" }\r\n"]);
    assert_eq!(parts("a = <<EOF\n%{ if x }y%{ endif }\nEOF\n"), ["<%{ if x }y%{ endif }>", "\n"]);
    assert_eq!(parts("a = <<EOF\nEOF\n"), [""; 0]);
}

#[test]
fn keys_that_occur_twice_are_kept_in_order() {
    let source = "a = { Next = 1, \"b c\" = 2, Next = 3, \"b c\" : 4, Next = 5 }\n";
    let file = parse(source);
    let ExprKind::Object(items) = &file.body.attributes[0].value.kind else { panic!("an object") };
    let keys: Vec<_> =
        items.iter().map(|(key, value)| (&source[key.span.range()], key.name.clone(), value.kind.clone())).collect();
    let plain = |name: &str| KeyName::Plain(name.to_string());
    assert_eq!(keys[2], ("Next", plain("Next"), ExprKind::Number(3.0)));
    assert_eq!(keys[3], ("\"b c\"", plain("b c"), ExprKind::Number(4.0)));
    assert_eq!(keys[4], ("Next", plain("Next"), ExprKind::Number(5.0)));
}

#[test]
fn what_cannot_be_parsed_has_a_place() {
    let problem = |source: &str| parse_hcl(&text(source)).expect_err("a problem");
    let broken = problem("a = 1\nb = {\n  c = }\n");
    assert_eq!(broken.span.range(), 18..19);
    assert!(broken.message.starts_with("cannot read this Terraform file: it is not valid HCL: "), "{broken:?}");
    assert_eq!(problem("a = 1\na = 2\n").message, "cannot read this Terraform file: an attribute is set twice");
    let deep = format!("a = {}1{}\n", "[".repeat(5000), "]".repeat(5000));
    assert!(problem(&deep).message.contains("at most 64 nested levels"));
}

/// Every verbatim byte of every text is the file's, and every span lies on characters.
fn check(source: &str, body: &Body) {
    for attribute in &body.attributes {
        check_expr(source, &attribute.value);
    }
    for block in &body.blocks {
        assert!(source.get(block.span.range()).is_some());
        check(source, &block.body);
    }
}

fn check_expr(source: &str, expr: &Expr) {
    assert!(source.get(expr.span.range()).is_some());
    match &expr.kind {
        ExprKind::Template(parts) => parts.iter().for_each(|part| match part {
            Part::Text(text) => check_text(source, text),
            Part::Interpolation { span, value } => {
                assert!(source[span.range()].starts_with("${"));
                check_expr(source, value);
            }
            Part::Directive(span) => assert!(source[span.range()].starts_with("%{")),
        }),
        ExprKind::List(items) | ExprKind::Call { args: items, .. } => {
            items.iter().for_each(|item| check_expr(source, item))
        }
        ExprKind::Object(items) => items.iter().for_each(|(key, value)| {
            assert!(source.get(key.span.range()).is_some());
            check_expr(source, value);
        }),
        _ => {}
    }
}

fn check_text(source: &str, text: &Text) {
    assert_eq!(text.map.len(), text.value.len());
    for (at, c) in text.value.char_indices() {
        let inner = at..at + c.len_utf8();
        let outer = source.get(text.map.span(inner.clone()).range()).expect("a span on characters");
        if text.map.is_verbatim(inner) {
            assert_eq!(outer, c.to_string());
        } else {
            assert!(outer.starts_with(['\\', '$', '%']), "{outer:?}");
        }
    }
}

const SAMPLE: &str = r#"
locals { name = "a-${var.x}" }
resource "aws_sfn_state_machine" "m" {
  name       = "é${local.name}\n"
  definition = <<-EOF
    { "StartAt": "A", "é": "${aws_lambda_function.f.arn}",
      "States": { "A": { "Type": "Pass", "End": true } } }
  EOF
  tags = merge(local.tags, { a = 1, "b" : [true, null] }) # tags
  x = var.a ? jsonencode({ A = { Type = "Pass" } }) : file("${path.module}/x.json")
}
"#;

proptest! {
    #[test]
    fn random_text_does_not_panic(source in "\\PC{0,60}") {
        if let Ok(file) = parse_hcl(&text(&source)) {
            check(&source, &file.body);
        }
    }

    #[test]
    fn mutated_files_do_not_panic(at in 0..SAMPLE.len(), len in 0..12usize, new in "[\\PC\n\"{}$%\\\\<=]{0,6}") {
        let floor = |mut at: usize| { while !SAMPLE.is_char_boundary(at) { at -= 1 } at };
        let (start, end) = (floor(at), floor((at + len).min(SAMPLE.len())));
        let source = format!("{}{new}{}", &SAMPLE[..start], &SAMPLE[end..]);
        match parse_hcl(&text(&source)) {
            Ok(file) => {
                check(&source, &file.body);
                prop_assert!(file.comments.iter().all(|c| source.get(c.range()).is_some()));
            }
            Err(problem) => prop_assert!(source.get(problem.span.range()).is_some()),
        }
    }
}
