//! A pipeline that transforms data and publishes it with no check between.

use std::collections::BTreeSet;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::machine::{PaidWork, is_of_a_run, target};
use crate::finding::{Confidence, Place};
use crate::lake::{Call, Lake, Layer, Query, State, StateId, StateKind, Workflow};

pub const RULE: Rule = rule!("quality-check-not-a-stage", Check::Workflow(check));

/// Words in names that stand for publishing, and for checking.
const PUBLISHES: [&str; 9] =
    ["publish", "promote", "release", "swap", "expose", "export", "deliver", "refreshdashboard", "switch"];
/// Services that have tables, or make and move them; a message or a lock publishes none.
const HOLDS_TABLES: [&str; 12] = [
    "athena",
    "batch",
    "databrew",
    "datasync",
    "ecs",
    "elasticmapreduce",
    "emr",
    "glue",
    "lakeformation",
    "quicksight",
    "redshiftdata",
    "s3",
];
const CHECKS: [&str; 12] = [
    "quality", "check", "valid", "verify", "verif", "test", "assert", "expect", "reconcil", "audit", "anomal", "sanity",
];

fn check(workflow: &Workflow, cx: &mut Context<'_>) {
    if workflow.states.iter().any(is_check) {
        return;
    }
    let publishers: Vec<&State> = workflow.states.iter().filter(|state| publishes(state, workflow, cx.lake)).collect();
    if publishers.is_empty() {
        return;
    }
    let Some((transform, publish)) = published(workflow, &publishers) else { return };
    let message =
        format!("`{}` publishes what `{}` has made, and nothing between checks the data", publish.name, transform.name);
    cx.report(Place::Span(publish.name_span), message)
        .confidence(Confidence::Low)
        .help("count the rows and the NULLs of what was made in an Athena query or a Glue Data Quality run, and let a Choice stop the rest")
        .related(transform.name_span, "the transformation");
}

/// The first step that makes data, and one that publishes after it.
fn published<'a>(workflow: &'a Workflow, publishers: &[&'a State]) -> Option<(&'a State, &'a State)> {
    // After these nothing publishes, nor after what follows them.
    let mut quiet: BTreeSet<StateId> = BTreeSet::new();
    for made in workflow.states.iter().filter(|state| transforms(state)) {
        if quiet.contains(&made.id) {
            continue;
        }
        let after = workflow.walk(made.id, |_| false).states;
        match publishers.iter().find(|state| state.id != made.id && after.contains(&state.id)) {
            Some(publish) => return Some((made, publish)),
            None if publishers.iter().any(|state| state.id == made.id) => {}
            None => quiet.extend(after),
        }
    }
    None
}

fn has_word(name: &str, words: &[&str]) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    // `latest` is no test, and what is invalidated is not validated.
    let is_in = |word: &str| match word {
        "test" | "valid" => begins_a_word(name, word),
        _ => plain.contains(word),
    };
    words.iter().any(|word| is_in(word))
}

/// Whether a word of a name in camel case or with separators begins so.
fn begins_a_word(name: &str, word: &str) -> bool {
    let lower = name.to_lowercase();
    let is_start = |at: usize| {
        let before = name.get(..at).and_then(|before| before.chars().next_back());
        let first = name.get(at..).and_then(|rest| rest.chars().next());
        !before.is_some_and(char::is_alphanumeric)
            || before.is_some_and(char::is_lowercase) && first.is_some_and(char::is_uppercase)
    };
    lower.match_indices(word).any(|(at, _)| is_start(at))
}

/// Whether a step's name, or that of what it starts, stands for publishing.
pub(crate) fn publishes_by_name(state: &State) -> bool {
    let Some(task) = state.task() else { return false };
    let holds_tables = match &task.call {
        Call::Service { service, .. } => HOLDS_TABLES.contains(&service.as_str()),
        _ => true,
    };
    let says = |name: &str| has_word(name, &PUBLISHES) && !is_of_a_run(name);
    holds_tables && (says(&state.name) || says(target(state)))
}

/// A step whose name says so, or Glue's own data quality run. The names of Choices alone check no data.
fn is_check(state: &State) -> bool {
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
    publishes_by_name(state) || state.task().is_some() && writes()
}

#[cfg(test)]
mod tests {
    use super::super::example::machine::{athena, found, glue, lake_of, machine, service, state, task};
    use super::*;
    use crate::lake::{Edge, EdgeKind, StateId};

    /// What is found where each state leads to the next.
    fn messages(states: Vec<State>) -> Vec<String> {
        let mut machine = machine("m", states);
        for at in 1..machine.states.len() {
            let span = machine.span;
            let to = Some(StateId(at as u32));
            machine.states[at - 1].edges.push(Edge { kind: EdgeKind::Next, to, target: String::new(), span });
        }
        let lake = lake_of(vec![machine]);
        found("quality-check-not-a-stage", &lake).into_iter().map(|(_, message)| message).collect()
    }

    #[test]
    fn a_check_before_publishing_is_enough() {
        let lambda = || Call::Lambda { function: None, is_event: false };
        let publish = || task("PublishTables", lambda());
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
        let latest = || task("InvalidateLatestOrders", lambda());
        assert_eq!(messages(vec![task("Transform", glue("load")), latest(), publish()]).len(), 1, "no check");
        assert!(messages(vec![task("Transform", glue("load")), task("TestRows", athena()), publish()]).is_empty());
        assert!(messages(vec![task("Transform", glue("load")), task("Clean", glue("clean"))]).is_empty());
        let lock = || task("ReleaseLock", service("dynamodb", "deleteItem"));
        let told = || task("PublishSuccess", service("sns", "publish"));
        assert!(messages(vec![task("Transform", glue("load")), lock(), told()]).is_empty(), "no table");
    }
}
