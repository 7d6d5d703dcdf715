//! What ends an execution whatever its states do.

use std::fmt;

use crate::lake::{Limit, Seconds, Span, State, Workflow};

/// The longest that an execution runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceiling {
    /// `TimeoutSeconds` of the machine.
    Timeout { seconds: u64, span: Span },
    /// Of a Standard execution.
    Year,
    /// Of an Express execution.
    FiveMinutes,
}

/// History events of one execution, at which a Standard one fails. Express executions have no such limit.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
pub const HISTORY_EVENTS: u64 = 25_000;

impl Ceiling {
    /// Of a machine. A machine of unknown kind is taken for a Standard one; a timeout that only the deployment knows does not count.
    pub fn of(workflow: &Workflow) -> Ceiling {
        let service = Ceiling::of_kind(workflow.is_express());
        match workflow.timeout {
            Limit::Seconds { seconds, span } if (seconds as f64) < service.seconds() => {
                Ceiling::Timeout { seconds, span }
            }
            _ => service,
        }
    }

    /// What holds for a state: children of a distributed Map are executions of their own kind.
    pub fn of_state(workflow: &Workflow, state: &State) -> Ceiling {
        let machine = Ceiling::of(workflow);
        let is_shorter = workflow.is_express_at(state) && Ceiling::FiveMinutes.seconds() < machine.seconds();
        if is_shorter { Ceiling::FiveMinutes } else { machine }
    }

    fn of_kind(is_express: bool) -> Ceiling {
        if is_express { Ceiling::FiveMinutes } else { Ceiling::Year }
    }

    pub fn seconds(self) -> f64 {
        match self {
            Ceiling::Timeout { seconds, .. } => seconds as f64,
            Ceiling::Year => 365.0 * 86_400.0,
            Ceiling::FiveMinutes => 300.0,
        }
    }
}

impl fmt::Display for Ceiling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ceiling::Timeout { seconds, .. } => write!(f, "the machine's timeout of {}", Seconds(*seconds as f64)),
            Ceiling::Year => f.write_str("the limit of one year for a Standard execution"),
            Ceiling::FiveMinutes => f.write_str("the limit of five minutes for an Express execution"),
        }
    }
}
