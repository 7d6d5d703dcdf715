//! Where the links of a tree lead, told from what is written in them: a link that is made could lead anywhere.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// So many links are followed on one way, as Linux does it.
const HOPS: usize = 40;

/// The links of a tree, by their paths from its root.
#[derive(Debug, Default)]
pub(super) struct Links(BTreeMap<PathBuf, Target>);

#[derive(Debug)]
enum Target {
    /// From the folder of the link.
    Beside(PathBuf),
    /// From the root of the tree.
    Below(PathBuf),
    Outside,
}

impl Links {
    /// Adds what a link of a tree says; `root` is where the tree lies.
    pub(super) fn add(&mut self, link: PathBuf, target: PathBuf, root: &Path) {
        let target = match target.strip_prefix(root) {
            Ok(below) => Target::Below(below.to_path_buf()),
            Err(_) if target.has_root() => Target::Outside,
            Err(_) => Target::Beside(target),
        };
        self.0.insert(link, target);
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.0.keys()
    }

    /// The path without links, from the root; `None` where it leads out of the tree or in a circle.
    pub(super) fn end(&self, path: &Path) -> Option<PathBuf> {
        let (mut at, mut hops) = (PathBuf::new(), 0);
        // The next part is the last one.
        let mut rest = parts(path);
        while let Some(part) = rest.pop() {
            if part == ".." {
                at.pop().then_some(())?;
                continue;
            }
            at.push(part);
            let Some(target) = self.0.get(&at) else { continue };
            hops += 1;
            let next = match target {
                _ if hops > HOPS => return None,
                Target::Outside => return None,
                Target::Below(path) => {
                    at.clear();
                    path
                }
                Target::Beside(path) => {
                    at.pop();
                    path
                }
            };
            rest.extend(parts(next));
        }
        Some(at)
    }
}

/// The names of a path and its `..`, the last one first.
fn parts(path: &Path) -> Vec<OsString> {
    let parts = path.components().filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir));
    parts.rev().map(|part| part.as_os_str().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_on_through_folders_and_never_out() {
        let mut links = Links::default();
        for (link, target) in [
            ("dir", "real"),
            ("models/via.sql", "../dir/r.sql"),
            ("models/absolute.sql", "/top/dir/r.sql"),
            ("models/etc.sql", "/etc/passwd"),
            ("models/near.sql", "/topmost/r.sql"),
            ("models/out.sql", "../../r.sql"),
            ("up", "dir/deep"),
            ("real/deep", "../models"),
            ("circle", "other"),
            ("other", "circle/x"),
        ] {
            links.add(link.into(), target.into(), Path::new("/top"));
        }
        let end = |path: &str| links.end(Path::new(path)).map(|end| end.display().to_string());
        assert_eq!(end("models/via.sql").as_deref(), Some("real/r.sql"));
        assert_eq!(end("models/absolute.sql").as_deref(), Some("real/r.sql"));
        assert_eq!(end("up/via.sql").as_deref(), Some("real/r.sql"));
        assert_eq!(end("up/../plain.sql").as_deref(), Some("plain.sql"));
        for out in ["models/etc.sql", "models/near.sql", "models/out.sql", "circle", "../x"] {
            assert_eq!(end(out), None, "{out}");
        }
    }
}
