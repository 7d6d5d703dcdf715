//! Infrastructure code to state machines, the resources around them, tables and statements.
//!
//! Each reader (`cloudformation`, `terraform`, `serverless`) turns its files into [`Found`]; what a machine's definition says is
//! read by [`super::asl`], and what a table's says as if Glue had told it, the same way wherever it stands.

mod agreed;
mod catalog;
mod cloudformation;
mod holes;
mod link;
mod machines;
mod missing;
mod read;
mod saved;
mod serverless;
mod terraform;
mod texts;
mod values;
mod views;

use std::collections::BTreeMap;

pub(super) use agreed::{Places, place};
pub(super) use machines::{Step, Steps};
pub(super) use missing::Missing;
pub(super) use read::{Read, read};
pub(super) use texts::{InfraText, add as add_texts, is_document};

use saved::SavedQuery;

use crate::document::Node;
use crate::ignore::Ignore;
use crate::lake::{Container, Named, Resource, Span, Table, Unreadable, WorkflowKind};

/// What a template, or the files of a Terraform module, hold.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub definitions: Vec<Definition>,
    pub resources: Vec<Resource>,
    pub tables: Vec<Table>,
    pub queries: Vec<SavedQuery>,
    pub not_analysed: Vec<Missing>,
    pub problems: Vec<Unreadable>,
    /// From `# lakelint: ignore[...]` comments.
    pub ignores: Vec<Ignore>,
}

/// A state machine as its container declares it.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    /// The name in AWS, else the logical one.
    pub name: String,
    pub named: Named,
    pub container: Container,
    pub kind: Option<WorkflowKind>,
    /// The logical name, where the resource is declared.
    pub span: Span,
    pub body: Body,
    /// What placeholders stand for: `${key}` in the definition is `text`. The text may hold placeholders that the module's other
    /// resources understand: `${LoadFunction.Arn}`.
    pub substitutions: BTreeMap<String, String>,
}

/// Where the states are.
#[derive(Debug, Clone)]
pub(super) enum Body {
    /// In the container: intrinsic functions and variables are resolved, texts of JSON or YAML are parsed.
    Inline(Node),
    /// In a file of its own.
    File {
        /// As written: relative to the template (CloudFormation, SAM), or to the module (Terraform).
        path: String,
        span: Span,
    },
}

impl Found {
    /// Adds a statement, or why it cannot be read.
    fn add_saved(&mut self, saved: Option<Result<SavedQuery, Missing>>) {
        match saved {
            Some(Ok(query)) => self.queries.push(query),
            Some(Err(missing)) => self.not_analysed.push(missing),
            None => {}
        }
    }

    fn extend(&mut self, other: Found) {
        self.definitions.extend(other.definitions);
        self.resources.extend(other.resources);
        self.tables.extend(other.tables);
        self.queries.extend(other.queries);
        self.not_analysed.extend(other.not_analysed);
        self.problems.extend(other.problems);
        self.ignores.extend(other.ignores);
    }
}

#[cfg(test)]
mod example;
#[cfg(test)]
mod tests;
