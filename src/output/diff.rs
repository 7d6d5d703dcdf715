//! A patch as lines: what goes, what comes, and a line around it.

use crate::finding::{Edit, Patch};
use crate::lake::Sources;

/// One line of a diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub kind: Kind,
    /// Of the old text for a line that goes, else of the new one; from 1.
    pub number: usize,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Same,
    Gone,
    New,
}

/// The lines that a patch changes, each group with at most one line before and one behind it.
pub(super) fn lines(patch: &Patch, sources: &Sources) -> Vec<Line> {
    let Some(file) = patch.edits.first().map(|edit| edit.span.file) else { return Vec::new() };
    let text = &*sources.get(file).text;
    let mut lines = Vec::new();
    // How many lines the groups so far have added.
    let mut shift = 0;
    for group in groups(&patch.edits, text) {
        shift += group.lines(text, shift, &mut lines);
    }
    lines
}

/// Edits of neighbouring lines.
struct Group<'a> {
    edits: Vec<&'a Edit>,
    /// Of the whole lines.
    start: usize,
    end: usize,
}

fn groups<'a>(edits: &'a [Edit], text: &str) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for edit in edits {
        let (start, end) = (line_start(text, edit.span.range().start), line_end(text, edit.span.range().end));
        match groups.last_mut().filter(|last| start <= last.end + 1) {
            Some(last) => {
                last.end = last.end.max(end);
                last.edits.push(edit);
            }
            None => groups.push(Group { edits: vec![edit], start, end }),
        }
    }
    groups
}

impl Group<'_> {
    /// Adds its lines; returns by how many lines the text grows.
    fn lines(&self, text: &str, shift: isize, out: &mut Vec<Line>) -> isize {
        let new = self.edited(text);
        let old: Vec<&str> = text[self.start..self.end].split('\n').collect();
        let new: Vec<&str> = new.split('\n').collect();
        let same = |(a, b): &(&&str, &&str)| a.trim_end_matches('\r') == b.trim_end_matches('\r');
        let before = old.iter().zip(&new).take_while(same).count();
        let rest = old.len().min(new.len()) - before;
        let behind = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(same).count();

        let first = 1 + text[..self.start].matches('\n').count();
        let renumbered = |number: usize| number.saturating_add_signed(shift);
        let mut add = |kind, number, text: &str| {
            let text = text.trim_start_matches('\u{feff}').trim_end_matches('\r').to_string();
            out.push(Line { kind, number, text });
        };
        match before.checked_sub(1) {
            Some(last) => add(Kind::Same, renumbered(first + last), old[last]),
            None if self.start > 0 => {
                let line = &text[line_start(text, self.start - 1)..self.start - 1];
                add(Kind::Same, renumbered(first - 1), line);
            }
            None => {}
        }
        for (i, line) in old[before..old.len() - behind].iter().enumerate() {
            add(Kind::Gone, first + before + i, line);
        }
        for (i, line) in new[before..new.len() - behind].iter().enumerate() {
            add(Kind::New, renumbered(first) + before + i, line);
        }
        let number = renumbered(first) + new.len() - behind;
        match behind {
            0 if self.end < text.len() => {
                add(Kind::Same, number, &text[self.end + 1..line_end(text, self.end + 1)]);
            }
            0 => {}
            _ => add(Kind::Same, number, old[old.len() - behind]),
        }
        new.len() as isize - old.len() as isize
    }

    /// Its lines with the edits made.
    fn edited(&self, text: &str) -> String {
        let mut new = String::new();
        let mut at = self.start;
        for edit in &self.edits {
            new.push_str(&text[at..edit.span.range().start]);
            new.push_str(&edit.text);
            at = edit.span.range().end;
        }
        new + &text[at..self.end]
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |i| i + 1)
}

/// Without the line feed.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |i| at + i)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::{FileId, Span};

    fn shown(text: &str, edits: &[(&str, &str)]) -> String {
        let mut sources = Sources::default();
        sources.add("a", text);
        let edit = |(old, new): &(&str, &str)| {
            let start = text.find(old).expect("in the text");
            // `x` and a bar is an insertion behind it.
            let span = Span::new(FileId(0), start..start + old.len());
            match new.strip_prefix('|') {
                Some(new) => Edit { span: Span { start: span.end, ..span }, text: new.to_string() },
                None => Edit { span, text: new.to_string() },
            }
        };
        let patch = Patch { edits: edits.iter().map(edit).collect(), is_safe: true };
        let sign = |kind| match kind {
            Kind::Same => ' ',
            Kind::Gone => '-',
            Kind::New => '+',
        };
        lines(&patch, &sources).iter().map(|l| format!("{}{}{}\n", l.number, sign(l.kind), l.text)).collect()
    }

    #[test]
    fn a_replaced_value_is_a_line_that_goes_and_one_that_comes() {
        assert_eq!(shown("{\n  1,\n  99\n}\n", &[("99", "6")]), "2   1,\n3-  99\n3+  6\n4 }\n");
        assert_eq!(shown("\u{feff}99", &[("99", "6")]), "1-99\n1+6\n");
        assert_eq!(shown("a 9 9 b\r\nc\r\n", &[("9 9", "6")]), "1-a 9 9 b\n1+a 6 b\n2 c\n");
    }

    #[test]
    fn an_inserted_line_changes_no_other_one_that_keeps_its_text() {
        assert_eq!(shown("a: 1\nb: 2\nc: 3", &[("b: 2", "|\nx: 5")]), "2 b: 2\n3+x: 5\n4 c: 3\n");
        assert_eq!(shown("{\r\n  1,\r\n  2\r\n}", &[("  1", "|,\r\n  5")]), "2   1,\n3+  5,\n4   2\n");
        assert_eq!(shown("{\n  2\n}", &[("  2", "|,\n  5")]), "1 {\n2-  2\n2+  2,\n3+  5\n4 }\n");
        assert_eq!(shown("a: 1", &[("a: 1", "|\nx: 5")]), "1 a: 1\n2+x: 5\n");
    }

    #[test]
    fn later_groups_count_the_lines_that_earlier_ones_add() {
        let text = "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\n";
        assert_eq!(
            shown(text, &[("a: 1", "|\nx: 5"), ("e: 5", "e: 7")]),
            "1 a: 1\n2+x: 5\n3 b: 2\n5 d: 4\n5-e: 5\n6+e: 7\n7 f: 6\n"
        );
    }
}
