//! The checklist in the document.

use serde::Serialize;

use crate::audit::{Answer, Answered, Reason as Evidence};
use crate::output::audit::lines;

#[derive(Serialize)]
pub(super) struct Checked<'a> {
    id: &'a str,
    question: &'a str,
    answer: &'static str,
    reasons: Vec<Reason<'a>>,
    /// What to do; null where the answer is yes.
    help: Option<String>,
}

#[derive(Serialize)]
struct Reason<'a> {
    text: &'a str,
    file: Option<&'a str>,
    /// 1-based.
    line: Option<u32>,
}

pub(super) fn checked(answered: &Answered) -> Checked<'_> {
    Checked {
        id: answered.question.id,
        question: answered.question.page().title,
        answer: lines::answer(answered.answer),
        reasons: answered.reasons.iter().map(reason).collect(),
        help: (answered.answer != Answer::Yes).then(|| answered.question.help()),
    }
}

fn reason(reason: &Evidence) -> Reason<'_> {
    Reason { text: &reason.text, file: reason.file.as_deref(), line: reason.line }
}
