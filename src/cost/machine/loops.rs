//! The loops of a machine, and what bounds them.

use super::events::events;
use super::graph::{self, Graph};
use crate::lake::{Call, ComparisonKind, EdgeKind, ScopeId, State, StateId, StateKind, Workflow};

/// States of one scope that lead back to themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct Loop {
    pub scope: ScopeId,
    /// In text order.
    pub states: Vec<StateId>,
    /// Transitions between them: a state, and the index in [`State::edges`].
    pub edges: Vec<(StateId, usize)>,
    /// The states of one turn, in order: the shortest way around that passes a Wait if there is one, and the catcher that closes
    /// the loop when only that does.
    pub turn: Vec<StateId>,
    /// Entries of the history that one turn makes when nothing fails.
    pub events: u64,
    /// A Wait is among them. Without one it pages or works through a list rather than polls.
    pub has_wait: bool,
    /// The tasks that it runs, those in its Parallel and Map states included.
    pub tasks: Vec<StateId>,
    /// Without `Catch` it is no loop: it repeats what failed.
    pub only_by_catch: bool,
    pub bound: Bound,
}

/// What ends a loop, other than the limits of the service and luck.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// One of its states counts and one of its Choices looks at the counter.
    Counter {
        variable: String,
        limit: Option<f64>,
        choice: StateId,
    },
    /// A Choice looks at the time since the execution started.
    SinceStart,
    /// The machine's `TimeoutSeconds`; `None` when only the deployment knows it.
    MachineTimeout(Option<u64>),
    /// Unproven: a Choice compares a number or a time that something in the loop may set.
    MayCount {
        choice: StateId,
    },
    None,
}

impl Bound {
    /// Whether it ends the loop for certain.
    pub fn is_proven(&self) -> bool {
        matches!(self, Bound::Counter { .. } | Bound::SinceStart | Bound::MachineTimeout(_))
    }
}

impl Loop {
    pub fn contains(&self, state: StateId) -> bool {
        self.states.contains(&state)
    }

    /// The catcher edges that close it.
    pub fn catch_edges<'a>(&'a self, workflow: &'a Workflow) -> impl Iterator<Item = (StateId, usize)> + 'a {
        let is_catch =
            |(state, edge): &(StateId, usize)| matches!(workflow.state(*state).edges[*edge].kind, EdgeKind::Catch(_));
        self.edges.iter().copied().filter(is_catch)
    }
}

/// All loops of a machine in text order: those that exist without `Catch`, and those that it closes.
pub fn loops(workflow: &Workflow) -> Vec<Loop> {
    let regular = graph_of(workflow, false);
    let whole = graph_of(workflow, true);
    let without_catch = graph::cyclic(&regular);
    let closed_by_catch = graph::cyclic(&whole).into_iter().filter(|states| !without_catch.contains(states));
    let closed_by_catch: Vec<Loop> = closed_by_catch.map(|states| of_states(workflow, &whole, states, true)).collect();
    let regular = without_catch.iter().map(|states| of_states(workflow, &whole, states.clone(), false));
    let mut all: Vec<Loop> = regular.chain(closed_by_catch).collect();
    all.sort_by(|a, b| (&a.states, a.only_by_catch).cmp(&(&b.states, b.only_by_catch)));
    let per_state = if all.is_empty() { Vec::new() } else { events(workflow) };
    for found in &mut all {
        found.events = found.turn.iter().map(|id| per_state[id.0 as usize]).fold(0, u64::saturating_add);
    }
    all
}

/// Transitions as a graph over all states: they never leave a scope.
pub(super) fn graph_of(workflow: &Workflow, with_catch: bool) -> Graph {
    let count = workflow.states.len();
    let counts = |kind: EdgeKind| with_catch || !matches!(kind, EdgeKind::Catch(_));
    let successors = |state: &State| {
        let edges = state.edges.iter().filter(|edge| counts(edge.kind));
        edges.filter_map(|edge| edge.to).map(|to| to.0 as usize).filter(|to| *to < count).collect()
    };
    workflow.states.iter().map(successors).collect()
}

fn of_states(workflow: &Workflow, graph: &Graph, members: Vec<usize>, only_by_catch: bool) -> Loop {
    let states: Vec<StateId> = members.iter().map(|at| StateId(*at as u32)).collect();
    let is_in = |id: StateId| states.binary_search(&id).is_ok();
    let mut edges = Vec::new();
    for id in &states {
        for (i, edge) in workflow.state(*id).edges.iter().enumerate() {
            if edge.to.is_some_and(is_in) {
                edges.push((*id, i));
            }
        }
    }
    let inside: Vec<&State> = workflow.states.iter().filter(|state| is_inside(workflow, state, &states)).collect();
    let mut found = Loop {
        scope: workflow.state(states[0]).scope,
        turn: Vec::new(),
        events: 0,
        has_wait: inside.iter().any(|state| matches!(state.kind, StateKind::Wait(_))),
        tasks: inside.iter().filter(|state| state.task().is_some()).map(|state| state.id).collect(),
        only_by_catch,
        bound: Bound::None,
        states,
        edges,
    };
    found.turn = turn(workflow, graph, &found);
    found.bound = bound(workflow, &inside, &found);
    found
}

/// Whether a state is in the loop, or in a Parallel or Map that is.
fn is_inside(workflow: &Workflow, state: &State, states: &[StateId]) -> bool {
    let is_in = |id: StateId| states.binary_search(&id).is_ok();
    is_in(state.id) || workflow.around(state).any(|around| is_in(around.id))
}

/// The shortest way around: through the catcher where only that closes the loop, else through a Wait, else a task.
fn turn(workflow: &Workflow, graph: &Graph, found: &Loop) -> Vec<StateId> {
    let inner: Graph = graph
        .iter()
        .enumerate()
        .map(|(from, tos)| match found.contains(StateId(from as u32)) {
            true => tos.iter().copied().filter(|to| found.contains(StateId(*to as u32))).collect(),
            false => Vec::new(),
        })
        .collect();
    let ids = |way: Vec<usize>| way.into_iter().map(|at| StateId(at as u32)).collect::<Vec<StateId>>();
    if found.only_by_catch {
        let edges = found.catch_edges(workflow).filter_map(|(from, edge)| {
            let to = workflow.state(from).edges[edge].to?;
            if to == from {
                return Some(vec![from]);
            }
            graph::way(&inner, to.0 as usize, |node| node == from.0 as usize).map(ids)
        });
        if let Some(shortest) = edges.min_by_key(Vec::len) {
            return shortest;
        }
    }
    let first = |is_kind: fn(&StateKind) -> bool| found.states.iter().find(|id| is_kind(&workflow.state(**id).kind));
    let anchor = first(|kind| matches!(kind, StateKind::Wait(_)))
        .or_else(|| first(|kind| matches!(kind, StateKind::Task(_))))
        .unwrap_or(&found.states[0]);
    let mut around =
        graph::way(&inner, anchor.0 as usize, |node| node == anchor.0 as usize).map(ids).unwrap_or_default();
    around.pop();
    around
}

fn bound(workflow: &Workflow, inside: &[&State], found: &Loop) -> Bound {
    let comparisons = || {
        let choices = found.states.iter().map(|id| workflow.state(*id));
        choices.flat_map(|state| match &state.kind {
            StateKind::Choice(comparisons) => comparisons.iter().map(|comparison| (state.id, comparison)).collect(),
            _ => Vec::new(),
        })
    };
    let counted = |variable: &str| inside.iter().any(|state| state.increments.iter().any(|name| name == variable));
    for (choice, comparison) in comparisons() {
        if let ComparisonKind::Numeric(limit) = comparison.kind
            && counted(&comparison.variable)
        {
            return Bound::Counter { variable: comparison.variable.clone(), limit, choice };
        }
    }
    if comparisons().any(|(_, comparison)| comparison.kind == ComparisonKind::SinceStart) {
        return Bound::SinceStart;
    }
    if !workflow.timeout.is_endless() {
        return Bound::MachineTimeout(workflow.timeout.seconds());
    }
    // What a function or an activity returns is its own affair; a service's answer is no counter.
    let may_set = |state: &&State| {
        let task = state.task().map(|task| &task.call);
        matches!(task, Some(Call::Lambda { .. } | Call::Activity | Call::Execution { .. } | Call::Unknown))
    };
    let is_settable = inside.iter().any(may_set);
    let unproven = comparisons().find(|(_, comparison)| match comparison.kind {
        ComparisonKind::Numeric(_) => is_settable,
        ComparisonKind::Timestamp => true,
        ComparisonKind::SinceStart | ComparisonKind::Other => false,
    });
    unproven.map_or(Bound::None, |(choice, _)| Bound::MayCount { choice })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::example::{Flow, comparison, polling};
    use super::*;

    fn names(workflow: &Workflow, states: &[StateId]) -> Vec<String> {
        states.iter().map(|id| workflow.state(*id).name.clone()).collect()
    }

    #[test]
    fn a_polling_loop_has_a_wait_and_no_bound() {
        let flow = polling().build();
        let found = loops(&flow);
        assert_eq!(found.len(), 1);
        assert_eq!(names(&flow, &found[0].states), ["Wait", "Get", "Done?"]);
        assert_eq!(names(&flow, &found[0].turn), ["Wait", "Get", "Done?"]);
        assert!(found[0].has_wait && !found[0].only_by_catch && found[0].tasks.len() == 1);
        assert_eq!(found[0].bound, Bound::None);
    }

    #[test]
    fn a_counter_counts_only_when_something_in_the_loop_increments_it() {
        let counted = |variable: &str| {
            let flow = Flow::new("Wait")
                .wait("Wait", 30, "Get")
                .task("Get", "Count")
                .pass("Count", "Done?")
                .increments(variable)
                .choice("Done?", "Wait", &["End"])
                .compares(comparison("$.n", ComparisonKind::Numeric(Some(20.0))))
                .succeed("End");
            loops(&flow.build()).remove(0).bound
        };
        assert!(matches!(counted("$.n"), Bound::Counter { limit: Some(20.0), .. }));
        assert_eq!(counted("$.other"), Bound::None);
    }

    #[test]
    fn a_function_may_count_and_a_timeout_ends_all() {
        let flow = || {
            Flow::new("Wait")
                .wait("Wait", 30, "Get")
                .lambda("Get", "Done?")
                .choice("Done?", "Wait", &["End"])
                .compares(comparison("$.n", ComparisonKind::Numeric(None)))
                .succeed("End")
        };
        assert!(matches!(loops(&flow().build())[0].bound, Bound::MayCount { .. }));
        assert_eq!(loops(&flow().timeout(60).build())[0].bound, Bound::MachineTimeout(Some(60)));
        // What is as long as any execution may be ends nothing.
        assert!(matches!(loops(&flow().timeout(99_999_999).build())[0].bound, Bound::MayCount { .. }));
        let since = flow().compares(comparison("$$.Execution.StartTime", ComparisonKind::SinceStart));
        assert_eq!(loops(&since.build())[0].bound, Bound::SinceStart);
    }

    #[test]
    fn a_catcher_that_leads_back_is_a_loop_of_its_own() {
        let flow =
            Flow::new("Start").task("Start", "End").catch("Pause").wait("Pause", 60, "Start").succeed("End").build();
        let found = loops(&flow);
        assert_eq!(found.len(), 1);
        assert!(found[0].only_by_catch && found[0].has_wait);
        assert_eq!(names(&flow, &found[0].turn), ["Pause", "Start"]);
        // Around a polling loop it is a second one.
        let flow = Flow::new("Start")
            .task("Start", "Wait")
            .wait("Wait", 30, "Get")
            .task("Get", "Done?")
            .catch("Start")
            .choice("Done?", "Wait", &["End"])
            .succeed("End")
            .build();
        let found = loops(&flow);
        assert_eq!(found.iter().map(|one| one.only_by_catch).collect::<Vec<_>>(), [true, false]);
        assert_eq!((found[0].states.len(), found[1].states.len()), (4, 3));
    }

    #[test]
    fn a_state_that_leads_to_itself_is_a_loop() {
        let flow = Flow::new("Page").task("Page", "Page").build();
        let found = loops(&flow);
        assert_eq!(names(&flow, &found[0].turn), ["Page"]);
        let flow = Flow::new("A").task("A", "B").catch("A").succeed("B").build();
        assert_eq!(names(&flow, &loops(&flow)[0].turn), ["A"]);
    }

    #[test]
    fn tasks_inside_of_a_map_in_the_loop_are_its_tasks() {
        let flow = Flow::new("M").map("M", None, "Done?").body("M").task("T", "E").succeed("E").leave();
        let flow = flow.choice("Done?", "M", &["End"]).succeed("End").build();
        let found = loops(&flow);
        assert_eq!(names(&flow, &found[0].tasks), ["T"]);
        assert_eq!(names(&flow, &found[0].states), ["M", "Done?"]);
    }

    proptest! {
        /// A state is in a loop when it reaches itself, by Warshall's closure.
        #[test]
        fn loops_are_the_states_that_reach_themselves(
            edges in prop::collection::vec((0usize..9, 0usize..9, any::<bool>()), 0..18)
        ) {
            let mut flow = Flow::new("0");
            for state in 0..9 {
                flow = flow.task(&state.to_string(), "nowhere");
            }
            let flow = flow.with_edges(&edges).build();
            let reach = |with_catch: bool| {
                let mut reach = [[false; 9]; 9];
                for (from, to, is_catch) in &edges {
                    reach[*from][*to] |= with_catch || !is_catch;
                }
                for via in 0..9 {
                    for from in 0..9 {
                        for to in 0..9 {
                            reach[from][to] |= reach[from][via] && reach[via][to];
                        }
                    }
                }
                reach
            };
            let (whole, regular) = (reach(true), reach(false));
            let found = loops(&flow);
            for state in 0..9 {
                let id = StateId(state as u32);
                prop_assert_eq!(found.iter().any(|one| one.contains(id)), whole[state][state]);
                let by_flow = found.iter().any(|one| one.contains(id) && !one.only_by_catch);
                prop_assert_eq!(by_flow, regular[state][state]);
            }
            for one in &found {
                for (i, from) in one.turn.iter().enumerate() {
                    let to = one.turn[(i + 1) % one.turn.len()];
                    prop_assert!(flow.state(*from).edges.iter().any(|edge| edge.to == Some(to)));
                }
            }
        }
    }
}
