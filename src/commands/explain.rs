//! `lakelint explain ID`: the page of a rule, of a question of the checklist or of a pattern, in the terminal.

use anyhow::bail;

use super::{Env, Status, print};
use crate::advice::PATTERNS;
use crate::audit::QUESTIONS;
use crate::config::did_you_mean;
use crate::output::page;
use crate::rules::RULES;

/// Fails on an unknown id.
pub fn run(id: &str, env: &mut Env<'_>) -> anyhow::Result<Status> {
    let rules = RULES.iter().map(|rule| (rule.id, rule.page_text));
    let questions = QUESTIONS.iter().map(|question| (question.id, question.page_text));
    let patterns = PATTERNS.iter().map(|pattern| (pattern.id, pattern.page_text));
    let pages: Vec<(&str, &str)> = rules.chain(questions).chain(patterns).collect();
    let Some((_, text)) = pages.iter().find(|(known, _)| *known == id) else {
        let known: Vec<&str> = pages.iter().map(|(id, _)| *id).collect();
        bail!("unknown rule `{id}`{}; `lakelint rules` lists them all", did_you_mean(id, &known));
    };
    print(env, &page::render(text, env.width, env.color))?;
    Ok(Status::Clean)
}
