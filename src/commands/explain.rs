//! `lakelint explain RULE`: a rule's page in the terminal.

use anyhow::bail;

use super::{Env, Status, print};
use crate::config::did_you_mean;
use crate::output::page;
use crate::rules::{self, RULES};

/// Fails on an unknown rule.
pub fn run(id: &str, env: &mut Env<'_>) -> anyhow::Result<Status> {
    let Some(rule) = rules::find(id) else {
        let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        bail!("unknown rule `{id}`{}; `lakelint rules` lists them all", did_you_mean(id, &known));
    };
    print(env, &page::render(rule.page_text, env.width, env.color))?;
    Ok(Status::Clean)
}
