//! Values with their places.

use std::sync::Arc;

use crate::lake::{FileId, Span, TextMap};

/// One value of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What the file writes, quotes and brackets included.
    pub span: Span,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(Text),
    List(Vec<Node>),
    Map(Map),
    /// What only the deployment knows: a `${placeholder}` outside of quotes, a Terraform expression that nothing in the files
    /// resolves. Its source text.
    Hole(String),
}

/// A string. What only the deployment knows stands in it as `${...}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// Decoded: without quotes and escapes.
    pub value: Arc<str>,
    /// Where its bytes stand in the file.
    pub map: TextMap,
}

/// Keys and values in file order; a key may occur twice. CloudFormation's short tags are written out: `!Sub x` is the map
/// `{"Fn::Sub": x}`, `!Ref x` is `{"Ref": x}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    pub entries: Vec<Entry>,
    pub style: MapStyle,
}

/// How the file writes a map: what an inserted entry has to look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapStyle {
    /// `{"key": value, ...}`: JSON, and YAML in braces with quoted keys.
    Json,
    /// YAML, a line per key.
    Block,
    /// `key = value`: HCL.
    Hcl,
    /// Nothing can be inserted: it is written in another way (a tag, an escaped string, braces without quotes).
    Fixed,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub key: String,
    /// As written, quotes included.
    pub key_span: Span,
    pub value: Node,
}

impl Node {
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    pub fn as_text(&self) -> Option<&Text> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        self.as_text().map(|text| &*text.value)
    }

    pub fn as_f64(&self) -> Option<f64> {
        match &self.value {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The value of a key of a map; the last one where it occurs twice.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// The value at the end of a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }
}

impl Map {
    /// The value of a key; the last one where it occurs twice.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The same keys with other values.
    pub fn with(&self, value: impl Fn(&Node) -> Node) -> Map {
        let with =
            |entry: &Entry| Entry { key: entry.key.clone(), key_span: entry.key_span, value: value(&entry.value) };
        Map { entries: self.entries.iter().map(with).collect(), style: self.style }
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.key == key)
    }
}

/// The value as JSON; what is not known stands in it as `${...}`.
pub fn json(node: &Node) -> String {
    let list = |items: Vec<String>| items.join(",");
    match &node.value {
        Value::Null => "null".to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => quoted(&text.value),
        Value::List(items) => format!("[{}]", list(items.iter().map(json).collect())),
        Value::Map(map) => {
            let entry = |entry: &Entry| format!("{}:{}", quoted(&entry.key), json(&entry.value));
            format!("{{{}}}", list(map.entries.iter().map(entry).collect()))
        }
        Value::Hole(source) => format!("${{{}}}", source.replace(['"', '\\', '\n', '\r'], "")),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
impl Node {
    /// Holds every place of the tree to the file: on character boundaries, and what is verbatim stands there byte for byte.
    pub(crate) fn check_places(&self, file: &str) {
        assert!(file.get(self.span.range()).is_some(), "{:?}", self.span);
        match &self.value {
            Value::Text(text) => {
                assert_eq!(text.map.len(), text.value.len());
                for (at, c) in text.value.char_indices() {
                    let range = at..at + c.len_utf8();
                    let outer = text.map.span(range.clone()).range();
                    assert!(file.get(outer.clone()).is_some());
                    if text.map.is_verbatim(range.clone()) {
                        assert_eq!(&file[outer], &text.value[range]);
                    }
                }
            }
            Value::List(nodes) => nodes.iter().for_each(|node| node.check_places(file)),
            Value::Map(map) => {
                for entry in &map.entries {
                    assert!(file.get(entry.key_span.range()).is_some());
                    entry.value.check_places(file);
                }
            }
            _ => (),
        }
    }
}

impl Text {
    /// A whole file.
    pub fn of_file(file: FileId, text: &Arc<str>) -> Text {
        Text { value: text.clone(), map: TextMap::verbatim(file, 0, text.len()) }
    }
}
