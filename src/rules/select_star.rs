//! A `*` reads every column of a columnar table.

use std::collections::BTreeSet;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{Fix, surviving};
use crate::finding::{Confidence, Place, Severity};
use crate::lake::{Bytes, ColumnsUsed, Query, Span, StatementKind, Table, TableKind};

pub const RULE: Rule = rule!("select-star", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    // A copy or a view needs every column.
    if !matches!(query.kind, StatementKind::Select | StatementKind::ExplainAnalyze) {
        return;
    }
    let mut seen: BTreeSet<Span> = BTreeSet::new();
    let mut stars: Vec<(usize, Span, Option<Bytes>)> = Vec::new();
    for (index, read) in query.reads.iter().enumerate() {
        let ColumnsUsed::All(star) = read.columns else { continue };
        let table = cx.lake.catalog.get(read.table);
        if read.bare_limit.is_none() && is_wide_and_columnar(table, cx) {
            match surviving(read, table, cx.as_of) {
                Some(kept) if kept.bytes < cx.params().bytes("min-read") => {}
                // Looking at a few rows of an unknown table is no habit to stop.
                None if query.limit.is_some() => {}
                kept => stars.push((index, star, kept.map(|kept| Bytes(kept.bytes)))),
            }
        }
    }
    // Of the tables under one star the largest is named.
    stars.sort_by_key(|(index, _, bytes)| (std::cmp::Reverse(*bytes), query.reads[*index].span));
    for (index, star, bytes) in stars.into_iter().filter(|(_, star, _)| seen.insert(*star)) {
        report(query, index, star, bytes, cx);
    }
}

fn report(query: &Query, index: usize, star: Span, bytes: Option<Bytes>, cx: &mut Context<'_>) {
    let read = &query.reads[index];
    let table = cx.lake.catalog.get(read.table);
    let columns = match column_count(table) {
        0 => "every column".to_string(),
        n => format!("all {n} columns"),
    };
    let how_much = bytes.map_or(String::new(), |bytes| format!(" ({bytes})"));
    let (severity, confidence) = match bytes {
        Some(_) => (Severity::High, Confidence::High),
        None => (Severity::Low, Confidence::Medium),
    };
    let widest = widest(table);
    // Which columns are needed nobody knows but the author: the widest alone is what naming them saves at least, if it is not.
    let waste = widest.as_ref().and_then(|(name, _)| {
        let column = name.split('.').next().unwrap_or(name);
        let fix = Fix::Without(column.to_string());
        cx.estimator.saved(query, &[(index, fix)], format!("without `{column}`"))
    });
    let help = widest.map_or("name the columns that are needed: the others are then not read".to_string(), |widest| {
        let (name, percent) = (widest.0, (widest.1 * 100.0).round());
        format!("name the columns that are needed: `{name}` alone takes {percent} % of the bytes")
    });
    cx.report(Place::Span(star), format!("reads {columns} of `{}`{how_much}", read.name))
        .table(&read.name)
        .at_most(severity)
        .confidence(confidence)
        .help(help)
        .waste(waste);
}

fn column_count(table: &Table) -> usize {
    // An Iceberg key is one of the columns.
    let keys = table.partition_keys.iter().filter(|key| !table.columns.iter().any(|c| c.name == key.name)).count();
    if table.columns.is_empty() { 0 } else { table.columns.len() + keys }
}

fn is_wide_and_columnar(table: &Table, cx: &Context<'_>) -> bool {
    let columnar = match table.main_format() {
        Some(format) => format.is_columnar(),
        None => table.kind == TableKind::Iceberg || table.layout.is_none(),
    };
    // Of a table whose columns nobody lists, only the size can tell.
    let wide = match column_count(table) {
        0 => table.layout.is_some(),
        n => n as u64 >= cx.params().count("min-columns"),
    };
    columnar && wide
}

/// The column that takes most of the bytes, where the layout knows.
fn widest(table: &Table) -> Option<(String, f64)> {
    let shares = table.layout.as_ref()?.footers.as_ref()?.shares();
    let (name, share) = shares.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, share)| *share >= 0.1)?;
    Some((name.to_string(), share))
}
