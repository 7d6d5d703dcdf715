//! Tests of the Terraform reader: every form of a definition, with its places.

mod definitions;
mod functions;
mod instances;
mod resources;

use proptest::prelude::*;

use super::*;
use crate::document::Value;
use crate::input::infra::missing::once_per_file;
use crate::lake::Sources;

/// A folder of files.
struct Folder {
    sources: Sources,
    found: Found,
}

fn folder(files: &[(&str, &str)]) -> Folder {
    let mut sources = Sources::default();
    for (name, text) in files {
        sources.add(format!("infra/{name}"), *text);
    }
    let texts: Vec<(FileId, Arc<str>)> = sources.iter().map(|(id, file)| (id, file.text.clone())).collect();
    Folder { found: read(&texts, "infra", &Given::new()), sources }
}

fn file(text: &str) -> Folder {
    folder(&[("main.tf", text)])
}

impl Folder {
    /// The one machine's states.
    fn states(&self) -> &Node {
        assert!(self.found.problems.is_empty(), "{:?}", self.found.problems);
        let [definition] = self.found.definitions.as_slice() else { panic!("one definition: {:?}", self.found) };
        let Body::Inline(node) = &definition.body else { panic!("states in the file") };
        node
    }

    /// File, line and column of a place, and what is written there.
    fn place(&self, span: Span) -> String {
        let file = self.sources.get(span.file);
        let at = self.sources.position(span.file, span.start);
        format!("{}:{}:{} {}", file.path, at.line, at.column, &file.text[span.range()])
    }

    fn at(&self, path: &[&str]) -> String {
        let node = self.states().at(path).unwrap_or_else(|| panic!("{path:?} in {:?}", self.states()));
        self.place(node.span)
    }

    fn text(&self, path: &[&str]) -> &str {
        self.states().at(path).and_then(Node::as_str).unwrap_or_else(|| panic!("{path:?} in {:?}", self.states()))
    }

    fn reasons(&self) -> Vec<String> {
        once_per_file(self.found.not_analysed.clone()).into_iter().map(|entry| entry.reason).collect()
    }

    fn resource(&self) -> &Resource {
        let [resource] = self.found.resources.as_slice() else { panic!("one resource: {:?}", self.found.resources) };
        resource
    }
}

fn machine(definition: &str) -> String {
    format!("resource \"aws_sfn_state_machine\" \"m\" {{\n  name = \"machine\"\n  definition = {definition}\n}}\n")
}

const SAMPLE: &str = r#"
locals { name = "a-${var.x}", retry = [{ ErrorEquals = ["States.ALL"], MaxAttempts = 5 * 2 }] }
variable "x" { default = "é" }
resource "aws_sfn_state_machine" "m" {
  name       = "é${local.name}\n"
  definition = <<-EOF
    { "StartAt": "A", "é": "${aws_lambda_function.f.arn}", "n": ${jsonencode(local.retry)},
      "States": { "A": { "Type": "${local.name}", "End": true } } }
  EOF
}
resource "aws_sfn_state_machine" "n" {
  definition = jsonencode(merge({ StartAt = "A" }, { States = { A = { Retry = local.retry, b = "${var.x}-é" } } }))
}
resource "aws_kinesis_firehose_delivery_stream" "s" {
  extended_s3_configuration {
    buffer_size = 64
  }
}
"#;

/// Spans lie on characters; what is verbatim is what the file writes.
fn check(source: &str, node: &Node) {
    assert!(source.get(node.span.range()).is_some());
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| check(source, item)),
        Value::Map(map) => map.entries.iter().for_each(|entry| {
            assert!(source.get(entry.key_span.range()).is_some());
            check(source, &entry.value);
        }),
        Value::Text(text) => {
            for (at, c) in text.value.char_indices() {
                let inner = at..at + c.len_utf8();
                let outer = source.get(text.map.span(inner.clone()).range()).expect("a span on characters");
                assert!(!text.map.is_verbatim(inner) || outer == c.to_string(), "{outer:?} {c:?}");
            }
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn mutated_files_do_not_panic(at in 0..SAMPLE.len(), len in 0..20usize, new in "[\\PC\n\"{}$%\\\\<=,]{0,6}") {
        let floor = |mut at: usize| { while !SAMPLE.is_char_boundary(at) { at -= 1 } at };
        let (start, end) = (floor(at), floor((at + len).min(SAMPLE.len())));
        let source = format!("{}{new}{}", &SAMPLE[..start], &SAMPLE[end..]);
        let found = file(&source).found;
        for definition in &found.definitions {
            if let Body::Inline(node) = &definition.body {
                check(&source, node);
            }
        }
    }
}
