//! Whether one job does everything.

use std::collections::BTreeSet;

use super::flow::{Flow, raw_views};
use super::{Case, Evidence, Question, question};
use crate::finding::Place;
use crate::lake::{Lake, Layer};

pub(super) const QUESTION: Question = question!("jobs-have-one-purpose", look);

fn look(evidence: &Evidence<'_>, case: &mut Case<'_>) {
    let lake = evidence.estimator.lake;
    let layers: BTreeSet<Layer> = lake.catalog.iter().filter_map(|(_, table)| table.layer).collect();
    let flows: Vec<Flow<'_>> = Flow::all(lake).filter(Flow::brings_rows).collect();
    for (lower, upper) in layers.iter().zip(layers.iter().skip(1)) {
        boundary(*lower, *upper, &flows, lake, case);
    }
    for flow in flows.iter().filter(|flow| lake.catalog.get(flow.target).layer == Some(Layer::Curated)) {
        let Some(read) = flow.source_of(Layer::Raw, lake) else { continue };
        let (source, target) = (&lake.catalog.get(read.table).name, &lake.catalog.get(flow.target).name);
        let text = format!("one statement takes raw data from `{source}`, and makes `{target}` for consumers of it");
        // Where nothing clean could be read, or is read as well, the step may well be the only one.
        match layers.contains(&Layer::Clean) && flow.source_of(Layer::Clean, lake).is_none() {
            true => case.bad(Place::Span(read.place()), text),
            false => case.missing(Place::Span(read.place()), text),
        }
    }
    for flow in flows.iter().filter(|flow| lake.catalog.get(flow.target).layer > layers.first().copied()) {
        if let Some(unknown) = flow.unknown() {
            let text = format!("`{}` is made from {unknown}", lake.catalog.get(flow.target).name);
            case.missing(Place::Span(flow.query.span), text);
        }
    }
    if layers.len() > 1 {
        for (view, table) in raw_views(lake) {
            let text = format!("a view works on `{}`, which is raw, whenever it is read", table.name);
            case.missing(Place::Span(view.span), text);
        }
    }
    for (id, table) in lake.catalog.iter().filter(|(_, table)| table.layer > layers.first().copied()) {
        if !flows.iter().any(|flow| flow.target == id) {
            let text =
                format!("no statement was read that brings rows into `{}`: the job that does may do more", table.name);
            case.missing(table.declared_at.map_or(Place::Lake, Place::Span), text);
        }
    }
    if layers.len() < 2 {
        let text = "fewer than two layers have tables: `[layers]` in lakelint.toml says which are which";
        case.missing(Place::Lake, text);
    }
}

/// The statements that take data from one layer to the next.
fn boundary(lower: Layer, upper: Layer, flows: &[Flow<'_>], lake: &Lake, case: &mut Case<'_>) {
    let mut is_crossed = false;
    for flow in flows.iter().filter(|flow| lake.catalog.get(flow.target).layer == Some(upper)) {
        let Some(read) = flow.source_of(lower, lake) else { continue };
        is_crossed = true;
        let (source, target) = (&lake.catalog.get(read.table).name, &lake.catalog.get(flow.target).name);
        case.good(Place::Span(flow.query.span), format!("a statement of its own makes `{target}` of `{source}`"));
    }
    if !is_crossed {
        let (lower, upper) = (lower.name(), upper.name());
        case.missing(Place::Lake, format!("no statement was read that makes {upper} tables of {lower} ones"));
    }
}
