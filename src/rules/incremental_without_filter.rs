//! An incremental model whose runs read as much as a full refresh.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{Unnarrowed, recent_days, unnarrowed};
use crate::finding::{Confidence, Severity};
use crate::lake::{Bytes, Materialized, Model, Query, Strategy};

pub const RULE: Rule = rule!("incremental-without-filter", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    let Some(model) = cx.model(query) else { return };
    let Some(unnarrowed) = unnarrowed(query, model) else { return };
    let is_append = model.materialized == Materialized::Incremental(Strategy::Append);
    // What it adds may have been deleted before; what it reads is the same.
    if is_append && !model.has_pre_hook && query.unknown_tables.is_empty() {
        adds_again(query, model, unnarrowed, cx);
    } else if !model.appends() && unnarrowed == Unnarrowed::Whole {
        reads_again(query, model, cx);
    }
}

/// Rows that are in the table already are added again: nothing tells them apart.
fn adds_again(query: &Query, model: &Model, unnarrowed: Unnarrowed, cx: &mut Context<'_>) {
    let (reads, bytes) = of_the_query(query, cx);
    let size = bytes.map_or(String::new(), |bytes| format!(" ({} to read)", Bytes(bytes)));
    let name = &model.name;
    let message = match unnarrowed {
        Unnarrowed::Whole => format!("every run appends all rows of `{name}` again{size}"),
        Unnarrowed::FromStart => {
            format!("every run appends the rows of `{name}` again, from a start that does not move{size}")
        }
    };
    let severity = if unnarrowed == Unnarrowed::Whole { Severity::High } else { Severity::Medium };
    let confidence = if unnarrowed == Unnarrowed::Whole { Confidence::High } else { Confidence::Medium };
    report(query, model, &reads, message, cx, severity, confidence);
}

fn reads_again(query: &Query, model: &Model, cx: &mut Context<'_>) {
    let (reads, bytes) = of_the_query(query, cx);
    let Some(bytes) = bytes.filter(|bytes| *bytes >= cx.params().bytes("min-read")) else { return };
    let (name, bytes) = (&model.name, Bytes(bytes));
    let message = match model.asks_is_incremental {
        false => format!("`{name}` is incremental, but every run reads what a full refresh reads: {bytes}"),
        true => format!("`is_incremental()` takes nothing away from what `{name}` reads: {bytes} in every run"),
    };
    report(query, model, &reads, message, cx, Severity::Medium, Confidence::High);
}

/// The reads of a model's own query, and their bytes where all are known.
fn of_the_query(query: &Query, cx: &Context<'_>) -> (Vec<usize>, Option<u64>) {
    let merged = query.merged();
    let reads: Vec<usize> = (0..query.reads.len()).filter(|index| Some(*index) != merged).collect();
    let bytes = |index: &usize| cx.estimator.read(query, &query.reads[*index]).bytes.map(|bytes| bytes.likely);
    let sum = reads.iter().map(bytes).sum::<Option<u64>>();
    (reads, sum.filter(|_| query.unknown_tables.is_empty()))
}

fn report(
    query: &Query,
    model: &Model,
    reads: &[usize],
    message: String,
    cx: &mut Context<'_>,
    severity: Severity,
    confidence: Confidence,
) {
    let days = cx.params().count("example-days");
    let table = |index: &usize| cx.lake.catalog.get(query.reads[*index].table);
    let dated: Vec<usize> = reads.iter().copied().filter(|index| table(index).is_partitioned()).collect();
    let largest = dated.iter().max_by_key(|index| table(index).layout.as_ref().map_or(0, |layout| layout.bytes().0));
    let predicate = largest.map_or("on what is new".to_string(), |index| recent_days(table(index), days));
    let waste = cx.estimator.saved_within(query, &dated, cx.last_days(days));
    let report = cx
        .report_model(model, &["incremental_strategy", "materialized"], message)
        .at_most(severity)
        .confidence(confidence)
        .help(format!("limit the run within `{{% if is_incremental() %}}`, with a predicate {predicate}"))
        .waste(waste);
    if let Some(index) = largest {
        report.related(query.reads[*index].place(), "read at every run");
    }
}
