//! Statements that move data between tables, and the layers that they lead through.

use crate::lake::{Lake, Layer, Query, StatementKind, TableId, TableRead};

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

    /// The first source of a layer.
    pub(super) fn source_of(&self, layer: Layer, lake: &Lake) -> Option<&'a TableRead> {
        self.sources().find(|read| layer_of(read, lake) == Some(layer))
    }
}

/// The layer of a table that is read directly. Of a view nobody knows to which layer it belongs.
pub(super) fn layer_of(read: &TableRead, lake: &Lake) -> Option<Layer> {
    lake.catalog.get(read.table).layer.filter(|_| read.through.is_empty())
}
