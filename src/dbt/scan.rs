//! Where Jinja's tags stand in a text.

use std::ops::Range;

/// What kind of tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `{{ }}`.
    Expression,
    /// `{% %}`.
    Statement,
    /// `{# #}`.
    Comment,
}

/// A tag, with its delimiters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    pub kind: Kind,
    pub range: Range<usize>,
}

impl Tag {
    /// The text between the delimiters, without the signs that trim spaces.
    pub fn inner<'t>(&self, text: &'t str) -> &'t str {
        &text[self.inner_range(text)]
    }

    pub fn inner_range(&self, text: &str) -> Range<usize> {
        let (mut start, mut end) = (self.range.start + 2, self.range.end - 2);
        let bytes = text.as_bytes();
        if start < end && matches!(bytes[start], b'-' | b'+') {
            start += 1;
        }
        if start < end && matches!(bytes[end - 1], b'-' | b'+') {
            end -= 1;
        }
        start..end
    }

    /// The first word of a statement.
    pub fn word<'t>(&self, text: &'t str) -> &'t str {
        let inner = self.inner(text).trim_start();
        let end = inner.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(inner.len());
        &inner[..end]
    }
}

/// All tags in order; a tag that never closes ends the row. Nothing is a tag between `{% raw %}` and `{% endraw %}`.
pub(super) fn tags(text: &str) -> Vec<Tag> {
    let mut tags: Vec<Tag> = Vec::new();
    let mut at = 0;
    while let Some(tag) = next(text, at) {
        at = tag.range.end;
        let is_raw = tag.kind == Kind::Statement && tag.word(text) == "raw";
        tags.push(tag);
        if is_raw {
            let Some(end) = end_of_raw(text, at) else { break };
            at = end;
        }
    }
    tags
}

/// The first tag that refers to a name, as `{{ ref('orders') }}` does, else the first that has it as a string.
pub(super) fn tag_with(text: &str, name: &str) -> Option<Range<usize>> {
    let (single, double) = (format!("'{name}'"), format!("\"{name}\""));
    let has_name = |tag: &Tag| {
        let inner = tag.inner(text);
        tag.kind != Kind::Comment && (inner.contains(&single) || inner.contains(&double))
    };
    let refers = |tag: &&Tag| ["ref", "source"].iter().any(|call| tag.inner(text).contains(call));
    let tags: Vec<Tag> = tags(text).into_iter().filter(has_name).collect();
    tags.iter().find(refers).or(tags.first()).map(|tag| tag.range.clone())
}

fn next(text: &str, from: usize) -> Option<Tag> {
    let mut at = from;
    loop {
        let start = at + text[at..].find('{')?;
        let kind = match text.as_bytes().get(start + 1) {
            Some(b'{') => Kind::Expression,
            Some(b'%') => Kind::Statement,
            Some(b'#') => Kind::Comment,
            _ => {
                at = start + 1;
                continue;
            }
        };
        let end = match kind {
            Kind::Comment => start + 2 + text[start + 2..].find("#}")? + 2,
            Kind::Expression => closing(text, start + 2, b"}}")?,
            Kind::Statement => closing(text, start + 2, b"%}")?,
        };
        return Some(Tag { kind, range: start..end });
    }
}

/// The end of a tag: delimiters in strings, and braces of a dictionary, do not close it.
fn closing(text: &str, from: usize, delimiter: &[u8; 2]) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut quote, mut depth, mut at) = (None, 0usize, from);
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(open), b) if b == open => quote = None,
            (Some(_), _) => {}
            (None, _) if depth == 0 && bytes[at..].starts_with(delimiter) => return Some(at + 2),
            (None, b @ (b'\'' | b'"')) => quote = Some(b),
            (None, b'{') => depth += 1,
            (None, b'}') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
        at += 1;
    }
    None
}

/// Where `{% endraw %}` begins.
fn end_of_raw(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let start = at + text[at..].find("{%")?;
        let inner = text[start + 2..].trim_start_matches(['-', '+']).trim_start();
        if inner.starts_with("endraw") {
            return Some(start);
        }
        at = start + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<&str> {
        tags(text).iter().map(|tag| &text[tag.range.clone()]).collect()
    }

    #[test]
    fn tags_end_outside_of_strings_and_dictionaries() {
        assert_eq!(
            shown("a {{ f('}}', {'a': {'b': 1}}) }} b {%- set x = '%}' -%} {# {{ no }} #} {x} {"),
            ["{{ f('}}', {'a': {'b': 1}}) }}", "{%- set x = '%}' -%}", "{# {{ no }} #}"]
        );
        assert_eq!(
            shown("{{ 'it\\'s }}' }} {% raw %}{{ a }}{%- endraw %} {{ b }} {{ open"),
            ["{{ 'it\\'s }}' }}", "{% raw %}", "{%- endraw %}", "{{ b }}"]
        );
    }

    #[test]
    fn words_and_insides() {
        let text = "{%- macro  f(a) -%}{{- x }}";
        let tags = tags(text);
        assert_eq!((tags[0].word(text), tags[0].inner(text)), ("macro", " macro  f(a) "));
        assert_eq!(tags[1].inner(text), " x ");
    }
}
