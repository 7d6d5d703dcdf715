//! One `--lake` argument: a snapshot, a folder, a listing, a Glue export or what has run, told apart by content.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::aws::athena::Aggregation;
use super::bucket_source::BucketSource;
use super::inventory::{Manifest, Remote};
use super::layout::{Page, looks_like_listing};
use super::snapshot;
use crate::config::split_place;
use crate::lake::Location;
use crate::shown_path::shown_path;

/// A named source of tables or objects.
#[derive(Debug)]
pub(super) struct LakeSource {
    pub shown: String,
    pub path: PathBuf,
    /// `s3://bucket/prefix=PATH`: where the objects belong.
    pub place: Option<Location>,
    pub kind: Kind,
    /// What came through a pipe, which cannot be read twice.
    held: Option<Arc<[u8]>>,
}

/// What a source is.
#[derive(Debug)]
pub(super) enum Kind {
    Folder,
    /// A bucket that is listed; only of a scan.
    Bucket(Box<BucketSource>),
    /// A folder that `lakelint scan` wrote.
    Snapshot,
    /// `aws s3 ls` text.
    Listing,
    /// `aws s3api list-objects-v2` or `list-object-versions`; what the pages say besides their objects, in order.
    ListObjects(Vec<Page>),
    /// `manifest.json` of an S3 Inventory report, and where its files lie when that is in a bucket.
    Inventory(Manifest, Option<Remote>),
    /// `aws glue get-tables`, `get-table` or `get-partitions`.
    Glue,
    /// `aws athena batch-get-query-execution` or `get-query-execution`.
    AthenaHistory,
    /// `target/run_results.json` of dbt.
    DbtRunResults,
    /// An inventory table that is added up where it lies; only of a scan.
    Aggregated(Box<Aggregation>),
    /// Nothing in it: an empty listing.
    Empty,
}

/// Anything that can be read twice.
pub(super) trait Input: Read + Seek {}
impl<T: Read + Seek> Input for T {}

const EXPECTED: &str = "expected a snapshot, a folder, `aws s3 ls --recursive` text, `aws s3api list-objects-v2` JSON, the \
                        `manifest.json` of an S3 Inventory, the output of `aws glue get-tables`, `get-table` or \
                        `get-partitions`, of `aws athena batch-get-query-execution`, or dbt's `run_results.json`";

impl LakeSource {
    /// Looks at a source. A source that does not exist or is none of the known kinds is an error that names it.
    pub(super) fn open(base: &Path, argument: &str) -> Result<LakeSource> {
        let (place, path) = split(base, argument)?;
        let shown = shown_path(base, &path);
        let metadata = path.metadata().with_context(|| format!("cannot read lake source `{shown}`"))?;
        if metadata.is_dir() {
            let is_snapshot = snapshot::is_snapshot(&path);
            if is_snapshot && place.is_some() {
                bail!("`{shown}` is a snapshot, which knows where its tables are: give it as `{shown}`");
            }
            let kind = if is_snapshot { Kind::Snapshot } else { Kind::Folder };
            return Ok(LakeSource { shown, path, place, kind, held: None });
        }
        let fail = || format!("cannot read lake source `{shown}`");
        let held = match metadata.is_file() {
            true => None,
            false => Some(Arc::from(std::fs::read(&path).with_context(fail)?)),
        };
        let mut source = LakeSource { shown: shown.clone(), path, place, kind: Kind::Empty, held };
        source.kind = sniff(source.content()?).with_context(fail)?;
        if matches!(source.kind, Kind::Inventory(..)) && source.place.is_some() {
            bail!("`{shown}` is an S3 Inventory, which knows its bucket: give it as `{shown}`");
        }
        Ok(source)
    }

    /// A bucket that is listed.
    pub(super) fn of_bucket(place: Location, bucket: BucketSource) -> LakeSource {
        LakeSource::remote(place.to_string(), Some(place), Kind::Bucket(Box::new(bucket)))
    }

    /// An inventory table that is added up where it lies.
    pub(super) fn of_aggregation(aggregation: Aggregation) -> LakeSource {
        let shown = format!("inventory `{}`", aggregation.shown());
        LakeSource::remote(shown, None, Kind::Aggregated(Box::new(aggregation)))
    }

    /// An inventory whose manifest is in a bucket.
    pub(super) fn of_report(location: &str, manifest: Manifest, remote: Remote) -> LakeSource {
        LakeSource::remote(location.to_string(), None, Kind::Inventory(manifest, Some(remote)))
    }

    /// A source without a path of this disk.
    fn remote(shown: String, place: Option<Location>, kind: Kind) -> LakeSource {
        LakeSource { path: PathBuf::from(&shown), shown, place, kind, held: None }
    }

    /// Opens every source once: the same one may stand in the configuration and on the command line, and its objects count once,
    /// at the place that one of both tells.
    pub(super) fn open_all(base: &Path, arguments: &[String]) -> Result<Vec<LakeSource>> {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let mut sources: Vec<LakeSource> = Vec::new();
        for argument in arguments {
            let (place, path) = split(base, argument)?;
            let is_same = |other: &LakeSource| {
                let is_one_place = other.place == place || other.place.is_none() || place.is_none();
                is_one_place && real(&other.path) == real(&path)
            };
            match sources.iter_mut().find(|other| is_same(other)) {
                Some(other) if other.place.is_none() && place.is_some() => *other = LakeSource::open(base, argument)?,
                Some(_) => {}
                None => sources.push(LakeSource::open(base, argument)?),
            }
        }
        Ok(sources)
    }

    pub(super) fn is_snapshot(&self) -> bool {
        matches!(self.kind, Kind::Snapshot)
    }

    pub(super) fn is_folder(&self) -> bool {
        matches!(self.kind, Kind::Folder | Kind::Snapshot)
    }

    /// The bucket whose objects it tells, with the prefix where that is known; `None` where it may be any bucket.
    pub(super) fn bucket_place(&self) -> Option<Location> {
        let whole = |bucket: &String| Location { bucket: Some(bucket.clone()), path: String::new() };
        match &self.kind {
            Kind::ListObjects(pages) if self.place.is_none() => {
                pages.iter().find_map(|page| page.name.as_ref()).map(whole)
            }
            Kind::Inventory(manifest, _) => Some(whole(&manifest.source_bucket)),
            _ => self.place.clone().filter(|place| place.bucket.is_some()),
        }
    }

    /// The content of a file, from its start.
    pub(super) fn content(&self) -> Result<BufReader<Box<dyn Input>>> {
        let input: Box<dyn Input> = match &self.held {
            Some(bytes) => Box::new(Cursor::new(bytes.clone())),
            None => {
                let fail = || format!("cannot read lake source `{}`", self.shown);
                Box::new(File::open(&self.path).with_context(fail)?)
            }
        };
        Ok(BufReader::with_capacity(1 << 16, input))
    }
}

/// `s3://bucket/prefix=PATH` or `PATH`. Prefix and path may themselves hold `=`: the first split whose path exists counts.
fn split(base: &Path, argument: &str) -> Result<(Option<Location>, PathBuf)> {
    if argument.trim().is_empty() {
        bail!("a lake source is empty: {EXPECTED}");
    }
    if !argument.starts_with("s3://") {
        return Ok((None, base.join(argument)));
    }
    match split_place(argument, base) {
        Some((place, path)) => Ok((Some(Location::parse(place)), path)),
        None if argument.trim_start_matches("s3://").split('/').next() == Some("") => {
            bail!("`{argument}` names no bucket: expected `s3://bucket/prefix`")
        }
        None if argument.ends_with("/manifest.json") => bail!(
            "`{argument}` is in a bucket, and only `lakelint scan` reads from there: take a snapshot with \
             `lakelint scan {argument}`, or give a copy of the report"
        ),
        None => bail!(
            "`{argument}` is a bucket, and only `lakelint scan` reads from there: take a snapshot with `lakelint scan {argument}`, \
             or give a listing of it, `{argument}=listing.txt`, made with `aws s3 ls --recursive {argument}`"
        ),
    }
}

/// The top level of any of the JSON kinds.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    contents: Option<IgnoredAny>,
    versions: Option<IgnoredAny>,
    delete_markers: Option<IgnoredAny>,
    #[serde(rename = "CommonPrefixes")]
    prefixes: Option<IgnoredAny>,
    key_count: Option<IgnoredAny>,
    table_list: Option<IgnoredAny>,
    table: Option<IgnoredAny>,
    partitions: Option<IgnoredAny>,
    partition_list: Option<IgnoredAny>,
    partition_index_descriptor_list: Option<IgnoredAny>,
    query_executions: Option<IgnoredAny>,
    query_execution: Option<IgnoredAny>,
    query_execution_id: Option<IgnoredAny>,
    #[serde(rename = "results")]
    results: Option<IgnoredAny>,
    #[serde(rename = "metadata")]
    metadata: Option<IgnoredAny>,
    #[serde(flatten)]
    page: Page,
}

fn sniff(mut input: impl BufRead + Seek) -> Result<Kind> {
    let mut start = Vec::new();
    input.by_ref().take(4096).read_to_end(&mut start)?;
    if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
        bail!("it is UTF-16 text: convert it to UTF-8 (`iconv -f UTF-16 -t UTF-8`)");
    }
    let text = String::from_utf8_lossy(&start);
    let text = text.trim_start_matches('\u{feff}').trim_start_matches(['\r', '\n']);
    match text.trim_start().chars().next() {
        None => Ok(Kind::Empty),
        Some('{') => {
            input.seek(SeekFrom::Start(0))?;
            match ["\"sourceBucket\"", "\"fileSchema\""].iter().all(|key| text.contains(key)) {
                true => {
                    let manifest = serde_json::from_reader(input).context("it is no whole S3 Inventory manifest")?;
                    Ok(Kind::Inventory(manifest, None))
                }
                false => sniff_json(input),
            }
        }
        Some(_) if looks_like_listing(text.lines().next().unwrap_or_default()) => Ok(Kind::Listing),
        Some(_) => bail!("it is no source of a lake: {EXPECTED}"),
    }
}

fn sniff_json(input: impl BufRead) -> Result<Kind> {
    let (mut pages, mut glue, mut objects, mut executions, mut dbt) = (Vec::new(), false, false, false, false);
    for document in serde_json::Deserializer::from_reader(input).into_iter::<Document>() {
        let document = document.context("it is not valid JSON")?;
        glue |= [
            document.table_list,
            document.table,
            document.partitions,
            document.partition_list,
            document.partition_index_descriptor_list,
        ]
        .iter()
        .any(Option::is_some);
        executions |= [document.query_executions, document.query_execution, document.query_execution_id]
            .iter()
            .any(Option::is_some);
        dbt |= document.results.is_some() && document.metadata.is_some();
        objects |=
            [document.contents, document.versions, document.delete_markers, document.prefixes, document.key_count]
                .iter()
                .any(Option::is_some);
        pages.push(document.page);
    }
    if executions || dbt {
        return match (executions, dbt, glue || objects) {
            (true, false, false) => Ok(Kind::AthenaHistory),
            (false, true, false) => Ok(Kind::DbtRunResults),
            _ => bail!("it mixes what has run with other output: give them as two files"),
        };
    }
    match (glue, objects) {
        (true, false) => Ok(Kind::Glue),
        (false, true) => Ok(Kind::ListObjects(pages)),
        (false, false) if pages.iter().all(|p| *p == Page::default()) && pages.len() == 1 => {
            bail!("it is JSON, but no source of a lake: {EXPECTED}")
        }
        (false, false) => Ok(Kind::ListObjects(pages)),
        (true, true) => bail!("it mixes a listing with Glue output: give them as two files"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::tests::write;

    fn kind(text: &str) -> Result<Kind> {
        let dir = tempfile::tempdir()?;
        write(dir.path(), "f", text);
        LakeSource::open(dir.path(), "f").map(|s| s.kind)
    }

    #[test]
    fn kinds_are_told_apart_by_content() {
        assert!(matches!(kind("2024-01-05 12:00:00    12 a/b.csv\n"), Ok(Kind::Listing)));
        assert!(matches!(kind("\n                           PRE raw/\n"), Ok(Kind::Listing)));
        assert!(matches!(kind(""), Ok(Kind::Empty)));
        assert!(matches!(kind(r#"{"Versions": []}"#), Ok(Kind::ListObjects(_))));
        assert!(matches!(kind(r#"{"TableList": []}"#), Ok(Kind::Glue)));
        assert!(matches!(kind(r#"{"Partitions": []}"#), Ok(Kind::Glue)));
        assert!(matches!(kind(r#"{"QueryExecutions": []}"#), Ok(Kind::AthenaHistory)));
        let two = "{\"QueryExecutionId\": \"a\"}\n{\"QueryExecutionId\": \"b\"}\n";
        assert!(matches!(kind(two), Ok(Kind::AthenaHistory)));
        assert!(matches!(kind(r#"{"metadata": {}, "results": []}"#), Ok(Kind::DbtRunResults)));
        let Kind::ListObjects(pages) = kind(r#"{"Contents": [], "Name": "b", "IsTruncated": true}"#).expect("objects")
        else {
            panic!("no listing");
        };
        assert!(pages[0].ends_early());
        assert_eq!(pages[0].name.as_deref(), Some("b"));
    }

    #[test]
    fn what_is_no_source_is_an_error_that_names_it() {
        for text in ["select 1", "{\"a\": 1}", "{\"Contents\": [", "[]", "\u{feff}x"] {
            let error = format!("{:#}", kind(text).expect_err(text));
            assert!(error.starts_with("cannot read lake source `f`: it is "), "{error}");
        }
        let dir = tempfile::tempdir().expect("tempdir");
        let error = format!("{:#}", LakeSource::open(dir.path(), "nope").expect_err("missing"));
        assert!(error.starts_with("cannot read lake source `nope`"), "{error}");
        let error = format!("{:#}", LakeSource::open(dir.path(), "s3://b/x").expect_err("bucket"));
        assert!(error.contains("`lakelint scan s3://b/x`"), "{error}");
        assert!(error.contains("aws s3 ls --recursive s3://b/x"), "{error}");
        let error = format!("{:#}", LakeSource::open(dir.path(), "s3:///x").expect_err("no bucket"));
        assert!(error.contains("`s3:///x` names no bucket"), "{error}");
        let error = LakeSource::open(dir.path(), "s3://b/i/2025-01-05T01-00Z/manifest.json").expect_err("a report");
        let error = format!("{error:#}");
        assert!(error.contains("`lakelint scan s3://b/i/2025-01-05T01-00Z/manifest.json`"), "{error}");
        assert!(!error.contains("aws s3 ls"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_read_once_and_kept() {
        let dir = tempfile::tempdir().expect("tempdir");
        let pipe = dir.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        if !made.is_ok_and(|status| status.success()) {
            return;
        }
        let text = "2024-01-05 12:00:00    12 a/b.csv\n";
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::write(pipe, text)
        });
        let source = LakeSource::open(dir.path(), "pipe").expect("source");
        writer.join().expect("thread").expect("written");
        assert!(matches!(source.kind, Kind::Listing));
        for _ in 0..2 {
            let mut read = String::new();
            source.content().expect("content").read_to_string(&mut read).expect("read");
            assert_eq!(read, text);
        }
    }

    #[test]
    fn a_source_that_is_named_twice_counts_once() {
        let dir = tempfile::tempdir().expect("tempdir");
        write(dir.path(), "list.txt", "2024-01-05 12:00:00    12 a/b.csv\n");
        let open = |arguments: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(|a| a.to_string()).collect();
            LakeSource::open_all(dir.path(), &arguments).map(|sources| sources.len())
        };
        assert_eq!(open(&["list.txt", "./list.txt"]).expect("open"), 1);
        assert_eq!(open(&["s3://a=list.txt", "s3://b=list.txt", "s3://a=list.txt"]).expect("open"), 2);
        assert_eq!(open(&["list.txt", "s3://a=list.txt", "s3://a=list.txt"]).expect("open"), 1);
        let named = ["list.txt".to_string(), "s3://a=./list.txt".to_string()];
        let sources = LakeSource::open_all(dir.path(), &named).expect("open");
        assert_eq!(sources[0].place.as_ref().map(ToString::to_string).as_deref(), Some("s3://a/"));
        assert!(open(&[""]).is_err());
    }

    #[test]
    fn a_place_is_split_from_the_path() {
        let dir = tempfile::tempdir().expect("tempdir");
        write(dir.path(), "dt=1/list.txt", "2024-01-05 12:00:00    12 a/b.csv\n");
        let source = LakeSource::open(dir.path(), "s3://b/t/x=y=dt=1/list.txt").expect("source");
        assert_eq!(source.place.expect("place").to_string(), "s3://b/t/x=y/");
        assert_eq!(source.shown, "dt=1/list.txt");
    }
}
