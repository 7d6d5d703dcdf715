//! Whether what was made is looked at before it is used.

use super::by_machine;
use super::{Case, Evidence, Question, question};
use crate::finding::Place;
use crate::lake::{Call, Lake, QueryText, State, Workflow};
use crate::rules::{is_quality_check, publishes_by_name, transforms_data};

pub(super) const QUESTION: Question = question!("quality-checks-are-stages", look);

const RULE: &str = "quality-check-not-a-stage";

fn look(evidence: &Evidence<'_>, case: &mut Case<'_>) {
    let lake = evidence.estimator.lake;
    let faulty = evidence.findings(&[RULE]);
    for finding in &faulty {
        case.bad(finding.place.clone(), finding.message.clone());
    }
    let faulty = by_machine(faulty, &evidence.estimator);
    for workflow in lake.asked_workflows() {
        if lake.id_of(workflow).is_some_and(|id| faulty.contains_key(&id)) {
            continue;
        }
        for made in workflow.states.iter().filter(|state| makes_data(state, workflow, lake)) {
            after(made, workflow, case);
        }
    }
    if case.is_empty() {
        case.missing(
            Place::Lake,
            "no state machine that transforms data was read; tests of dbt and checks in the code of jobs are not read",
        );
    }
}

/// What runs between a state that makes data and the end.
fn after(made: &State, workflow: &Workflow, case: &mut Case<'_>) {
    let name = |state: &State| format!("`{}`", state.name);
    let walk = workflow.walk(made.id, |state| state.id != made.id && reads_data(state, workflow));
    let published = walk.states.iter().map(|id| workflow.state(*id));
    let published = published.filter(|state| state.id != made.id).find(|state| publishes_by_name(state));
    let Some(check) = walk.stops.first().map(|id| workflow.state(*id)) else {
        let text = format!("no step of `{}` is seen to check what {} makes", workflow.name, name(made));
        return case.missing(Place::Span(made.name_span), text);
    };
    match (published, walk.ends.first()) {
        (Some(publish), _) => case.missing(
            Place::Span(publish.name_span),
            format!("{} can publish what {} has made before {} has checked it", name(publish), name(made), name(check)),
        ),
        (None, Some(end)) => case.missing(
            Place::Span(made.name_span),
            format!(
                "`{}` can go from {} to its end in {} without {}",
                workflow.name,
                name(made),
                name(workflow.state(*end)),
                name(check)
            ),
        ),
        (None, None) => case.good(
            Place::Span(check.name_span),
            format!("{} checks what {} has made in `{}`", name(check), name(made), workflow.name),
        ),
    }
}

/// A transformation; a query that is known to write nothing is none.
fn makes_data(state: &State, workflow: &Workflow, lake: &Lake) -> bool {
    let is_known = matches!(state.task().map(|task| &task.call), Some(Call::AthenaQuery { sql: QueryText::Known, .. }));
    let of_state = |step| lake.id_of(workflow).is_some_and(|id| step == (id, state.id));
    let writes = || lake.queries.iter().any(|query| query.step.is_some_and(of_state) && query.write.is_some());
    transforms_data(state) && !is_quality_check(state) && (!is_known || writes())
}

/// A check that can look at data, or a group of states that is called one: a step called `CheckJobStatus` that asks Glue for a
/// status is none.
fn reads_data(state: &State, workflow: &Workflow) -> bool {
    let can = |state: &State| match state.task().map(|task| &task.call) {
        Some(Call::AthenaQuery { .. } | Call::Lambda { .. } | Call::GlueJob { .. } | Call::Execution { .. }) => true,
        Some(Call::Service { action, .. }) => action.starts_with("startDataQuality"),
        _ => false,
    };
    let is_inside = |other: &&State| workflow.around(other).any(|around| around.id == state.id);
    is_quality_check(state) && (can(state) || workflow.states.iter().filter(is_inside).any(can))
}
