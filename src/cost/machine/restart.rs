//! Machines that start themselves again, directly or through others.

use std::collections::VecDeque;

use crate::lake::{Lake, StateId, Workflow, WorkflowId};

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
