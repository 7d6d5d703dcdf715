//! A merge that nothing limits on the side of its table.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::recent_days;
use crate::finding::{Confidence, Severity};
use crate::lake::{Bytes, Count, DateKey, Materialized, Query, Strategy};

pub const RULE: Rule = rule!("merge-without-predicates", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    let merges = Materialized::Incremental(Strategy::Merge);
    let model = cx.model(query).filter(|model| model.materialized == merges && !model.has_predicates);
    let (Some(model), Some(index)) = (model, query.merged()) else { return };
    let table = cx.lake.catalog.get(query.reads[index].table);
    let bytes = cx.estimator.read(query, &query.reads[index]).bytes.map(|bytes| bytes.likely);
    let has_dates = DateKey::of(table).is_some();
    let name = &model.name;
    let (message, severity) = match bytes {
        Some(bytes) if bytes < cx.params().bytes("min-read") => return,
        Some(bytes) => {
            let partitions = table.layout.as_ref().map_or(0, |layout| layout.partitions.len() as u64);
            let how_many =
                if partitions > 1 { format!("all {} partitions of it, ", Count(partitions)) } else { String::new() };
            let severity = if has_dates { Severity::Medium } else { Severity::Low };
            (format!("every run of `{name}` compares with its whole table: {how_many}{}", Bytes(bytes)), severity)
        }
        // A table without dates has few predicates to offer, and may be small.
        None if !has_dates => return,
        None => (format!("every run of `{name}` compares with every partition of its table"), Severity::Low),
    };
    let predicate = recent_days(table, cx.params().count("example-days"));
    let predicate = predicate.replacen("such as `", "such as `target.", 1);
    let days = cx.last_days(cx.params().count("example-days"));
    let waste = cx.estimator.saved_within(query, &[index], days);
    let help = match has_dates {
        true => format!("limit it with `incremental_predicates`, a list with a predicate {predicate}"),
        false => "limit it with `incremental_predicates` on columns that hardly change, or partition it by a date"
            .to_string(),
    };
    cx.report_model(model, &["incremental_strategy", "materialized"], message)
        .at_most(severity)
        .confidence(if bytes.is_some() { Confidence::High } else { Confidence::Medium })
        .help(help)
        .waste(waste);
}
