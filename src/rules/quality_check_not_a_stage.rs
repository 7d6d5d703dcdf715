//! A pipeline that transforms data and publishes it with no check between.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::machine::PaidWork;
use crate::finding::{Confidence, Place};
use crate::lake::{Call, Lake, Layer, Query, State, StateKind, Workflow};

pub const RULE: Rule = rule!("quality-check-not-a-stage", Check::Workflow(check));

/// Words in names that stand for publishing, and for checking.
const PUBLISHES: [&str; 9] =
    ["publish", "promote", "release", "swap", "expose", "export", "deliver", "refreshdashboard", "switch"];
const CHECKS: [&str; 12] = [
    "quality", "check", "valid", "verify", "verif", "test", "assert", "expect", "reconcil", "audit", "anomal", "sanity",
];

fn check(workflow: &Workflow, cx: &mut Context<'_>) {
    if workflow.states.iter().any(is_check) {
        return;
    }
    let Some(transform) = workflow.states.iter().find(|state| transforms(state)) else { return };
    let later = workflow.states.iter().filter(|state| state.id > transform.id);
    let Some(publish) = later.into_iter().find(|state| publishes(state, workflow, cx.lake)) else { return };
    let message =
        format!("`{}` publishes what `{}` has made, and nothing between checks the data", publish.name, transform.name);
    cx.report(Place::Span(publish.name_span), message)
        .confidence(Confidence::Low)
        .help("count the rows and the NULLs of what was made in an Athena query or a Glue Data Quality run, and let a Choice stop the rest")
        .related(transform.name_span, "the transformation");
}

fn has_word(name: &str, words: &[&str]) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    words.iter().any(|word| plain.contains(word))
}

/// What a Task names: its function, job or machine.
fn target(state: &State) -> &str {
    let named = state.task().and_then(|task| match &task.call {
        Call::Lambda { function, .. } => function.as_deref(),
        Call::GlueJob { job, .. } => job.as_deref(),
        Call::Execution { machine } => machine.as_deref(),
        _ => None,
    });
    named.unwrap_or("")
}

/// A step whose name says so, or Glue's own data quality run. The names of Choices alone check no data.
pub(crate) fn is_check(state: &State) -> bool {
    let is_glue = |call: &Call| matches!(call, Call::Service { service, action, .. } if service == "glue" && action.starts_with("startDataQuality"));
    let named = !matches!(state.kind, StateKind::Choice(_) | StateKind::Wait(_));
    named && has_word(&state.name, &CHECKS)
        || has_word(target(state), &CHECKS)
        || state.task().is_some_and(|task| is_glue(&task.call))
}

/// A step that makes data: a Glue, EMR or Athena one that does not publish.
pub(crate) fn transforms(state: &State) -> bool {
    let work = state.task().and_then(|task| PaidWork::of(&task.call));
    matches!(work, Some(PaidWork::Glue | PaidWork::Emr | PaidWork::Athena)) && !has_word(&state.name, &PUBLISHES)
}

/// A step whose name says so, or a query that writes a table of the curated layer.
fn publishes(state: &State, workflow: &Workflow, lake: &Lake) -> bool {
    let of_state = |query: &&Query| {
        query.step.is_some_and(|(id, step)| {
            step == state.id && lake.workflows.get(id.0 as usize).is_some_and(|other| std::ptr::eq(other, workflow))
        })
    };
    let is_curated = |query: &Query| {
        let table = query.write.as_ref().and_then(|write| write.table);
        table.is_some_and(|table| lake.catalog.get(table).layer == Some(Layer::Curated))
    };
    let writes = || lake.queries.iter().filter(of_state).any(is_curated);
    state.task().is_some() && (has_word(&state.name, &PUBLISHES) || has_word(target(state), &PUBLISHES) || writes())
}

#[cfg(test)]
mod tests {
    use super::super::example::machine::{athena, found, glue, lake_of, machine, service, state, task};
    use super::*;

    fn messages(states: Vec<State>) -> Vec<String> {
        let lake = lake_of(vec![machine("m", states)]);
        found("quality-check-not-a-stage", &lake).into_iter().map(|(_, message)| message).collect()
    }

    #[test]
    fn a_check_before_publishing_is_enough() {
        let publish = || task("PublishTables", service("lambda", "invoke"));
        let message = "`PublishTables` publishes what `Transform` has made, and nothing between checks the data";
        assert_eq!(messages(vec![task("Transform", glue("load")), publish()]), [message]);
        let choice = state("IsValid", StateKind::Choice(Vec::new()));
        assert_eq!(
            messages(vec![task("Transform", glue("load")), choice, publish()]).len(),
            1,
            "a Choice reads no data"
        );
        assert!(messages(vec![task("Transform", glue("load")), task("CheckRows", athena()), publish()]).is_empty());
        assert!(messages(vec![publish(), task("Transform", glue("load"))]).is_empty(), "nothing is made before");
        assert!(messages(vec![task("Transform", glue("load")), task("Clean", glue("clean"))]).is_empty());
    }
}
