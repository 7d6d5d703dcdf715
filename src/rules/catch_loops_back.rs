//! A retry by hand: a `Catch` that leads back, without a count.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::machine::{Bound, Loop, loops};
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
