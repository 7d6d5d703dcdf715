//! A task that waits for a callback which may never come.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::Place;
use crate::lake::{Count, Pattern, State, Workflow};

pub const RULE: Rule = rule!("callback-without-heartbeat", Check::Workflow(check));

fn check(workflow: &Workflow, cx: &mut Context<'_>) {
    if workflow.is_express() || !workflow.timeout.is_endless() {
        return;
    }
    let waits = |state: &&State| {
        let is_callback = state.task().is_some_and(|task| task.pattern == Pattern::TaskToken);
        is_callback && state.heartbeat.is_endless() && state.timeout.is_endless()
    };
    let states: Vec<&State> = workflow.states.iter().filter(waits).collect();
    let Some((first, more)) = states.split_first() else { return };
    let message = match more {
        [] => format!("`{}` waits up to a year for its callback", first.name),
        _ => format!("{} tasks wait up to a year for their callbacks", Count(states.len() as u64)),
    };
    let place = first.task().map_or(first.name_span, |task| task.resource_span);
    let mut report = cx
        .report(Place::Span(place), message)
        .help("set `HeartbeatSeconds`, and let the worker call SendTaskHeartbeat; or set `TimeoutSeconds`")
        .object(&first.name);
    for state in more.iter().take(3) {
        report = report.related(state.name_span, "and here");
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::of_machine;

    #[test]
    fn callbacks_without_any_limit_are_found_once_per_machine() {
        let found = |limit: &str, machine: &str| {
            let task = format!(
                r#"{{"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", {limit} "#
            );
            let asl = format!(
                r#"{{"StartAt": "A", {machine} "States": {{"A": {task} "Next": "B"}}, "B": {task} "End": true}}}}}}"#
            );
            of_machine("callback-without-heartbeat", &asl)
        };
        assert_eq!(found("", ""), ["low: 2 tasks wait up to a year for their callbacks"]);
        assert!(found(r#""HeartbeatSeconds": 600,"#, "").is_empty());
        assert!(found(r#""TimeoutSeconds": 600,"#, "").is_empty());
        assert!(found("", r#""TimeoutSeconds": 600,"#).is_empty());
    }
}
