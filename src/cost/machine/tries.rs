//! How often a state is tried while it is visited once.

use crate::lake::{Call, Limit, Retrier, State, Task};

/// One try and what the retriers add: each counts its own attempts over the whole visit, so alternating errors use them all up.
/// `None` when a number is only known to the deployment.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>
pub fn tries(state: &State) -> Option<u64> {
    if state.is_open {
        return None;
    }
    state.retriers.iter().try_fold(1u64, |sum, retrier| Some(sum.saturating_add(attempts(retrier)?)))
}

/// Retries after the first try.
pub(super) fn attempts(retrier: &Retrier) -> Option<u64> {
    // A cast of a float saturates: what is below 0 or no number is 0.
    retrier.max_attempts.value.map(|attempts| attempts as u64)
}

/// The seconds that all tries take when each runs into the task's own `TimeoutSeconds`, waits between them aside.
/// `None` without such a limit.
pub fn time_of_tries(state: &State) -> Option<u64> {
    match state.timeout {
        Limit::Seconds { seconds, .. } => Some(seconds.saturating_mul(tries(state)?)),
        Limit::Unset | Limit::Dynamic(_) => None,
    }
}

/// Whether a task starts something and goes on without waiting for it: retries then repeat a start that failed, never the work.
pub fn only_starts(task: &Task) -> bool {
    let is_job = matches!(task.call, Call::AthenaQuery { .. } | Call::GlueJob { .. } | Call::Execution { .. });
    !task.waits() && is_job
}
