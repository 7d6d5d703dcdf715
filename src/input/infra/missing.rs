//! Machines without their states and saved statements without their SQL, told once per file and reason.

use std::collections::BTreeMap;

use crate::lake::{FileId, NotAnalysed, Span, UnreadableKind};

/// A machine whose states the files do not tell, or a statement without its SQL.
#[derive(Debug, Clone)]
pub(in crate::input) struct Missing {
    pub kind: UnreadableKind,
    pub span: Span,
    /// The machine, or the statement.
    pub name: String,
    /// The end of a sentence that starts with the definition, or the SQL: `is computed by ...`.
    pub reason: String,
}

impl Missing {
    /// A machine whose states the files do not tell.
    pub(super) fn states(span: Span, name: String, reason: String) -> Missing {
        Missing { kind: UnreadableKind::StateMachine, span, name, reason }
    }

    /// A statement whose SQL the files do not tell.
    pub(super) fn sql(span: Span, name: String, reason: String) -> Missing {
        Missing { kind: UnreadableKind::Sql, span, name, reason }
    }
}

/// One entry per file, kind and reason, with the first one's name.
pub(super) fn once_per_file(all: Vec<Missing>) -> Vec<NotAnalysed> {
    let mut counts: BTreeMap<(FileId, UnreadableKind, String), usize> = BTreeMap::new();
    for missing in &all {
        *counts.entry((missing.span.file, missing.kind, missing.reason.clone())).or_default() += 1;
    }
    let mut told = Vec::new();
    for Missing { kind, span, name, reason } in all {
        let others = match counts.remove(&(span.file, kind, reason.clone())) {
            None => continue,
            Some(1) => String::new(),
            Some(count) => format!(" (and of {} more in this file)", count - 1),
        };
        let what = match kind {
            UnreadableKind::StateMachine => "definition",
            UnreadableKind::Sql => "SQL",
        };
        told.push(NotAnalysed { kind, span, reason: format!("the {what} of `{name}`{others} {reason}") });
    }
    told
}
