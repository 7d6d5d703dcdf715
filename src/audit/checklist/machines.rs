//! Which machines answer for their failures themselves, and which do over what has failed inside of them.

use std::collections::BTreeMap;

use crate::cost::machine::{PaidWork, Start, starts};
use crate::lake::error_name::is_of_lambda;
use crate::lake::{Call, Lake, Retrier, State, StateId, Workflow, WorkflowId};

/// All machines of a lake, by their ids.
#[derive(Debug)]
pub(super) struct Machines<'a> {
    lake: &'a Lake,
    paid: Vec<BTreeMap<StateId, Vec<Start<'a>>>>,
    /// Every start is waited for by another machine, whose affair a failure that leaves it is.
    answered_for: Vec<bool>,
    /// Whether everything that the machine waits for is retried in it; `None` when the files do not tell.
    retried: Vec<Option<bool>>,
}

/// Whether a state starts paid work itself, and goes on before that has ended.
pub(super) fn lets_go(state: &State) -> bool {
    state.task().is_some_and(|task| PaidWork::of(&task.call).is_some() && !task.waits())
}

impl<'a> Machines<'a> {
    pub(super) fn of(lake: &'a Lake) -> Machines<'a> {
        let paid = lake.workflows.iter().map(|workflow| paid_states(workflow, lake)).collect();
        let count = lake.workflows.len();
        let mut machines = Machines { lake, paid, answered_for: answered_for(lake), retried: vec![Some(true); count] };
        // From the best answer downwards: what a machine that calls itself says of itself is no evidence against it.
        let mut todo: Vec<WorkflowId> = (0..count as u32).map(WorkflowId).collect();
        while let Some(id) = todo.pop() {
            let states = machines.paid(id).keys().map(|state| lake.workflow(id).state(*state));
            let answers: Vec<Option<bool>> = states.map(|state| machines.is_retried(id, state)).collect();
            let worst = [Some(false), None].into_iter().find(|answer| answers.contains(answer)).unwrap_or(Some(true));
            if worst != machines.retried[id.0 as usize] {
                machines.retried[id.0 as usize] = worst;
                todo.extend(lake.links().callers(id).iter().map(|(caller, _)| *caller));
            }
        }
        machines
    }

    /// What each state starts. A machine that is started and not waited for answers for itself.
    pub(super) fn paid(&self, id: WorkflowId) -> &BTreeMap<StateId, Vec<Start<'a>>> {
        &self.paid[id.0 as usize]
    }

    /// Whether every failure that leaves a machine is the affair of another one.
    pub(super) fn is_answered_for(&self, id: WorkflowId) -> bool {
        self.answered_for[id.0 as usize]
    }

    /// Whether a state is tried again before it fails for good; `None` when the files do not tell.
    pub(super) fn is_retried(&self, id: WorkflowId, state: &State) -> Option<bool> {
        if lets_go(state) {
            return None;
        }
        let call = state.task().map(|task| &task.call);
        let is_function = matches!(call, Some(Call::Lambda { .. }));
        let concerns = |retrier: &&Retrier| is_function || !retrier.errors.iter().all(|(name, _)| is_of_lambda(name));
        let mut answers = vec![self.by_what_it_starts(id, state)];
        for holder in std::iter::once(state).chain(self.lake.workflow(id).around(state)) {
            answers.extend(holder.is_open.then_some(None));
            let retriers = holder.retriers.iter().filter(concerns);
            answers.extend(retriers.map(|retrier| retrier.max_attempts.value.map(|attempts| attempts >= 1.0)));
        }
        let any = |answer: Option<bool>| answers.contains(&answer).then_some(answer);
        any(Some(true)).or(any(None)).unwrap_or(Some(false))
    }

    /// Whether a job or machine does over what failed inside of it.
    fn by_what_it_starts(&self, id: WorkflowId, state: &State) -> Option<bool> {
        match &state.task()?.call {
            Call::GlueJob { job, .. } => {
                let (_, job) = self.lake.glue_job(&self.lake.workflow(id).named.module, job.as_deref()?)?;
                let is_known = job.max_retries.is_some() || !job.is_open;
                is_known.then(|| job.max_retries.is_some_and(|retries| retries > 0))
            }
            Call::Execution { .. } => self.retried[self.lake.links().callee(id, state.id)?.0 as usize],
            // The definition of the job, or its arguments, may have retries.
            Call::Service { service, .. } => {
                let may = ["batch", "emr-serverless", "emrserverless", "emr-containers", "emrcontainers"];
                (!may.contains(&service.as_str())).then_some(false)
            }
            _ => Some(false),
        }
    }
}

fn paid_states<'a>(workflow: &'a Workflow, lake: &Lake) -> BTreeMap<StateId, Vec<Start<'a>>> {
    let mut states: BTreeMap<StateId, Vec<Start<'a>>> = BTreeMap::new();
    for start in starts(workflow, lake) {
        if start.state.task().is_some_and(|task| PaidWork::of(&task.call).is_some() || task.waits()) {
            states.entry(start.state.id).or_default().push(start);
        }
    }
    states
}

/// Machines that nothing starts but others that wait for them, and that one which answers for itself leads to: of machines that
/// wait for each other in a circle each answers for itself.
fn answered_for(lake: &Lake) -> Vec<bool> {
    let ids = || (0..lake.workflows.len() as u32).map(WorkflowId);
    let waits =
        |caller: WorkflowId, state: StateId| lake.workflow(caller).state(state).task().is_some_and(|t| t.waits());
    let is_child: Vec<bool> = ids()
        .map(|id| {
            let others = || lake.links().callers(id).iter().filter(|(caller, _)| *caller != id);
            let is_scheduled = lake.schedules_of(id).any(|(_, schedule)| schedule.is_enabled != Some(false));
            !is_scheduled && others().next().is_some() && others().all(|(caller, state)| waits(*caller, *state))
        })
        .collect();
    let mut todo: Vec<WorkflowId> = ids().filter(|id| !is_child[id.0 as usize]).collect();
    let mut reached = vec![false; lake.workflows.len()];
    while let Some(id) = todo.pop() {
        for (state, callee) in lake.links().callees(id) {
            if is_child[callee.0 as usize] && !reached[callee.0 as usize] && waits(id, *state) {
                reached[callee.0 as usize] = true;
                todo.push(*callee);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::machine::example::{Flow, lake, retrier, schedule};
    use crate::lake::Pattern::{RequestResponse, Sync};

    fn calls(name: &str, callee: &str) -> Flow {
        Flow::new("run").named(name).execution("run", callee, Sync, "end").succeed("end")
    }

    fn loads(name: &str) -> Flow {
        Flow::new("load").named(name).glue("load", "orders", Sync, "end").succeed("end")
    }

    fn answered(flows: Vec<Flow>, change: impl FnOnce(&mut Lake)) -> Vec<bool> {
        let mut lake = lake(flows.into_iter().map(Flow::build).collect());
        change(&mut lake);
        Machines::of(&lake).answered_for
    }

    #[test]
    fn a_machine_that_also_runs_on_its_own_answers_for_itself() {
        let both = || vec![calls("parent", "child"), loads("child")];
        assert_eq!(answered(both(), |_| {}), [false, true]);
        let scheduled = |lake: &mut Lake| lake.resources.push(schedule(Some("rate(1 day)"), "child"));
        assert_eq!(answered(both(), scheduled), [false, false]);
        let starter = Flow::new("go").named("starter").execution("go", "child", RequestResponse, "end");
        let three = vec![calls("parent", "child"), loads("child"), starter.succeed("end")];
        assert_eq!(answered(three, |_| {}), [false, false, false]);
        let circle = vec![calls("a", "b"), calls("b", "a")];
        assert_eq!(answered(circle, |_| {}), [false, false]);
    }

    #[test]
    fn a_second_call_of_the_same_machine_is_asked_again() {
        let twice = Flow::new("a").named("twice").execution("a", "child", Sync, "b").retry(retrier(2.0, 1.0, 2.0));
        let twice = twice.execution("b", "child", Sync, "end").succeed("end");
        let child = Flow::new("load").named("child").execution("load", "gone", Sync, "sum");
        let child = child.glue("sum", "sum", Sync, "end").succeed("end");
        let mut lake = lake(vec![calls("top", "twice").build(), twice.build(), child.build()]);
        lake.resources.push(crate::cost::machine::example::job("sum", |_| {}));
        let machines = Machines::of(&lake);
        assert_eq!(machines.retried, [Some(false); 3]);
        assert_eq!(machines.is_retried(WorkflowId(1), &lake.workflows[1].states[0]), Some(true));
    }
}
