//! Machines without their states, told once per file and reason.

use std::collections::BTreeMap;

use crate::lake::{FileId, NotAnalysed, Span};

/// A machine whose states the files do not tell.
#[derive(Debug, Clone)]
pub(in crate::input) struct Missing {
    pub span: Span,
    /// The machine.
    pub name: String,
    /// The end of a sentence that starts with the definition: `is computed by ...`.
    pub reason: String,
}

/// One entry per file and reason, with the first machine's name.
pub(super) fn once_per_file(all: Vec<Missing>) -> Vec<NotAnalysed> {
    let mut counts: BTreeMap<(FileId, String), usize> = BTreeMap::new();
    for missing in &all {
        *counts.entry((missing.span.file, missing.reason.clone())).or_default() += 1;
    }
    let mut told = Vec::new();
    for Missing { span, name, reason } in all {
        let others = match counts.remove(&(span.file, reason.clone())) {
            None => continue,
            Some(1) => String::new(),
            Some(count) => format!(" (and of {} more in this file)", count - 1),
        };
        told.push(NotAnalysed { span, reason: format!("the definition of `{name}`{others} {reason}") });
    }
    told
}
