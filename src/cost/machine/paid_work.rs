//! What a state machine starts that is billed by the work it does, its child machines included.

use crate::lake::{Call, Lake, State, Workflow, WorkflowId};

/// A kind of work that costs more than the transition that starts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PaidWork {
    Athena,
    Glue,
    Crawler,
    Emr,
    Batch,
    Ecs,
    SageMaker,
}

impl PaidWork {
    /// For people, in a sentence: `starts Glue jobs`.
    pub fn plural(self) -> &'static str {
        match self {
            PaidWork::Athena => "Athena queries",
            PaidWork::Glue => "Glue jobs",
            PaidWork::Crawler => "Glue crawlers",
            PaidWork::Emr => "EMR jobs",
            PaidWork::Batch => "Batch jobs",
            PaidWork::Ecs => "ECS tasks",
            PaidWork::SageMaker => "SageMaker jobs",
        }
    }

    /// The work that a call starts itself.
    pub fn of(call: &Call) -> Option<PaidWork> {
        let Call::Service { service, action, .. } = call else {
            return match call {
                Call::AthenaQuery { .. } => Some(PaidWork::Athena),
                Call::GlueJob { .. } => Some(PaidWork::Glue),
                _ => None,
            };
        };
        Some(match (service.as_str(), action.as_str()) {
            ("athena", "startQueryExecution") => PaidWork::Athena,
            ("glue" | "databrew", "startJobRun") => PaidWork::Glue,
            ("glue", "startCrawler") => PaidWork::Crawler,
            ("elasticmapreduce" | "emr", "createCluster" | "runJobFlow" | "addStep" | "addJobFlowSteps") => {
                PaidWork::Emr
            }
            ("emr-serverless" | "emr-containers" | "emrserverless" | "emrcontainers", "startJobRun") => PaidWork::Emr,
            ("batch", "submitJob") => PaidWork::Batch,
            ("ecs", "runTask") => PaidWork::Ecs,
            ("sagemaker", "createTrainingJob" | "createProcessingJob" | "createTransformJob") => PaidWork::SageMaker,
            _ => return None,
        })
    }
}

/// A state that starts paid work.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    pub work: PaidWork,
    /// The state of the machine asked about: it starts the work, or the child machine that does.
    pub state: &'a State,
}

/// The states of a machine that start paid work, by themselves or by a child machine of the lake, in text order.
pub fn starts<'a>(workflow: &'a Workflow, lake: &Lake) -> Vec<Start<'a>> {
    let id = lake.id_of(workflow);
    let mut found = Vec::new();
    for state in &workflow.states {
        let Some(task) = state.task() else { continue };
        found.extend(PaidWork::of(&task.call).map(|work| Start { work, state }));
        if let Some((id, child)) = id.and_then(|id| Some((id, lake.links().callee(id, state.id)?))) {
            let works = works_of(child, lake, &mut vec![id]);
            found.extend(works.into_iter().map(|work| Start { work, state }));
        }
    }
    found
}

/// Each kind of work once, sorted. `seen` are the machines on the way: a machine may start itself.
fn works_of(id: WorkflowId, lake: &Lake, seen: &mut Vec<WorkflowId>) -> Vec<PaidWork> {
    if seen.contains(&id) {
        return Vec::new();
    }
    seen.push(id);
    let tasks = lake.workflow(id).states.iter().filter_map(State::task);
    let mut works: Vec<PaidWork> = tasks.filter_map(|task| PaidWork::of(&task.call)).collect();
    for (_, child) in lake.links().callees(id) {
        works.extend(works_of(*child, lake, seen));
    }
    works.sort_unstable();
    works.dedup();
    works
}

/// `Athena queries and Glue jobs`; each kind once.
pub fn listed(starts: &[Start<'_>]) -> String {
    let mut works: Vec<PaidWork> = starts.iter().map(|start| start.work).collect();
    works.sort_unstable();
    works.dedup();
    let names: Vec<&str> = works.into_iter().map(PaidWork::plural).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{Flow, lake};
    use super::*;
    use crate::lake::Pattern::Sync;

    #[test]
    fn work_is_found_in_children_and_machines_may_start_themselves() {
        let parent = Flow::new("ask").named("parent").task("ask", "run");
        let parent = parent.execution("run", "child", Sync, "gone").execution("gone", "elsewhere", Sync, "End");
        let child = Flow::new("load").named("child").glue("load", "load", Sync, "again");
        let child = child.execution("again", "child", Sync, "up").execution("up", "parent", Sync, "End");
        let lake = lake(vec![parent.succeed("End").build(), child.succeed("End").build()]);
        let found = |index: usize| {
            let starts = starts(&lake.workflows[index], &lake);
            (starts.iter().map(|start| start.state.name.as_str()).collect::<Vec<_>>().join(" "), listed(&starts))
        };
        assert_eq!(found(0), ("run".to_string(), "Glue jobs".to_string()));
        assert_eq!(found(1).0, "load");
    }

    #[test]
    fn calls_count_that_start_something() {
        let service = |service: &str, action: &str| {
            PaidWork::of(&Call::Service { service: service.into(), action: action.into(), is_sdk: true })
        };
        assert_eq!(service("glue", "startCrawler"), Some(PaidWork::Crawler));
        assert_eq!(service("batch", "submitJob"), Some(PaidWork::Batch));
        assert_eq!(service("glue", "getCrawler"), None);
        assert_eq!(service("dynamodb", "putItem"), None);
    }
}
