//! What happens when something fails.

use super::by_machine;
use super::fate::{Fate, Fates};
use super::machines::{Machines, lets_go};
use super::{Case, Evidence, Question, question};
use crate::cost::machine::{Start, listed};
use crate::finding::Place;
use crate::lake::{State, StateId, UnreadableKind, WorkflowId};

pub(super) const QUESTION: Question = question!("failures-are-designed-for", look);

/// Each of their findings is a failure that nobody has designed for.
const RULES: [&str; 4] = ["catch-loops-back", "retry-never-matches", "unbounded-polling-loop", "unbounded-retry"];

fn look(evidence: &Evidence<'_>, case: &mut Case<'_>) {
    let lake = evidence.estimator.lake;
    let findings = by_machine(evidence.accepted_or_not(&RULES), &evidence.estimator);
    let machines = Machines::of(lake);
    let mut is_paid = false;
    for (id, workflow) in evidence.asked_machines().filter(|(id, _)| !machines.paid(*id).is_empty()) {
        is_paid = true;
        for finding in findings.get(&id).into_iter().flatten() {
            case.bad(finding.place.clone(), finding.message.clone());
        }
        let fates = Fates::of(workflow);
        for (state, starts) in machines.paid(id) {
            of_state(id, workflow.state(*state), starts, &machines, &fates, case);
        }
    }
    for machine in lake.not_analysed.iter().filter(|missing| missing.kind == UnreadableKind::StateMachine) {
        case.missing(Place::Span(machine.span), machine.reason.clone());
    }
    if case.is_empty() {
        let text = match is_paid {
            true => "other machines wait for those that start paid work, and were not asked about",
            false => {
                "no state machine that starts paid work was read; what other orchestrators do about failures is not read"
            }
        };
        case.missing(Place::Lake, text);
    }
}

fn of_state(
    id: WorkflowId,
    state: &State,
    starts: &[Start<'_>],
    machines: &Machines<'_>,
    fates: &Fates<'_>,
    case: &mut Case<'_>,
) {
    let workflow = fates.workflow;
    let place = || Place::Span(state.name_span);
    let name = format!("`{}` of `{}`", state.name, workflow.name);
    if lets_go(state) {
        let text = format!(
            "{name} starts {} and does not wait: who retries them and learns of failures is not read",
            listed(starts)
        );
        return case.missing(place(), text);
    }
    let is_child = machines.is_answered_for(id);
    let is_retried = machines.is_retried(id, state);
    match is_retried {
        _ if is_child => {}
        Some(true) => {}
        Some(false) => case.bad(place(), format!("nothing retries {name}, which starts {}", listed(starts))),
        None => case.missing(place(), format!("the files do not show whether {name} is retried")),
    }
    let to = |id: StateId| format!("`{}`", workflow.state(id).name);
    match fates.of_state(state) {
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
        Fate::Tolerated(map) => case.missing(
            place(),
            format!("{} succeeds although some of its items fail: who learns when {name} fails is not read", to(map)),
        ),
        Fate::Unclear => {
            case.missing(place(), format!("the files do not show that somebody learns when {name} fails"));
        }
    }
}
