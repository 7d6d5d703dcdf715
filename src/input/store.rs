//! Bytes of files, on this disk or in a bucket.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::aws::s3::Bucket;
use super::fetch::Access;
use super::footers::Objects;
use crate::shown_path::shown_path;

/// Where files are read. Nothing is asked of AWS before a location in a bucket is opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Store<'a> {
    /// Paths are relative to it.
    pub base: &'a Path,
    pub access: &'a Access<'a>,
}

/// One file, which may not exist.
#[derive(Debug, Clone)]
pub(super) enum Blob {
    File { path: PathBuf, shown: String },
    Object { bucket: Box<Bucket>, key: String },
}

impl Store<'_> {
    /// `s3://bucket/key`, or a path.
    pub(super) fn open(&self, location: &str) -> Result<Blob> {
        let Some((bucket, key)) = split(location) else {
            let path = self.base.join(location);
            return Ok(Blob::File { shown: shown_path(self.base, &path), path });
        };
        if bucket.is_empty() || key.is_empty() {
            bail!("`{location}` names no object: expected `s3://bucket/key`");
        }
        let connection = self.access.connection().with_context(|| format!("`{location}` cannot be read"))?;
        Ok(Blob::Object { bucket: Box::new(connection.bucket(bucket)), key: key.to_string() })
    }
}

/// Bucket and key of an URL of S3; the key as it is, double slashes included.
pub(super) fn split(location: &str) -> Option<(&str, &str)> {
    let rest = ["s3://", "s3a://", "s3n://"].iter().find_map(|scheme| location.strip_prefix(scheme))?;
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

impl Blob {
    /// For people.
    pub(super) fn shown(&self) -> String {
        match self {
            Blob::File { shown, .. } => shown.clone(),
            Blob::Object { bucket, key } => format!("s3://{}/{key}", bucket.name),
        }
    }

    /// All of it; fails when that is more than `most` bytes.
    pub(super) fn read(&self, most: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.stream()?.take(most.saturating_add(1)).read_to_end(&mut bytes).with_context(|| self.unread())?;
        if bytes.len() as u64 > most {
            bail!("{}: it has more than {most} bytes", self.unread());
        }
        Ok(bytes)
    }

    /// Bytes from `start` on; fewer at the end of the file.
    pub(super) fn range(&self, start: u64, length: u64) -> Result<Vec<u8>> {
        match self {
            Blob::File { path, .. } => {
                let mut bytes = Vec::new();
                let mut file = File::open(path).with_context(|| self.unread())?;
                file.seek(SeekFrom::Start(start)).with_context(|| self.unread())?;
                file.take(length).read_to_end(&mut bytes).with_context(|| self.unread())?;
                Ok(bytes)
            }
            Blob::Object { bucket, key } => bucket.range(key, start, length),
        }
    }

    /// From its start. In a bucket it is one request, and another where the connection breaks.
    pub(super) fn stream(&self) -> Result<Box<dyn Read + Send>> {
        match self {
            Blob::File { path, .. } => Ok(Box::new(File::open(path).with_context(|| self.unread())?)),
            Blob::Object { bucket, key } => bucket.stream(key),
        }
    }

    fn unread(&self) -> String {
        format!("`{}` cannot be read", self.shown())
    }
}

impl Objects for Store<'_> {
    fn range(&self, object: &str, start: u64, length: u64) -> Result<Vec<u8>, String> {
        let bytes = self.open(object).and_then(|blob| blob.range(start, length));
        bytes.map_err(|error| error.root_cause().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Reach;

    #[test]
    fn files_are_read_whole_and_in_ranges() {
        let dir = tempfile::tempdir().expect("folder");
        std::fs::write(dir.path().join("a"), "0123456789").expect("file");
        let reach = Reach::default();
        let access = Access::new(&reach, None);
        let store = Store { base: dir.path(), access: &access };
        let blob = store.open("a").expect("blob");
        assert_eq!(blob.read(10).expect("bytes"), b"0123456789");
        assert!(blob.read(9).is_err());
        assert_eq!(blob.range(8, 5).expect("range"), b"89");
        let mut text = String::new();
        blob.stream().expect("stream").read_to_string(&mut text).expect("text");
        assert_eq!(text, "0123456789");
        let missing = store.open("b").expect("blob").read(1).expect_err("missing");
        assert!(format!("{missing:#}").starts_with("`b` cannot be read: "), "{missing:#}");
    }

    #[test]
    fn the_network_is_not_used_offline() {
        let reach = Reach { offline: true, ..Reach::default() };
        let access = Access::new(&reach, None);
        let store = Store { base: Path::new("."), access: &access };
        assert!(store.open("s3://bucket/key").is_err());
        assert!(store.open("s3://bucket").is_err());
        assert_eq!(split("s3://b/a//b"), Some(("b", "a//b")));
    }
}
