//! Where the files of a report lie on the disk, from where its manifest lies.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::manifest::DataFile;

/// Finds a file: in the folders from the manifest's own up, by the longest part of its key that is there, in `data/` or directly.
/// A download of a whole report, of a whole bucket, and one folder with everything in it all look like that.
pub(super) fn find(manifest: &Path, file: &DataFile) -> Result<PathBuf> {
    let parts: Vec<&str> = file.key.split('/').filter(|part| !part.is_empty()).collect();
    let name = parts.last().copied().unwrap_or_default();
    if parts.iter().any(|part| matches!(*part, "." | "..")) || name.contains('\\') {
        bail!("its file `{}` has no name that is looked for", file.key);
    }
    let ends = (0..parts.len()).map(|start| parts[start..].iter().collect::<PathBuf>());
    let ends: Vec<PathBuf> = ends.chain([Path::new("data").join(name)]).collect();
    let folders = manifest.ancestors().skip(1);
    let found = folders.flat_map(|folder| ends.iter().map(move |end| folder.join(end))).find(|path| path.is_file());
    let Some(path) = found else {
        bail!("its file `{}` is missing: copy it beside the manifest, into `data/` or `../data/`", file.key);
    };
    match path.metadata() {
        Ok(metadata) if metadata.len() != file.size => bail!(
            "its file `{}` has {} bytes, and the manifest says {}: copy it again",
            file.key,
            metadata.len(),
            file.size
        ),
        _ => Ok(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::tests::write;

    fn file(key: &str) -> DataFile {
        DataFile { key: key.to_string(), size: 1, md5: String::new() }
    }

    #[test]
    fn files_are_found_where_people_copy_them() {
        for place in ["c/data/f", "c/t/data/f", "c/t/f", "dest/b/c/data/f", "dest/b/c/t/../data/f"] {
            let dir = tempfile::tempdir().expect("tempdir");
            write(dir.path(), "c/t/manifest.json", "");
            write(dir.path(), "dest/b/c/t/manifest.json", "");
            write(dir.path(), place, "x");
            let manifest = if place.starts_with("dest") { "dest/b/c/t/manifest.json" } else { "c/t/manifest.json" };
            find(&dir.path().join(manifest), &file("dest/b/c/data/f")).expect(place);
        }
    }

    #[test]
    fn what_is_missing_or_cut_off_is_named() {
        let dir = tempfile::tempdir().expect("tempdir");
        let manifest = dir.path().join("t/manifest.json");
        let error = |key: &str| find(&manifest, &file(key)).expect_err(key).to_string();
        assert!(error("c/data/nowhere-to-be-found").contains("`c/data/nowhere-to-be-found` is missing"));
        write(dir.path(), "data/f", "xx");
        assert!(error("c/data/f").contains("has 2 bytes, and the manifest says 1"));
        write(dir.path(), "secret", "x");
        assert!(error("data/../../secret").contains("no name that is looked for"));
    }
}
