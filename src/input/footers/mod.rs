//! Footers of columnar files on the local disk: read in parallel, only their ends, and laid together per table.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use rayon::prelude::*;

use crate::finding::Place;
use crate::lake::{Column, Count, FileFormat, Footers, LeafColumn, LocalFile, Table, Unreadable, UnreadableKind};
use crate::shown_path::shown_path;
use assembly::Assembly;
use tail::Tail;

mod assembly;
mod bounds;
mod orc;
mod parquet_footer;
mod parquet_type;
mod parquet_values;
mod sample;
mod tail;

/// Paths that are named where footers cannot be read.
const NAMED: usize = 3;

/// What the footer of one file says. Every column has one entry per row group.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Footer {
    /// As in [`crate::lake::FileFooter::footer`].
    pub length: u64,
    /// As in [`crate::lake::FileFooter::indexes`].
    pub indexes: u64,
    /// Where each row group starts.
    pub starts: Vec<u64>,
    /// Rows of each row group.
    pub rows: Vec<u64>,
    /// In the order of the file's schema.
    pub columns: Vec<LeafColumn>,
}

/// Footers of an earlier run.
pub(crate) trait FooterCache: Sync {
    /// The footer of a file that has not changed since: same path, size and time of change.
    fn get(&self, file: &LocalFile) -> Option<Footer>;

    /// Takes note of a footer that had to be read.
    fn put(&self, _file: &LocalFile, _footer: &Footer) {}
}

/// The footers of one table's files.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub footers: Footers,
    /// The files that they are of, as indices of the files given; aligned with the footers' files.
    pub files: Vec<u32>,
    pub failures: Vec<Failure>,
}

/// A file whose footer cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// For people.
    pub path: String,
    /// What is wrong with it: `it has no Parquet or ORC footer`.
    pub reason: String,
}

/// Reads the footers of a table's files, of many files a sample. `of_files` is how many columnar files the table has, local or
/// not; the files are sorted by partition, then by path. Paths are shown relative to `base`.
pub(crate) fn read(files: &[LocalFile], of_files: u64, base: &Path, cache: Option<&dyn FooterCache>) -> Reading {
    let sample = sample::of(files);
    let one = |index: &u32| {
        let file = &files[*index as usize];
        if let Some(footer) = cache.and_then(|cache| cache.get(file)) {
            return Ok(footer);
        }
        let footer = footer(file)?;
        cache.inspect(|cache| cache.put(file, &footer));
        Ok(footer)
    };
    let footers: Vec<Result<Footer, String>> = sample.par_iter().map(one).collect();
    let mut assembly = Assembly::default();
    let mut reading = Reading::default();
    for (index, footer) in sample.into_iter().zip(footers) {
        let file = &files[index as usize];
        match footer {
            Ok(footer) => {
                assembly.add(file, footer);
                reading.files.push(index);
            }
            Err(reason) => reading.failures.push(Failure { path: shown_path(base, &file.path), reason }),
        }
    }
    reading.footers = assembly.finish();
    reading.footers.of_files = of_files;
    let named: BTreeSet<&String> = reading.failures.iter().map(|failure| &failure.path).collect();
    reading.footers.unreadable = named.into_iter().take(NAMED).cloned().collect();
    reading
}

/// Reads the footers of a table that has local columnar files; gives what cannot be read of them.
pub(crate) fn measure(table: &Table, base: &Path) -> Option<(Footers, Option<Unreadable>)> {
    measure_with(table, base, None)
}

/// As [`measure`], with the footers of an earlier run.
pub(crate) fn measure_with(
    table: &Table,
    base: &Path,
    cache: Option<&dyn FooterCache>,
) -> Option<(Footers, Option<Unreadable>)> {
    let layout = table.layout.as_ref().filter(|layout| !layout.local.is_empty())?;
    let reading = read(&layout.local, layout.columnar_files(table.format), base, cache);
    let problem = problem(table, &reading);
    Some((reading.footers, problem))
}

/// One report per table.
fn problem(table: &Table, reading: &Reading) -> Option<Unreadable> {
    let first = reading.failures.iter().min_by_key(|failure| &failure.path)?;
    let (failed, tried) = (reading.failures.len() as u64, reading.failures.len() + reading.files.len());
    let message = match failed {
        1 => format!("the footer of this file of `{}` cannot be read: {}", table.name, first.reason),
        _ => format!(
            "the footers of {} of {} files of `{}` cannot be read: of this one, {}",
            Count(failed),
            Count(tried as u64),
            table.name,
            first.reason
        ),
    };
    let help = "write the file again or move it out of the table's folder: a query over it fails, and its bytes are \
                estimated from the other files";
    Some(Unreadable {
        kind: UnreadableKind::Sql,
        place: Place::Path(first.path.clone()),
        message,
        help: help.to_string(),
    })
}

/// The columns of a table that nobody describes, as two of its files have them: the last, and what only the first has. Files
/// that cannot be read are passed over.
pub(super) fn columns(files: &[LocalFile]) -> Vec<Column> {
    let of = |file: &LocalFile| fields(&file.path).ok();
    let mut columns: Vec<Column> = files.iter().rev().take(FILES_TRIED).find_map(of).unwrap_or_default();
    for column in files.first().and_then(of).unwrap_or_default() {
        if !columns.iter().any(|known| known.name == column.name) {
            columns.push(column);
        }
    }
    columns
}

/// Files that are tried for the columns of a table.
const FILES_TRIED: usize = 16;

/// Whether a file is columnar, by its first bytes.
pub(super) fn format(path: &Path) -> Option<FileFormat> {
    let mut magic = [0; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut magic)).ok()?;
    match &magic {
        b"PAR1" => Some(FileFormat::Parquet),
        [b'O', b'R', b'C', _] => Some(FileFormat::Orc),
        _ => None,
    }
}

/// The footer of one file; an error says what is wrong with the file.
fn footer(file: &LocalFile) -> Result<Footer, String> {
    let mut tail = Tail::open(&file.path)?;
    if tail.size != file.bytes {
        return Err("it has changed since it was listed".to_string());
    }
    match tail.format()? {
        tail::Format::Parquet => parquet_footer::footer(&mut tail),
        tail::Format::Orc => orc::footer(&mut tail),
    }
}

/// The columns of one file.
fn fields(path: &Path) -> Result<Vec<Column>, String> {
    let mut tail = Tail::open(path)?;
    match tail.format()? {
        tail::Format::Parquet => parquet_footer::fields(&mut tail),
        tail::Format::Orc => orc::fields(&mut tail),
    }
}

#[cfg(test)]
pub(super) mod tests;
