//! A local folder of data files as objects.

use std::fs::Metadata;
use std::path::Path;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

use super::object::{Local, Object};
use crate::input::discover::unlisted;
use crate::lake::Unreadable;
use crate::shown_path::shown_path;

/// Walks a folder in sorted order and gives every file as an object, its key relative to the folder, with its path on disk.
/// Links are followed, loops of links end. Folders that cannot be listed are reported.
pub(super) fn read(root: &Path, base: &Path, each: &mut dyn FnMut(Object<'_>, Local<'_>)) -> Result<Vec<Unreadable>> {
    root.read_dir().with_context(|| format!("cannot read folder `{}`", shown_path(base, root)))?;
    let mut unreadable = Vec::new();
    let walk = ignore::WalkBuilder::new(root)
        .standard_filters(false)
        .follow_links(true)
        .sort_by_file_name(|a, b| a.cmp(b))
        .build();
    for entry in walk {
        match entry {
            Ok(entry) => {
                let Ok(metadata) = entry.metadata() else { continue };
                let Ok(relative) = entry.path().strip_prefix(root) else { continue };
                if metadata.is_file() {
                    let parts: Vec<_> = relative.components().map(|c| c.as_os_str().to_string_lossy()).collect();
                    let key = parts.join("/");
                    let modified = modified(&metadata);
                    let seconds = modified.and_then(|nanoseconds| i64::try_from(nanoseconds / 1_000_000_000).ok());
                    let object = Object { modified: seconds, ..Object::new(&key, metadata.len()) };
                    each(object, Local { path: entry.path(), modified });
                }
            }
            Err(error) if is_loop(&error) => {}
            Err(error) => {
                unreadable.push(unlisted(&error, root, base, "allow reading it, or give a listing of the lake instead"))
            }
        }
    }
    Ok(unreadable)
}

fn modified(metadata: &Metadata) -> Option<u64> {
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_nanos()).ok()
}

/// A loop of links, or a link that leads nowhere.
fn is_loop(error: &ignore::Error) -> bool {
    match error {
        ignore::Error::Loop { .. } => true,
        ignore::Error::Io(error) => error.kind() == std::io::ErrorKind::NotFound,
        ignore::Error::WithPath { err, .. } | ignore::Error::WithDepth { err, .. } => is_loop(err),
        _ => false,
    }
}
