//! The walk over the scopes of a definition.

use std::collections::HashMap;

use crate::document::{Entry, Map, Node, Text};
use crate::lake::{Edge, EdgeKind, Limit, Scope, ScopeId, Span, State, StateId, StateKind, Workflow};

use super::field::{Number, entry_span, has_placeholder, is_open, limit, number, slot, whole};
use super::problems::Problems;
use super::retry::place_of;
use super::{Identity, Machine, Sql, map_state, state};

/// Scopes within scopes that are read.
const DEEPEST: usize = 60;

/// A definition while it is read.
pub(super) struct Reader<'a> {
    pub(super) problems: Problems,
    pub(super) queries: Vec<(StateId, Sql)>,
    states: Vec<State>,
    scopes: Vec<Scope>,
    comments: Vec<(Span, Text)>,
    /// Where each name was first met: names are unique in the whole machine.
    names: HashMap<&'a str, Span>,
    /// The names of each scope.
    scope_names: Vec<Names<'a>>,
    missing: Vec<Missing>,
    timeout: Limit,
    span: Span,
    root: &'a Node,
}

/// A name that leads to no state of its scope.
struct Missing {
    field: &'static str,
    name: String,
    span: Span,
    scope: ScopeId,
}

impl<'a> Reader<'a> {
    pub(super) fn new(root: &'a Node, identity: &Identity) -> Reader<'a> {
        let mut reader = Reader {
            problems: Problems::default(),
            queries: Vec::new(),
            states: Vec::new(),
            scopes: Vec::new(),
            comments: Vec::new(),
            names: HashMap::new(),
            scope_names: Vec::new(),
            missing: Vec::new(),
            timeout: Limit::Unset,
            span: identity.span,
            root,
        };
        let map = root.as_map().filter(|_| !is_open(root));
        reader.timeout = map.map_or(Limit::Unset, |map| limit(map, "TimeoutSeconds", "TimeoutSecondsPath"));
        if let Some(map) = map {
            reader.check_seconds(map, "TimeoutSeconds", 1);
        }
        let entry = |key: &str| map.and_then(|map| map.entry(key));
        reader.span = entry("StartAt").or_else(|| entry("States")).map_or(identity.span, entry_span_of_line);
        reader.scope(root, None, reader.span, 0);
        reader.report_missing();
        reader
    }

    pub(super) fn finish(self, identity: Identity) -> Machine {
        let workflow = Workflow {
            name: identity.name,
            named: identity.named,
            file: self.root.span.file,
            span: self.span,
            container: identity.container,
            kind: identity.kind,
            timeout: self.timeout,
            scopes: self.scopes,
            states: self.states,
            slot: slot(self.root),
        };
        Machine { workflow, queries: self.queries, problems: self.problems.finish(), comments: self.comments }
    }

    /// Reads a `StartAt` with its `States`. `place` stands for it where it has neither.
    pub(super) fn scope(&mut self, node: &'a Node, parent: Option<StateId>, place: Span, depth: usize) -> ScopeId {
        let id = self.empty_scope(parent);
        let map = match node.as_map() {
            _ if is_open(node) => return id,
            Some(_) if depth >= DEEPEST => {
                let help = "split the machine: a state can start the execution of another one";
                self.problems.add(place_of(node), format!("more than {DEEPEST} states within states"), help);
                return id;
            }
            Some(map) => map,
            None => {
                let help = "write a map with `StartAt` and `States`";
                self.problems.add(node.span, "the definition of states is no map", help);
                return id;
            }
        };
        self.comment(map, node.span);
        let first = self.states.len();
        let names = self.states_of(map, id, place, depth);
        self.start(map, id, place, &names);
        self.connect(first, id, &names);
        self.items_of_literals(map, first, id);
        self.scope_names[id.0 as usize] = names;
        id
    }

    /// A scope that is not written.
    pub(super) fn empty_scope(&mut self, parent: Option<StateId>) -> ScopeId {
        self.scopes.push(Scope { start: None, parent });
        self.scope_names.push(Names::default());
        ScopeId(self.scopes.len() as u32 - 1)
    }

    /// Seconds are whole numbers from `least` on.
    pub(super) fn check_seconds(&mut self, map: &Map, key: &str, least: u64) {
        let Some(node) = map.get(key) else { return };
        let met = match number(node) {
            Number::Open => return,
            Number::Written(value) if whole(value).is_some_and(|seconds| seconds >= least) => return,
            Number::Written(value) => format!("`{key}` is {value}"),
            Number::Wrong => format!("`{key}` is no number"),
        };
        let must = format!("a whole number from {least} on");
        self.problems.add(node.span, format!("{met}: it must be {must}"), format!("write `{key}` as {must}"));
    }

    /// Keeps the `Comment` of what `governed` spans.
    pub(super) fn comment(&mut self, map: &Map, governed: Span) {
        if let Some(text) = map.get("Comment").and_then(Node::as_text) {
            self.comments.push((governed, text.clone()));
        }
    }

    /// Reads the states of a scope.
    fn states_of(&mut self, map: &'a Map, id: ScopeId, place: Span, depth: usize) -> Names<'a> {
        let mut names = Names::default();
        let help = "write `States` as a map of at least one state";
        let Some(states) = map.entry("States") else {
            self.problems.add(place, "a definition without `States`", help);
            names.is_open = true;
            return names;
        };
        names.is_open = is_open(&states.value);
        let entries = match states.value.as_map().filter(|_| !names.is_open) {
            Some(map) if !map.entries.is_empty() => &map.entries,
            _ if names.is_open => return names,
            other => {
                let met = if other.is_some() { "`States` is empty" } else { "`States` is no map" };
                self.problems.add(states.value.span, met, help);
                names.is_open = true;
                return names;
            }
        };
        for entry in entries {
            let state = self.state(entry, id, depth);
            names.is_open |= has_placeholder(&entry.key);
            names.ids.insert(&entry.key, state);
        }
        names
    }

    fn state(&mut self, entry: &'a Entry, scope: ScopeId, depth: usize) -> StateId {
        self.unique(entry);
        let id = StateId(self.states.len() as u32);
        let state = State::new(entry.key.clone(), entry.key_span, entry_span(entry), StateKind::Unknown);
        self.states.push(State { id, scope, ..state });
        let facts = state::read(self, entry, id, depth);
        let state = &mut self.states[id.0 as usize];
        state::apply(state, facts);
        id
    }

    fn unique(&mut self, entry: &'a Entry) {
        let first = *self.names.entry(&entry.key).or_insert(entry.key_span);
        if first != entry.key_span && !has_placeholder(&entry.key) {
            let message = format!("two states are called `{}`", entry.key);
            self.problems.add(entry.key_span, message, "rename one: names are unique in the whole machine");
        }
    }

    fn start(&mut self, map: &Map, id: ScopeId, place: Span, names: &Names<'a>) {
        let Some(start) = map.get("StartAt") else {
            let place = map.entry("States").map_or(place, |entry| entry.key_span);
            self.problems.add(
                place,
                "a definition without `StartAt`",
                "add `StartAt` with the name of the first state",
            );
            return;
        };
        let target = start.as_str().and_then(|name| names.ids.get(name)).copied();
        self.scopes[id.0 as usize].start = target;
        match start.as_str() {
            _ if target.is_some() || names.is_open || is_open(start) => {}
            Some(name) => {
                self.missing.push(Missing { field: "StartAt", name: name.to_owned(), span: start.span, scope: id });
            }
            None => self.problems.add(start.span, "`StartAt` is no text", "write the name of the first state"),
        }
    }

    /// Resolves the targets of the transitions of a scope.
    fn connect(&mut self, first: usize, scope: ScopeId, names: &Names<'a>) {
        for i in first..self.states.len() {
            if self.states[i].scope != scope {
                continue;
            }
            let mut edges = std::mem::take(&mut self.states[i].edges);
            for edge in &mut edges {
                edge.to = names.ids.get(edge.target.as_str()).copied();
                if edge.to.is_none() && !names.is_open && !has_placeholder(&edge.target) {
                    let (field, name) = (field_of(edge), edge.target.clone());
                    self.missing.push(Missing { field, name, span: edge.span, scope });
                }
            }
            self.states[i].edges = edges;
        }
    }

    /// Says which names lead nowhere, once all names are known.
    fn report_missing(&mut self) {
        for Missing { field, name, span, scope } in std::mem::take(&mut self.missing) {
            let (place, help) = match self.names.contains_key(name.as_str()) {
                true => {
                    let help = "name a state of the same `States`: no transition enters or leaves a branch";
                    ("of the same `States`", help.to_owned())
                }
                false => {
                    let names = &self.scope_names[scope.0 as usize];
                    let suggestion = self.problems.suggestion(&name, || names.sorted());
                    ("here", format!("name a state of the same `States`{suggestion}"))
                }
            };
            self.problems.add(span, format!("`{field}` leads to `{name}`, which is no state {place}"), help);
        }
    }

    /// Counts the items of a Map that stands directly after a Pass that writes them out.
    fn items_of_literals(&mut self, map: &Map, first: usize, scope: ScopeId) {
        let Some(nodes) = map.get("States").and_then(Node::as_map) else { return };
        let mut incoming: HashMap<StateId, (usize, StateId)> = HashMap::new();
        for state in self.states[first..].iter().filter(|state| state.scope == scope) {
            for to in state.edges.iter().filter_map(|edge| edge.to) {
                incoming.entry(to).or_insert((0, state.id)).0 += 1;
            }
        }
        if let Some(start) = self.scopes[scope.0 as usize].start {
            incoming.entry(start).or_insert((0, start)).0 += 1;
        }
        let own: Vec<StateId> = self.states[first..].iter().filter(|s| s.scope == scope).map(|s| s.id).collect();
        let node = |id: StateId| {
            let at = own.binary_search(&id).ok()?;
            nodes.entries.get(at)?.value.as_map()
        };
        for id in &own {
            let Some((1, pass)) = incoming.get(id).filter(|(_, from)| from != id) else { continue };
            let is_pass = matches!(self.states[pass.0 as usize].kind, StateKind::Pass);
            let (Some(map), Some(pass)) = (node(*id), node(*pass)) else { continue };
            if let StateKind::Map(facts) = &mut self.states[id.0 as usize].kind
                && is_pass
            {
                facts.items = facts.items.or_else(|| map_state::items_of_pass(map, pass));
            }
        }
    }
}

/// The states of a scope by name.
#[derive(Debug, Default)]
struct Names<'a> {
    ids: HashMap<&'a str, StateId>,
    /// Not all names are known.
    is_open: bool,
}

impl<'a> Names<'a> {
    fn sorted(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = self.ids.keys().copied().collect();
        names.sort_unstable();
        names
    }
}

fn field_of(edge: &Edge) -> &'static str {
    match edge.kind {
        EdgeKind::Default => "Default",
        EdgeKind::Next | EdgeKind::Choice | EdgeKind::Catch(_) => "Next",
    }
}

/// An entry with a short value as a whole, else its key.
fn entry_span_of_line(entry: &Entry) -> Span {
    if entry.value.as_map().is_some() { entry.key_span } else { entry_span(entry) }
}
