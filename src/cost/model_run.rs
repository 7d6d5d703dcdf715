//! What runs of a dbt model read: one verdict per run, so that one mistake is one finding.

use super::partition_filter::PartitionFilter;
use crate::expr::{Bound, Domain, Value};
use crate::lake::{DateKey, Lake, Materialized, Model, ModelKind, Query, StatementKind, Strategy, TableRead};

/// Of an incremental run that takes in what a full refresh does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unnarrowed {
    /// No predicate says from when.
    Whole,
    /// The dates have a start that does not move, unless somebody hands over another one with each run.
    FromStart,
}

/// Whether a rule about models speaks of a read that nothing limits.
pub fn is_said_of_the_model(query: &Query, index: usize, lake: &Lake) -> bool {
    let Some(model) = lake.model(query) else { return false };
    let is_known = lake.catalog.get(query.reads[index].table).layout.is_some();
    let in_runs = || unnarrowed(query, model).is_some() && (is_known || model.appends());
    let is_test = model.kind == ModelKind::Test;
    is_test
        || query.merged() == Some(index) && !model.has_predicates
        || in_runs()
        || is_known && is_rebuilt(query, model, index, lake)
}

/// Whether a model builds the whole history of a table at every run that could be built day by day.
pub fn is_rebuilt(query: &Query, model: &Model, index: usize, lake: &Lake) -> bool {
    let is_table = model.kind == ModelKind::Model && model.materialized == Materialized::Table;
    let read = &query.reads[index];
    let key = DateKey::of(lake.catalog.get(read.table)).filter(|_| is_table && query.kind == StatementKind::Ctas);
    key.is_some_and(|key| key.keys().iter().all(|key| read.splits_by.contains(key)))
        && matches!(PartitionFilter::of(query, index, lake), PartitionFilter::Missing)
}

/// What an incremental run leaves out; `None` where it leaves out something, where the time of the run, its parameters or the table
/// itself may, and where dbt bounds the run.
pub fn unnarrowed(query: &Query, model: &Model) -> Option<Unnarrowed> {
    use Strategy::{Append, InsertOverwrite, Merge};
    let merged = query.merged();
    let is_run = matches!(query.kind, StatementKind::Insert | StatementKind::Merge) && model.kind == ModelKind::Model;
    let is_incremental = matches!(model.materialized, Materialized::Incremental(Append | InsertOverwrite | Merge));
    let is_open = query.truncated || query.limit.is_some() || query.reads_its_table() || query.reads.is_empty();
    if !is_run || !is_incremental || is_open {
        return None;
    }
    if model.asks_is_incremental && !model.rebuild.as_ref().is_some_and(|rebuild| takes_the_same(rebuild, query)) {
        return None;
    }
    let mut from = Unnarrowed::Whole;
    for (_, read) in query.reads.iter().enumerate().filter(|(index, _)| Some(*index) != merged) {
        let data = || read.conjuncts.iter().flat_map(|conjunct| conjunct.data_domains.values());
        if read.is_narrowed_by_the_run()
            || read.keys.iter().any(|key| has_end(&key.domain))
            || data().any(is_about_time)
        {
            return None;
        }
        if read.keys.iter().any(|key| key.filtered) {
            from = Unnarrowed::FromStart;
        }
    }
    Some(from)
}

/// Whether two statements read the same tables under as many predicates.
fn takes_the_same(rebuild: &Query, run: &Query) -> bool {
    let facts = |query: &Query| -> Vec<_> {
        let merged = query.merged();
        let reads = query.reads.iter().enumerate().filter(|(index, _)| Some(*index) != merged);
        reads.map(|(_, read): (_, &TableRead)| (read.table, read.conjuncts.len(), read.keys.clone())).collect()
    };
    facts(rebuild) == facts(run) && rebuild.unknown_tables.len() == run.unknown_tables.len()
}

/// One day, or days up to one: somebody says for each run which.
fn has_end(domain: &Domain) -> bool {
    domain.high().is_none_or(|high| *high != Bound::Unbounded)
}

fn is_about_time(domain: &Domain) -> bool {
    let is_time = |bound: Option<&Bound>| match bound {
        Some(Bound::Included(value) | Bound::Excluded(value)) => match value {
            Value::Date(_) | Value::Timestamp(_) => true,
            Value::String(text) => text.len() >= 8 && text.bytes().take(4).all(|byte| byte.is_ascii_digit()),
            _ => false,
        },
        Some(Bound::Unbounded) | None => false,
    };
    is_time(domain.low()) || is_time(domain.high())
}
