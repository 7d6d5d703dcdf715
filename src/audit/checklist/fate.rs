//! Where a failure leads.

use std::collections::BTreeSet;

use crate::cost::machine::{is_silent, notifies};
use crate::lake::error_name::{ALL, HEARTBEAT_TIMEOUT, TASK_FAILED, TIMEOUT};
use crate::lake::{Call, Catcher, EdgeKind, Limit, State, StateId, StateKind, Workflow};

/// What becomes of a state's failure once nothing tries it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Every way leads to a state that tells, or to a Fail state; the first of them.
    Told(StateId),
    /// Nothing catches it: the execution fails.
    Uncaught,
    /// The machine ends well, by this state, and nothing on the way can have told anybody.
    Swallowed(StateId),
    /// This Map succeeds although items of it fail.
    Tolerated(StateId),
    /// Some ways tell and some do not, or a step may do anything.
    Unclear,
}

/// The fates of what fails in a machine.
#[derive(Debug)]
pub(super) struct Fates<'a> {
    pub workflow: &'a Workflow,
    /// What can run while nothing fails: success may be told of there as well.
    regular: BTreeSet<StateId>,
}

/// Errors that nothing has caught yet.
struct Loose {
    /// All but a timeout.
    general: bool,
    timeout: bool,
}

impl<'a> Fates<'a> {
    pub(super) fn of(workflow: &'a Workflow) -> Fates<'a> {
        let start = workflow.scopes.first().and_then(|scope| scope.start);
        let regular = start.map(|start| workflow.walk(start, |_| false).states).unwrap_or_default();
        Fates { workflow, regular }
    }

    /// The fate of what a state fails with, by its own `Catch` or those of the Parallels and Maps around it.
    pub(super) fn of_state(&self, state: &State) -> Fate {
        let can_time_out = state.timeout != Limit::Unset || state.heartbeat != Limit::Unset;
        let mut loose = Loose { general: true, timeout: can_time_out };
        let (mut main, mut is_unclear) = (Fate::Uncaught, false);
        for holder in std::iter::once(state).chain(self.workflow.around(state)) {
            if holder.id != state.id && tolerates(holder) {
                return Fate::Tolerated(holder.id);
            }
            if holder.is_open {
                return Fate::Unclear;
            }
            for (at, catcher) in holder.catchers.iter().enumerate() {
                let Some(is_general) = loose.catch(catcher) else { continue };
                let edge = holder.edges.iter().find(|edge| edge.kind == EdgeKind::Catch(at));
                let fate = edge.and_then(|edge| edge.to).map_or(Fate::Unclear, |to| self.caught(state, holder, to));
                match is_general {
                    true => main = fate,
                    false => is_unclear |= !matches!(fate, Fate::Told(_)),
                }
            }
            if !loose.general && !loose.timeout {
                break;
            }
        }
        match main {
            Fate::Told(_) if is_unclear || loose.timeout => Fate::Unclear,
            main => main,
        }
    }

    /// The fate of what leads to some state.
    fn caught(&self, failed: &State, holder: &State, to: StateId) -> Fate {
        let workflow = self.workflow;
        let is_again = |state: &State| state.id == failed.id || state.id == holder.id;
        // What success is told of as well may not tell them apart.
        let tells = |state: &State| {
            matches!(state.kind, StateKind::Fail) || notifies(state) && !self.regular.contains(&state.id)
        };
        let walk = workflow.walk(to, |state| tells(state) || is_again(state));
        let told = walk.stops.iter().copied().find(|id| tells(workflow.state(*id)));
        if let (Some(told), true) = (told, walk.ends.is_empty()) {
            return self.beyond(failed, workflow.state(told));
        }
        let may_tell = |id: &StateId| match workflow.state(*id).task().map(|task| &task.call) {
            // It is part of the regular work, which goes on.
            Some(Call::AthenaQuery { .. }) => self.regular.contains(id),
            Some(call) => !is_silent(call),
            None => false,
        };
        match walk.ends.first() {
            Some(end) if walk.stops.is_empty() && !walk.states.iter().any(may_tell) => Fate::Swallowed(*end),
            _ => Fate::Unclear,
        }
    }

    /// A Fail state inside of a Parallel or Map fails that one, which may catch it.
    fn beyond(&self, failed: &State, told: &State) -> Fate {
        let holder = self.workflow.around(told).next().filter(|_| matches!(told.kind, StateKind::Fail));
        match holder {
            None => Fate::Told(told.id),
            Some(holder) if tolerates(holder) => Fate::Tolerated(holder.id),
            Some(holder) if self.workflow.around(failed).any(|around| around.id == holder.id) => {
                match self.of_state(holder) {
                    Fate::Uncaught => Fate::Told(told.id),
                    outer => outer,
                }
            }
            Some(_) => Fate::Unclear,
        }
    }
}

impl Loose {
    /// Takes off what a `Catch` catches: whether that is everything but a timeout. `None` when it catches nothing that is asked
    /// about: errors that a definition has named itself are foreseen.
    fn catch(&mut self, catcher: &Catcher) -> Option<bool> {
        let is_any = |names: &[&str]| catcher.errors.iter().any(|(name, _)| names.contains(&name.as_str()));
        let general = self.general && is_any(&[ALL, TASK_FAILED]);
        let timeout = self.timeout && is_any(&[ALL, TIMEOUT, HEARTBEAT_TIMEOUT]);
        let is_of_aws =
            |(name, _): &(String, _)| name.contains('.') && ![TIMEOUT, HEARTBEAT_TIMEOUT].contains(&name.as_str());
        let some = self.general && catcher.errors.iter().any(is_of_aws);
        self.general &= !general;
        self.timeout &= !is_any(&[ALL, TIMEOUT]);
        (general || timeout || some).then_some(general)
    }
}

/// Whether a Map succeeds although some items fail.
fn tolerates(state: &State) -> bool {
    matches!(&state.kind, StateKind::Map(map) if map.tolerates_failures)
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
        let found = match Fates::of(&workflow).of_state(load) {
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
    #[test]
    fn every_error_of_aws_has_to_be_caught() {
        let caught = |first: &str, to: &str| {
            load("done").task_timeout(60).catch(to).with(|state| {
                state.catchers[0].errors[0].0 = first.to_string();
            })
        };
        let end = |flow: Flow| flow.succeed("done").fail("failed");
        assert_fate(end(caught("States.TaskFailed", "failed").catch("done")), "Unclear");
        assert_fate(end(caught("States.TaskFailed", "failed")), "Unclear");
        assert_fate(end(caught("States.Timeout", "done").catch("failed")), "Unclear");
        assert_fate(end(caught("Glue.AWSGlueException", "done").catch("failed")), "Unclear");
        assert_fate(end(caught("NothingToDo", "done").catch("failed")), "told failed");
        assert_fate(end(caught("States.TaskFailed", "done").catch("failed")), "swallowed done");
        let endless = load("done").catch("failed").with(|state| {
            state.catchers[0].errors[0].0 = "States.TaskFailed".to_string();
        });
        assert_fate(end(endless), "told failed");
    }

    #[test]
    fn a_map_may_tolerate_what_fails_in_it() {
        let map = Flow::new("each").map("each", None, "done").catch("failed").with(|state| {
            let StateKind::Map(map) = &mut state.kind else { panic!("a Map") };
            map.tolerates_failures = true;
        });
        let map = map.body("each").glue("load", "orders", Sync, "end").succeed("end").leave();
        assert_fate(map.succeed("done").fail("failed"), "Tolerated(StateId(0))");
    }

    #[test]
    fn what_a_choice_may_tell_success_of_is_unclear() {
        let flow = load("full").catch("notify").choice("full", "notify", &["done"]);
        assert_fate(flow.lambda("notify", "done").succeed("done"), "Unclear");
        let failing = load("full").catch("notify").choice("full", "notify", &["done"]);
        assert_fate(failing.lambda("notify", "failed").succeed("done").fail("failed"), "told failed");
    }
}
