//! A file of a dbt project.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::paths::Role;
use super::scan::{Kind, tag_with, tags};
use crate::lake::{FileId, ModelKind};

/// A file of queries, macros or rows.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub role: Role,
    pub package: String,
    /// Below the folder that says what it is.
    pub path: String,
    pub text: Arc<str>,
    /// Where its text stands among the sources of the run; macros and rows stand nowhere.
    pub file: FileId,
    /// Of a file with several snapshots: the block of this one.
    pub part: Option<(String, Range<usize>)>,
}

impl File {
    /// The name that others refer to.
    pub fn name(&self) -> &str {
        match &self.part {
            Some((name, _)) => name,
            None => {
                let file = self.path.rsplit('/').next().unwrap_or_default();
                file.rsplit_once('.').map_or(file, |(stem, _)| stem)
            }
        }
    }

    /// The file's snapshots, each by itself: their names are not those of files.
    pub fn parts(self) -> Vec<File> {
        if self.role != Role::Snapshot {
            return vec![self];
        }
        let mut parts = Vec::new();
        let mut open: Option<(String, usize)> = None;
        for tag in tags(&self.text).into_iter().filter(|tag| tag.kind == Kind::Statement) {
            match (tag.word(&self.text), &open) {
                ("snapshot", None) => {
                    let name = tag.inner(&self.text).trim().trim_start_matches("snapshot").trim();
                    open = Some((name.to_string(), tag.range.start));
                }
                ("endsnapshot", Some(_)) => {
                    let part = open.take().map(|(name, start)| (name, start..tag.range.end));
                    parts.push(File { part, ..self.clone() });
                }
                _ => {}
            }
        }
        parts
    }

    /// Where it says how its query is materialized: its `config`, else its first line.
    pub fn head(&self) -> Range<usize> {
        head(&self.text, self.part.as_ref().map(|(_, part)| part.clone()))
    }

    /// The text with what is not of this part as spaces: places stay.
    pub(super) fn own_text(&self) -> Cow<'_, str> {
        match &self.part {
            None => (&*self.text).into(),
            Some((_, part)) => {
                let spaces = |range: Range<usize>| " ".repeat(range.len());
                let before = spaces(0..part.start);
                let after = spaces(part.end..self.text.len());
                format!("{before}{}{after}", &self.text[part.clone()]).into()
            }
        }
    }

    pub(super) fn kind(&self) -> ModelKind {
        match self.role {
            Role::Snapshot => ModelKind::Snapshot,
            Role::Test => ModelKind::Test,
            Role::Analysis => ModelKind::Analysis,
            Role::Model | Role::Macro | Role::Seed | Role::Fixture => ModelKind::Model,
        }
    }

    /// Whether it holds SQL that dbt runs: models may be Python programs.
    pub fn is_query(&self) -> bool {
        !matches!(self.role, Role::Macro | Role::Seed | Role::Fixture) && self.path.ends_with(".sql")
    }

    /// Where it refers to a model.
    pub fn reference(&self, model: &str) -> Option<Range<usize>> {
        tag_with(&self.own_text(), model)
    }

    /// Whether others can refer to it.
    pub(super) fn is_relation(&self) -> bool {
        matches!(self.role, Role::Model | Role::Snapshot | Role::Seed)
    }
}

/// Where a file says how its query is materialized: its `config`, else its first line.
fn head(text: &str, part: Option<Range<usize>>) -> Range<usize> {
    let part = part.unwrap_or(0..text.len());
    let is_config =
        |inner: &str| inner.trim_start().strip_prefix("config").is_some_and(|rest| rest.trim_start().starts_with('('));
    let is_own = |range: &Range<usize>| part.start <= range.start && range.end <= part.end;
    let mut tags = tags(text).into_iter().filter(|tag| is_own(&tag.range) && tag.kind == Kind::Expression);
    if let Some(tag) = tags.find(|tag| is_config(tag.inner(text))) {
        return tag.range;
    }
    let own = &text[part.clone()];
    let start = part.start + own.len() - own.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).len();
    let end = text[start..part.end].find(['\r', '\n']).map_or(part.end, |at| start + at);
    start..end
}
