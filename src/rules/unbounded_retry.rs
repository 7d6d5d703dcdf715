//! A retrier that never gives up before the execution ends.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::machine::{Cause, Ceiling, Ending, only_starts, retries_within, turns_of_tries};
use crate::finding::{Patch, Place, Severity};
use crate::lake::error_name::{ALL, TASK_FAILED, TIMEOUT};
use crate::lake::{Count, Retrier, Span, State, Workflow};
use crate::patch::Draft;

pub const RULE: Rule = rule!("unbounded-retry", Check::Workflow(check));

/// Seconds for which it may be worth to go on trying: a day.
const WORTH: f64 = 86_400.0;
/// Retries that are many however short the delays are.
const MANY: u64 = 100;

/// A retrier that has retries left when the execution is over.
#[derive(Clone, Copy)]
struct Endless<'a> {
    state: &'a State,
    retrier: &'a Retrier,
    /// Retries that begin before the end.
    fit: u64,
    ending: &'a Ending,
}

fn check(workflow: &Workflow, cx: &mut Context<'_>) {
    for state in &workflow.states {
        for retrier in state.retriers.iter().filter(|retrier| !retrier.is_recommended()) {
            let alone = State { retriers: vec![retrier.clone()], is_open: false, ..state.clone() };
            match turns_of_tries(workflow, &alone).map(|end| end.cause) {
                None => {}
                Some(Cause::Attempts) => report_dear(workflow, &alone, cx),
                Some(_) => {
                    let Some(ending) = cx.estimator.ending_of_tries(workflow, &alone) else { continue };
                    let fit = ending.turns.count.unwrap_or(1).saturating_sub(1);
                    report(Endless { state, retrier, fit, ending: &ending }, cx);
                }
            }
        }
    }
}

fn report(found: Endless<'_>, cx: &mut Context<'_>) {
    let Endless { state, retrier, fit, ending } = found;
    let attempts = retrier.max_attempts.value.unwrap_or_default() as u64;
    let severity = match ending.turns.cause {
        Cause::Ceiling(Ceiling::Timeout { .. } | Ceiling::FiveMinutes) => Severity::Medium,
        _ => Severity::High,
    };
    let message = format!(
        "`{}` is retried {} times: {}, and no `Catch` runs",
        state.name,
        Count(attempts),
        ending.in_words("tries")
    );
    let of_a_day = retries_within(retrier, WORTH);
    let worth = of_a_day.unwrap_or(fit).min(fit).min(MANY);
    let help = match worth {
        0 => "begin with a shorter `IntervalSeconds`".to_string(),
        // The fix may leave it more.
        _ if worth < fit && of_a_day == Some(worth) => {
            format!("set `MaxAttempts` to {worth} or less to give up within a day, and let a `Catch` tell somebody")
        }
        _ => format!("set `MaxAttempts` to {worth} or less, and let a `Catch` tell somebody"),
    };
    let patch = patch(found, worth, cx);
    let help = match &patch {
        Some(patch) if patch.is_safe && worth < fit => format!("{help}; the fix takes away only what never begins"),
        _ => help,
    };
    let place = retrier.max_attempts.written.unwrap_or(retrier.span);
    cx.report(Place::Span(place), message)
        .at_most(severity)
        .help(help)
        .patch(patch)
        .object(&state.name)
        .related(state.name_span, "what is retried");
}

/// A retrier that gives up in time, but only after many runs of something that costs. `alone` has no other retrier.
fn report_dear(workflow: &Workflow, alone: &State, cx: &mut Context<'_>) {
    let [retrier] = alone.retriers.as_slice() else { return };
    let Some(attempts) = retrier.max_attempts.value.filter(|n| *n > cx.params().number("retries")) else { return };
    // Other errors come before the work has begun, as a limit on jobs that run at a time.
    let repeats_work = |(name, _): &(String, Span)| [ALL, TASK_FAILED, TIMEOUT].contains(&name.as_str());
    let only_starts = alone.task().is_some_and(only_starts);
    if only_starts || !retrier.errors.iter().any(repeats_work) {
        return;
    }
    let Some(most) = cx.estimator.ending_of_tries(workflow, alone).and_then(|ending| ending.most_of_work()) else {
        return;
    };
    if most.0 < cx.params().number("usd") {
        return;
    }
    let message = format!(
        "`{}` is retried {} times after any failure of its work: up to {most} when it keeps failing late",
        alone.name,
        Count(attempts as u64)
    );
    cx.report(Place::Span(retrier.max_attempts.written.unwrap_or(retrier.span)), message)
        .at_most(Severity::Medium)
        .help("set `MaxAttempts` to a few, or retry only the errors that pass by themselves")
        .object(&alone.name)
        .related(alone.name_span, "what is retried");
}

/// What the clock cuts off is never tried, unless the delays are drawn by lot: leaving it out changes nothing. The number of
/// events of a try is not known so well. A number that stands elsewhere, as in a local of Terraform, may be that of other states.
fn patch(found: Endless<'_>, worth: u64, cx: &Context<'_>) -> Option<Patch> {
    let Endless { state, retrier, fit, ending } = found;
    let is_own = state.span.contains(&retrier.max_attempts.written.unwrap_or(retrier.span));
    let draft =
        |attempts| Draft::new(&cx.lake.sources).set("MaxAttempts", &retrier.max_attempts, retrier.slot, attempts);
    match ending.turns.cause {
        _ if worth == 0 => None,
        Cause::Ceiling(_) if is_own && !retrier.full_jitter => draft(fit).safe(),
        _ => draft(worth).suggestion(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{findings_in, machine, of_machine, task_machine};
    use crate::cost::machine::example::job as job_of;
    use crate::lake::Limit;

    const ID: &str = "unbounded-retry";

    fn found(retrier: &str, machine: &str) -> Vec<String> {
        let retry = format!(r#""Retry": [{{"ErrorEquals": ["States.ALL"], {retrier}}}],"#);
        of_machine(ID, &task_machine(&retry, machine))
    }

    #[test]
    fn retriers_that_give_up_in_time_are_left_alone() {
        for retrier in [
            r#""IntervalSeconds": 180, "MaxAttempts": 100, "BackoffRate": 1"#,
            r#""IntervalSeconds": 10, "MaxAttempts": 500, "BackoffRate": 1"#,
            r#""IntervalSeconds": 20, "MaxAttempts": 5, "BackoffRate": 10"#,
            r#""MaxAttempts": 90, "MaxDelaySeconds": 60"#,
            r#""MaxAttempts": 0"#,
            r#""JitterStrategy": "FULL""#,
        ] {
            assert_eq!(found(retrier, ""), [""; 0], "{retrier}");
        }
    }

    #[test]
    fn what_ends_the_execution_first_is_named() {
        let year = "the limit of one year for a Standard execution ends it";
        let message = |all: &str, end: &str| format!("high: `Load` is retried {all} times: {end}, and no `Catch` runs");
        let runaway = found(r#""IntervalSeconds": 5, "BackoffRate": 5, "MaxAttempts": 90"#, "");
        assert_eq!(runaway, [message("90", &format!("{year} after 11 tries and 365 days"))]);
        let most = r#""MaxAttempts": 99999999"#;
        assert_eq!(found(most, ""), [message("99,999,999", &format!("{year} after 25 tries and 365 days"))]);
        let even = r#""MaxAttempts": 99999999, "BackoffRate": 1"#;
        let history = "25,000 history events end it after 8,332 tries and 2.3 hours, which cost $0.21";
        assert_eq!(found(even, ""), [message("99,999,999", history)]);
        let timed = found(even, r#""TimeoutSeconds": 3600,"#);
        assert!(timed[0].starts_with("medium: ") && timed[0].contains("the machine's timeout"), "{timed:?}");
    }

    #[test]
    fn the_fix_keeps_what_can_begin() {
        let patch = |retrier: &str| {
            let retry = format!(r#""Retry": [{{"ErrorEquals": ["States.ALL"], {retrier}}}],"#);
            findings_in(ID, &machine(&task_machine(&retry, ""))).remove(0).patch.expect("a patch")
        };
        let runaway = patch(r#""IntervalSeconds": 5, "BackoffRate": 5, "MaxAttempts": 90"#);
        assert_eq!((runaway.edits[0].text.as_str(), runaway.is_safe), ("10", true));
        let even = patch(r#""MaxAttempts": 99999999, "BackoffRate": 1"#);
        assert_eq!((even.edits[0].text.as_str(), even.is_safe), ("100", false));
        let drawn = patch(r#""MaxAttempts": 60, "JitterStrategy": "FULL""#);
        assert_eq!((drawn.edits[0].text.as_str(), drawn.is_safe), ("16", false));
    }

    #[test]
    fn many_retries_of_dear_work_are_found_though_they_end() {
        let job = |retrier: &str, resource: &str| {
            let asl = format!(
                r#"{{"StartAt": "Load", "States": {{"Load": {{"Type": "Task", "Resource": "arn:aws:states:::{resource}",
                "Parameters": {{"JobName": "load"}}, "Retry": [{{{retrier}, "BackoffRate": 1}}], "End": true}}}}}}"#
            );
            let mut lake = machine(&asl);
            lake.resources.push(job_of("load", |job| job.timeout = Limit::Unset));
            let found = findings_in(ID, &lake);
            found.into_iter().map(|found| format!("{}: {}", found.severity, found.message)).collect::<Vec<_>>()
        };
        let sync = "glue:startJobRun.sync";
        let all = |attempts: u32| format!(r#""ErrorEquals": ["States.ALL"], "MaxAttempts": {attempts}"#);
        let found = job(&all(20), sync);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("medium: `Load` is retried 20 times after any failure of its work: up to $"));
        assert!(job(&all(10), sync).is_empty());
        assert!(job(&all(20), "glue:startJobRun").is_empty());
        let busy = r#""ErrorEquals": ["Glue.ConcurrentRunsExceededException"], "MaxAttempts": 100"#;
        assert!(job(busy, sync).is_empty());
    }

    #[test]
    fn what_aws_recommends_is_never_reported() {
        let retry = r#""Retry": [{"ErrorEquals": ["Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException"],
            "IntervalSeconds": 2, "MaxAttempts": 6, "BackoffRate": 2}],"#;
        assert_eq!(of_machine(ID, &task_machine(retry, r#""TimeoutSeconds": 60,"#)), [""; 0]);
    }
}
