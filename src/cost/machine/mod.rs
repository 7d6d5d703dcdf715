//! What a state machine does at worst: how often its states are tried, how long it waits, how it loops, and what that costs.
//!
//! All of it is arithmetic on [`Workflow`](crate::lake::Workflow) facts. A number that only the deployment knows makes the result
//! unknown (`None`), never zero.

mod ceiling;
mod graph;
mod loops;
mod nesting;
mod restart;
mod tries;
mod wait;

pub use ceiling::Ceiling;
pub use loops::{Bound, Loop, loops};
pub use nesting::{Factor, FactorKind, Invocations, invocations};
pub use restart::restart;
pub use tries::{only_starts, time_of_tries, tries};
pub use wait::{Wait, retrier_wait, retries_within, state_wait};

#[cfg(test)]
mod example;
