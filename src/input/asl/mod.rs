//! Amazon States Language to facts: the definition of a state machine, wherever it stands, as a [`Workflow`].
//!
//! JSONPath and JSONata machines are told apart by what they write, value by value. What is wrong becomes a problem with its place,
//! and the rest is still read. The language: <https://states-language.net/spec.html>.

mod choice;
mod counters;
mod field;
mod intrinsic;
mod jsonata;
mod map_state;
mod problems;
mod query;
mod reader;
mod resource;
mod retry;
mod state;
mod task;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use crate::document::{Node, Text};
use crate::lake::{Container, Named, Span, StateId, Unreadable, Workflow, WorkflowKind};

pub(super) use task::Sql;

/// What the container of a definition says about the machine.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) name: String,
    pub(super) named: Named,
    pub(super) container: Container,
    pub(super) kind: Option<WorkflowKind>,
    /// Where the machine is declared: for a definition that holds nothing better to point at.
    pub(super) span: Span,
}

/// A definition that was read.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) workflow: Workflow,
    /// The SQL of its query states, in text order.
    pub(super) queries: Vec<(StateId, Sql)>,
    /// What is wrong, in text order.
    pub(super) problems: Vec<Unreadable>,
    /// `Comment` texts of the machine, its states and their branches, each with the span of what it is about.
    pub(super) comments: Vec<(Span, Text)>,
}

/// Reads a definition.
pub(super) fn read(root: &Node, identity: Identity) -> Machine {
    reader::Reader::new(root, &identity).finish(identity)
}
