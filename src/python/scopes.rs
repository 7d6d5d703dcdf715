//! Names of a program: what is assigned to them, and what becomes of it.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::sinks::Fate;

/// A module, a class, a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ScopeId(usize);

/// What is known of a name in a scope.
#[derive(Debug, Default)]
pub(super) struct Binding<'t> {
    /// What is assigned to it; `None` for what is no plain assignment: a parameter, a loop's variable, an import.
    pub(super) values: Vec<Option<Node<'t>>>,
    /// The program goes on with it, by `+=` or by making another text of it: where.
    pub(super) continued: Option<Node<'t>>,
    /// The calls that it is given to.
    pub(super) fates: Vec<Fate<'t>>,
}

/// How a name is used.
#[derive(Debug, Clone, Copy)]
pub(super) enum Usage<'t> {
    Given(Fate<'t>),
    /// Another text is made of it.
    Continued(Node<'t>),
}

/// All names.
#[derive(Debug)]
pub(super) struct Scopes<'t, 'p> {
    parents: Vec<Option<ScopeId>>,
    bindings: BTreeMap<(ScopeId, &'p str), Binding<'t>>,
    uses: Vec<(ScopeId, &'p str, Usage<'t>)>,
}

/// Scopes within scopes that are looked through for a name.
const DEEPEST: usize = 24;

impl<'t, 'p> Scopes<'t, 'p> {
    pub(super) const MODULE: ScopeId = ScopeId(0);

    pub(super) fn new() -> Self {
        Scopes { parents: vec![None], bindings: BTreeMap::new(), uses: Vec::new() }
    }

    pub(super) fn inside(&mut self, parent: ScopeId) -> ScopeId {
        self.parents.push(Some(parent));
        ScopeId(self.parents.len() - 1)
    }

    pub(super) fn bind(&mut self, scope: ScopeId, name: &'p str, value: Option<Node<'t>>) {
        self.bindings.entry((scope, name)).or_default().values.push(value);
    }

    pub(super) fn add(&mut self, scope: ScopeId, name: &'p str, usage: Usage<'t>) {
        self.uses.push((scope, name, usage));
    }

    /// Tells bindings what becomes of them, once all of the program is known.
    pub(super) fn settle(&mut self) {
        for (scope, name, usage) in std::mem::take(&mut self.uses) {
            let Some(found) = self.scope_of(scope, name) else { continue };
            let Some(binding) = self.bindings.get_mut(&(found, name)) else { continue };
            match usage {
                Usage::Given(fate) => binding.fates.push(fate),
                Usage::Continued(place) => {
                    binding.continued.get_or_insert(place);
                }
            }
        }
    }

    /// What a name means in a scope.
    pub(super) fn lookup(&self, scope: ScopeId, name: &'p str) -> Option<&Binding<'t>> {
        self.bindings.get(&(self.scope_of(scope, name)?, name))
    }

    fn scope_of(&self, scope: ScopeId, name: &'p str) -> Option<ScopeId> {
        let mut at = Some(scope);
        for _ in 0..DEEPEST {
            match at? {
                scope if self.bindings.contains_key(&(scope, name)) => return Some(scope),
                scope => at = self.parents[scope.0],
            }
        }
        None
    }
}
