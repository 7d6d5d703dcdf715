//! Comments on tables and their columns.

use serde::{Deserialize, Serialize};

/// What a definition says in words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documented {
    /// The table has a comment.
    pub table: bool,
    /// Columns with a comment.
    pub columns: usize,
}

impl Documented {
    /// No comment was read.
    pub fn is_none(&self) -> bool {
        *self == Documented::default()
    }

    /// What two descriptions of one table say together.
    pub fn or(self, other: Documented) -> Documented {
        Documented { table: self.table || other.table, columns: self.columns.max(other.columns) }
    }
}
