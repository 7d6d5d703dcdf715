//! Two tables read the same files.

use std::collections::BTreeMap;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::Fix;
use crate::finding::{Severity, Waste};
use crate::lake::{DeclaredBy, Lake, Location, Table, TableKind};

pub const RULE: Rule = rule!("overlapping-table-locations", Check::Lake(check));

fn check(lake: &Lake, cx: &mut Context<'_>) {
    let mut by_path: BTreeMap<&str, Vec<&Table>> = BTreeMap::new();
    for (_, table) in lake.catalog.iter() {
        if let Some(location) = table.location.as_ref().filter(|location| is_declared(table, location)) {
            by_path.entry(&location.path).or_default().push(table);
        }
    }
    let mut nested: BTreeMap<&str, (&Table, Vec<&Table>)> = BTreeMap::new();
    for tables in by_path.values() {
        for (i, table) in tables.iter().enumerate() {
            if let Some(first) = tables[..i].iter().find(|first| same_bucket(first, table)) {
                report_shared(first, table, cx);
            }
            for outer in enclosing(table, &by_path) {
                let name = outer.name.0.last().map_or("", String::as_str);
                let key = outer.location.as_ref().map_or(name, |location| location.path.as_str());
                nested.entry(key).or_insert((outer, Vec::new())).1.push(table);
            }
        }
    }
    for (outer, inner) in nested.values() {
        report_nested(outer, inner, cx);
    }
}

/// Whether the location says where the table is: no folder that only a layout gave, no bucket root, no placeholder.
fn is_declared(table: &Table, location: &Location) -> bool {
    table.declared_by != DeclaredBy::Layout
        && !location.path.is_empty()
        && !location.path.contains(['{', '}', '$', '<', '%'])
}

fn same_bucket(a: &Table, b: &Table) -> bool {
    match (&a.location, &b.location) {
        (Some(a), Some(b)) => a.bucket == b.bucket,
        _ => false,
    }
}

/// Hive tables whose location holds this table's location. Iceberg reads the files that its metadata names.
fn enclosing<'a>(table: &Table, by_path: &BTreeMap<&str, Vec<&'a Table>>) -> Vec<&'a Table> {
    let path = table.location.as_ref().map_or("", |location| location.path.as_str());
    let ancestors = path.match_indices('/').filter_map(|(i, _)| by_path.get(&path[..i]));
    ancestors.flatten().copied().filter(|outer| outer.kind == TableKind::Hive && same_bucket(outer, table)).collect()
}

fn report_shared(first: &Table, table: &Table, cx: &mut Context<'_>) {
    let Some(location) = &table.location else { return };
    let message = format!("`{}` and `{}` have the same location, `{location}`", first.name, table.name);
    let report = cx
        .report_table(table, message)
        .at_most(Severity::Low)
        .help("keep one table, and give other readers a view of it; a writer of one table changes both");
    if let Some(span) = first.declared_at {
        report.related(span, format!("`{}` is declared here", first.name));
    }
}

fn report_nested(outer: &Table, inner: &[&Table], cx: &mut Context<'_>) {
    let (Some(location), Some(first)) = (&outer.location, inner.first()) else { return };
    let more = match inner.len() {
        1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    // A partitioned table reads its partition folders only.
    let read = !outer.is_partitioned() || inner.iter().any(|table| lies_in_partition(location, table));
    let (effect, severity) = if read {
        ("queries on it read those files too", Severity::Medium)
    } else {
        ("a crawler or a new partition may take those files for its own", Severity::Low)
    };
    let message = format!("the location of `{}` holds that of `{}`{more}: {effect}", outer.name, first.name);
    let waste = read_twice(outer, inner, cx);
    let mut report = cx
        .report_table(outer, message)
        .waste(waste)
        .at_most(severity)
        .help(format!("give `{}` a prefix of its own beside `{location}`", first.name));
    for table in inner.iter().take(3) {
        if let Some(span) = table.declared_at {
            report = report.related(span, format!("`{}` lies inside", table.name));
        }
    }
}

/// What queries on an outer table without partitions read of the tables inside.
fn read_twice(outer: &Table, inner: &[&Table], cx: &Context<'_>) -> Option<Waste> {
    let all = outer.layout.as_ref().filter(|_| !outer.is_partitioned())?.bytes().0;
    let inside = inner.iter().map(|table| Some(table.layout.as_ref()?.bytes().0)).sum::<Option<u64>>()?;
    // Tables inside of each other would count twice.
    if inside >= all {
        return None;
    }
    let how = "without the files of the tables inside, in a run of each statement that reads it";
    cx.estimator.saved_on(outer, &Fix::Part(1.0 - inside as f64 / all.max(1) as f64), how)
}

fn lies_in_partition(outer: &Location, inner: &Table) -> bool {
    let Some(inner) = &inner.location else { return false };
    inner.segments().nth(outer.segments().count()).is_some_and(|segment| segment.contains('='))
}

#[cfg(test)]
mod tests {
    use super::super::example::{findings, table};
    use super::*;

    fn at(name: &str, keys: &[&str], location: &str) -> Table {
        let mut table = table(name, keys, &[]);
        table.location = Some(Location::parse(location));
        table
    }

    fn found(tables: Vec<Table>) -> Vec<(Severity, String)> {
        findings("overlapping-table-locations", tables).into_iter().map(|f| (f.severity, f.message)).collect()
    }

    #[test]
    fn one_finding_per_outer_table_and_per_shared_location() {
        let outer = || at("lake.all", &[], "s3://lake/events/");
        let nested =
            found(vec![outer(), at("lake.a", &[], "s3://lake/events/a/"), at("lake.b", &[], "s3://lake/events/b/")]);
        assert_eq!(nested.len(), 1);
        assert_eq!(
            nested[0].1,
            "the location of `lake.all` holds that of `lake.a` and 1 more: queries on it read those files too"
        );
        let shared = found(vec![outer(), at("lake.same", &[], "s3a://lake/events")]);
        assert_eq!(
            shared,
            [(Severity::Low, "`lake.all` and `lake.same` have the same location, `s3://lake/events/`".to_string())]
        );
        assert_eq!(
            found(vec![at("lake.p", &["dt"], "s3://lake/p/"), at("lake.q", &[], "s3://lake/p/old/")])[0].0,
            Severity::Low
        );
    }

    #[test]
    fn siblings_other_buckets_and_placeholders_do_not_overlap() {
        assert!(found(vec![at("lake.a", &[], "s3://lake/ev/"), at("lake.b", &[], "s3://lake/events/")]).is_empty());
        assert!(found(vec![at("lake.a", &[], "s3://dev/ev/"), at("lake.b", &[], "s3://prod/ev/")]).is_empty());
        assert!(found(vec![at("lake.a", &[], "${location}"), at("lake.b", &[], "${location}")]).is_empty());
        assert!(found(vec![at("lake.a", &[], "s3://lake/"), at("lake.b", &[], "s3://lake/x")]).is_empty());
        let mut iceberg = at("lake.a", &[], "s3://lake/ev/");
        iceberg.kind = TableKind::Iceberg;
        assert!(found(vec![iceberg, at("lake.b", &[], "s3://lake/ev/x")]).is_empty());
    }
}
