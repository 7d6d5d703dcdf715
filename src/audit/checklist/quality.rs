//! Whether what was made is looked at before it is used.

use super::by_machine;
use super::{Case, Evidence, Question, question};
use crate::finding::Place;
use crate::lake::{Call, Lake, QueryText, State, Workflow};
use crate::rules::{is_quality_check, transforms_data};

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
        let Some(made) = workflow.states.iter().find(|state| makes_data(state, workflow, lake)) else { continue };
        let later = workflow.states.iter().find(|state| state.id > made.id && reads_data(state));
        match later {
            Some(check) => case.good(
                Place::Span(check.name_span),
                format!("`{}` checks what `{}` has made in `{}`", check.name, made.name, workflow.name),
            ),
            None => case.missing(
                Place::Span(made.name_span),
                format!("no step of `{}` is seen to check what `{}` makes", workflow.name, made.name),
            ),
        }
    }
    if case.is_empty() {
        case.missing(
            Place::Lake,
            "no state machine that transforms data was read; tests of dbt and checks in the code of jobs are not read",
        );
    }
}

/// A transformation; a query that is known to write nothing is none.
fn makes_data(state: &State, workflow: &Workflow, lake: &Lake) -> bool {
    let is_known = matches!(state.task().map(|task| &task.call), Some(Call::AthenaQuery { sql: QueryText::Known, .. }));
    let of_state = |step| lake.id_of(workflow).is_some_and(|id| step == (id, state.id));
    let writes = || lake.queries.iter().any(|query| query.step.is_some_and(of_state) && query.write.is_some());
    transforms_data(state) && !is_quality_check(state) && (!is_known || writes())
}

/// A check that can look at data: a step called `CheckJobStatus` that asks Glue for a status is none.
fn reads_data(state: &State) -> bool {
    let call = state.task().map(|task| &task.call);
    let can = match call {
        Some(Call::AthenaQuery { .. } | Call::Lambda { .. } | Call::GlueJob { .. } | Call::Execution { .. }) => true,
        Some(Call::Service { action, .. }) => action.starts_with("startDataQuality"),
        _ => false,
    };
    can && is_quality_check(state)
}
