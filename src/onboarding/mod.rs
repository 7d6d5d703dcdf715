//! A repository's first steps: what was found in it, a configuration that fits, a hook, jobs for CI, and what to run next.
//! Nothing but texts is made here; `commands/init.rs` reads and writes.

mod found;
mod kit;
mod next;
mod runs;
mod settings;

pub(crate) use found::{Row, found};
pub(crate) use kit::{
    GITLAB_CI, GITLAB_JOBS, HOOK, WORKFLOWS, before_release, free_name, github, gitlab, hook, hook_entry, include,
};
pub(crate) use next::{Done, next};
pub(crate) use runs::{hook_covers, pipeline, pipeline_covers, workflow_covers};
pub(crate) use settings::settings;

use crate::input::Landmarks;
use crate::lake::Lake;

/// A repository as `lakelint check` sees it, and what else is in it.
pub(crate) struct Seen {
    pub landmarks: Landmarks,
    /// Read with the configuration that counts from now on.
    pub lake: Lake,
    /// What tells of the lake, as shown.
    pub sources: Vec<String>,
}

impl Seen {
    /// Whether there is something to look at, now or once CDK has made it.
    pub(crate) fn has_something(&self) -> bool {
        self.is_checkable() || !self.landmarks.cdk.is_empty()
    }

    /// Whether `lakelint check` has something to look at.
    fn is_checkable(&self) -> bool {
        let Seen { lake, landmarks, .. } = self;
        lake.statements > 0
            || lake.asked_workflows().next().is_some()
            || lake.asked_resources().next().is_some()
            || !lake.not_analysed.is_empty()
            || !lake.unreadable.is_empty()
            || !landmarks.dbt.is_empty()
    }
}

/// `1 file`, `2 files`.
fn count(n: usize, one: &str) -> String {
    format!("{} {one}{}", crate::lake::Count(n as u64), if n == 1 { "" } else { "s" })
}

/// A text in quotes, as JSON, YAML and TOML have it.
fn quoted(text: &str) -> String {
    // What JSON leaves as it is and TOML does not allow.
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// A word of a shell command, in quotes where it needs some.
fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:".contains(c);
    match !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain) {
        true => text.to_string(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}
