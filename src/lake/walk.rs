//! What can run after a state: along the transitions of a machine, and into and out of its branches.

use std::collections::BTreeSet;

use super::{EdgeKind, ScopeId, State, StateId, StateKind, Workflow};

/// What can run from a state on while nothing fails; all in text order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// Where it started, and what it has passed.
    pub states: BTreeSet<StateId>,
    /// States that it did not pass.
    pub stops: BTreeSet<StateId>,
    /// States with which the machine ends well.
    pub ends: BTreeSet<StateId>,
}

impl Workflow {
    /// Goes every way from a state up to states that are a stop. A Parallel or Map is left when every branch of it can be passed;
    /// one that holds the first state, when its own branch can.
    pub fn walk(&self, from: StateId, is_stop: impl Fn(&State) -> bool) -> Walk {
        let around: Vec<StateId> = self.around(self.state(from)).map(|state| state.id).collect();
        let (mut walk, mut left) = (Walk::default(), BTreeSet::new());
        let mut todo = vec![from];
        while let Some(id) = todo.pop() {
            let state = self.state(id);
            if walk.states.contains(&id) || walk.stops.contains(&id) {
                continue;
            }
            if is_stop(state) {
                walk.stops.insert(id);
                continue;
            }
            walk.states.insert(id);
            let starts: Vec<StateId> = branches(state).iter().filter_map(|branch| self.scope(*branch).start).collect();
            if starts.is_empty() {
                self.leave(state, &around, &mut left, &mut walk, &mut todo);
            }
            todo.extend(starts);
        }
        walk
    }

    /// Goes on after a state, out of the branches that end with it.
    fn leave(
        &self,
        state: &State,
        around: &[StateId],
        left: &mut BTreeSet<ScopeId>,
        walk: &mut Walk,
        todo: &mut Vec<StateId>,
    ) {
        let mut at = Some(state);
        while let Some(state) = at.take() {
            let regular = state.edges.iter().filter(|edge| !matches!(edge.kind, EdgeKind::Catch(_)));
            todo.extend(regular.filter_map(|edge| edge.to));
            if !state.is_end || matches!(state.kind, StateKind::Fail) {
                continue;
            }
            let Some(holder) = self.scope(state.scope).parent else {
                walk.ends.insert(state.id);
                continue;
            };
            let is_new = left.insert(state.scope);
            let passes = |branch: &ScopeId| left.contains(branch) || self.scope(*branch).start.is_none();
            let holder = self.state(holder);
            if is_new && (around.contains(&holder.id) || branches(holder).iter().all(passes)) {
                at = Some(holder);
            }
        }
    }
}

/// The scopes inside of a Parallel or Map.
fn branches(state: &State) -> &[ScopeId] {
    match &state.kind {
        StateKind::Parallel { branches } => branches,
        StateKind::Map(map) => std::slice::from_ref(&map.body),
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use crate::cost::machine::example::Flow;
    use crate::lake::{StateId, Workflow};

    fn names(workflow: &Workflow, ids: &std::collections::BTreeSet<StateId>) -> String {
        ids.iter().map(|id| workflow.state(*id).name.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// What is passed from `a`, what stops, and what ends; every name with a `!` stops.
    #[track_caller]
    fn assert_walk(flow: Flow, from: &str, expected: [&str; 3]) {
        let workflow = flow.build();
        let from = workflow.states.iter().find(|state| state.name == from).expect("a state").id;
        let walk = workflow.walk(from, |state| state.name.ends_with('!'));
        let found = [&walk.states, &walk.stops, &walk.ends].map(|ids| names(&workflow, ids));
        assert_eq!(found.each_ref().map(String::as_str), expected);
    }

    #[test]
    fn text_order_is_not_run_order_and_loops_end() {
        let flow = || Flow::new("a").pass("b!", "a").pass("a", "c").choice("c", "d", &["b!", "e"]).succeed("d");
        assert_walk(flow().succeed("e"), "a", ["a c d e", "b!", "d e"]);
        assert_walk(flow().pass("e", "b!"), "b!", ["", "b!", ""]);
        assert_walk(Flow::new("a").pass("a", "b").pass("b", "a"), "a", ["a b", "", ""]);
        assert_walk(Flow::new("a").pass("a", "b").catch("c").pass("b", "gone").succeed("c"), "a", ["a b", "", ""]);
    }

    #[test]
    fn a_parallel_is_passed_when_every_branch_is() {
        let two = |second: &str| {
            let flow = Flow::new("a").pass("a", "p").parallel("p", "z");
            flow.body("p").succeed("b").leave().body("p").succeed(second).leave().succeed("z")
        };
        assert_walk(two("c"), "a", ["a p b c z", "", "z"]);
        assert_walk(two("c!"), "a", ["a p b", "c!", ""]);
        // The other branch runs beside it, not after it.
        assert_walk(two("c!"), "b", ["b z", "", "z"]);
        let map = Flow::new("a").pass("a", "m").map("m", None, "z").body("m").succeed("b!").leave().succeed("z");
        assert_walk(map, "a", ["a m", "b!", ""]);
    }
}
