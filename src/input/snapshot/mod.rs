//! Snapshots: everything that is known of a lake's tables, in a folder of text files that can be committed and compared.
//!
//! `snapshot.json` lists the tables, `tables/` has one file for each, `history.json` holds past runs. Only the files of wanted tables are opened.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use rayon::prelude::*;
use serde::Deserialize;

use crate::lake::{Gap, History, Table, TableName, WorkflowKind};
use crate::shown_path::without_dots;
use index::{
    Entry, FILE_NAME, HISTORY, Index, MACHINE_INDEX, MACHINES, MachinePart, TABLES, VERSION, VIEWS, Versioned, ViewPart,
};
use table_file::TableFile;

mod footer_cache;
mod footers_part;
mod index;
mod join;
mod mentions;
mod named_list;
mod table_file;
mod value_text;
mod wanted;
mod write;

pub(super) use footer_cache::Cache;
pub(super) use join::Stored;
pub(super) use wanted::Wanted;
pub(super) use write::{Content, check, write};

/// A snapshot that was found: its tables by name, none of them read yet.
#[derive(Debug)]
pub(super) struct Snapshot {
    folder: PathBuf,
    /// The folder for people.
    shown: String,
    entries: Vec<Entry>,
    /// What the scan was refused where no table is known.
    gaps: Vec<Gap>,
}

/// What to do about a snapshot that cannot be used.
const AGAIN: &str = "take it again with `lakelint scan`";

/// Whether a folder holds a snapshot.
pub(super) fn is_snapshot(folder: &Path) -> bool {
    folder.join(FILE_NAME).is_file()
}

/// A state machine as it was at the scan; its definition is a file.
#[derive(Debug, Clone)]
pub(super) struct StoredMachine {
    pub name: String,
    pub kind: Option<WorkflowKind>,
}

/// The state machines that a snapshot's folder holds, by the paths of their definitions.
pub(super) fn machines(folder: &Path, shown: &str) -> Result<BTreeMap<PathBuf, StoredMachine>> {
    let path = folder.join(MACHINE_INDEX);
    if !path.exists() {
        return Ok(BTreeMap::new());
    }
    let place = format!("{shown}/{MACHINE_INDEX}");
    let parts: Vec<MachinePart> = parse(&read(&path, &place)?, &place)?;
    let folder = folder.join(MACHINES);
    let machine = |MachinePart { name, kind, file }: MachinePart| match index::is_file_name(&file) {
        true => Ok((without_dots(&folder.join(file)), StoredMachine { name, kind })),
        false => Err(anyhow!("`{place}` names a file `{file}`, which is none of a snapshot: {AGAIN}")),
    };
    parts.into_iter().map(machine).collect()
}

/// The past runs that a snapshot's folder holds, with the file for people and its text; `None` where the scan read none.
pub(super) fn history(folder: &Path, shown: &str) -> Result<Option<(History, String, String)>> {
    let path = folder.join(HISTORY);
    if !path.exists() {
        return Ok(None);
    }
    let place = format!("{shown}/{HISTORY}");
    let bytes = read(&path, &place)?;
    let history = parse(&bytes, &place)?;
    // What is JSON is UTF-8.
    Ok(Some((history, place, String::from_utf8_lossy(&bytes).into_owned())))
}

impl Snapshot {
    /// Reads `snapshot.json`.
    pub(super) fn open(folder: &Path, shown: &str) -> Result<Snapshot> {
        let path = folder.join(FILE_NAME);
        let place = format!("{shown}/{FILE_NAME}");
        let text = read(&path, &place)?;
        let Versioned { version } = parse(&text, &place)?;
        if version != VERSION {
            let who = if version > VERSION { "a newer" } else { "an older" };
            return Err(anyhow!(
                "`{place}` has version {version}, made by {who} lakelint; this one reads version {VERSION}: {AGAIN}"
            ));
        }
        let Index { tables: entries, gaps, .. } = parse(&text, &place)?;
        match entries.iter().find(|entry| !index::is_file_name(&entry.file)) {
            Some(entry) => {
                Err(anyhow!("`{place}` names a file `{}`, which is none of a snapshot: {AGAIN}", entry.file))
            }
            None => Ok(Snapshot { folder: folder.to_path_buf(), shown: shown.to_string(), entries, gaps }),
        }
    }

    /// Reads the tables of these names, in the snapshot's order.
    pub(super) fn tables(&self, wanted: impl Fn(&TableName) -> bool) -> Result<Vec<Table>> {
        let name = |entry: &Entry| TableName(entry.name.clone());
        let entries: Vec<&Entry> = self.entries.iter().filter(|entry| wanted(&name(entry))).collect();
        entries.into_par_iter().map(|entry| self.table(entry)).collect()
    }

    /// `CREATE VIEW` statements by the names of their views.
    pub(super) fn views(&self) -> Result<BTreeMap<TableName, String>> {
        let path = self.folder.join(VIEWS);
        if !path.exists() {
            return Ok(BTreeMap::new());
        }
        let place = format!("{}/{VIEWS}", self.shown);
        let text = read(&path, &place)?;
        let views: Vec<ViewPart> = parse(&text, &place)?;
        Ok(views.into_iter().map(|view| (TableName(view.name), view.sql)).collect())
    }

    /// Unqualified names of all tables.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|entry| entry.name.last()).map(String::as_str)
    }

    fn table(&self, entry: &Entry) -> Result<Table> {
        let path = self.folder.join(TABLES).join(&entry.file);
        let place = format!("{}/{TABLES}/{}", self.shown, entry.file);
        let text = read(&path, &place)?;
        let file: TableFile<'_> = parse(&text, &place)?;
        let wrong = |what: String| anyhow!("`{place}` was changed since the scan: {what}: {AGAIN}");
        if file.name != entry.name {
            let named = |name: &[String]| TableName(name.to_vec()).to_string();
            return Err(wrong(format!("it holds `{}`, expected `{}`", named(&file.name), named(&entry.name))));
        }
        let table = file.table().map_err(wrong)?;
        match Entry::of(&table, entry.file.clone()) == *entry {
            true => Ok(table),
            false => Err(wrong(format!("its partitions, files or bytes are not those of `{FILE_NAME}`"))),
        }
    }
}

/// Reads a file of the snapshot; `place` names it in errors.
fn read(path: &Path, place: &str) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("`{place}` cannot be read: {AGAIN}"))
}

fn parse<'a, T: Deserialize<'a>>(text: &'a [u8], place: &str) -> Result<T> {
    serde_json::from_slice(text).map_err(|error| {
        let what = match error.is_eof() {
            true => "is truncated".to_string(),
            false => {
                let text = error.to_string();
                let place = format!(" at line {} column {}", error.line(), error.column());
                format!("cannot be understood: {}", text.strip_suffix(&place).unwrap_or(&text))
            }
        };
        anyhow!("`{place}` line {} {what}: {AGAIN}", error.line())
    })
}

#[cfg(test)]
mod tests;
