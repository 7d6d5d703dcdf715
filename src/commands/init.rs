//! `lakelint init`: looks at a repository, says what it found, and writes a configuration, a hook and a job for CI.

mod kit;
mod place;
mod survey;

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{Env, Status, print, say};
use crate::config::FILE_NAME;
use crate::controls::visible_name;
use crate::input::git::Repository;
use crate::onboarding::{Done, HOOK, Row, before_release, found, next};
use crate::output::item;
use kit::{Kit, kit};
use place::{Place, look, put};
use survey::{Survey, survey};

/// Columns of what a row is about.
const LABEL: usize = 16;

/// A file to write.
struct NewFile {
    /// Nothing is written outside of this folder.
    root: PathBuf,
    /// Where in the folder.
    below: String,
    /// As shown to the user.
    shown: String,
    text: String,
    /// What it is good for.
    about: String,
}

/// What the run tells, section by section.
#[derive(Default)]
struct Told {
    written: Vec<String>,
    there: Vec<String>,
    /// What goes into a file that is there, with the file.
    to_add: Vec<(String, String)>,
    /// Files of a dry run.
    texts: Vec<(String, String)>,
    done: Done,
    has_failed: bool,
}

/// Never overwrites a file. What cannot be done is told, and the rest is done.
pub fn run(dry_run: bool, env: &mut Env<'_>) -> anyhow::Result<Status> {
    let Survey { seen, draft, config, warnings } = survey(env)?;
    for warning in &warnings {
        say(env, &format!("warning: {}\n", visible_name(warning)));
    }
    let folder = config.parent().unwrap_or(&env.base).to_path_buf();
    let repository = Repository::around(&folder);
    let Kit { files: offered, there, to_add, rows, mut notes } = match &repository {
        Ok(repository) => {
            // Jobs run where the configuration is.
            kit(repository, &folder, &env.base)
        }
        Err(error) => Kit::without_git(&env.base, error),
    };
    let mut told = Told { there, to_add, ..Told::default() };
    match draft {
        Some(text) => {
            if repository.is_ok() {
                told.done.sources = files(&seen.sources, &env.base);
            }
            tell(&config_file(env, text)?, dry_run, env, &mut told);
        }
        None => told.there.insert(0, crate::shown_path::shown_path(&env.base, &config)),
    }
    let written = told.written.len();
    offered.iter().for_each(|file| tell(file, dry_run, env, &mut told));
    if told.written.len() > written || !told.to_add.is_empty() {
        notes.extend(before_release().map(str::to_string));
    }
    let mut all = found(&seen);
    let is_checkable = seen.has_something();
    all.extend(rows);
    let steps = next(&seen, &told.done);
    let width = env.width;
    let mut text = section("found", all.iter().map(|row| row_text(row, width)));
    if !is_checkable {
        text.push_str(&item("", "no SQL, table definitions or state machines: there is nothing to check yet", width));
    }
    text.push_str(&told.text(dry_run, width));
    text.extend(notes.iter().map(|note| item("", note, width) + "\n"));
    text.push_str(&section("next", steps.iter().map(|(run, why)| format!("  {run}\n{}", item("      ", why, width)))));
    print(env, &text).context("standard output")?;
    Ok(if told.has_failed { Status::Failed } else { Status::Clean })
}

/// Those sources that are files, with their bytes.
fn files(sources: &[String], base: &Path) -> Vec<(String, u64)> {
    let file = |name: &String| {
        let metadata = base.join(name).metadata().ok()?;
        metadata.is_file().then(|| (name.clone(), metadata.len()))
    };
    sources.iter().filter_map(file).collect()
}

fn config_file(env: &Env<'_>, text: String) -> anyhow::Result<NewFile> {
    let settings: toml::Table = text.parse().context("the configuration that was made")?;
    let names: Vec<String> = settings
        .iter()
        .map(|(name, value)| if value.is_table() { format!("`[{name}]`") } else { format!("`{name}`") })
        .collect();
    let active = match names.is_empty() {
        true => String::new(),
        false => format!("; in force: {}", names.join(", ")),
    };
    Ok(NewFile {
        root: env.base.clone(),
        below: FILE_NAME.to_string(),
        shown: FILE_NAME.to_string(),
        text,
        about: format!("every setting as a comment, with its default{active}"),
    })
}

/// Writes a file, or says what would be written.
fn tell(file: &NewFile, dry_run: bool, env: &mut Env<'_>, told: &mut Told) {
    let placed = match dry_run {
        true => look(&file.root, &file.below),
        false => put(&file.root, &file.below, &file.text),
    };
    match placed {
        Ok(Place::Free) => {
            told.done.has_new_hook |= file.below == HOOK;
            told.written.push(format!("`{}`: {}", file.shown, file.about));
            if dry_run {
                told.texts.push((file.shown.clone(), file.text.clone()));
            }
        }
        Ok(Place::Taken) => told.there.push(file.shown.clone()),
        Err(error) => {
            told.has_failed = true;
            say(env, &format!("error: {}\n", visible_name(&format!("{error:#}"))));
        }
    }
}

impl Told {
    fn text(&self, dry_run: bool, width: usize) -> String {
        let verb = if dry_run { "would write" } else { "wrote" };
        let mut text = section(verb, self.written.iter().map(|line| item("  ", line, width)));
        let there = self.there.iter().map(|path| item("  ", &format!("`{path}`"), width));
        text.push_str(&section("already there, and left as it is", there));
        for (place, lines) in &self.to_add {
            text.push_str(&item("", &format!("add to {place}:"), width));
            text.push_str(&format!("\n{lines}\n"));
        }
        for (path, lines) in &self.texts {
            text.push_str(&format!("--- {}\n{lines}\n", visible_name(path)));
        }
        text
    }
}

fn row_text(row: &Row, width: usize) -> String {
    item(&format!("  {:LABEL$}", row.label), &row.text, width)
}

/// A heading over lines; nothing without lines.
fn section(heading: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: String = lines.collect();
    if lines.is_empty() { lines } else { format!("{heading}\n{lines}\n") }
}
