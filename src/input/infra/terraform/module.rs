//! The files of one folder, as Terraform sees them: together.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::given::Given;
use crate::document::{Expr, HclBlock, HclBody, HclFile};
use crate::lake::{FileId, Span};

/// A module: what its files declare.
pub(super) struct Module<'a> {
    /// The folder as shown.
    pub path: Arc<str>,
    texts: BTreeMap<FileId, &'a str>,
    locals: BTreeMap<&'a str, &'a Expr>,
    /// What variables are, or their defaults.
    variables: BTreeMap<&'a str, &'a Expr>,
    /// In file and position order.
    pub blocks: Vec<&'a HclBlock>,
    /// Blocks with two labels, by their kind and these; the first of each.
    bodies: BTreeMap<[&'a str; 3], &'a HclBody>,
}

impl<'a> Module<'a> {
    pub fn new(path: &str, files: &'a [(FileId, Arc<str>)], parsed: &'a [HclFile], given: &'a Given) -> Module<'a> {
        let blocks: Vec<&HclBlock> = parsed.iter().flat_map(|file| &file.body.blocks).collect();
        let locals = blocks.iter().filter(|block| block.kind == "locals").flat_map(|block| &block.body.attributes);
        let default = |block: &&'a HclBlock| {
            let name = block.labels.first().filter(|_| block.kind == "variable")?;
            Some((name.text.as_str(), &block.body.attribute("default")?.value))
        };
        let labelled = |block: &&'a HclBlock| match block.labels.as_slice() {
            [kind, name] => Some(([block.kind.as_str(), &kind.text, &name.text], &block.body)),
            _ => None,
        };
        let mut variables: BTreeMap<&str, &Expr> = blocks.iter().filter_map(default).collect();
        for (name, value) in given {
            match value {
                Some(value) => variables.insert(name, value),
                None => variables.remove(name.as_str()),
            };
        }
        Module {
            bodies: blocks.iter().rev().filter_map(labelled).collect(),
            path: Arc::from(path),
            texts: files.iter().map(|(file, text)| (*file, &**text)).collect(),
            locals: locals.map(|local| (local.name.as_str(), &local.value)).collect(),
            variables,
            blocks,
        }
    }

    pub fn local(&self, name: &str) -> Option<&'a Expr> {
        self.locals.get(name).copied()
    }

    /// What a variable is, else its default.
    pub fn variable(&self, name: &str) -> Option<&'a Expr> {
        self.variables.get(name).copied()
    }

    /// The body of a block: `data`, `template_file`, `definition`.
    pub fn body(&self, kind: &str, labels: [&str; 2]) -> Option<&'a HclBody> {
        self.bodies.get(&[kind, labels[0], labels[1]]).copied()
    }

    /// What the files write at a place.
    pub fn source(&self, span: Span) -> &'a str {
        self.texts.get(&span.file).and_then(|text| text.get(span.range())).unwrap_or_default()
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> usize {
        self.texts.values().map(|text| text.len()).sum()
    }
}
