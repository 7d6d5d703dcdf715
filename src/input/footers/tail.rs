//! The end of a file, read piece by piece: never the whole file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::Objects;
use crate::lake::{ColumnarFile, FileAt};

/// Bytes that are read first: most footers fit.
const FIRST: u64 = 16 << 10;

/// The last bytes of a file, more of them when asked.
pub(super) struct Tail<'a> {
    source: Source<'a>,
    /// Of the whole file.
    pub size: u64,
    /// Its end.
    bytes: Vec<u8>,
}

/// Where its bytes come from.
enum Source<'a> {
    Disk(File),
    Object(&'a dyn Objects, &'a str),
}

/// What a file's last bytes say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Parquet,
    Orc,
}

impl Source<'_> {
    fn range(&mut self, start: u64, length: u64) -> Result<Vec<u8>, String> {
        match self {
            Source::Disk(file) => {
                let mut bytes = vec![0; length as usize];
                file.seek(SeekFrom::Start(start)).map_err(said)?;
                file.read_exact(&mut bytes).map_err(said)?;
                Ok(bytes)
            }
            Source::Object(objects, key) => {
                let bytes = objects.range(key, start, length)?;
                match bytes.len() as u64 == length {
                    true => Ok(bytes),
                    false => Err("it has changed since it was listed".to_string()),
                }
            }
        }
    }
}

impl<'a> Tail<'a> {
    /// Opens a file; an object is as large as it was listed.
    pub(super) fn open(file: &'a ColumnarFile, objects: Option<&'a dyn Objects>) -> Result<Tail<'a>, String> {
        let (source, size) = match &file.at {
            FileAt::Disk(path) => on_disk(path)?,
            FileAt::Object(key) => {
                let objects = objects.ok_or("it is an object, and this run reads no bucket")?;
                (Source::Object(objects, key), file.bytes)
            }
        };
        Tail::new(source, size)
    }

    /// Opens a file on the disk.
    pub(super) fn open_path(path: &Path) -> Result<Tail<'static>, String> {
        let (source, size) = on_disk(path)?;
        Tail::new(source, size)
    }

    fn new(source: Source<'_>, size: u64) -> Result<Tail<'_>, String> {
        let mut tail = Tail { source, size, bytes: Vec::new() };
        tail.last(size.min(FIRST))?;
        Ok(tail)
    }

    /// Tells the format from the last bytes.
    pub(super) fn format(&mut self) -> Result<Format, String> {
        match &self.bytes[..] {
            [.., b'P', b'A', b'R', b'1'] => Ok(Format::Parquet),
            [.., b'P', b'A', b'R', b'E'] => Err("its Parquet footer is encrypted".to_string()),
            [.., b'O', b'R', b'C', _] => Ok(Format::Orc),
            [] => Err("it is too short to have a footer".to_string()),
            _ => Err("it does not end with a Parquet or ORC footer".to_string()),
        }
    }

    /// The last `length` bytes.
    pub(super) fn last(&mut self, length: u64) -> Result<&[u8], String> {
        if length > self.size {
            return Err(format!("its footer of {length} bytes is longer than the file"));
        }
        let held = self.bytes.len() as u64;
        if length > held {
            let mut bytes = self.source.range(self.size - length, length - held)?;
            bytes.append(&mut self.bytes);
            self.bytes = bytes;
        }
        let start = self.bytes.len() - length as usize;
        Ok(&self.bytes[start..])
    }

    /// Bytes from anywhere in the file.
    pub(super) fn at(&mut self, start: u64, length: u64) -> Result<Vec<u8>, String> {
        if start.checked_add(length).is_none_or(|end| end > self.size) {
            return Err("its footer points outside of the file".to_string());
        }
        let held = self.size - self.bytes.len() as u64;
        if start >= held {
            let start = (start - held) as usize;
            return Ok(self.bytes[start..start + length as usize].to_vec());
        }
        self.source.range(start, length)
    }
}

fn on_disk(path: &Path) -> Result<(Source<'static>, u64), String> {
    let mut file = File::open(path).map_err(said)?;
    let size = file.seek(SeekFrom::End(0)).map_err(said)?;
    Ok((Source::Disk(file), size))
}

/// An error of the disk in the style of messages.
fn said(error: std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it is gone".to_string(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_string(),
        _ => error.to_string(),
    }
}
