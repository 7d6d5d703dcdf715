//! Footers of columnar files, on the local disk or in a bucket: read in parallel, only their ends, and laid together per table.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use rayon::prelude::*;

use crate::finding::Place;
use crate::lake::{
    Column, ColumnarFile, Count, FileAt, FileFormat, Footers, LeafColumn, Table, Unreadable, UnreadableKind,
};
use crate::shown_path::shown_path;
use assembly::Assembly;
use tail::Tail;

pub(crate) use orc::{OrcColumn, OrcStripe, OrcTexts, orc_columns};

mod assembly;
pub(super) mod bounds;
mod orc;
mod parquet_footer;
mod parquet_type;
mod parquet_values;
mod sample;
mod tail;

pub(crate) use sample::scatter;

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
    fn get(&self, file: &ColumnarFile) -> Option<Footer>;

    /// Takes note of a footer that had to be read.
    fn put(&self, _file: &ColumnarFile, _footer: &Footer) {}
}

/// Objects that can be read in part.
pub(crate) trait Objects: Sync {
    /// Bytes of the object `s3://bucket/key`; an error says what is wrong with it: `access denied`.
    fn range(&self, object: &str, start: u64, length: u64) -> Result<Vec<u8>, String>;
}

/// How footers are read.
#[derive(Clone, Copy, Default)]
pub(crate) struct Access<'a> {
    /// Footers of an earlier run.
    pub cache: Option<&'a dyn FooterCache>,
    /// The way to objects; they cannot be read without it.
    pub objects: Option<&'a dyn Objects>,
    /// Footers read per table at most; `None` where nobody says.
    pub most: Option<usize>,
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
/// not; the files are sorted by partition, then by place. Paths are shown relative to `base`.
pub(crate) fn read(files: &[ColumnarFile], of_files: u64, base: &Path, access: &Access<'_>) -> Reading {
    let sample = sample::of(files, access.most);
    let cache = access.cache;
    let one = |index: &u32| {
        let file = &files[*index as usize];
        if let Some(footer) = cache.and_then(|cache| cache.get(file)) {
            return Ok(footer);
        }
        let footer = footer(file, access.objects)?;
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
            Err(reason) => reading.failures.push(Failure { path: file.shown(base), reason }),
        }
    }
    reading.footers = assembly.finish();
    reading.footers.of_files = of_files;
    let named: BTreeSet<&String> = reading.failures.iter().map(|failure| &failure.path).collect();
    reading.footers.unreadable = named.into_iter().take(NAMED).cloned().collect();
    reading
}

/// Reads the footers of a table whose columnar files can be read; gives what cannot be read of them.
pub(crate) fn measure(table: &Table, base: &Path, access: &Access<'_>) -> Option<(Footers, Option<Unreadable>)> {
    let layout = table.layout.as_ref().filter(|layout| !layout.columnar.is_empty())?;
    let reading = read(&layout.columnar, layout.columnar_files(table.format), base, access);
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
pub(super) fn columns(files: &[ColumnarFile], objects: Option<&dyn Objects>) -> Vec<Column> {
    let of = |file: &ColumnarFile| fields(file, objects).ok();
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

impl ColumnarFile {
    /// Its place for people.
    fn shown(&self, base: &Path) -> String {
        match &self.at {
            FileAt::Disk(path) => shown_path(base, path),
            FileAt::Object(key) => key.to_string(),
        }
    }
}

/// The footer of one file; an error says what is wrong with the file.
fn footer(file: &ColumnarFile, objects: Option<&dyn Objects>) -> Result<Footer, String> {
    let mut tail = Tail::open(file, objects)?;
    if tail.size != file.bytes {
        return Err("it has changed since it was listed".to_string());
    }
    match tail.format()? {
        tail::Format::Parquet => parquet_footer::footer(&mut tail),
        tail::Format::Orc => orc::footer(&mut tail),
    }
}

/// The columns of one file.
fn fields(file: &ColumnarFile, objects: Option<&dyn Objects>) -> Result<Vec<Column>, String> {
    let mut tail = Tail::open(file, objects)?;
    match tail.format()? {
        tail::Format::Parquet => parquet_footer::fields(&mut tail),
        tail::Format::Orc => orc::fields(&mut tail),
    }
}

#[cfg(test)]
pub(super) mod tests;
