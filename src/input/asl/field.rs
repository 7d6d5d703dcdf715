//! Scalars of a definition: numbers, limits and texts, and what only the run or the deployment knows.

use crate::document::{Entry, Map, MapStyle, Node, Text, Value};
use crate::lake::{Limit, Setting, Slot, SlotStyle, Span};

use super::jsonata as expression;

/// Most seconds that a limit of the language can be; more is no number of seconds.
const MOST_SECONDS: f64 = 1e12;

/// A number as a definition writes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Written(f64),
    /// Only the run or the deployment knows it.
    Open,
    /// Not a number.
    Wrong,
}

/// A field that a path (`"Key.$"`) or an expression may stand for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Field<'a> {
    Absent,
    Written(&'a Node),
    /// Only the run knows it; what is written, where something is.
    Open(Option<&'a Node>),
}

impl<'a> Field<'a> {
    /// The field of a payload template or of JSONata arguments.
    pub(super) fn of(arguments: Option<&'a Node>, key: &str) -> Field<'a> {
        let Some(arguments) = arguments else { return Field::Absent };
        let Some(map) = arguments.as_map().filter(|_| !is_open(arguments)) else { return Field::Open(None) };
        let by_path = || map.entries.iter().rev().find(|entry| entry.key.strip_suffix(".$") == Some(key));
        match (map.get(key), by_path()) {
            (_, Some(entry)) => Field::Open(Some(&entry.value)),
            (Some(value), None) if matches!(value.value, Value::Hole(_)) || is_jsonata(value) => {
                Field::Open(Some(value))
            }
            (Some(value), None) => Field::Written(value),
            (None, None) => Field::Absent,
        }
    }

    /// The written text; references to other resources as `${...}`.
    pub(super) fn text(self) -> Option<String> {
        match self {
            Field::Written(node) => text_of(node),
            // A reference that the deployment resolves is as good as a name; what the run computes is not.
            Field::Open(Some(node)) if matches!(node.value, Value::Hole(_)) => text_of(node),
            Field::Open(Some(node)) => expression::literal_text(jsonata(node.as_str()?)?.1).map(str::to_owned),
            Field::Open(None) | Field::Absent => None,
        }
    }

    /// The text that names a machine: the context's word for the machine that is running is as good as a name.
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html>
    pub(super) fn machine(self) -> Option<String> {
        let own = match self {
            Field::Open(Some(node)) => node.as_str().filter(|text| text.contains("StateMachine.Id")),
            _ => None,
        };
        own.map(str::to_owned).or_else(|| self.text())
    }

    pub(super) fn number(self) -> Option<f64> {
        match self {
            Field::Written(node) | Field::Open(Some(node)) => match number(node) {
                Number::Written(value) => Some(value),
                Number::Open | Number::Wrong => None,
            },
            Field::Open(None) | Field::Absent => None,
        }
    }
}

/// Whether only the run or the deployment knows the value: a hole, a text with a placeholder, an expression, an intrinsic
/// function of CloudFormation.
pub(super) fn is_open(node: &Node) -> bool {
    match &node.value {
        Value::Hole(_) => true,
        Value::Text(text) => has_placeholder(&text.value),
        // `Fn::Transform` stands beside other keys, and brings more.
        Value::Map(map) => intrinsic(map).is_some() || map.entries.iter().any(|entry| entry.key.starts_with("Fn::")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) => false,
    }
}

/// The placeholders that deployments of definitions replace, and JSONata.
pub(super) fn has_placeholder(text: &str) -> bool {
    let wrapped = |open: &str, close: &str| text.find(open).is_some_and(|at| text[at + open.len()..].contains(close));
    let angled = || text.trim().strip_prefix('<').is_some_and(|rest| rest.ends_with('>'));
    wrapped("${", "}")
        || wrapped("{{", "}}")
        || wrapped("{%", "%}")
        || wrapped("<%", "%>")
        || wrapped("__", "__")
        || angled()
}

/// Whether the value is a JSONata expression.
pub(super) fn is_jsonata(node: &Node) -> bool {
    node.as_str().is_some_and(|text| jsonata(text).is_some())
}

/// The expression between `{%` and `%}`, and where it starts.
pub(super) fn jsonata(text: &str) -> Option<(usize, &str)> {
    let start = text.len() - text.trim_start().len();
    let inner = text.trim().strip_prefix("{%")?.strip_suffix("%}")?;
    Some((start + 2, inner))
}

/// A CloudFormation function that takes the place of a value.
fn intrinsic(map: &Map) -> Option<&Entry> {
    let [entry] = map.entries.as_slice() else { return None };
    (entry.key == "Ref" || entry.key.starts_with("Fn::")).then_some(entry)
}

/// A text; references to other resources as `${...}`. `None` for what is no text and refers to nothing by name.
pub(super) fn text_of(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.value.to_string()),
        Value::Hole(source) if source.starts_with("${") => Some(source.clone()),
        Value::Hole(source) => Some(format!("${{{source}}}")),
        Value::Map(map) => {
            let entry = intrinsic(map)?;
            let name = || match &entry.value.value {
                Value::List(parts) => parts.iter().map(Node::as_str).collect::<Option<Vec<_>>>().map(|p| p.join(".")),
                _ => entry.value.as_str().map(str::to_owned),
            };
            match entry.key.as_str() {
                "Ref" | "Fn::GetAtt" => Some(format!("${{{}}}", name()?)),
                "Fn::Sub" => match &entry.value.value {
                    Value::List(parts) => parts.first()?.as_str().map(str::to_owned),
                    _ => name(),
                },
                "Fn::Join" => {
                    let [separator, parts] = entry.value.as_list()? else { return None };
                    let parts: Option<Vec<String>> = parts.as_list()?.iter().map(part_of).collect();
                    Some(parts?.join(separator.as_str()?))
                }
                _ => None,
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) => None,
    }
}

/// A part of an `Fn::Join`: no deeper, so that nothing nests without bound.
fn part_of(node: &Node) -> Option<String> {
    match node.as_map().and_then(intrinsic) {
        Some(entry) if entry.key == "Fn::Join" => None,
        _ => text_of(node),
    }
}

pub(super) fn number(node: &Node) -> Number {
    match &node.value {
        Value::Number(value) => Number::Written(*value),
        // Substitutions and variables leave numbers in quotes.
        Value::Text(text) => {
            match expression::literal_number(jsonata(&text.value).map_or(&*text.value, |(_, inner)| inner)) {
                Some(value) => Number::Written(value),
                None if has_placeholder(&text.value) => Number::Open,
                None => Number::Wrong,
            }
        }
        _ if is_open(node) => Number::Open,
        _ => Number::Wrong,
    }
}

/// A truth value; `None` when it is none or only the deployment knows it.
pub(super) fn truth(node: &Node) -> Option<bool> {
    node.as_bool().or_else(|| node.as_str()?.to_ascii_lowercase().parse().ok())
}

/// A whole number from 0 on.
pub(super) fn whole(value: f64) -> Option<u64> {
    (value.fract() == 0.0 && (0.0..=MOST_SECONDS).contains(&value)).then_some(value as u64)
}

/// A limit as `key` in seconds, or as `path_key` from the input.
pub(super) fn limit(map: &Map, key: &str, path_key: &str) -> Limit {
    match (map.get(key), map.get(path_key)) {
        (Some(node), _) => limit_of(node, 1),
        (None, Some(path)) => Limit::Dynamic(path.span),
        (None, None) => Limit::Unset,
    }
}

/// A limit in units of `unit` seconds.
pub(super) fn limit_of(node: &Node, unit: u64) -> Limit {
    match number(node) {
        Number::Written(value) => match whole(value) {
            Some(count) => Limit::Seconds { seconds: count * unit, span: node.span },
            None => Limit::Dynamic(node.span),
        },
        Number::Open | Number::Wrong => Limit::Dynamic(node.span),
    }
}

/// A number of a retrier, with its default.
pub(super) fn setting(map: &Map, key: &str, default: Option<f64>) -> Setting {
    match map.get(key) {
        None => Setting { value: default, written: None },
        Some(node) => match number(node) {
            Number::Written(value) => Setting { value: Some(value), written: Some(node.span) },
            Number::Open | Number::Wrong => Setting { value: None, written: Some(node.span) },
        },
    }
}

/// Key to value; the key alone where the value stands in another file.
pub(super) fn entry_span(entry: &Entry) -> Span {
    match entry.key_span.file == entry.value.span.file {
        true => entry.key_span.join(entry.value.span),
        false => entry.key_span,
    }
}

/// Where a field can be inserted into a map.
pub(super) fn slot(node: &Node) -> Option<Slot> {
    let map = node.as_map()?;
    let style = match map.style {
        MapStyle::Json => SlotStyle::Json,
        MapStyle::Block => SlotStyle::Yaml,
        MapStyle::Hcl => SlotStyle::Hcl,
        MapStyle::Fixed => return None,
    };
    // An entry that an anchor or a merge brings in stands somewhere else.
    let mut own = map.entries.iter().rev().filter(|entry| node.span.contains(&entry_span(entry)));
    let last = own.next()?;
    // After a value on one line, the next line is certain; where a nested block ends, is not, and it may be hundreds of lines on.
    let after = std::iter::once(last).chain(own).find(|entry| is_on_one_line(&entry.value)).unwrap_or(last);
    Some(Slot { after: entry_span(after), style })
}

fn is_on_one_line(node: &Node) -> bool {
    match &node.value {
        Value::Bool(_) | Value::Number(_) => true,
        Value::Text(Text { value, map }) => {
            !value.contains('\n') && !value.is_empty() && map.is_verbatim(0..value.len())
        }
        Value::Null | Value::Hole(_) | Value::List(_) | Value::Map(_) => false,
    }
}
