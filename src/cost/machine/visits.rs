//! How often each state is visited in one execution: on the cheapest way, on the dearest one, and on the dearest one with every
//! retry and every turn of its loops.

use super::ceiling::HISTORY_EVENTS;
use super::graph::{self, Graph};
use super::loops;
use super::loops::graph_of;
use super::scopes::deepest_first;
use super::turns::{tries_at_worst, turns};
use crate::lake::{MapFacts, State, StateId, StateKind, Workflow};

/// Which bound is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The cheapest: Maps may have no items, loops are left as soon as they can be.
    Low,
    /// The dearest without errors: loops turn once.
    Likely,
    /// The dearest with everything that can repeat.
    High,
}

/// Visits per state; `None` when a number of items, tries or turns is unknown. `cost` is what one visit costs, tries included and
/// states inside excluded, aligned with the states.
pub(super) fn visits(workflow: &Workflow, way: Way, cost: &[Option<f64>]) -> Vec<Option<u64>> {
    let graph = graph_of(workflow, way == Way::High);
    let plan = Plan::of(workflow, way, &graph, cost);
    plan.walk(workflow, way)
}

/// The way through each scope.
struct Plan {
    /// Components of all scopes; what they lead to comes first.
    components: Vec<Vec<usize>>,
    /// Per state, its component.
    of: Vec<usize>,
    /// Per component, where the way goes on.
    next: Vec<Option<usize>>,
    /// Per component, its turns: 1 where it does not loop.
    turns: Vec<Option<u64>>,
    /// Per component, the members that are visited.
    visited: Vec<Vec<usize>>,
}

impl Plan {
    fn of(workflow: &Workflow, way: Way, graph: &Graph, cost: &[Option<f64>]) -> Plan {
        let components = graph::components(graph);
        let mut of = vec![0; workflow.states.len()];
        components.iter().enumerate().for_each(|(i, states)| states.iter().for_each(|state| of[*state] = i));
        let mut plan = Plan {
            turns: turns_of(workflow, way, graph, &components),
            next: vec![None; components.len()],
            visited: components.clone(),
            components,
            of,
        };
        let mut by_scope: Vec<Vec<usize>> = vec![Vec::new(); workflow.scopes.len()];
        for (i, states) in plan.components.iter().enumerate() {
            by_scope[workflow.states[states[0]].scope.0 as usize].push(i);
        }
        let mut total: Vec<Option<f64>> = vec![Some(0.0); workflow.states.len()];
        let mut of_scope: Vec<Option<f64>> = vec![Some(0.0); workflow.scopes.len()];
        let mut best: Vec<Option<f64>> = vec![Some(0.0); plan.components.len()];
        for scope in deepest_first(workflow) {
            let at = scope.0 as usize;
            for state in workflow.states_of(scope) {
                let inside = inside(workflow, state, way, &of_scope);
                total[state.id.0 as usize] = plus(cost[state.id.0 as usize], inside);
            }
            for component in &by_scope[at] {
                best[*component] = plan.choose(workflow, way, graph, *component, &total, &best);
            }
            let start = workflow.scope(scope).start;
            of_scope[at] = start.map_or(Some(0.0), |start| best[plan.of[start.0 as usize]]);
        }
        plan
    }

    /// Chooses how the way goes on from a component; what it costs from there to the end.
    fn choose(
        &mut self,
        workflow: &Workflow,
        way: Way,
        graph: &Graph,
        component: usize,
        total: &[Option<f64>],
        best: &[Option<f64>],
    ) -> Option<f64> {
        let members = &self.components[component];
        let own = match way {
            Way::Low => {
                let cheapest = members.iter().copied().min_by(|a, b| rank(total[*a]).total_cmp(&rank(total[*b])));
                self.visited[component] = cheapest.into_iter().collect();
                cheapest.and_then(|state| total[state])
            }
            Way::Likely | Way::High => {
                let once = members.iter().try_fold(0.0, |sum, state| Some(sum + total[*state]?));
                times(once, self.turns[component])
            }
        };
        let successors = members.iter().flat_map(|state| &graph[*state]).map(|to| self.of[*to]);
        let mut successors: Vec<usize> = successors.filter(|next| *next != component).collect();
        successors.sort_unstable();
        successors.dedup();
        let by_cost = |a: &usize, b: &usize| rank(best[*a]).total_cmp(&rank(best[*b]));
        let ends = members.iter().any(|state| workflow.states[*state].is_end);
        self.next[component] = match way {
            Way::Low if ends => None,
            Way::Low => successors.into_iter().min_by(by_cost),
            Way::Likely | Way::High => successors.into_iter().max_by(by_cost),
        };
        plus(own, self.next[component].map_or(Some(0.0), |next| best[next]))
    }

    /// Visits along the way, from the outermost scope inwards.
    fn walk(&self, workflow: &Workflow, way: Way) -> Vec<Option<u64>> {
        let mut visits = vec![Some(0); workflow.states.len()];
        let mut of_scope: Vec<Option<u64>> = vec![Some(0); workflow.scopes.len()];
        if let Some(top) = of_scope.first_mut() {
            *top = Some(1);
        }
        let mut scopes = deepest_first(workflow);
        scopes.reverse();
        for scope in scopes {
            let entries = of_scope[scope.0 as usize];
            let mut at = workflow.scope(scope).start.map(|start| self.of[start.0 as usize]);
            while let Some(component) = at {
                for state in &self.visited[component] {
                    let all = &workflow.states[*state];
                    let count = product(entries, self.turns[component]);
                    visits[*state] = count.map(|count| within_history(workflow, all, count));
                    enter(workflow, all, way, visits[*state], &mut of_scope);
                }
                at = self.next[component];
            }
        }
        visits
    }
}

/// Adds the visits of a Parallel or Map to the scopes inside.
fn enter(workflow: &Workflow, state: &State, way: Way, visits: Option<u64>, of_scope: &mut [Option<u64>]) {
    let tries = if way == Way::High { tries_at_worst(workflow, state) } else { Some(1) };
    let visits = product(visits, tries);
    match &state.kind {
        StateKind::Parallel { branches } => branches.iter().for_each(|branch| of_scope[branch.0 as usize] = visits),
        StateKind::Map(map) => of_scope[map.body.0 as usize] = product(visits, items(map, way)),
        _ => {}
    }
}

/// What the scopes inside of a state cost per visit.
fn inside(workflow: &Workflow, state: &State, way: Way, of_scope: &[Option<f64>]) -> Option<f64> {
    let tries = if way == Way::High { tries_at_worst(workflow, state) } else { Some(1) };
    let once = match &state.kind {
        StateKind::Parallel { branches } => {
            branches.iter().try_fold(0.0, |sum, branch| Some(sum + of_scope[branch.0 as usize]?))
        }
        StateKind::Map(map) => times(of_scope[map.body.0 as usize], items(map, way)),
        _ => return Some(0.0),
    };
    times(once, tries)
}

/// How often the body of a Map runs.
fn items(map: &MapFacts, way: Way) -> Option<u64> {
    match (map.items, way) {
        (None, Way::Low) => Some(0),
        _ => map.runs(),
    }
}

/// In the worst case a loop turns until something ends it.
fn turns_of(workflow: &Workflow, way: Way, graph: &Graph, components: &[Vec<usize>]) -> Vec<Option<u64>> {
    let mut all = vec![Some(1); components.len()];
    if way != Way::High {
        return all;
    }
    let loops = loops(workflow);
    for (i, states) in components.iter().enumerate() {
        if states.len() == 1 && !graph[states[0]].contains(&states[0]) {
            continue;
        }
        let ids: Vec<StateId> = states.iter().map(|at| StateId(*at as u32)).collect();
        let found = loops.iter().find(|one| one.states == ids);
        all[i] = found.and_then(|found| turns(workflow, found).count).map(|count| count.max(1));
    }
    all
}

/// The history of a Standard execution has room for so many: every visit enters and leaves, and every try is scheduled and ends.
/// Children of a distributed Map have histories of their own.
pub(super) fn within_history(workflow: &Workflow, state: &State, count: u64) -> u64 {
    match workflow.distributed_map(state).is_some() || workflow.is_express() {
        true => count,
        false => count.min(HISTORY_EVENTS / 2),
    }
}

fn product(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(0), _) | (_, Some(0)) => Some(0),
        (a, b) => Some(a?.saturating_mul(b?)),
    }
}

fn plus(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    Some(a? + b?)
}

fn times(a: Option<f64>, b: Option<u64>) -> Option<f64> {
    match (a, b) {
        (_, Some(0)) => Some(0.0),
        (a, b) => Some(a? * b? as f64),
    }
}

/// What is unknown may be the most.
fn rank(cost: Option<f64>) -> f64 {
    cost.unwrap_or(f64::INFINITY)
}
