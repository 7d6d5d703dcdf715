//! A Wait and a task take turns without an end.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::machine::{Bound, Loop, loops};
use crate::finding::{Confidence, Place, Severity};
use crate::lake::{Call, Pattern, State, StateKind, Task, Workflow};
use crate::patch::Draft;

pub const RULE: Rule = rule!("unbounded-polling-loop", Check::Workflow(check));

/// What the task of a turn does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// It asks for a status.
    Asks,
    /// It runs code that may count.
    RunsCode,
    /// It starts something that costs.
    Starts,
}

fn check(workflow: &Workflow, cx: &mut Context<'_>) {
    for found in loops(workflow) {
        let is_open = found.has_wait && !found.only_by_catch && found.bound == Bound::None && !workflow.is_express();
        if let Some(turn) = is_open.then(|| turn(workflow, &found, cx)).flatten() {
            report(workflow, &found, turn, cx);
        }
    }
}

/// What a turn does; `None` when the loop does not poll.
fn turn(workflow: &Workflow, found: &Loop, cx: &Context<'_>) -> Option<Turn> {
    let tasks: Vec<&State> = found.tasks.iter().map(|id| workflow.state(*id)).collect();
    let is_paging = |state: &&State| {
        let text = cx.lake.sources.text(state.span);
        ["NextToken", "nextToken", "ContinuationToken", "LastEvaluatedKey", "Marker"]
            .iter()
            .any(|key| text.contains(key))
    };
    if tasks.iter().any(is_paging) {
        return None;
    }
    let kinds: Option<Vec<Turn>> = tasks.iter().filter_map(|state| state.task()).map(kind).collect();
    let kinds = kinds?;
    // Code may count whatever else the loop does.
    if kinds.contains(&Turn::RunsCode) { Some(Turn::RunsCode) } else { kinds.into_iter().max() }
}

/// `None` for tasks that no polling loop has: somebody decides, or something is written.
fn kind(task: &Task) -> Option<Turn> {
    match &task.call {
        _ if task.pattern == Pattern::TaskToken => None,
        Call::Activity => None,
        Call::Lambda { .. } | Call::Unknown => Some(Turn::RunsCode),
        Call::AthenaQuery { .. } | Call::GlueJob { .. } | Call::Execution { .. } => Some(Turn::Starts),
        Call::Service { .. } if task.pattern == Pattern::Sync => Some(Turn::Starts),
        Call::Service { action, .. } => {
            let reads = ["get", "describe", "list", "batchGet", "query", "scan", "head", "check"];
            reads.iter().any(|verb| action.starts_with(verb)).then_some(Turn::Asks)
        }
    }
}

fn report(workflow: &Workflow, found: &Loop, turn: Turn, cx: &mut Context<'_>) {
    let states = || found.turn.iter().map(|id| workflow.state(*id));
    let Some(wait) = states().find(|state| matches!(state.kind, StateKind::Wait(_))) else { return };
    let names: Vec<String> = states().map(|state| format!("`{}`", state.name)).collect();
    let (severity, confidence) = match turn {
        Turn::Asks => (Severity::Low, Confidence::High),
        Turn::RunsCode => (Severity::Low, Confidence::Low),
        Turn::Starts => (Severity::Medium, Confidence::High),
    };
    let seconds = cx.params().count("timeout-seconds");
    let patch =
        Draft::new(&cx.lake.sources).limit("TimeoutSeconds", workflow.timeout, workflow.slot, seconds).suggestion();
    let message = format!(
        "{} go round for as long as the status stays: {}",
        names.join(", "),
        cx.estimator.ending(workflow, found).in_words("turns")
    );
    let mut report = cx
        .report(Place::Span(wait.name_span), message)
        .at_most(severity)
        .confidence(confidence)
        .help("set `TimeoutSeconds` on the machine, or count the turns and compare the count in a Choice")
        .patch(patch)
        .object(&wait.name);
    let at_each_turn = if turn == Turn::Starts { "runs at each turn" } else { "asked at each turn" };
    for task in found.tasks.iter().take(3) {
        report = report.related(workflow.state(*task).name_span, at_each_turn);
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::of_machine;

    fn found(task: &str, choice: &str, machine: &str) -> Vec<String> {
        let asl = format!(
            r#"{{"StartAt": "Wait", {machine} "States": {{
                "Wait": {{"Type": "Wait", "Seconds": 30, "Next": "Get"}},
                "Get": {{"Type": "Task", {task}, "Next": "Done?"}},
                "Done?": {{"Type": "Choice", "Choices": [{{{choice}, "Next": "Done"}}], "Default": "Wait"}},
                "Done": {{"Type": "Succeed"}}}}}}"#
        );
        of_machine("unbounded-polling-loop", &asl)
            .iter()
            .map(|f| f.split(':').next().unwrap_or("").to_string())
            .collect()
    }

    #[test]
    fn severity_is_that_of_what_a_turn_costs() {
        let status = r#""Variable": "$.status", "StringEquals": "DONE""#;
        let severity =
            |resource: &str| found(&format!(r#""Resource": "arn:aws:states:::{resource}""#), status, "").join("");
        assert_eq!(severity("aws-sdk:glue:getCrawler"), "low");
        assert_eq!(severity("lambda:invoke"), "low");
        assert_eq!(severity("glue:startJobRun.sync"), "medium");
        assert_eq!(severity("states:startExecution"), "medium");
        // Work, people, pages.
        assert_eq!(severity("dynamodb:putItem"), "");
        assert_eq!(severity("sqs:sendMessage.waitForTaskToken"), "");
        let page =
            r#""Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2", "Parameters": {"ContinuationToken.$": "$.t"}"#;
        assert!(found(page, status, "").is_empty());
    }

    #[test]
    fn what_ends_a_loop_silences_it() {
        let get = r#""Resource": "arn:aws:states:::aws-sdk:glue:getCrawler""#;
        let status = r#""Variable": "$.status", "StringEquals": "DONE""#;
        assert!(found(get, status, r#""TimeoutSeconds": 60,"#).is_empty());
        let since = r#""Variable": "$$.Execution.StartTime", "TimestampLessThanPath": "$.deadline""#;
        assert!(found(get, since, "").is_empty());
    }
}
