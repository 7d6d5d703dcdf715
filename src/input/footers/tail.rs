//! The end of a file, read piece by piece: never the whole file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes that are read first: most footers fit.
const FIRST: u64 = 16 << 10;

/// The last bytes of a file, more of them when asked.
#[derive(Debug)]
pub(super) struct Tail {
    file: File,
    /// Of the whole file.
    pub size: u64,
    /// Its end.
    bytes: Vec<u8>,
}

/// What a file's last bytes say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Parquet,
    Orc,
}

impl Tail {
    pub(super) fn open(path: &Path) -> Result<Tail, String> {
        let mut file = File::open(path).map_err(said)?;
        let size = file.seek(SeekFrom::End(0)).map_err(said)?;
        let mut tail = Tail { file, size, bytes: Vec::new() };
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
            let mut bytes = vec![0; (length - held) as usize];
            self.file.seek(SeekFrom::Start(self.size - length)).map_err(said)?;
            self.file.read_exact(&mut bytes).map_err(said)?;
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
        let mut bytes = vec![0; length as usize];
        self.file.seek(SeekFrom::Start(start)).map_err(said)?;
        self.file.read_exact(&mut bytes).map_err(said)?;
        Ok(bytes)
    }
}

/// An error of the disk in the style of messages.
fn said(error: std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it is gone".to_string(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_string(),
        _ => error.to_string(),
    }
}
