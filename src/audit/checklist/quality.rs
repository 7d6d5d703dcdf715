//! Whether what was made is looked at before it is used.

use std::collections::BTreeSet;

use super::by_machine;
use super::{Case, Evidence, Question, question};
use crate::cost::machine::{checks_data, target};
use crate::finding::Place;
use crate::lake::{Call, Lake, Layer, Model, ModelKind, Query, QueryText, State, StateId, Walk, Workflow, WorkflowId};
use crate::rules::{publishes_by_name, transforms_data};

pub(super) const QUESTION: Question = question!("quality-checks-are-stages", look);

const RULE: &str = "quality-check-not-a-stage";

fn look(evidence: &Evidence<'_>, case: &mut Case<'_>) {
    let lake = evidence.estimator.lake;
    let faulty = evidence.accepted_or_not(&[RULE]);
    for finding in &faulty {
        case.bad(finding.place.clone(), finding.message.clone());
    }
    let faulty = by_machine(faulty, &evidence.estimator);
    let writes = |query: &Query| query.step.filter(|_| query.write.is_some());
    let writers: BTreeSet<(WorkflowId, StateId)> = lake.queries.iter().filter_map(writes).collect();
    for (id, workflow) in evidence.asked_machines().filter(|(id, _)| !faulty.contains_key(id)) {
        let checks: BTreeSet<StateId> =
            workflow.states.iter().filter(|state| is_check(state, workflow)).map(|state| state.id).collect();
        let makes =
            |state: &&State| makes_data(state, writers.contains(&(id, state.id))) && !checks.contains(&state.id);
        for made in workflow.states.iter().filter(makes) {
            after(made, workflow, &checks, case);
        }
    }
    of_models(lake, case);
    if case.is_empty() {
        case.missing(
            Place::Lake,
            "no state machine that transforms data and no curated model of dbt was read; checks in the code of jobs are not read",
        );
    }
}

/// Curated models of dbt, which `dbt build` tests before it builds what reads them (<https://docs.getdbt.com/reference/commands/build>).
fn of_models(lake: &Lake, case: &mut Case<'_>) {
    let is_asked = |model: &&Model| !lake.sources.get(model.span.file).is_context;
    let tests: Vec<&Model> = lake.models.iter().filter(|model| model.kind == ModelKind::Test).collect();
    let is_curated =
        |model: &&Model| model.kind == ModelKind::Model && model.is_built() && model.layer == Some(Layer::Curated);
    for model in lake.models.iter().filter(is_curated).filter(is_asked) {
        let looks = |test: &&&Model| test.relation == model.relation || test.refs.contains(&model.name);
        let (place, name) = (Place::Span(model.span), &model.name);
        match tests.iter().filter(looks).count() {
            0 => case.missing(place, format!("no test of the model `{name}` was read")),
            1 => case.good(place, format!("a test looks at the model `{name}` before `dbt build` goes on")),
            count => case.good(place, format!("{count} tests look at the model `{name}` before `dbt build` goes on")),
        }
    }
}

/// What runs between a state that makes data and the end.
fn after(made: &State, workflow: &Workflow, checks: &BTreeSet<StateId>, case: &mut Case<'_>) {
    let name = |state: &State| format!("`{}`", state.name);
    // Without a check no way has to be gone.
    let walk = match checks.is_empty() {
        true => Walk::default(),
        false => workflow.walk(made.id, |state| checks.contains(&state.id)),
    };
    let Some(check) = walk.stops.first().map(|id| workflow.state(*id)) else {
        let text = format!("no step of `{}` is seen to check what {} makes", workflow.name, name(made));
        return case.missing(Place::Span(made.name_span), text);
    };
    let published = walk.states.iter().map(|id| workflow.state(*id));
    let published = published.filter(|state| state.id != made.id).find(|state| publishes_by_name(state));
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
fn makes_data(state: &State, writes: bool) -> bool {
    let is_known = matches!(state.task().map(|task| &task.call), Some(Call::AthenaQuery { sql: QueryText::Known, .. }));
    transforms_data(state) && (!is_known || writes)
}

/// A step that can look at data, and that says so by its name or that of what it starts; a query also by the name of the group of
/// states that it stands in.
fn is_check(state: &State, workflow: &Workflow) -> bool {
    let says = |name: &str| checks_data(name) == Some(true);
    let by_name = || says(&state.name) || checks_data(&state.name).is_some() && says(target(state));
    match state.task().map(|task| &task.call) {
        Some(Call::AthenaQuery { .. }) => by_name() || workflow.around(state).any(|around| says(&around.name)),
        Some(Call::Lambda { .. } | Call::GlueJob { .. } | Call::Execution { .. }) => by_name(),
        Some(Call::Service { action, .. }) => action.starts_with("startDataQuality"),
        _ => false,
    }
}
