//! A view that many statements of a run open, each of which reads all that lies behind it.

use std::collections::{BTreeMap, HashMap};

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::Confidence;
use crate::lake::{Bytes, Exposure, Lake, Materialized, ModelId, ModelKind, Query, Span, TableName, TableRead};

pub const RULE: Rule = rule!("view-fan-out", Check::Lake(check));

/// Places that are shown beside the view.
const SHOWN: usize = 4;

/// What one statement, or one look at an exposure, reads through a view.
struct Opened<'l> {
    by: User<'l>,
    /// Where the view is opened.
    at: Span,
    bytes: u64,
}

#[derive(Clone, Copy)]
enum User<'l> {
    Model,
    Test,
    Exposure(&'l Exposure),
}

/// Views and ephemeral models by their unqualified names.
type Views<'l> = HashMap<&'l str, Vec<ModelId>>;

fn check(lake: &Lake, cx: &mut Context<'_>) {
    // Who else opens a view is not known.
    if lake.is_partial {
        return;
    }
    let views = condensing(lake);
    let mut opened: BTreeMap<ModelId, Vec<Opened<'_>>> = BTreeMap::new();
    for query in &lake.queries {
        let by = match cx.model(query) {
            Some(user) if user.kind == ModelKind::Test => User::Test,
            Some(user) if user.is_built() => User::Model,
            _ => continue,
        };
        for (view, (at, bytes)) in through_views([query], &views, cx) {
            opened.entry(view).or_default().push(Opened { by, at, bytes });
        }
    }
    for exposure in &lake.exposures {
        let by = User::Exposure(exposure);
        for (view, (at, bytes)) in through_views(&exposure.looks, &views, cx) {
            opened.entry(view).or_default().push(Opened { by, at, bytes });
        }
    }
    for (view, opened) in opened {
        report(view, opened, lake, cx);
    }
}

/// What statements read together through each of the views, and where they open it first.
fn through_views<'q>(
    queries: impl IntoIterator<Item = &'q Query>,
    views: &Views<'_>,
    cx: &Context<'_>,
) -> BTreeMap<ModelId, (Span, u64)> {
    let mut here: BTreeMap<ModelId, (Span, u64)> = BTreeMap::new();
    for (query, read) in queries.into_iter().flat_map(|query| query.reads.iter().map(move |read| (query, read))) {
        let Some(view) = innermost(read, views, cx.lake) else { continue };
        let Some(bytes) = cx.estimator.read(query, read).bytes else { continue };
        let (_, sum) = here.entry(view).or_insert((read.place(), 0));
        *sum = sum.saturating_add(bytes.likely);
    }
    here
}

fn report(view: ModelId, mut opened: Vec<Opened<'_>>, lake: &Lake, cx: &mut Context<'_>) {
    let view = &lake.models[view.0 as usize];
    let is_asked = !lake.sources.get(view.span.file).is_context;
    let is_look = |one: &Opened<'_>| matches!(one.by, User::Exposure(_));
    if !is_asked || !is_much(&opened.iter().collect::<Vec<_>>(), cx) {
        return;
    }
    // A look that nobody takes, or that reads one day, costs next to nothing.
    let without_looks: Vec<&Opened<'_>> = opened.iter().filter(|one| !is_look(one)).collect();
    let confidence = if is_much(&without_looks, cx) { Confidence::High } else { Confidence::Medium };
    let count = |is: fn(&User<'_>) -> bool| opened.iter().filter(|one| is(&one.by)).count();
    let exposures = count(|by| matches!(by, User::Exposure(_)));
    let and_looks = match exposures {
        0 => "",
        1 => " and one look at the exposure",
        _ => " and one look at each exposure",
    };
    let (total, most) = sums(opened.iter());
    let message = format!(
        "{} open `{}`, and each reads what lies behind it: {} in a run of all{and_looks}, {} of them once",
        users([
            (count(|by| matches!(by, User::Model)), "model"),
            (count(|by| matches!(by, User::Test)), "test"),
            (exposures, "exposure")
        ]),
        view.name,
        Bytes(total),
        Bytes(most)
    );
    opened.sort_by_key(|one| (std::cmp::Reverse(one.bytes), one.at));
    let mut report = cx.report_model(view, &["materialized"], message).confidence(confidence).help(
        "keep its result: `materialized='table'`, or `'incremental'` where it holds a long history; a view is for what is read once",
    );
    for one in opened.iter().take(SHOWN) {
        let bytes = Bytes(one.bytes);
        let what = match one.by {
            User::Exposure(exposure) => {
                format!("{bytes} at a look at {} that filters nothing; how often is not known", exposure.shown())
            }
            User::Model | User::Test => format!("{bytes} here"),
        };
        report = report.related(one.at, what);
    }
}

/// Whether so many open a view, and read so much again, that it is worth a finding.
fn is_much(opened: &[&Opened<'_>], cx: &Context<'_>) -> bool {
    let (total, most) = sums(opened.iter().copied());
    opened.len() as u64 >= cx.params().count("min-readers") && total - most >= cx.params().bytes("min-repeated")
}

/// Bytes of all, and of the one that reads most.
fn sums<'o, 'l: 'o>(opened: impl Iterator<Item = &'o Opened<'l>> + Clone) -> (u64, u64) {
    let total = opened.clone().fold(0u64, |sum, one| sum.saturating_add(one.bytes));
    (total, opened.map(|one| one.bytes).max().unwrap_or(0))
}

/// `3 models, 1 test and 1 exposure`.
fn users(counts: [(usize, &str); 3]) -> String {
    let count = |(n, one): (usize, &str)| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {one}s")),
    };
    let all: Vec<String> = counts.into_iter().filter_map(count).collect();
    match all.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// Views and ephemeral models whose result is smaller than what they read.
fn condensing(lake: &Lake) -> Views<'_> {
    let mut views = Views::new();
    for (index, model) in lake.models.iter().enumerate() {
        let is_view = matches!(model.materialized, Materialized::View | Materialized::Ephemeral);
        if is_view && model.condenses && model.kind == ModelKind::Model {
            views.entry(model.relation.table()).or_default().push(ModelId(index as u32));
        }
    }
    views
}

/// The last of these views that was opened on the way to a read: the others only hand on what it gives.
fn innermost(read: &TableRead, views: &Views<'_>, lake: &Lake) -> Option<ModelId> {
    read.through.iter().rev().find_map(|using| {
        let name = TableName::parse(lake.sources.text(*using));
        match views.get(name.table())?[..] {
            [view] if lake.models[view.0 as usize].relation.matches(&name) => Some(view),
            _ => None,
        }
    })
}
