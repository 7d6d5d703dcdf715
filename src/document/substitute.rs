//! Placeholders replaced by what they stand for.

use std::ops::Range;

use super::{Document, Entry, Map, Node, Text, TextBuilder, Value, parse_json};

/// What a name between `${` and `}` stands for; `None` leaves the placeholder as it is.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Replaces placeholders in texts and keys. One that stands for a whole value becomes the number, list or object that its text is.
pub fn substitute(node: &Node, lookup: Lookup) -> Node {
    let value = match &node.value {
        Value::Text(text) => Value::Text(substitute_text(text, lookup)),
        Value::List(nodes) => Value::List(nodes.iter().map(|node| substitute(node, lookup)).collect()),
        Value::Map(map) => {
            let entries = map.entries.iter().map(|entry| Entry {
                key: replace(&entry.key, lookup),
                key_span: entry.key_span,
                value: substitute(&entry.value, lookup),
            });
            Value::Map(Map { entries: entries.collect(), style: map.style })
        }
        Value::Hole(hole) => match placeholders(hole).as_slice() {
            [(range, name)] if range.len() == hole.len() => {
                lookup(name).map_or_else(|| node.value.clone(), |text| value_of(&text, node))
            }
            _ => node.value.clone(),
        },
        other => other.clone(),
    };
    Node { span: node.span, value }
}

/// Replaces placeholders in a text.
pub fn substitute_text(text: &Text, lookup: Lookup) -> Text {
    let found = placeholders(&text.value);
    if !found.iter().any(|(_, name)| lookup(name).is_some()) {
        return text.clone();
    }
    let mut built = TextBuilder::new(text.map.file());
    let mut at = 0;
    for (range, name) in found {
        if let Some(value) = lookup(name) {
            built.push_part(text, at..range.start);
            built.push_opaque(&value, text.map.span(range.clone()));
            at = range.end;
        }
    }
    built.push_part(text, at..text.value.len());
    built.build()
}

/// The placeholders of a text and their names. One with another inside of it is none.
pub fn placeholders(text: &str) -> Vec<(Range<usize>, &str)> {
    let starts = text.match_indices("${").map(|(at, _)| at);
    let placeholder = |start: usize| {
        let name = &text[start + 2..];
        let name = &name[..name.find(['}', '{', '$', '\n', '"'])?];
        let end = start + 2 + name.len() + 1;
        (text[..end.min(text.len())].ends_with('}') && !name.trim().is_empty()).then(|| (start..end, name.trim()))
    };
    starts.filter_map(placeholder).collect()
}

fn replace(text: &str, lookup: Lookup) -> String {
    let mut replaced = String::new();
    let mut at = 0;
    for (range, name) in placeholders(text) {
        if let Some(value) = lookup(name) {
            replaced.push_str(&text[at..range.start]);
            replaced.push_str(&value);
            at = range.end;
        }
    }
    replaced + &text[at..]
}

/// What stands in JSON where a placeholder without quotes did.
fn value_of(text: &str, hole: &Node) -> Value {
    let text = Text::opaque(text, hole.span);
    match parse_json(&text) {
        Ok(Document { root, .. }) => root.value,
        Err(_) => Value::Text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::FileId;

    #[test]
    fn names_that_are_known_are_replaced_and_keep_their_places() {
        let file =
            r#"{"a": "x ${ One } ${Two} é", "n": ${Number}, "l": [${List}], "t": ${Bare}, "u": ${Two}, "${One}": 1}"#;
        let root = parse_json(&Text::of_file(FileId(0), &file.into())).unwrap().root;
        let lookup = |name: &str| match name {
            "One" => Some("1.".to_owned()),
            "Number" => Some("7".to_owned()),
            "List" => Some("{\"k\": [2]}".to_owned()),
            "Bare" => Some("arn:x".to_owned()),
            _ => None,
        };
        let replaced = substitute(&root, &lookup);
        let text = replaced.get("a").unwrap().as_text().unwrap();
        assert_eq!(&*text.value, "x 1. ${Two} é");
        assert_eq!(&file[text.map.span(2..4).range()], "${ One }");
        assert_eq!(&file[text.map.span(5..14).range()], "${Two} é");
        assert!(text.map.is_verbatim(5..14) && !text.map.is_verbatim(2..4));
        assert_eq!(replaced.get("n").unwrap().as_f64(), Some(7.0));
        let list = replaced.get("l").unwrap().as_list().unwrap();
        assert_eq!(list[0].get("k").unwrap().as_list().unwrap()[0].as_f64(), Some(2.0));
        assert_eq!(replaced.get("t").unwrap().as_str(), Some("arn:x"));
        assert_eq!(replaced.get("u").unwrap().value, Value::Hole("${Two}".to_owned()));
        assert_eq!(replaced.get("1.").unwrap().as_f64(), Some(1.0));
        assert_eq!(placeholders("${a${b}} ${} ${c").len(), 1);
    }
}
