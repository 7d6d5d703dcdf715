//! A table that analysts query is stored as row text.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::Fix;
use crate::finding::Severity;
use crate::lake::{DeclaredBy, FileFormat, Layer, Table, statement};

pub const RULE: Rule = rule!("csv-in-analytics-layer", Check::Table(check));

fn check(table: &Table, cx: &mut Context<'_>) {
    // The statement that creates the table names the format (ctas-without-format).
    if table.declared_by == DeclaredBy::Ctas {
        return;
    }
    let Some(format) = table.main_format().filter(|format| format.is_text()) else { return };
    // So does the configuration of the model that builds it.
    if cx.lake.builder(table).is_some_and(|model| model.format.is_some()) {
        return;
    }
    let (layer, severity) = match table.layer {
        Some(Layer::Curated) => ("curated", Severity::High),
        Some(Layer::Clean) => ("clean", Severity::Low),
        Some(Layer::Raw) | None => return,
    };
    let Some(confidence) = cx.worth(table, cx.params().bytes("min-table-size")) else { return };
    let (size, severity) = match &table.layout {
        Some(layout) => (format!(" ({})", layout.bytes()), severity),
        None => (String::new(), severity.min(Severity::Medium)),
    };
    let message = format!(
        "`{}`{size} in the {layer} layer is stored as {}: every query reads every column",
        table.name,
        format.name()
    );
    let waste = cx.estimator.saved_on(
        table,
        &Fix::AsParquet,
        "as Parquet, in a run of each statement that reads it, if text compresses 3:1 and columns weigh what their types do",
    );
    cx.report_table(table, message).waste(waste).at_most(severity).confidence(confidence).help(
        match statement::Rewrite::to_format(table, FileFormat::Parquet, "_parquet") {
            Some(rewrite) => format!("write it as Parquet where it is filled, and rewrite what is there: {rewrite}"),
            None => "write it as Parquet: a CTAS with `format = 'PARQUET'`, or the format of the job that fills it"
                .to_string(),
        },
    );
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, MIB, findings, table};
    use super::*;
    use crate::lake::FileFormat;

    #[test]
    fn the_layer_the_format_and_the_size_decide() {
        let found = |layer, format, bytes| -> Vec<Severity> {
            let partitions = [("2025-01-01", 9, bytes)];
            let mut sales = table("lake.sales", &["dt"], if bytes == 0 { &[] } else { &partitions });
            (sales.layer, sales.format) = (layer, Some(format));
            findings("csv-in-analytics-layer", vec![sales]).iter().map(|f| f.severity).collect()
        };
        assert_eq!(found(Some(Layer::Curated), FileFormat::Csv, 20 * GIB), [Severity::High]);
        assert_eq!(found(Some(Layer::Curated), FileFormat::Json, 0), [Severity::Medium]);
        assert_eq!(found(Some(Layer::Clean), FileFormat::Csv, 20 * GIB), [Severity::Low]);
        assert!(found(Some(Layer::Curated), FileFormat::Csv, MIB).is_empty());
        assert!(found(Some(Layer::Curated), FileFormat::Parquet, 20 * GIB).is_empty());
        assert!(found(Some(Layer::Raw), FileFormat::Csv, 20 * GIB).is_empty());
        assert!(found(None, FileFormat::Csv, 20 * GIB).is_empty());
    }
}
