//! A bucket that a scan lists: what is listed, and what there is to say about it afterwards.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};

use super::aws::s3::Bucket;
use super::fetch::Access;
use super::layout::{Object, Sampling, Tally};
use super::{ScanRequest, footers};
use crate::lake::{Gap, Location};

/// What a listing hands over.
#[derive(Debug)]
pub(crate) enum Piece<'a> {
    Object(Object<'a>),
    /// Objects that an interrupted scan has listed.
    Tally(&'a Tally),
}

/// What is listed, and where the progress is kept.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// Ends with a slash, or is empty.
    pub prefix: String,
    pub journal: PathBuf,
    /// Forget the progress of an interrupted scan.
    pub restart: bool,
    /// Multipart uploads too.
    pub uploads: bool,
    /// Objects that are kept for their footers.
    pub sampling: Sampling,
}

/// What there is to say about a listing besides its objects.
#[derive(Debug, Clone, Default)]
pub(crate) struct Report {
    pub gaps: Vec<Gap>,
    /// For people: that an interrupted scan went on.
    pub notes: Vec<String>,
}

/// A bucket among the sources of a scan.
#[derive(Debug)]
pub(super) struct BucketSource {
    bucket: Bucket,
    job: Job,
    report: Mutex<Report>,
}

impl BucketSource {
    /// Looks for credentials, and asks nothing yet.
    pub(super) fn open(
        place: &Location,
        request: &ScanRequest,
        access: &Access<'_>,
        output: &Path,
    ) -> Result<BucketSource> {
        let connection = access.connection().with_context(|| format!("`{place}` cannot be listed"))?;
        let name = place.bucket.clone().unwrap_or_default();
        let prefix = if place.path.is_empty() { String::new() } else { format!("{}/", place.path) };
        let file = format!("{:016x}.journal", footers::scatter(place.to_string().bytes()));
        let job = Job {
            prefix,
            journal: journals(output).join(file),
            restart: request.restart,
            uploads: request.uploads,
            sampling: request.footers.of_objects(),
        };
        Ok(BucketSource { bucket: connection.bucket(&name), job, report: Mutex::default() })
    }

    pub(super) fn list(&self, each: &mut dyn FnMut(Piece<'_>)) -> Result<()> {
        let report = self.bucket.list(&self.job, each)?;
        *self.report.lock().unwrap_or_else(PoisonError::into_inner) = report;
        Ok(())
    }

    /// Objects that are kept for their footers.
    pub(super) fn sampling(&self) -> Sampling {
        self.job.sampling
    }

    pub(super) fn report(&self) -> Report {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The folder beside a snapshot that holds the progress of its scan: `lake.scan` beside `lake`.
pub(super) fn journals(output: &Path) -> PathBuf {
    let name = output.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    output.with_file_name(format!("{name}.scan"))
}

/// Removes the progress of a scan whose snapshot is written.
pub(super) fn forget(output: &Path) -> Result<()> {
    let folder = journals(output);
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("`{}` cannot be removed", folder.display()))
        }
        _ => Ok(()),
    }
}

/// The place that an argument of a scan names when it is a bucket: `s3://bucket/prefix`, and not `s3://bucket/prefix=PATH`.
/// A prefix that ends like a partition needs its slash: `s3://bucket/t/dt=2024-01-01/`.
pub(super) fn place(base: &Path, argument: &str) -> Option<Location> {
    let rest = in_bucket(argument)?;
    let is_placed = rest.contains('=') && (!rest.ends_with('/') || names_path(base, rest));
    (!is_placed && !is_report(base, argument)).then(|| Location::parse(argument))
}

/// Whether an argument of a scan is the manifest of an inventory in a bucket: `s3://bucket/.../manifest.json`.
pub(super) fn is_report(base: &Path, argument: &str) -> bool {
    in_bucket(argument).is_some_and(|rest| rest.ends_with("/manifest.json") && !names_path(base, rest))
}

fn in_bucket(argument: &str) -> Option<&str> {
    argument.strip_prefix("s3://").filter(|rest| !rest.is_empty() && !rest.starts_with('/'))
}

/// Whether what follows some `=` is a path of this disk.
fn names_path(base: &Path, rest: &str) -> bool {
    let is_path = |path: &str| !path.is_empty() && base.join(path).exists();
    rest.match_indices('=').any(|(at, _)| is_path(&rest[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_told_from_listings() {
        let dir = tempfile::tempdir().expect("folder");
        std::fs::create_dir(dir.path().join("copy")).expect("folder");
        let shown = |argument: &str| place(dir.path(), argument).map(|place| place.to_string());
        assert_eq!(shown("s3://b"), Some("s3://b/".to_string()));
        assert_eq!(shown("s3://b/p/t"), Some("s3://b/p/t/".to_string()));
        assert_eq!(shown("s3://b/t/dt=1/"), Some("s3://b/t/dt=1/".to_string()));
        for other in ["s3://b=listing.txt", "s3://b/p=copy/", "s3://", "listing.txt", "s3://b/i/manifest.json"] {
            assert_eq!(shown(other), None, "{other}");
        }
        std::fs::write(dir.path().join("copy/manifest.json"), "").expect("file");
        let is_report = |argument: &str| is_report(dir.path(), argument);
        assert!(is_report("s3://b/i/2025-01-05T01-00Z/manifest.json") && is_report("s3://b/dt=1/manifest.json"));
        assert!(!is_report("s3://b/p=copy/manifest.json") && !is_report("i/manifest.json") && !is_report("s3://b/i/"));
    }

    #[test]
    fn the_journal_lies_beside_the_snapshot() {
        assert_eq!(journals(Path::new("/p/.lakelint/lake")), Path::new("/p/.lakelint/lake.scan"));
    }
}
