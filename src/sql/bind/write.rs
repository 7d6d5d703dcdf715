//! What a statement writes: target, format, partition columns and where their values come from.

use sqlparser::ast;

use crate::expr::Expr;
use crate::lake::{FileId, Lookup, Span, TableName, Write, WriteFormat};
use crate::sql::parse::range;

use super::reads::Reads;
use super::{Binder, Output};

/// The written side as the statement states it.
pub(super) struct WriteText<'a> {
    name: Option<TableName>,
    span: Span,
    format: WriteFormat,
    partitioned_by: Vec<String>,
    buckets: Option<u64>,
    value_rows: Option<u64>,
    /// Target columns of an INSERT.
    columns: Vec<String>,
    query: Option<&'a ast::Query>,
}

/// A target that is only named (MERGE).
pub(super) fn named<'a>(file: FileId, name: &ast::ObjectName, statement: Span) -> WriteText<'a> {
    let idents: Vec<&ast::Ident> = name.0.iter().filter_map(|part| part.as_ident()).collect();
    let spans: Vec<Span> = idents.iter().filter_map(|i| range(i.span)).map(|r| Span::new(file, r)).collect();
    WriteText {
        name: Some(TableName::new(idents.iter().map(|i| &i.value))),
        span: spans.into_iter().reduce(Span::join).unwrap_or(statement),
        format: WriteFormat::NotApplicable,
        partitioned_by: Vec::new(),
        buckets: None,
        value_rows: None,
        columns: Vec::new(),
        query: None,
    }
}

pub(super) fn ctas<'a>(
    file: FileId,
    name: &ast::ObjectName,
    properties: &[(String, String)],
    statement: Span,
) -> WriteText<'a> {
    WriteText {
        format: format_of(properties),
        partitioned_by: list_of(properties, &["partitioned_by", "partitioning"]),
        buckets: property(properties, "bucket_count").and_then(|v| v.trim().parse().ok()),
        ..named(file, name, statement)
    }
}

pub(super) fn unload<'a>(properties: &[(String, String)], span: Span) -> WriteText<'a> {
    WriteText {
        name: None,
        span,
        format: format_of(properties),
        partitioned_by: list_of(properties, &["partitioned_by"]),
        buckets: None,
        value_rows: None,
        columns: Vec::new(),
        query: None,
    }
}

pub(super) fn insert<'a>(
    file: FileId,
    insert: &'a ast::Insert,
    query: &'a ast::Query,
    statement: Span,
) -> WriteText<'a> {
    let target = match &insert.table {
        ast::TableObject::TableName(name) => named(file, name, statement),
        _ => named(file, &ast::ObjectName(Vec::new()), statement),
    };
    let value_rows = match &*query.body {
        ast::SetExpr::Values(values) => Some(values.rows.len() as u64),
        _ => None,
    };
    let columns =
        insert.columns.iter().filter_map(|c| c.0.last()?.as_ident()).map(|i| i.value.to_lowercase()).collect();
    WriteText { value_rows, columns, query: Some(query), ..target }
}

impl Binder<'_> {
    /// Completes a write with its table and the sources of its partition columns.
    pub(super) fn write(&self, text: WriteText<'_>, output: Option<&Output>, reads: &Reads) -> Write {
        let table = text.name.as_ref().and_then(|name| match self.around.table(name) {
            Lookup::Found(id) => Some(id),
            _ => None,
        });
        let declared = table.map(|id| self.around.catalog.get(id));
        let mut partitioned_by = text.partitioned_by;
        if let (Some(table), Some(_)) = (declared, text.query) {
            partitioned_by = table.partition_keys.iter().map(|k| k.name.clone()).collect();
        }
        let count = output.map_or(0, |o| o.columns.len());
        let keys = partitioned_by.len();
        let mut partition_sources = Vec::new();
        for (i, column) in partitioned_by.iter().enumerate() {
            // An INSERT matches by position: partition columns come last unless a column list says otherwise.
            let position = match (text.query.is_some(), text.columns.iter().position(|c| c == column)) {
                (true, Some(position)) => Some(position),
                (true, None) => (count + i).checked_sub(keys),
                (false, _) => output.and_then(|o| o.columns.iter().position(|(name, _)| name == column)),
            };
            let source = position.and_then(|p| output?.columns.get(p)).and_then(|(_, expr)| match expr {
                Expr::Column(id) => self.columns[id.0 as usize].scan.map(|scan| (scan, *id)),
                _ => None,
            });
            if let Some((scan, id)) = source
                && let Some(read) = reads.of_scan.get(&scan)
                && let Some((name, _)) = self.scans[scan.0].columns.iter().find(|(_, other)| *other == id)
            {
                partition_sources.push((column.clone(), *read, name.clone()));
            }
        }
        Write {
            name: text.name,
            table,
            span: text.span,
            format: text.format,
            partitioned_by,
            buckets: text.buckets,
            value_rows: text.value_rows,
            partition_sources,
        }
    }
}

fn property<'p>(properties: &'p [(String, String)], name: &str) -> Option<&'p str> {
    properties.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn format_of(properties: &[(String, String)]) -> WriteFormat {
    match property(properties, "format") {
        Some(value) => WriteFormat::Named(value.trim().trim_matches('\'').to_lowercase()),
        None => WriteFormat::Unstated,
    }
}

/// The names of `ARRAY['a', 'b']`; Iceberg transforms (`day(ts)`) stay as written.
fn list_of(properties: &[(String, String)], names: &[&str]) -> Vec<String> {
    let Some(value) = names.iter().find_map(|name| property(properties, name)) else { return Vec::new() };
    value.split('\'').skip(1).step_by(2).map(|item| item.trim().to_lowercase()).collect()
}
