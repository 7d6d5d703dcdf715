//! Terraform: the files of one folder to state machines, the resources around them, tables and saved statements.

mod catalog;
mod definition;
mod evaluate;
mod fields;
mod functions;
mod given;
mod instances;
mod lifecycle;
mod module;
mod queries;
mod resources;
mod schedules;
mod template;

use std::sync::Arc;

pub(super) use self::given::{Folders, Given, calls_into, given};

use self::definition::Unresolved;
use self::evaluate::Evaluator;
use self::fields::Fields;
use self::module::Module;
use super::{Body, Definition, Found, Missing};
use crate::document::{Expr, HclBlock, HclFile, Node, Text, parse_hcl};
use crate::finding::Place;
use crate::ignore;
use crate::input::document_ignores;
use crate::lake::{Container, Count, FileId, Named, Resource, Span, Unreadable, UnreadableKind, WorkflowKind};

/// What a file contains that declares a state machine.
const MACHINES: [&str; 3] = ["aws_sfn_state_machine", "step-functions", "StartAt"];

/// What a file contains that declares something of interest.
const MARKS: [&str; 15] = [
    "aws_sfn_state_machine",
    "step-functions",
    "StartAt",
    "aws_cloudwatch_event_",
    "aws_scheduler_schedule",
    "aws_glue_job",
    "aws_lambda_function",
    "terraform-aws-modules/lambda",
    "aws_kinesis_firehose_delivery_stream",
    "aws_athena_workgroup",
    "aws_athena_named_query",
    "aws_athena_prepared_statement",
    "aws_glue_catalog_table",
    "aws_s3_bucket_lifecycle_configuration",
    "lifecycle_rule",
];

/// What other files of the folder may refer to, or call with what the files declare.
const CONTEXT: [&str; 7] = [
    "locals",
    "variable",
    "template_file",
    "aws_s3_bucket",
    "aws_glue_catalog_database",
    "aws_athena_database",
    "module",
];

/// What is read once for each instance: others name each by its key.
const REPEATED: [&str; 6] = [
    "aws_glue_catalog_table",
    "aws_athena_named_query",
    "aws_athena_prepared_statement",
    "aws_athena_workgroup",
    "aws_s3_bucket",
    "aws_s3_bucket_lifecycle_configuration",
];

/// Whether a file may declare something of interest.
pub(super) fn is_of_interest(text: &str) -> bool {
    MARKS.iter().any(|mark| text.contains(mark))
}

/// Reads the `.tf` files of one folder. `path` is the folder as shown, `given` is what is known of its variables.
pub(super) fn read(files: &[(FileId, Arc<str>)], path: &str, given: &Given) -> Found {
    let mut found = Found::default();
    // What a module is given may be silenced where it is written.
    if !files.iter().any(|(_, text)| is_of_interest(text) || text.contains(ignore::MARK)) {
        return found;
    }
    let mut parsed: Vec<HclFile> = Vec::new();
    for (file, text) in files {
        let is_marked = is_of_interest(text);
        if !is_marked && !CONTEXT.iter().any(|mark| text.contains(mark)) {
            continue;
        }
        match parse_hcl(&Text::of_file(*file, text)) {
            Ok(hcl) => {
                if text.contains(ignore::MARK) {
                    found.ignores.extend(document_ignores::in_comments(*file, text, &hcl.outline()));
                }
                parsed.push(hcl);
            }
            Err(problem) if is_marked => {
                let holds_machine = MACHINES.iter().any(|mark| text.contains(mark));
                let kind = if holds_machine { UnreadableKind::StateMachine } else { UnreadableKind::Sql };
                found.problems.push(Unreadable { kind, ..unreadable(problem) });
            }
            Err(_) => {}
        }
    }
    let module = Module::new(path, files, &parsed, given);
    let evaluator = Evaluator::new(&module);
    Reader { evaluator: &evaluator, found: &mut found }.read();
    found
}

/// Collects what the blocks of a module declare.
struct Reader<'a> {
    evaluator: &'a Evaluator<'a>,
    found: &'a mut Found,
}

impl<'a> Reader<'a> {
    fn read(&mut self) {
        let module = self.evaluator.module;
        for block in &module.blocks {
            let fields = Fields { evaluator: self.evaluator, body: &block.body };
            match Declared::of(block) {
                Some(declared) if declared.kind == "module" => self.module_call(declared, fields),
                Some(declared) if declared.kind == "aws_sfn_state_machine" => self.machine(declared, fields),
                Some(declared) if REPEATED.contains(&declared.kind) => self.instances_of(declared, fields),
                Some(declared) => self.found.resources.extend(resources::read(declared, fields)),
                None => {}
            }
        }
        resources::add_async_retries(self.evaluator, &mut self.found.resources);
        schedules::read(self.evaluator, &mut self.found.resources);
        self.found.resources.sort_by_key(|resource| (resource.span.file, resource.span.start));
    }

    /// Reads a block once for each of its instances, as long as they leave enough for the rest of the module.
    fn instances_of(&mut self, declared: Declared<'a>, fields: Fields<'a>) {
        let reserve = self.evaluator.left() / 2;
        let instances = self.evaluator.instances(fields.body);
        let count = instances.len();
        for (i, instance) in instances.into_iter().enumerate() {
            if i > 0 && self.evaluator.left() < reserve {
                let reason = format!("is that of {} more instances, too many to be read", Count((count - i) as u64));
                let missing = Missing::sql(declared.span, declared.name.to_string(), reason);
                return self.found.not_analysed.push(missing);
            }
            let evaluator = self.evaluator;
            evaluator.within(instance, || match declared.kind {
                "aws_glue_catalog_table" => {
                    self.found.tables.extend(catalog::table(fields));
                    self.found.add_saved(queries::view(declared, fields));
                }
                "aws_athena_named_query" | "aws_athena_prepared_statement" => {
                    self.found.add_saved(queries::query(declared, fields));
                }
                "aws_athena_workgroup" => self.found.resources.extend(resources::read(declared, fields)),
                _ => self.found.resources.extend(lifecycle::rules(declared, fields)),
            });
        }
    }

    fn module_call(&mut self, declared: Declared<'a>, fields: Fields<'a>) {
        let source = fields.literal("source").unwrap_or_default();
        let is_of = |name: &str, repository: &str| {
            source.starts_with(&format!("terraform-aws-modules/{name}/aws")) || source.contains(repository)
        };
        if is_of("step-functions", "terraform-aws-step-functions") {
            self.machine(declared, fields);
        } else if is_of("lambda", "terraform-aws-lambda") {
            self.found.resources.push(resources::lambda(declared, fields));
        } else if let Some(attribute) = fields.body.attributes.iter().find(|attribute| holds_states(&attribute.name)) {
            // Any other module that is given states makes a machine of them.
            let resolved = self.evaluator.definition(&attribute.value).ok();
            let is_machine = |body: &Body| matches!(body, Body::Inline(node) if is_machine(node));
            if resolved.is_some_and(|resolved| is_machine(&resolved.body)) {
                self.machine_of(declared, fields, &attribute.value);
            }
        }
    }

    fn machine(&mut self, declared: Declared<'a>, fields: Fields<'a>) {
        if let Some(definition) = fields.body.attribute("definition") {
            self.machine_of(declared, fields, &definition.value);
        }
    }

    fn machine_of(&mut self, declared: Declared<'a>, fields: Fields<'a>, definition: &Expr) {
        let (named, name) = declared.names(fields, "name");
        let span = definition.span;
        match self.evaluator.definition(definition) {
            Ok(resolved) => {
                if resolved.is_one_of_two {
                    let reason = "depends on a condition, and only the first of its two is read".to_string();
                    self.found.not_analysed.push(Missing::states(span, name.clone(), reason));
                }
                self.found.definitions.push(Definition {
                    name,
                    named,
                    container: Container::Terraform,
                    kind: kind(fields),
                    span: declared.span,
                    body: resolved.body,
                    substitutions: resolved.substitutions,
                });
            }
            Err(Unresolved::Malformed(problem)) => self.found.problems.push(unreadable(problem)),
            Err(Unresolved::NotAnalysed(reason)) => self.found.not_analysed.push(Missing::states(span, name, reason)),
        }
    }
}

/// A resource or a call of a module, as the rest of the module names it.
#[derive(Clone, Copy)]
struct Declared<'a> {
    /// `aws_glue_job`, `module`.
    kind: &'a str,
    name: &'a str,
    /// The name where it is declared.
    span: Span,
}

impl<'a> Declared<'a> {
    fn of(block: &'a HclBlock) -> Option<Declared<'a>> {
        match (block.kind.as_str(), block.labels.as_slice()) {
            ("resource", [kind, name]) => Some(Declared { kind: &kind.text, name: &name.text, span: name.span }),
            ("module", [name]) => Some(Declared { kind: "module", name: &name.text, span: name.span }),
            _ => None,
        }
    }

    /// What others call it, and its name for people. `attribute` holds the name in AWS.
    fn names(&self, fields: Fields, attribute: &str) -> (Named, String) {
        let literal = fields.literal(attribute);
        let handle = format!("{}.{}", self.kind, self.name);
        let name = literal.clone().unwrap_or_else(|| self.name.to_string());
        let handles = vec![format!("{handle}."), format!("{handle}[")];
        (Named { module: fields.evaluator.module.path.clone(), literal, handles }, name)
    }

    fn resource(&self, fields: Fields, attribute: &str, kind: crate::lake::ResourceKind) -> Resource {
        let (named, name) = self.names(fields, attribute);
        Resource { named, name, span: self.span, kind }
    }
}

/// Standard when it is not written:
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sfn_state_machine#type>.
fn kind(fields: Fields) -> Option<WorkflowKind> {
    match fields.text("type") {
        None => Some(WorkflowKind::Standard),
        Some(kind) if kind.eq_ignore_ascii_case("STANDARD") => Some(WorkflowKind::Standard),
        Some(kind) if kind.eq_ignore_ascii_case("EXPRESS") => Some(WorkflowKind::Express),
        Some(_) => None,
    }
}

/// Whether an attribute of a module may be given states.
fn holds_states(attribute: &str) -> bool {
    attribute == "definition" || attribute.ends_with("_definition") || attribute.contains("state_machine")
}

fn is_machine(node: &Node) -> bool {
    node.get("StartAt").is_some() && node.get("States").is_some()
}

fn unreadable(problem: crate::document::Problem) -> Unreadable {
    Unreadable {
        kind: UnreadableKind::StateMachine,
        place: Place::Span(problem.span),
        message: problem.message,
        help: problem.help,
    }
}

#[cfg(test)]
mod tests;
