//! A view that many statements of a run open, each of which reads all that lies behind it.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{Opened, Opener, views_opened};
use crate::finding::Confidence;
use crate::lake::{Bytes, Lake, ModelId};

pub const RULE: Rule = rule!("view-fan-out", Check::Lake(check));

/// Places that are shown beside the view.
const SHOWN: usize = 4;

fn check(lake: &Lake, cx: &mut Context<'_>) {
    // Who else opens a view is not known.
    if lake.is_partial {
        return;
    }
    for (view, opened) in views_opened(&cx.estimator) {
        report(view, opened, lake, cx);
    }
}

fn report(view: ModelId, mut opened: Vec<Opened<'_>>, lake: &Lake, cx: &mut Context<'_>) {
    let view = &lake.models[view.0 as usize];
    let is_asked = !lake.sources.get(view.span.file).is_context;
    let is_look = |one: &Opened<'_>| matches!(one.by, Opener::Exposure(_));
    if !is_asked || !is_much(&opened.iter().collect::<Vec<_>>(), cx) {
        return;
    }
    // A look that nobody takes, or that reads one day, costs next to nothing.
    let without_looks: Vec<&Opened<'_>> = opened.iter().filter(|one| !is_look(one)).collect();
    let confidence = if is_much(&without_looks, cx) { Confidence::High } else { Confidence::Medium };
    let count = |is: fn(&Opener<'_>) -> bool| opened.iter().filter(|one| is(&one.by)).count();
    let exposures = count(|by| matches!(by, Opener::Exposure(_)));
    let and_looks = match exposures {
        0 => "",
        1 => " and one look at the exposure",
        _ => " and one look at each exposure",
    };
    let (total, most) = sums(opened.iter());
    let message = format!(
        "{} open `{}`, and each reads what lies behind it: {} in a run of all{and_looks}, {} of them once",
        users([
            (count(|by| matches!(by, Opener::Model)), "model"),
            (count(|by| matches!(by, Opener::Test)), "test"),
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
            Opener::Exposure(exposure) => {
                format!("{bytes} at a look at {} that filters nothing; how often is not known", exposure.shown())
            }
            Opener::Model | Opener::Test => format!("{bytes} here"),
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
