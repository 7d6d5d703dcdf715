//! Ignores: comments and configuration entries that silence findings, with a reason and an optional end date.

use chrono::NaiveDate;

use crate::lake::{FileId, Span};

/// One ignore, for one rule or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// Rule ids as written, each with its place (for `[[ignore]]` entries: the configuration file's).
    pub rules: Vec<(String, Span)>,
    pub reason: String,
    /// Last day on which it applies.
    pub until: Option<NaiveDate>,
    /// An `until=` that is no date, as written.
    pub invalid_until: Option<String>,
    /// The whole comment or configuration entry.
    pub span: Span,
    pub scope: Scope,
}

/// What an ignore silences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The statement that the comment stands in, directly before, or after on its last line.
    Statement(Span),
    File(FileId),
    /// `[[ignore]]`: globs over the finding's file path and the table or object; absent globs match everything.
    Configured {
        path: Option<String>,
        table: Option<String>,
        object: Option<String>,
    },
}
