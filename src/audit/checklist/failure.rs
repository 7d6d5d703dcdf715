//! What happens when something fails.

use super::by_machine;
use super::{Case, Evidence, Question, question};
use crate::cost::machine::{listed, starts};
use crate::finding::Place;
use crate::lake::{Call, Lake, State, Workflow};
use crate::rules::tells_of_failure;

pub(super) const QUESTION: Question = question!("failures-are-designed-for", look);

/// Each of their findings is a failure that nobody has designed for.
const RULES: [&str; 5] = [
    "catch-loops-back",
    "retry-never-matches",
    "state-machine-without-failure-path",
    "unbounded-polling-loop",
    "unbounded-retry",
];

fn look(evidence: &Evidence<'_>, case: &mut Case<'_>) {
    let lake = evidence.estimator.lake;
    let findings = by_machine(evidence.findings(&RULES), &evidence.estimator);
    for workflow in lake.asked_workflows() {
        let starts = starts(workflow, lake);
        if starts.is_empty() || is_child(workflow, lake) {
            continue;
        }
        let here = lake.id_of(workflow).and_then(|id| findings.get(&id));
        let faults = here.is_some();
        for finding in here.into_iter().flatten() {
            case.bad(finding.place.clone(), finding.message.clone());
        }
        let place = || Place::Span(workflow.span);
        let is_open = workflow.states.iter().any(|state| state.is_open);
        let retries = retries(workflow, lake);
        let tells = workflow.states.iter().any(|state| !state.catchers.is_empty() || tells_of_failure(state));
        if !retries && !is_open {
            let text = format!("`{}` starts {}, and retries nothing", workflow.name, listed(&starts));
            case.bad(place(), text);
        } else if !faults && retries && tells {
            case.good(place(), format!("`{}` retries with a bound, and catches or reports what fails", workflow.name));
        } else if !faults {
            let text =
                format!("the files do not show whether `{}` retries, or who is told that it failed", workflow.name);
            case.missing(place(), text);
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

/// Another machine starts it: what happens is that machine's affair.
fn is_child(workflow: &Workflow, lake: &Lake) -> bool {
    lake.id_of(workflow).is_some_and(|id| lake.links().callers(id).iter().any(|(caller, _)| *caller != id))
}

/// Whether some state is retried, or some job that it starts retries itself.
fn retries(workflow: &Workflow, lake: &Lake) -> bool {
    let job_retries = |state: &State| match state.task().map(|task| &task.call) {
        Some(Call::GlueJob { job: Some(job), .. }) => {
            let job = lake.glue_job(&workflow.named.module, job);
            job.is_some_and(|(_, job)| job.max_retries.is_some_and(|retries| retries > 0))
        }
        _ => false,
    };
    workflow.states.iter().any(|state| !state.retriers.is_empty() || job_retries(state))
}
