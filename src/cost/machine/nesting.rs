//! How often a task is called in one execution at worst: retries multiply across nesting and across files.

use std::collections::HashMap;

use super::tries::{only_starts, tries};
use super::turns::tries_at_worst;
use crate::lake::{
    Call, Count, Function, GlueJob, Lake, Resource, Span, State, StateId, StateKind, Workflow, WorkflowId,
};

/// How often a task is called at worst, as a product.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Invocations {
    /// From the task outwards. What happens once is left out.
    pub factors: Vec<Factor>,
}

/// One factor of a product.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    pub kind: FactorKind,
    /// `None` when only the run or the deployment knows it.
    pub count: Option<u64>,
    /// The end of the execution cuts it off: more tries are asked for.
    pub is_cut: bool,
    pub span: Span,
    /// The machine that it stands in, where that is another one, which starts this one.
    pub machine: Option<WorkflowId>,
    /// For people: `` `Load` is tried 4 times ``.
    pub what: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactorKind {
    /// Retriers of the state, or of a Parallel or Map around it, or of a state that starts its machine.
    Tries,
    /// Items of a Map.
    Items,
    /// `MaxRetries` of a Glue job.
    JobRetries,
    /// What Lambda adds to a call that nobody waits for.
    AsyncRetries,
}

impl FactorKind {
    /// Whether it repeats what failed, rather than doing other work.
    pub fn is_retry(self) -> bool {
        self != FactorKind::Items
    }
}

/// Machines that start each other are followed so far.
const DEPTH: usize = 16;

impl Invocations {
    /// The product; `None` when a factor is unknown.
    pub fn most(&self) -> Option<u64> {
        self.factors.iter().try_fold(1u64, |product, factor| Some(product.saturating_mul(factor.count?)))
    }

    /// The product of the factors that are known.
    pub fn known(&self) -> u64 {
        self.product(|_| true)
    }

    /// The product of the known factors that are retries.
    pub fn retries(&self) -> u64 {
        self.product(|factor| factor.kind.is_retry())
    }

    fn product(&self, counts: impl Fn(&Factor) -> bool) -> u64 {
        let known = self.factors.iter().filter(|factor| counts(factor)).filter_map(|factor| factor.count);
        known.fold(1, u64::saturating_mul)
    }
}

/// How often the task of a state is called in one execution of the outermost machine, loops left aside. Of several machines that
/// start this one the worst counts.
pub fn invocations(lake: &Lake, workflow: &Workflow, state: &State) -> Invocations {
    let mut factors: Vec<Factor> = repeated_by_service(lake, workflow, state).into_iter().collect();
    factors.extend(within(workflow, state));
    if let Some(id) = lake.id_of(workflow) {
        factors.extend(from_callers(lake, id, DEPTH, &mut HashMap::new()));
    }
    Invocations { factors }
}

/// Factors of the state itself and of what is around it in its machine.
fn within(workflow: &Workflow, state: &State) -> Vec<Factor> {
    let starts = state.task().is_some_and(only_starts);
    let mut factors: Vec<Factor> = if starts { Vec::new() } else { tried(workflow, state).into_iter().collect() };
    for around in workflow.around(state) {
        if let StateKind::Map(map) = &around.kind {
            let count = map.runs();
            let number = count.map_or("an unknown number of".to_string(), |count| count.to_string());
            let what = match map.batch {
                Some(_) => format!("the Map `{}` has {number} batches", around.name),
                None => format!("the Map `{}` has {number} items", around.name),
            };
            factors.extend(factor(FactorKind::Items, count, around.name_span, what));
        }
        factors.extend(tried(workflow, around));
    }
    factors
}

/// The tries that fit into an execution, whatever the retriers ask for.
fn tried(workflow: &Workflow, state: &State) -> Option<Factor> {
    let count = tries_at_worst(workflow, state);
    let what = match count {
        Some(count) => format!("`{}` is tried {} times", state.name, Count(count)),
        None => format!("`{}` is tried an unknown number of times", state.name),
    };
    let is_cut = count < tries(state);
    Some(Factor { is_cut, ..factor(FactorKind::Tries, count, state.name_span, what)? })
}

/// What the service that is called repeats by itself.
fn repeated_by_service(lake: &Lake, workflow: &Workflow, state: &State) -> Option<Factor> {
    if let Some((resource, job)) = glue_job(lake, workflow, state) {
        let retries = job.max_retries.or((!job.is_open).then_some(0));
        let runs = retries.map(|retries| retries.saturating_add(1));
        let number = runs.map_or("an unknown number of".to_string(), |runs| runs.to_string());
        let what = format!("the Glue job `{}` runs {number} times", resource.name);
        return factor(FactorKind::JobRetries, runs, resource.span, what);
    }
    let Call::Lambda { function: Some(name), is_event: true } = &state.task()?.call else { return None };
    let function = lake.function(&workflow.named.module, name);
    let calls =
        function.and_then(|(_, function)| function.async_retries).unwrap_or(Function::ASYNC_RETRIES).saturating_add(1);
    let span = function.map_or(state.name_span, |(resource, _)| resource.span);
    let what = format!("Lambda calls the function of `{}` {calls} times, as nobody waits for it", state.name);
    factor(FactorKind::AsyncRetries, Some(calls), span, what)
}

/// The Glue job that a state runs, where the files tell.
pub(super) fn glue_job<'a>(lake: &'a Lake, workflow: &Workflow, state: &State) -> Option<(&'a Resource, &'a GlueJob)> {
    match &state.task()?.call {
        Call::GlueJob { job: Some(job), .. } => lake.glue_job(&workflow.named.module, job),
        _ => None,
    }
}

fn factor(kind: FactorKind, count: Option<u64>, span: Span, what: String) -> Option<Factor> {
    (count != Some(1)).then_some(Factor { kind, count, is_cut: false, span, machine: None, what })
}

/// What the machines that start this one multiply it by. `seen` holds what is known already, and `None` for machines that are
/// being looked at: a machine that starts itself is no factor of its own.
fn from_callers(
    lake: &Lake,
    machine: WorkflowId,
    depth: usize,
    seen: &mut HashMap<WorkflowId, Option<Vec<Factor>>>,
) -> Vec<Factor> {
    if let Some(known) = seen.get(&machine) {
        return known.clone().unwrap_or_default();
    }
    if depth == 0 {
        return Vec::new();
    }
    seen.insert(machine, None);
    let mut worst = Invocations::default();
    for (caller, state) in lake.links().callers(machine) {
        if seen.get(caller) == Some(&None) {
            continue;
        }
        let mut factors = called_by(lake.workflow(*caller), *state, *caller);
        factors.extend(from_callers(lake, *caller, depth - 1, seen));
        let product = Invocations { factors };
        if product.known() > worst.known() || (worst.most().is_some() && product.most().is_none()) {
            worst = product;
        }
    }
    seen.insert(machine, Some(worst.factors.clone()));
    worst.factors
}

/// The factors of a state that starts an execution. It is repeated only when it waits for the execution, and so sees it fail.
fn called_by(workflow: &Workflow, state: StateId, id: WorkflowId) -> Vec<Factor> {
    let state = workflow.state(state);
    let named = |factor: Factor| Factor {
        machine: Some(id),
        what: format!("{} in `{}`", factor.what, workflow.name),
        ..factor
    };
    within(workflow, state).into_iter().map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::super::example::{Flow, job, lake, retrier};
    use super::*;
    use crate::lake::Pattern;

    fn counts(lake: &Lake, machine: usize, state: &str) -> Vec<Option<u64>> {
        let workflow = &lake.workflows[machine];
        let state = workflow.states.iter().find(|one| one.name == state).expect("a state");
        invocations(lake, workflow, state).factors.iter().map(|factor| factor.count).collect()
    }

    #[test]
    fn a_state_is_tried_as_often_as_fits_into_an_execution() {
        let flow = Flow::new("A").task("A", "B").retry(retrier(99_999_999.0, 1.0, 1.0)).succeed("B").build();
        assert_eq!(invocations(&Lake::default(), &flow, &flow.states[0]).most(), Some(8_332));
    }

    #[test]
    fn retries_multiply_outwards() {
        let flow = Flow::new("All")
            .map("All", Some(10), "End")
            .retry(retrier(2.0, 1.0, 2.0))
            .body("All")
            .task("Load", "Out")
            .retry(retrier(3.0, 1.0, 2.0))
            .succeed("Out")
            .leave()
            .succeed("End");
        let lake = lake(vec![flow.build()]);
        assert_eq!(counts(&lake, 0, "Load"), [Some(4), Some(10), Some(3)]);
        let all = invocations(&lake, &lake.workflows[0], &lake.workflows[0].states[1]);
        assert_eq!((all.most(), all.retries()), (Some(120), 12));
        assert_eq!(all.factors[0].what, "`Load` is tried 4 times");
    }

    #[test]
    fn an_unknown_number_of_items_is_not_one() {
        let flow = Flow::new("All").map("All", None, "End").body("All").task("Load", "Out").succeed("Out").leave();
        let lake = lake(vec![flow.succeed("End").build()]);
        let all = invocations(&lake, &lake.workflows[0], &lake.workflows[0].states[1]);
        assert_eq!((all.most(), all.known()), (None, 1));
    }

    #[test]
    fn machines_that_wait_for_a_child_repeat_it() {
        let parent = |pattern| {
            Flow::new("Start")
                .named("parent")
                .execution("Start", "child", pattern, "End")
                .retry(retrier(2.0, 1.0, 2.0))
                .succeed("End")
                .build()
        };
        let child =
            || Flow::new("T").named("child").task("T", "End").retry(retrier(3.0, 1.0, 2.0)).succeed("End").build();
        let waiting = lake(vec![parent(Pattern::Sync), child()]);
        assert_eq!(counts(&waiting, 1, "T"), [Some(4), Some(3)]);
        let factors = invocations(&waiting, &waiting.workflows[1], &waiting.workflows[1].states[0]).factors;
        assert_eq!(
            (factors[1].machine, factors[1].what.as_str()),
            (Some(WorkflowId(0)), "`Start` is tried 3 times in `parent`")
        );
        let starting = lake(vec![parent(Pattern::RequestResponse), child()]);
        assert_eq!(counts(&starting, 1, "T"), [Some(4)]);
    }

    #[test]
    fn machines_that_start_each_other_end() {
        let flow = |name: &str, other: &str| {
            let flow = Flow::new("Start").named(name).execution("Start", other, Pattern::Sync, "End");
            flow.retry(retrier(2.0, 1.0, 2.0)).succeed("End").build()
        };
        let both = lake(vec![flow("a", "b"), flow("b", "a")]);
        assert_eq!(counts(&both, 0, "Start"), [Some(3), Some(3)]);
        assert_eq!(counts(&lake(vec![flow("a", "a")]), 0, "Start"), [Some(3)]);
    }

    #[test]
    fn a_glue_job_retries_too() {
        let flow = Flow::new("Load").glue("Load", "nightly", Pattern::Sync, "End").retry(retrier(3.0, 1.0, 2.0));
        let mut with_job = lake(vec![flow.succeed("End").build()]);
        with_job.resources = vec![job("nightly", |job| job.max_retries = Some(2))];
        assert_eq!(counts(&with_job, 0, "Load"), [Some(3), Some(4)]);
    }
}
