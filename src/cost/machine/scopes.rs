//! The scopes of a machine by depth, so that nesting needs no recursion.

use crate::lake::{ScopeId, Workflow};

/// All scopes, those inside of others first.
pub(super) fn deepest_first(workflow: &Workflow) -> Vec<ScopeId> {
    let depths = depths(workflow);
    let mut scopes: Vec<ScopeId> = (0..workflow.scopes.len()).map(|at| ScopeId(at as u32)).collect();
    scopes.sort_by_key(|scope| (std::cmp::Reverse(depths[scope.0 as usize]), scope.0));
    scopes
}

/// How many scopes are around each.
fn depths(workflow: &Workflow) -> Vec<usize> {
    let mut depths: Vec<Option<usize>> = vec![None; workflow.scopes.len()];
    for scope in 0..workflow.scopes.len() {
        let mut chain = Vec::new();
        let mut at = Some(scope);
        let mut depth = 0;
        while let Some(here) = at {
            if let Some(known) = depths[here] {
                depth = known + 1;
                break;
            }
            chain.push(here);
            let parent = workflow.scopes[here].parent;
            at = parent.map(|state| workflow.state(state).scope.0 as usize).filter(|_| chain.len() <= depths.len());
        }
        for (i, here) in chain.iter().rev().enumerate() {
            depths[*here] = Some(depth + i);
        }
    }
    depths.into_iter().map(Option::unwrap_or_default).collect()
}
