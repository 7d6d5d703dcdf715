//! A retrier that gives up only after days.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::machine::{Wait, retrier_wait, retries_within};
use crate::finding::Place;
use crate::lake::{Count, Retrier, Seconds, Setting, State, Workflow};
use crate::patch::Draft;

pub const RULE: Rule = rule!("long-retry-wait", Check::Workflow(check));

/// Seconds that may limit a delay, the longest first.
const DELAYS: [u64; 4] = [3_600, 1_800, 900, 300];

fn check(workflow: &Workflow, cx: &mut Context<'_>) {
    let most = cx.params().count("max-seconds") as f64;
    for state in &workflow.states {
        for retrier in &state.retriers {
            // What the execution's end cuts off is an unbounded retry.
            let wait = retrier_wait(workflow, state, retrier).filter(|wait| wait.cut_by.is_none());
            if let Some(wait) = wait.filter(|wait| wait.policy > most) {
                report(workflow, state, retrier, wait, cx);
            }
        }
    }
}

fn report(workflow: &Workflow, state: &State, retrier: &Retrier, wait: Wait, cx: &mut Context<'_>) {
    let most = cx.params().count("max-seconds") as f64;
    let attempts = retrier.max_attempts.value.unwrap_or_default() as u64;
    let message = format!(
        "the {} retries of `{}` wait {} in all, the last one alone {}",
        Count(attempts),
        state.name,
        Seconds(wait.policy),
        Seconds(wait.longest)
    );
    let shorter = |delay: &u64| {
        let max_delay = Setting { value: Some(*delay as f64), written: None };
        let limited = retrier_wait(workflow, state, &Retrier { max_delay, ..retrier.clone() })?.policy;
        (retrier.interval.value? < *delay as f64 && limited <= most).then_some((*delay, limited))
    };
    let draft = Draft::new(&cx.lake.sources);
    let (help, patch) = match DELAYS.iter().find_map(shorter) {
        Some((delay, limited)) => {
            let help = format!("add `MaxDelaySeconds` {delay}: the waits take {} then", Seconds(limited));
            (help, draft.set("MaxDelaySeconds", &retrier.max_delay, retrier.slot, delay).suggestion())
        }
        None => {
            let fit = retries_within(retrier, most).unwrap_or_default().max(1);
            let help = format!("set `MaxAttempts` to {fit} or less");
            (help, draft.set("MaxAttempts", &retrier.max_attempts, retrier.slot, fit).suggestion())
        }
    };
    let place = retrier.max_attempts.written.unwrap_or(retrier.span);
    cx.report(Place::Span(place), message)
        .help(help)
        .patch(patch)
        .object(&state.name)
        .related(state.name_span, "the state that is retried");
}

#[cfg(test)]
mod tests {
    use super::super::example::{findings_in, machine, task_machine};

    fn found(retrier: &str) -> Vec<(String, Option<String>)> {
        let retry = format!(r#""Retry": [{{"ErrorEquals": ["States.ALL"], {retrier}}}],"#);
        let findings = findings_in("long-retry-wait", &machine(&task_machine(&retry, "")));
        let edit = |patch: crate::finding::Patch| patch.edits.into_iter().map(|edit| edit.text).collect();
        findings.into_iter().map(|f| (f.message, f.patch.map(edit))).collect()
    }

    #[test]
    fn the_limit_of_delays_is_the_longest_that_fits_into_a_day() {
        let long = found(r#""IntervalSeconds": 20, "MaxAttempts": 5, "BackoffRate": 10"#);
        let message = "the 5 retries of `Load` wait 2.6 days in all, the last one alone 2.3 days";
        assert_eq!(long, [(message.to_string(), Some(", \"MaxDelaySeconds\": 3600".to_string()))]);
        assert_eq!(found(r#""MaxAttempts": 20"#)[0].1.as_deref(), Some(", \"MaxDelaySeconds\": 3600"));
        let even = found(r#""IntervalSeconds": 3600, "MaxAttempts": 48, "BackoffRate": 1"#);
        assert_eq!(even[0].1.as_deref(), Some("24"));
    }

    #[test]
    fn a_day_is_fine_and_a_year_is_no_end() {
        assert!(found(r#""MaxAttempts": 16"#).is_empty());
        assert!(found(r#""MaxAttempts": 90"#).is_empty());
    }
}
