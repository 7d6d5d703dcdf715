//! How many entries a visit of a state adds to the history of an execution.
//!
//! Every state is entered and exited. A Task is scheduled, started and succeeds, and is submitted where Step Functions waits for
//! it; a try that fails is scheduled, started and fails. A Parallel and a Map start and succeed, as does each iteration of an
//! inline Map; a distributed Map has one run, and its children have histories of their own.
//! <https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html>

use super::graph;
use super::loops::graph_of;
use super::scopes::deepest_first;
use crate::lake::{Pattern, State, StateKind, Workflow};

/// Entries per visit that succeeds at once, aligned with [`Workflow::states`]. Inside of a Parallel or Map the shortest way counts,
/// and of a Map with an unknown number of items one iteration: there are at least so many.
pub(super) fn events(workflow: &Workflow) -> Vec<u64> {
    let graph = graph_of(workflow, false);
    let mut events = vec![0u64; workflow.states.len()];
    let mut of_scope = vec![0u64; workflow.scopes.len()];
    for scope in deepest_first(workflow) {
        for state in workflow.states_of(scope) {
            events[state.id.0 as usize] = of_state(state, &of_scope);
        }
        let Some(start) = workflow.scope(scope).start else { continue };
        let is_end = |at: usize| workflow.states[at].is_end;
        let start = start.0 as usize;
        let way = if is_end(start) { Some(vec![start]) } else { graph::way(&graph, start, is_end) };
        of_scope[scope.0 as usize] = way.iter().flatten().map(|at| events[*at]).fold(0, u64::saturating_add);
    }
    events
}

fn of_state(state: &State, of_scope: &[u64]) -> u64 {
    let body = |at: &crate::lake::ScopeId| of_scope.get(at.0 as usize).copied().unwrap_or(0);
    match &state.kind {
        StateKind::Task(_) => 2 + of_try(state),
        StateKind::Parallel { branches } => branches.iter().map(body).fold(4, u64::saturating_add),
        StateKind::Map(map) if map.is_distributed => 6,
        StateKind::Map(map) => {
            body(&map.body).saturating_add(2).saturating_mul(map.items.unwrap_or(1)).saturating_add(4)
        }
        StateKind::Fail => 1,
        StateKind::Choice(_) | StateKind::Wait(_) | StateKind::Pass | StateKind::Succeed | StateKind::Unknown => 2,
    }
}

/// Entries of one try of a Task, whether it fails or not.
pub(super) fn of_try(state: &State) -> u64 {
    match state.task().map(|task| task.pattern) {
        Some(Pattern::Sync | Pattern::TaskToken) => 4,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{Flow, polling};
    use super::*;

    #[test]
    fn a_turn_of_a_polling_loop_is_nine_entries() {
        let flow = polling().build();
        assert_eq!(events(&flow), [5, 2, 5, 2, 2]);
    }

    #[test]
    fn what_a_map_holds_counts_per_item() {
        let flow = Flow::new("M").map("M", Some(3), "End").body("M").task("T", "Out").succeed("Out").leave();
        assert_eq!(events(&flow.succeed("End").build()), [4 + 3 * (2 + 5 + 2), 5, 2, 2]);
        let flow = Flow::new("P").parallel("P", "End").body("P").task("A", "").leave().body("P").pass("B", "").leave();
        let flow = flow.with(|state| state.is_end = true).succeed("End").build();
        assert_eq!(events(&flow)[0], 4 + 2);
    }
}
