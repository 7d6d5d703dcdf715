//! Two relations are joined without a condition: every row of one with every row of the other.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::{Confidence, Place, Severity};
use crate::lake::{Join, Query};

pub const RULE: Rule = rule!("cross-join", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    // A placeholder that stands for a whole condition may link anything.
    let is_hidden = |c: &crate::lake::Conjunct| c.placeholder && c.keys.is_empty() && c.columns.is_empty();
    if query.reads.iter().any(|read| read.truncated || read.conjuncts.iter().any(is_hidden)) {
        return;
    }
    for join in &query.cross_joins {
        let (Some(left), Some(right)) = (largest(query, &join.left, cx), largest(query, &join.right, cx)) else {
            continue;
        };
        let Some(severity) = severity(join, left.1, right.1, cx) else { continue };
        let (left, right) = (&query.reads[left.0], &query.reads[right.0]);
        let message = format!("joins every row of `{}` with every row of `{}`", left.name, right.name);
        let help = match join.explicit {
            true => "add a condition that links the two, or make one side a few rows first",
            false => "add `ON` with the columns that link the two; if every pair is wanted, write `CROSS JOIN`",
        };
        cx.report(Place::Span(join.span), message)
            .table(&right.name)
            .at_most(severity)
            .confidence(if join.explicit { Confidence::Medium } else { Confidence::High })
            .help(help)
            .related(left.span, "the other side");
    }
}

/// The side's largest read and its size; unknown sizes count as largest. `None` when it reads no described table.
fn largest(query: &Query, side: &[usize], cx: &Context<'_>) -> Option<(usize, Option<u64>)> {
    let sized = side.iter().map(|read| {
        let layout = &cx.lake.catalog.get(query.reads[*read].table).layout;
        (*read, layout.as_ref().map(|layout| layout.bytes().0))
    });
    sized.max_by_key(|(_, bytes)| bytes.unwrap_or(u64::MAX))
}

/// A written CROSS JOIN is deliberate unless both sides are known to be large; a forgotten condition is not, unless a side is
/// known to be small.
fn severity(join: &Join, left: Option<u64>, right: Option<u64>, cx: &Context<'_>) -> Option<Severity> {
    let small = cx.params().bytes("small-side");
    let is_large = |bytes: Option<u64>| bytes.is_some_and(|bytes| bytes >= small);
    let is_small = |bytes: Option<u64>| bytes.is_some_and(|bytes| bytes < small);
    match join.explicit {
        true => (is_large(left) && is_large(right)).then_some(Severity::Low),
        false => (!is_small(left) && !is_small(right)).then_some(Severity::High),
    }
}
