//! Jobs and activities that a machine waits for without a timeout.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::Place;
use crate::lake::{Call, Count, Lake, Named, Pattern, State, Task, Workflow};
use crate::patch::Draft;

pub const RULE: Rule = rule!("task-without-timeout", Check::Workflow(check));

/// Services that end a job by themselves within hours, or whose jobs cannot be started without a limit.
///
/// - Athena after 30 minutes, <https://docs.aws.amazon.com/athena/latest/ug/service-limits.html>
/// - CodeBuild after an hour, <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html>
/// - EMR Serverless after 12 hours, <https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_StartJobRun.html>
/// - SageMaker asks for a stopping condition,
///   <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html>
const ENDED_BY_SERVICE: [&str; 4] = ["athena", "codebuild", "emr-serverless", "sagemaker"];

fn check(workflow: &Workflow, cx: &mut Context<'_>) {
    if workflow.is_express() || !workflow.timeout.is_endless() {
        return;
    }
    let lake = cx.lake;
    let waits = |state: &&State| {
        let hangs = state.task().is_some_and(|task| waits_for_a_job(task, &workflow.named, lake));
        // Without the heartbeat of its worker an activity fails.
        let is_beating =
            state.task().is_some_and(|task| matches!(task.call, Call::Activity)) && !state.heartbeat.is_endless();
        hangs && state.timeout.is_endless() && !is_beating
    };
    let states: Vec<&State> = workflow.states.iter().filter(waits).collect();
    let Some((first, more)) = states.split_first() else { return };
    let message = match more {
        [] => format!("`{}` has no timeout, nor has the machine: nothing here ends what hangs", first.name),
        _ => format!(
            "{} tasks that wait for a job or a worker have no timeout, nor has the machine: nothing here ends what hangs",
            Count(states.len() as u64)
        ),
    };
    let seconds = cx.params().count("timeout-seconds");
    let patch =
        Draft::new(&lake.sources).limit("TimeoutSeconds", workflow.timeout, workflow.slot, seconds).suggestion();
    let mut report = cx
        .report(Place::Span(first.name_span), message)
        .help("set `TimeoutSeconds` on the machine, or on each of the tasks")
        .patch(patch)
        .object(&first.name);
    for state in more.iter().take(3) {
        report = report.related(state.name_span, "and here");
    }
}

fn waits_for_a_job(task: &Task, machine: &Named, lake: &Lake) -> bool {
    match (&task.call, task.pattern) {
        (Call::Activity, _) => true,
        // A job that the files describe is looked at by itself.
        (Call::GlueJob { job, timeout_minutes, .. }, Pattern::Sync) => {
            let described = job.as_deref().and_then(|job| lake.glue_job(&machine.module, job));
            timeout_minutes.is_endless() && described.is_none()
        }
        // A child that is known is looked at by itself.
        (Call::Execution { machine: child }, Pattern::Sync) => {
            let is_child = |text: &str| lake.workflows.iter().any(|other| other.named.is(&machine.module, text));
            !child.as_deref().is_some_and(is_child)
        }
        (Call::AthenaQuery { .. } | Call::Lambda { .. } | Call::Unknown, _) => false,
        (Call::Service { service, .. }, Pattern::Sync) => !ENDED_BY_SERVICE.contains(&service.as_str()),
        (_, Pattern::RequestResponse | Pattern::TaskToken) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{findings_in, machine};
    use crate::cost::machine::example::job;
    use crate::lake::{Lake, Limit};

    fn found(resource: &str, more: &str, machine_fields: &str, change: impl Fn(&mut Lake)) -> usize {
        let asl = format!(
            r#"{{"StartAt": "Load", {machine_fields} "States": {{"Load": {{"Type": "Task",
                "Resource": "arn:aws:states:::{resource}", {more} "End": true}}}}}}"#
        );
        let mut lake = machine(&asl);
        change(&mut lake);
        findings_in("task-without-timeout", &lake).len()
    }

    #[test]
    fn only_jobs_that_nothing_ends_are_found() {
        let count = |resource: &str, more: &str, fields: &str| found(resource, more, fields, |_| ());
        assert_eq!(count("ecs:runTask.sync", "", ""), 1);
        assert_eq!(count("ecs:runTask.sync", r#""TimeoutSeconds": 99999999,"#, ""), 1);
        assert_eq!(count("ecs:runTask.sync", r#""TimeoutSeconds": 600,"#, ""), 0);
        assert_eq!(count("ecs:runTask.sync", r#""TimeoutSecondsPath": "$.limit","#, ""), 0);
        assert_eq!(count("ecs:runTask.sync", "", r#""TimeoutSeconds": 600,"#), 0);
        assert_eq!(count("ecs:runTask", "", ""), 0);
        assert_eq!(count("athena:startQueryExecution.sync", "", ""), 0);
        assert_eq!(count("lambda:invoke", "", ""), 0);
        assert_eq!(count("sqs:sendMessage.waitForTaskToken", "", ""), 0);
    }

    #[test]
    fn a_heartbeat_ends_an_activity_that_hangs() {
        let count = |more: &str| {
            let task = format!(
                r#""Type": "Task", "Resource": "arn:aws:states:eu-central-1:1:activity:x", {more} "End": true"#
            );
            let asl = format!(r#"{{"StartAt": "Load", "States": {{"Load": {{{task}}}}}}}"#);
            findings_in("task-without-timeout", &machine(&asl)).len()
        };
        assert_eq!(count(""), 1);
        assert_eq!(count(r#""HeartbeatSeconds": 99999999,"#), 1);
        assert_eq!(count(r#""HeartbeatSeconds": 600,"#), 0);
        assert_eq!(found("ecs:runTask.sync", r#""HeartbeatSeconds": 600,"#, "", |_| ()), 1);
    }

    #[test]
    fn a_job_that_the_files_describe_is_looked_at_by_itself() {
        let call = r#""Parameters": {"JobName": "load"},"#;
        let described = |lake: &mut Lake| lake.resources.push(job("load", |job| job.timeout = Limit::Unset));
        assert_eq!(found("glue:startJobRun.sync", call, "", described), 0);
        assert_eq!(found("glue:startJobRun.sync", call, "", |_| ()), 1);
    }
}
