//! A table that is built anew from its whole history at every run, though it could be built day by day.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{is_rebuilt, recent_days, whole_table};
use crate::lake::{Bytes, DateKey, Query};

pub const RULE: Rule = rule!("full-rebuild-of-large-model", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    let Some(model) = cx.model(query) else { return };
    let lake = cx.lake;
    let bytes = |index: usize| cx.estimator.read(query, &query.reads[index]).bytes.map(|bytes| bytes.likely);
    let rebuilt: Vec<(usize, u64)> = (0..query.reads.len())
        .filter(|index| is_rebuilt(query, model, *index, lake))
        .filter_map(|index| Some((index, bytes(index)?)))
        .collect();
    let total = rebuilt.iter().fold(0u64, |sum, (_, bytes)| sum.saturating_add(*bytes));
    let Some((largest, _)) = rebuilt.iter().max_by_key(|(index, bytes)| (*bytes, usize::MAX - index)) else { return };
    if total < cx.params().bytes("min-read") {
        return;
    }
    let read = &query.reads[*largest];
    let table = lake.catalog.get(read.table);
    let Some(key) = DateKey::of(table).and_then(|date| date.keys().last().copied()) else { return };
    let key = &table.partition_keys[key].name;
    let others = match rebuilt.len() - 1 {
        0 => String::new(),
        1 => " and another table".to_string(),
        n => format!(" and {n} other tables"),
    };
    let what = whole_table(read, table);
    let message = format!("every run builds `{}` anew from {what}{others}: {} to read", model.name, Bytes(total));
    let predicate = recent_days(table, cx.params().count("example-days"));
    let incremental = format!(
        "`materialized='incremental', incremental_strategy='insert_overwrite', partitioned_by=['{key}']`, with `{key}` as the last column \
         and in `{{% if is_incremental() %}}` a predicate {predicate}"
    );
    let (settings, help): (&[&str], _) = match model.is_refreshed {
        true => (
            &["full_refresh", "materialized"],
            format!("take `full_refresh=true` out, with which no run is incremental: then {incremental}"),
        ),
        false => (&["materialized"], format!("build it day by day: {incremental}")),
    };
    let mut report = cx.report_model(model, settings, message).help(help);
    for (index, _) in &rebuilt {
        report = report.related(query.reads[*index].place(), "all of it is read");
    }
}
