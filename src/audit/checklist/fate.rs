//! Where a failure leads.

use std::collections::BTreeSet;

use crate::lake::error_name::{ALL, TASK_FAILED};
use crate::lake::{Call, EdgeKind, State, StateId, StateKind, Workflow};
use crate::rules::notifies;

/// What becomes of a state's failure once nothing tries it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Every way leads to a state that tells, or to a Fail state; the first of them.
    Told(StateId),
    /// Nothing catches it: the execution fails.
    Uncaught,
    /// The machine ends well, by this state, and nothing on the way can have told anybody.
    Swallowed(StateId),
    /// Some ways tell and some do not, or a step may do anything.
    Unclear,
}

/// The fate of what a state fails with, by its own `Catch` or that of a Parallel or Map around it. A `Catch` for some errors alone
/// is not asked about: these are foreseen.
pub(super) fn fate(workflow: &Workflow, state: &State) -> Fate {
    for holder in std::iter::once(state).chain(workflow.around(state)) {
        if holder.is_open {
            return Fate::Unclear;
        }
        let is_all = |errors: &[(String, _)]| errors.iter().any(|(name, _)| name == ALL || name == TASK_FAILED);
        if let Some(catcher) = holder.catchers.iter().position(|catcher| is_all(&catcher.errors)) {
            let edge = holder.edges.iter().find(|edge| edge.kind == EdgeKind::Catch(catcher));
            return edge.and_then(|edge| edge.to).map_or(Fate::Unclear, |to| caught(workflow, state, holder, to));
        }
    }
    Fate::Uncaught
}

/// The fate of what leads to some state.
fn caught(workflow: &Workflow, failed: &State, holder: &State, to: StateId) -> Fate {
    let regular = regular(workflow, holder);
    let is_fail = |state: &State| matches!(state.kind, StateKind::Fail);
    let is_again = |state: &State| state.id == failed.id || state.id == holder.id;
    // What success is told of as well may not tell them apart.
    let tells = |state: &State| is_fail(state) || notifies(state) && !regular.contains(&state.id);
    let walk = workflow.walk(to, |state| tells(state) || is_again(state));
    let told = walk.stops.iter().copied().find(|id| tells(workflow.state(*id)));
    if let (Some(told), true, false) = (told, walk.ends.is_empty(), regular.contains(&to)) {
        return beyond(workflow, failed, workflow.state(told));
    }
    let may_tell = |id: &StateId| match workflow.state(*id).task().map(|task| &task.call) {
        Some(Call::Service { .. }) => notifies(workflow.state(*id)),
        // It is part of the regular work, which goes on.
        Some(Call::AthenaQuery { .. }) => regular.contains(id),
        None => false,
        Some(_) => true,
    };
    match walk.ends.first() {
        Some(end) if walk.stops.is_empty() && !walk.states.iter().any(may_tell) => Fate::Swallowed(*end),
        _ => Fate::Unclear,
    }
}

/// A Fail state inside of a Parallel or Map fails that one, which may catch it.
fn beyond(workflow: &Workflow, failed: &State, told: &State) -> Fate {
    let holder = workflow.around(told).next().filter(|_| matches!(told.kind, StateKind::Fail));
    match holder {
        None => Fate::Told(told.id),
        Some(holder) if workflow.around(failed).any(|around| around.id == holder.id) => match fate(workflow, holder) {
            Fate::Uncaught => Fate::Told(told.id),
            outer => outer,
        },
        Some(_) => Fate::Unclear,
    }
}

/// What follows a state when all goes well and no Choice decides.
fn regular(workflow: &Workflow, state: &State) -> BTreeSet<StateId> {
    let mut states = BTreeSet::new();
    let mut at = Some(state);
    while let Some(state) = at {
        let next = state.edges.iter().find(|edge| edge.kind == EdgeKind::Next).and_then(|edge| edge.to);
        let next = next.filter(|next| states.insert(*next)).map(|next| workflow.state(next));
        at = next.or_else(|| workflow.around(state).next().filter(|_| state.is_end));
    }
    states
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::machine::example::Flow;
    use crate::lake::Pattern::Sync;

    #[track_caller]
    fn assert_fate(flow: Flow, expected: &str) {
        let workflow = flow.build();
        let load = workflow.states.iter().find(|state| state.name == "load").expect("a state");
        let found = match fate(&workflow, load) {
            Fate::Told(id) => format!("told {}", workflow.state(id).name),
            Fate::Swallowed(id) => format!("swallowed {}", workflow.state(id).name),
            other => format!("{other:?}"),
        };
        assert_eq!(found, expected);
    }

    fn load(next: &str) -> Flow {
        Flow::new("load").glue("load", "orders", Sync, next)
    }

    #[test]
    fn every_way_from_a_catch_has_to_tell() {
        let caught = || load("done").catch("which").succeed("done").choice("which", "tell", &["other"]);
        assert_fate(caught().lambda("tell", "gone").succeed("other"), "Unclear");
        let caught = || load("done").catch("which").succeed("done").choice("which", "alert", &["other"]);
        assert_fate(caught().lambda("alert", "other").succeed("other"), "Unclear");
        assert_fate(caught().lambda("alert", "done").pass("other", "load"), "told alert");
        assert_fate(load("done").catch("done").succeed("done"), "swallowed done");
        assert_fate(load("done").succeed("done"), "Uncaught");
    }

    #[test]
    fn going_on_is_unclear_and_so_is_a_message_that_tells_of_success_as_well() {
        assert_fate(load("sum").catch("sum").glue("sum", "sum", Sync, "done").succeed("done"), "Unclear");
        assert_fate(load("notify").catch("notify").lambda("notify", "done").succeed("done"), "Unclear");
        assert_fate(load("log").catch("log").lambda("log", "done").succeed("done"), "Unclear");
        assert_fate(load("done").catch("clean").task("clean", "done").succeed("done"), "swallowed done");
    }

    #[test]
    fn what_is_around_catches_as_well() {
        let inside = Flow::new("all").parallel("all", "done").catch("alert").body("all");
        let inside = inside.glue("load", "orders", Sync, "end").succeed("end").leave();
        assert_fate(inside.succeed("done").lambda("alert", "done"), "told alert");
        let fails = |catch: &str| {
            let all = Flow::new("all").parallel("all", "done").catch(catch).body("all");
            let all = all.glue("load", "orders", Sync, "end").catch("failed").succeed("end");
            all.fail("failed").leave().succeed("done").lambda("alert", "done")
        };
        assert_fate(fails("done"), "swallowed done");
        assert_fate(fails("alert"), "told alert");
    }
}
