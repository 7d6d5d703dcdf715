//! A model of the curated layer that reads raw data past the layer between.

use std::collections::BTreeMap;
use std::ops::Range;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::Place;
use crate::lake::{Lake, Layer, Model, ModelId, ModelKind, Query, Span, TableRead};

pub const RULE: Rule = rule!("layer-skipped", Check::Lake(check));

fn check(lake: &Lake, cx: &mut Context<'_>) {
    let mut queries: BTreeMap<ModelId, Vec<&Query>> = BTreeMap::new();
    for query in &lake.queries {
        queries.entry(query.model.unwrap_or(ModelId(u32::MAX))).or_default().push(query);
    }
    for (index, model) in lake.models.iter().enumerate() {
        let is_asked = !lake.sources.get(model.span.file).is_context;
        if is_asked && model.kind == ModelKind::Model && model.layer == Some(Layer::Curated) {
            let own = queries.get(&ModelId(index as u32)).into_iter().flatten();
            let reads: Vec<&TableRead> =
                own.flat_map(|query| &query.reads).filter(|read| read.through.is_empty()).collect();
            of_model(model, &reads, lake, cx);
        }
    }
}

fn of_model(model: &Model, reads: &[&TableRead], lake: &Lake, cx: &mut Context<'_>) {
    let text = &lake.sources.get(model.span.file).text;
    let on_disk = |read: &TableRead| lake.sources.on_disk(read.span);
    let mut calls: Vec<Span> = Vec::new();
    for (source, table) in &model.sources {
        let call = source_call(text, source, table).map(|range| Span::new(model.span.file, range));
        let place = call.unwrap_or(model.span);
        calls.extend(call);
        let layer = reads.iter().find(|read| on_disk(read).contains(&place)).and_then(|read| layer_of(read, lake));
        // A source is raw unless something else is known of it.
        if layer.is_none_or(|layer| layer == Layer::Raw) {
            report(model, &format!("{source}.{table}"), place, cx);
        }
    }
    for read in reads.iter().filter(|read| layer_of(read, lake) == Some(Layer::Raw)) {
        let place = on_disk(read);
        let table = &lake.catalog.get(read.table).name;
        let is_built = lake.models.iter().any(|model| model.relation.matches(table));
        if !is_built && !calls.iter().any(|call| place.contains(call)) {
            report(model, &read.name, place, cx);
        }
    }
}

fn report(model: &Model, table: &str, place: Span, cx: &mut Context<'_>) {
    let message = format!("`{}` is a model of the curated layer, and reads `{table}` as it arrives", model.name);
    cx.report(Place::Span(place), message)
        .table(table)
        .help("read it through a model of the clean layer; where it is clean already, say so in `[layers]`");
}

fn layer_of(read: &TableRead, lake: &Lake) -> Option<Layer> {
    lake.catalog.get(read.table).layer
}

/// Where a template asks for a source.
fn source_call(text: &str, source: &str, table: &str) -> Option<Range<usize>> {
    let quotes =
        |inner: &str, name: &str| ['\'', '"'].iter().any(|quote| inner.contains(&format!("{quote}{name}{quote}")));
    text.match_indices("source").find_map(|(start, word)| {
        let rest = text[start + word.len()..].trim_start();
        let inner = rest.strip_prefix('(')?;
        let inner = &inner[..inner.find(')')?];
        let end = inner.as_ptr() as usize - text.as_ptr() as usize + inner.len() + 1;
        (quotes(inner, source) && quotes(inner, table)).then_some(start..end)
    })
}

#[cfg(test)]
mod tests {
    use super::source_call;

    #[test]
    fn the_call_that_names_both_is_found() {
        let text = "-- the source (old)\nselect * from {{ source('raw', 'a') }} join {{ source ( \"raw\", 'b' ) }}";
        let found = |table| source_call(text, "raw", table).map(|range| &text[range]);
        assert_eq!(found("a"), Some("source('raw', 'a')"));
        assert_eq!(found("b"), Some("source ( \"raw\", 'b' )"));
        assert_eq!(found("c"), None);
    }
}
