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

/// What a scope is.
#[derive(Debug, Clone, Copy, Default)]
struct Inside<'p> {
    parent: Option<ScopeId>,
    is_class: bool,
    function: Option<&'p str>,
}

/// All names.
#[derive(Debug)]
pub(super) struct Scopes<'t, 'p> {
    inside: Vec<Inside<'p>>,
    bindings: BTreeMap<(ScopeId, &'p str), Binding<'t>>,
    /// Where the program goes on with `self.NAME`, `Class.NAME`: whatever the class, by the last name.
    continued_members: BTreeMap<&'p str, Node<'t>>,
    uses: Vec<(ScopeId, &'p str, Usage<'t>)>,
}

/// Scopes within scopes that are looked through for a name.
const DEEPEST: usize = 24;

impl<'t, 'p> Scopes<'t, 'p> {
    pub(super) const MODULE: ScopeId = ScopeId(0);

    pub(super) fn new() -> Self {
        Scopes {
            inside: vec![Inside::default()],
            bindings: BTreeMap::new(),
            continued_members: BTreeMap::new(),
            uses: Vec::new(),
        }
    }

    /// The scope of a function.
    pub(super) fn inside(&mut self, parent: ScopeId, function: Option<&'p str>) -> ScopeId {
        self.enter(Inside { parent: Some(parent), is_class: false, function })
    }

    pub(super) fn inside_class(&mut self, parent: ScopeId) -> ScopeId {
        self.enter(Inside { parent: Some(parent), is_class: true, function: None })
    }

    fn enter(&mut self, inside: Inside<'p>) -> ScopeId {
        self.inside.push(inside);
        ScopeId(self.inside.len() - 1)
    }

    /// The name of the function that a scope is of.
    pub(super) fn function(&self, scope: ScopeId) -> Option<&'p str> {
        self.inside[scope.0].function
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
            if let (Some((_, member)), Usage::Continued(place)) = (name.rsplit_once('.'), usage) {
                self.continued_members.entry(member).or_insert(place);
            }
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

    /// What is assigned to names, wherever.
    pub(super) fn values(&self) -> impl Iterator<Item = (&'p str, Node<'t>)> + '_ {
        let of = |((_, name), binding): (&(ScopeId, &'p str), &Binding<'t>)| {
            let name = *name;
            binding.values.clone().into_iter().flatten().map(move |value| (name, value))
        };
        self.bindings.iter().flat_map(of)
    }

    /// Where the program goes on with the text that a name stands for.
    pub(super) fn continued(&self, scope: ScopeId, name: &'p str) -> Option<Node<'t>> {
        let scope = self.scope_of(scope, name)?;
        let by_name = self.bindings.get(&(scope, name)).and_then(|binding| binding.continued);
        let is_member = || self.inside[scope.0].is_class;
        by_name.or_else(|| self.continued_members.get(name).copied().filter(|_| is_member()))
    }

    fn scope_of(&self, scope: ScopeId, name: &'p str) -> Option<ScopeId> {
        let mut at = Some(scope);
        for _ in 0..DEEPEST {
            match at? {
                scope if self.bindings.contains_key(&(scope, name)) => return Some(scope),
                scope => at = self.inside[scope.0].parent,
            }
        }
        None
    }
}
