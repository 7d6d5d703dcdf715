//! What the predicates of a read do to its partitions: one verdict per read, so that one mistake is one finding.

use crate::expr::{Bound, ColumnType, Domain};
use crate::lake::{
    Class, ColumnsUsed, Conjunct, DateKey, Lake, ProjectionKind, Query, StatementKind, Table, TableKind, TableRead,
    Transform,
};

/// How a read is bounded by its table's partitions. Where the table has a date key the verdict is about that key, else about
/// all keys together. Each kind but the silent ones belongs to one rule.
#[derive(Debug, Clone, Copy)]
pub enum PartitionFilter<'a> {
    /// Nothing to say: no partitions that queries are expected to filter, or no data is read.
    NotExpected,
    /// A placeholder, or text that the binder could not follow, may limit the keys.
    Unknown,
    /// Some predicate limits the date key (or, without a date key, any key) before the query runs.
    Limited,
    /// An injected projection key, by index, has no fixed values: the query fails.
    InjectedUnset(usize),
    /// An OR limits the key in some branches only.
    OrDefeats(&'a Conjunct),
    /// Iceberg: a function hides the source column of the partition transform.
    NotPruned(&'a Conjunct),
    /// Only values that are known while the query runs limit the key.
    RunTime(&'a Conjunct),
    /// Hive: a date or time column of the data is limited, the date key is not.
    EventTime(&'a Conjunct),
    /// Another key is limited, the date key is not.
    OtherKeys(&'a Conjunct),
    /// `LIMIT` over the whole table, without any predicate.
    BareLimit,
    /// Nothing limits any key.
    Missing,
}

impl<'a> PartitionFilter<'a> {
    /// The verdict on one read of a statement.
    pub fn of(query: &'a Query, index: usize, lake: &Lake) -> PartitionFilter<'a> {
        let read = &query.reads[index];
        let table = lake.catalog.get(read.table);
        // OPTIMIZE chooses the files itself.
        if query.kind == StatementKind::Optimize {
            return PartitionFilter::NotExpected;
        }
        if read.truncated || read.conjuncts.iter().any(|c| c.placeholder && c.keys.is_empty() && c.columns.is_empty()) {
            return PartitionFilter::Unknown;
        }
        if let Some(key) = (0..read.keys.len()).find(|key| is_injected_unset(table, read, *key)) {
            return PartitionFilter::InjectedUnset(key);
        }
        let keys = bounding_keys(table);
        if keys.is_empty() || reads_no_data(read, table) {
            return PartitionFilter::NotExpected;
        }
        if keys.iter().any(|key| read.keys[*key].filtered) {
            return PartitionFilter::Limited;
        }
        let naming: Vec<&Conjunct> =
            read.conjuncts.iter().filter(|c| c.keys.iter().any(|key| keys.contains(key))).collect();
        if let Some(half) = naming.iter().find(|c| is_half_filter(c)) {
            return PartitionFilter::OrDefeats(half);
        }
        if naming.iter().any(|c| c.placeholder) {
            return PartitionFilter::Unknown;
        }
        let is_hidden = |c: &&&Conjunct| c.class == Class::None && c.columns.is_empty() && c.partners.is_empty();
        if let (TableKind::Iceberg, Some(hidden)) = (table.kind, naming.iter().find(is_hidden)) {
            return PartitionFilter::NotPruned(hidden);
        }
        let other = read.conjuncts.iter().find(|c| c.keys.iter().any(|key| read.keys[*key].filtered));
        // Looking a few ids up over all time is what a bucket is for.
        let is_bucket = |key: &usize| matches!(table.partition_keys[*key].transform, Transform::Bucket(_));
        if other.is_some_and(|c| c.keys.iter().any(|key| read.keys[*key].filtered && is_bucket(key))) {
            return PartitionFilter::Limited;
        }
        if let Some(run_time) = naming.iter().find(|c| c.class == Class::RunTime && may_prune(c, query, lake)) {
            return if other.is_some() { PartitionFilter::Unknown } else { PartitionFilter::RunTime(run_time) };
        }
        if let Some(event) = event_time(table, read) {
            return PartitionFilter::EventTime(event);
        }
        match (other, read.bare_limit) {
            (Some(other), _) => PartitionFilter::OtherKeys(other),
            (None, Some(_)) => PartitionFilter::BareLimit,
            (None, None) => PartitionFilter::Missing,
        }
    }
}

/// The keys that a query is expected to limit: the date key, else all that are no hash or prefix of a value.
pub fn bounding_keys(table: &Table) -> Vec<usize> {
    match DateKey::of(table) {
        Some(date) => date.keys(),
        None => {
            let is_expected = |key: &usize| {
                !matches!(table.partition_keys[*key].transform, Transform::Bucket(_) | Transform::Truncate(_))
            };
            (0..table.partition_keys.len()).filter(is_expected).collect()
        }
    }
}

/// `count(*)` and reads of partition keys alone take their answer from file footers and names; on Iceberg from one narrow
/// column. Unknown formats have the benefit of the doubt.
pub fn reads_no_data(read: &TableRead, table: &Table) -> bool {
    match &read.columns {
        ColumnsUsed::All(_) => false,
        ColumnsUsed::Some(columns) => {
            columns.iter().all(|name| table.key_index(name).is_some())
                && table.main_format().is_none_or(|format| format.is_columnar())
        }
    }
}

fn is_injected_unset(table: &Table, read: &TableRead, key: usize) -> bool {
    let kinds = table.projection.as_ref().map(|projection| &projection.keys);
    let is_injected =
        kinds.and_then(|kinds| kinds.get(&table.partition_keys[key].name)) == Some(&ProjectionKind::Injected);
    is_injected && !read.keys[key].placeholder && read.keys[key].domain.discrete().is_none()
}

/// An OR with a branch that leaves the partition keys open. `:p = 'all' OR key = :p` is settled before the query runs.
fn is_half_filter(conjunct: &Conjunct) -> bool {
    let is_open = !conjunct.columns.is_empty() || !conjunct.partners.is_empty();
    conjunct.or_with_unfiltered_branch && is_open && matches!(conjunct.class, Class::None | Class::RunTime)
}

/// Whether a run-time predicate can leave fewer partitions: not when it joins to tables of which every partition is read too.
fn may_prune(conjunct: &Conjunct, query: &Query, lake: &Lake) -> bool {
    let is_whole = |partner: &usize| {
        let read = &query.reads[*partner];
        lake.catalog.get(read.table).is_partitioned() && !read.is_filtered()
    };
    conjunct.partners.is_empty() || !conjunct.partners.iter().all(is_whole)
}

/// A predicate on one date or time column of the data, where partitions are folders of dates.
fn event_time<'a>(table: &Table, read: &'a TableRead) -> Option<&'a Conjunct> {
    if table.kind != TableKind::Hive || DateKey::of(table).is_none() {
        return None;
    }
    let is_about_time = |c: &&Conjunct| {
        let leaves = |domain: &Domain| has_end(domain) && !domain.nulls;
        c.keys.is_empty()
            && c.partners.is_empty()
            && c.columns.len() == 1
            && c.columns.iter().all(|name| is_event_time(table, name))
            && c.data_domains.values().all(leaves)
    };
    let found = read.conjuncts.iter().filter(is_about_time);
    // One with a readable range first: it tells what the date key's range should be.
    found.min_by_key(|c| (c.data_domains.is_empty(), c.span))
}

/// Whether a set of values stops somewhere: `<> x` and IS NOT NULL do not.
fn has_end(domain: &Domain) -> bool {
    let is_end = |bound: Option<&Bound>| bound.is_some_and(|bound| *bound != Bound::Unbounded);
    is_end(domain.low()) || is_end(domain.high())
}

/// Endings of the names of columns that say when something happened, whatever their type.
const TIME_ENDINGS: [&str; 5] = ["_at", "_time", "_ts", "_date", "timestamp"];
/// Parts of names of dates that say nothing about when a row was written.
const OTHER_DATES: [&str; 6] = ["birth", "delet", "dob", "due_", "expir", "valid"];

fn is_event_time(table: &Table, column: &str) -> bool {
    let data_type = table.columns.iter().find(|c| c.name == column).map(|c| &c.data_type);
    let by_type = matches!(data_type, Some(ColumnType::Date | ColumnType::Timestamp));
    let by_name = TIME_ENDINGS.iter().any(|ending| column.ends_with(ending));
    (by_type || by_name) && !OTHER_DATES.iter().any(|part| column.contains(part))
}

#[cfg(test)]
mod tests;
