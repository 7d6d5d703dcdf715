//! Footers of an earlier scan, beside the snapshot: files that have not changed are not opened again. What cannot be understood
//! of it is ignored; the next scan writes it anew.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::footers_part::ColumnPart;
use crate::input::footers::{Footer, FooterCache};
use crate::lake::{ColumnarFile, FileAt};

const FILE_NAME: &str = "footers.jsonl";
/// Other versions of the format, or of lakelint, may have read other things from the same files.
const HEAD: &str = concat!("{\"version\":1,\"lakelint\":\"", env!("CARGO_PKG_VERSION"), "\"}");

/// Known footers by path.
#[derive(Debug, Default)]
pub(in crate::input) struct Cache {
    folder: PathBuf,
    known: HashMap<FileAt, Line>,
    /// Lines of the files of this run, as written.
    lines: Mutex<Vec<String>>,
    pub read: AtomicU64,
    pub reused: AtomicU64,
}

/// One file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    /// `s3://bucket/key` of an object.
    path: PathBuf,
    bytes: u64,
    modified: u64,
    length: u64,
    indexes: u64,
    starts: Vec<u64>,
    rows: Vec<u64>,
    columns: Vec<ColumnPart>,
}

impl Cache {
    /// The cache of a snapshot, empty when there is none yet.
    pub(in crate::input) fn open(snapshot: &Path) -> Cache {
        let name = snapshot.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let folder = snapshot.with_file_name(format!("{name}.cache"));
        let text = fs::read(folder.join(FILE_NAME)).unwrap_or_default();
        let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
        let known = match lines.split_first() {
            Some((head, lines)) if *head == HEAD.as_bytes() => {
                let read = |line: &&[u8]| serde_json::from_slice::<Line>(line).ok();
                lines.par_iter().filter_map(read).map(|line| (line.at(), line)).collect()
            }
            _ => HashMap::new(),
        };
        Cache { folder, known, ..Cache::default() }
    }

    /// Writes the footers of this run in place of those of the last one. Nobody is meant to commit them.
    pub(in crate::input) fn save(self) -> Result<()> {
        let mut lines = self.lines.into_inner().unwrap_or_default();
        lines.sort_unstable();
        let path = self.folder.join(FILE_NAME);
        if lines.is_empty() && !path.exists() {
            return Ok(());
        }
        let write = || {
            fs::create_dir_all(&self.folder)?;
            fs::write(self.folder.join(".gitignore"), "*\n")?;
            // Two scans at once each write a file of their own.
            let new = path.with_extension(format!("new-{}", std::process::id()));
            let mut out = BufWriter::new(File::create(&new)?);
            writeln!(out, "{HEAD}")?;
            lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
            out.into_inner()?.sync_all()?;
            fs::rename(&new, &path)
        };
        write().with_context(|| format!("`{}` cannot be written", path.display()))
    }

    fn keep(&self, line: &Line) {
        // A path that is no text is read every time.
        if let (Ok(line), Ok(mut lines)) = (serde_json::to_string(line), self.lines.lock()) {
            lines.push(line);
        }
    }
}

impl FooterCache for Cache {
    fn get(&self, file: &ColumnarFile) -> Option<Footer> {
        let line = self.known.get(&file.at)?;
        if line.bytes != file.bytes || Some(line.modified) != file.modified {
            return None;
        }
        let footer = line.footer()?;
        self.reused.fetch_add(1, Ordering::Relaxed);
        self.keep(line);
        Some(footer)
    }

    fn put(&self, file: &ColumnarFile, footer: &Footer) {
        self.read.fetch_add(1, Ordering::Relaxed);
        if let Some(modified) = file.modified {
            self.keep(&Line::of(file, modified, footer));
        }
    }
}

impl Line {
    fn of(file: &ColumnarFile, modified: u64, footer: &Footer) -> Line {
        Line {
            path: match &file.at {
                FileAt::Disk(path) => path.clone(),
                FileAt::Object(key) => PathBuf::from(&**key),
            },
            bytes: file.bytes,
            modified,
            length: footer.length,
            indexes: footer.indexes,
            starts: footer.starts.clone(),
            rows: footer.rows.clone(),
            columns: footer.columns.iter().map(ColumnPart::of).collect(),
        }
    }

    fn at(&self) -> FileAt {
        match self.path.to_str().filter(|path| path.starts_with("s3://")) {
            Some(key) => FileAt::Object(key.into()),
            None => FileAt::Disk(self.path.clone()),
        }
    }

    /// `None` when the arrays do not fit each other.
    fn footer(&self) -> Option<Footer> {
        let groups = self.rows.len();
        let columns = self.columns.iter().map(|column| column.clone().column(groups).ok()).collect::<Option<_>>()?;
        let (starts, rows) = (self.starts.clone(), self.rows.clone());
        (starts.len() == groups).then_some(Footer { length: self.length, indexes: self.indexes, starts, rows, columns })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{ColumnType, Value};
    use crate::lake::{ChunkValues, LeafColumn};

    fn file(name: &str, bytes: u64, modified: Option<u64>) -> ColumnarFile {
        ColumnarFile { at: FileAt::Disk(name.into()), bytes, modified, partition: 0 }
    }

    fn footer(bytes: u64) -> Footer {
        let known = ChunkValues { range: Some((Value::Float(0.1), Value::Float(0.3))), nulls: Some(0) };
        let column = |path: &str, values| LeafColumn {
            path: path.into(),
            data_type: ColumnType::Float(8),
            bytes: vec![bytes, 2],
            values,
        };
        Footer {
            length: 9,
            indexes: 1,
            starts: vec![4, 8],
            rows: vec![10, 20],
            columns: vec![column("a", vec![known.clone(), known]), column("b", Vec::new())],
        }
    }

    /// A cache in a folder that knows two files.
    fn saved() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().expect("tempdir");
        let snapshot = dir.path().join("lake");
        let cache = Cache::open(&snapshot);
        cache.put(&file("a", 100, Some(5)), &footer(1));
        cache.put(&file("b", 100, Some(5)), &footer(7));
        cache.put(&file("c", 100, None), &footer(3));
        cache.save().expect("saved");
        (dir, snapshot)
    }

    #[test]
    fn a_file_is_known_by_path_size_and_time() {
        let (dir, snapshot) = saved();
        let cache = Cache::open(&snapshot);
        assert_eq!(cache.get(&file("a", 100, Some(5))), Some(footer(1)));
        assert_eq!(cache.get(&file("b", 100, Some(5))), Some(footer(7)));
        for other in [file("a", 101, Some(5)), file("a", 100, Some(6)), file("a", 100, None), file("c", 100, None)] {
            assert_eq!(cache.get(&other), None);
        }
        assert_eq!(fs::read_to_string(dir.path().join("lake.cache/.gitignore")).expect("text"), "*\n");
        cache.save().expect("saved");
        assert!(Cache::open(&snapshot).get(&file("a", 100, Some(5))).is_some(), "what was used is kept");
    }

    #[test]
    fn what_is_broken_is_not_known() {
        let (dir, snapshot) = saved();
        let path = dir.path().join("lake.cache").join(FILE_NAME);
        let whole = fs::read_to_string(&path).expect("text");
        let known = |text: &str| {
            fs::write(&path, text).expect("written");
            let cache = Cache::open(&snapshot);
            ["a", "b"].map(|name| cache.get(&file(name, 100, Some(5))).is_some())
        };
        assert_eq!(known(&whole), [true, true]);
        assert_eq!(known(&whole[..whole.len() - 9]), [true, false]);
        assert_eq!(known(&whole.replacen("\"rows\":[10,20]", "\"rows\":[10]", 1)), [false, true]);
        assert_eq!(known(&whole.replacen("\"version\":1", "\"version\":0", 1)), [false, false]);
        assert_eq!(known(""), [false, false]);
    }
}
