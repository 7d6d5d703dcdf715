//! YAML to a tree: anchors and merge keys are followed, CloudFormation's short tags are written out.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StrInput, StructureStyle, Tag};

use super::yaml_scalar::{block_mark, plain_value, text_of};
use super::{Document, Entry, Map, MapStyle, Node, Problem, Text, Value};
use crate::lake::Span;

/// Values that aliases may add to a text, so that a small file cannot become a huge tree.
const MOST_ALIASED_VALUES: usize = 100_000;

/// Levels of a tree with its aliases. The parser stops at 255 levels of blocks, and of brackets.
const DEEPEST: usize = 512;

/// Reads YAML. Of a stream of several documents the first that is a map counts, else the first. Duplicate keys are kept.
pub fn parse_yaml(text: &Text) -> Result<Document, Problem> {
    let options = granit_parser::options! { max_buffered_comment_events: usize::MAX };
    let mut reader = Reader {
        text,
        is_verbatim: text.map.is_verbatim(0..text.value.len()),
        parser: Parser::new_from_str_with_options(&text.value, options),
        anchors: HashMap::new(),
        comments: Vec::new(),
        aliased: 0,
    };
    let mut root: Option<Node> = None;
    while let Some((event, range, tag)) = reader.next()? {
        if !event.is_node() {
            continue;
        }
        let built = reader.node(event, range, tag, 0)?;
        if root.as_ref().is_none_or(|root| root.as_map().is_none() && built.node.as_map().is_some()) {
            root = Some(built.node);
        }
    }
    match root {
        Some(root) => Ok(Document { root, comments: reader.comments }),
        None => Err(Problem {
            span: text.map.span(0..text.value.len()),
            message: "there is no value in this YAML".to_owned(),
            help: "write keys with values: `Key: value`".to_owned(),
        }),
    }
}

/// A tag as the parser resolves it, and where it stands.
type Tagged = Option<(String, Range<usize>)>;

struct Reader<'a> {
    text: &'a Text,
    /// The text stands in the file byte for byte, so that lines can be inserted.
    is_verbatim: bool,
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Built>,
    comments: Vec<Span>,
    aliased: usize,
}

/// A value, and what aliases of it need to know.
#[derive(Clone)]
struct Built {
    node: Node,
    /// In the text that is read.
    range: Range<usize>,
    values: usize,
    levels: usize,
    /// The text of a scalar, as keys are compared.
    key: Option<String>,
    /// A scalar in double quotes.
    is_quoted: bool,
}

impl<'a> Reader<'a> {
    /// The next event that is no comment, with its bytes and its tag.
    fn next(&mut self) -> Result<Option<(Event<'a>, Range<usize>, Tagged)>, Problem> {
        loop {
            let Some(next) = self.parser.next_event() else { return Ok(None) };
            let (event, span) = next.map_err(|error| self.problem(&error))?;
            let len = self.text.value.len();
            let end = span.end.byte_offset().unwrap_or(len).min(len);
            let range = span.start.byte_offset().unwrap_or(end).min(end)..end;
            if let Event::Comment(..) = event {
                self.comments.push(self.text.map.span(range));
                continue;
            }
            let tag_range = span.tag_span().and_then(|span| span.byte_range()).unwrap_or(range.start..range.start);
            let tag = event.tag().map(|tag| (function(tag), tag_range));
            return Ok(Some((event, range, tag)));
        }
    }

    fn node(&mut self, event: Event<'a>, range: Range<usize>, tag: Tagged, level: usize) -> Result<Built, Problem> {
        let anchor = event.anchor_id();
        let mut built = match event {
            Event::Alias(id) => return self.alias(id, range, level),
            Event::SequenceStart(style, ..) => self.list(style, range, level)?,
            Event::MappingStart(style, ..) => self.map(style, range, level)?,
            Event::Scalar(value, style, ..) => self.scalar(&value, style, range, tag.as_ref()),
            _ => return Err(self.broken(range)),
        };
        if let Some((name, tag_range)) = tag {
            built = self.tagged(built, &name, tag_range);
        }
        if let Some(id) = anchor.filter(|id| *id > 0) {
            self.anchors.insert(id, built.clone());
        }
        Ok(built)
    }

    /// A value inside of a list or map, or the bytes of its end.
    fn child(&mut self, level: usize) -> Result<Child, Problem> {
        match self.next()? {
            Some((Event::SequenceEnd | Event::MappingEnd, range, _)) => Ok(Child::End(range)),
            Some((event, range, tag)) => self.node(event, range, tag, level + 1).map(Child::Value),
            None => Err(self.broken(self.text.value.len()..self.text.value.len())),
        }
    }

    fn list(&mut self, style: StructureStyle, range: Range<usize>, level: usize) -> Result<Built, Problem> {
        let (mut nodes, mut size) = (Vec::new(), Size::new(range));
        let end = loop {
            let after = size.range.end;
            match self.child(level)? {
                Child::Value(child) => {
                    size.add(&child, after);
                    nodes.push(child.node);
                }
                Child::End(end) => break end,
            }
        };
        size.close(style, end);
        Ok(self.built(Value::List(nodes), size))
    }

    fn map(&mut self, style: StructureStyle, range: Range<usize>, level: usize) -> Result<Built, Problem> {
        let (mut entries, mut merged, mut size) = (Vec::new(), Vec::new(), Size::new(range));
        let mut is_json = true;
        let end = loop {
            let key = match self.child(level)? {
                Child::Value(key) => key,
                Child::End(end) => break end,
            };
            let after = size.range.end;
            size.add(&key, after);
            let Child::Value(mut value) = self.child(level)? else { return Err(self.broken(key.range)) };
            size.add(&value, key.range.end);
            if value.range.is_empty() {
                value.node.span = self.text.map.span(key.range.end..key.range.end);
            }
            is_json &= key.is_quoted;
            match key.key {
                Some(name) if name == "<<" && !key.is_quoted => merged.push(value.node),
                name => {
                    let key_text = || self.text.value[key.range.clone()].trim().to_owned();
                    entries.push(Entry {
                        key: name.unwrap_or_else(key_text),
                        key_span: key.node.span,
                        value: value.node,
                    });
                }
            }
        };
        size.close(style, end);
        let style = match style {
            _ if !self.is_verbatim || !merged.is_empty() => MapStyle::Fixed,
            StructureStyle::Block => MapStyle::Block,
            StructureStyle::Flow if is_json => MapStyle::Json,
            StructureStyle::Flow => MapStyle::Fixed,
        };
        let entries = merge(merged, entries);
        Ok(self.built(Value::Map(Map { entries, style }), size))
    }

    fn built(&self, value: Value, size: Size) -> Built {
        Built {
            node: Node { span: self.text.map.span(size.range.clone()), value },
            range: size.range,
            values: size.values,
            levels: size.levels,
            key: None,
            is_quoted: false,
        }
    }

    fn scalar(
        &self,
        value: &str,
        style: ScalarStyle,
        range: Range<usize>,
        tag: Option<&(String, Range<usize>)>,
    ) -> Built {
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let range = match block_mark(&self.text.value[..range.start]).filter(|_| is_block) {
            Some(mark) => mark..range.end,
            None => range,
        };
        let raw = &self.text.value[range.clone()];
        let end = if is_block { range.start + raw.trim_end().len() } else { range.end };
        let text = || Value::Text(text_of(value, style, self.text, range.clone()));
        let value_of = match (style, tag.map(|(name, _)| name.as_str())) {
            (ScalarStyle::Plain, None) | (_, Some("int" | "float" | "bool" | "null")) => plain_value(value),
            _ => None,
        };
        Built {
            node: Node { span: self.text.map.span(range.start..end), value: value_of.unwrap_or_else(text) },
            range: range.start..end,
            values: 1,
            levels: 1,
            key: Some(value.to_owned()),
            is_quoted: style == ScalarStyle::DoubleQuoted,
        }
    }

    /// `!Sub x` as `{"Fn::Sub": x}`; tags of YAML itself leave the value as it is.
    fn tagged(&self, built: Built, name: &str, tag: Range<usize>) -> Built {
        if !name.contains("::") && !matches!(name, "Ref" | "Condition") {
            return built;
        }
        let range = tag.start.min(built.range.start)..built.range.end.max(tag.end);
        let entry = Entry { key: name.to_owned(), key_span: self.text.map.span(tag), value: built.node };
        let value = Value::Map(Map { entries: vec![entry], style: MapStyle::Fixed });
        let size = Size { range, values: built.values + 1, levels: built.levels + 1 };
        self.built(value, size)
    }

    fn alias(&mut self, id: usize, range: Range<usize>, level: usize) -> Result<Built, Problem> {
        let span = self.text.map.span(range.clone());
        let problem =
            |message: &str, help: &str| Err(Problem { span, message: message.to_owned(), help: help.to_owned() });
        let Some(anchor) = self.anchors.get(&id) else {
            return problem("this alias stands inside of the value that it names", "write the value out");
        };
        self.aliased += anchor.values;
        if self.aliased > MOST_ALIASED_VALUES || level + anchor.levels > DEEPEST {
            return problem("the aliases of this file repeat too many values", "use fewer aliases inside of anchors");
        }
        let mut built = anchor.clone();
        fix(&mut built.node);
        built.node.span = span;
        built.range = range;
        built.is_quoted = false;
        Ok(built)
    }

    fn broken(&self, range: Range<usize>) -> Problem {
        Problem {
            span: self.text.map.span(range),
            message: "a value is missing here".to_owned(),
            help: "write `key: value`, or `- value` in a list".to_owned(),
        }
    }

    fn problem(&self, error: &ScanError) -> Problem {
        let len = self.text.value.len();
        let start = error.marker().byte_offset().unwrap_or(len).min(len);
        let end = self.text.value.get(start..).and_then(|rest| rest.chars().next());
        let end = start + end.filter(|c| !c.is_whitespace()).map_or(0, char::len_utf8);
        let (message, help) = explain(error.kind());
        Problem { span: self.text.map.span(start..end), message, help: help.to_owned() }
    }
}

enum Child {
    Value(Built),
    End(Range<usize>),
}

/// What a list or map comes to.
struct Size {
    range: Range<usize>,
    values: usize,
    levels: usize,
}

impl Size {
    fn new(start: Range<usize>) -> Size {
        Size { range: start, values: 1, levels: 1 }
    }

    /// `after` is where an empty value stands.
    fn add(&mut self, child: &Built, after: usize) {
        let end = if child.range.is_empty() { after } else { child.range.end };
        self.range.end = self.range.end.max(end);
        self.values += child.values;
        self.levels = self.levels.max(child.levels + 1);
    }

    /// The bracket at the end belongs to the value; the end of a block is that of its last value.
    fn close(&mut self, style: StructureStyle, end: Range<usize>) {
        if style == StructureStyle::Flow {
            self.range.end = self.range.end.max(end.end);
        }
    }
}

/// The function that a short tag stands for; the name of a tag of YAML itself.
fn function(tag: &Tag) -> String {
    match (tag.core_suffix(), tag.suffix()) {
        (Some(core), _) => core.to_owned(),
        (None, name @ ("Ref" | "Condition")) => name.to_owned(),
        (None, "") => "str".to_owned(),
        (None, name) => format!("Fn::{name}"),
    }
}

/// What `<<` brings comes first and gives way to keys that are written out; of several maps the first counts.
fn merge(merged: Vec<Node>, own: Vec<Entry>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let maps = merged.into_iter().flat_map(|node| match node.value {
        Value::List(nodes) => nodes,
        _ => vec![node],
    });
    for node in maps {
        let Value::Map(map) = node.value else { continue };
        let is_new = |entry: &Entry| !entries.iter().chain(&own).any(|other| other.key == entry.key);
        let new: Vec<Entry> = map.entries.into_iter().filter(is_new).collect();
        entries.extend(new);
    }
    entries.extend(own);
    entries
}

/// What an alias repeats is written elsewhere: a field that is inserted there would appear in every copy.
fn fix(node: &mut Node) {
    match &mut node.value {
        Value::List(nodes) => nodes.iter_mut().for_each(fix),
        Value::Map(map) => {
            map.style = MapStyle::Fixed;
            map.entries.iter_mut().for_each(|entry| fix(&mut entry.value));
        }
        _ => (),
    }
}

fn explain(kind: &ErrorKind) -> (String, &'static str) {
    let indent = "indent with the same number of spaces as the lines beside it";
    let (message, help) = match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => ("a tab stands where YAML wants spaces", "indent with spaces"),
        ErrorKind::InvalidIndentation
        | ErrorKind::InvalidBlockScalarIndent
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::InvalidFlowScalarIndent => ("the indentation fits no line before it", indent),
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry => {
            ("this line fits no list or map around it", indent)
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            ("a colon is missing after this key", "write `key: value`")
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            ("there is a second colon in this line", "put a text that holds `: ` into quotes")
        }
        ErrorKind::UnclosedQuotedScalar => ("this text has no closing quote", "close it"),
        ErrorKind::UnknownQuotedScalarEscape => {
            ("this escape does not exist in YAML", "write a backslash as `\\\\`, or use single quotes")
        }
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence => ("a bracket is not closed", "close it"),
        ErrorKind::UnknownAnchor => ("no anchor has this name", "put a text that starts with `*` into quotes"),
        ErrorKind::RecursionLimitExceeded => ("the YAML is nested too deeply", "keep it below 250 levels"),
        other => return (other.to_string().to_lowercase(), "correct the YAML at this place"),
    };
    (message.to_owned(), help)
}

#[cfg(test)]
mod tests;
