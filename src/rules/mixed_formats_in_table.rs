//! Files of another format lie among a table's files.

use std::collections::BTreeMap;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::Fix;
use crate::finding::Waste;
use crate::lake::{Bytes, Count, DeclaredBy, FileFormat, Table, TableKind, Usage, statement};

pub const RULE: Rule = rule!("mixed-formats-in-table", Check::Table(check));

fn check(table: &Table, cx: &mut Context<'_>) {
    let Some(layout) = &table.layout else { return };
    // Iceberg names the format of every file in its metadata; a folder that nobody declared need not be one table.
    if table.kind == TableKind::Iceberg || table.declared_by == DeclaredBy::Layout {
        return;
    }
    let Some(main) = table.main_format() else { return };
    let mut others: BTreeMap<FileFormat, Usage> = BTreeMap::new();
    for ((format, _), usage) in &layout.formats {
        if let Some(format) = format.filter(|format| !reads_alike(main, *format)) {
            let other = others.entry(format).or_default();
            other.files += usage.files;
            other.bytes += usage.bytes;
        }
    }
    if others.is_empty() {
        return;
    }
    let listed: Vec<String> = others
        .iter()
        .map(|(format, usage)| {
            let s = if usage.files == 1 { "" } else { "s" };
            format!("{} {} file{s} ({})", Count(usage.files), format.name(), Bytes(usage.bytes))
        })
        .collect();
    let message = format!("`{}` is read as {}, but holds {}", table.name, main.name(), listed.join(" and "));
    let endings: Vec<&str> = others.keys().flat_map(|format| endings(*format)).copied().collect();
    let help = match statement::move_by_ending(table, &endings, "_other") {
        Some(command) => format!("move the other files to a prefix of their own: `{command}`"),
        None => "move the other files to a prefix of their own, or rewrite them in the table's format".to_string(),
    };
    let bytes = others.values().map(|usage| usage.bytes).sum();
    let waste = read_as_rows(table, main, bytes, cx);
    cx.report_table(table, message).waste(waste).help(help);
}

/// What queries read of files that are no rows. Only readers of text take them for rows: others fail, and failed queries are free.
fn read_as_rows(table: &Table, main: FileFormat, bytes: u64, cx: &Context<'_>) -> Option<Waste> {
    let all = table.layout.as_ref().filter(|_| main.is_text())?.bytes().0;
    let rest = 1.0 - bytes as f64 / all.max(1) as f64;
    cx.estimator.saved_on(
        table,
        &Fix::Part(rest),
        "without them, in a run of each statement that reads the whole table",
    )
}

/// The endings by which files of a format were told.
fn endings(format: FileFormat) -> &'static [&'static str] {
    match format {
        FileFormat::Parquet => &["parquet", "parq"],
        FileFormat::Orc => &["orc"],
        FileFormat::Avro => &["avro"],
        FileFormat::Csv => &["csv", "tsv"],
        FileFormat::Json => &["json", "jsonl", "ndjson"],
        FileFormat::Text => &["txt", "log"],
        FileFormat::Ion => &["ion"],
    }
}

/// `.txt` and `.log` say nothing about the rows inside: any text reader may be meant.
fn reads_alike(main: FileFormat, file: FileFormat) -> bool {
    main == file || (main.is_text() && file.is_text() && (main == FileFormat::Text || file == FileFormat::Text))
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, findings_in, messages, reading_all, table};
    use super::*;
    use crate::lake::Codec;

    #[test]
    fn only_readers_of_text_read_other_files_in_vain() {
        let waste = |main: FileFormat, other: FileFormat| {
            let mut events = table("lake.events", &[], &[("", 10, 10 * GIB)]);
            events.format = Some(main);
            if let Some(layout) = &mut events.layout {
                layout.formats.insert((Some(main), Codec::None), Usage { files: 9, bytes: 8 * GIB });
                layout.formats.insert((Some(other), Codec::None), Usage { files: 1, bytes: 2 * GIB });
            }
            let found = findings_in("mixed-formats-in-table", &reading_all(events));
            found[0].waste.as_ref().map(|waste| (waste.bytes.before / GIB, waste.bytes.after / GIB))
        };
        assert_eq!(waste(FileFormat::Json, FileFormat::Parquet), Some((10, 8)));
        assert_eq!(waste(FileFormat::Parquet, FileFormat::Json), None);
    }

    #[test]
    fn formats_that_the_declared_reader_cannot_read_are_found() {
        let found = |declared, formats: &[FileFormat]| {
            let mut events = table("lake.events", &[], &[("", 9, GIB)]);
            events.format = declared;
            if let Some(layout) = &mut events.layout {
                for (i, format) in formats.iter().enumerate() {
                    let usage = Usage { files: 1, bytes: 9_000_000 / (i as u64 + 1) };
                    layout.formats.insert((Some(*format), Codec::None), usage);
                }
            }
            messages("mixed-formats-in-table", vec![events])
        };
        use FileFormat::{Csv, Json, Parquet, Text};
        assert_eq!(
            found(Some(Parquet), &[Parquet, Csv]),
            ["`lake.events` is read as Parquet, but holds 1 CSV file (4.5 MB)"]
        );
        assert_eq!(found(None, &[Json, Csv]).len(), 1, "the larger format is what the table is");
        assert_eq!(found(Some(Parquet), &[Json]).len(), 1);
        assert!(found(Some(Json), &[Json, Text]).is_empty());
        assert!(found(Some(Parquet), &[Parquet]).is_empty());
        assert!(found(Some(Parquet), &[]).is_empty());
    }
}
