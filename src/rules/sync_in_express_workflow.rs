//! A Task that waits for a job or a callback where only short calls are allowed: in an Express workflow.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::Place;
use crate::lake::{Call, Pattern, State, Task, Workflow};

pub const RULE: Rule = rule!("sync-in-express-workflow", Check::Workflow(check));

/// More places than this are counted and not shown.
const SHOWN: usize = 4;

fn check(workflow: &Workflow, cx: &mut Context<'_>) {
    let waiting =
        |state: &&State| state.task().is_some_and(|task| forbidden(task).is_some()) && workflow.is_express_at(state);
    let states: Vec<&State> = workflow.states.iter().filter(waiting).collect();
    let Some((first, others)) = states.split_first() else { return };
    let Some((task, what)) = first.task().and_then(|task| Some((task, forbidden(task)?))) else { return };
    let map = workflow.distributed_map(first);
    let owner = match map {
        Some((map, _)) => format!("the child executions of `{}` are Express workflows", map.name),
        None => format!("`{}` is an Express workflow", workflow.name),
    };
    let more = match others.len() {
        0 => String::new(),
        1 => ", and so does one more state".to_string(),
        n => format!(", and so do {n} more states"),
    };
    let message = format!("`{}` {what}{more}, but {owner}: its deployment fails", first.name);
    let help = match map {
        Some(_) => "set `ExecutionType` to `STANDARD`, or start the work without waiting for it",
        None => "make it a Standard workflow, or start the work without waiting for it",
    };
    let mut report = cx.report(Place::Span(task.resource_span), message).help(help);
    for other in others.iter().take(SHOWN) {
        report = report.related(other.name_span, "waits too");
    }
}

/// What a Task does that Express workflows cannot: they support only the request-response pattern, and no activities.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html>
fn forbidden(task: &Task) -> Option<&'static str> {
    match (&task.call, task.pattern) {
        (_, Pattern::Sync) => Some("waits for its job (`.sync`)"),
        (_, Pattern::TaskToken) => Some("waits for a callback (`.waitForTaskToken`)"),
        (Call::Activity, _) => Some("waits for an activity"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::machine::{
        athena, express, found, inside, lake_of, machine, map, patterned, service, state, task,
    };
    use super::*;
    use crate::lake::{StateKind, WorkflowKind};

    fn messages(workflow: Workflow) -> Vec<String> {
        found("sync-in-express-workflow", &lake_of(vec![workflow])).into_iter().map(|(_, message)| message).collect()
    }

    #[test]
    fn express_machines_wait_for_nothing() {
        let states =
            || vec![task("query", athena()), patterned("ask", service("sqs", "sendMessage"), Pattern::TaskToken)];
        let message = "`query` waits for its job (`.sync`), and so does one more state, but `m` is an Express workflow: its deployment fails";
        assert_eq!(messages(express(machine("m", states()))), [message]);
        assert!(messages(machine("m", states())).is_empty());
        let short = patterned("put", service("dynamodb", "putItem"), Pattern::RequestResponse);
        assert!(messages(express(machine("m", vec![short]))).is_empty());
        let work = patterned("work", Call::Activity, Pattern::RequestResponse);
        assert_eq!(messages(express(machine("m", vec![work]))).len(), 1);
    }

    #[test]
    fn the_innermost_distributed_map_decides() {
        let in_map = |kind| {
            let mut each = map("each", true, Some(5), None);
            let StateKind::Map(facts) = &mut each.kind else { unreachable!("a Map") };
            facts.child_kind = kind;
            inside(machine("m", vec![each, state("end", StateKind::Succeed)]), "each", vec![task("query", athena())])
        };
        let message = "`query` waits for its job (`.sync`), but the child executions of `each` are Express workflows: its deployment fails";
        assert_eq!(messages(in_map(Some(WorkflowKind::Express))), [message]);
        assert!(messages(in_map(Some(WorkflowKind::Standard))).is_empty());
        assert!(messages(express(in_map(None))).is_empty(), "nothing says what the children are");
    }
}
