//! One line per statement, for a query on standard input.

use super::notes::not_listed;
use super::words;
use super::{View, explain, machines};
use crate::cost::{Bill, Estimator, Priced};
use crate::lake::{Bytes, Usd};
use crate::output::terminal::clean;

/// `52.4 GB ~$0.26 (7 of 1,096 partitions; 3 of 41 columns)`, in text order; with the name where there are several.
pub(super) fn render(bill: &Bill<'_>, estimator: &Estimator<'_>, view: &View) -> String {
    let mut queries: Vec<&Priced<'_>> = bill.queries.iter().collect();
    queries.sort_by_key(|priced| priced.query.span);
    let mut out = String::new();
    for priced in &queries {
        if queries.len() > 1 {
            out.push_str(&format!("{}: ", clean(&priced.name)));
        }
        out.push_str(&clean(&answer(priced, estimator)));
        out.push('\n');
        if view.explain && priced.estimate.billed {
            out.push_str(&explain::render(priced, estimator));
        }
    }
    for machine in &bill.machines {
        out.push_str(&format!("{}\n", clean(&machines::answer(machine))));
        if view.explain {
            machines::explain(machine).iter().for_each(|line| out.push_str(&format!("{}\n", clean(line))));
        }
    }
    for unreadable in &estimator.lake.unreadable {
        out.push_str(&format!("unreadable: {}\n", clean(&unreadable.message)));
    }
    if view.explain {
        out.extend(not_listed(estimator).map(|line| line + "\n"));
        out.push_str(&format!("{}\n", words::price(estimator)));
        if let Some(assumption) = &estimator.pricing.assumption {
            out.push_str(&format!("assumed: {assumption}\n"));
        }
    }
    out
}

fn answer(priced: &Priced<'_>, estimator: &Estimator<'_>) -> String {
    let estimate = &priced.estimate;
    if !estimate.billed {
        return words::free(priced.query.kind).to_string();
    }
    let Some(bytes) = estimate.bytes else {
        let reasons = words::reasons(estimate);
        return match estimate.at_least {
            0 => format!("unknown: {reasons}"),
            least => format!("unknown, {} or more: {reasons}", Bytes(least)),
        };
    };
    let dollars = estimate.usd.map_or(String::new(), |usd| format!(" ~{}", usd.likely));
    let requests = estimate.notable_requests().map_or(String::new(), |usd| format!(", ~{usd} more for requests"));
    let month = estimate.usd_per_month().map_or(String::new(), |usd: Usd| format!(", ~{usd} a month"));
    let parts = [
        words::partitions(priced.query, estimate, estimator.lake).sentence("partition"),
        words::columns(estimate).sentence("column"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let parts = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) };
    format!("{}{dollars}{parts}{month}{requests}", Bytes(bytes.likely))
}
