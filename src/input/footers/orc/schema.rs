//! ORC's tree of types as leaf columns and column types.

use super::messages::Type;
use crate::expr::ColumnType;
use crate::lake::Column;

/// Deeper trees are taken for damaged ones.
const DEEPEST: usize = 100;

/// The nodes of the schema, in pre-order.
#[derive(Debug)]
pub(super) struct Schema {
    pub nodes: Vec<Node>,
}

/// One node.
#[derive(Debug)]
pub(super) struct Node {
    /// Lower-case names from the root, joined with dots.
    pub path: String,
    pub kind: Kind,
    pub data_type: ColumnType,
    children: Vec<usize>,
    depth: usize,
    /// A list or map lies above it: it has not one value per row.
    pub is_repeated: bool,
    /// The first leaf in it, or itself.
    pub first_leaf: usize,
}

/// Kinds that are told apart; the numbers are the format's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Integer,
    Float,
    Double,
    Text,
    /// Padded with spaces.
    Char,
    Timestamp,
    Decimal,
    Date,
    List,
    Map,
    Struct,
    Union,
    Other,
}

impl Schema {
    /// `None` when the types are no tree.
    pub(super) fn of(types: &[Type]) -> Option<Schema> {
        let mut nodes = vec![Node::of(types.first()?)];
        for (id, parent) in parents(types)?.into_iter().enumerate().skip(1) {
            let parent_id = parent?;
            let mut node = Node::of(&types[id]);
            let parent = &mut nodes[parent_id];
            let name = child_name(parent, &types[parent_id]);
            node.depth = parent.depth + 1;
            node.is_repeated = parent.is_repeated || matches!(parent.kind, Kind::List | Kind::Map);
            node.path = if parent_id == 0 { name } else { format!("{}.{name}", parent.path) };
            parent.children.push(id);
            if node.depth > DEEPEST {
                return None;
            }
            nodes.push(node);
        }
        // Children come after their parents.
        for id in (0..nodes.len()).rev() {
            nodes[id].first_leaf = nodes[id].children.first().map_or(id, |child| nodes[*child].first_leaf);
            if let Some(text) = nested(&nodes, id, &types[id]) {
                nodes[id].data_type = ColumnType::Other(text);
            }
        }
        Some(Schema { nodes })
    }

    /// Leaves in their order.
    pub(super) fn leaves(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.nodes.iter().enumerate().skip(1).filter(|(_, node)| node.children.is_empty())
    }

    /// The columns of the table.
    pub(super) fn fields(&self) -> Vec<Column> {
        let top = self.nodes.first().map_or(&[][..], |root| &root.children);
        let column =
            |id: &usize| Column { name: self.nodes[*id].path.clone(), data_type: self.nodes[*id].data_type.clone() };
        top.iter().map(column).collect()
    }
}

/// The parent of each node but the first; `None` when a node has two or comes before its parent.
fn parents(types: &[Type]) -> Option<Vec<Option<usize>>> {
    let mut parents = vec![None; types.len()];
    for (id, node) in types.iter().enumerate() {
        for child in &node.subtypes {
            let parent = parents.get_mut(*child as usize).filter(|parent| parent.is_none())?;
            if *child as usize <= id {
                return None;
            }
            *parent = Some(id);
        }
    }
    Some(parents)
}

/// What the next child of a node is called.
fn child_name(parent: &Node, parent_type: &Type) -> String {
    let position = parent.children.len();
    match (parent.kind, position) {
        (Kind::List, _) => "element".to_string(),
        (Kind::Map, 0) => "key".to_string(),
        (Kind::Map, _) => "value".to_string(),
        _ => match parent_type.field_names.get(position) {
            Some(name) => String::from_utf8_lossy(name).to_lowercase(),
            None => format!("field{position}"),
        },
    }
}

impl Node {
    fn of(node: &Type) -> Node {
        let (kind, data_type) = match node.kind.unwrap_or(0) {
            0 => (Kind::Boolean, ColumnType::Boolean),
            1 => (Kind::Integer, ColumnType::Integer(1)),
            2 => (Kind::Integer, ColumnType::Integer(2)),
            3 => (Kind::Integer, ColumnType::Integer(4)),
            4 => (Kind::Integer, ColumnType::Integer(8)),
            5 => (Kind::Float, ColumnType::Float(4)),
            6 => (Kind::Double, ColumnType::Float(8)),
            7 | 16 => (Kind::Text, ColumnType::String),
            8 => (Kind::Other, ColumnType::Binary),
            9 | 18 => (Kind::Timestamp, ColumnType::Timestamp),
            10 => (Kind::List, ColumnType::Other("array".into())),
            11 => (Kind::Map, ColumnType::Other("map".into())),
            12 => (Kind::Struct, ColumnType::Other("struct".into())),
            13 => (Kind::Union, ColumnType::Other("uniontype".into())),
            14 => (Kind::Decimal, decimal(node)),
            15 => (Kind::Date, ColumnType::Date),
            17 => (Kind::Char, ColumnType::String),
            _ => (Kind::Other, ColumnType::Other("unknown".into())),
        };
        let (path, children) = (String::new(), Vec::new());
        Node { path, kind, data_type, children, depth: 0, is_repeated: false, first_leaf: 0 }
    }
}

/// Hive's defaults where the file says nothing: `decimal(38,10)`.
fn decimal(node: &Type) -> ColumnType {
    let digits = |number: Option<u32>, default: u8| number.map_or(Some(default), |number| u8::try_from(number).ok());
    match (digits(node.precision, 38), digits(node.scale, 10)) {
        (Some(precision), Some(scale)) => ColumnType::Decimal(precision, scale),
        _ => ColumnType::Other("decimal".into()),
    }
}

/// The type of a nested node, as Hive writes it.
fn nested(nodes: &[Node], id: usize, node: &Type) -> Option<String> {
    let kind = nodes[id].kind;
    let children: Vec<&ColumnType> = nodes[id].children.iter().map(|child| &nodes[*child].data_type).collect();
    match (kind, &children[..]) {
        (Kind::List, [element]) => Some(format!("array<{element}>")),
        (Kind::Map, [key, value]) => Some(format!("map<{key},{value}>")),
        (Kind::Struct, children) => {
            let name = |i: usize| {
                node.field_names.get(i).map_or_else(String::new, |n| String::from_utf8_lossy(n).to_lowercase())
            };
            let fields: Vec<String> =
                children.iter().enumerate().map(|(i, child)| format!("{}:{child}", name(i))).collect();
            Some(format!("struct<{}>", fields.join(",")))
        }
        (Kind::Union, children) => {
            let types: Vec<String> = children.iter().map(|child| child.to_string()).collect();
            Some(format!("uniontype<{}>", types.join(",")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(kind: u32, subtypes: &[u32], names: &[&str]) -> Type {
        let field_names = names.iter().map(|name| name.as_bytes().to_vec()).collect();
        Type { kind: Some(kind), subtypes: subtypes.to_vec(), field_names, precision: None, scale: None }
    }

    #[test]
    fn leaves_have_dotted_paths_and_columns_have_types() {
        let types = [
            node(12, &[1, 2, 5, 8], &["Id", "tags", "User", "m"]),
            node(4, &[], &[]),
            node(10, &[3], &[]),
            node(12, &[4], &["N"]),
            node(3, &[], &[]),
            node(12, &[6, 7], &["a", "b"]),
            node(14, &[], &[]),
            node(15, &[], &[]),
            node(11, &[9, 10], &[]),
            node(7, &[], &[]),
            node(13, &[11, 12], &[]),
            node(0, &[], &[]),
            node(9, &[], &[]),
        ];
        let schema = Schema::of(&types).expect("schema");
        let leaves: Vec<(usize, &str, bool)> =
            schema.leaves().map(|(id, n)| (id, n.path.as_str(), n.is_repeated)).collect();
        let expected = [
            (1, "id", false),
            (4, "tags.element.n", true),
            (6, "user.a", false),
            (7, "user.b", false),
            (9, "m.key", true),
            (11, "m.value.field0", true),
            (12, "m.value.field1", true),
        ];
        assert_eq!(leaves, expected);
        let fields: Vec<String> = schema.fields().iter().map(|c| format!("{} {}", c.name, c.data_type)).collect();
        let expected = [
            "id bigint",
            "tags array<struct<n:int>>",
            "user struct<a:decimal(38,10),b:date>",
            "m map<string,uniontype<boolean,timestamp>>",
        ];
        assert_eq!(fields, expected);
        assert_eq!((schema.nodes[2].first_leaf, schema.nodes[5].first_leaf, schema.nodes[0].first_leaf), (4, 6, 1));
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        assert!(Schema::of(&[]).is_none());
        assert!(Schema::of(&[node(12, &[0], &["a"])]).is_none(), "a loop");
        assert!(Schema::of(&[node(12, &[1, 1], &["a", "b"]), node(4, &[], &[])]).is_none(), "two parents");
        assert!(Schema::of(&[node(12, &[7], &["a"])]).is_none(), "no such node");
        assert!(Schema::of(&[node(12, &[], &[]), node(4, &[], &[])]).is_none(), "no parent");
        let deep: Vec<Type> =
            (0..500).map(|i| node(10, if i < 499 { vec![i + 1] } else { vec![] }.as_slice(), &[])).collect();
        assert!(Schema::of(&deep).is_none());
    }
}
