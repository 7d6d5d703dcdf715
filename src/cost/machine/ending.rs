//! What ends a loop or a retrier, when, and what it has cost by then.

use std::fmt;

use super::part::{Part, PartKind, sum};
use super::price::Pricer;
use super::turns::{Cause, Turns};
use super::{Loop, turns, turns_of_tries};
use crate::cost::prices::prices;
use crate::cost::{Basis, Estimator};
use crate::lake::{Count, Seconds, Spread, State, StateId, Usd, Workflow};

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
    /// `turn`, or `try`.
    word: &'static str,
}

impl Estimator<'_> {
    /// What ends a loop of a machine.
    pub fn ending(&self, workflow: &Workflow, found: &Loop) -> Ending {
        let is_in_turn = |state: &State| {
            found.turn.contains(&state.id) || workflow.around(state).any(|around| found.turn.contains(&around.id))
        };
        let tasks: Vec<StateId> = found.tasks.iter().copied().filter(|id| is_in_turn(workflow.state(*id))).collect();
        self.priced(workflow, turns(workflow, found), &tasks, "turn")
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
        Some(self.priced(workflow, turns_of_tries(workflow, state)?, &tasks, "try"))
    }

    fn priced(&self, workflow: &Workflow, turns: Turns, tasks: &[StateId], word: &'static str) -> Ending {
        let transition = prices().step_functions.standard_per_1000 / 1000.0;
        let transitions = turns.transitions.map(|count| Usd(count as f64 * transition));
        let mut basis = Basis::default();
        let mut pricer = Pricer::new(self);
        let mut starts = Vec::new();
        for id in tasks {
            let state = workflow.state(*id);
            let Some(unit) = pricer.unit(workflow, state) else { continue };
            basis.merge(&unit.basis);
            starts.push(Part::of(&unit, Some(*id), state.name_span, Spread::exactly(turns.count)));
        }
        let plus = |a: Option<Usd>, b: Option<Usd>| Some(Usd(a?.0 + b?.0));
        let usd = sum(starts.iter()).plus(Spread::exactly(transitions.or(Some(Usd(0.0)))), plus);
        Ending { turns, transitions, starts, usd, basis, word }
    }
}

impl Ending {
    /// What each turn starts that is billed, for people: `` each turn starts: Glue job `load`, up to $35.20 each ``. Functions cost
    /// next to nothing unless they run on, and are not named.
    pub fn starts_in_words(&self) -> Option<String> {
        let named = self.starts.iter().filter(|part| part.kind != PartKind::Lambda);
        let parts: Vec<String> = named.map(Part::to_string).collect();
        (!parts.is_empty()).then(|| format!("each {} starts: {}", self.word, parts.join("; ")))
    }

    fn count(&self) -> String {
        match (self.turns.count, self.word) {
            (None, word) => format!("an unknown number of {}", plural(word)),
            (Some(1), word) => format!("about 1 {word}"),
            (Some(count), word) => format!("about {} {}", Count(count), plural(word)),
        }
    }
}

fn plural(word: &str) -> &'static str {
    if word == "try" { "tries" } else { "turns" }
}

impl fmt::Display for Ending {
    /// `ends after about 2,777 turns (25,000 history events), 23.1 hours and $0.21 of transitions`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dollars = self.transitions.map(|usd| format!("{usd} of transitions"));
        if let Cause::Ceiling(ceiling) = self.turns.cause {
            write!(f, "ends with {ceiling}, after {}", self.count())?;
            return dollars.map_or(Ok(()), |dollars| write!(f, " and {dollars}"));
        }
        write!(f, "ends after {} ({})", self.count(), self.turns.cause)?;
        let waited = (self.turns.seconds > 0.0).then(|| Seconds(self.turns.seconds).to_string());
        match (waited, dollars) {
            (Some(waited), Some(dollars)) => write!(f, ", {waited} and {dollars}"),
            (Some(one), None) | (None, Some(one)) => write!(f, " and {one}"),
            (None, None) => Ok(()),
        }
    }
}
