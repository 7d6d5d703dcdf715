//! A state machine that starts paid work and tells nobody when it fails.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::machine::{listed, notifies, starts, target};
use crate::finding::{Confidence, Place};
use crate::lake::{Lake, Resource, ResourceKind, State, StateKind, Workflow};

pub const RULE: Rule = rule!("state-machine-without-failure-path", Check::Workflow(check));

/// Words in names that may stand for telling somebody, and for dealing with failures in other ways.
const TELLS: [&str; 6] = ["notif", "alert", "alarm", "slack", "email", "pager"];
const REPAIRS: [&str; 7] = ["fail", "error", "rollback", "compensat", "cleanup", "recover", "report"];

fn check(workflow: &Workflow, cx: &mut Context<'_>) {
    let handles = |state: &State| state.is_open || !state.catchers.is_empty() || tells(state);
    if workflow.states.iter().any(handles) {
        return;
    }
    let starts = starts(workflow, cx.lake);
    if starts.is_empty() || is_child(workflow, cx.lake) || waits_for_events(workflow, cx.lake) {
        return;
    }
    let work = listed(&starts);
    let message = format!("`{}` starts {work}, and nothing in these files catches or reports a failure", workflow.name);
    cx.report(Place::Span(workflow.span), message).confidence(Confidence::Low).help(
        "add a `Catch` for `States.ALL` that notifies, or an EventBridge rule on executions that are FAILED, TIMED_OUT or ABORTED",
    );
}

/// Whether a state looks as if it told somebody, or repaired something. A Fail state does neither.
fn tells(state: &State) -> bool {
    let says = |name: &str| {
        let name = name.to_lowercase();
        TELLS.iter().chain(&REPAIRS).any(|word| name.contains(word))
    };
    !matches!(state.kind, StateKind::Fail) && (notifies(state) || says(&state.name) || says(target(state)))
}

/// Another machine starts it: the failure is that machine's affair.
fn is_child(workflow: &Workflow, lake: &Lake) -> bool {
    lake.id_of(workflow).is_some_and(|id| lake.links().callers(id).iter().any(|(caller, _)| *caller != id))
}

/// Whether the same module has a rule that waits for events and starts no machine: it may wait for failures.
fn waits_for_events(workflow: &Workflow, lake: &Lake) -> bool {
    let may_report = |resource: &Resource| match &resource.kind {
        ResourceKind::Schedule(schedule) if schedule.expression.is_none() && !schedule.is_scheduler => {
            let target = schedule.target.as_deref();
            target.is_none_or(|target| lake.machine(&resource.named.module, target).is_none())
        }
        _ => false,
    };
    lake.resources.iter().any(|resource| resource.named.module == workflow.named.module && may_report(resource))
}

#[cfg(test)]
mod tests {
    use super::super::example::machine::machine as of_states;
    use super::super::example::machine::{
        athena, calls, found, glue, lake_of, resource, schedule, service, state, task, with_resources,
    };
    use super::*;
    use crate::lake::Catcher;

    fn messages(lake: &Lake) -> Vec<String> {
        found("state-machine-without-failure-path", lake).into_iter().map(|(_, message)| message).collect()
    }

    fn alone(states: Vec<State>) -> Vec<String> {
        messages(&lake_of(vec![of_states("daily", states)]))
    }

    #[test]
    fn paid_work_without_any_path_is_one_finding() {
        let message =
            "`daily` starts Athena queries and Glue jobs, and nothing in these files catches or reports a failure";
        assert_eq!(
            alone(vec![task("a", athena()), task("b", glue("load")), state("Failed", StateKind::Fail)]),
            [message]
        );
        assert!(alone(vec![task("put", service("dynamodb", "putItem"))]).is_empty(), "no paid work");
    }

    #[test]
    fn catchers_and_notifications_are_a_path() {
        let mut caught = task("a", athena());
        caught.catchers.push(Catcher { span: caught.span, errors: Vec::new() });
        let mut open = task("a", athena());
        open.is_open = true;
        for state in [caught, open, task("tell", service("sns", "publish")), task("SendAlert", service("x", "y"))] {
            assert!(alone(vec![state, task("b", glue("load"))]).is_empty());
        }
    }

    #[test]
    fn parents_and_event_rules_answer_for_a_machine() {
        let child = || of_states("child", vec![task("a", athena())]);
        let parent = of_states("parent", vec![task("run", calls("child"))]);
        assert_eq!(messages(&lake_of(vec![parent, child()])).len(), 1, "only the parent");
        let on_failure = resource("failed", ResourceKind::Schedule(schedule(None, "topic")));
        assert!(messages(&with_resources(lake_of(vec![child()]), vec![on_failure])).is_empty());
        let on_upload = resource("uploaded", ResourceKind::Schedule(schedule(None, "child")));
        assert_eq!(messages(&with_resources(lake_of(vec![child()]), vec![on_upload])).len(), 1);
    }
}
