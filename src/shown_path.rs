//! Paths as people see them: relative to a folder, with `/` as separator. Only text is looked at, never the disk.

use std::path::{Component, Path, PathBuf};

/// A path relative to `base`, with `..` where it lies beside it; in full when the two have nothing but the root in common.
pub(crate) fn shown_path(base: &Path, path: &Path) -> String {
    let full = without_dots(&base.join(path));
    let base = without_dots(base);
    let text = |part: Component<'_>| part.as_os_str().to_string_lossy().into_owned();
    let shared = base.components().zip(full.components()).take_while(|(a, b)| a == b).count();
    let up = base.components().count() - shared;
    if up > 0 && shared < 2 {
        let parts: Vec<String> = full.components().skip(1).map(text).collect();
        return format!("{}{}", if full.has_root() { "/" } else { "" }, parts.join("/"));
    }
    let parts: Vec<String> =
        std::iter::repeat_n("..".to_string(), up).chain(full.components().skip(shared).map(text)).collect();
    if parts.is_empty() { ".".to_string() } else { parts.join("/") }
}

/// A shown path as seen from another folder; as shown when it does not lie in that folder.
pub(crate) fn seen_from(folder: Option<&Path>, base: &Path, shown: &str) -> String {
    let Some(folder) = folder else { return shown.to_string() };
    let whole = without_dots(&base.join(shown));
    match whole.strip_prefix(without_dots(&base.join(folder))) {
        Ok(below) => below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"),
        Err(_) => shown.to_string(),
    }
}

/// Takes `.` and `..` out without asking the file system.
pub(crate) fn without_dots(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            // Nothing is above the root.
            Component::ParentDir if out.has_root() => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_the_working_directory() {
        let shown = |base: &str, path: &str| shown_path(Path::new(base), Path::new(path));
        assert_eq!(shown("/repo", "/repo/./a/../b.sql"), "b.sql");
        assert_eq!(shown("/repo", "."), ".");
        assert_eq!(shown("/repo/sub", "../b.sql"), "../b.sql");
        assert_eq!(shown("/repo/sub/deep", "/repo/other/b.sql"), "../../other/b.sql");
        assert_eq!(shown("/repo/sub", ".."), "..");
        assert_eq!(shown("/repo", "/etc/b.sql"), "/etc/b.sql");
        assert_eq!(shown("/", "etc/b.sql"), "etc/b.sql");
        assert_eq!(shown("/", "../../etc"), "etc");
    }

    #[test]
    fn shown_paths_are_seen_from_another_folder() {
        let seen = |folder: &str, shown: &str| seen_from(Some(Path::new(folder)), Path::new("/repo/sub"), shown);
        assert_eq!(seen("/repo", "b.sql"), "sub/b.sql");
        assert_eq!(seen("/repo", "../x/b.sql"), "x/b.sql");
        assert_eq!(seen("/repo/sub/deep", "b.sql"), "b.sql");
        assert_eq!(seen_from(None, Path::new("/repo"), "b.sql"), "b.sql");
    }
}
