//! What tests of containers ask of them.

use std::sync::Arc;

use super::{Body, Definition, Found};
use crate::document::{Document, Node, Text, parse};
use crate::lake::{Sources, Span};

/// What a reader finds in a text that stands alone.
pub(super) fn read_with(
    read: impl Fn(&Document, &str) -> Option<Found>,
    path: &str,
    text: &str,
) -> Option<(Found, Sources)> {
    let mut sources = Sources::default();
    let text: Arc<str> = text.into();
    let file = sources.add(path, text.clone());
    let document = parse(&Text::of_file(file, &text), path).ok()?;
    Some((read(&document, path)?, sources))
}

/// Line, column and text of a place.
pub(super) fn place(sources: &Sources, span: Span) -> (u32, u32, String) {
    let position = sources.position(span.file, span.start);
    (position.line, position.column, sources.text(span).to_owned())
}

/// The states of a definition that stands in its container.
pub(super) fn states(definition: &Definition) -> &Node {
    match &definition.body {
        Body::Inline(node) => node,
        Body::File { path, .. } => panic!("{path}"),
    }
}
