//! An incremental model that is to overwrite partitions and has none.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{Unnarrowed, unnarrowed};
use crate::finding::{Confidence, Severity};
use crate::lake::{DateKey, Materialized, Model, ModelKind, Query, StatementKind, Strategy};

pub const RULE: Rule = rule!("insert-overwrite-without-partitions", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    let Some(model) = cx.model(query).filter(|model| query.kind == StatementKind::Insert && falls_back(model)) else {
        return;
    };
    let name = &model.name;
    let (then, severity) = match unnarrowed(query, model) {
        Some(Unnarrowed::Whole) => ("every run adds all of its rows again", Severity::High),
        // Where only newer rows than those that are there are taken in, none is there twice: it is not what the model says, if it
        // says so at all.
        None if query.reads_its_table() => match cx.lake.sources.text(model.span).contains("insert_overwrite") {
            true => ("nothing is overwritten", Severity::Low),
            false => return,
        },
        _ => ("rows that two runs take in are there twice", Severity::High),
    };
    let key = query.reads.iter().find_map(|read| {
        let table = cx.lake.catalog.get(read.table);
        let key = DateKey::of(table)?.keys().last().copied()?;
        Some(table.partition_keys[key].name.clone())
    });
    let keys = key.map_or("`partitioned_by`".to_string(), |key| format!("`partitioned_by=['{key}']`"));
    let message = format!("`{name}` has no partitions to overwrite, so dbt-athena appends: {then}");
    cx.report_model(model, &["incremental_strategy", "materialized"], message)
        .at_most(severity)
        // A hook may delete what the run adds.
        .confidence(if model.has_pre_hook { Confidence::Low } else { Confidence::High })
        .help(format!(
            "say with {keys} which partitions a run replaces, their columns last in the query; or `incremental_strategy='append'` where \
             no row comes twice"
        ));
}

fn falls_back(model: &Model) -> bool {
    let overwrites = model.materialized == Materialized::Incremental(Strategy::InsertOverwrite);
    overwrites && model.kind == ModelKind::Model && model.appends()
}
