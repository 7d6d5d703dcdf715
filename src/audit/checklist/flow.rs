//! Statements that move data between tables, and the layers that they lead through.

use crate::lake::{Lake, Layer, Query, StatementKind, Table, TableId, TableRead};

/// A statement that writes a table that is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flow<'a> {
    pub query: &'a Query,
    pub target: TableId,
}

impl<'a> Flow<'a> {
    pub(super) fn of(query: &'a Query) -> Option<Flow<'a>> {
        Some(Flow { query, target: query.write.as_ref()?.table? })
    }

    /// All of a lake, in the order of files.
    pub(super) fn all(lake: &'a Lake) -> impl Iterator<Item = Flow<'a>> {
        lake.queries.iter().filter_map(Flow::of)
    }

    /// Whether rows come in: UPDATE and DELETE change those that are there, OPTIMIZE and VACUUM tidy up.
    pub(super) fn brings_rows(&self) -> bool {
        matches!(self.query.kind, StatementKind::Ctas | StatementKind::Insert | StatementKind::Merge)
    }

    /// What it reads beside its own table.
    pub(super) fn sources(&self) -> impl Iterator<Item = &'a TableRead> {
        self.query.reads.iter().filter(|read| read.table != self.target)
    }

    /// What it reads beside what is known, for people; `None` when all of it is known.
    pub(super) fn unknown(&self) -> Option<String> {
        match self.query.unknown_tables.first() {
            Some((name, _)) => Some(format!("`{name}`, which nothing describes")),
            None if self.query.truncated => Some("more than could be followed".to_string()),
            None => None,
        }
    }

    /// The first source of a layer.
    pub(super) fn source_of(&self, layer: Layer, lake: &Lake) -> Option<&'a TableRead> {
        self.sources().find(|read| layer_of(read, lake) == Some(layer))
    }
}

/// Views that name a raw table in their text, with that table: to which layer a view belongs nobody knows.
pub(super) fn raw_views(lake: &Lake) -> impl Iterator<Item = (&Query, &Table)> {
    let raw = || lake.catalog.iter().map(|(_, table)| table).filter(|table| table.layer == Some(Layer::Raw));
    let views = lake.queries.iter().filter(|query| query.kind == StatementKind::CreateView);
    views.filter_map(move |query| {
        let text = &lake.sources.get(query.span.file).text;
        let text = text.get(query.span.start as usize..query.span.end as usize)?.replace(['"', '`'], "").to_lowercase();
        Some((query, raw().find(|table| names(&text, &table.name.to_string()))?))
    })
}

/// Whether a text has a name as a word.
fn names(text: &str, name: &str) -> bool {
    let is_part = |char: char| char.is_alphanumeric() || "_.".contains(char);
    let ends = |at: usize| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    };
    text.match_indices(name).any(|(at, _)| ends(at))
}

/// The layer of a table that is read directly. Of a view nobody knows to which layer it belongs.
pub(super) fn layer_of(read: &TableRead, lake: &Lake) -> Option<Layer> {
    lake.catalog.get(read.table).layer.filter(|_| read.through.is_empty())
}
