//! Large text files are stored without compression.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{COMPRESSION, Fix, Stored};
use crate::finding::{Change, Waste};
use crate::lake::{Bytes, Codec, Count, FileFormat, Layer, Layout, Table, Usage, Usd, statement};

pub const RULE: Rule = rule!("uncompressed-text", Check::Table(check));

fn check(table: &Table, cx: &mut Context<'_>) {
    let Some(layout) = &table.layout else { return };
    // Where text itself is the problem, compressing it is the wrong advice (csv-in-analytics-layer).
    if matches!(table.layer, Some(Layer::Curated | Layer::Clean)) {
        return;
    }
    let is_text = table.main_format().is_some_and(|format| format.is_text());
    let mut plain = Usage::default();
    for ((format, codec), usage) in &layout.formats {
        if *codec == Codec::None && format.map_or(is_text, |format| format.is_text()) {
            plain.files += usage.files;
            plain.bytes += usage.bytes;
        }
    }
    if plain.bytes < cx.params().bytes("min-bytes") {
        return;
    }
    let message =
        format!("`{}` keeps {} of text in {} uncompressed files", table.name, Bytes(plain.bytes), Count(plain.files));
    let how = "compressed, in a run of each statement that reads it, if text compresses 3:1";
    // Where no statement reads it, it is stored all the same.
    let waste = cx.estimator.saved_on(table, &Fix::Compressed, how).or_else(|| smaller(layout, plain.bytes));
    let mut help = "let the writer compress (gzip in files of about 128 MB, or zstd)".to_string();
    match statement::Rewrite::to_format(table, FileFormat::Parquet, "_parquet") {
        Some(rewrite) => help.push_str(&format!("; Parquet saves more: {rewrite}")),
        None => help.push_str("; Parquet saves more"),
    }
    cx.report_table(table, message).waste(waste).help(help);
}

/// The storage that compression saves.
fn smaller(layout: &Layout, plain: u64) -> Option<Waste> {
    let left = (plain as f64 / COMPRESSION).ceil() as u64;
    let (before, after) = (Stored::readable(layout, plain), Stored::readable(layout, left));
    let gone = before.gone("compressed, if text compresses 3:1", false);
    let saved = Usd(before.usd_per_month.0 - after.usd_per_month.0);
    Some(Waste {
        bytes: Change { before: plain, after: left },
        usd: Change { before: before.usd_per_month, after: after.usd_per_month },
        usd_per_month: Some(saved),
        by_ratio: true,
        ..gone
    })
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, messages, table};
    use super::*;
    use crate::lake::FileFormat;

    #[test]
    fn only_plain_text_counts() {
        let found = |layer, format, codec| {
            let mut logs = table("lake.logs", &[], &[("", 70, 70 * GIB)]);
            (logs.layer, logs.format) = (layer, Some(FileFormat::Json));
            if let Some(layout) = &mut logs.layout {
                layout.formats.insert((format, codec), Usage { files: 70, bytes: 70 * GIB });
            }
            messages("uncompressed-text", vec![logs])
        };
        assert_eq!(
            found(None, Some(FileFormat::Json), Codec::None),
            ["`lake.logs` keeps 75.2 GB of text in 70 uncompressed files"]
        );
        assert_eq!(found(None, None, Codec::None).len(), 1, "without an extension Athena reads plain text");
        assert!(found(None, Some(FileFormat::Json), Codec::Gzip).is_empty());
        assert!(found(None, Some(FileFormat::Parquet), Codec::None).is_empty());
        assert!(found(Some(Layer::Curated), Some(FileFormat::Json), Codec::None).is_empty());
    }
}
