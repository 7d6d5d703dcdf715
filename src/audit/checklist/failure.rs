//! What happens when something fails.

use std::collections::BTreeMap;

use super::by_machine;
use super::fate::{Fate, fate};
use super::{Case, Evidence, Question, question};
use crate::cost::machine::{PaidWork, Start, listed, starts};
use crate::finding::Place;
use crate::lake::error_name::is_of_lambda;
use crate::lake::{Call, Lake, Pattern, Retrier, State, StateId, Workflow, WorkflowId};

pub(super) const QUESTION: Question = question!("failures-are-designed-for", look);

/// Each of their findings is a failure that nobody has designed for.
const RULES: [&str; 4] = ["catch-loops-back", "retry-never-matches", "unbounded-polling-loop", "unbounded-retry"];

/// One state that starts paid work, in its machine.
#[derive(Clone, Copy)]
struct Paid<'a> {
    state: &'a State,
    workflow: &'a Workflow,
}

fn look(evidence: &Evidence<'_>, case: &mut Case<'_>) {
    let lake = evidence.estimator.lake;
    let findings = by_machine(evidence.findings(&RULES), &evidence.estimator);
    for workflow in lake.asked_workflows() {
        let paid = paid_states(workflow, lake);
        if paid.is_empty() {
            continue;
        }
        for finding in lake.id_of(workflow).and_then(|id| findings.get(&id)).into_iter().flatten() {
            case.bad(finding.place.clone(), finding.message.clone());
        }
        let is_child = is_waited_for(workflow, lake);
        for (id, starts) in paid {
            of_state(Paid { state: workflow.state(id), workflow }, &starts, is_child, lake, case);
        }
    }
    for machine in &lake.not_analysed {
        case.missing(Place::Span(machine.span), machine.reason.clone());
    }
    if case.is_empty() {
        case.missing(
            Place::Lake,
            "no state machine that starts paid work was read; what other orchestrators do about failures is not read",
        );
    }
}

/// What each state starts. A machine that is started and not waited for answers for itself.
fn paid_states<'a>(workflow: &'a Workflow, lake: &Lake) -> BTreeMap<StateId, Vec<Start<'a>>> {
    let mut states: BTreeMap<StateId, Vec<Start<'a>>> = BTreeMap::new();
    for start in starts(workflow, lake) {
        let is_own = start.state.task().is_some_and(|task| PaidWork::of(&task.call).is_some());
        if is_own || waits(start.state) {
            states.entry(start.state.id).or_default().push(start);
        }
    }
    states
}

fn waits(state: &State) -> bool {
    state.task().is_some_and(|task| task.pattern != Pattern::RequestResponse)
}

/// Another machine waits for it: a failure that leaves it is that machine's affair.
fn is_waited_for(workflow: &Workflow, lake: &Lake) -> bool {
    let Some(id) = lake.id_of(workflow) else { return false };
    let waits = |(caller, state): &(WorkflowId, StateId)| *caller != id && waits(lake.workflow(*caller).state(*state));
    lake.links().callers(id).iter().any(waits)
}

fn of_state(paid: Paid<'_>, starts: &[Start<'_>], is_child: bool, lake: &Lake, case: &mut Case<'_>) {
    let Paid { state, workflow } = paid;
    let place = || Place::Span(state.name_span);
    let name = format!("`{}` of `{}`", state.name, workflow.name);
    let is_retried = retried(paid, lake, &mut Vec::new());
    match is_retried {
        _ if is_child => {}
        Some(true) => {}
        Some(false) => case.bad(place(), format!("nothing retries {name}, which starts {}", listed(starts))),
        None => case.missing(place(), format!("the files do not show whether {name} is retried")),
    }
    let to = |id: StateId| format!("`{}`", workflow.state(id).name);
    match fate(workflow, state) {
        Fate::Told(last) if is_retried == Some(true) => {
            case.good(place(), format!("{name} is retried, and leads to {} when it fails for good", to(last)));
        }
        Fate::Uncaught | Fate::Told(_) if is_child => {}
        Fate::Told(_) => {}
        Fate::Uncaught => case.missing(
            place(),
            format!("nothing catches what {name} fails with: the execution fails, and who listens is not read"),
        ),
        Fate::Swallowed(last) => case.bad(
            place(),
            format!("a failure of {name} ends in {} as if nothing had happened, and nobody is told", to(last)),
        ),
        Fate::Unclear => {
            case.missing(place(), format!("the files do not show that somebody learns when {name} fails"));
        }
    }
}

/// Whether a state is tried again before it fails for good; `None` when the files do not tell. `seen` are the machines on the way.
fn retried(paid: Paid<'_>, lake: &Lake, seen: &mut Vec<WorkflowId>) -> Option<bool> {
    let Paid { state, workflow } = paid;
    let call = state.task().map(|task| &task.call);
    let is_function = matches!(call, Some(Call::Lambda { .. }));
    let concerns = |retrier: &&Retrier| is_function || !retrier.errors.iter().all(|(name, _)| is_of_lambda(name));
    let mut answers = vec![by_what_it_starts(paid, lake, seen)];
    for holder in std::iter::once(state).chain(workflow.around(state)) {
        answers.extend(holder.is_open.then_some(None));
        let retriers = holder.retriers.iter().filter(concerns);
        answers.extend(retriers.map(|retrier| retrier.max_attempts.value.map(|attempts| attempts >= 1.0)));
    }
    let any = |answer: Option<bool>| answers.contains(&answer).then_some(answer);
    any(Some(true)).or(any(None)).unwrap_or(Some(false))
}

/// Whether a job or machine does over what failed inside of it.
fn by_what_it_starts(paid: Paid<'_>, lake: &Lake, seen: &mut Vec<WorkflowId>) -> Option<bool> {
    let Paid { state, workflow } = paid;
    match &state.task()?.call {
        Call::GlueJob { job, .. } => {
            let (_, job) = lake.glue_job(&workflow.named.module, job.as_deref()?)?;
            let is_known = job.max_retries.is_some() || !job.is_open;
            is_known.then(|| job.max_retries.is_some_and(|retries| retries > 0))
        }
        Call::Execution { .. } => {
            let callee = lake.links().callee(lake.id_of(workflow)?, state.id)?;
            if seen.contains(&callee) {
                return Some(true);
            }
            seen.push(callee);
            let child = lake.workflow(callee);
            let of_child = |id: &StateId| retried(Paid { state: child.state(*id), workflow: child }, lake, seen);
            let answers: Vec<Option<bool>> = paid_states(child, lake).keys().map(of_child).collect();
            match answers.contains(&Some(false)) {
                true => Some(false),
                false => (!answers.contains(&None)).then_some(true),
            }
        }
        // The definition of the job, or its arguments, may have retries.
        Call::Service { service, .. } => {
            let may = ["batch", "emr-serverless", "emrserverless", "emr-containers", "emrcontainers"];
            (!may.contains(&service.as_str())).then_some(false)
        }
        _ => Some(false),
    }
}
