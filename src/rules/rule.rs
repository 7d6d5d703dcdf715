//! What a rule is.

use crate::cost::Bill;
use crate::ignore::Ignore;
use crate::lake::{Job, Lake, Query, Resource, Table, Workflow};

use super::{Context, Page};

/// A rule: its id, its page and its function.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case; names the problem.
    pub id: &'static str,
    /// The text of `rules/<id>.md`.
    pub page_text: &'static str,
    pub check: Check,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// One SQL statement at a time.
    Query(fn(&Query, &mut Context<'_>)),
    /// One described table at a time.
    Table(fn(&Table, &mut Context<'_>)),
    /// One state machine at a time.
    Workflow(fn(&Workflow, &mut Context<'_>)),
    /// One schedule, Glue job, function, delivery stream or workgroup at a time.
    Resource(fn(&Resource, &mut Context<'_>)),
    /// What one program reads and writes.
    Job(fn(&Job, &mut Context<'_>)),
    /// Everything at once.
    Lake(fn(&Lake, &mut Context<'_>)),
    /// What all statements cost.
    Bill(fn(&Bill<'_>, &mut Context<'_>)),
    /// The ignores of the run, after triage has used them.
    Ignores(fn(&[IgnoreUse<'_>], &mut Context<'_>)),
}

/// An ignore and what it did in this run.
#[derive(Debug, Clone)]
pub struct IgnoreUse<'a> {
    pub ignore: &'a Ignore,
    /// Aligned with `ignore.rules`: how many findings each silenced.
    pub silenced: Vec<usize>,
    /// Aligned with `ignore.rules`: whether the rule ran and saw enough to prove an ignore unused. A rule that is switched off
    /// or not selected did not; nor did one that met tables without a description or without a layout.
    pub ran: Vec<bool>,
    /// Past its `until` date: it silences nothing.
    pub expired: bool,
}

impl Rule {
    pub fn page(&self) -> Page<'static> {
        Page::parse(self.page_text)
    }
}

/// Defines a rule and embeds its page by id.
macro_rules! rule {
    ($id:literal, $check:expr) => {
        $crate::rules::Rule {
            id: $id,
            page_text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/", $id, ".md")),
            check: $check,
        }
    };
}
pub(crate) use rule;
