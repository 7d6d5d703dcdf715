//! A retry by hand: a `Catch` that leads back, without a count.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::machine::{Bound, Loop, loops, restart_by_catch};
use crate::finding::{Place, Severity};
use crate::lake::{Call, Edge, EdgeKind, Pattern, State, Workflow};
use crate::patch::Draft;

pub const RULE: Rule = rule!("catch-loops-back", Check::Workflow(check));

fn check(workflow: &Workflow, cx: &mut Context<'_>) {
    for found in loops(workflow) {
        let is_unbounded = found.only_by_catch && found.bound == Bound::None && !workflow.is_express();
        if is_unbounded && !found.tasks.iter().any(|task| somebody_decides(workflow.state(*task))) {
            report(workflow, &found, cx);
        }
    }
    if let Some((state, edge)) = restart_by_catch(cx.lake, workflow) {
        let state = workflow.state(state);
        let message =
            format!("an error of `{}` starts the machine again, and nothing counts the executions", state.name);
        cx.report(Place::Span(state.edges[edge].span), message)
            .at_most(Severity::Medium)
            .help("use `Retry` with a `MaxAttempts`, or pass on a count and compare it in a Choice")
            .object(&state.name)
            .related(state.name_span, "what fails");
    }
}

fn somebody_decides(state: &State) -> bool {
    state.task().is_some_and(|task| task.pattern == Pattern::TaskToken || matches!(task.call, Call::Activity))
}

fn report(workflow: &Workflow, found: &Loop, cx: &mut Context<'_>) {
    let closing: Vec<(&State, &Edge)> = found
        .catch_edges(workflow)
        .map(|(state, edge)| (workflow.state(state), &workflow.state(state).edges[edge]))
        .collect();
    let takes_all = |(state, edge): &&(&State, &Edge)| match edge.kind {
        EdgeKind::Catch(at) => {
            state.catchers.get(at).is_some_and(|c| c.errors.iter().any(|(e, _)| e.starts_with("States.")))
        }
        _ => false,
    };
    let Some((state, edge)) = closing.iter().find(takes_all).or(closing.first()) else { return };
    let severity = if closing.iter().any(|edge| takes_all(&edge)) { Severity::Medium } else { Severity::Low };
    let seconds = cx.params().count("timeout-seconds");
    let patch =
        Draft::new(&cx.lake.sources).limit("TimeoutSeconds", workflow.timeout, workflow.slot, seconds).suggestion();
    let way = match edge.to == Some(state.id) {
        true => format!("an error of `{}` starts it again", state.name),
        false => format!("an error of `{}` leads back to it by `{}`", state.name, edge.target),
    };
    let end = cx.estimator.ending(workflow, found);
    // Not even one round ends where the retries inside of it never do.
    let ending = if end.turns.count == Some(0) { String::new() } else { format!(": {}", end.in_words("rounds")) };
    let message = format!("{way}, and nothing counts the rounds{ending}");
    cx.report(Place::Span(edge.span), message)
        .at_most(severity)
        .help("use `Retry` with a `MaxAttempts`, or count the rounds and compare the count in a Choice")
        .patch(patch)
        .object(&state.name)
        .related(state.name_span, "what is started again");
}

#[cfg(test)]
mod tests {
    use super::super::example::of_machine;

    fn found(resource: &str, errors: &str, machine: &str) -> Vec<String> {
        let asl = format!(
            r#"{{"StartAt": "Load", {machine} "States": {{
                "Load": {{"Type": "Task", "Resource": "{resource}", "End": true,
                    "Catch": [{{"ErrorEquals": ["{errors}"], "Next": "Pause"}}]}},
                "Pause": {{"Type": "Wait", "Seconds": 60, "Next": "Load"}}}}}}"#
        );
        of_machine("catch-loops-back", &asl)
    }

    #[test]
    fn an_execution_that_starts_the_next_after_an_error_is_a_loop_too() {
        let asl = |choices: &str, next: &str| {
            format!(
                r#"{{"StartAt": "Load", "States": {{
                "Load": {{"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Next": "{next}",
                    "Catch": [{{"ErrorEquals": ["States.ALL"], "Next": "More?"}}]}},
                "More?": {{"Type": "Choice", "Choices": [{{{choices}, "Next": "Again"}}], "Default": "End"}},
                "Again": {{"Type": "Task", "Resource": "arn:aws:states:::states:startExecution",
                    "Parameters": {{"StateMachineArn.$": "$$.StateMachine.Id"}}, "Next": "End"}},
                "End": {{"Type": "Succeed"}}}}}}"#
            )
        };
        let found = |choices: &str, next: &str| of_machine("catch-loops-back", &asl(choices, next));
        let is_retried = r#""Variable": "$.Error", "StringEquals": "Load""#;
        let message = "medium: an error of `Load` starts the machine again, and nothing counts the executions";
        assert_eq!(found(is_retried, "End"), [message]);
        assert!(found(r#""Variable": "$.count", "NumericLessThan": 3"#, "End").is_empty());
        // It goes on with the rest of the work in another execution.
        assert!(found(is_retried, "More?").is_empty());
    }

    #[test]
    fn only_rounds_that_nothing_ends_are_found() {
        let ecs = "arn:aws:states:::ecs:runTask.sync";
        let message = "an error of `Load` leads back to it by `Pause`, and nothing counts the rounds: \
                       25,000 history events end it after 3,125 rounds and 2.2 days, which cost $0.16 or more";
        assert_eq!(found(ecs, "States.ALL", ""), [format!("medium: {message}")]);
        assert_eq!(found(ecs, "ECS.AmazonECSException", ""), [format!("low: {message}")]);
        assert!(found(ecs, "States.ALL", r#""TimeoutSeconds": 3600,"#).is_empty());
        assert!(found("arn:aws:states:::sqs:sendMessage.waitForTaskToken", "States.ALL", "").is_empty());
        assert!(found("arn:aws:states:eu-central-1:123456789012:activity:review", "States.ALL", "").is_empty());
    }
}
