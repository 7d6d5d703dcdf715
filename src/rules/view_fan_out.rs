//! A view that many statements of a run open, each of which reads all that lies behind it.

use std::collections::{BTreeMap, HashMap};

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::lake::{Bytes, Lake, Materialized, ModelId, ModelKind, Span, TableName, TableRead};

pub const RULE: Rule = rule!("view-fan-out", Check::Lake(check));

/// Places that are shown beside the view.
const SHOWN: usize = 4;

/// What one statement reads through a view.
struct Opened {
    kind: ModelKind,
    /// Where the statement opens it.
    at: Span,
    bytes: u64,
}

fn check(lake: &Lake, cx: &mut Context<'_>) {
    // Who else opens a view is not known.
    if lake.is_partial {
        return;
    }
    let views = condensing(lake);
    let mut opened: BTreeMap<ModelId, Vec<Opened>> = BTreeMap::new();
    for query in &lake.queries {
        let Some(user) = cx.model(query).filter(|user| user.is_built() || user.kind == ModelKind::Test) else {
            continue;
        };
        let mut here: BTreeMap<ModelId, Opened> = BTreeMap::new();
        for read in &query.reads {
            let Some(view) = innermost(read, &views, lake) else { continue };
            let Some(bytes) = cx.estimator.read(query, read).bytes else { continue };
            let entry = here.entry(view).or_insert(Opened { kind: user.kind, at: read.place(), bytes: 0 });
            entry.bytes = entry.bytes.saturating_add(bytes.likely);
        }
        here.into_iter().for_each(|(view, what)| opened.entry(view).or_default().push(what));
    }
    for (view, opened) in opened {
        report(view, opened, lake, cx);
    }
}

fn report(view: ModelId, mut opened: Vec<Opened>, lake: &Lake, cx: &mut Context<'_>) {
    let view = &lake.models[view.0 as usize];
    let total = opened.iter().fold(0u64, |sum, one| sum.saturating_add(one.bytes));
    let most = opened.iter().map(|one| one.bytes).max().unwrap_or(0);
    let is_asked = !lake.sources.get(view.span.file).is_context;
    if !is_asked
        || (opened.len() as u64) < cx.params().count("min-readers")
        || total - most < cx.params().bytes("min-repeated")
    {
        return;
    }
    let tests = opened.iter().filter(|one| one.kind == ModelKind::Test).count();
    let message = format!(
        "{} open `{}`, and each reads what lies behind it: {} in a run of all, {} of them once",
        users(opened.len() - tests, tests),
        view.name,
        Bytes(total),
        Bytes(most)
    );
    opened.sort_by_key(|one| (std::cmp::Reverse(one.bytes), one.at));
    let mut report = cx.report_model(view, &["materialized"], message).help(
        "keep its result: `materialized='table'`, or `'incremental'` where it holds a long history; a view is for what is read once",
    );
    for one in opened.iter().take(SHOWN) {
        report = report.related(one.at, format!("{} here", Bytes(one.bytes)));
    }
}

/// `3 models and a test`.
fn users(models: usize, tests: usize) -> String {
    let count = |n: usize, one: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {one}s")),
    };
    [count(models, "model"), count(tests, "test")].into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

/// Views and ephemeral models whose result is smaller than what they read, by their unqualified names.
fn condensing(lake: &Lake) -> HashMap<&str, Vec<ModelId>> {
    let mut views: HashMap<&str, Vec<ModelId>> = HashMap::new();
    for (index, model) in lake.models.iter().enumerate() {
        let is_view = matches!(model.materialized, Materialized::View | Materialized::Ephemeral);
        if is_view && model.condenses && model.kind == ModelKind::Model {
            views.entry(model.relation.table()).or_default().push(ModelId(index as u32));
        }
    }
    views
}

/// The last of these views that was opened on the way to a read: the others only hand on what it gives.
fn innermost(read: &TableRead, views: &HashMap<&str, Vec<ModelId>>, lake: &Lake) -> Option<ModelId> {
    read.through.iter().rev().find_map(|using| {
        let name = TableName::parse(lake.sources.text(*using));
        match views.get(name.table())?[..] {
            [view] if lake.models[view.0 as usize].relation.matches(&name) => Some(view),
            _ => None,
        }
    })
}
