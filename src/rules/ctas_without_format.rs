//! A CREATE TABLE AS leaves its format to the engine, or writes row text.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::{Place, Severity};
use crate::lake::{Layer, Model, Query, StatementKind, Table, TableKind, WriteFormat};

pub const RULE: Rule = rule!("ctas-without-format", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    if let Some(model) = cx.model(query) {
        return of_model(model, query, cx);
    }
    let Some(write) = query.write.as_ref().filter(|_| query.kind == StatementKind::Ctas) else { return };
    let lake = cx.lake;
    let target: Option<&Table> = write.table.map(|id| lake.catalog.get(id));
    let name = write.name.as_ref().map(ToString::to_string).unwrap_or_default();
    let (message, severity) = match &write.format {
        // Iceberg tables are Parquet unless they say otherwise.
        WriteFormat::Unstated if target.is_some_and(|table| table.kind == TableKind::Iceberg) => return,
        WriteFormat::Unstated => (
            format!("`{name}` is created without a format: Athena writes Parquet, other engines ORC or text"),
            Severity::Low,
        ),
        WriteFormat::Named(format) if is_text(format) => {
            let severity = match target.and_then(|table| table.layer) {
                Some(Layer::Raw) => return,
                Some(Layer::Curated) => Severity::High,
                Some(Layer::Clean) | None => Severity::Medium,
            };
            (
                format!("`{name}` is written as {}: every later query reads every column", format.to_uppercase()),
                severity,
            )
        }
        WriteFormat::Named(_) | WriteFormat::NotApplicable => return,
    };
    cx.report(Place::Span(write.span), message)
        .table(name)
        .at_most(severity)
        .help("say `format = 'PARQUET'` in the WITH clause, and `write_compression = 'ZSTD'` or `'SNAPPY'`");
}

/// Folders of models that others fetch as files.
const EXPORTS: [&str; 7] = ["export", "exports", "extract", "extracts", "feed", "feeds", "outbound"];

/// dbt-athena writes Parquet unless the configuration says otherwise.
fn of_model(model: &Model, query: &Query, cx: &mut Context<'_>) {
    let Some(format) = model.format.as_ref().filter(|format| model.is_built() && is_text(format)) else { return };
    let target = query.write.as_ref().and_then(|write| write.table).map(|id| cx.lake.catalog.get(id));
    let is_export =
        model.path.rsplit_once('/').is_some_and(|(folders, _)| folders.split('/').any(|f| EXPORTS.contains(&f)));
    let severity = match model.layer.or(target.and_then(|table| table.layer)) {
        Some(Layer::Raw) => return,
        _ if is_export => Severity::Low,
        Some(Layer::Curated) => Severity::High,
        Some(Layer::Clean) | None => Severity::Medium,
    };
    let message =
        format!("`{}` is written as {}: every later query reads every column", model.name, format.to_uppercase());
    cx.report_model(model, &["format"], message).at_most(severity).help(match is_export {
        true => "where queries read it, say `format='parquet'`, and UNLOAD the file that others fetch",
        false => "say `format='parquet'` in its configuration, and `write_compression='zstd'` or `'snappy'`",
    });
}

fn is_text(format: &str) -> bool {
    matches!(format.to_lowercase().as_str(), "textfile" | "text" | "csv" | "tsv" | "json")
}

#[cfg(test)]
mod tests {
    use super::super::example::{findings_in, lake_of, table, writing};
    use super::*;
    use crate::lake::TableId;

    #[test]
    fn text_in_the_curated_layer_is_high_and_a_missing_format_is_low() {
        let found = |kind, format: Option<&str>, layer| -> Vec<Severity> {
            let format = format.map_or(WriteFormat::Unstated, |format| WriteFormat::Named(format.to_string()));
            let mut query = writing(kind, "lake.totals", format);
            let mut target = table("lake.totals", &[], &[]);
            target.layer = layer;
            if let Some(write) = &mut query.write {
                write.table = Some(TableId(0));
            }
            let lake = lake_of(target, query);
            findings_in("ctas-without-format", &lake).iter().map(|f| f.severity).collect()
        };
        use StatementKind::{Ctas, Unload};
        assert_eq!(found(Ctas, Some("TextFile"), Some(Layer::Curated)), [Severity::High]);
        assert_eq!(found(Ctas, Some("json"), None), [Severity::Medium]);
        assert_eq!(found(Ctas, None, Some(Layer::Curated)), [Severity::Low]);
        assert!(found(Ctas, Some("json"), Some(Layer::Raw)).is_empty());
        assert!(found(Ctas, Some("parquet"), Some(Layer::Curated)).is_empty());
        assert!(found(Unload, Some("textfile"), None).is_empty(), "an export may be text");
    }
}
