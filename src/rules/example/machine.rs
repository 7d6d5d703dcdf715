//! Small state machines for the tests of rules.

use super::findings_in;
use crate::finding::{Finding, Severity};
use crate::lake::{
    Call, Concurrency, Container, GlueCommand, GlueJob, Lake, Limit, MapFacts, Named, Pattern, QueryText, Resource,
    ResourceKind, Schedule, Scope, ScopeId, Sources, Span, State, StateId, StateKind, Task, Workflow, WorkflowKind,
};

fn nowhere() -> Span {
    Span::new(Sources::default().add("machine.asl.json", ""), 0..0)
}

/// A machine whose states stand side by side; the bodies of its Maps are added by [`inside`].
pub(crate) fn machine(name: &str, states: Vec<State>) -> Workflow {
    let mut workflow = Workflow {
        name: name.to_string(),
        named: named(name),
        file: nowhere().file,
        span: nowhere(),
        container: Container::File,
        kind: None,
        timeout: Limit::Unset,
        scopes: vec![Scope { start: None, parent: None }],
        states: Vec::new(),
        slot: None,
    };
    add(&mut workflow, ScopeId(0), states);
    workflow
}

fn add(workflow: &mut Workflow, scope: ScopeId, states: Vec<State>) {
    for mut state in states {
        state.id = StateId(workflow.states.len() as u32);
        state.scope = scope;
        workflow.states.push(state);
    }
}

/// The machine with `states` in the Map of that name.
pub(crate) fn inside(mut workflow: Workflow, map: &str, states: Vec<State>) -> Workflow {
    let body = ScopeId(workflow.scopes.len() as u32);
    let holder = workflow.states.iter_mut().find(|state| state.name == map).expect("a state of that name");
    let StateKind::Map(facts) = &mut holder.kind else { panic!("`{map}` is no Map") };
    facts.body = body;
    let parent = Some(holder.id);
    workflow.scopes.push(Scope { start: None, parent });
    add(&mut workflow, body, states);
    workflow
}

pub(crate) fn express(mut workflow: Workflow) -> Workflow {
    workflow.kind = Some(WorkflowKind::Express);
    workflow
}

pub(crate) fn state(name: &str, kind: StateKind) -> State {
    State::new(name.to_string(), nowhere(), nowhere(), kind)
}

/// A Task that waits for what it starts.
pub(crate) fn task(name: &str, call: Call) -> State {
    patterned(name, call, Pattern::Sync)
}

pub(crate) fn patterned(name: &str, call: Call, pattern: Pattern) -> State {
    let task = Task { resource: None, resource_span: nowhere(), call, pattern };
    state(name, StateKind::Task(task))
}

pub(crate) fn map(name: &str, is_distributed: bool, max_concurrency: Option<u64>, items: Option<u64>) -> State {
    let facts = MapFacts {
        body: ScopeId(0),
        is_distributed,
        child_kind: None,
        max_concurrency: max_concurrency.map_or(Concurrency::Unset, |limit| Concurrency::Written(limit, nowhere())),
        items,
        batch: None,
        tolerates_failures: false,
    };
    state(name, StateKind::Map(facts))
}

pub(crate) fn athena() -> Call {
    Call::AthenaQuery { sql: QueryText::Dynamic, workgroup: Some(Some("nightly".to_string())) }
}

pub(crate) fn glue(job: &str) -> Call {
    Call::GlueJob {
        job: Some(job.to_string()),
        timeout_minutes: Limit::Unset,
        workers: None,
        worker_type: None,
        max_capacity: None,
    }
}

pub(crate) fn calls(machine: &str) -> Call {
    Call::Execution { machine: Some(machine.to_string()) }
}

pub(crate) fn service(service: &str, action: &str) -> Call {
    Call::Service { service: service.to_string(), action: action.to_string(), is_sdk: false }
}

pub(crate) fn glue_job(version: Option<&str>, worker_type: &str, workers: f64) -> GlueJob {
    GlueJob {
        max_retries: None,
        timeout: Limit::Unset,
        worker_type: Some(worker_type.to_string()),
        workers: Some(workers),
        max_capacity: None,
        version: version.map(str::to_string),
        command: GlueCommand::Spark,
        is_flex: false,
        is_open: false,
        script: None,
        bookmarks: Default::default(),
    }
}

pub(crate) fn resource(name: &str, kind: ResourceKind) -> Resource {
    Resource { named: named(name), name: name.to_string(), span: nowhere(), kind }
}

/// A schedule, or a rule that waits for events.
pub(crate) fn schedule(expression: Option<&str>, target: &str) -> Schedule {
    Schedule {
        expression: expression.map(str::to_string),
        is_scheduler: false,
        is_enabled: Some(true),
        target: Some(target.to_string()),
        retry_policy: None,
        has_dead_letter_queue: false,
    }
}

fn named(name: &str) -> Named {
    Named { module: "template.yaml".into(), literal: Some(name.to_string()), handles: Vec::new() }
}

pub(crate) fn lake_of(workflows: Vec<Workflow>) -> Lake {
    let mut sources = Sources::default();
    sources.add("machine.asl.json", "");
    Lake { sources, workflows, ..Lake::default() }
}

pub(crate) fn with_resources(mut lake: Lake, resources: Vec<Resource>) -> Lake {
    lake.resources = resources;
    lake
}

/// Severity and message of what a rule finds.
pub(crate) fn found(rule: &str, lake: &Lake) -> Vec<(Severity, String)> {
    findings_in(rule, lake).into_iter().map(|Finding { severity, message, .. }| (severity, message)).collect()
}
