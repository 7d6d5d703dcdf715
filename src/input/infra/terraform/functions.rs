//! The functions of Terraform that can be worked out: <https://developer.hashicorp.com/terraform/language/functions>.

use std::collections::BTreeMap;

use super::evaluate::{Evaluator, plain};
use crate::document::{Entry, Expr, Map, MapStyle, Node, Text, TextBuilder, Value, json};
use crate::input::infra::catalog::is_open;

impl Evaluator<'_> {
    /// The value of a call; `None` when it is not worked out.
    pub(super) fn call(&self, expr: &Expr, function: &str, args: &[Expr], depth: usize) -> Option<Node> {
        let first = || known(self.at_depth(args.first()?, depth));
        let text = |text: Text| Some(Node { span: expr.span, value: Value::Text(text) });
        match function {
            "jsonencode" => {
                let mut pieces = TextBuilder::new(expr.span.file);
                pieces.push_opaque(&json(&first()?), expr.span);
                text(pieces.build())
            }
            "keys" | "values" => {
                let map = first()?;
                let item = |entry: &Entry| match function {
                    "values" => entry.value.clone(),
                    _ => {
                        let mut pieces = TextBuilder::new(entry.key_span.file);
                        pieces.push_opaque(&entry.key, entry.key_span);
                        Node { span: entry.key_span, value: Value::Text(pieces.build()) }
                    }
                };
                // Terraform has both in the order of the keys.
                let mut entries: Vec<&Entry> = map.as_map()?.entries.iter().collect();
                entries.sort_by(|a, b| a.key.cmp(&b.key));
                Some(Node { span: expr.span, value: Value::List(entries.into_iter().map(item).collect()) })
            }
            "merge" => self.merge(expr, args, depth),
            "concat" => {
                let lists = args.iter().map(|arg| match self.at_depth(arg, depth).value {
                    Value::List(items) => Some(items),
                    _ => None,
                });
                let items = lists.collect::<Option<Vec<_>>>()?.concat();
                Some(Node { span: expr.span, value: Value::List(items) })
            }
            "join" => text(self.join(expr, args, depth)?),
            "one" => match first()?.as_list()? {
                [item] => Some(item.clone()),
                _ => None,
            },
            "element" => {
                let list = first()?;
                let at = self.at_depth(args.get(1)?, depth).as_f64().filter(|at| *at >= 0.0)?;
                let items = list.as_list().filter(|items| !items.is_empty())?;
                known(items[at as usize % items.len()].clone())
            }
            "chomp" | "trimspace" => text(trimmed(first()?.as_text()?, function == "chomp")),
            "tostring" => match first()?.value {
                Value::Text(value) => text(value),
                value => {
                    let mut pieces = TextBuilder::new(expr.span.file);
                    pieces.push_opaque(&plain(&value)?, expr.span);
                    text(pieces.build())
                }
            },
            "tonumber" => first().filter(|node| node.as_f64().is_some()),
            "tobool" => first().filter(|node| node.as_bool().is_some()),
            // Of a set the order means nothing.
            "toset" | "tolist" => first().filter(|node| node.as_list().is_some()),
            "tomap" => first().filter(|node| node.as_map().is_some()),
            "sensitive" | "nonsensitive" => first(),
            "format" => text(self.format(expr, args, depth)?),
            "upper" | "lower" | "replace" => {
                let inputs = args.iter().map(|arg| self.whole_text(arg, depth)).collect::<Option<Vec<String>>>()?;
                let made = match (function, inputs.as_slice()) {
                    ("upper", [input]) => input.to_uppercase(),
                    ("lower", [input]) => input.to_lowercase(),
                    ("replace", [input, from, to]) => self.replaced(input, from, to)?,
                    _ => return None,
                };
                text(self.spend(made.len()).then(|| Text::opaque(&made, expr.span))?)
            }
            "length" => {
                let length = match &first()?.value {
                    Value::List(items) => items.len(),
                    Value::Map(map) if map.entries.iter().all(|entry| !is_open(&entry.key)) => map.entries.len(),
                    // Terraform counts what people see as one character.
                    Value::Text(text) if text.value.is_ascii() && !is_open(&text.value) => text.value.len(),
                    _ => return None,
                };
                Some(Node { span: expr.span, value: Value::Number(length as f64) })
            }
            _ => None,
        }
    }

    /// The entries of all maps, the last one of each key; nothing when one of the maps is not known.
    fn merge(&self, expr: &Expr, args: &[Expr], depth: usize) -> Option<Node> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut places = BTreeMap::new();
        for arg in args {
            let Value::Map(map) = self.at_depth(arg, depth).value else { return None };
            for entry in map.entries {
                let place = *places.entry(entry.key.clone()).or_insert(entries.len());
                match entries.get_mut(place) {
                    Some(earlier) => *earlier = entry,
                    None => entries.push(entry),
                }
            }
        }
        // An entry that is inserted into one map may be overwritten by another.
        Some(Node { span: expr.span, value: Value::Map(Map { entries, style: MapStyle::Fixed }) })
    }

    /// `%s` and `%d`; what is not known stands in the text as it is written, unless it is all there is.
    fn format(&self, expr: &Expr, args: &[Expr], depth: usize) -> Option<Text> {
        let (pattern, args) = args.split_first()?;
        let pattern = self.whole_text(pattern, depth)?;
        let mut values = args.iter().map(|arg| self.at_depth(arg, depth).value);
        let mut pieces = TextBuilder::new(expr.span.file);
        let mut is_written = false;
        let mut rest = pattern.as_str();
        while let Some(at) = rest.find('%') {
            pieces.push_opaque(&rest[..at], expr.span);
            let verb = rest[at + 1..].chars().next()?;
            is_written |= at > 0 || verb == '%';
            rest = &rest[at + 1 + verb.len_utf8()..];
            match (verb, if verb == '%' { None } else { Some(values.next()?) }) {
                ('%', _) => pieces.push_opaque("%", expr.span),
                ('s' | 'd', Some(Value::Hole(source))) => pieces.push_opaque(&format!("${{{source}}}"), expr.span),
                ('d', Some(Value::Number(number))) if number.fract() == 0.0 => {
                    is_written = true;
                    pieces.push_opaque(&number.to_string(), expr.span);
                }
                ('s', Some(value)) => {
                    let value = plain(&value)?;
                    is_written |= !is_open(&value);
                    pieces.push_opaque(&value, expr.span);
                }
                _ => return None,
            }
        }
        pieces.push_opaque(rest, expr.span);
        let is_whole = values.next().is_none() && (is_written || !rest.is_empty());
        let made = pieces.build();
        (is_whole && self.spend(made.value.len())).then_some(made)
    }

    /// `None` with a pattern between slashes, which is a regular expression.
    fn replaced(&self, input: &str, from: &str, to: &str) -> Option<String> {
        let is_pattern = from.len() > 1 && from.starts_with('/') && from.ends_with('/');
        // In Terraform nothing stands between all characters.
        let is_plain = !is_pattern && !from.is_empty();
        let made = || input.matches(from).count().saturating_mul(to.len()).saturating_add(input.len());
        (is_plain && self.spend(made())).then(|| input.replace(from, to))
    }

    /// A text, or a number as one, of which all is known.
    fn whole_text(&self, expr: &Expr, depth: usize) -> Option<String> {
        plain(&self.at_depth(expr, depth).value).filter(|text| !is_open(text))
    }

    fn join(&self, expr: &Expr, args: &[Expr], depth: usize) -> Option<Text> {
        let [separator, list] = args else { return None };
        let separator = self.at_depth(separator, depth);
        let list = self.at_depth(list, depth);
        let mut pieces = TextBuilder::new(expr.span.file);
        for (i, item) in list.as_list()?.iter().enumerate() {
            if i > 0 {
                pieces.push_opaque(separator.as_str()?, expr.span);
            }
            match &item.value {
                Value::Text(text) if text.map.file() == expr.span.file => pieces.push_text(text),
                Value::Hole(source) => pieces.push_opaque(&format!("${{{source}}}"), expr.span),
                value => pieces.push_opaque(&plain(value)?, expr.span),
            }
        }
        Some(pieces.build())
    }
}

fn trimmed(text: &Text, only_line_feeds: bool) -> Text {
    let value = &*text.value;
    let (start, end) = match only_line_feeds {
        true => (0, value.trim_end_matches(['\n', '\r']).len()),
        false => (value.len() - value.trim_start().len(), value.trim_end().len()),
    };
    let mut pieces = TextBuilder::new(text.map.file());
    pieces.push_part(text, start.min(end)..end);
    pieces.build()
}

/// `None` for a hole.
fn known(node: Node) -> Option<Node> {
    (!matches!(node.value, Value::Hole(_))).then_some(node)
}
