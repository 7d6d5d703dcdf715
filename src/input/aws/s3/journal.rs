//! The progress of a listing on disk, so that a scan which was killed goes on where it was.
//!
//! A file of frames, each with its length and checksum, that only grows. A frame says which spans are left and adds up the objects
//! that came, so it holds both or neither; one that was torn is cut off.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};

use super::listing::{Span, Step};
use super::page::Listed;
use crate::input::layout::{Object, Run, Tally};

const VERSION: u32 = 1;
/// Progress that may be lost: so much time, or so many pages.
const EVERY: Duration = Duration::from_secs(1);
const PAGES: usize = 256;
/// No frame is larger: a length beyond it is no length.
const LARGEST: u32 = 1 << 28;

/// A journal that is being written.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    frame: Frame,
    written: Option<Instant>,
    /// Files of a folder that are kept for their footers.
    sampled: usize,
}

/// What an earlier scan has left.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// The progress of a scan with other arguments.
    OtherScan,
    Progress {
        spans: BTreeMap<u64, Span>,
        objects: u64,
    },
}

/// What the progress belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    version: u32,
    lakelint: String,
    bucket: String,
    prefix: String,
    endpoint: Option<String>,
    sampled: usize,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Frame {
    marks: Vec<Mark>,
    tallies: Vec<Tally>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Mark {
    span: u64,
    rest: Option<Span>,
    new: Vec<(u64, Span)>,
}

impl Head {
    pub(super) fn new(bucket: &str, prefix: &str, endpoint: Option<&str>, sampled: usize) -> Head {
        Head {
            version: VERSION,
            lakelint: env!("CARGO_PKG_VERSION").to_string(),
            bucket: bucket.to_string(),
            prefix: prefix.to_string(),
            endpoint: endpoint.map(str::to_string),
            sampled,
        }
    }
}

impl Journal {
    /// Reads what there is, giving every tally of it to `each`, and goes on behind it; starts anew when that is of another scan.
    pub(super) fn open(
        path: &Path,
        head: &Head,
        start: BTreeMap<u64, Span>,
        each: &mut dyn FnMut(&Tally),
    ) -> Result<(Journal, Found)> {
        let fail = || format!("the progress of the scan cannot be kept in `{}`", path.display());
        let mut file = locked(path).with_context(fail)?;
        let (found, end) = replay(path, head, start, each).with_context(fail)?;
        let mut start_from = |end: u64| -> Result<()> {
            file.set_len(end)?;
            std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(end))?;
            if end == 0 { write_frame(&mut file, head) } else { Ok(()) }
        };
        start_from(end).with_context(fail)?;
        Ok((Journal { file, frame: Frame::default(), written: None, sampled: head.sampled }, found))
    }

    /// Takes a step; writes what was taken from time to time.
    pub(super) fn take(&mut self, step: &Step) -> Result<()> {
        self.frame.tallies.extend(tallies(&step.objects, self.sampled));
        self.frame.marks.push(Mark { span: step.span, rest: step.rest.clone(), new: step.new.clone() });
        let is_due = self.frame.marks.len() >= PAGES || self.written.is_none_or(|written| written.elapsed() >= EVERY);
        if is_due { self.write() } else { Ok(()) }
    }

    /// Makes all that was taken durable.
    pub(super) fn write(&mut self) -> Result<()> {
        let frame = std::mem::take(&mut self.frame);
        if !frame.marks.is_empty() {
            write_frame(&mut self.file, &frame).context("the progress of the scan cannot be written")?;
        }
        self.written = Some(Instant::now());
        Ok(())
    }
}

/// The file, which no other scan may write until this one ends, however it ends.
fn locked(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
        fs::write(folder.join(".gitignore"), "*\n")?;
    }
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!(
                "another scan lists the same place at this moment: wait for it, or name another folder with `--output`"
            )
        }
        // File systems without locks: scans at once are rare.
        Err(TryLockError::Error(_)) => Ok(file),
    }
}

fn write_frame(file: &mut File, content: &impl Serialize) -> Result<()> {
    let mut encoder = ZlibEncoder::new(vec![0; 8], Compression::fast());
    serde_json::to_writer(&mut encoder, content)?;
    let mut bytes = encoder.finish()?;
    let length = u32::try_from(bytes.len() - 8)?;
    let check = checksum(&bytes[8..]);
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    bytes[4..8].copy_from_slice(&check.to_le_bytes());
    file.write_all(&bytes)?;
    file.sync_data()?;
    Ok(())
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// What the file says, and where its last whole frame ends; 0 when it has to start anew.
fn replay(path: &Path, head: &Head, start: BTreeMap<u64, Span>, each: &mut dyn FnMut(&Tally)) -> Result<(Found, u64)> {
    let mut input = match File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((Found::Nothing, 0)),
        Err(error) => return Err(error.into()),
    };
    let Some((bytes, mut end)) = next_frame(&mut input) else { return Ok((Found::Nothing, 0)) };
    if serde_json::from_slice::<Head>(&bytes).ok().as_ref() != Some(head) {
        return Ok((Found::OtherScan, 0));
    }
    let (mut spans, mut objects) = (start, 0);
    while let Some((bytes, length)) = next_frame(&mut input) {
        let Ok(frame) = serde_json::from_slice::<Frame>(&bytes) else { break };
        for mark in frame.marks {
            spans.remove(&mark.span);
            spans.extend(mark.rest.map(|rest| (mark.span, rest)).into_iter().chain(mark.new));
        }
        for tally in &frame.tallies {
            objects += tally.sums.objects;
            each(tally);
        }
        end += length;
    }
    Ok((Found::Progress { spans, objects }, end))
}

/// The next whole frame, unpacked, and its length in the file.
fn next_frame(input: &mut impl Read) -> Option<(Vec<u8>, u64)> {
    let mut head = [0; 8];
    input.read_exact(&mut head).ok()?;
    let [a, b, c, d, e, f, g, h] = head;
    let length = Some(u32::from_le_bytes([a, b, c, d])).filter(|length| *length <= LARGEST)?;
    let mut packed = Vec::new();
    input.take(u64::from(length)).read_to_end(&mut packed).ok()?;
    if packed.len() != length as usize || checksum(&packed) != u32::from_le_bytes([e, f, g, h]) {
        return None;
    }
    let mut bytes = Vec::new();
    ZlibDecoder::new(packed.as_slice()).read_to_end(&mut bytes).ok()?;
    Some((bytes, u64::from(length) + 8))
}

fn tallies(objects: &[Listed], sampled: usize) -> Vec<Tally> {
    let (mut run, mut tallies) = (Run::sampling(sampled), Vec::new());
    for folder in objects.chunk_by(|a, b| split(&a.key).0 == split(&b.key).0) {
        for listed in folder {
            let object = Object {
                class: Some(listed.class),
                modified: listed.modified,
                ..Object::new(&listed.key, listed.size)
            };
            run.add(split(&listed.key).1, &object);
        }
        tallies.extend(folder.first().into_iter().flat_map(|first| run.tallies(split(&first.key).0)));
        run.clear();
    }
    tallies
}

fn split(key: &str) -> (&str, &str) {
    key.rsplit_once('/').unwrap_or(("", key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::StorageClass;

    fn step(span: u64, keys: &[&str], rest: Option<&str>) -> Step {
        let object =
            |key: &&str| Listed { key: (*key).to_string(), size: 7, class: StorageClass::Standard, modified: Some(1) };
        let rest = rest.map(|after| Span { after: Some(after.to_string()), ..Span::default() });
        Step { span, objects: keys.iter().map(object).collect(), rest, new: vec![(span + 10, Span::default())] }
    }

    fn open(path: &Path, bucket: &str) -> (Journal, Found, u64) {
        let start = BTreeMap::from([(0, Span::default())]);
        let mut bytes = 0;
        let head = Head::new(bucket, "", None, 0);
        let (journal, found) =
            Journal::open(path, &head, start, &mut |tally| bytes += tally.sums.bytes).expect("journal");
        (journal, found, bytes)
    }

    #[test]
    fn progress_is_found_again_up_to_the_last_whole_frame() {
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join("lake.scan/x.journal");
        let (mut journal, found, _) = open(&path, "b");
        assert_eq!(found, Found::Nothing);
        for step in [step(0, &["a/1", "a/2", "b/1"], Some("b/1")), step(0, &["c/1"], None)] {
            journal.take(&step).expect("taken");
            journal.write().expect("written");
        }
        drop(journal);
        let (_, found, bytes) = open(&path, "b");
        assert_eq!(found, Found::Progress { spans: BTreeMap::from([(10, Span::default())]), objects: 4 });
        assert_eq!(bytes, 28);

        let whole = fs::read(&path).expect("bytes");
        fs::write(&path, &whole[..whole.len() - 3]).expect("torn");
        let (mut journal, found, bytes) = open(&path, "b");
        let Found::Progress { spans, objects: 3 } = found else { panic!("{found:?}") };
        assert_eq!(spans.get(&0).and_then(|span| span.after.as_deref()), Some("b/1"));
        assert_eq!(bytes, 21);
        journal.take(&step(0, &["c/1"], None)).expect("taken");
        drop(journal);
        assert_eq!(open(&path, "b").2, 28);
        let held = open(&path, "b").0;
        let second = Journal::open(&path, &Head::new("b", "", None, 0), BTreeMap::new(), &mut |_| {});
        let Err(error) = second.map(|_| ()).map_err(|error| format!("{error:#}")) else { panic!("two scans at once") };
        assert!(error.contains("another scan lists the same place"), "{error}");
        drop(held);
        assert_eq!(open(&path, "other").1, Found::OtherScan);
        assert_eq!(open(&path, "other").2, 0);
    }
}
