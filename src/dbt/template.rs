//! A file of a dbt project as a template that the engine takes: what only dbt knows is taken out or written otherwise.

use std::ops::Range;

use super::scan::{Kind, Tag, tags};
use crate::ignore::MARK;

/// Blocks whose bodies render to nothing here: dbt runs them apart.
const APART: [(&str, &str); 2] = [("materialization", "endmaterialization"), ("docs", "enddocs")];

/// A template, and where its parts stand in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    pub text: String,
    /// Offsets of the template and of the file from which on both go on alike; the first pair is (0, 0).
    same_from: Vec<(usize, usize)>,
    pub macros: Vec<Macro>,
}

/// What a file declares with `{% macro %}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Macro {
    pub name: String,
    /// Names of its parameters, in order.
    pub parameters: Vec<String>,
    /// It asks for what is given beyond its parameters: `varargs` and `kwargs` are two more parameters then.
    pub takes_more: bool,
    /// Of the whole block in the file.
    pub range: Range<usize>,
}

impl Template {
    pub fn of(text: &str) -> Template {
        let tags = tags(text);
        let mut edits = Edits::default();
        let macros = macros(text, &tags, &mut edits);
        let mut apart = None;
        for tag in &tags {
            let word = if tag.kind == Kind::Statement { tag.word(text) } else { "" };
            match apart {
                Some((start, end)) if end == word => {
                    edits.blank(start..tag.range.end);
                    apart = None;
                }
                Some(_) => {}
                None => match APART.iter().find(|(open, _)| *open == word) {
                    Some((_, end)) => apart = Some((tag.range.start, *end)),
                    // The body of a snapshot is its query.
                    None if matches!(word, "snapshot" | "endsnapshot") => edits.blank(tag.range.clone()),
                    None if tag.kind == Kind::Comment => keep_directive(text, tag, &mut edits),
                    None => mutable_literal(text, tag, &mut edits),
                },
            }
        }
        if let Some((start, _)) = apart {
            edits.blank(start..text.len());
        }
        let (text, same_from) = edits.made(text);
        Template { text, same_from, macros }
    }

    /// The range of the file that a range of the template stands for.
    pub fn in_file(&self, range: Range<usize>) -> Range<usize> {
        let at = |offset: usize| {
            let i = self.same_from.partition_point(|(template, _)| *template <= offset) - 1;
            let (template, file) = self.same_from[i];
            let next = self.same_from.get(i + 1).map_or(usize::MAX, |(_, file)| *file);
            (file + (offset - template)).min(next)
        };
        let start = at(range.start);
        start..at(range.end).max(start)
    }
}

/// Changes of a text, in order.
#[derive(Debug, Default)]
struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    /// Spaces in place of all but line feeds.
    fn blank(&mut self, range: Range<usize>) {
        // What was to be changed inside of it is gone.
        self.0.retain(|(other, _)| other.end <= range.start || range.end <= other.start);
        self.0.push((range, String::new()));
    }

    fn made(mut self, text: &str) -> (String, Vec<(usize, usize)>) {
        self.0.sort_by_key(|(range, _)| (range.start, range.end));
        let mut out = String::with_capacity(text.len());
        let mut same_from = vec![(0, 0)];
        let mut at = 0;
        for (range, new) in self.0 {
            out.push_str(&text[at..range.start]);
            out.push_str(&new);
            at = range.end;
            same_from.push((out.len(), at));
        }
        out.push_str(&text[at..]);
        (out, same_from)
    }
}

/// Words that open and close a generic test, which is a macro called `test_` and its name.
const TESTS: [(&str, &str); 2] = [("test", "endtest"), ("data_test", "enddata_test")];

/// The macros of a file; those that ask for `varargs` or `kwargs` get them as parameters, which the engine does not know otherwise.
fn macros(text: &str, tags: &[Tag], edits: &mut Edits) -> Vec<Macro> {
    let mut macros: Vec<Macro> = Vec::new();
    let mut open: Option<(&Tag, String, Vec<String>)> = None;
    for tag in tags.iter().filter(|tag| tag.kind == Kind::Statement) {
        let is_test = TESTS.iter().any(|(open, _)| *open == tag.word(text));
        let ends_test = TESTS.iter().any(|(_, end)| *end == tag.word(text));
        if let Some(word) = Some(tag.word(text)).filter(|_| is_test || ends_test) {
            let inner = tag.inner_range(text);
            let start = inner.start + text[inner].find(word).unwrap_or(0);
            // Up to the name: `test  x(...)` becomes `macro test_x(...)`.
            let rest = &text[start + word.len()..];
            let end = start + word.len() + if is_test { rest.len() - rest.trim_start().len() } else { 0 };
            edits.0.push((start..end, if is_test { "macro test_" } else { "endmacro" }.to_string()));
        }
        match (tag.word(text), &open) {
            ("macro", None) => open = header(tag.inner(text)).map(|(name, parameters)| (tag, name, parameters)),
            (word, None) if is_test => {
                let written = tag.inner(text).replacen(word, "macro", 1);
                open = header(&written).map(|(name, parameters)| (tag, format!("test_{name}"), parameters));
            }
            (word, Some(_)) if word == "endmacro" || ends_test => {
                let Some((start, name, parameters)) = open.take() else { continue };
                let body = &text[start.range.end..tag.range.start];
                let takes_more = ["varargs", "kwargs"].iter().any(|word| body.contains(word));
                if takes_more && let Some(at) = text[start.range.clone()].rfind(')').map(|at| start.range.start + at) {
                    let comma = if parameters.is_empty() { "" } else { ", " };
                    edits.0.push((at..at, format!("{comma}varargs=[], kwargs={{}}")));
                }
                macros.push(Macro { name, parameters, takes_more, range: start.range.start..tag.range.end });
            }
            _ => {}
        }
    }
    macros
}

/// Name and parameters of ` macro f(a, b=1) `.
fn header(inner: &str) -> Option<(String, Vec<String>)> {
    let rest = inner.trim().strip_prefix("macro")?.trim_start();
    let (name, rest) = rest.split_once('(')?;
    let rest = &rest[..rest.rfind(')')?];
    let mut parameters = Vec::new();
    let (mut depth, mut quote, mut start) = (0usize, None, 0);
    for (i, b) in rest.bytes().enumerate() {
        match (quote, b) {
            (Some(open), b) if b == open => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(b),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            (None, b',') if depth == 0 => {
                parameters.push(&rest[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parameters.push(&rest[start..]);
    let named = |text: &str| text.split('=').next().unwrap_or_default().trim().to_string();
    let parameters = parameters.into_iter().map(named).filter(|name| !name.is_empty()).collect();
    Some((name.trim().to_string(), parameters))
}

/// `{% set x = [...] %}` and `{% set x = {...} %}`: dbt's lists and dictionaries can be changed, the engine's cannot.
fn mutable_literal(text: &str, tag: &Tag, edits: &mut Edits) {
    if tag.kind != Kind::Statement || tag.word(text) != "set" {
        return;
    }
    let inner = tag.inner_range(text);
    let Some(sign) = text[inner.clone()].find('=').map(|at| inner.start + at) else { return };
    let value = text[sign + 1..inner.end].trim_start();
    let start = inner.end - value.len();
    let end = start + value.trim_end().len();
    let is_literal = |open, close| text[start..end].starts_with(open) && text[start..end].ends_with(close);
    if is_literal('[', ']') || is_literal('{', '}') {
        // Of `a, b = [], []` both.
        edits.0.push((start..start, format!("{MUTABLE}((")));
        edits.0.push((end..end, "))".to_string()));
    }
}

/// A comment that silences a rule stays in the SQL.
fn keep_directive(text: &str, tag: &Tag, edits: &mut Edits) {
    let inner = tag.inner_range(text);
    let comment = &text[inner.clone()];
    if comment.trim_start().starts_with(MARK)
        && !comment.contains("*/")
        && !comment.contains("{{")
        && !comment.contains("{%")
    {
        edits.0.push((tag.range.start..inner.start, "/*".to_string()));
        edits.0.push((inner.end..tag.range.end, "*/".to_string()));
    }
}

/// The function that makes a list or dictionary one that can be changed.
pub(super) const MUTABLE: &str = "__mutable";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_dbt_runs_apart_is_taken_out_and_places_stay() {
        let text = "{% docs t %}select {{ x }}{% enddocs %}\n{% macro f(a) %}{{ a }}{% endmacro %}";
        let template = Template::of(text);
        assert_eq!(template.text, "\n{% macro f(a) %}{{ a }}{% endmacro %}");
        let at = template.text.find("{{ a").expect("there");
        let range = template.in_file(at..at + 7);
        assert_eq!(&text[range], "{{ a }}");
        assert_eq!(template.macros.len(), 1);
        assert_eq!(&text[template.macros[0].range.clone()], "{% macro f(a) %}{{ a }}{% endmacro %}");
    }

    #[test]
    fn generic_tests_are_macros() {
        let template =
            Template::of("{%- test t(model, a=1) -%}{{ a }}{%- endtest -%}{% data_test  u(b) %}{% enddata_test %}");
        assert_eq!(
            template.text,
            "{%- macro test_t(model, a=1) -%}{{ a }}{%- endmacro -%}{% macro test_u(b) %}{% endmacro %}"
        );
        let names: Vec<_> =
            template.macros.iter().map(|declared| (&*declared.name, declared.parameters.join(","))).collect();
        assert_eq!(names, [("test_t", "model,a".to_string()), ("test_u", "b".to_string())]);
    }

    #[test]
    fn macros_that_take_more_get_two_parameters() {
        let text = "{%- macro f(a, b=g('x,y', [1, 2])) -%}{{ kwargs.x }}{%- endmacro -%}{% macro g() %}{{ varargs }}{% endmacro %}";
        let template = Template::of(text);
        assert_eq!(
            template.text,
            "{%- macro f(a, b=g('x,y', [1, 2]), varargs=[], kwargs={}) -%}{{ kwargs.x }}{%- endmacro -%}{% macro g(varargs=[], kwargs={}) %}{{ varargs }}{% endmacro %}"
        );
        let names: Vec<_> =
            template.macros.iter().map(|m| (m.name.as_str(), m.parameters.join(" "), m.takes_more)).collect();
        assert_eq!(names, [("f", "a b".to_string(), true), ("g", String::new(), true)]);
        let at = template.text.find("{{ varargs").expect("there");
        assert_eq!(&text[template.in_file(at..at + 13)], "{{ varargs }}");
    }

    #[test]
    fn lists_and_dictionaries_can_be_changed() {
        let text = "{% set x = [] %}{%- set y={'a': [1]} -%}{% set z = f([]) %}{% set w %}[]{% endset %}";
        assert_eq!(
            Template::of(text).text,
            "{% set x = __mutable(([])) %}{%- set y=__mutable(({'a': [1]})) -%}{% set z = f([]) %}{% set w %}[]{% endset %}"
        );
    }

    #[test]
    fn the_query_of_a_snapshot_stays() {
        let text = "{% snapshot s %}{{ config(a=1) }}select 1{% endsnapshot %}";
        assert_eq!(Template::of(text).text, "{{ config(a=1) }}select 1");
    }
}
