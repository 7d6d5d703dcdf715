//! The evidence for and against, and what comes of it.

use crate::finding::Place;
use crate::lake::{Count, Lake, Lines};

/// What a question is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
    NotEnoughEvidence,
}

/// One piece of evidence, or what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// In the tool's message style.
    pub text: String,
    /// As shown to the user.
    pub file: Option<String>,
    /// 1-based.
    pub line: Option<u32>,
}

/// Reasons that are listed at most.
const MOST: usize = 20;

/// Collects the evidence about one question.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    lake: &'a Lake,
    lines: Lines<'a>,
    good: Vec<Reason>,
    bad: Vec<Reason>,
    missing: Vec<Reason>,
}

impl<'a> Case<'a> {
    pub(super) fn new(lake: &'a Lake) -> Case<'a> {
        Case { lake, lines: Lines::new(&lake.sources), good: Vec::new(), bad: Vec::new(), missing: Vec::new() }
    }

    /// Speaks for yes.
    pub(super) fn good(&mut self, place: Place, text: impl Into<String>) {
        let reason = self.reason(&place, text.into());
        self.good.push(reason);
    }

    /// One of these makes the answer no.
    pub(super) fn bad(&mut self, place: Place, text: impl Into<String>) {
        let reason = self.reason(&place, text.into());
        self.bad.push(reason);
    }

    /// One of these keeps the answer from being yes.
    pub(super) fn missing(&mut self, place: Place, text: impl Into<String>) {
        let reason = self.reason(&place, text.into());
        self.missing.push(reason);
    }

    /// Whether nothing was said yet.
    pub(super) fn is_empty(&self) -> bool {
        self.good.is_empty() && self.bad.is_empty() && self.missing.is_empty()
    }

    fn reason(&mut self, place: &Place, text: String) -> Reason {
        let (file, line) = match place {
            Place::Span(span) => {
                let span = self.lake.sources.on_disk(*span);
                (
                    Some(self.lake.sources.get(span.file).path.clone()),
                    Some(self.lines.position(span.file, span.start).line),
                )
            }
            Place::File(file) => (Some(self.lake.sources.get(*file).path.clone()), None),
            Place::Path(path) => (Some(path.clone()), None),
            Place::Lake => (None, None),
        };
        Reason { text, file, line }
    }

    /// No where something speaks against it; yes where something speaks for it and nothing is missing.
    pub(super) fn close(self) -> (Answer, Vec<Reason>) {
        let (answer, mut reasons) = match (self.bad.is_empty(), self.missing.is_empty(), self.good.is_empty()) {
            (false, _, _) => (Answer::No, self.bad),
            (true, true, false) => (Answer::Yes, self.good),
            (true, _, _) => (Answer::NotEnoughEvidence, [self.missing, self.good].concat()),
        };
        let more = reasons.len().saturating_sub(MOST);
        reasons.truncate(MOST);
        if more > 0 {
            let text = format!("and {} more", Count(more as u64));
            reasons.push(Reason { text, file: None, line: None });
        }
        (answer, reasons)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fault_is_a_no_and_one_gap_keeps_it_open() {
        let lake = Lake::default();
        let answer = |good: usize, bad: usize, missing: usize| {
            let mut case = Case::new(&lake);
            (0..good).for_each(|_| case.good(Place::Lake, "good"));
            (0..bad).for_each(|_| case.bad(Place::Path("a.sql".to_string()), "bad"));
            (0..missing).for_each(|_| case.missing(Place::Lake, "missing"));
            let (answer, reasons) = case.close();
            (answer, reasons.into_iter().map(|reason| reason.text).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(answer(1, 1, 1), (Answer::No, "bad".to_string()));
        assert_eq!(answer(1, 0, 1), (Answer::NotEnoughEvidence, "missing good".to_string()));
        assert_eq!(answer(2, 0, 0), (Answer::Yes, "good good".to_string()));
        assert_eq!(answer(0, 0, 0), (Answer::NotEnoughEvidence, String::new()));
        assert!(answer(0, 1_020, 0).1.ends_with("bad and 1,000 more"));
    }
}
