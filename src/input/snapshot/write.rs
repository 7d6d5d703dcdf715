//! Writing a snapshot: a new folder beside the old one, which takes its place when everything is on the disk.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::ser::PrettyFormatter;

use super::index::{FILE_NAME, Index, TABLES};
use super::table_file::TableFile;
use crate::lake::Table;

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

/// Writes the tables, sorted by name, in place of whatever snapshot the folder holds. Other files in it are kept.
pub(in crate::input) fn write(folder: &Path, shown: &str, tables: &[Table]) -> Result<()> {
    check(folder, shown)?;
    write_and_swap(folder, tables).with_context(|| format!("`{shown}` cannot be written"))
}

fn write_and_swap(folder: &Path, tables: &[Table]) -> Result<()> {
    let (new, old) = (beside(folder, "new"), beside(folder, "old"));
    remove(&new)?;
    remove(&old)?;
    fs::create_dir_all(new.join(TABLES))?;
    let index = Index::of(tables);
    let files: Vec<_> = index.tables.iter().zip(tables).collect();
    files
        .par_iter()
        .try_for_each(|(entry, table)| write_json(&new.join(TABLES).join(&entry.file), &TableFile::of(table)))?;
    write_json(&new.join(FILE_NAME), &index)?;
    sync(&new.join(TABLES))?;
    sync(&new)?;
    if folder.exists() {
        fs::rename(folder, &old)?;
    }
    if let Err(error) = fs::rename(&new, folder) {
        restore(folder)?;
        return Err(error.into());
    }
    if let Some(parent) = folder.parent() {
        sync(parent)?;
    }
    if old.exists() {
        keep_foreign(&old, folder)?;
        keep_foreign(&old.join(TABLES), &folder.join(TABLES))?;
        remove(&old)?;
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

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() { Ok(fs::remove_dir_all(folder)?) } else { Ok(()) }
}

/// Moves what is no part of a snapshot, such as a `.gitattributes`.
fn keep_foreign(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        let text = name.to_string_lossy();
        let ours = text == TABLES || text.ends_with(".json");
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
