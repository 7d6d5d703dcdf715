//! The Serverless Framework: `stepFunctions` of its plugin, functions, and the CloudFormation under `resources`.
//!
//! <https://github.com/serverless-operations/serverless-step-functions>,
//! <https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml>

mod events;
mod variables;

use std::collections::BTreeMap;

use variables::{Variables, whole};

use super::cloudformation::scope::{Number, Scope, call, is_computed};
use super::cloudformation::{machine_kind, machine_of, read_resources, unreadable};
use super::{Body, Definition, Found, Missing};
use crate::document::{Document, Entry, Node, Value};
use crate::lake::{Container, Function, Named, Resource, ResourceKind};

/// What the framework gives a function that says nothing:
/// <https://www.serverless.com/framework/docs/providers/aws/guide/functions>.
const DEFAULT_MEMORY_MB: f64 = 1024.0;
const DEFAULT_TIMEOUT_SECONDS: f64 = 6.0;

/// What a serverless.yml holds, or a part of one in a file of its own; `None` when the document is neither.
pub(super) fn read(document: &Document, shown_path: &str) -> Option<Found> {
    let variables = Variables { root: &document.root };
    let root = &document.root;
    let is_service = root.get("service").is_some()
        && ["provider", "functions", "stepFunctions"].iter().any(|key| root.get(key).is_some());
    let mut reader = Reader { variables: &variables, scope: Scope::of(root, shown_path), found: Found::default() };
    match is_service {
        true => reader.service(root),
        false => reader.part(root, shown_path)?,
    }
    Some(reader.found)
}

struct Reader<'a> {
    variables: &'a Variables<'a>,
    scope: Scope,
    found: Found,
}

impl<'a> Reader<'a> {
    fn service(&mut self, root: &'a Node) {
        self.machines(root.at(&["stepFunctions", "stateMachines"]));
        let provider = root.get("provider").map(|provider| self.variables.expand(provider));
        for functions in each(root.get("functions")) {
            for entry in entries(functions) {
                self.function(entry, provider.as_ref());
            }
        }
        for part in each(root.get("resources")) {
            let part = self.variables.expand(part);
            let scope = Scope::of(&part, &self.scope.module);
            read_resources(&part, &scope, &mut self.found);
        }
    }

    /// A file that a serverless.yml includes: all machines, some of them, or one.
    fn part(&mut self, root: &'a Node, shown_path: &str) -> Option<()> {
        let is_machine =
            |node: &Node| node.at(&["definition", "StartAt"]).is_some() && node.at(&["definition", "States"]).is_some();
        let machines = root.get("stateMachines").unwrap_or(root);
        if entries(machines).iter().any(|entry| is_machine(&entry.value)) {
            self.machines(Some(machines));
            return Some(());
        }
        let entry = root.as_map().filter(|_| is_machine(root))?.entry("definition")?;
        let name = shown_path.rsplit('/').next().and_then(|file| file.split('.').next()).unwrap_or(shown_path);
        let key = Entry { key: name.to_owned(), key_span: entry.key_span, value: root.clone() };
        self.machine(&key, &entry.value, root);
        Some(())
    }

    fn machines(&mut self, machines: Option<&'a Node>) {
        for part in each(machines) {
            for entry in entries(part).iter().filter(|entry| entry.value.as_map().is_some()) {
                match entry.value.get("definition") {
                    Some(definition) => self.machine(entry, definition, &entry.value),
                    None => self.not_analysed(entry, "is not in this file"),
                }
            }
        }
    }

    fn machine(&mut self, entry: &Entry, definition: &'a Node, properties: &Node) {
        let properties = self.variables.expand(properties);
        let named = self.machine_name(&entry.key, &properties);
        let name = named.literal.clone().unwrap_or_else(|| entry.key.clone());
        let body = match self.body(definition) {
            Ok(body) => body,
            Err(Some(why)) => return self.not_analysed(entry, &why),
            Err(None) => return,
        };
        let target = named.handles[0].clone();
        self.found.resources.extend(events::events(&name, &target, &properties, &self.scope));
        self.found.definitions.push(Definition {
            name,
            named,
            container: Container::Serverless,
            kind: machine_kind(properties.get("type")),
            span: entry.key_span,
            body,
            substitutions: BTreeMap::new(),
        });
    }

    /// The states; the reason when they are elsewhere, and nothing when a problem was noted.
    fn body(&mut self, definition: &'a Node) -> Result<Body, Option<String>> {
        let definition = self.variables.value(definition);
        if let Some((function, _)) = call(definition) {
            return Err(Some(format!("is computed by `{function}`")));
        }
        if let (Some(name), Some(text)) = (whole(definition), definition.as_str()) {
            return match name.strip_prefix("file(").and_then(|rest| rest.strip_suffix(')')) {
                Some(path) if !path.ends_with(".js") && !path.ends_with(".ts") => {
                    Ok(Body::File { path: path.trim().to_owned(), span: definition.span })
                }
                _ => Err(Some(format!("is computed: `{text}`"))),
            };
        }
        match definition.as_text() {
            None if definition.as_map().is_some() => {
                Ok(Body::Inline(self.scope.resolve(&self.variables.expand(definition))))
            }
            None => Err(Some("is no object".to_owned())),
            Some(text) => match machine_of(text) {
                Ok(Some(root)) => Ok(Body::Inline(self.variables.expand(&root))),
                Ok(None) => Err(Some("is no object".to_owned())),
                Err(problem) => {
                    self.found.problems.push(unreadable(problem));
                    Err(None)
                }
            },
        }
    }

    fn not_analysed(&mut self, entry: &Entry, why: &str) {
        self.found.not_analysed.push(Missing::states(entry.key_span, entry.key.clone(), why.to_owned()));
    }

    /// The plugin makes the logical name of `id`, else of `name`, else of the key.
    fn machine_name(&self, key: &str, properties: &Node) -> Named {
        let mut named = self.scope.named(key, properties.get("name"));
        let custom = ["id", "name"].iter().filter_map(|key| self.scope.written(properties.get(key)));
        let logical =
            custom.map(|name| normalized(&name)).chain([format!("{}StepFunctionsStateMachine", normalized(key))]);
        for name in logical {
            named.handles.extend(self.scope.named(&name, None).handles);
        }
        named
    }

    fn function(&mut self, entry: &Entry, provider: Option<&Node>) {
        let properties = self.variables.expand(&entry.value);
        if properties.as_map().is_none() {
            return;
        }
        let mut named = self.scope.named(&entry.key, properties.get("name"));
        named.handles.extend(self.scope.named(&format!("{}LambdaFunction", normalized(&entry.key)), None).handles);
        let name = named.literal.clone().unwrap_or_else(|| entry.key.clone());
        let target = named.handles[0].clone();
        let kind = ResourceKind::Lambda(function(&properties, provider));
        self.found.resources.push(Resource { named, name: name.clone(), span: entry.key_span, kind });
        self.found.resources.extend(events::events(&name, &target, &properties, &self.scope));
    }
}

fn function(properties: &Node, provider: Option<&Node>) -> Function {
    let get = |key: &str| properties.get(key).or_else(|| provider?.get(key));
    let or_default = |number: Number, default: f64| match number {
        Number::Unset => Some(default),
        number => number.known(),
    };
    let (memory, timeout) = (Number::of(get("memorySize")), Number::of(get("timeout")));
    let retries = Number::of(properties.get("maximumRetryAttempts"));
    let architecture = get("architecture");
    let is_variable = |node: &Node| node.as_str().is_some_and(|text| text.contains("${"));
    Function {
        memory_mb: or_default(memory, DEFAULT_MEMORY_MB),
        timeout: or_default(timeout, DEFAULT_TIMEOUT_SECONDS),
        is_arm: architecture.and_then(Node::as_str) == Some("arm64"),
        async_retries: retries.count(),
        is_open: [memory, timeout, retries].contains(&Number::Open)
            || is_computed(architecture)
            || architecture.is_some_and(is_variable),
    }
}

/// `hello-world` as the framework writes it in logical names: `HelloDashworld`.
fn normalized(name: &str) -> String {
    let name = name.replace('-', "Dash").replace('_', "Underscore");
    let mut chars = name.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// A map, or each of a list of maps.
fn each(node: Option<&Node>) -> &[Node] {
    match node {
        Some(Node { value: Value::List(nodes), .. }) => nodes,
        Some(node) => std::slice::from_ref(node),
        None => &[],
    }
}

fn entries(node: &Node) -> &[Entry] {
    node.as_map().map_or(&[], |map| &map.entries)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::input::infra::example::{place, read_with, states};
    use crate::lake::{Schedule, Sources, WorkflowKind};

    const PATH: &str = "jobs/serverless.yml";

    const SERVICE: &str = "
service: jobs
custom: {rate: rate(1 hour), retries: 3, memory: 512, again: '${self:custom.rate}', stage: '${opt:stage}'}
provider: {name: aws, timeout: 30, memorySize: 256}
functions:
  load-day:
    handler: a.b
    memorySize: ${self:custom.memory}
    events:
      - schedule: {rate: [rate(1 day), cron(0 6 * * ? *)], enabled: false}
      - http: GET /x
  other: {handler: c.d, timeout: '${env:T}'}
stepFunctions:
  stateMachines:
    daily:
      name: daily-${self:custom.stage}
      type: EXPRESS
      events:
        - schedule: ${self:custom.again}
        - eventBridge: {event: {source: [x]}}
      definition:
        StartAt: A
        States:
          A:
            Type: Task
            Resource:
              Fn::GetAtt: [load-day, Arn]
            Retry:
              - ErrorEquals: [States.ALL]
                MaxAttempts: ${self:custom.retries}
            End: true
    filed: {definition: '${file(machines/filed.yml)}', id: Filed}
    coded: {definition: '${file(machines/coded.js)}'}
    text:
      definition: |
        {\"StartAt\": \"${self:service}\",
         \"States\": {}}
    broken:
      definition: |
        {\"StartAt\" \"A\"}
resources:
  - Resources:
      Group: {Type: AWS::Athena::WorkGroup, Properties: {Name: '${self:service}-group'}}
";

    fn read_text(text: &str) -> Option<(Found, Sources)> {
        read_with(read, PATH, text)
    }

    #[test]
    fn machines_in_the_file_in_texts_and_in_other_files() {
        let (found, sources) = read_text(SERVICE).expect("a service");
        let names: Vec<&str> = found.definitions.iter().map(|definition| definition.name.as_str()).collect();
        assert_eq!(names, ["daily", "filed", "text"]);
        let daily = &found.definitions[0];
        assert_eq!(
            (daily.kind, place(&sources, daily.span)),
            (Some(WorkflowKind::Express), (15, 5, "daily".to_owned()))
        );
        let state = states(daily).at(&["States", "A"]).expect("A");
        assert_eq!(state.get("Resource").and_then(Node::as_str), Some("${load-day.Arn}"));
        let attempts = state.get("Retry").and_then(Node::as_list).and_then(|retry| retry[0].get("MaxAttempts"));
        assert_eq!(attempts.and_then(Node::as_f64), Some(3.0));
        assert_eq!(place(&sources, attempts.expect("it").span), (30, 30, "${self:custom.retries}".to_owned()));
        let Body::File { path, .. } = &found.definitions[1].body else { panic!() };
        assert_eq!(path, "machines/filed.yml");
        assert!(found.definitions[1].named.is(PATH, "${Filed}"));
        let text = states(&found.definitions[2]);
        assert_eq!(text.get("StartAt").and_then(Node::as_str), Some("jobs"));
        assert_eq!(place(&sources, text.get("States").expect("it").span), (37, 20, "{}".to_owned()));
        assert_eq!(found.not_analysed[0].reason, "is computed: `${file(machines/coded.js)}`");
        let crate::finding::Place::Span(span) = found.problems[0].place else { panic!() };
        assert_eq!((place(&sources, span).0, found.problems.len()), (40, 1));
    }

    #[test]
    fn functions_schedules_and_resources() {
        let (found, _) = read_text(SERVICE).expect("a service");
        let schedules: Vec<&Schedule> = (found.resources.iter())
            .filter_map(|resource| match &resource.kind {
                ResourceKind::Schedule(schedule) => Some(schedule),
                _ => None,
            })
            .collect();
        let expressions: Vec<Option<&str>> = schedules.iter().map(|schedule| schedule.expression.as_deref()).collect();
        assert_eq!(expressions, [Some("rate(1 hour)"), None, Some("rate(1 day)"), Some("cron(0 6 * * ? *)")]);
        assert!(schedules[0].is_enabled == Some(true) && schedules[2].is_enabled == Some(false));
        assert!(found.definitions[0].named.is(PATH, schedules[0].target.as_deref().expect("a target")));
        let of = |name: &str| found.resources.iter().find(|resource| resource.name == name).expect(name);
        let load = of("load-day");
        assert!(load.named.is(PATH, "${load-day.Arn}") && load.named.is(PATH, "${LoadDashdayLambdaFunction.Arn}"));
        let ResourceKind::Lambda(function) = &load.kind else { panic!() };
        assert_eq!((function.memory_mb, function.timeout, function.is_open), (Some(512.0), Some(30.0), false));
        let ResourceKind::Lambda(other) = &of("other").kind else { panic!() };
        assert_eq!((other.memory_mb, other.timeout, other.is_open), (Some(256.0), None, true));
        assert!(matches!(of("jobs-group").kind, ResourceKind::Workgroup(_)));
    }

    #[test]
    fn parts_of_a_service_in_files_of_their_own() {
        let definition = "definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}";
        for text in [format!("stateMachines:\n  one:\n    {definition}"), format!("one:\n  {definition}")] {
            assert_eq!(read_text(&text).expect("a part").0.definitions[0].name, "one");
        }
        assert_eq!(read_text(definition).expect("a part").0.definitions[0].name, "serverless");
        assert!(read_text("definition: x\nservice: y").is_none());
        assert!(read_text("StartAt: A\nStates: {}").is_none());
    }

    proptest! {
        #[test]
        fn mutated_services_do_not_panic(at in 0usize..2000, len in 0usize..40, with in "[{}\\[\\]:$\"'|> \\n&*a]{0,6}") {
            let (start, end) = (at.min(SERVICE.len()), (at + len).min(SERVICE.len()));
            let _ = read_text(&format!("{}{with}{}", &SERVICE[..start], &SERVICE[end..]));
        }
    }
}
