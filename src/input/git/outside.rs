//! What lies in a work tree and in no revision of its repository.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Repository, git, path_of};
use crate::shown_path::without_dots;

/// What of a work tree is not compared with a commit, of which git has it not: the contents of submodules, what links lead to that git
/// does not know, and files that are left out of a sparse checkout. Paths are from the root.
#[derive(Debug, Clone)]
pub struct Outside {
    root: PathBuf,
    submodules: BTreeSet<PathBuf>,
    /// Files that git tells of, and would if they were added.
    known: BTreeSet<PathBuf>,
    /// Files that the index has and the work tree shall not have.
    sparse: BTreeSet<PathBuf>,
}

impl Repository {
    /// What of the work tree is not compared.
    pub fn outside(&self) -> Result<Outside> {
        let mut outside = Outside {
            root: self.root.clone(),
            submodules: BTreeSet::new(),
            known: BTreeSet::new(),
            sparse: BTreeSet::new(),
        };
        let index = git(&self.root, &["ls-files", "-t", "--stage", "-z"])?;
        for line in index.split(|byte| *byte == 0) {
            // `<status> <mode> <object> <stage>\t<path>`
            let Some(tab) = line.iter().position(|byte| *byte == b'\t') else { continue };
            let path = path_of(&line[tab + 1..]);
            let mut about = line[..tab].split(|byte| *byte == b' ');
            match (about.next(), about.next()) {
                (_, Some(b"160000")) => outside.submodules.insert(path),
                // One that somebody has put there is as good as any other.
                (Some(b"S"), _) if !self.root.join(&path).is_file() => outside.sparse.insert(path),
                _ => outside.known.insert(path),
            };
        }
        let new = git(&self.root, &["ls-files", "--others", "--exclude-standard", "-z"])?;
        outside.known.extend(new.split(|byte| *byte == 0).map(path_of));
        Ok(outside)
    }
}

impl Outside {
    /// Whether a path lies in a submodule, or is a link to what no revision has.
    pub(crate) fn has(&self, path: &Path) -> bool {
        if path.is_symlink() {
            let end = path.canonicalize().ok();
            let below = end.as_deref().and_then(|end| end.strip_prefix(&self.root).ok());
            // Folders are not gone into, and what leads nowhere is not read.
            return below.is_none_or(|below| path.is_file() && !self.known.contains(below));
        }
        !self.submodules.is_empty() && self.below(path).is_some_and(|below| self.is_in_submodule(&below))
    }

    /// Whether a path from the root lies in a submodule.
    pub(crate) fn is_in_submodule(&self, below: &Path) -> bool {
        below.ancestors().any(|folder| self.submodules.contains(folder))
    }

    /// Files that a sparse checkout leaves out, with the old names of those that moved.
    pub(crate) fn sparse(&self, renames: &std::collections::BTreeMap<PathBuf, PathBuf>) -> BTreeSet<PathBuf> {
        let old = renames.iter().filter(|(_, new)| self.sparse.contains(*new)).map(|(old, _)| old);
        self.sparse.iter().chain(old).cloned().collect()
    }

    fn below(&self, path: &Path) -> Option<PathBuf> {
        let plain = without_dots(path);
        let within = |path: &Path| path.strip_prefix(&self.root).ok().map(Path::to_path_buf);
        within(&plain).or_else(|| within(&path.canonicalize().ok()?))
    }
}
