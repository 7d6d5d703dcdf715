//! Whether layers have boundaries.

use std::collections::BTreeMap;

use super::flow::{Flow, layer_of, raw_views};
use super::{Case, Evidence, Question, question};
use crate::cost::machine::checks_data;
use crate::finding::Place;
use crate::lake::{Count, Lake, Layer, ModelKind, Query, StatementKind, TableId, TableRead};

pub(super) const QUESTION: Question = question!("layers-are-kept-apart", look);

fn look(evidence: &Evidence<'_>, case: &mut Case<'_>) {
    let lake = evidence.estimator.lake;
    let mut layers: BTreeMap<Layer, u64> = BTreeMap::new();
    for (_, table) in lake.catalog.iter() {
        if let Some(layer) = table.layer {
            *layers.entry(layer).or_default() += 1;
        }
    }
    let curated = |flow: &Flow<'_>| lake.catalog.get(flow.target).layer == Some(Layer::Curated);
    Flow::all(lake).filter(curated).for_each(|flow| of_statement(flow, lake, case));
    if case.is_empty() && layers.len() > 1 {
        case.missing(Place::Lake, "no statement was read that makes a curated table of others");
    }
    let everything = layers.values().sum::<u64>() as usize == lake.catalog.iter().count();
    let reads_raw = |query: &&Query| is_consumer(query, lake) == Some(true) && !query.reads.is_empty();
    let consumer = lake.queries.iter().find(reads_raw);
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
        _ => consumers_of_raw(lake, case),
    }
}

/// What a statement says that makes a curated table.
fn of_statement(flow: Flow<'_>, lake: &Lake, case: &mut Case<'_>) {
    let name = |table: TableId| &lake.catalog.get(table).name;
    let target = name(flow.target);
    let unknown = flow.unknown();
    let layered = flow.sources().filter(|read| layer_of(read, lake).is_some()).count();
    match (flow.source_of(Layer::Raw, lake), flow.sources().next()) {
        (Some(read), _) => case.bad(
            Place::Span(read.place()),
            format!("`{target}` is made straight from `{}`, which is raw", name(read.table)),
        ),
        (None, _) if unknown.is_some() => case
            .missing(Place::Span(flow.query.span), format!("`{target}` is made from {}", unknown.unwrap_or_default())),
        (None, Some(read)) if layered == flow.sources().count() => {
            case.good(Place::Span(read.place()), format!("`{target}` is made from `{}`", name(read.table)));
        }
        (None, Some(_)) => case.missing(
            Place::Span(flow.query.span),
            format!("`{target}` is made from tables without a layer, or through views"),
        ),
        // Values, or itself.
        (None, None) => {}
    }
}

/// Raw tables that statements read which keep nothing in the lake, each at its first reader.
fn consumers_of_raw(lake: &Lake, case: &mut Case<'_>) {
    let mut readers: BTreeMap<TableId, Vec<&TableRead>> = BTreeMap::new();
    for (view, table) in raw_views(lake) {
        case.missing(
            Place::Span(view.span),
            format!("a view shows `{}`, which is raw, to whoever reads it", table.name),
        );
    }
    for query in &lake.queries {
        let mut raw: Vec<&TableRead> =
            query.reads.iter().filter(|read| layer_of(read, lake) == Some(Layer::Raw)).collect();
        raw.sort_by_key(|read| read.table);
        raw.dedup_by_key(|read| read.table);
        match (is_consumer(query, lake), raw.first()) {
            (Some(true), _) => raw.into_iter().for_each(|read| readers.entry(read.table).or_default().push(read)),
            (None, Some(read)) => {
                let table = &lake.catalog.get(read.table).name;
                let text = format!("`{table}`, which is raw, is read by what may be a part of the pipeline");
                case.missing(Place::Span(read.place()), text);
            }
            _ => {}
        }
    }
    for (table, reads) in readers {
        let by = match reads.len() {
            1 => "a consumer".to_string(),
            count => format!("{} consumers", Count(count as u64)),
        };
        let text = format!("`{}`, which is raw, is read by {by} directly", lake.catalog.get(table).name);
        case.bad(Place::Span(reads[0].place()), text);
    }
}

/// Whether a query is one for people, or an export; `None` when it may be. What a state machine runs, a dbt model and a check of
/// data are parts of the pipeline; a statement in a folder of models may be one.
fn is_consumer(query: &Query, lake: &Lake) -> Option<bool> {
    if !matches!(query.kind, StatementKind::Select | StatementKind::Unload) || query.step.is_some() {
        return Some(false);
    }
    if let Some(model) = lake.model(query) {
        // What dbt only compiles, people may run.
        let is_analysis = model.kind == ModelKind::Analysis;
        return (!is_analysis).then_some(false);
    }
    let file = lake.sources.get(query.span.file);
    let stem = file.path.rsplit('/').next().unwrap_or_default();
    let stem = stem.split_once('.').map_or(stem, |(stem, _)| stem);
    let templates = ["ref(", "source(", "config("];
    let is_dbt = |expression: &str| templates.iter().any(|call| expression.trim_start().starts_with(call));
    let checks = [stem, query.name.as_deref().unwrap_or_default()].map(checks_data);
    let is_part = file.text.split("{{").skip(1).any(is_dbt) || checks.contains(&Some(true));
    let may_be = file.path.split('/').any(|folder| folder == "models") || checks.contains(&None);
    match (is_part, may_be) {
        (true, _) => Some(false),
        (false, true) => None,
        (false, false) => Some(true),
    }
}
