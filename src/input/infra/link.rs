//! What one file says of another: a placeholder resource that a function answers to is a call of Lambda.

use crate::lake::{Call, Lake, ResourceKind, StateKind};

/// Looks again at Tasks whose resource says nothing by itself.
pub(super) fn link(lake: &mut Lake) {
    let functions: Vec<_> =
        lake.resources.iter().filter(|resource| matches!(resource.kind, ResourceKind::Lambda(_))).collect();
    for workflow in &mut lake.workflows {
        let module = workflow.named.module.clone();
        for state in &mut workflow.states {
            let StateKind::Task(task) = &mut state.kind else { continue };
            let (Call::Unknown, Some(resource)) = (&task.call, &task.resource) else { continue };
            if functions.iter().any(|function| function.named.is(&module, resource)) {
                task.call = Call::Lambda { function: Some(resource.clone()), is_event: false };
            }
        }
    }
}
