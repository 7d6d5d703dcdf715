//! Machines that start themselves again, directly or through others.

use std::collections::VecDeque;

use super::graph::{Graph, way};
use crate::lake::{ComparisonKind, EdgeKind, Lake, State, StateId, StateKind, Workflow, WorkflowId};

/// The starts that lead from a machine back to itself, the fewest there are: each a machine and its state. `None` when there is
/// no such way. Nothing but the states' own conditions bounds the number of executions.
pub fn restart(lake: &Lake, workflow: &Workflow) -> Option<Vec<(WorkflowId, StateId)>> {
    let own = lake.id_of(workflow)?;
    let links = lake.links();
    let mut came_from: Vec<Option<(WorkflowId, StateId)>> = vec![None; lake.workflows.len()];
    let mut queue = VecDeque::from([own]);
    while let Some(machine) = queue.pop_front() {
        for (state, callee) in links.callees(machine) {
            if *callee == own {
                let mut starts = vec![(machine, *state)];
                let mut at = machine;
                while let Some((from, by)) = came_from[at.0 as usize].filter(|_| at != own) {
                    starts.push((from, by));
                    at = from;
                }
                starts.reverse();
                return Some(starts);
            }
            let seen = &mut came_from[callee.0 as usize];
            if seen.is_none() {
                *seen = Some((machine, *state));
                queue.push_back(*callee);
            }
        }
    }
    None
}

/// The Catch by which alone a machine comes to start itself again: the state and the index of its edge. `None` when it does not,
/// when it does so without an error too, or when a Choice compares numbers or times, and so may count.
pub fn restart_by_catch(lake: &Lake, workflow: &Workflow) -> Option<(StateId, usize)> {
    let [(_, starting)] = restart(lake, workflow)?[..] else { return None };
    let is_count = |state: &State| match &state.kind {
        StateKind::Choice(comparisons) => comparisons.iter().any(|one| one.kind != ComparisonKind::Other),
        _ => false,
    };
    let scope = workflow.state(starting).scope;
    let start = workflow.scope(scope).start?;
    if workflow.states.iter().any(is_count) {
        return None;
    }
    let graph = |with_catch: bool| -> Graph {
        let is_counted = |kind: EdgeKind| with_catch || !matches!(kind, EdgeKind::Catch(_));
        let of_state = |state: &State| {
            let edges = state.edges.iter().filter(|edge| is_counted(edge.kind));
            edges.filter_map(|edge| Some(edge.to?.0 as usize)).collect()
        };
        workflow.states.iter().map(of_state).collect()
    };
    let (plain, all) = (graph(false), graph(true));
    let leads = |graph: &Graph, from: StateId| {
        from == starting || way(graph, from.0 as usize, |node| node == starting.0 as usize).is_some()
    };
    if leads(&plain, start) {
        return None;
    }
    let catches = workflow.states_of(scope).flat_map(|state| {
        let catches = state.edges.iter().enumerate().filter(|(_, edge)| matches!(edge.kind, EdgeKind::Catch(_)));
        catches.filter_map(move |(index, edge)| Some((state.id, index, edge.to?)))
    });
    catches.into_iter().find(|(_, _, to)| leads(&all, *to)).map(|(state, index, _)| (state, index))
}

#[cfg(test)]
mod tests {
    use super::super::example::{Flow, lake};
    use super::*;
    use crate::lake::Pattern;

    #[test]
    fn a_machine_restarts_itself_through_its_children() {
        let flow = |name: &str, other: &str| {
            let flow = Flow::new("Start").named(name).execution("Start", other, Pattern::RequestResponse, "End");
            flow.succeed("End").build()
        };
        let lake =
            lake(vec![flow("a", "b"), flow("b", "c"), flow("c", "a"), flow("d", "a"), flow("e", "$$.StateMachine.Id")]);
        let machines = |at: usize| {
            let starts = restart(&lake, &lake.workflows[at])?;
            Some(starts.iter().map(|(machine, _)| lake.workflow(*machine).name.clone()).collect::<String>())
        };
        assert_eq!(machines(0).as_deref(), Some("abc"));
        assert_eq!(machines(1).as_deref(), Some("bca"));
        assert_eq!(machines(3), None);
        assert_eq!(machines(4).as_deref(), Some("e"));
    }
}
