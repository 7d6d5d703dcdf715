//! What an expression is to what is around it.

use tree_sitter::Node;

use super::sinks::Fate;

/// What an expression is to what is around it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role<'t, 'p> {
    Plain,
    Assigned(&'p str),
    Given(Fate<'t>),
    Piece,
    /// An entry of what describes another database's source.
    OfForeignSource,
    /// A part of another text.
    Part(Node<'t>),
    /// Compared, shown, or a comment: no statement.
    Silent,
}

impl Role<'_, '_> {
    /// That of an item or entry: what becomes of all of them becomes of it.
    pub(super) fn of_item(self) -> Self {
        match self {
            Role::Assigned(_) | Role::Silent | Role::Given(Fate::Shown) => self,
            _ => Role::Plain,
        }
    }

    pub(super) fn is_silent(self) -> bool {
        matches!(self, Role::Silent | Role::Given(Fate::Shown))
    }
}
