//! A source that models read, and whose age nothing checks.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::Place;
use crate::lake::{Exposure, Freshness, Lake, Model, ModelKind};

pub const RULE: Rule = rule!("freshness-not-checked", Check::Lake(check));

fn check(lake: &Lake, cx: &mut Context<'_>) {
    for source in lake.dbt_sources.iter().filter(|source| !lake.sources.get(source.span.file).is_context) {
        let name = format!("{}.{}", source.source, source.table);
        let reads = |model: &&Model| {
            let is_reader = matches!(model.kind, ModelKind::Model | ModelKind::Snapshot);
            is_reader && model.sources.iter().any(|(of, table)| *of == source.source && *table == source.table)
        };
        let readers: Vec<&Model> = lake.models.iter().filter(reads).collect();
        let is_exposed = |exposure: &&Exposure| {
            exposure.sources.iter().any(|(of, table)| *of == source.source && *table == source.table)
        };
        let exposures: Vec<&Exposure> = lake.exposures.iter().filter(is_exposed).collect();
        let by = match (&readers[..], &exposures[..]) {
            ([], []) => continue,
            ([model], []) => format!("`{}` reads `{name}`", model.name),
            ([], [exposure]) => format!("{} reads `{name}`", exposure.shown()),
            (models, []) => format!("{} models read `{name}`", models.len()),
            ([], exposures) => format!("{} exposures read `{name}`", exposures.len()),
            (models, exposures) => {
                format!("{} and {} read `{name}`", counted(models.len(), "model"), counted(exposures.len(), "exposure"))
            }
        };
        let (message, help) = match source.freshness {
            Freshness::Checked | Freshness::Declined => continue,
            Freshness::Unsaid => (
                format!("{by}, and nothing checks how old its rows are"),
                "give it `freshness: {warn_after: {count: 24, period: hour}}` and a `loaded_at_field`, or `freshness: null` if nobody \
                 needs to know",
            ),
            Freshness::WithoutTime => (
                format!("{by}, and no `loaded_at_field` says how old its rows are"),
                "name the column that says when a row was loaded, `loaded_at_field`, or a `loaded_at_query`: dbt-athena does not ask the \
                 catalog",
            ),
        };
        cx.report(Place::Span(source.span), message).table(&name).help(help);
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
