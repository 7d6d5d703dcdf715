//! What is wrong with a definition: each becomes one finding, and the rest of the machine is still read.

use crate::config::did_you_mean;
use crate::finding::Place;
use crate::lake::{Span, Unreadable, UnreadableKind};

/// Names are compared with all others for so many of them: a definition that is wrong throughout is not worth the time.
const MOST_SUGGESTIONS: usize = 10;

/// The problems of one definition.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: Vec<Unreadable>,
    suggestions: usize,
}

impl Problems {
    pub(super) fn add(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.found.push(Unreadable {
            kind: UnreadableKind::StateMachine,
            place: Place::Span(span),
            message: message.into(),
            help: help.into(),
        });
    }

    /// `, did you mean ...?`
    pub(super) fn suggestion<'n>(&mut self, written: &str, known: impl Fn() -> Vec<&'n str>) -> String {
        self.suggestions += 1;
        match self.suggestions <= MOST_SUGGESTIONS {
            true => did_you_mean(written, &known()),
            false => String::new(),
        }
    }

    /// In the order of their places.
    pub(super) fn finish(mut self) -> Vec<Unreadable> {
        self.found.sort_by(|a, b| (&a.place, &a.message).cmp(&(&b.place, &b.message)));
        self.found
    }
}
