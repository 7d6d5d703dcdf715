//! Python's grammar: the only file that makes syntax trees of programs.

use std::ops::{ControlFlow, Range};

use tree_sitter::{Node, ParseOptions, Parser, Tree};

/// How often the parser may report its progress per byte of a program before it is stopped: programs need a twentieth of it,
/// and what needs more was written to be slow.
const STEPS_PER_BYTE: usize = 4;

/// The tree of a program. The grammar goes on after what it does not understand, so there is one for whatever text; `None` for
/// what takes out of all proportion long.
pub(super) fn parse(program: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_python::LANGUAGE.into()).ok()?;
    let bytes = program.as_bytes();
    let mut steps = 0;
    let mut count = |_: &tree_sitter::ParseState| {
        steps += 1;
        if steps > 1_000 + bytes.len() * STEPS_PER_BYTE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut count);
    parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options))
}

/// What a node writes.
pub(super) fn written<'p>(node: Node<'_>, program: &'p str) -> &'p str {
    program.get(node.byte_range()).unwrap_or_default()
}

/// The named children, comments excluded.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect()
}

/// The value of a key of a dictionary that is written out.
pub(super) fn entry<'t>(dictionary: Node<'t>, key: &str, program: &str) -> Option<Node<'t>> {
    let is_key = |pair: &Node<'t>| {
        let of_pair = pair.child_by_field_name("key").filter(|_| pair.kind() == "pair");
        of_pair.is_some_and(|node| written(node, program).trim_matches(['"', '\'']) == key)
    };
    children(dictionary).into_iter().find(is_key)?.child_by_field_name("value")
}

/// An argument of a call.
pub(super) struct Argument<'t, 'p> {
    /// `None` where it is given by its position.
    pub(super) name: Option<&'p str>,
    pub(super) value: Node<'t>,
    /// Name and value.
    pub(super) range: Range<usize>,
}

/// The arguments of a call.
pub(super) fn arguments<'t, 'p>(call: Node<'t>, program: &'p str) -> Vec<Argument<'t, 'p>> {
    let Some(list) = call.child_by_field_name("arguments").filter(|list| list.kind() == "argument_list") else {
        return Vec::new();
    };
    let argument = |node: Node<'t>| {
        let range = node.byte_range();
        Some(match node.kind() {
            "keyword_argument" => Argument {
                name: Some(written(node.child_by_field_name("name")?, program)),
                value: node.child_by_field_name("value")?,
                range,
            },
            _ => Argument { name: None, value: node, range },
        })
    };
    children(list).into_iter().filter_map(argument).collect()
}

/// Most names in a chain that is followed.
const LONGEST_CHAIN: usize = 64;

/// The names of `wr.athena.read_sql_query`, outermost first; a call, an index or anything else among them is an empty name.
pub(super) fn dotted<'p>(node: Node<'_>, program: &'p str) -> Vec<&'p str> {
    let mut names = Vec::new();
    let mut at = Some(node);
    while let Some(node) = at.filter(|_| names.len() < LONGEST_CHAIN) {
        match node.kind() {
            "identifier" => {
                names.push(written(node, program));
                break;
            }
            "attribute" => {
                names.push(node.child_by_field_name("attribute").map_or("", |name| written(name, program)));
                at = node.child_by_field_name("object");
            }
            "call" => at = node.child_by_field_name("function"),
            _ => {
                names.push("");
                break;
            }
        }
    }
    names.reverse();
    names
}

/// The range of a node.
pub(super) fn range(node: Node<'_>) -> Range<usize> {
    node.byte_range()
}
