//! Retries around retries multiply.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::machine::{Factor, FactorKind, Invocations, invocations};
use crate::finding::Place;
use crate::lake::{Count, State, Workflow};

pub const RULE: Rule = rule!("compound-retries", Check::Workflow(check));

fn check(workflow: &Workflow, cx: &mut Context<'_>) {
    let most = cx.params().count("max-runs");
    let products = workflow.states.iter().filter(|state| state.task().is_some()).filter_map(|state| {
        let runs = invocations(cx.lake, workflow, state);
        is_compound(state, &runs, most).then_some((state, runs))
    });
    let mut found: Vec<(&State, Invocations)> = products.collect();
    // The first of the worst.
    found.sort_by_key(|(_, runs)| std::cmp::Reverse(runs.retries()));
    let Some((state, runs)) = found.first() else { return };
    let factors: Vec<&Factor> = retries(runs).collect();
    let numbers: Vec<String> = factors.iter().filter_map(|factor| factor.count).map(|n| Count(n).to_string()).collect();
    let others = match found.len() - 1 {
        0 => String::new(),
        n => format!(", and so do {n} other tasks at most"),
    };
    let message =
        format!("`{}` runs up to {} times{others}: {}", state.name, Count(runs.retries()), numbers.join(" × "));
    let mut report = cx
        .report(Place::Span(state.name_span), message)
        .help("retry in one place: next to the task, where the error happens")
        .object(&state.name);
    for factor in factors {
        report = report.related(factor.span, &factor.what);
    }
}

/// Whether several retries together exceed a number of runs, also without what AWS recommends for Lambda. A retrier that never
/// gives up is an unbounded retry, which another rule tells.
fn is_compound(state: &State, runs: &Invocations, most: u64) -> bool {
    if runs.factors.iter().any(|factor| factor.is_cut) {
        return false;
    }
    let own: f64 = state.retriers.iter().filter(|r| r.is_recommended()).filter_map(|r| r.max_attempts.value).sum();
    let count = |factor: &Factor| match factor.kind == FactorKind::Tries && factor.span == state.name_span {
        true => factor.count.unwrap_or(1).saturating_sub(own as u64),
        false => factor.count.unwrap_or(1),
    };
    let counts: Vec<u64> = retries(runs).map(count).filter(|count| *count > 1).collect();
    counts.len() > 1 && counts.iter().copied().fold(1, u64::saturating_mul) > most
}

fn retries(runs: &Invocations) -> impl Iterator<Item = &Factor> {
    runs.factors.iter().filter(|factor| factor.kind.is_retry())
}

#[cfg(test)]
mod tests {
    use super::super::example::of_machine;

    fn nested(inner: &str, outer: &str) -> Vec<String> {
        let asl = format!(
            r#"{{"StartAt": "All", "States": {{"All": {{"Type": "Parallel", "Retry": [{outer}], "End": true, "Branches": [{{
                "StartAt": "Load", "States": {{"Load": {{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
                "Retry": [{inner}], "End": true}}}}}}]}}}}}}"#
        );
        of_machine("compound-retries", &asl)
    }

    fn retrier(attempts: u32) -> String {
        format!(r#"{{"ErrorEquals": ["States.ALL"], "MaxAttempts": {attempts}}}"#)
    }

    #[test]
    fn products_above_the_limit_are_found_with_their_factors() {
        assert_eq!(nested(&retrier(6), &retrier(2)), ["medium: `Load` runs up to 21 times: 7 × 3"]);
        assert!(nested(&retrier(4), &retrier(3)).is_empty());
        // That one never gives up is what counts: another rule tells.
        assert!(nested(&retrier(6), &retrier(99_999_999)).is_empty());
        // One factor is no product.
        assert!(nested(&retrier(60), &retrier(0)).is_empty());
    }

    #[test]
    fn the_retrier_that_aws_recommends_does_not_count() {
        let recommended = r#"{"ErrorEquals": ["Lambda.ServiceException", "Lambda.SdkClientException"],
            "IntervalSeconds": 2, "MaxAttempts": 6, "BackoffRate": 2}"#;
        assert!(nested(recommended, &retrier(9)).is_empty());
        assert!(nested(&format!("{recommended}, {}", retrier(1)), &retrier(9)).is_empty());
        assert_eq!(nested(&format!("{recommended}, {}", retrier(2)), &retrier(9)).len(), 1);
    }
}
