//! One statement scans the same data of a table several times.

use std::collections::BTreeMap;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{Fix, reads_no_data, surviving};
use crate::finding::{Confidence, Severity};
use crate::lake::{Bytes, Class, Conjunct, Lake, Query, TableId, TableRead};

pub const RULE: Rule = rule!("repeated-scan", Check::Query(check));

/// Reads of one table that are compared with all others: statements with more are generated, and the first ones tell.
const COMPARED: usize = 100;
/// Places that are shown beside the first.
const SHOWN: usize = 4;

fn check(query: &Query, cx: &mut Context<'_>) {
    let mut per_table: BTreeMap<TableId, Vec<usize>> = BTreeMap::new();
    for (index, read) in query.reads.iter().enumerate() {
        let costs =
            !reads_no_data(read, cx.lake.catalog.get(read.table)) && read.bare_limit.is_none() && !read.truncated;
        if costs {
            per_table.entry(read.table).or_default().push(index);
        }
    }
    for reads in per_table.into_values() {
        let read = |index: usize| &query.reads[index];
        let with_same_data = |first: &usize| -> Vec<usize> {
            let shares = |other: &usize| first == other || overlaps(read(*first), read(*other), cx.lake);
            reads.iter().copied().filter(shares).collect()
        };
        // The first read among those that share data with most scans.
        let groups = reads.iter().take(COMPARED).map(with_same_data);
        let most = groups.rev().max_by_key(|group| group.iter().map(|index| read(*index).scans).sum::<u32>());
        if let Some(group) = most {
            report(query, &group, cx);
        }
    }
}

fn report(query: &Query, group: &[usize], cx: &mut Context<'_>) {
    let reads: Vec<&TableRead> = group.iter().map(|index| &query.reads[*index]).collect();
    let scans: u32 = reads.iter().map(|read| read.scans).sum();
    let Some(first) = reads.first() else { return };
    let table = cx.lake.catalog.get(first.table);
    let min = if table.layout.is_some() { "min-scans" } else { "min-scans-of-unknown-size" };
    if u64::from(scans) < cx.params().count(min) {
        return;
    }
    let once: Option<Vec<u64>> =
        reads.iter().map(|read| surviving(read, table, cx.as_of).map(|kept| kept.bytes)).collect();
    let stored = once.map(|once| {
        let each = once.iter().zip(&reads).map(|(bytes, read)| bytes.saturating_mul(u64::from(read.scans)));
        each.fold(0, u64::saturating_add) - once.iter().max().copied().unwrap_or(0)
    });
    let waste = cx.estimator.saved(query, &once_each(query, group, cx), "read once");
    // Stored bytes stand in where another table of the statement is unknown.
    let again = waste.as_ref().map(|waste| waste.bytes.before.saturating_sub(waste.bytes.after)).or(stored);
    if again.is_some_and(|bytes| bytes < cx.params().bytes("min-repeated")) {
        return;
    }
    let how_much = again.map_or(String::new(), |bytes| format!(": {} more than once needs", Bytes(bytes)));
    let inlined =
        reads.iter().enumerate().any(|(i, read)| read.scans > 1 || reads[..i].iter().any(|r| r.span == read.span));
    let help = match inlined {
        true => {
            "a CTE or view is read anew at every use: store its result with CREATE TABLE AS or UNLOAD, and read that"
        }
        false => "read it once, with `count_if(...)` or `sum(...) FILTER (WHERE ...)` for each part",
    };
    let mut report = cx
        .report_read(first, format!("`{}` is scanned {scans} times{how_much}", first.name))
        .at_most(if again.is_some() { Severity::High } else { Severity::Low })
        .confidence(if again.is_some() { Confidence::High } else { Confidence::Medium })
        .help(help)
        .waste(waste);
    for other in reads.iter().skip(1).filter(|other| other.place() != first.place()).take(SHOWN) {
        report = report.related(other.place(), "scanned again");
    }
}

/// The largest read stays, once; the others take their rows from it.
fn once_each(query: &Query, group: &[usize], cx: &Context<'_>) -> Vec<(usize, Fix)> {
    let likely = |index: &usize| cx.estimator.read(query, &query.reads[*index]).bytes.map_or(0, |bytes| bytes.likely);
    let each = |index: &usize| likely(index) / u64::from(query.reads[*index].scans.max(1));
    let largest = group.iter().rev().copied().max_by_key(each);
    let fix = |index: &usize| (*index, if Some(*index) == largest { Fix::Once(group.to_vec()) } else { Fix::Shared });
    group.iter().map(fix).collect()
}

/// Whether two reads certainly take in common partitions.
fn overlaps(a: &TableRead, b: &TableRead, lake: &Lake) -> bool {
    let is_disjoint = a.keys.iter().zip(&b.keys).any(|(a, b)| a.domain.intersect(&b.domain).is_none());
    // What only the run, a placeholder or an evaluation can tell is the same where it is written the same.
    let is_open =
        |c: &&Conjunct| !c.keys.is_empty() && (c.placeholder || matches!(c.class, Class::PlanTime | Class::RunTime));
    let texts = |read: &TableRead| -> Vec<&str> {
        read.conjuncts.iter().filter(is_open).map(|c| lake.sources.text(c.span)).collect()
    };
    !is_disjoint && texts(a) == texts(b)
}
