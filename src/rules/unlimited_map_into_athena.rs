//! A Map that runs more Athena queries at a time than the account may.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::machine::{PaidWork, Start, starts};
use crate::finding::{Place, Severity};
use crate::lake::{Concurrency, Count, MapFacts, State, StateKind, Workflow};
use crate::patch::Draft;

pub const RULE: Rule = rule!("unlimited-map-into-athena", Check::Workflow(check));

/// Iterations that an inline Map runs at a time, at most.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html>
const INLINE: u64 = 40;
/// Child executions that a distributed Map runs at a time when nothing limits them.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html>
const DISTRIBUTED: u64 = 10_000;

/// Half of the smallest quota.
const SUGGESTED: u64 = 10;

fn check(workflow: &Workflow, cx: &mut Context<'_>) {
    let maps = workflow.states.iter().filter_map(|state| match &state.kind {
        StateKind::Map(map) => Some((state, map)),
        _ => None,
    });
    // Most machines have no Map: ask for what the rest starts only then.
    let mut queries: Option<Vec<Start<'_>>> = None;
    for (state, map) in maps {
        let Some(at_once) = at_once(map) else { continue };
        let queries = queries.get_or_insert_with(|| {
            starts(workflow, cx.lake).into_iter().filter(|start| start.work == PaidWork::Athena).collect()
        });
        let is_inside = |start: &&Start<'_>| workflow.around(start.state).any(|outer| outer.id == state.id);
        if let (Some(query), true) = (queries.iter().find(is_inside), at_once > cx.params().count("active-queries")) {
            report(state, map, at_once, query.state, cx);
        }
    }
}

fn report(state: &State, map: &MapFacts, at_once: u64, query: &State, cx: &mut Context<'_>) {
    let everywhere = cx.params().count("active-queries-anywhere");
    let limit = match map.max_concurrency {
        Concurrency::Written(limit, _) if limit > 0 => format!("`MaxConcurrency` is {}", Count(limit)),
        _ => "it has no `MaxConcurrency`".to_string(),
    };
    let items = map.items.map_or(String::new(), |items| format!(" for its {} items", Count(items)));
    let quota = match at_once > everywhere {
        true => format!("the default quota is {everywhere} or less"),
        false => format!("the default quota is {} in most regions", cx.params().count("active-queries")),
    };
    let message =
        format!("`{}` runs up to {} Athena queries at a time{items}: {limit}, and {quota}", state.name, Count(at_once));
    let draft = Draft::new(&cx.lake.sources);
    let patch = match map.max_concurrency {
        Concurrency::Written(limit, span) => draft.replace_number(span, limit as f64, SUGGESTED),
        _ => draft.insert(state.slot, "MaxConcurrency", SUGGESTED),
    };
    let patch = patch.suggestion();
    cx.report(Place::Span(state.name_span), message)
        .at_most(if at_once > everywhere { Severity::High } else { Severity::Low })
        .help("set `MaxConcurrency` to the queries that the account can spare, 10 for example: the rest waits, instead of failing and being retried")
        .patch(patch)
        .related(query.name_span, "the query that each iteration runs");
}

/// How many iterations run at a time; `None` when only the run knows.
fn at_once(map: &MapFacts) -> Option<u64> {
    let unlimited = if map.is_distributed { DISTRIBUTED } else { INLINE };
    let limit = match map.max_concurrency {
        Concurrency::Unset | Concurrency::Written(0, _) => unlimited,
        Concurrency::Written(limit, _) => limit.min(unlimited),
        Concurrency::Dynamic => return None,
    };
    Some(map.runs().map_or(limit, |runs| limit.min(runs)))
}

#[cfg(test)]
mod tests {
    use super::super::example::machine::{athena, calls, found, glue, inside, lake_of, machine, map, task};
    use super::*;

    fn messages(each: State, call: crate::lake::Call) -> Vec<(Severity, String)> {
        let child = machine("child", vec![task("query", athena())]);
        let parent = inside(machine("m", vec![each]), "each", vec![task("step", call)]);
        found("unlimited-map-into-athena", &lake_of(vec![parent, child]))
    }

    #[test]
    fn what_is_over_the_quota_of_every_region_counts_more() {
        let text = "`each` runs up to 10,000 Athena queries at a time: it has no `MaxConcurrency`, and the default quota is 200 or less";
        let distributed = |limit, items| map("each", true, limit, items);
        assert_eq!(messages(distributed(None, None), athena()), [(Severity::Medium, text.to_string())]);
        assert_eq!(messages(distributed(Some(0), None), calls("child")).len(), 1, "the child runs it");
        let text = "`each` runs up to 40 Athena queries at a time: it has no `MaxConcurrency`, and the default quota is 20 in most regions";
        assert_eq!(messages(map("each", false, None, None), athena()), [(Severity::Low, text.to_string())]);
        let text = "`each` runs up to 365 Athena queries at a time for its 365 items: `MaxConcurrency` is 1,000, and the default quota is 200 or less";
        assert_eq!(messages(distributed(Some(1_000), Some(365)), athena()), [(Severity::Medium, text.to_string())]);
    }

    #[test]
    fn limits_few_items_and_other_work_are_silent() {
        assert!(messages(map("each", false, Some(10), None), athena()).is_empty());
        assert!(messages(map("each", false, None, Some(12)), athena()).is_empty());
        assert!(messages(map("each", true, None, None), glue("load")).is_empty());
        let mut open = map("each", true, None, None);
        let StateKind::Map(facts) = &mut open.kind else { unreachable!("a Map") };
        facts.max_concurrency = Concurrency::Dynamic;
        assert!(messages(open, athena()).is_empty());
    }
}
