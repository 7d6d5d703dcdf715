//! How a new field looks behind an existing one: separators, indentation and line ends are those of the file.

use super::Field;
use crate::finding::Edit;
use crate::lake::{Slot, SlotStyle, Span};

/// The edits that write `fields` behind the slot's entry; `None` when the text there is not an entry of the slot's style.
pub(super) fn edits(text: &str, slot: Slot, fields: &[Field]) -> Option<Vec<Edit>> {
    let entry = Entry::at(text, slot.after)?;
    match slot.style {
        SlotStyle::Json => Some(entry.in_braces(&entry.json_assignment()?, true, fields)),
        SlotStyle::Hcl => Some(entry.in_braces(&entry.hcl_assignment()?, false, fields)),
        SlotStyle::Yaml => entry.in_block(fields),
    }
}

/// The entry of a slot, and what stands around it.
struct Entry<'a> {
    span: Span,
    /// Key, sign and value.
    written: &'a str,
    /// What stands before it on its line.
    before: &'a str,
    /// What stands behind it on its last line, without the line end.
    behind: &'a str,
    line_end: &'static str,
}

/// How an entry joins its key and its value.
struct Assignment<'a> {
    quote: &'static str,
    /// The blanks before the sign; several set the signs of a map under each other.
    gap: &'a str,
    /// Where the sign stands, counted from the key's start.
    column: usize,
    sign: char,
    /// The blanks behind the sign.
    blanks: &'a str,
}

impl<'a> Assignment<'a> {
    /// What follows a key of `key` bytes.
    fn read(quote: &'static str, key: usize, rest: &'a str, signs: &[char]) -> Option<Assignment<'a>> {
        let gap = blanks(rest);
        let sign = rest[gap.len()..].chars().next().filter(|sign| signs.contains(sign))?;
        Some(Assignment { quote, gap, column: key + gap.len(), sign, blanks: blanks(&rest[gap.len() + 1..]) })
    }

    fn write(&self, field: &Field) -> String {
        let key = format!("{quote}{}{quote}", field.key, quote = self.quote);
        let gap = match self.gap.len() {
            0 | 1 => self.gap.to_string(),
            _ => " ".repeat(self.column.saturating_sub(key.len()).max(1)),
        };
        format!("{key}{gap}{}{}{}", self.sign, self.blanks, field.value)
    }
}

impl<'a> Entry<'a> {
    fn at(text: &'a str, span: Span) -> Option<Entry<'a>> {
        // Spans of blocks may reach to the line after.
        let written = text.get(span.range())?.trim_end();
        let start = span.range().start;
        let end = start + written.len();
        let line = text[..start].rfind('\n').map_or(0, |i| i + 1);
        let line_break = text[line..].find('\n').map(|i| line + i).or(line.checked_sub(1));
        let is_crlf = line_break.is_some_and(|i| text[..i].ends_with('\r'));
        let behind = text[end..].split('\n').next().unwrap_or_default();
        Some(Entry {
            span: Span::new(span.file, start..end),
            written,
            before: text[line..start].trim_start_matches('\u{feff}'),
            behind: behind.strip_suffix('\r').unwrap_or(behind),
            line_end: if is_crlf { "\r\n" } else { "\n" },
        })
    }

    /// `"key": value`.
    fn json_assignment(&self) -> Option<Assignment<'a>> {
        let key = self.written.strip_prefix('"')?.split(['"', '\\']).next()?.len() + 2;
        self.written.get(..key).filter(|key| key.ends_with('"'))?;
        Assignment::read("\"", key, &self.written[key..], &[':'])
    }

    /// `key = value`, `"key" = value` or, in objects, `key: value`.
    fn hcl_assignment(&self) -> Option<Assignment<'a>> {
        if self.written.starts_with('"') {
            let key = self.written[1..].find('"')? + 2;
            return Assignment::read("\"", key, &self.written[key..], &['=', ':']);
        }
        let key = self.written.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').filter(|key| *key > 0)?;
        Assignment::read("", key, &self.written[key..], &['=', ':'])
    }

    /// In braces, entries are separated by commas; in HCL also by line ends.
    fn in_braces(&self, assignment: &Assignment<'_>, needs_comma: bool, fields: &[Field]) -> Vec<Edit> {
        let fields: Vec<String> = fields.iter().map(|field| assignment.write(field)).collect();
        if !self.before.trim().is_empty() {
            let comma = self.comma(assignment);
            return vec![self.edit(0, fields.iter().map(|field| format!("{comma}{field}")).collect())];
        }
        let next_line = format!("{}{}", self.line_end, self.before);
        let rest = self.behind.trim_start();
        let has_comma = rest.starts_with(',');
        let is_comment = ["//", "#"].iter().any(|mark| rest.trim_start_matches([',', ' ', '\t']).starts_with(mark));
        let comma = if has_comma || needs_comma { "," } else { "" };
        if !is_comment {
            return vec![self.edit(0, fields.iter().map(|field| format!("{comma}{next_line}{field}")).collect())];
        }
        // The comment stays behind the entry that it is about.
        let lines = fields.join(&format!("{comma}{next_line}"));
        let last = if has_comma { "," } else { "" };
        let line = self.edit(self.behind.len(), format!("{next_line}{lines}{last}"));
        match comma.is_empty() || has_comma {
            true => vec![line],
            false => vec![self.edit(0, comma.to_string()), line],
        }
    }

    /// A line of its own below the entry, in the column of its key.
    fn in_block(&self, fields: &[Field]) -> Option<Vec<Edit>> {
        let is_entry = !self.written.starts_with(['{', '[', '?', '&', '*', '#']) && self.written.contains(':');
        let indents = self.before.chars().all(|c| matches!(c, ' ' | '-'));
        let ends = self.behind.trim().is_empty() || self.behind.trim_start().starts_with('#');
        // The blank lines behind a text with a keep mark belong to it.
        let keeps = |line: &str| line.trim_end().ends_with('+') && line.contains(['|', '>']);
        if !is_entry || !indents || !ends || self.written.lines().any(keeps) {
            return None;
        }
        let column = self.before.replace('-', " ");
        let line = |field: &Field| format!("{}{column}{}: {}", self.line_end, field.key, field.value);
        Some(vec![self.edit(self.behind.len(), fields.iter().map(line).collect())])
    }

    /// The separator of entries on one line: as the file writes it beside this entry, else as it writes the sign.
    fn comma(&self, assignment: &Assignment<'_>) -> String {
        let next = self.behind.trim_start().strip_prefix(',').filter(|next| !next.trim().is_empty());
        let last = self.before.trim_end().ends_with(',').then(|| &self.before[self.before.trim_end().len()..]);
        let spaced = next.map(blanks).or(last).unwrap_or(assignment.blanks);
        if spaced.is_empty() { ",".to_string() } else { ", ".to_string() }
    }

    /// An insertion so many bytes behind the entry.
    fn edit(&self, distance: usize, text: String) -> Edit {
        let at = self.span.range().end + distance;
        Edit { span: Span::new(self.span.file, at..at), text }
    }
}

/// The blanks at the start of a text.
fn blanks(text: &str) -> &str {
    &text[..text.len() - text.trim_start_matches([' ', '\t']).len()]
}
