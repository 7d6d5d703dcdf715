//! Values of a template as far as its file tells them: intrinsic functions, parameters with defaults.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html>

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::document::{Node, Text, TextBuilder, Value, substitute_text};
use crate::lake::{Limit, Named};

/// What the names of a template stand for.
pub(in crate::input::infra) struct Scope {
    /// Shown path of the template.
    pub module: Arc<str>,
    /// Parameters whose default is a plain value, and resources that `Ref` gives the written name of.
    constants: BTreeMap<String, String>,
    /// Defaults of parameters, where they are written.
    defaults: BTreeMap<String, Text>,
    /// Names of buckets of which only the deployment knows a part, and their logical names.
    open_buckets: BTreeMap<String, String>,
    /// `Mappings`.
    mappings: Option<Node>,
    /// Without the parameters of which the template allows several values; `None` where there are none.
    settled: Option<Box<Scope>>,
}

/// A number of a resource.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::input::infra) enum Number {
    Unset,
    Known(f64),
    /// Only the deployment knows it.
    Open,
}

impl Scope {
    /// The scope of a template, or of the `resources` of a serverless.yml.
    pub fn of(template: &Node, module: &str) -> Scope {
        let parameters = template.get("Parameters").and_then(Node::as_map).map_or(&[][..], |map| &map.entries);
        let constants = parameters.iter().filter_map(|entry| Some((entry.key.clone(), default(&entry.value)?)));
        let constants: BTreeMap<String, String> = constants.collect();
        let written = parameters.iter().filter(|entry| constants.contains_key(&entry.key));
        let written =
            written.filter_map(|entry| Some((entry.key.clone(), entry.value.get("Default")?.as_text()?.clone())));
        let defaults = written.collect();
        let mappings = template.get("Mappings").cloned();
        let open_buckets = BTreeMap::new();
        let mut scope = Scope { module: module.into(), defaults, constants, open_buckets, mappings, settled: None };
        let resources = template.get("Resources").and_then(Node::as_map).map_or(&[][..], |map| &map.entries);
        let named = resources.iter().filter_map(|entry| Some((entry.key.clone(), scope.written(name(&entry.value))?)));
        let named: Vec<(String, String)> = named.collect();
        scope.constants.extend(named);
        let buckets =
            resources.iter().filter(|entry| entry.value.get("Type").and_then(Node::as_str) == Some("AWS::S3::Bucket"));
        let open = buckets.filter_map(|entry| Some((scope.string(name(&entry.value))?, entry.key.clone())));
        scope.open_buckets = open.collect();
        let choices = parameters.iter().filter(|entry| is_choice(&entry.value)).map(|entry| entry.key.clone());
        scope.settled = scope.without(&choices.collect()).map(Box::new);
        scope
    }

    /// What holds in every deployment that the template allows, for what would be told of all of them.
    pub fn settled(&self) -> &Scope {
        self.settled.as_deref().unwrap_or(self)
    }

    fn without(&self, parameters: &BTreeSet<String>) -> Option<Scope> {
        fn others<T: Clone>(all: &BTreeMap<String, T>, parameters: &BTreeSet<String>) -> BTreeMap<String, T> {
            all.iter().filter(|(name, _)| !parameters.contains(*name)).map(|(k, v)| (k.clone(), v.clone())).collect()
        }
        (!parameters.is_empty()).then(|| Scope {
            module: self.module.clone(),
            constants: others(&self.constants, parameters),
            defaults: others(&self.defaults, parameters),
            open_buckets: self.open_buckets.clone(),
            mappings: self.mappings.clone(),
            settled: None,
        })
    }

    /// The text of a value. What only the deployment knows stands in it as `${...}`; `None` when all of it is computed.
    pub fn text(&self, node: &Node) -> Option<Text> {
        let opaque = |value: &str| Some(Text::opaque(value, node.span));
        match &node.value {
            Value::Text(text) => Some(text.clone()),
            Value::Number(number) => opaque(&number.to_string()),
            Value::Bool(value) => opaque(&value.to_string()),
            _ => {
                let (function, argument) = call(node)?;
                match function {
                    "Ref" => opaque(&self.reference(argument.as_str()?)),
                    "Fn::GetAtt" => opaque(&attribute(argument)?),
                    "Fn::Sub" => self.sub(argument),
                    "Fn::Join" => self.join(argument, node),
                    "Fn::FindInMap" => opaque(&self.mapped(argument)?),
                    _ => None,
                }
            }
        }
    }

    /// The default of the parameter that a value refers to.
    pub fn default_of(&self, node: &Node) -> Option<Text> {
        let ("Ref", name) = call(node)? else { return None };
        self.defaults.get(name.as_str()?).cloned()
    }

    /// The same without its places.
    pub fn string(&self, node: Option<&Node>) -> Option<String> {
        self.text(node?).map(|text| text.value.to_string())
    }

    /// A text all of which is known.
    pub fn written(&self, node: Option<&Node>) -> Option<String> {
        self.string(node).filter(|text| !text.contains("${") && !text.contains("{{resolve:") && !text.is_empty())
    }

    /// A resource's name, and how others of the template refer to it.
    pub fn named(&self, logical: &str, name: Option<&Node>) -> Named {
        Named {
            module: self.module.clone(),
            literal: self.written(name),
            // Whatever attribute is asked for, it belongs to the resource.
            handles: vec![format!("${{{logical}}}"), format!("${{{logical}.")],
        }
    }

    /// A value whose intrinsic functions are texts where they are known, and holes where not.
    pub fn resolve(&self, node: &Node) -> Node {
        let value = match &node.value {
            Value::List(nodes) => Value::List(nodes.iter().map(|node| self.resolve(node)).collect()),
            Value::Map(map) => match call(node) {
                Some((function, argument)) => self.resolved(node, function, argument),
                None => Value::Map(map.with(|node| self.resolve(node))),
            },
            other => other.clone(),
        };
        Node { span: node.span, value }
    }

    fn resolved(&self, node: &Node, function: &str, argument: &Node) -> Value {
        match self.text(node) {
            // A number of the deployment's choice: its default is a guess.
            Some(text) if is_choosing(function) && text.value.parse::<f64>().is_ok() => {
                Value::Hole(format!("${{{}}}", argument.as_str().unwrap_or(function)))
            }
            Some(text) => Value::Text(text),
            None => Value::Hole(format!("${{{function}}}")),
        }
    }

    /// What a text stands for that names a bucket: the name, else the same for all texts of the template that mean the same bucket.
    pub fn bucket(&self, text: &str) -> String {
        match self.open_buckets.get(text) {
            _ if !text.contains("${") => text.to_string(),
            Some(logical) => format!("{}#${{{logical}}}", self.module),
            None => format!("{}#{text}", self.module),
        }
    }

    fn reference(&self, name: &str) -> String {
        self.constants.get(name).cloned().unwrap_or_else(|| format!("${{{name}}}"))
    }

    /// `Fn::FindInMap`: `[map, key, key]`, the keys as far as the template tells them.
    fn mapped(&self, argument: &Node) -> Option<String> {
        let [map, first, second, ..] = argument.as_list()? else { return None };
        let name = |node: &Node| self.written(Some(node));
        let value = self.mappings.as_ref()?.at(&[&name(map)?, &name(first)?, &name(second)?])?;
        match &value.value {
            Value::Text(text) => Some(text.value.to_string()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }

    /// `Fn::Sub`: a text, or a text and what its names stand for. `${!x}` is no placeholder of its own but writes `${x}`.
    fn sub(&self, argument: &Node) -> Option<Text> {
        let (text, names) = match argument.as_list() {
            Some([text, names]) => (text, Some(names)),
            Some([text]) => (text, None),
            Some(_) => return None,
            None => (argument, None),
        };
        let lookup = |name: &str| match (name.strip_prefix('!'), names.and_then(|names| names.get(name))) {
            (Some(literal), _) => Some(format!("${{{literal}}}")),
            (None, Some(value)) => self.string(Some(value)),
            (None, None) => self.constants.get(name).cloned(),
        };
        Some(substitute_text(text.as_text()?, &lookup))
    }

    /// `Fn::Join`: `[delimiter, [values]]`. A value that is computed is a placeholder with the function's name.
    fn join(&self, argument: &Node, node: &Node) -> Option<Text> {
        let [delimiter, values] = argument.as_list()? else { return None };
        let mut joined = TextBuilder::new(node.span.file);
        for (i, value) in values.as_list()?.iter().enumerate() {
            if i > 0 {
                joined.push_opaque(delimiter.as_str()?, delimiter.span);
            }
            match (self.text(value), call(value)) {
                (Some(text), _) => joined.push_part(&text, 0..text.value.len()),
                (None, Some((function, _))) => joined.push_opaque(&format!("${{{function}}}"), value.span),
                (None, None) => return None,
            }
        }
        Some(joined.build())
    }
}

impl Number {
    /// Numbers in quotes count.
    pub fn of(node: Option<&Node>) -> Number {
        match node.map(|node| &node.value) {
            None | Some(Value::Null) => Number::Unset,
            Some(Value::Number(number)) => Number::Known(*number),
            Some(Value::Text(text)) => text.value.trim().parse().map_or(Number::Open, Number::Known),
            Some(_) => Number::Open,
        }
    }

    pub fn known(self) -> Option<f64> {
        match self {
            Number::Known(number) => Some(number),
            Number::Unset | Number::Open => None,
        }
    }

    /// A count; what is negative is none.
    pub fn count(self) -> Option<u64> {
        self.known().filter(|number| *number >= 0.0).map(|number| number as u64)
    }
}

/// A time limit in units of `unit_seconds`.
pub(in crate::input::infra) fn limit(node: Option<&Node>, unit_seconds: f64) -> Limit {
    match (node, Number::of(node)) {
        (Some(node), Number::Known(number)) if number > 0.0 => {
            Limit::Seconds { seconds: (number * unit_seconds) as u64, span: node.span }
        }
        (Some(node), Number::Open) => Limit::Dynamic(node.span),
        _ => Limit::Unset,
    }
}

/// Whether a value is computed as a whole: nothing is known about what it holds.
pub(in crate::input::infra) fn is_computed(node: Option<&Node>) -> bool {
    node.is_some_and(|node| call(node).is_some() || matches!(node.value, Value::Hole(_)))
}

/// An intrinsic function and its argument.
pub(in crate::input::infra) fn call(node: &Node) -> Option<(&str, &Node)> {
    match node.as_map()?.entries.as_slice() {
        [entry] if entry.key == "Ref" || entry.key.starts_with("Fn::") => Some((&entry.key, &entry.value)),
        _ => None,
    }
}

/// Whether a function gives what the deployment chooses.
fn is_choosing(function: &str) -> bool {
    function == "Ref" || function == "Fn::FindInMap"
}

/// Whether the template lets the deployment choose between values.
fn is_choice(parameter: &Node) -> bool {
    parameter.get("AllowedValues").and_then(Node::as_list).is_some_and(|values| values.len() > 1)
}

/// `${Logical.Attribute}`.
fn attribute(argument: &Node) -> Option<String> {
    let path = match argument.as_list() {
        Some(parts) => parts.iter().map(Node::as_str).collect::<Option<Vec<&str>>>()?.join("."),
        None => argument.as_str()?.to_owned(),
    };
    Some(format!("${{{path}}}"))
}

/// The name of a resource that `Ref` gives by its name:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-glue-table.html#aws-resource-glue-table-return-values>.
fn name(resource: &Node) -> Option<&Node> {
    let path: &[&str] = match resource.get("Type")?.as_str()? {
        "AWS::Glue::Database" => &["Properties", "DatabaseInput", "Name"],
        "AWS::Glue::Table" => &["Properties", "TableInput", "Name"],
        "AWS::S3::Bucket" => &["Properties", "BucketName"],
        _ => return None,
    };
    resource.at(path)
}

/// The default of a parameter that is the value itself: neither a list nor the name of one that is kept elsewhere.
fn default(parameter: &Node) -> Option<String> {
    let kind = parameter.get("Type").and_then(Node::as_str).unwrap_or("String");
    let text = match &parameter.get("Default")?.value {
        Value::Text(text) => text.value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        _ => return None,
    };
    let is_plain = !kind.contains('<') && !kind.contains("List") && !text.contains("{{resolve:");
    (is_plain && !text.trim().is_empty()).then_some(text)
}
