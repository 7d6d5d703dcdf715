//! What `lakelint audit` writes.

mod html;
mod json;
mod lines;
mod markdown;
mod terminal;

use crate::audit::Audit;

/// For whom an audit is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Terminal,
    Markdown,
    Json,
    Html,
}

/// The whole text, with a final line feed. `width` is that of the terminal, in columns.
pub fn render(form: Form, audit: &Audit<'_>, width: usize) -> String {
    match form {
        Form::Terminal => terminal::render(audit, width),
        Form::Markdown => markdown::render(audit),
        Form::Json => json::render(audit),
        Form::Html => page(&json::render(audit)),
    }
}

/// The page of a JSON document.
pub fn page(document: &str) -> String {
    html::render(document)
}
