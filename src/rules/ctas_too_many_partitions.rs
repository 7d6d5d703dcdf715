//! A CTAS, INSERT or UNLOAD writes more partitions than one statement may.

use std::collections::BTreeSet;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost;
use crate::expr::date_format::java_pattern;
use crate::expr::{AsOf, Bound, Value};
use crate::finding::{Confidence, Place};
use crate::lake::{Class, Count, DateKey, Granularity, Query, StatementKind, Table, TableRead, Transform};

pub const RULE: Rule = rule!("ctas-too-many-partitions", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    let Some(write) = &query.write else { return };
    // dbt-athena meets the limit, and writes in batches then
    // (<https://docs.getdbt.com/reference/resource-configs/athena-configs#force_batch>).
    let is_limited = matches!(query.kind, StatementKind::Ctas | StatementKind::Insert | StatementKind::Unload);
    if !is_limited || query.model.is_some() {
        return;
    }
    let lake = cx.lake;
    // An Iceberg transform maps many source values to one partition.
    let target = write.table.map(|id| lake.catalog.get(id));
    if target.is_some_and(|table| table.partition_keys.iter().any(|key| key.transform != Transform::Identity)) {
        return;
    }
    let mut most: Option<Written> = None;
    for (i, read) in query.reads.iter().enumerate() {
        let columns: Vec<&str> =
            write.partition_sources.iter().filter(|(_, r, _)| *r == i).map(|(_, _, column)| column.as_str()).collect();
        let written = written(lake.catalog.get(read.table), read, &columns, cx.as_of);
        most = most.into_iter().chain(written).max_by_key(|written| written.partitions);
    }
    let Some(most) = most else { return };
    let (limit, buckets) = (cx.params().count("max-partitions"), write.buckets.unwrap_or(1).max(1));
    let open = most.partitions.saturating_mul(buckets);
    if open <= limit {
        return;
    }
    let verb = match query.kind {
        StatementKind::Ctas => "CTAS",
        StatementKind::Insert => "INSERT",
        _ => "UNLOAD",
    };
    let how_many = match buckets {
        1 => format!("{} partitions", Count(most.partitions)),
        n => format!("{} partitions of {n} buckets", Count(most.partitions)),
    };
    let message = format!("this {verb} writes {how_many}; Athena fails after {limit} in one statement");
    let report = cx.report(Place::Span(write.span), message).confidence(most.confidence).help(format!(
        "write at most {} partitions at a time: the first with a range on the partition keys, the rest with INSERT INTO",
        limit / buckets
    ));
    if let Some(name) = &write.name {
        report.table(name.to_string());
    }
}

/// How many partitions one read's rows go to.
struct Written {
    partitions: u64,
    confidence: Confidence,
}

fn written(table: &Table, read: &TableRead, columns: &[&str], as_of: AsOf) -> Option<Written> {
    // Only partition keys of the source have values that are known without reading it.
    let keys: Vec<usize> = columns.iter().filter_map(|column| table.key_index(column)).collect();
    let unknown = read.truncated
        || read.conjuncts.iter().any(|c| c.placeholder || c.class == Class::RunTime)
        || table.partition_keys.iter().any(|key| key.transform != Transform::Identity);
    if keys.is_empty() || unknown {
        return None;
    }
    // A predicate on data columns may empty whole partitions.
    let certain = table.layout.is_some() && !read.conjuncts.iter().any(|c| c.class == Class::None);
    let partitions = match &table.layout {
        Some(_) => surviving(table, read, &keys, as_of),
        None => keys.iter().filter_map(|key| days_of(table, read, *key)).max()?,
    };
    Some(Written { partitions, confidence: if certain { Confidence::High } else { Confidence::Medium } })
}

/// Distinct values of some keys among the partitions that the predicates leave.
fn surviving(table: &Table, read: &TableRead, keys: &[usize], as_of: AsOf) -> u64 {
    let distinct: BTreeSet<Vec<Option<&str>>> = cost::kept(read, table, as_of)
        .filter(|partition| partition.files > 0)
        .map(|partition| keys.iter().map(|key| partition.values.get(*key)?.as_deref()).collect())
        .collect();
    distinct.len() as u64
}

/// Days in the closed range that the predicates leave of a daily key.
fn days_of(table: &Table, read: &TableRead, key: usize) -> Option<u64> {
    let Some(DateKey::Single { key: date, granularity: Granularity::Day, format }) = DateKey::of(table) else {
        return None;
    };
    let filter = read.keys.get(key).filter(|filter| key == date && filter.domain.ranges.len() == 1)?;
    let day = |bound: Option<&Bound>| match bound? {
        Bound::Unbounded => None,
        Bound::Included(value) | Bound::Excluded(value) => match value {
            Value::Date(day) => Some(*day),
            Value::String(text) => Some(java_pattern::parse(text, format.as_deref().unwrap_or("yyyy-MM-dd"))?.date()),
            _ => None,
        },
    };
    let width = day(filter.domain.high())? - day(filter.domain.low())?;
    let open_ends =
        [filter.domain.low(), filter.domain.high()].iter().filter(|b| matches!(b, Some(Bound::Excluded(_)))).count();
    u64::try_from(width.num_days() + 1 - open_ends as i64).ok()
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, days, even, findings_in, lake_of, table, writing};
    use super::*;
    use crate::expr::Domain;
    use crate::finding::Finding;
    use crate::lake::{ColumnsUsed, KeyFilter, TableId, WriteFormat};

    fn ctas(from: Bound, days: &[String], buckets: Option<u64>) -> Vec<Finding> {
        let source = table("landing.orders", &["dt"], &even(days, 1, GIB));
        let mut query = writing(StatementKind::Ctas, "lake.orders", WriteFormat::Unstated);
        query.reads.push(TableRead {
            table: TableId(0),
            name: "landing.orders".to_string(),
            span: query.span,
            through: Vec::new(),
            columns: ColumnsUsed::Some(BTreeSet::new()),
            fields: Default::default(),
            scans: 1,
            conjuncts: Vec::new(),
            keys: vec![KeyFilter {
                domain: Domain::range(from, Bound::Unbounded),
                filtered: true,
                placeholder: false,
                run_time: false,
            }],
            bare_limit: None,
            stops_early: false,
            splits_by: Vec::new(),
            pruning: Default::default(),
            truncated: false,
        });
        if let Some(write) = &mut query.write {
            write.partition_sources = vec![("dt".to_string(), 0, "dt".to_string())];
            write.buckets = buckets;
        }
        let lake = lake_of(source, query);
        findings_in("ctas-too-many-partitions", &lake)
    }

    #[test]
    fn the_partitions_that_the_predicates_leave_are_counted() {
        let year = days("2024-01-01", 366);
        let from = |day: &str| Bound::Included(Value::String(day.to_string()));
        let found = ctas(from("2024-06-01"), &year, None);
        assert_eq!(found[0].message, "this CTAS writes 214 partitions; Athena fails after 100 in one statement");
        assert!(ctas(from("2024-10-01"), &year, None).is_empty());
        assert_eq!(ctas(from("2024-10-01"), &year, Some(4)).len(), 1, "92 partitions of 4 buckets");
    }
}
