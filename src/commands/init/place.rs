//! Putting a new file into a folder: nothing is overwritten, and no link leads out.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// What stands at the place of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Free,
    /// Whatever it is: a link that leads nowhere, too.
    Taken,
}

/// Looks at the place of a file below a folder. Fails where a link on the way leads out of the folder.
pub(super) fn look(root: &Path, below: &str) -> anyhow::Result<Place> {
    let path = root.join(below);
    if fs::symlink_metadata(&path).is_ok() {
        return Ok(Place::Taken);
    }
    let there = |folder: &&Path| fs::symlink_metadata(folder).is_ok();
    let nearest: PathBuf = path.ancestors().skip(1).find(there).unwrap_or(root).to_path_buf();
    let is_inside = || Some(nearest.canonicalize().ok()?.starts_with(root.canonicalize().ok()?));
    match is_inside() {
        Some(true) => Ok(Place::Free),
        _ => bail!("`{below}` is not written: a link on the way leads out of the repository"),
    }
}

/// Writes a file and the folders on the way to it, unless something is there.
pub(super) fn put(root: &Path, below: &str, text: &str) -> anyhow::Result<Place> {
    if look(root, below)? == Place::Taken {
        return Ok(Place::Taken);
    }
    let path = root.join(below);
    let put = || -> std::io::Result<Place> {
        fs::create_dir_all(path.parent().unwrap_or(root))?;
        let mut file = match fs::File::create_new(&path) {
            // Somebody was faster.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(Place::Taken),
            made => made?,
        };
        // Half a file would be taken for a whole one by the next run.
        file.write_all(text.as_bytes()).inspect_err(|_| drop(fs::remove_file(&path)))?;
        Ok(Place::Free)
    };
    put().with_context(|| format!("`{below}` cannot be written"))
}
