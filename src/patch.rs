//! Changes of files: put together from the places that rules know, and made in the texts.

mod apply;
mod insert;

pub use apply::{Applied, apply};

use crate::finding::{Edit, Patch};
use crate::lake::{Limit, Setting, Slot, Sources, Span};

/// A patch being put together. One change that cannot be made without doubt makes the whole patch impossible: the text at a place
/// is not what is expected there, or it stands inside of an escaped string.
#[derive(Debug)]
pub struct Draft<'a> {
    sources: &'a Sources,
    edits: Vec<Edit>,
    fields: Vec<(Slot, Vec<Field>)>,
    is_possible: bool,
}

/// A field to insert.
#[derive(Debug, Clone, Copy)]
struct Field {
    key: &'static str,
    value: u64,
}

impl<'a> Draft<'a> {
    pub fn new(sources: &'a Sources) -> Self {
        Draft { sources, edits: Vec::new(), fields: Vec::new(), is_possible: true }
    }

    /// Gives a retrier's number another value: in place of the written one, else as a new field.
    pub fn set(self, key: &'static str, setting: &Setting, slot: Option<Slot>, value: u64) -> Self {
        match (setting.written, setting.value) {
            (Some(span), Some(old)) => self.replace_number(span, old, value),
            (Some(_), None) => self.impossible(),
            (None, _) => self.insert(slot, key, value),
        }
    }

    /// Gives a limit another value: in place of the written one, else as a new field.
    pub fn limit(self, key: &'static str, limit: Limit, slot: Option<Slot>, seconds: u64) -> Self {
        match limit {
            Limit::Seconds { seconds: old, span } => self.replace_number(span, old as f64, seconds),
            Limit::Dynamic(_) => self.impossible(),
            Limit::Unset => self.insert(slot, key, seconds),
        }
    }

    /// Writes a number in place of another one; quotes around it stay.
    pub fn replace_number(self, span: Span, old: f64, new: u64) -> Self {
        self.replace(span, |text| text.parse() == Ok(old), new.to_string())
    }

    /// Writes a word in place of another one; quotes around it stay.
    pub fn replace_word(self, span: Span, old: &str, new: &str) -> Self {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        match !new.is_empty() && new.chars().all(is_plain) {
            true => self.replace(span, |text| text == old, new.to_string()),
            false => self.impossible(),
        }
    }

    /// Writes a new field, behind the entry of the slot and in its style.
    pub fn insert(mut self, slot: Option<Slot>, key: &'static str, value: u64) -> Self {
        let Some(slot) = slot else { return self.impossible() };
        let field = Field { key, value };
        match self.fields.iter_mut().find(|(other, _)| *other == slot) {
            Some((_, fields)) => fields.push(field),
            None => self.fields.push((slot, vec![field])),
        }
        self
    }

    /// The patch as one that `check --fix` applies: it changes nothing that works.
    pub fn safe(self) -> Option<Patch> {
        self.finish(true)
    }

    /// The patch as one to look at.
    pub fn suggestion(self) -> Option<Patch> {
        self.finish(false)
    }

    fn finish(self, is_safe: bool) -> Option<Patch> {
        let Draft { sources, mut edits, fields, is_possible } = self;
        for (slot, fields) in &fields {
            let text = on_disk(sources, slot.after)?;
            edits.extend(insert::edits(text, *slot, fields)?);
        }
        edits.sort_by_key(|edit| (edit.span.file, edit.span.start, edit.span.end));
        let is_whole = is_possible && !edits.is_empty();
        let in_order = |pair: &[Edit]| pair[0].span.file == pair[1].span.file && pair[0].span.end <= pair[1].span.start;
        (is_whole && edits.windows(2).all(in_order)).then_some(Patch { edits, is_safe })
    }

    fn replace(mut self, span: Span, is_expected: impl Fn(&str) -> bool, new: String) -> Self {
        const QUOTES: [char; 3] = ['"', '\'', '\\'];
        let Some(text) = on_disk(self.sources, span) else { return self.impossible() };
        let Some(written) = text.get(span.range()) else { return self.impossible() };
        let bare = written.trim_matches(QUOTES);
        if !is_expected(bare) {
            return self.impossible();
        }
        let start = span.range().start + written.len() - written.trim_start_matches(QUOTES).len();
        self.edits.push(Edit { span: Span::new(span.file, start..start + bare.len()), text: new });
        self
    }

    fn impossible(mut self) -> Self {
        self.is_possible = false;
        self
    }
}

/// The text of a file on disk; `None` for a text inside of another one, whose bytes may be written differently there.
fn on_disk(sources: &Sources, span: Span) -> Option<&str> {
    let source = sources.get(span.file);
    source.inside.is_none().then_some(&*source.text)
}

#[cfg(test)]
mod tests;
