//! Where the files that metadata names are: metadata has absolute names, and a table may be read from a copy.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use crate::input::lake_source::LakeSource;
use crate::lake::Location;

/// Opens an object of a bucket by its URL.
pub(in crate::input) type Remote<'a> = dyn Fn(&str) -> Result<Box<dyn Read + Send>, String> + Sync + 'a;

/// Ways from the names in metadata to bytes.
pub(super) struct Places<'a> {
    /// Folders that hold a part of a bucket.
    copies: Vec<(Location, PathBuf)>,
    remote: Option<&'a Remote<'a>>,
}

impl<'a> Places<'a> {
    pub(super) fn of(sources: &[LakeSource], remote: Option<&'a Remote<'a>>) -> Places<'a> {
        let placed = |source: &LakeSource| Some((source.place.clone()?, source.path.clone()));
        let copies = sources.iter().filter(|source| source.is_folder()).filter_map(placed).collect();
        Places { copies, remote }
    }

    /// Opens a file of a table that says it is at `location` and was found at `root`.
    pub(super) fn open(&self, name: &str, moved: Option<(&str, &Path)>) -> Result<Box<dyn Read + Send>, String> {
        if let Some(path) = moved.and_then(|(location, root)| below(name, location, root)) {
            return read(&path);
        }
        match local(name) {
            Some(path) => read(&path),
            None => self.open_object(name),
        }
    }

    /// Whether a file can be opened without a network, or a network is there.
    pub(super) fn can_open(&self, name: &str) -> bool {
        match local(name) {
            Some(path) => path.is_file(),
            None => self.remote.is_some() || self.copy(&Location::parse(name)).is_some_and(|path| path.is_file()),
        }
    }

    fn open_object(&self, name: &str) -> Result<Box<dyn Read + Send>, String> {
        match (self.copy(&Location::parse(name)), self.remote) {
            (Some(path), _) if path.is_file() => read(&path),
            (_, Some(remote)) => remote(name),
            (Some(path), None) => read(&path),
            (None, None) => Err("it is in a bucket, and none is read in this run".to_string()),
        }
    }

    fn copy(&self, object: &Location) -> Option<PathBuf> {
        let (place, folder) = self.copies.iter().find(|(place, _)| place.contains(object))?;
        Some(joined(folder, object.path.strip_prefix(&place.path)?))
    }
}

/// The file of a table that was copied to `root`, when the name lies below the place that the table was written to.
fn below(name: &str, location: &str, root: &Path) -> Option<PathBuf> {
    let rest = name.strip_prefix(location.trim_end_matches('/'))?;
    (!location.is_empty() && rest.starts_with('/')).then(|| joined(root, rest))
}

/// Joins the parts of a name; none of them leads upwards.
fn joined(folder: &Path, rest: &str) -> PathBuf {
    let parts = rest.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
    parts.fold(folder.to_path_buf(), |path, part| path.join(part))
}

/// The path of a name on this machine's disk: `file:///x`, `file:/x`, `/x`.
fn local(name: &str) -> Option<PathBuf> {
    let path = name.strip_prefix("file:").map(|rest| rest.strip_prefix("//").unwrap_or(rest)).unwrap_or(name);
    path.starts_with('/').then(|| PathBuf::from(path))
}

fn read(path: &Path) -> Result<Box<dyn Read + Send>, String> {
    let file = File::open(path).map_err(|error| format!("it cannot be opened: {error}"))?;
    Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_below_a_moved_table_are_found_at_its_new_place() {
        let root = Path::new("copy/t");
        let of = |name: &str| below(name, "s3://b/wh/t/", root);
        assert_eq!(of("s3://b/wh/t/metadata/x.avro"), Some(PathBuf::from("copy/t/metadata/x.avro")));
        assert_eq!(of("s3://b/wh/t/../../../etc/passwd"), Some(PathBuf::from("copy/t/etc/passwd")));
        assert_eq!(of("s3://b/wh/t2/metadata/x.avro"), None);
        assert_eq!(below("x", "", root), None);
        assert_eq!(local("file:///a/b"), Some(PathBuf::from("/a/b")));
        assert_eq!(local("file:/a/b"), Some(PathBuf::from("/a/b")));
        assert_eq!(local("s3://a/b"), None);
    }
}
