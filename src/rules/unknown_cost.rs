//! A budget that cannot be evaluated: bytes or frequencies are unknown.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{Bill, OnUnknown, Priced};
use crate::lake::Count;

pub const RULE: Rule = rule!("unknown-cost", Check::Bill(check));

fn check(bill: &Bill<'_>, cx: &mut Context<'_>) {
    let budget = *cx.estimator.budget;
    if !budget.is_set() || budget.unknown == OnUnknown::Allow {
        return;
    }
    for priced in bill.billed().filter(|priced| priced.estimate.bytes.is_none()) {
        let message = format!("what this costs is unknown: {}", priced.estimate.basis.unknown.join(", "));
        cx.report_statement(priced.query, message).help(
            "describe its tables and give their layout with `--lake`, or let unknown costs pass with `unknown = \"allow\"` in `[budget]`",
        );
    }
    let lake = cx.lake;
    for unreadable in &lake.unreadable {
        let message = format!("what this costs is unknown: {}", unreadable.message);
        cx.report(unreadable.place.clone(), message).help(&unreadable.help);
    }
    let without = |priced: &&Priced<'_>| priced.estimate.runs_per_month.is_none();
    let first = bill.billed().filter(without).min_by_key(|priced| priced.query.span);
    if let (Some(_), Some(first)) = (budget.month_usd, first) {
        let (some, all) = (bill.billed().filter(without).count() as u64, bill.billed().count() as u64);
        let message = match all {
            1 => "`month-usd` cannot be checked: nothing says how often this runs".to_string(),
            _ => format!(
                "`month-usd` cannot be checked: nothing says how often {} of {} statements run",
                Count(some),
                Count(all)
            ),
        };
        let help = format!(
            "say so in `[runs]`, as in `\"{}\" = \"30/month\"`",
            first.query.name.as_deref().unwrap_or(first.file)
        );
        cx.report_statement(first.query, message).help(help);
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, budget_findings, reading_all, table};
    use super::*;
    use crate::cost::Budget;
    use crate::finding::Place;
    use crate::lake::{Lake, Unreadable, UnreadableKind, Usd};

    fn messages(has_layout: bool, budget: Budget, runs: Option<f64>) -> Vec<String> {
        let partitions: &[_] = if has_layout { &[("", 1, GIB)] } else { &[] };
        let lake = reading_all(table("lake.events", &[], partitions));
        budget_findings("unknown-cost", &lake, budget, runs).into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn a_budget_that_cannot_be_evaluated_is_broken_unless_that_is_allowed() {
        let run = Budget { query_usd: Some(Usd(1.0)), ..Budget::default() };
        assert_eq!(messages(false, run, None), ["what this costs is unknown: no layout of `lake.events`"]);
        assert!(messages(true, run, None).is_empty());
        assert!(messages(false, Budget { unknown: OnUnknown::Allow, ..run }, None).is_empty());
        assert!(messages(false, Budget::default(), None).is_empty());
        let month = Budget { month_usd: Some(Usd(1.0)), ..Budget::default() };
        assert_eq!(messages(true, month, None), ["`month-usd` cannot be checked: nothing says how often this runs"]);
        assert!(messages(true, month, Some(1.0)).is_empty());
    }

    #[test]
    fn what_cannot_be_read_cannot_be_held_to_a_budget() {
        let (message, help) = ("expected a statement".to_string(), "correct it".to_string());
        let unreadable =
            Unreadable { kind: UnreadableKind::Sql, place: Place::Path("query.sql".to_string()), message, help };
        let lake = Lake { unreadable: vec![unreadable], ..Lake::default() };
        let budget = Budget { query_usd: Some(Usd(1.0)), ..Budget::default() };
        let found = budget_findings("unknown-cost", &lake, budget, None);
        assert_eq!(found[0].message, "what this costs is unknown: expected a statement");
        let allowing = Budget { unknown: OnUnknown::Allow, ..budget };
        assert!(budget_findings("unknown-cost", &lake, allowing, None).is_empty());
    }
}
