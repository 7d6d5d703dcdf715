//! Patches made in the texts that they are about.

use std::collections::BTreeMap;

use crate::finding::{Edit, Patch};
use crate::lake::{FileId, Sources, Span};

/// What applying patches gave.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The new text of every file that changed.
    pub texts: BTreeMap<FileId, String>,
    /// Aligned with the patches: those that touch what an earlier one changed wait for the next time.
    pub is_applied: Vec<bool>,
}

/// Makes the changes. Of patches that touch each other the first counts; all bytes that no edit names stay.
pub fn apply<'a>(patches: impl IntoIterator<Item = &'a Patch>, sources: &Sources) -> Applied {
    let mut edits: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    let mut applied = Applied::default();
    for patch in patches {
        let taken = |edit: &Edit| edits.get(&edit.span.file).into_iter().flatten().any(|other| touch(edit, other));
        let is_free = fits(patch, sources) && !patch.edits.iter().any(taken);
        applied.is_applied.push(is_free);
        if is_free {
            patch.edits.iter().for_each(|edit| edits.entry(edit.span.file).or_default().push(edit));
        }
    }
    for (file, mut edits) in edits {
        // Stable: an insertion at the start of a replaced range comes first.
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        applied.texts.insert(file, edited(&sources.get(file).text, &edits));
    }
    applied
}

/// Whether the edits of a patch are in order and lie in texts on disk.
fn fits(patch: &Patch, sources: &Sources) -> bool {
    let lies = |span: Span| {
        let source = sources.get(span.file);
        source.inside.is_none() && source.text.get(span.range()).is_some()
    };
    let ordered = |pair: &[Edit]| pair[0].span.file == pair[1].span.file && pair[0].span.end <= pair[1].span.start;
    !patch.edits.is_empty() && patch.edits.iter().all(|edit| lies(edit.span)) && patch.edits.windows(2).all(ordered)
}

/// Also when one ends where the other starts: what is right there may depend on both.
fn touch(a: &Edit, b: &Edit) -> bool {
    a.span.start <= b.span.end && b.span.start <= a.span.end
}

fn edited(text: &str, edits: &[&Edit]) -> String {
    let mut out = String::with_capacity(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.span.range().start]);
        out.push_str(&edit.text);
        at = edit.span.range().end;
    }
    out.push_str(&text[at..]);
    out
}
