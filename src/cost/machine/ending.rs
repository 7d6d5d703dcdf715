//! What ends a loop or a retrier, when, and what it has cost by then.

use super::part::{Part, PartKind, sum};
use super::price::{Pricer, one_after_the_other};
use super::turns::Turns;
use super::{Loop, turns, turns_of_tries};
use crate::cost::prices::prices;
use crate::cost::{Basis, Estimator};
use crate::lake::{Spread, State, StateId, Usd, Workflow};

/// The end of something that nothing else bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    pub turns: Turns,
    /// Transitions until then; `None` where they are not billed or not known.
    pub transitions: Option<Usd>,
    /// What each turn starts beside its transitions, with the count of all turns.
    pub starts: Vec<Part>,
    /// Everything until then, with `starts`.
    pub usd: Spread<Option<Usd>>,
    pub basis: Basis,
}

/// How the tasks end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Any,
    Failure,
}

impl Estimator<'_> {
    /// What ends a loop of a machine.
    pub fn ending(&self, workflow: &Workflow, found: &Loop) -> Ending {
        let is_in_turn = |state: &State| {
            found.turn.contains(&state.id) || workflow.around(state).any(|around| found.turn.contains(&around.id))
        };
        let tasks: Vec<StateId> = found.tasks.iter().copied().filter(|id| is_in_turn(workflow.state(*id))).collect();
        self.priced(workflow, turns(workflow, found), &tasks, Outcome::Any)
    }

    /// What ends the tries of a state that keeps failing; `None` when a number is only known to the deployment.
    pub fn ending_of_tries(&self, workflow: &Workflow, state: &State) -> Option<Ending> {
        let tasks: Vec<StateId> = match state.task() {
            Some(_) => vec![state.id],
            None => {
                let inside = workflow.states.iter().filter(|other| workflow.around(other).any(|at| at.id == state.id));
                inside.map(|state| state.id).collect()
            }
        };
        Some(self.priced(workflow, turns_of_tries(workflow, state)?, &tasks, Outcome::Failure))
    }

    fn priced(&self, workflow: &Workflow, turns: Turns, tasks: &[StateId], outcome: Outcome) -> Ending {
        let transition = prices().step_functions.standard_per_1000 / 1000.0;
        let transitions = turns.transitions.map(|count| Usd(count as f64 * transition));
        let mut basis = Basis::default();
        let mut pricer = Pricer::new(self);
        let mut starts = Vec::new();
        for id in tasks {
            let state = workflow.state(*id);
            let Some(mut unit) = pricer.unit(workflow, state) else { continue };
            // A failed query is free: <https://aws.amazon.com/athena/pricing/>. One that was cancelled is not.
            if outcome == Outcome::Failure && unit.kind == PartKind::Query {
                unit.usd.low = Some(Usd(0.0));
            }
            basis.merge(&unit.basis);
            let high = one_after_the_other(workflow, state, &unit, turns.count);
            let count = Spread { high, ..Spread::exactly(turns.count) };
            starts.push(Part::of(&unit, Some(*id), state.name_span, count));
        }
        let plus = |a: Option<Usd>, b: Option<Usd>| Some(Usd(a?.0 + b?.0));
        let usd = sum(starts.iter()).plus(Spread::exactly(transitions.or(Some(Usd(0.0)))), plus);
        Ending { turns, transitions, starts, usd, basis }
    }
}

impl Ending {
    /// For people; `each` is what is counted: `25,000 history events end it after 2,777 turns and 23.1 hours, which cost $0.21`.
    pub fn in_words(&self, each: &str) -> String {
        let end = self.turns.in_words(each);
        self.money().map_or(end.clone(), |money| format!("{end}, which cost {money}"))
    }

    /// The most that the jobs and machines started until then cost, in dollars; `None` when that is unknown. Queries that fail
    /// are free, functions cost next to nothing.
    pub fn most_of_work(&self) -> Option<Usd> {
        let work = |part: &&Part| matches!(part.kind, PartKind::GlueJob | PartKind::Child | PartKind::Job);
        sum(self.starts.iter().filter(work)).high
    }

    /// Dollars until the end, from a cent on. Functions cost next to nothing unless they run on, and are left out.
    fn money(&self) -> Option<String> {
        let counted = self.starts.iter().filter(|part| part.kind != PartKind::Lambda);
        let transitions = Spread::exactly(Some(self.transitions.unwrap_or_default()));
        let Spread { low, high, .. } = sum(counted).plus(transitions, |a, b| Some(Usd(a?.0 + b?.0)));
        if high.is_some_and(|high| high.0 < 0.01) {
            return None;
        }
        match (low?.to_string(), high.map(|usd| usd.to_string())) {
            (low, Some(high)) if low == high => Some(high),
            (low, Some(high)) if low == "$0" => Some(format!("up to {high}")),
            (low, Some(high)) => Some(format!("{low} to {high}")),
            (low, None) if low == "$0" => None,
            (low, None) => Some(format!("{low} or more")),
        }
    }
}
