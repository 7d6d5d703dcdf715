//! `AWS::StepFunctions::StateMachine` and `AWS::Serverless::StateMachine`.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-stepfunctions-statemachine.html>,
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html>

use std::collections::BTreeMap;

use super::scope::{Scope, call};
use crate::document::{self, Node, Text};
use crate::finding::Place;
use crate::input::infra::{Body, Definition, Found, Missing};
use crate::lake::{Container, Span, Unreadable, UnreadableKind, WorkflowKind};

/// A machine's resource in a template.
pub(super) struct Machine<'a> {
    pub logical: &'a str,
    pub span: Span,
    pub resource: &'a Node,
    pub properties: &'a Node,
    pub container: Container,
}

/// Why there is no body.
enum Failure {
    /// For people: what computes it.
    Computed(String),
    Malformed(document::Problem),
}

pub(super) fn read(machine: &Machine, scope: &Scope, found: &mut Found) {
    let properties = machine.properties;
    let name = properties.get("StateMachineName").or(properties.get("Name"));
    let named = scope.named(machine.logical, name);
    let name = named.literal.clone().unwrap_or_else(|| machine.logical.to_owned());
    let substitutions = substitutions(properties.get("DefinitionSubstitutions"), scope);
    let lookup = |name: &str| substitutions.get(name).cloned();
    let body = body(machine, scope).map(|body| match body {
        Body::Inline(node) if !substitutions.is_empty() => Body::Inline(document::substitute(&node, &lookup)),
        body => body,
    });
    match body {
        Ok(body) => found.definitions.push(Definition {
            name,
            named,
            container: machine.container,
            kind: kind(properties.get("StateMachineType").or(properties.get("Type"))),
            span: machine.span,
            body,
            substitutions,
        }),
        Err(Failure::Computed(why)) => found.not_analysed.push(Missing::states(machine.span, name, why)),
        Err(Failure::Malformed(problem)) => found.problems.push(unreadable(problem)),
    }
}

/// A definition that cannot be parsed.
pub(in crate::input::infra) fn unreadable(problem: document::Problem) -> Unreadable {
    Unreadable {
        kind: UnreadableKind::StateMachine,
        place: Place::Span(problem.span),
        message: problem.message,
        help: problem.help,
    }
}

/// Standard unless another type is written.
pub(in crate::input::infra) fn kind(node: Option<&Node>) -> Option<WorkflowKind> {
    match node {
        None => Some(WorkflowKind::Standard),
        Some(node) => match node.as_str()?.to_ascii_uppercase().as_str() {
            "STANDARD" => Some(WorkflowKind::Standard),
            "EXPRESS" => Some(WorkflowKind::Express),
            _ => None,
        },
    }
}

fn substitutions(node: Option<&Node>, scope: &Scope) -> BTreeMap<String, String> {
    let entries = node.and_then(Node::as_map).map_or(&[][..], |map| &map.entries);
    entries.iter().filter_map(|entry| Some((entry.key.clone(), scope.string(Some(&entry.value))?))).collect()
}

fn body(machine: &Machine, scope: &Scope) -> Result<Body, Failure> {
    let properties = machine.properties;
    if let Some(definition) = properties.get("Definition") {
        return inline(definition, scope);
    }
    if let Some(definition) = properties.get("DefinitionString") {
        return match (call(definition), scope.text(definition)) {
            (Some(("Fn::ToJsonString", object)), _) => inline(object, scope),
            (_, Some(text)) => parsed(&text),
            (None, None) => inline(definition, scope),
            (Some((function, _)), None) => Err(computed_by(function)),
        };
    }
    match properties.get("DefinitionUri").or(properties.get("DefinitionS3Location")) {
        Some(location) => file(location, machine, scope),
        None => Err(Failure::Computed("is not in this template".to_owned())),
    }
}

fn computed_by(function: &str) -> Failure {
    Failure::Computed(format!("is computed by `{function}`"))
}

fn inline(definition: &Node, scope: &Scope) -> Result<Body, Failure> {
    match (call(definition), definition.as_map()) {
        (Some((function, _)), _) => Err(computed_by(function)),
        (None, Some(_)) => Ok(Body::Inline(scope.resolve(definition))),
        // SAM takes no text here, but what is meant is clear.
        (None, None) => match definition.as_text() {
            Some(text) => parsed(text),
            None => Err(Failure::Computed("is no object".to_owned())),
        },
    }
}

/// The machine that a text of JSON or YAML writes.
pub(in crate::input::infra) fn machine_of(text: &Text) -> Result<Option<Node>, document::Problem> {
    // A placeholder alone, or a reference that the deployment resolves.
    let whole = text.value.trim();
    if whole.starts_with("${") && whole.ends_with('}') || whole.starts_with("{{resolve:") {
        return Ok(None);
    }
    let root = document::parse(text, "")?.root;
    Ok(root.as_map().is_some().then_some(root))
}

fn parsed(text: &Text) -> Result<Body, Failure> {
    match machine_of(text) {
        Ok(Some(root)) => Ok(Body::Inline(root)),
        Ok(None) => Err(Failure::Computed(format!("is computed: `{}`", shortened(&text.value)))),
        Err(problem) => Err(Failure::Malformed(problem)),
    }
}

fn shortened(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    if line.chars().count() > 60 { line.chars().take(60).chain("...".chars()).collect() } else { line.to_owned() }
}

/// What `aws cloudformation package` and `sam package` upload is a path; CDK writes the path beside the bucket.
fn file(location: &Node, machine: &Machine, scope: &Scope) -> Result<Body, Failure> {
    let asset = machine.resource.at(&["Metadata", "aws:asset:path"]);
    if let (Some(path), None) = (asset.and_then(Node::as_str), location.as_str()) {
        return Ok(Body::File { path: path.to_owned(), span: location.span });
    }
    if let Some(path) = cdk_asset(location, &scope.module) {
        return Ok(Body::File { path, span: location.span });
    }
    match scope.string(Some(location)) {
        Some(path) if path.starts_with("s3://") || path.starts_with("https://") => {
            Err(Failure::Computed(format!("is in a bucket: `{path}`")))
        }
        Some(path) if path.contains("${") => {
            Err(Failure::Computed(format!("is in a file of the deployment's choice: `{path}`")))
        }
        Some(path) => Ok(Body::File { path, span: location.span }),
        None => match call(location) {
            Some((function, _)) => Err(computed_by(function)),
            None => Err(Failure::Computed("is in a bucket".to_owned())),
        },
    }
}

/// CDK uploads `asset.<hash>.json` as `<hash>.json`; the hash is SHA-256. The file lies beside the template; the stages of an
/// application, `assembly-...`, share those of the folder above.
fn cdk_asset(location: &Node, template: &str) -> Option<String> {
    let key = location.get("Key")?.as_str()?;
    let (hash, extension) = key.split_once('.')?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_stage = template.rsplit('/').nth(1).is_some_and(|folder| folder.starts_with("assembly-"));
    let folder = if is_stage { "../" } else { "" };
    (is_hash && ["json", "yaml", "yml"].contains(&extension)).then(|| format!("{folder}asset.{key}"))
}
