//! A query, or all of them in a month, costs more than `[budget]` allows.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{Bill, Priced};
use crate::lake::{Bytes, Usd};

pub const RULE: Rule = rule!("over-budget", Check::Bill(check));

fn check(bill: &Bill<'_>, cx: &mut Context<'_>) {
    let budget = *cx.estimator.budget;
    if !budget.is_set() {
        return;
    }
    for priced in bill.billed() {
        let bytes = priced.estimate.bytes.map(|bytes| Bytes(bytes.likely));
        if let (Some(usd), Some(most)) = (priced.estimate.usd.map(|usd| usd.likely), budget.query_usd)
            && usd > most
        {
            report(cx, priced, format!("costs {usd} a run, over the budget of {most}"), "query-usd");
        }
        if let (Some(bytes), Some(most)) = (bytes, budget.query_bytes)
            && bytes > most
        {
            report(cx, priced, format!("scans {bytes} a run, over the budget of {most}"), "query-bytes");
        }
    }
    if let (Some(all), Some(most)) = (bill.usd_per_month, budget.month_usd)
        && all > most
    {
        over_the_month(cx, bill, all, most);
    }
}

/// Reported once, at the statement that costs most.
fn over_the_month(cx: &mut Context<'_>, bill: &Bill<'_>, all: Usd, most: Usd) {
    let month = |priced: &Priced<'_>| priced.estimate.usd_per_month();
    let known = bill.billed().filter_map(|priced| Some((priced, month(priced)?)));
    let Some((dearest, usd)) = known.reduce(|a, b| if b.1 > a.1 { b } else { a }) else { return };
    let message = match bill.billed().count() {
        1 => format!("costs {usd} a month, over the budget of {most}"),
        _ => format!("costs {usd} of the {all} that all queries cost a month, over the budget of {most}"),
    };
    report(cx, dearest, message, "month-usd");
}

fn report(cx: &mut Context<'_>, priced: &Priced<'_>, message: String, limit: &str) {
    let help = format!("`lakelint cost --explain` shows what it reads; read less, or raise `{limit}` in `[budget]`");
    cx.report_statement(priced.query, message).help(help);
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, budget_findings, reading_all, table};
    use super::*;
    use crate::cost::Budget;

    fn messages(budget: Budget, runs: Option<f64>) -> Vec<String> {
        let lake = reading_all(table("lake.events", &[], &[("", 1, 100 * GIB)]));
        budget_findings("over-budget", &lake, budget, runs).into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn each_limit_is_held_to_the_likely_figure() {
        // 100 GiB are 107,375 MB: $0.536875.
        let usd = |most| Budget { query_usd: Some(Usd(most)), ..Budget::default() };
        assert_eq!(messages(usd(0.53), None), ["costs $0.54 a run, over the budget of $0.53"]);
        assert!(messages(usd(0.54), None).is_empty());
        let bytes = |most| Budget { query_bytes: Some(Bytes(most)), ..Budget::default() };
        assert_eq!(messages(bytes(100 * GIB - 1), None), ["scans 107.4 GB a run, over the budget of 107.4 GB"]);
        assert!(messages(bytes(100 * GIB), None).is_empty());
        let month = Budget { month_usd: Some(Usd(16.0)), ..Budget::default() };
        assert_eq!(messages(month, Some(30.0)), ["costs $16.11 a month, over the budget of $16.00"]);
        assert!(messages(month, Some(29.0)).is_empty() && messages(month, None).is_empty());
        assert!(messages(Budget::default(), Some(30.0)).is_empty());
    }
}
