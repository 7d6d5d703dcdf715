//! What really ends a loop or a retrier that nothing bounds, and when.

use std::fmt;

use super::ceiling::HISTORY_EVENTS;
use super::events::of_try;
use super::wait::wait_of_tries;
use super::{Bound, Ceiling, Loop, tries};
use crate::lake::{Count, Limit, Seconds, State, StateId, StateKind, Workflow};

/// How long something goes on at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turns {
    pub cause: Cause,
    /// Turns of a loop, or tries of a state; `None` where time ends it and no wait says how long a turn takes.
    pub count: Option<u64>,
    /// Seconds that it waits, at least: what its tasks take comes on top.
    pub seconds: f64,
    /// Transitions that a Standard execution is billed for; `None` with the turns, and for Express, which is not billed for them.
    pub transitions: Option<u64>,
}

/// What ends it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cause {
    /// Its own counter, taken for one that counts from 0 by one.
    Counter,
    /// The attempts of its retriers.
    Attempts,
    /// The history of a Standard execution is full.
    History,
    Ceiling(Ceiling),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Counter => f.write_str("its counter"),
            Cause::Attempts => f.write_str("its attempts"),
            Cause::History => write!(f, "{} history events", Count(HISTORY_EVENTS)),
            Cause::Ceiling(ceiling) => ceiling.fmt(f),
        }
    }
}

impl Turns {
    /// For people; `each` is what is counted: `25,000 history events end it after 2,777 turns and 23 hours`.
    pub fn in_words(&self, each: &str) -> String {
        let verb = if self.cause == Cause::History { "end" } else { "ends" };
        let count = self.count.map(|count| format!("{} {each}", Count(count)));
        let time = (self.seconds > 0.0).then(|| Seconds(self.seconds).to_string());
        let after: Vec<String> = count.into_iter().chain(time).collect();
        format!("{} {verb} it after {}", self.cause, after.join(" and "))
    }
}

/// What ends a loop.
pub fn turns(workflow: &Workflow, found: &Loop) -> Turns {
    let failing = failing(workflow, found);
    let state = |id: &StateId| workflow.state(*id);
    let mut each = Each { events: found.events, waits: 0.0, transitions: 0 };
    for id in &found.turn {
        let tries = if Some(*id) == failing { tries(state(id)).unwrap_or(1) } else { 1 };
        let more = tries.saturating_sub(1);
        each.events = each.events.saturating_add(more.saturating_mul(of_try(state(id))));
        each.transitions = each.transitions.saturating_add(tries);
        if let StateKind::Wait(Limit::Seconds { seconds, .. }) = state(id).kind {
            each.waits += seconds as f64;
        }
        if more > 0 {
            each.waits += wait_of_tries(state(id), more).unwrap_or(0.0);
        }
    }
    let first = state(&found.turn[0]);
    let counter = match found.bound {
        // One that counts down to 0 starts nobody knows where.
        Bound::Counter { limit: Some(limit), .. } if limit > 0.0 => Some(limit as u64),
        _ => None,
    };
    each.until_end(workflow, first, counter)
}

/// What one turn takes.
struct Each {
    events: u64,
    waits: f64,
    transitions: u64,
}

impl Each {
    fn until_end(&self, workflow: &Workflow, state: &State, counter: Option<u64>) -> Turns {
        let ceiling = Ceiling::of_state(workflow, state);
        let is_standard = !workflow.is_express_at(state);
        let mut ends: Vec<(u64, Cause)> = counter.map(|limit| (limit.max(1), Cause::Counter)).into_iter().collect();
        if is_standard {
            ends.push(((HISTORY_EVENTS / self.events.max(1)).max(1), Cause::History));
        }
        if self.waits > 0.0 {
            ends.push(((ceiling.seconds() / self.waits) as u64, Cause::Ceiling(ceiling)));
        }
        let Some((count, cause)) = ends.into_iter().min_by_key(|(count, _)| *count) else {
            let cause = Cause::Ceiling(ceiling);
            return Turns { cause, count: None, seconds: ceiling.seconds(), transitions: None };
        };
        let seconds = match cause {
            Cause::Ceiling(ceiling) => ceiling.seconds(),
            _ => count as f64 * self.waits,
        };
        let transitions = is_standard.then(|| count.saturating_mul(self.transitions));
        Turns { cause, count: Some(count), seconds, transitions }
    }
}

/// The state whose failure closes a loop that only a catcher closes.
fn failing(workflow: &Workflow, found: &Loop) -> Option<StateId> {
    let last = *found.turn.last()?;
    let leads_to = |edge: usize| workflow.state(last).edges[edge].to == found.turn.first().copied();
    let closes = found.catch_edges(workflow).any(|(state, edge)| state == last && leads_to(edge));
    (found.only_by_catch && closes).then_some(last)
}

/// What ends the tries of one visit of a state that keeps failing; `None` when a number is only known to the deployment.
pub fn turns_of_tries(workflow: &Workflow, state: &State) -> Option<Turns> {
    let all = tries(state)?;
    let ceiling = Ceiling::of_state(workflow, state);
    let is_standard = !workflow.is_express_at(state);
    let by_history = if is_standard { (HISTORY_EVENTS - 2) / of_try(state) } else { u64::MAX };
    let (mut count, mut cause) = if all <= by_history { (all, Cause::Attempts) } else { (by_history, Cause::History) };
    let mut seconds = wait_of_tries(state, count.saturating_sub(1))?;
    if seconds > ceiling.seconds() {
        (count, cause) = (tries_within(state, count, ceiling.seconds())?, Cause::Ceiling(ceiling));
        seconds = ceiling.seconds();
    }
    Some(Turns { cause, count: Some(count), seconds, transitions: is_standard.then_some(count) })
}

/// Tries of one visit within the limits of an execution.
pub(super) fn tries_at_worst(workflow: &Workflow, state: &State) -> Option<u64> {
    if state.retriers.is_empty() && !state.is_open {
        return Some(1);
    }
    turns_of_tries(workflow, state)?.count
}

/// The most tries, up to `most`, whose waits take no longer than `seconds`.
fn tries_within(state: &State, most: u64, seconds: f64) -> Option<u64> {
    let (mut low, mut high) = (1, most);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if wait_of_tries(state, middle - 1)? <= seconds { low = middle } else { high = middle - 1 }
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use super::super::example::{Flow, comparison, polling, retrier};
    use super::super::loops;
    use super::*;
    use crate::lake::{ComparisonKind, WorkflowKind};

    fn only_loop(workflow: &Workflow) -> Turns {
        let found = loops(workflow);
        assert_eq!(found.len(), 1);
        turns(workflow, &found[0])
    }

    #[test]
    fn the_history_ends_a_polling_loop_within_a_day() {
        let end = only_loop(&polling().build());
        assert_eq!((end.cause, end.count, end.transitions), (Cause::History, Some(2_777), Some(8_331)));
        assert_eq!(end.seconds, 83_310.0);
    }

    #[test]
    fn a_long_wait_ends_with_the_year_and_a_timeout_ends_all() {
        let flow = |wait| {
            Flow::new("Wait")
                .wait("Wait", wait, "Get")
                .task("Get", "Done?")
                .choice("Done?", "Wait", &["End"])
                .succeed("End")
        };
        let end = only_loop(&flow(86_400).build());
        assert_eq!((end.cause, end.count), (Cause::Ceiling(Ceiling::Year), Some(365)));
        let end = only_loop(&flow(30).timeout(3_600).build());
        assert!(matches!(end.cause, Cause::Ceiling(Ceiling::Timeout { .. })));
        assert_eq!((end.count, end.seconds), (Some(120), 3_600.0));
        let end = only_loop(&flow(30).kind(WorkflowKind::Express).build());
        assert_eq!((end.cause, end.count, end.transitions), (Cause::Ceiling(Ceiling::FiveMinutes), Some(10), None));
    }

    #[test]
    fn a_counter_ends_its_loop() {
        let end = |limit| {
            let flow = Flow::new("Wait").wait("Wait", 30, "Get").task("Get", "N").pass("N", "Done?").increments("$.n");
            let flow = flow.choice("Done?", "Wait", &["End"]).succeed("End");
            only_loop(&flow.compares(comparison("$.n", ComparisonKind::Numeric(Some(limit)))).build())
        };
        assert_eq!((end(20.0).cause, end(20.0).count, end(20.0).seconds), (Cause::Counter, Some(20), 600.0));
        // A budget that is used up: how large it was is not known, and not one turn.
        assert_eq!((end(0.0).cause, end(0.0).count), (Cause::History, Some(25_000 / 11)));
    }

    #[test]
    fn an_express_loop_without_a_wait_has_an_unknown_number_of_turns() {
        let flow = Flow::new("Page").task("Page", "Page").kind(WorkflowKind::Express).build();
        assert_eq!(only_loop(&flow).count, None);
    }

    #[test]
    fn a_failing_state_uses_its_tries_up_in_every_turn() {
        let flow =
            Flow::new("A").task("A", "End").retry(retrier(3.0, 1.0, 2.0)).catch("W").wait("W", 53, "A").succeed("End");
        let end = only_loop(&flow.build());
        // W: 2, A: entered, exited and four tries of three entries.
        assert_eq!((end.count, end.transitions), (Some(25_000 / 16), Some(25_000 / 16 * 5)));
        assert_eq!(end.seconds, (25_000 / 16) as f64 * 60.0);
    }

    #[test]
    fn attempts_without_end_are_ended_by_the_history_or_the_year() {
        let tried = |attempts: f64, interval: f64, rate: f64, kind| {
            let flow =
                Flow::new("A").task("A", "B").retry(retrier(attempts, interval, rate)).succeed("B").kind(kind).build();
            turns_of_tries(&flow, &flow.states[0]).expect("written")
        };
        let standard = WorkflowKind::Standard;
        let end = tried(99_999_999.0, 1.0, 1.0, standard);
        assert_eq!((end.cause, end.count, end.seconds), (Cause::History, Some(8_332), 8_331.0));
        let end = tried(99_999_999.0, 1.0, 2.0, standard);
        assert_eq!((end.cause, end.count), (Cause::Ceiling(Ceiling::Year), Some(25)));
        let end = tried(3.0, 1.0, 2.0, standard);
        assert_eq!((end.cause, end.count, end.seconds), (Cause::Attempts, Some(4), 7.0));
        let end = tried(10.0, 1.0, 2.0, WorkflowKind::Express);
        assert_eq!((end.cause, end.count), (Cause::Ceiling(Ceiling::FiveMinutes), Some(9)));
    }
}
