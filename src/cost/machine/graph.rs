//! Strongly connected components and shortest ways of a directed graph, without recursion.

use std::collections::VecDeque;

/// Successors of each node.
pub(super) type Graph = Vec<Vec<usize>>;

/// The strongly connected components, each sorted; a component comes after all that it leads to (Tarjan 1972).
pub(super) fn components(graph: &Graph) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let count = graph.len();
    let (mut index, mut low) = (vec![UNSEEN; count], vec![0; count]);
    let mut on_stack = vec![false; count];
    let (mut stack, mut found) = (Vec::new(), Vec::new());
    let mut next = 0;
    for root in 0..count {
        if index[root] != UNSEEN {
            continue;
        }
        // A node and how many of its successors were followed.
        let mut path = vec![(root, 0)];
        while let Some((node, followed)) = path.pop() {
            if followed == 0 {
                (index[node], low[node]) = (next, next);
                next += 1;
                stack.push(node);
                on_stack[node] = true;
            } else {
                let child = graph[node][followed - 1];
                if on_stack[child] {
                    low[node] = low[node].min(low[child]);
                }
            }
            if let Some(&child) = graph[node].get(followed) {
                path.push((node, followed + 1));
                if index[child] == UNSEEN {
                    path.push((child, 0));
                }
                continue;
            }
            if low[node] == index[node] {
                let from = stack.iter().rposition(|other| *other == node).unwrap_or(0);
                let mut component = stack.split_off(from);
                component.iter().for_each(|member| on_stack[*member] = false);
                component.sort_unstable();
                found.push(component);
            }
        }
    }
    found
}

/// The components that hold a cycle: several nodes, or one that leads to itself.
pub(super) fn cyclic(graph: &Graph) -> Vec<Vec<usize>> {
    let is_cyclic = |component: &Vec<usize>| component.len() > 1 || graph[component[0]].contains(&component[0]);
    components(graph).into_iter().filter(is_cyclic).collect()
}

/// The shortest way from a node to one that `is_goal`, both included; a node that is the goal itself is left first.
pub(super) fn way(graph: &Graph, from: usize, is_goal: impl Fn(usize) -> bool) -> Option<Vec<usize>> {
    let mut came_from: Vec<Option<usize>> = vec![None; graph.len()];
    let mut queue = VecDeque::from([from]);
    while let Some(node) = queue.pop_front() {
        for &next in &graph[node] {
            if is_goal(next) {
                return Some(traced(&came_from, from, node, next));
            }
            if next != from && came_from[next].is_none() {
                came_from[next] = Some(node);
                queue.push_back(next);
            }
        }
    }
    None
}

fn traced(came_from: &[Option<usize>], from: usize, last: usize, goal: usize) -> Vec<usize> {
    let mut way = vec![goal, last];
    let mut at = last;
    while at != from {
        let Some(before) = came_from[at] else { break };
        way.push(before);
        at = before;
    }
    way.reverse();
    way
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Which nodes lead to which in one step or more (Warshall).
    fn closure(graph: &Graph) -> Vec<Vec<bool>> {
        let count = graph.len();
        let mut reach = vec![vec![false; count]; count];
        graph.iter().enumerate().for_each(|(from, tos)| tos.iter().for_each(|to| reach[from][*to] = true));
        for via in 0..count {
            for from in 0..count {
                for to in 0..count {
                    reach[from][to] |= reach[from][via] && reach[via][to];
                }
            }
        }
        reach
    }

    fn graphs() -> impl Strategy<Value = Graph> {
        (1usize..14).prop_flat_map(|count| {
            let edges = prop::collection::vec((0..count, 0..count), 0..count * 2);
            edges.prop_map(move |edges| {
                let mut graph = vec![Vec::new(); count];
                edges.into_iter().for_each(|(from, to): (usize, usize)| graph[from].push(to));
                graph
            })
        })
    }

    proptest! {
        #[test]
        fn components_are_the_nodes_that_reach_each_other(graph in graphs()) {
            let reach = closure(&graph);
            let found = components(&graph);
            let mut of = vec![usize::MAX; graph.len()];
            found.iter().enumerate().for_each(|(i, nodes)| nodes.iter().for_each(|node| of[*node] = i));
            for a in 0..graph.len() {
                for b in 0..graph.len() {
                    let mutual = a == b || (reach[a][b] && reach[b][a]);
                    prop_assert_eq!(of[a] == of[b], mutual, "{} {} of {:?}", a, b, &graph);
                    // What is led to comes first.
                    prop_assert!(of[a] == of[b] || !reach[a][b] || of[b] < of[a]);
                }
            }
            let on_cycles: Vec<usize> = cyclic(&graph).concat();
            for (node, reached) in reach.iter().enumerate() {
                prop_assert_eq!(on_cycles.contains(&node), reached[node]);
            }
        }

        #[test]
        fn ways_are_walked_along_edges(graph in graphs(), goal in 0usize..14) {
            let reach = closure(&graph);
            for (from, reached) in reach.iter().enumerate() {
                let way = way(&graph, from, |node| node == goal);
                prop_assert_eq!(way.is_some(), goal < graph.len() && reached[goal]);
                for pair in way.unwrap_or_default().windows(2) {
                    prop_assert!(graph[pair[0]].contains(&pair[1]));
                }
            }
        }
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let count = 200_000;
        let graph: Graph = (0..count).map(|node| vec![(node + 1) % count]).collect();
        assert_eq!(components(&graph).len(), 1);
    }
}
