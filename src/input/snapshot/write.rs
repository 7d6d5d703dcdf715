//! Writing a snapshot: a new folder beside the old one, which takes its place when everything is on the disk.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::ser::PrettyFormatter;

use super::index::{
    FILE_NAME, HISTORY, Index, MACHINE_INDEX, MACHINES, MachinePart, TABLES, VIEWS, ViewPart, file_names,
};
use super::table_file::TableFile;
use crate::input::fetch::FetchedMachine;
use crate::lake::{Gap, History, Table, TableName};

/// After this time without a change, a folder is no longer being written.
const LEFT: Duration = Duration::from_secs(3600);
/// How often a scan tries again to take the place of a snapshot that others write too.
const ATTEMPTS: u32 = 5;

/// What a snapshot holds.
#[derive(Debug, Default)]
pub(in crate::input) struct Content<'a> {
    /// Sorted by name.
    pub tables: &'a [Table],
    /// What was refused where no table is known.
    pub gaps: Vec<Gap>,
    /// `CREATE VIEW` statements.
    pub views: BTreeMap<TableName, String>,
    /// State machines by name.
    pub machines: BTreeMap<String, FetchedMachine>,
    pub history: History,
}

/// Fails when a snapshot may not be written to a folder: it holds something else.
pub(in crate::input) fn check(folder: &Path, shown: &str) -> Result<()> {
    restore(folder)?;
    if folder.join(FILE_NAME).is_file() || !folder.exists() {
        return Ok(());
    }
    let mut entries = fs::read_dir(folder).with_context(|| format!("`{shown}` cannot be written"))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => bail!("`{shown}` is no snapshot and not empty: nothing is overwritten, choose another folder"),
    }
}

/// Writes a snapshot in place of whatever snapshot the folder holds. Other files in it are kept.
pub(in crate::input) fn write(folder: &Path, shown: &str, content: &Content<'_>) -> Result<()> {
    check(folder, shown)?;
    write_and_swap(folder, content).with_context(|| format!("`{shown}` cannot be written"))
}

fn write_and_swap(folder: &Path, content: &Content<'_>) -> Result<()> {
    // Two scans at once each write to a folder of their own.
    let new = beside(folder, &format!("new-{}", std::process::id()));
    remove_leftovers(folder)?;
    remove(&new)?;
    let written = write_all(&new, content).and_then(|()| swap(&new, folder));
    if written.is_err() {
        restore(folder)?;
        remove(&new)?;
    }
    written
}

fn write_all(new: &Path, content: &Content<'_>) -> Result<()> {
    fs::create_dir_all(new.join(TABLES))?;
    let index = Index::of(content.tables, &content.gaps);
    let files: Vec<_> = index.tables.iter().zip(content.tables).collect();
    files
        .par_iter()
        .try_for_each(|(entry, table)| write_json(&new.join(TABLES).join(&entry.file), &TableFile::of(table)))?;
    if !content.views.is_empty() {
        let part = |(name, sql): (&TableName, &String)| ViewPart { name: name.0.clone(), sql: sql.clone() };
        write_json(&new.join(VIEWS), &content.views.iter().map(part).collect::<Vec<_>>())?;
    }
    if !content.history.is_empty() {
        write_json(&new.join(HISTORY), &content.history)?;
    }
    write_machines(new, &content.machines)?;
    write_json(&new.join(FILE_NAME), &index)?;
    sync(&new.join(TABLES))?;
    sync(new)
}

/// Each definition is a file that `check` reads like any other.
fn write_machines(new: &Path, machines: &BTreeMap<String, FetchedMachine>) -> Result<()> {
    if machines.is_empty() {
        return Ok(());
    }
    let folder = new.join(MACHINES);
    fs::create_dir_all(&folder)?;
    let mut index = Vec::new();
    let files = file_names(machines.keys().map(String::as_str), ".asl.json");
    for (file, (name, machine)) in files.into_iter().zip(machines) {
        let mut out = File::create_new(folder.join(&file))?;
        out.write_all(machine.definition.as_bytes())?;
        out.sync_all()?;
        index.push(MachinePart { name: name.clone(), kind: machine.kind, file });
    }
    write_json(&new.join(MACHINE_INDEX), &index)?;
    sync(&folder)
}

/// Puts the new folder in place of the old one, also when another scan does the same at that moment: the last one wins.
fn swap(new: &Path, folder: &Path) -> Result<()> {
    let old = beside(folder, "old");
    let mut attempts = 0;
    loop {
        take_over(&old, new)?;
        if folder.exists() {
            match fs::rename(folder, &old) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        match fs::rename(new, folder) {
            Ok(()) => break,
            Err(error) if attempts == ATTEMPTS => return Err(error.into()),
            Err(_) => attempts += 1,
        }
    }
    if let Some(parent) = folder.parent() {
        sync(parent)?;
    }
    take_over(&old, folder)
}

/// Removes an old snapshot once the files in it that are no part of a snapshot are in the new one.
fn take_over(old: &Path, new: &Path) -> Result<()> {
    if old.exists() {
        keep_foreign(old, new)?;
        keep_foreign(&old.join(TABLES), &new.join(TABLES))?;
        remove(old)?;
    }
    Ok(())
}

/// Removes what scans left behind that were killed long ago: a folder that was made lately may be one that is being written.
fn remove_leftovers(folder: &Path) -> Result<()> {
    let Some(entries) = folder.parent().and_then(|parent| fs::read_dir(parent).ok()) else { return Ok(()) };
    let name = beside(folder, "new").file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(&name)) {
        let modified = entry.metadata().and_then(|metadata| metadata.modified()).ok();
        if modified.and_then(|time| time.elapsed().ok()).is_some_and(|age| age > LEFT) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Puts a snapshot back that an interrupted run had moved away.
fn restore(folder: &Path) -> Result<()> {
    let old = beside(folder, "old");
    if old.is_dir() && !folder.exists() {
        fs::rename(&old, folder)?;
    }
    Ok(())
}

/// A hidden folder beside another one.
fn beside(folder: &Path, what: &str) -> PathBuf {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    folder.with_file_name(format!(".{name}.{what}"))
}

/// Another scan may remove the same folder at the same time.
fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Moves what is no part of a snapshot, such as a `.gitattributes`.
fn keep_foreign(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        let text = name.to_string_lossy();
        let ours = text == TABLES || text == MACHINES || text.ends_with(".json");
        if !ours && !to.join(&name).exists() {
            fs::rename(from.join(&name), to.join(&name))?;
        }
    }
    Ok(())
}

/// One element of every list and object per line, without indentation: a changed partition changes few lines.
fn write_json(path: &Path, content: &impl Serialize) -> Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, File::create_new(path)?);
    content.serialize(&mut serde_json::Serializer::with_formatter(&mut out, PrettyFormatter::with_indent(b"")))?;
    out.write_all(b"\n")?;
    out.into_inner()?.sync_all()?;
    Ok(())
}

/// Makes the entries of a folder durable, where the system can.
fn sync(folder: &Path) -> Result<()> {
    match File::open(folder) {
        Ok(folder) if cfg!(unix) => Ok(folder.sync_all()?),
        _ => Ok(()),
    }
}
