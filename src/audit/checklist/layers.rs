//! Whether layers have boundaries.

use std::collections::BTreeMap;

use super::{Case, Evidence, Question, question};
use crate::finding::Place;
use crate::lake::{Count, Lake, Layer, Query, StatementKind};

pub(super) const QUESTION: Question = question!("layers-are-kept-apart", look);

fn look(evidence: &Evidence<'_>, case: &mut Case<'_>) {
    let lake = evidence.estimator.lake;
    let mut layers: BTreeMap<Layer, u64> = BTreeMap::new();
    for (_, table) in lake.catalog.iter() {
        if let Some(layer) = table.layer {
            *layers.entry(layer).or_default() += 1;
        }
    }
    for query in &lake.queries {
        of_statement(query, lake, case);
    }
    let everything = layers.values().sum::<u64>() as usize == lake.catalog.iter().count();
    let consumer = lake.queries.iter().find(|query| query.kind == StatementKind::Select && !query.reads.is_empty());
    match (layers.first_key_value(), layers.len(), consumer) {
        (None, ..) => {
            case.missing(Place::Lake, "no table has a layer: `[layers]` in lakelint.toml says which are which")
        }
        (Some((Layer::Raw, tables)), 1, Some(query)) if everything && *tables > 1 => {
            let text = format!("all {} tables are in the raw layer, and are queried there", Count(*tables));
            case.bad(Place::Span(query.span), text);
        }
        (Some((layer, _)), 1, _) => {
            case.missing(Place::Lake, format!("every table with a layer is in the {} layer", layer.name()));
        }
        _ if case.is_empty() => case.missing(Place::Lake, "no statement that writes a curated table was read"),
        _ => {}
    }
}

/// What a statement says that makes a curated table.
fn of_statement(query: &Query, lake: &Lake, case: &mut Case<'_>) {
    let layer = |id| lake.catalog.get(id).layer;
    let Some(target) = query.write.as_ref().and_then(|write| write.table) else { return };
    if layer(target) != Some(Layer::Curated) {
        return;
    }
    let target = &lake.catalog.get(target).name;
    let raw = query.reads.iter().find(|read| layer(read.table) == Some(Layer::Raw));
    let sources: Vec<_> = query.reads.iter().filter(|read| layer(read.table).is_some()).collect();
    match (raw, sources.first()) {
        (Some(read), _) => case.bad(
            Place::Span(read.place()),
            format!("`{target}` is made straight from `{}`, which is raw", lake.catalog.get(read.table).name),
        ),
        (None, Some(read)) if sources.len() == query.reads.len() => case.good(
            Place::Span(read.place()),
            format!("`{target}` is made from `{}`", lake.catalog.get(read.table).name),
        ),
        (None, Some(_)) => {
            case.missing(Place::Span(query.span), format!("`{target}` is made from tables without a layer"))
        }
        // Values, or tables that nothing describes.
        (None, None) => {}
    }
}
