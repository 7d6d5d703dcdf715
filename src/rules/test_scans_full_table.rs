//! A test that reads the whole history of a table at every run.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{PartitionFilter, recent_days, whole_table};
use crate::lake::{ModelKind, Query, Table};

pub const RULE: Rule = rule!("test-scans-full-table", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    let Some(model) = cx.model(query).filter(|model| model.kind == ModelKind::Test) else { return };
    let lake = cx.lake;
    let bytes = |index: &usize| {
        let bytes = cx.estimator.read(query, &query.reads[*index]).bytes.map_or(0, |bytes| bytes.likely);
        matches!(PartitionFilter::of(query, *index, lake), PartitionFilter::Missing).then_some(bytes)
    };
    let reads: Vec<(usize, u64)> = (0..query.reads.len())
        .filter_map(|index| Some((index, bytes(&index)?)))
        .filter(|(_, bytes)| *bytes > 0)
        .collect();
    let total: u64 = reads.iter().map(|(_, bytes)| bytes).sum();
    let Some((largest, _)) = reads.iter().max_by_key(|(index, bytes)| (*bytes, usize::MAX - index)) else { return };
    if total < cx.params().bytes("min-read") {
        return;
    }
    let read = &query.reads[*largest];
    let table: &Table = lake.catalog.get(read.table);
    let days = cx.params().count("example-days");
    let all: Vec<usize> = reads.iter().map(|(index, _)| *index).collect();
    let waste = cx.estimator.saved_within(query, &all, cx.last_days(days));
    let is_asked_for_in_yaml =
        [".yml", ".yaml"].iter().any(|end| lake.sources.get(model.span.file).path.ends_with(end));
    let predicate = recent_days(table, days);
    let help = match is_asked_for_in_yaml {
        true => format!("test what is new: `config: {{where: ...}}` of the test, {predicate}"),
        false => format!("test what is new: add a predicate {predicate}"),
    };
    cx.report_read(read, format!("the test `{}` reads {} at every run", model.name, whole_table(read, table)))
        .help(help)
        .waste(waste);
}
