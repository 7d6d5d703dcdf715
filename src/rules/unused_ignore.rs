//! An ignore that silences nothing: its rule is unknown, or finds nothing where the ignore applies.

use super::rule::rule;
use super::{Check, Context, IgnoreUse, RULES, Rule};
use crate::config::did_you_mean;
use crate::finding::Place;
use crate::ignore::{Ignore, Scope};

pub const RULE: Rule = rule!("unused-ignore", Check::Ignores(check));

fn check(uses: &[IgnoreUse<'_>], cx: &mut Context<'_>) {
    let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    for used in uses {
        let ignore = used.ignore;
        if ignore.rules.is_empty() {
            cx.report(Place::Span(ignore.span), "an ignore without a rule silences nothing")
                .help("name the rule, as in `lakelint: ignore[select-star] reason`");
        }
        for (i, (rule, span)) in ignore.rules.iter().enumerate() {
            if !known.contains(&rule.as_str()) {
                cx.report(Place::Span(*span), format!("unknown rule `{rule}`{}", did_you_mean(rule, &known)))
                    .help("`lakelint rules` lists every rule");
            } else if used.ran[i] && !used.expired && used.silenced[i] == 0 {
                let whole = Place::Span(if ignore.rules.len() == 1 { ignore.span } else { *span });
                cx.report(whole, format!("`{rule}` finds nothing to ignore {}", within(ignore)))
                    .help(remedy(ignore, rule));
            }
        }
    }
}

fn within(ignore: &Ignore) -> &'static str {
    match &ignore.scope {
        Scope::Statement(_) => "in this statement",
        Scope::Part(_) => "in what it stands at",
        Scope::File(_) => "in this file",
        Scope::Configured { .. } => "where this entry applies",
    }
}

fn remedy(ignore: &Ignore, rule: &str) -> String {
    match &ignore.scope {
        _ if ignore.rules.len() > 1 => format!("take `{rule}` out of the list"),
        Scope::Configured { .. } => "remove the entry".to_string(),
        Scope::Statement(_) | Scope::Part(_) | Scope::File(_) => "remove the comment".to_string(),
    }
}
