//! Names of errors in state machines: those that the language reserves, those of Lambda, and what a misspelt one was meant to be.

/// What `ErrorEquals` may name, besides names that a task chooses for itself.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>
const RESERVED: [&str; 18] = [
    "States.ALL",
    "States.BranchFailed",
    "States.DataLimitExceeded",
    "States.ExceedToleratedFailureThreshold",
    "States.HeartbeatTimeout",
    "States.Http.Socket",
    "States.IntrinsicFailure",
    "States.ItemReaderFailed",
    "States.NoChoiceMatched",
    "States.ParameterPathFailure",
    "States.Permissions",
    "States.QueryEvaluationError",
    "States.ResultPathMatchFailure",
    "States.ResultWriterFailed",
    "States.Runtime",
    "States.TaskFailed",
    "States.Timeout",
    HTTP_STATUS,
];

/// Followed by a number.
const HTTP_STATUS: &str = "States.Http.StatusCode.";

/// Errors of Lambda itself, and not of a function's code.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception>
const LAMBDA: [&str; 6] = [
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
];

/// Matches every error that can be retried.
pub const ALL: &str = "States.ALL";
/// Matches every error but a timeout.
pub const TASK_FAILED: &str = "States.TaskFailed";
/// Matches a task that took longer than its timeout.
pub const TIMEOUT: &str = "States.Timeout";
/// Matches a task that sent no heartbeat in time; [`TIMEOUT`] matches it as well.
pub const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";

/// Whether a name is one of Lambda's own errors, and not of a function's code.
pub fn is_of_lambda(name: &str) -> bool {
    LAMBDA.contains(&name)
}

/// Why a name in `ErrorEquals` matches no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misspelling {
    /// A known name in other letters: names are case-sensitive.
    Case(&'static str),
    /// Near a reserved name.
    Near(&'static str),
    /// It starts as reserved names do, and is none of them.
    NoSuchName,
}

/// Whether a name is written so that no error has it. Names of a task's own choice never are.
pub fn misspelling(name: &str) -> Option<Misspelling> {
    if name.contains("${") || name.starts_with(HTTP_STATUS) || RESERVED.contains(&name) || LAMBDA.contains(&name) {
        return None;
    }
    let same = |known: &&&str| known.eq_ignore_ascii_case(name);
    if let Some(known) = RESERVED.iter().chain(&LAMBDA).find(same) {
        return Some(Misspelling::Case(known));
    }
    if !name.get(.."states.".len()).is_some_and(|start| start.eq_ignore_ascii_case("states.")) {
        return None;
    }
    let nearest = RESERVED.iter().map(|known| (strsim::damerau_levenshtein(name, known), *known)).min();
    Some(match nearest {
        Some((distance, known)) if distance <= 3 => Misspelling::Near(known),
        _ => Misspelling::NoSuchName,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_no_error_has_are_misspelt() {
        for name in
            ["States.ALL", "States.Http.StatusCode.404", "Lambda.Unknown", "MyError", "states", "Glue.X", "${E}"]
        {
            assert_eq!(misspelling(name), None, "{name}");
        }
        assert_eq!(misspelling("States.All"), Some(Misspelling::Case("States.ALL")));
        assert_eq!(misspelling("lambda.ServiceException"), Some(Misspelling::Case("Lambda.ServiceException")));
        assert_eq!(misspelling("States.Timeouts"), Some(Misspelling::Near("States.Timeout")));
        assert_eq!(misspelling("States.TaskFaild"), Some(Misspelling::Near("States.TaskFailed")));
        assert_eq!(misspelling("States.ServiceUnavailable"), Some(Misspelling::NoSuchName));
    }
}
