//! Queries that dbt itself has compiled, for models that cannot be rendered here.

use std::ops::Range;

use super::file::File;
use super::project::{Project, Read};
use super::render::{Asked, Piece, Rendered};
use super::scan::{Kind, tags};

impl Project {
    /// A query of which dbt's own compiled text is known. Its lines stand where the model writes the same, else at the model's head.
    pub fn read_compiled(&self, file: &File, compiled: &str) -> Read {
        let config = self.config(file);
        let (refs, sources) = asked(&file.text);
        let asked = Asked { config: config.clone(), refs, sources, ..Asked::default() };
        let pieces = pieces(compiled, &file.text, &file.head());
        self.made(file, Rendered { text: compiled.to_string(), pieces, asked, is_guessed: false }, None, config)
    }
}

/// Where each line of a compiled text stands in the model. Lines that the model writes, too, come in the same order in both.
fn pieces(compiled: &str, model: &str, head: &Range<usize>) -> Vec<Piece> {
    let lines = |text: &str| {
        let mut at = 0;
        let split = text.split_inclusive('\n').map(|line| {
            at += line.len();
            let start = at - line.len() + (line.len() - line.trim_start().len());
            (start..start + line.trim().len(), at - line.len()..at)
        });
        split.collect::<Vec<_>>()
    };
    let written = lines(model);
    let mut next = 0;
    let mut pieces: Vec<Piece> = Vec::new();
    for (inner, whole) in lines(compiled) {
        let same = |(other, _): &(Range<usize>, Range<usize>)| model[other.clone()] == compiled[inner.clone()];
        let found = (!inner.is_empty()).then(|| written[next..].iter().position(same)).flatten();
        let file = match found {
            Some(at) => {
                let at = next + at;
                next = at + 1;
                written[at].0.clone()
            }
            None => head.clone(),
        };
        if whole.start < inner.start {
            pieces.push(Piece { rendered: whole.start..inner.start, file: head.clone() });
        }
        pieces.push(Piece { rendered: inner.clone(), file });
        if inner.end < whole.end {
            pieces.push(Piece { rendered: inner.end..whole.end, file: head.clone() });
        }
    }
    pieces
}

/// What a text asks for by names that are written out.
fn asked(text: &str) -> (Vec<String>, Vec<(String, String)>) {
    let (mut refs, mut sources) = (Vec::new(), Vec::new());
    for tag in tags(text).iter().filter(|tag| tag.kind != Kind::Comment) {
        let inner = tag.inner(text);
        for (name, at) in
            ["ref(", "source("].iter().flat_map(|name| inner.match_indices(name).map(|(at, name)| (name, at)))
        {
            let arguments = &inner[at + name.len()..];
            let arguments = &arguments[..arguments.find(')').unwrap_or(arguments.len())];
            let quoted: Vec<String> = arguments.split(['\'', '"']).skip(1).step_by(2).map(str::to_string).collect();
            match (name, quoted.as_slice()) {
                ("ref(", [.., model]) => refs.push(model.clone()),
                ("source(", [source, table, ..]) => sources.push((source.clone(), table.clone())),
                _ => {}
            }
        }
    }
    (refs, sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_where_the_model_writes_the_same() {
        let model =
            "{{ config(materialized='table') }}\nselect a,\n  {{ odd() }} as b\nfrom {{ ref('t') }}\nwhere a > 1\n";
        let compiled = "\nselect a,\n  3 as b\nfrom \"db\".\"t\"\n   where a > 1";
        let head = 0..34;
        let pieces = pieces(compiled, model, &head);
        let mut at = 0;
        let mut shown = Vec::new();
        for piece in &pieces {
            assert_eq!(piece.rendered.start, at);
            at = piece.rendered.end;
            if piece.file != head {
                shown.push((&compiled[piece.rendered.clone()], &model[piece.file.clone()]));
            }
        }
        assert_eq!(at, compiled.len());
        assert_eq!(shown, [("select a,", "select a,"), ("where a > 1", "where a > 1")]);
        let (refs, sources) = asked("{{ ref('p', \"t\") }} {% set x = source('a', 'b') %} {# ref('no') #}");
        assert_eq!((refs, sources), (vec!["t".to_string()], vec![("a".to_string(), "b".to_string())]));
    }
}
