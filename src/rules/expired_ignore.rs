//! An ignore whose `until` date has passed, or is no date.

use super::rule::rule;
use super::{Check, Context, IgnoreUse, Rule};
use crate::finding::Place;

pub const RULE: Rule = rule!("expired-ignore", Check::Ignores(check));

fn check(uses: &[IgnoreUse<'_>], cx: &mut Context<'_>) {
    for used in uses {
        let ignore = used.ignore;
        if let Some(written) = &ignore.invalid_until {
            cx.report(Place::Span(ignore.span), format!("`until={written}` is no date, so this ignore never ends"))
                .help("write the last day on which it applies, as in `until=2025-12-31`");
        }
        if let (true, Some(until)) = (used.expired, ignore.until) {
            let rules: Vec<String> = ignore.rules.iter().map(|(rule, _)| format!("`{rule}`")).collect();
            cx.report(Place::Span(ignore.span), format!("this ignore of {} ended on {until}", rules.join(", ")))
                .help("fix what it silenced and remove it, or give it a later `until` and say why");
        }
    }
}
