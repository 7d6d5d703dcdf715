//! Step Functions state machines as facts: states, where they lead, how they retry, what they call.
//!
//! The language is described at <https://states-language.net/spec.html>; JSONPath and JSONata machines give the same facts.

use serde::{Deserialize, Serialize};

use super::{Catcher, FileId, Named, Retrier, Span};

/// One state machine.
#[derive(Debug, Clone)]
pub struct Workflow {
    /// For people: the resource's name, else the name of its file.
    pub name: String,
    /// What other resources call it.
    pub named: Named,
    /// File that holds the states.
    pub file: FileId,
    /// What a finding about the machine as a whole points at: the `StartAt` key with its value.
    pub span: Span,
    pub container: Container,
    /// `None` when nothing in the files says; it is priced as a Standard one then, and that is an assumption.
    pub kind: Option<WorkflowKind>,
    /// `TimeoutSeconds` of the machine.
    pub timeout: Limit,
    /// `scopes[0]` is the machine's top level.
    pub scopes: Vec<Scope>,
    /// All states, those of branches and iterators included, in text order.
    pub states: Vec<State>,
    /// Where a field of the machine can be inserted.
    pub slot: Option<Slot>,
}

/// What kind of file a machine was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Container {
    /// A JSON or YAML file of its own that no template names.
    File,
    CloudFormation,
    Sam,
    Terraform,
    Serverless,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum WorkflowKind {
    Standard,
    Express,
}

/// Index of a machine in [`super::Lake::workflows`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkflowId(pub u32);

/// Index of a state in [`Workflow::states`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateId(pub u32);

/// Index of a scope in [`Workflow::scopes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub u32);

/// A `StartAt` with its `States`: the machine itself, a branch of a Parallel, the processor of a Map.
#[derive(Debug, Clone)]
pub struct Scope {
    /// `None` when `StartAt` names no state of the scope.
    pub start: Option<StateId>,
    /// The Parallel or Map that holds it; `None` for the machine itself.
    pub parent: Option<StateId>,
}

/// A limit in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    Unset,
    Seconds {
        seconds: u64,
        span: Span,
    },
    /// Only the run or the deployment knows it: a path, an expression, a placeholder.
    Dynamic(Span),
}

/// One state.
#[derive(Debug, Clone)]
pub struct State {
    pub id: StateId,
    pub scope: ScopeId,
    pub name: String,
    /// The key that names it.
    pub name_span: Span,
    /// The whole state, key included.
    pub span: Span,
    pub kind: StateKind,
    /// Transitions in text order, `Next`, `Default`, `Choices` and `Catch` alike.
    pub edges: Vec<Edge>,
    /// `End: true`, Succeed or Fail.
    pub is_end: bool,
    pub retriers: Vec<Retrier>,
    pub catchers: Vec<Catcher>,
    /// The value of a `Retry` or `Catch` that is not written out (a placeholder or an expression): nothing can be said of what
    /// the state lacks.
    pub is_open: bool,
    pub timeout: Limit,
    pub heartbeat: Limit,
    /// Variables that the state increases by a constant: `$.attempt` (`States.MathAdd`, a Pass) or `$attempt` (JSONata,
    /// `Assign`).
    pub increments: Vec<String>,
    /// Where a field of the state can be inserted.
    pub slot: Option<Slot>,
}

#[derive(Debug, Clone)]
pub enum StateKind {
    Task(Task),
    Choice(Vec<Comparison>),
    /// Seconds of a Wait; a timestamp is dynamic.
    Wait(Limit),
    Parallel {
        branches: Vec<ScopeId>,
    },
    Map(MapFacts),
    Pass,
    Succeed,
    Fail,
    /// A type that is missing or that nobody knows.
    Unknown,
}

/// What a Choice compares, over all its rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// `$.attempt`, or `$attempt` in JSONata.
    pub variable: String,
    pub kind: ComparisonKind,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ComparisonKind {
    /// With a number, or with another variable as numbers; the number where it is written out.
    Numeric(Option<f64>),
    /// With a point in time; the start of the execution takes part.
    SinceStart,
    Timestamp,
    /// With text, a truth value, a type, or by an expression that is not understood.
    Other,
}

/// A transition.
#[derive(Debug, Clone)]
pub struct Edge {
    pub kind: EdgeKind,
    /// `None` when no state of the scope has the name.
    pub to: Option<StateId>,
    pub target: String,
    /// The target's name in the text.
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdgeKind {
    Next,
    /// By the rule of a Choice.
    Choice,
    /// By a Choice that no rule of holds.
    Default,
    /// After an error: index of the catcher in [`State::catchers`].
    Catch(usize),
}

/// A Map state.
#[derive(Debug, Clone)]
pub struct MapFacts {
    pub body: ScopeId,
    pub is_distributed: bool,
    /// Of a distributed Map: the kind of its child executions.
    pub child_kind: Option<WorkflowKind>,
    /// `MaxConcurrency`; `Unset` and 0 have no limit.
    pub max_concurrency: Concurrency,
    /// Number of items where the definition writes them out or limits them (`MaxItems`).
    pub items: Option<u64>,
    /// `MaxItemsPerBatch`.
    pub batch: Option<u64>,
    /// `ToleratedFailurePercentage` or `ToleratedFailureCount` is more than zero, or only the run knows it: items may fail, and
    /// the Map succeeds.
    pub tolerates_failures: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concurrency {
    Unset,
    /// 0 is no limit.
    Written(u64, Span),
    Dynamic,
}

/// A Task.
#[derive(Debug, Clone)]
pub struct Task {
    /// The `Resource` as written, placeholders resolved where the files tell; `None` when it is missing or no text.
    pub resource: Option<String>,
    /// The `Resource` value.
    pub resource_span: Span,
    pub call: Call,
    pub pattern: Pattern,
}

/// How the Task waits.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    RequestResponse,
    /// `.sync` and `.sync:2`: until the job has ended.
    Sync,
    /// `.waitForTaskToken`: until somebody calls back.
    TaskToken,
}

impl Task {
    /// Whether the state ends with the work that it starts, so that its `Retry` and `Catch` see how that work has ended.
    pub fn waits(&self) -> bool {
        self.pattern != Pattern::RequestResponse
    }
}

/// What a Task does. Names of other resources are texts that [`Named::is`] understands.
#[derive(Debug, Clone)]
pub enum Call {
    Lambda {
        function: Option<String>,
        /// `InvocationType: Event`: the function runs on its own, and the service retries it.
        is_event: bool,
    },
    /// `athena:startQueryExecution`.
    AthenaQuery {
        /// The statements of this query are those of [`super::Query::step`] that name the state.
        sql: QueryText,
        /// `WorkGroup`; `Some(None)` when only the run knows.
        workgroup: Option<Option<String>>,
    },
    /// `glue:startJobRun`.
    GlueJob {
        job: Option<String>,
        /// `Timeout` of the call: it counts before the job's own. Written in minutes; the limit's `seconds` are minutes times 60.
        timeout_minutes: Limit,
        /// `NumberOfWorkers`, `WorkerType` and `MaxCapacity` of the call.
        workers: Option<f64>,
        worker_type: Option<String>,
        max_capacity: Option<f64>,
    },
    /// `states:startExecution`.
    Execution {
        machine: Option<String>,
    },
    Activity,
    /// Any other service: `dynamodb`, `putItem`; SDK calls (`aws-sdk:glue:startCrawler`) as `glue`, `startCrawler`.
    Service {
        service: String,
        action: String,
        is_sdk: bool,
    },
    /// The resource is a placeholder that nothing resolves, or missing.
    Unknown,
}

/// The SQL of a query state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryText {
    /// It was read like a SQL file.
    Known,
    /// It is computed at run time.
    Dynamic,
    Missing,
}

/// Where a field can be inserted into a map: after an entry that stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// An existing entry, key to value.
    pub after: Span,
    pub style: SlotStyle,
}

/// How the new field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotStyle {
    /// `, "Key": value`.
    Json,
    /// A line `Key: value`.
    Yaml,
    /// A line `Key = value`.
    Hcl,
}

impl Workflow {
    pub fn state(&self, id: StateId) -> &State {
        &self.states[id.0 as usize]
    }

    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }

    /// The states of a scope itself, not of those inside of it.
    pub fn states_of(&self, scope: ScopeId) -> impl Iterator<Item = &State> {
        self.states.iter().filter(move |state| state.scope == scope)
    }

    /// The Parallel and Map states around a state, innermost first.
    pub fn around(&self, state: &State) -> impl Iterator<Item = &State> {
        let outer = |state: &&State| self.scope(state.scope).parent.map(|id| self.state(id));
        std::iter::successors(outer(&state), move |state| outer(state))
    }

    pub fn is_express(&self) -> bool {
        self.kind == Some(WorkflowKind::Express)
    }

    /// The innermost distributed Map around a state: each of its children is an execution of its own.
    pub fn distributed_map<'a>(&'a self, state: &'a State) -> Option<(&'a State, &'a MapFacts)> {
        self.around(state).find_map(|around| match &around.kind {
            StateKind::Map(map) if map.is_distributed => Some((around, map)),
            _ => None,
        })
    }

    /// Whether a state runs in an Express execution: its machine's, or a child's of a distributed Map. Those are Standard ones
    /// unless the Map says otherwise.
    pub fn is_express_at(&self, state: &State) -> bool {
        match self.distributed_map(state) {
            Some((_, map)) => map.child_kind == Some(WorkflowKind::Express),
            None => self.is_express(),
        }
    }
}

impl MapFacts {
    /// How often the body runs: for each item, or for each batch of them. `None` when the number is not known.
    pub fn runs(&self) -> Option<u64> {
        self.items.map(|items| items.div_ceil(self.batch.unwrap_or(1).max(1)))
    }
}

impl State {
    /// A state of which nothing is known but its place and kind.
    pub(crate) fn new(name: String, name_span: Span, span: Span, kind: StateKind) -> State {
        State {
            id: StateId(0),
            scope: ScopeId(0),
            name,
            name_span,
            span,
            kind,
            edges: Vec::new(),
            is_end: false,
            retriers: Vec::new(),
            catchers: Vec::new(),
            is_open: false,
            timeout: Limit::Unset,
            heartbeat: Limit::Unset,
            increments: Vec::new(),
            slot: None,
        }
    }

    pub fn task(&self) -> Option<&Task> {
        match &self.kind {
            StateKind::Task(task) => Some(task),
            _ => None,
        }
    }
}

impl Limit {
    pub fn seconds(self) -> Option<u64> {
        match self {
            Limit::Seconds { seconds, .. } => Some(seconds),
            Limit::Unset | Limit::Dynamic(_) => None,
        }
    }

    /// Whether it ends nothing: it is not set, or is as long as an execution lasts at most, a year.
    pub fn is_endless(self) -> bool {
        match self {
            Limit::Unset => true,
            Limit::Seconds { seconds, .. } => seconds >= 365 * 86_400,
            Limit::Dynamic(_) => false,
        }
    }
}
