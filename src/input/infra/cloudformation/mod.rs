//! CloudFormation templates: as people write them in YAML or JSON, with SAM's resources, and as CDK synthesizes them.

mod lifecycle;
mod machine;
mod queries;
mod resources;
mod schedules;
pub(super) mod scope;
mod tables;

#[cfg(test)]
mod tests;

pub(super) use machine::{kind as machine_kind, machine_of, unreadable};

use machine::Machine;
use scope::{Number, Scope};

use super::Found;
use crate::document::{Document, Entry, Node, Value};
use crate::lake::{Container, Resource, ResourceKind};

/// What a template holds; `None` when the document is none.
pub(in crate::input) fn read(document: &Document, shown_path: &str) -> Option<Found> {
    let root = &document.root;
    let is_ours =
        |entry: &Entry| entry.value.get("Type").and_then(Node::as_str).is_some_and(|kind| kind.starts_with("AWS::"));
    if !root.get("Resources")?.as_map()?.entries.iter().any(is_ours) {
        return None;
    }
    let mut found = Found::default();
    read_resources(root, &Scope::of(root, shown_path), &mut found);
    Some(found)
}

/// Reads the `Resources` of a template, or of the part of a serverless.yml that is one.
pub(super) fn read_resources(template: &Node, scope: &Scope, found: &mut Found) {
    let entries = template.get("Resources").and_then(Node::as_map).map_or(&[][..], |map| &map.entries);
    let globals = template.at(&["Globals", "Function"]);
    let first = found.resources.len();
    for entry in entries {
        read_resource(entry, globals, scope, found);
    }
    for entry in entries {
        if entry.value.get("Type").and_then(Node::as_str) == Some("AWS::Lambda::EventInvokeConfig") {
            invoke_config(entry, scope, &mut found.resources[first..]);
        }
    }
}

fn read_resource(entry: &Entry, globals: Option<&Node>, scope: &Scope, found: &mut Found) {
    let Some(kind) = entry.value.get("Type").and_then(Node::as_str) else { return };
    let none = Node { span: entry.value.span, value: Value::Null };
    let properties = entry.value.get("Properties").unwrap_or(&none);
    let (logical, span) = (entry.key.as_str(), entry.key_span);
    let machine = |container| Machine { logical, span, resource: &entry.value, properties, container };
    match kind {
        "AWS::StepFunctions::StateMachine" => machine::read(&machine(Container::CloudFormation), scope, found),
        "AWS::Serverless::StateMachine" => {
            machine::read(&machine(Container::Sam), scope, found);
            found.resources.extend(schedules::events(logical, properties, scope));
        }
        "AWS::Events::Rule" => found.resources.extend(schedules::rule(logical, span, properties, scope)),
        "AWS::Glue::Table" => {
            found.tables.extend(tables::read(properties, scope));
            found.add_saved(tables::view(entry, properties, scope));
        }
        "AWS::S3::Bucket" => found.resources.extend(lifecycle::rules(entry, properties, scope)),
        "AWS::Scheduler::Schedule" => found.resources.extend(schedules::scheduler(logical, span, properties, scope)),
        "AWS::Athena::NamedQuery" | "AWS::Athena::PreparedStatement" => {
            found.add_saved(queries::read(kind, entry, properties, scope));
        }
        _ => {
            if let Some((kind, name)) = resources::kind(kind, properties, globals, scope) {
                let named = scope.named(logical, properties.get(name));
                let name = named.literal.clone().unwrap_or_else(|| logical.to_owned());
                found.resources.push(Resource { named, name, span, kind });
            }
        }
    }
    if kind == "AWS::Serverless::Function" {
        found.resources.extend(schedules::events(logical, properties, scope));
    }
}

/// `AWS::Lambda::EventInvokeConfig` belongs to the function that it names.
fn invoke_config(entry: &Entry, scope: &Scope, resources: &mut [Resource]) {
    let get = |key: &str| entry.value.at(&["Properties", key]);
    let Some(target) = scope.string(get("FunctionName")) else { return };
    let retries = Number::of(get("MaximumRetryAttempts"));
    for resource in resources {
        if let ResourceKind::Lambda(function) = &mut resource.kind
            && resource.named.is(&scope.module, &target)
        {
            function.async_retries = retries.count().or(function.async_retries);
            function.is_open |= retries == Number::Open;
        }
    }
}
