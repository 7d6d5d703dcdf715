//! What a state machine does at worst: how often its states are tried, how long it waits, how it loops, and what that costs.
//!
//! All of it is arithmetic on [`Workflow`](crate::lake::Workflow) facts. A number that only the deployment knows makes the result
//! unknown (`None`), never zero.

mod ceiling;
mod ending;
mod events;
mod frequency;
mod graph;
mod loops;
mod nesting;
mod paid_work;
mod part;
mod price;
mod restart;
mod scopes;
mod step;
mod tries;
mod turns;
mod unit;
mod visits;
mod wait;

pub use ceiling::{Ceiling, HISTORY_EVENTS};
pub use ending::Ending;
pub use loops::{Bound, Loop, loops};
pub use nesting::{Factor, FactorKind, Invocations, invocations};
pub use paid_work::{PaidWork, Start, listed, starts};
pub use part::{Part, PartKind};
pub use price::MachineEstimate;
pub(super) use price::Pricer;
pub use restart::{restart, restart_by_catch};
pub(crate) use step::{checks_data, is_of_a_run, is_silent, notifies, target, words};
pub use tries::{only_starts, time_of_tries, tries};
pub use turns::{Cause, Turns, turns, turns_of_tries};
pub use wait::{Wait, retrier_wait, retries_within, state_wait, try_starts};

#[cfg(test)]
pub(crate) mod example;
