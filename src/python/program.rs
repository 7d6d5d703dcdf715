//! One walk over a program: its texts and what becomes of them, its names, what it imports, its calls.

use std::ops::Range;

use tree_sitter::Node;

use super::looks::starts_like_sql;
use super::role::Role;
use super::scopes::{ScopeId, Scopes, Usage};
use super::sinks::{Dialect, Fate, fate, is_foreign_option, is_of_foreign_source};
use super::syntax::{arguments, children, range, written};
use super::talks::Talks;

/// An expression that may be a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'t, 'p> {
    pub(super) node: Node<'t>,
    pub(super) scope: ScopeId,
    /// The name that it is assigned to.
    pub(super) name: Option<&'p str>,
    pub(super) fate: Fate<'t>,
    /// It is one of several of which not all are statements.
    pub(super) is_piece: bool,
}

/// What a walk has met.
pub(super) struct Program<'t, 'p> {
    pub(super) scopes: Scopes<'t, 'p>,
    pub(super) candidates: Vec<Candidate<'t, 'p>>,
    pub(super) talks: Talks,
    pub(super) calls: Vec<(Node<'t>, ScopeId)>,
    /// `call(...).name` where it is not called.
    pub(super) properties: Vec<Node<'t>>,
    /// With their marks.
    pub(super) comments: Vec<Range<usize>>,
    /// What a comment may be about: statements, arguments, items.
    pub(super) parts: Vec<Range<usize>>,
}

struct Visit<'t, 'p> {
    node: Node<'t>,
    scope: ScopeId,
    role: Role<'t, 'p>,
}

/// Walks a program.
pub(super) fn walk<'t, 'p>(root: Node<'t>, program: &'p str) -> Program<'t, 'p> {
    let mut walker = Walker {
        program,
        open: vec![Visit { node: root, scope: Scopes::MODULE, role: Role::Plain }],
        found: Program {
            scopes: Scopes::new(),
            candidates: Vec::new(),
            talks: Talks::default(),
            calls: Vec::new(),
            properties: Vec::new(),
            comments: Vec::new(),
            parts: Vec::new(),
        },
    };
    while let Some(visit) = walker.open.pop() {
        walker.visit(visit);
    }
    let mut found = walker.found;
    found.scopes.settle();
    found.candidates.sort_by_key(|candidate| candidate.node.start_byte());
    found.comments.sort_by_key(|comment| comment.start);
    found
}

struct Walker<'t, 'p> {
    program: &'p str,
    open: Vec<Visit<'t, 'p>>,
    found: Program<'t, 'p>,
}

impl<'t, 'p> Walker<'t, 'p> {
    fn push(&mut self, node: Node<'t>, scope: ScopeId, role: Role<'t, 'p>) {
        self.open.push(Visit { node, scope, role });
    }

    fn push_all(&mut self, node: Node<'t>, scope: ScopeId, role: Role<'t, 'p>) {
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            let role = if child.kind() == "comment" { Role::Plain } else { role };
            self.open.push(Visit { node: child, scope, role });
        }
    }

    fn written(&self, node: Node<'t>) -> &'p str {
        written(node, self.program)
    }

    fn visit(&mut self, Visit { node, scope, role }: Visit<'t, 'p>) {
        let kind = node.kind();
        if kind.ends_with("_statement") || kind.ends_with("_definition") {
            self.found.parts.push(range(node));
        }
        // What a statement holds is judged by itself.
        let inner = if role.is_silent() { Role::Silent } else { Role::Plain };
        match kind {
            "comment" => self.found.comments.push(range(node)),
            "identifier" => self.used(node, scope, role),
            // `self.query` is a name like any other.
            "attribute" => {
                self.used(node, scope, role);
                self.push_all(node, scope, inner);
                let is_of_call = node.child_by_field_name("object").is_some_and(|object| object.kind() == "call");
                self.found.properties.extend(is_of_call.then_some(node));
            }
            "string" | "concatenated_string" => self.text(node, scope, role),
            "binary_operator" => self.operator(node, scope, role),
            "parenthesized_expression" | "conditional_expression" => self.push_all(node, scope, role),
            "call" => self.call(node, scope, role),
            "assignment" => self.assignment(node, scope),
            "augmented_assignment" => self.augmented(node, scope),
            "expression_statement" => {
                let is_text = children(node).first().is_some_and(|only| only.kind().ends_with("string"));
                self.push_all(node, scope, if is_text { Role::Silent } else { Role::Plain });
            }
            "assert_statement"
            | "raise_statement"
            | "print_statement"
            | "exec_statement"
            | "comparison_operator"
            | "decorator" => self.push_all(node, scope, Role::Silent),
            "subscript" => self.subscript(node, scope, role),
            // `f"{query} WHERE ..."` goes on with the query.
            "interpolation" => self.push_all(node, scope, role),
            "return_statement" => self.returned(node, scope),
            "list" | "tuple" | "set" | "list_comprehension" | "generator_expression" => self.items(node, scope, role),
            "dictionary" => {
                let is_foreign = !role.is_silent() && is_of_foreign_source(node, self.program);
                let entry = if role.is_silent() { Role::Silent } else { role.of_item() };
                self.push_all(node, scope, if is_foreign { Role::OfForeignSource } else { entry });
            }
            "import_statement" | "import_from_statement" => self.import(node, scope),
            "function_definition" | "lambda" | "class_definition" => self.definition(node, scope),
            "for_statement" | "for_in_clause" | "named_expression" | "as_pattern" => self.bound(node, scope, inner),
            "global_statement" | "nonlocal_statement" => self.bind_all(node, Scopes::MODULE),
            "pair" => {
                self.found.parts.push(range(node));
                let is_foreign = matches!(role, Role::OfForeignSource) && is_foreign_option(node, self.program);
                let fate = Fate::Run { dialect: Dialect::Other, database: None };
                self.found.talks.other |= is_foreign;
                self.push_all(node, scope, if is_foreign { Role::Given(fate) } else { role.of_item() });
            }
            _ => self.push_all(node, scope, inner),
        }
    }

    fn used(&mut self, node: Node<'t>, scope: ScopeId, role: Role<'t, 'p>) {
        let usage = match role {
            Role::Given(fate) => Usage::Given(fate),
            Role::Part(place) => Usage::Continued(place),
            Role::Piece => Usage::Continued(node),
            Role::Plain | Role::OfForeignSource | Role::Assigned(_) | Role::Silent => return,
        };
        self.found.scopes.add(scope, self.written(node), usage);
    }

    /// A text by itself, or one that is put together here.
    fn text(&mut self, node: Node<'t>, scope: ScopeId, role: Role<'t, 'p>) {
        self.candidate(node, scope, role);
        self.push_all(node, scope, if role.is_silent() { Role::Silent } else { Role::Part(node) });
    }

    fn candidate(&mut self, node: Node<'t>, scope: ScopeId, role: Role<'t, 'p>) {
        let (name, fate, is_piece) = match role {
            Role::Plain | Role::OfForeignSource => (None, Fate::Unknown, false),
            Role::Assigned(name) => (Some(name), Fate::Unknown, false),
            Role::Given(Fate::Shown) | Role::Part(_) | Role::Silent => return,
            Role::Given(fate) => (None, fate, false),
            Role::Piece => (None, Fate::Unknown, true),
        };
        self.found.candidates.push(Candidate { node, scope, name, fate, is_piece });
    }

    fn operator(&mut self, node: Node<'t>, scope: ScopeId, role: Role<'t, 'p>) {
        let operator = node.child_by_field_name("operator").map_or("", |operator| self.written(operator));
        let is_silent = role.is_silent();
        match operator {
            "+" | "%" if !is_silent => {
                self.candidate(node, scope, role);
                let left = node.child_by_field_name("left");
                let is_filled = operator == "%" && left.is_some_and(|left| left.kind() == "identifier");
                // `query % day` is the statement that `query` is.
                for child in children(node) {
                    let role = if is_filled && Some(child) == left { role } else { Role::Part(node) };
                    self.push(child, scope, role);
                }
            }
            _ => self.push_all(node, scope, if is_silent { Role::Silent } else { Role::Plain }),
        }
    }

    fn call(&mut self, node: Node<'t>, scope: ScopeId, role: Role<'t, 'p>) {
        let Some(function) = node.child_by_field_name("function") else { return };
        let object = function.child_by_field_name("object");
        let name = self.written(function.child_by_field_name("attribute").unwrap_or(function));
        let is_silent = role.is_silent();
        let passes_on = matches!(
            (object, name),
            (Some(_), "format" | "format_map" | "strip" | "lstrip" | "rstrip" | "dedent" | "cleandoc" | "text")
                | (None, "dedent" | "text" | "str")
        );
        match object {
            // The statement is the object, or what is made of it.
            Some(object) if name == "format" && !is_silent && !is_followed(object) => {
                self.candidate(node, scope, role);
                self.push(object, scope, Role::Part(node));
            }
            Some(object) if passes_on && name != "dedent" && name != "cleandoc" && name != "text" => {
                self.push(object, scope, role);
            }
            Some(object) if matches!(name, "replace" | "join") => {
                if !is_silent {
                    self.candidate(node, scope, role);
                }
                self.push(object, scope, if is_silent { Role::Silent } else { Role::Part(node) });
            }
            // The list goes on.
            Some(object) if matches!(name, "append" | "extend" | "insert") => {
                self.push(object, scope, Role::Part(node))
            }
            Some(object) => self.push(object, scope, Role::Plain),
            None => {}
        }
        // `base() + " WHERE ..."` goes on with what the function returns.
        if matches!(role, Role::Part(_)) && is_name(function) {
            self.used(function, scope, role);
        }
        self.found.calls.push((node, scope));
        self.found.talks.call(name, node, self.program);
        for (index, argument) in arguments(node, self.program).into_iter().enumerate() {
            let fate = fate(node, argument.name, index, self.program);
            if let Fate::Run { dialect, .. } = fate {
                self.found.talks.add(dialect);
            }
            self.found.parts.push(argument.range);
            let is_made_into_another = matches!(name, "format" | "format_map" | "replace" | "join");
            let role = match fate {
                Fate::Unknown if is_silent => Role::Silent,
                Fate::Unknown if is_made_into_another || name == "append" || name == "extend" => Role::Part(node),
                Fate::Unknown if passes_on && index == 0 => role,
                fate => Role::Given(fate),
            };
            self.push(argument.value, scope, role);
        }
        node.child_by_field_name("arguments").into_iter().for_each(|list| self.comments_in(list));
    }

    fn comments_in(&mut self, node: Node<'t>) {
        let mut cursor = node.walk();
        let comments = node.named_children(&mut cursor).filter(|child| child.kind() == "comment");
        self.found.comments.extend(comments.map(range));
    }

    fn assignment(&mut self, node: Node<'t>, scope: ScopeId) {
        let (left, right) = (node.child_by_field_name("left"), node.child_by_field_name("right"));
        match (left, right) {
            (Some(left), Some(right)) if is_name(left) => {
                let name = self.written(left);
                self.found.scopes.bind(home(left, scope), name, Some(right));
                self.push(right, scope, Role::Assigned(name));
            }
            (left, right) => {
                left.into_iter().for_each(|left| self.bind_all(left, scope));
                right.into_iter().for_each(|right| self.push(right, scope, Role::Plain));
            }
        }
        self.comments_in(node);
    }

    fn augmented(&mut self, node: Node<'t>, scope: ScopeId) {
        if let Some(left) = node.child_by_field_name("left").filter(|left| is_name(*left)) {
            let name = self.written(left);
            self.found.scopes.bind(home(left, scope), name, None);
            self.found.scopes.add(scope, name, Usage::Continued(node));
        }
        if let Some(right) = node.child_by_field_name("right") {
            self.push(right, scope, Role::Part(node));
        }
    }

    /// Items of a list are statements, or the pieces of one.
    fn items(&mut self, node: Node<'t>, scope: ScopeId, role: Role<'t, 'p>) {
        let items = children(node);
        let is_statement = |item: &Node<'t>| {
            let written = written(*item, self.program).trim_start_matches(|c: char| c.is_ascii_alphabetic());
            !item.kind().ends_with("string") || starts_like_sql(written.trim_start_matches(['"', '\'']))
        };
        let role = match role {
            Role::Silent => Role::Silent,
            _ if items.iter().all(is_statement) => role.of_item(),
            _ => Role::Piece,
        };
        self.found.parts.extend(items.into_iter().map(range));
        self.push_all(node, scope, role);
    }

    /// `QUERIES["orders"] + " WHERE ..."` goes on with what is in the name.
    fn subscript(&mut self, node: Node<'t>, scope: ScopeId, role: Role<'t, 'p>) {
        if let (Role::Part(_) | Role::Piece, Some(value)) = (role, node.child_by_field_name("value")) {
            self.used(value, scope, Role::Part(node));
        }
        self.push_all(node, scope, Role::Silent);
    }

    /// What a function returns goes by the function's name.
    fn returned(&mut self, node: Node<'t>, scope: ScopeId) {
        let role = self.found.scopes.function(scope).map_or(Role::Plain, Role::Assigned);
        self.push_all(node, scope, role);
    }

    fn import(&mut self, node: Node<'t>, scope: ScopeId) {
        self.found.talks.import(self.written(node));
        self.bind_all(node, scope);
    }

    fn definition(&mut self, node: Node<'t>, scope: ScopeId) {
        let name = node.child_by_field_name("name").map(|name| self.written(name));
        name.into_iter().for_each(|name| self.found.scopes.bind(scope, name, None));
        let inner = match node.kind() {
            "class_definition" => self.found.scopes.inside_class(scope),
            _ => self.found.scopes.inside(scope, name),
        };
        if let Some(parameters) = node.child_by_field_name("parameters") {
            for parameter in children(parameters) {
                let value = parameter.child_by_field_name("value");
                let name = parameter.child_by_field_name("name").unwrap_or(parameter);
                self.bind_all(name, inner);
                let role = Role::Assigned(self.written(name));
                value.into_iter().for_each(|value| self.push(value, inner, role));
            }
        }
        let mut cursor = node.walk();
        let rest = node
            .named_children(&mut cursor)
            .filter(|child| !matches!(child.kind(), "identifier" | "parameters" | "lambda_parameters" | "type"));
        self.open.extend(rest.map(|node| Visit { node, scope: inner, role: Role::Plain }));
    }

    /// A loop, a `with ... as`, a `:=`: names whose values are not followed.
    fn bound(&mut self, node: Node<'t>, scope: ScopeId, role: Role<'t, 'p>) {
        let target = node
            .child_by_field_name("left")
            .or_else(|| node.child_by_field_name("name"))
            .or_else(|| node.child_by_field_name("alias"));
        target.into_iter().for_each(|target| self.bind_all(target, scope));
        let mut cursor = node.walk();
        let rest = node.named_children(&mut cursor).filter(|child| Some(*child) != target);
        self.open.extend(rest.map(|node| Visit { node, scope, role }));
    }

    /// Binds all names below a node to nothing that is known.
    fn bind_all(&mut self, node: Node<'t>, scope: ScopeId) {
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            match node.kind() {
                "identifier" => {
                    let name = self.written(node);
                    self.found.scopes.bind(scope, name, None);
                }
                "attribute" | "subscript" => {}
                _ => open.extend(children(node)),
            }
        }
    }
}

/// Whether a node is `name` or `self.name`.
fn is_name(node: Node<'_>) -> bool {
    let is_plain = |node: Node<'_>| node.kind() == "identifier";
    is_plain(node) || node.kind() == "attribute" && node.child_by_field_name("object").is_some_and(is_plain)
}

/// Whether a node is followed to what it stands for.
fn is_followed(node: Node<'_>) -> bool {
    is_name(node) || matches!(node.kind(), "attribute" | "call" | "subscript")
}

/// The scope that an assignment binds a name in: all methods share the attributes of an object.
fn home(name: Node<'_>, scope: ScopeId) -> ScopeId {
    if name.kind() == "attribute" { Scopes::MODULE } else { scope }
}
