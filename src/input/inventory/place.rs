//! Where the files of a report lie: on this disk beside their manifest, or in the bucket that it names.

use std::fs::File;
use std::io::{Read, copy};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::checksum::Summed;
use super::manifest::{DataFile, Manifest};
use super::{LARGEST_CHECKSUM, check, check_sum_of_manifest};
use crate::input::store::{Blob, Store};

/// Larger is no manifest: a file of a million objects takes a fifth of a kilobyte of it.
const LARGEST_MANIFEST: u64 = 256 << 20;

/// A report in a bucket.
#[derive(Debug)]
pub(crate) struct Remote {
    /// In the manifest's order.
    pub(super) files: Vec<Blob>,
    /// The folder that holds copies of files while they are read.
    pub(super) copies: PathBuf,
}

impl Remote {
    /// Reads the manifest at `s3://bucket/.../manifest.json`, and compares it with its sum. Its files are not asked for yet.
    pub(crate) fn open(store: &Store<'_>, location: &str, copies: PathBuf) -> Result<(Manifest, Remote)> {
        let bytes = store.open(location)?.read(LARGEST_MANIFEST)?;
        let manifest: Manifest = serde_json::from_slice(&bytes)
            .with_context(|| format!("`{location}` is no manifest of an S3 Inventory"))?;
        let folder = location.strip_suffix("manifest.json").unwrap_or(location);
        let expected = store.open(&format!("{folder}manifest.checksum"))?.read(LARGEST_CHECKSUM)?;
        let sum = Summed::new(&bytes[..]).finish()?;
        check_sum_of_manifest(&String::from_utf8_lossy(&expected), &sum).with_context(|| format!("`{location}`"))?;
        let Some(bucket) = manifest.destination() else {
            bail!("`{location}` does not say in which bucket its files are: it has no `destinationBucket`");
        };
        let open = |file: &DataFile| store.open(&format!("s3://{bucket}/{}", file.key));
        let files = manifest.files.iter().map(open).collect::<Result<Vec<_>>>()?;
        Ok((manifest, Remote { files, copies }))
    }
}

/// A file on the disk: the report's own, whose sum is compared before, or a copy that has the sum of the manifest and is removed
/// when it has been read.
#[derive(Debug)]
pub(super) struct OnDisk {
    pub(super) path: PathBuf,
    is_copy: bool,
}

impl OnDisk {
    /// The `number` of a file in its manifest gives its copy a name.
    pub(super) fn of(blob: &Blob, file: &DataFile, number: usize, copies: &Path) -> Result<OnDisk> {
        if let Blob::File { path, .. } = blob {
            return Ok(OnDisk { path: path.clone(), is_copy: false });
        }
        let fail = || format!("it cannot be copied to `{}`", copies.display());
        std::fs::create_dir_all(copies).with_context(fail)?;
        let copied = OnDisk { path: copies.join(format!("inventory-{number}.part")), is_copy: true };
        // One byte more tells that there are more.
        let mut summed = Summed::new(blob.stream()?.take(file.size.saturating_add(1)));
        let mut out = File::create(&copied.path).with_context(fail)?;
        let bytes = copy(&mut summed, &mut out).with_context(fail)?;
        if bytes > file.size {
            bail!("`{}` has more bytes than the {} of the manifest", blob.shown(), file.size);
        }
        check(file, blob, &summed.finish()?)?;
        Ok(copied)
    }
}

impl Drop for OnDisk {
    fn drop(&mut self) {
        if self.is_copy {
            // What is left goes with the folder when the snapshot is written.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
