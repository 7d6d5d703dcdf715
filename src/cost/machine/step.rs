//! What steps of state machines are for: by the service they call, else by what they are called.

use super::PaidWork;
use crate::lake::{Call, State};

/// Words that stand for telling somebody, wherever they stand in a name; `alerts` that something loads are data.
const TELLS: [&str; 4] = ["notif", "alert", "alarm", "pager"];
/// Words for the ways that a message takes. There is data of each of them as well.
const CHANNELS: [&str; 3] = ["email", "mail", "slack"];
const SENDS: [&str; 4] = ["send", "post", "publish", "raise"];
/// What only reads, ends or removes something.
const SILENT: [&str; 9] = ["get", "list", "describe", "head", "delete", "stop", "cancel", "terminate", "batchGet"];

/// Words that stand for a look at data, and those that begin like one of them and stand for something else.
const CHECKS: [&str; 9] = ["check", "valid", "verif", "test", "assert", "expect", "reconcil", "anomal", "sanity"];
const NO_CHECKS: [&str; 4] = ["checkin", "checkout", "checkpoint", "testimon"];
/// Words that stand for data that were looked at, wherever they stand in a name.
const QUALITY: [&str; 2] = ["quality", "dq"];
/// Nouns that stand for a run and what belongs to it, not for data.
const OF_A_RUN: [&str; 30] = [
    "cluster",
    "complete",
    "completed",
    "config",
    "crawler",
    "done",
    "event",
    "events",
    "execution",
    "exists",
    "file",
    "files",
    "finished",
    "health",
    "input",
    "inputs",
    "job",
    "jobs",
    "lock",
    "locks",
    "log",
    "logs",
    "message",
    "metric",
    "metrics",
    "permission",
    "progress",
    "ready",
    "run",
    "status",
];

/// Whether a step, function, job or statement of such a name looks at data; `None` when it may.
pub(crate) fn checks_data(name: &str) -> Option<bool> {
    let words = words(name);
    let is_check = |word: &String| {
        let begins = |list: &[&str]| list.iter().any(|stem| word.starts_with(stem));
        begins(&CHECKS) && !begins(&NO_CHECKS)
    };
    let is_quality = words.iter().any(|word| QUALITY.contains(&word.as_str()));
    let at_an_end = words.first().is_some_and(is_check) || words.last().is_some_and(is_check);
    match is_of_a_run(name) {
        false if is_quality || at_an_end => Some(true),
        _ if is_quality || words.iter().any(|word| is_check(word) || word == "audit") => None,
        _ => Some(false),
    }
}

/// Whether a name says that it is about a run, a lock, a message: nothing that anybody queries.
pub(crate) fn is_of_a_run(name: &str) -> bool {
    // `RunQualityRules` runs something.
    let is_verb = |at: usize, word: &str| at == 0 && word == "run";
    let mut words = words(name).into_iter().enumerate();
    words.any(|(at, word)| OF_A_RUN.contains(&word.as_str()) && !is_verb(at, &word))
}

/// The words of a name in camel case or with separators, lower case.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut before, mut is_new) = (None::<char>, true);
    let mut chars = name.chars().peekable();
    while let Some(char) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(|next| next.is_lowercase());
        let after = |test: fn(char) -> bool| before.is_some_and(test);
        // `LoadRows` and `SNSAlert` are two words each.
        let starts = char.is_uppercase() && (!after(char::is_uppercase) || next_is_lower);
        match words.last_mut().filter(|_| !is_new && !starts) {
            _ if !char.is_alphanumeric() => {}
            Some(word) => word.extend(char.to_lowercase()),
            None => words.push(char.to_lowercase().collect()),
        }
        is_new = !char.is_alphanumeric();
        before = Some(char);
    }
    words
}

/// What a Task names: its function, job or machine.
pub(crate) fn target(state: &State) -> &str {
    let named = state.task().and_then(|task| match &task.call {
        Call::Lambda { function, .. } => function.as_deref(),
        Call::GlueJob { job, .. } => job.as_deref(),
        Call::Execution { machine } => machine.as_deref(),
        _ => None,
    });
    let text = named.unwrap_or("");
    let text = text.split_once(":function:").map_or(text, |(_, name)| name.split(':').next().unwrap_or(name));
    text.rsplit([':', '/']).next().unwrap_or(text)
}

/// Whether a task is sure to send a message to somebody: by its service, or as a function or machine that says so.
pub(crate) fn notifies(state: &State) -> bool {
    let Some(task) = state.task() else { return false };
    match &task.call {
        Call::Service { service, action, .. } if sends(service, action) => true,
        call if PaidWork::of(call).is_some() || is_silent(call) => false,
        _ => says_that_it_tells(&state.name) || says_that_it_tells(target(state)),
    }
}

fn sends(service: &str, action: &str) -> bool {
    match service {
        "sns" => action.starts_with("publish"),
        "ses" | "sesv2" | "sqs" => action.starts_with("send"),
        "events" | "eventbridge" => action == "putEvents",
        "ssmincidents" => action == "startIncident",
        _ => false,
    }
}

/// Whether a call is sure to tell nobody: it reads, ends or removes something.
pub(crate) fn is_silent(call: &Call) -> bool {
    matches!(call, Call::Service { action, .. } if SILENT.iter().any(|verb| action.starts_with(verb)))
}

fn says_that_it_tells(name: &str) -> bool {
    let words = words(name);
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    let is_of = |word: &String, list: &[&str]| list.iter().any(|stem| word.starts_with(stem));
    let is_channel = |word: &String| is_of(word, &CHANNELS);
    match SENDS.contains(&first.as_str()) {
        true => words.iter().any(|word| is_of(word, &TELLS) || is_channel(word)),
        false => {
            is_channel(first)
                || is_channel(last)
                || words.iter().any(|word| is_of(word, &TELLS) && !word.ends_with('s'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::Flow;
    use super::*;
    use crate::lake::Pattern::Sync;
    use crate::lake::StateKind;

    #[test]
    fn names_have_words() {
        assert_eq!(words("LoadSNSAlerts_of-day 2b"), ["load", "sns", "alerts", "of", "day", "2b"]);
        assert_eq!(words("${AlertTeam.Arn}"), ["alert", "team", "arn"]);
        assert!(words("--").is_empty());
    }

    #[test]
    fn names_of_checks_stand_at_an_end_and_name_no_run() {
        for name in ["CheckOrders", "orders-validation", "RunDataQualityRules", "count-rows-check", "tests/TestRows"] {
            assert_eq!(checks_data(name), Some(true), "{name}");
        }
        for name in ["CheckJobStatus", "check-input-exists", "finance_audit_export", "OrdersCheckedAgain"] {
            assert_eq!(checks_data(name), None, "{name}");
        }
        for name in ["LoadCheckouts", "save-checkpoint", "LatestOrders", "InvalidateCache", ""] {
            assert_eq!(checks_data(name), Some(false), "{name}");
        }
    }

    #[test]
    fn a_message_is_sent_by_its_service_or_by_what_is_called_so() {
        let task = |name: &str, call: Call| {
            let flow = Flow::new(name).lambda(name, "end").with(|state| {
                let StateKind::Task(task) = &mut state.kind else { panic!("a Task") };
                task.call = call;
            });
            flow.build().states.remove(0)
        };
        let service = |service: &str, action: &str| Call::Service {
            service: service.to_string(),
            action: action.to_string(),
            is_sdk: false,
        };
        let lambda = |function: &str| Call::Lambda { function: Some(function.to_string()), is_event: false };
        let arn = "arn:aws:lambda:eu-west-1:1:function:alert-team:live";
        let told = [
            task("a", service("sns", "publish")),
            task("a", service("eventbridge", "putEvents")),
            task("NotifyTeams", service("http", "invoke")),
            task("a", lambda(arn)),
            task("SendFailureEmail", lambda("x")),
            task("JobFailedNotification", lambda("x")),
        ];
        assert!(told.iter().all(notifies));
        let silent = [
            task("a", service("sqs", "deleteMessage")),
            task("a", service("events", "putRule")),
            Flow::new("LoadEmailOpens").glue("LoadEmailOpens", "email", Sync, "end").build().states.remove(0),
            task("LoadEmailOpens", lambda("load-email-opens")),
            task("LoadAlerts", lambda("load")),
        ];
        assert!(!silent.iter().any(notifies));
    }
}
