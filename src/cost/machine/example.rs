//! Small machines for tests.

use crate::lake::{
    Call, Catcher, Comparison, ComparisonKind, Concurrency, Container, Edge, EdgeKind, FileId, GlueCommand, GlueJob,
    Lake, Limit, MapFacts, Named, Pattern, Resource, ResourceKind, Retrier, Schedule, Scope, ScopeId, Setting, Sources,
    Span, State, StateId, StateKind, Task, Workflow, WorkflowKind,
};

pub(crate) const SPAN: Span = Span { file: FileId(0), start: 0, end: 1 };

/// A retrier with everything written out.
pub(crate) fn retrier(attempts: f64, interval: f64, rate: f64) -> Retrier {
    let written = |value: f64| Setting { value: Some(value), written: Some(SPAN) };
    Retrier {
        span: SPAN,
        errors: vec![("States.TaskFailed".to_string(), SPAN)],
        max_attempts: written(attempts),
        interval: written(interval),
        backoff: written(rate),
        max_delay: Setting { value: None, written: None },
        full_jitter: false,
        slot: None,
    }
}

pub(crate) fn comparison(variable: &str, kind: ComparisonKind) -> Comparison {
    Comparison { variable: variable.to_string(), kind, span: SPAN }
}

/// A lake of machines, all in one file.
pub(crate) fn lake(workflows: Vec<Workflow>) -> Lake {
    let mut sources = Sources::default();
    sources.add("machines.yml", "machines");
    Lake { sources, workflows, ..Lake::default() }
}

/// A Glue job of two G.1X workers with a timeout of an hour.
pub(crate) fn job(name: &str, change: impl Fn(&mut GlueJob)) -> Resource {
    let mut job = GlueJob {
        max_retries: None,
        timeout: Limit::Seconds { seconds: 3600, span: SPAN },
        worker_type: Some("G.1X".to_string()),
        workers: Some(2.0),
        max_capacity: None,
        version: Some("4.0".to_string()),
        command: GlueCommand::Spark,
        is_flex: false,
        is_open: false,
        script: None,
        bookmarks: Default::default(),
    };
    change(&mut job);
    resource(name, ResourceKind::GlueJob(job))
}

pub(crate) fn schedule(expression: Option<&str>, target: &str) -> Resource {
    let schedule = Schedule {
        expression: expression.map(str::to_string),
        is_scheduler: false,
        is_enabled: Some(true),
        target: Some(target.to_string()),
        retry_policy: None,
        has_dead_letter_queue: false,
    };
    resource("schedule", ResourceKind::Schedule(schedule))
}

pub(crate) fn resource(name: &str, kind: ResourceKind) -> Resource {
    Resource { named: named(name), name: name.to_string(), span: SPAN, kind }
}

fn named(name: &str) -> Named {
    Named { module: "machines.yml".into(), literal: Some(name.to_string()), handles: Vec::new() }
}

/// Start, then Wait, Get, Done? until it is done.
pub(crate) fn polling() -> Flow {
    Flow::new("Start")
        .task("Start", "Wait")
        .wait("Wait", 30, "Get")
        .task("Get", "Done?")
        .choice("Done?", "Wait", &["End"])
        .succeed("End")
}

/// Builds a machine state by state; the last state is the one that is changed.
pub(crate) struct Flow {
    workflow: Workflow,
    scope: ScopeId,
    start: Vec<(ScopeId, String)>,
}

impl Flow {
    pub(crate) fn new(start: &str) -> Flow {
        let workflow = Workflow {
            name: "machine".to_string(),
            named: named("machine"),
            file: SPAN.file,
            span: SPAN,
            container: Container::File,
            kind: Some(WorkflowKind::Standard),
            timeout: Limit::Unset,
            scopes: vec![Scope { start: None, parent: None }],
            states: Vec::new(),
            slot: None,
        };
        Flow { workflow, scope: ScopeId(0), start: vec![(ScopeId(0), start.to_string())] }
    }

    pub(crate) fn named(mut self, name: &str) -> Flow {
        self.workflow.name = name.to_string();
        self.workflow.named = named(name);
        self
    }

    pub(crate) fn kind(mut self, kind: WorkflowKind) -> Flow {
        self.workflow.kind = Some(kind);
        self
    }

    pub(crate) fn timeout(mut self, seconds: u64) -> Flow {
        self.workflow.timeout = Limit::Seconds { seconds, span: SPAN };
        self
    }

    fn state(mut self, name: &str, kind: StateKind, targets: &[(EdgeKind, &str)]) -> Flow {
        let is_end = targets.is_empty() || matches!(kind, StateKind::Succeed | StateKind::Fail);
        self.workflow.states.push(State {
            id: StateId(self.workflow.states.len() as u32),
            scope: self.scope,
            edges: targets.iter().map(|(kind, target)| edge(*kind, target)).collect(),
            is_end,
            ..State::new(name.to_string(), SPAN, SPAN, kind)
        });
        self
    }

    fn call(self, name: &str, call: Call, pattern: Pattern, next: &str) -> Flow {
        let task = Task { resource: None, resource_span: SPAN, call, pattern };
        self.state(name, StateKind::Task(task), &[(EdgeKind::Next, next)])
    }

    /// A call of a service that costs nothing to speak of.
    pub(crate) fn task(self, name: &str, next: &str) -> Flow {
        let call = Call::Service { service: "glue".to_string(), action: "getCrawler".to_string(), is_sdk: true };
        self.call(name, call, Pattern::RequestResponse, next)
    }

    pub(crate) fn lambda(self, name: &str, next: &str) -> Flow {
        self.call(
            name,
            Call::Lambda { function: Some(name.to_string()), is_event: false },
            Pattern::RequestResponse,
            next,
        )
    }

    pub(crate) fn execution(self, name: &str, machine: &str, pattern: Pattern, next: &str) -> Flow {
        self.call(name, Call::Execution { machine: Some(machine.to_string()) }, pattern, next)
    }

    pub(crate) fn glue(self, name: &str, job: &str, pattern: Pattern, next: &str) -> Flow {
        let call = Call::GlueJob {
            job: Some(job.to_string()),
            timeout_minutes: Limit::Unset,
            workers: None,
            worker_type: None,
            max_capacity: None,
        };
        self.call(name, call, pattern, next)
    }

    pub(crate) fn wait(self, name: &str, seconds: u64, next: &str) -> Flow {
        self.state(name, StateKind::Wait(Limit::Seconds { seconds, span: SPAN }), &[(EdgeKind::Next, next)])
    }

    pub(crate) fn pass(self, name: &str, next: &str) -> Flow {
        self.state(name, StateKind::Pass, &[(EdgeKind::Next, next)])
    }

    pub(crate) fn succeed(self, name: &str) -> Flow {
        self.state(name, StateKind::Succeed, &[])
    }

    pub(crate) fn fail(self, name: &str) -> Flow {
        self.state(name, StateKind::Fail, &[])
    }

    pub(crate) fn choice(self, name: &str, default: &str, targets: &[&str]) -> Flow {
        let mut edges: Vec<(EdgeKind, &str)> = targets.iter().map(|target| (EdgeKind::Choice, *target)).collect();
        edges.push((EdgeKind::Default, default));
        self.state(name, StateKind::Choice(Vec::new()), &edges)
    }

    /// A Map whose states follow between `body` and `leave`.
    pub(crate) fn map(self, name: &str, items: Option<u64>, next: &str) -> Flow {
        let facts = MapFacts {
            body: ScopeId(0),
            is_distributed: false,
            child_kind: None,
            max_concurrency: Concurrency::Unset,
            items,
            batch: None,
            tolerates_failures: false,
        };
        self.state(name, StateKind::Map(facts), &[(EdgeKind::Next, next)])
    }

    /// Enters the body of a Map; it starts with the next state.
    pub(crate) fn body(mut self, map: &str) -> Flow {
        let scope = ScopeId(self.workflow.scopes.len() as u32);
        let state = self.workflow.states.iter_mut().find(|state| state.name == map).expect("a state");
        match &mut state.kind {
            StateKind::Map(facts) => facts.body = scope,
            StateKind::Parallel { branches } => branches.push(scope),
            _ => panic!("`{map}` holds no states"),
        }
        self.workflow.scopes.push(Scope {
            start: Some(StateId(self.workflow.states.len() as u32)),
            parent: Some(state_id(&self.workflow, map)),
        });
        self.scope = scope;
        self
    }

    /// Goes back to where the Map or Parallel stands.
    pub(crate) fn leave(mut self) -> Flow {
        let parent = self.workflow.scope(self.scope).parent.expect("inside of something");
        self.scope = self.workflow.state(parent).scope;
        self
    }

    pub(crate) fn parallel(self, name: &str, next: &str) -> Flow {
        self.state(name, StateKind::Parallel { branches: Vec::new() }, &[(EdgeKind::Next, next)])
    }

    /// Changes the last state.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut State)) -> Flow {
        change(self.workflow.states.last_mut().expect("a state"));
        self
    }

    pub(crate) fn retry(self, retrier: Retrier) -> Flow {
        self.with(|state| state.retriers.push(retrier))
    }

    pub(crate) fn catch(self, target: &str) -> Flow {
        let catcher = Catcher { span: SPAN, errors: vec![("States.ALL".to_string(), SPAN)] };
        self.with(|state| {
            state.edges.push(edge(EdgeKind::Catch(state.catchers.len()), target));
            state.catchers.push(catcher);
        })
    }

    pub(crate) fn task_timeout(self, seconds: u64) -> Flow {
        self.with(|state| state.timeout = Limit::Seconds { seconds, span: SPAN })
    }

    pub(crate) fn increments(self, variable: &str) -> Flow {
        self.with(|state| state.increments.push(variable.to_string()))
    }

    /// Adds to the last Choice, wherever it stands.
    pub(crate) fn compares(mut self, comparison: Comparison) -> Flow {
        let kinds = self.workflow.states.iter_mut().rev().map(|state| &mut state.kind);
        let choices = kinds.filter_map(|kind| match kind {
            StateKind::Choice(comparisons) => Some(comparisons),
            _ => None,
        });
        choices.take(1).for_each(|comparisons| comparisons.push(comparison.clone()));
        self
    }

    /// Transitions between states by number; a catcher's where the flag is set.
    pub(crate) fn with_edges(mut self, edges: &[(usize, usize, bool)]) -> Flow {
        for (from, to, is_catch) in edges {
            let kind = if *is_catch { EdgeKind::Catch(0) } else { EdgeKind::Next };
            self.workflow.states[*from].edges.push(edge(kind, &to.to_string()));
        }
        self
    }

    /// Finds the targets of all transitions.
    pub(crate) fn build(mut self) -> Workflow {
        let names: Vec<(ScopeId, String, StateId)> =
            self.workflow.states.iter().map(|state| (state.scope, state.name.clone(), state.id)).collect();
        let find =
            |scope: ScopeId, name: &str| names.iter().find(|one| one.0 == scope && one.1 == name).map(|one| one.2);
        for state in &mut self.workflow.states {
            state.edges.iter_mut().for_each(|edge| edge.to = find(state.scope, &edge.target));
        }
        for (scope, start) in &self.start {
            self.workflow.scopes[scope.0 as usize].start = find(*scope, start);
        }
        self.workflow
    }
}

fn state_id(workflow: &Workflow, name: &str) -> StateId {
    workflow.states.iter().find(|state| state.name == name).expect("a state").id
}

fn edge(kind: EdgeKind, target: &str) -> Edge {
    Edge { kind, to: None, target: target.to_string(), span: SPAN }
}
