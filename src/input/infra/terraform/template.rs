//! Expressions in templates.

use crate::document::{Text, TextBuilder};
use crate::lake::{Span, TextMap};

/// Appends a `${...}` that nothing resolves, in a form that does not end a JSON string.
pub(super) fn push_hole(text: &mut TextBuilder, source: &str, span: Span) {
    if source.contains(['"', '\\', '\n', '\r', '\t']) {
        let source = source.replace(['"', '\\'], "");
        text.push_opaque(&source.split_whitespace().collect::<Vec<_>>().join(" "), span);
    } else {
        let map = TextMap::verbatim(span.file, span.range().start, source.len());
        text.push_text(&Text { value: source.into(), map });
    }
}
