//! Everything that is known of all tables, into a snapshot.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;

use anyhow::{Context, Result, bail};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

use super::aws::Connection;
use super::aws::athena::Aggregation;
use super::bucket_source::{self, BucketSource};
use super::fetch::{Access, fetch};
use super::iceberg;
use super::inventory::Remote;
use super::lake_source::{Kind, LakeSource};
use super::layout::Sampling;
use super::snapshot::Cache;
use super::store::Store;
use super::{Reach, Sources, footers, history, in_pool, layout, read_tables, snapshot};
use crate::config::Config;
use crate::cost::Pricing;
use crate::finding::Place;
use crate::lake::{Bytes, DeclaredBy, Gap, Layout, Location, Record, Table, TableName, Unreadable, Usd};
use crate::shown_path::{shown_path, without_dots};

/// What is read for a snapshot besides files.
#[derive(Debug, Default)]
pub struct ScanRequest {
    pub reach: Reach,
    /// Databases of the Glue Data Catalog.
    pub glue: Vec<String>,
    /// Athena workgroup that runs statements, and the `s3://` place of their results.
    pub workgroup: Option<String>,
    pub results: Option<String>,
    /// An S3 Inventory table that Athena adds up.
    pub inventory: Option<InventoryRequest>,
    /// Days of Athena's history; `None` when it is not read.
    pub history_days: Option<u32>,
    pub keep_sql: bool,
    /// Definitions of state machines.
    pub sfn: bool,
    pub footers: FooterLimit,
    /// Multipart uploads that were never completed.
    pub uploads: bool,
    /// Forget what an interrupted scan has listed.
    pub restart: bool,
}

/// An inventory table, and what adding it up may cost.
#[derive(Debug, Clone, Default)]
pub struct InventoryRequest {
    /// `database.table`.
    pub table: String,
    pub max_usd: Option<f64>,
    pub pricing: Pricing,
}

/// An inventory table that is ready to be added up. What finding it took counts among the requests of its scan.
#[derive(Debug)]
pub struct InventoryPlan {
    aggregation: Aggregation,
    connection: Connection,
}

impl InventoryPlan {
    /// The statement that the scan runs.
    pub fn statement(&self) -> &str {
        self.aggregation.statement()
    }

    /// What it will cost, for people.
    pub fn estimate(&self) -> String {
        self.aggregation.estimate()
    }

    /// Requests that were made to find the table, and what they cost.
    pub fn requests(&self) -> (u64, Usd) {
        (self.connection.requests(), self.connection.requests_usd())
    }
}

/// Finds the inventory table of a scan, its statement and what that will cost. The statement is not run.
pub fn plan_inventory(request: &ScanRequest) -> Result<Option<InventoryPlan>> {
    let Some(wanted) = &request.inventory else { return Ok(None) };
    let connection = Connection::open(&request.reach)?;
    let aggregation = Aggregation::plan(&connection, request, wanted)?;
    Ok(Some(InventoryPlan { aggregation, connection }))
}

/// How many footers are read of each table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FooterLimit {
    /// A thousand of objects, ten thousand of local files: what cents and seconds buy.
    #[default]
    Usual,
    /// 0 is none.
    AtMost(usize),
    All,
}

impl FooterLimit {
    /// Of local files; `None` where the reader decides.
    fn of_files(self) -> Option<usize> {
        match self {
            FooterLimit::Usual => None,
            FooterLimit::AtMost(most) => Some(most),
            FooterLimit::All => Some(usize::MAX),
        }
    }

    /// Of objects, each of which takes a request or two.
    pub(super) fn of_objects(self) -> Sampling {
        let of_table = match self {
            FooterLimit::Usual => 1_000,
            FooterLimit::AtMost(most) => most,
            FooterLimit::All => return Sampling { of_table: usize::MAX, of_folder: usize::MAX },
        };
        Sampling { of_table, of_folder: of_table.min(OF_FOLDER) }
    }
}

/// Enough to tell what the files of one folder are like; the journal of a listing holds all of these names.
const OF_FOLDER: usize = 32;

/// What a scan has written.
#[derive(Debug, Default)]
pub struct Scanned {
    /// The snapshot's folder for people.
    pub output: String,
    pub tables: usize,
    /// Tables that no source holds files of.
    pub without_layout: Vec<TableName>,
    pub partitions: u64,
    pub files: u64,
    pub bytes: Bytes,
    /// Footers of files that were opened, and of files that have not changed since the last scan.
    pub footers_read: u64,
    pub footers_reused: u64,
    /// Past runs, source by source.
    pub history: Vec<HistoryRead>,
    /// Requests to AWS, all services together; `None` when none was needed.
    pub requests: Option<u64>,
    /// What they cost.
    pub requests_usd: Option<Usd>,
    /// What AWS refused: the snapshot lacks it, and says so.
    pub gaps: Vec<Gap>,
    /// What happened on the way: an interrupted scan went on.
    pub notes: Vec<String>,
    /// What could not be read and does not make the snapshot wrong: SQL files, footers.
    pub warnings: Vec<String>,
}

/// How much of the past a source tells.
#[derive(Debug, Default)]
pub struct HistoryRead {
    pub source: String,
    pub statements: u64,
    pub runs: u64,
}

/// Reads the tables of a project and the layout of its lake, and writes both to a folder. Fails when a source cannot be read
/// as a whole, or the folder must not be written: then it is left as it is. An inventory table comes as it was planned.
pub fn scan(
    sources: &Sources,
    request: &ScanRequest,
    plan: Option<InventoryPlan>,
    config: &Config,
    output: &Path,
) -> Result<Scanned> {
    let shown = shown_path(&sources.base, output);
    let output = without_dots(&sources.base.join(output));
    snapshot::check(&output, &shown)?;
    let (aggregation, connection) = plan.map(|plan| (plan.aggregation, plan.connection)).unzip();
    let access = Access::new(&request.reach, connection);
    let mut opened = open(sources, &output, &shown)?;
    let mut fetched = fetch(request, &access)?;
    let exported = history::read_files(&opened, request.keep_sql)?;
    let missing = exported.iter().flat_map(|record| record.gaps.iter().map(move |gap| (&record.source, gap)));
    fetched.warnings.extend(missing.map(|(source, gap)| format!("history of `{source}`: {gap}: ask for them again")));
    fetched.history.records.extend(exported);
    opened.extend(open_buckets(sources, request, &access, &output)?);
    let store = Store { base: &sources.base, access: &access };
    opened.extend(open_reports(sources, &store, &output)?);
    if let Some(aggregation) = aggregation {
        aggregation.check(request.inventory.as_ref().and_then(|wanted| wanted.max_usd))?;
        opened.push(LakeSource::of_aggregation(aggregation));
    }
    let open_object =
        |name: &str| store.open(name).and_then(|blob| blob.stream()).map_err(|error| format!("{error:#}"));
    // Whoever scans files asks nothing of AWS.
    let is_remote = !request.glue.is_empty() || opened.iter().any(|source| matches!(source.kind, Kind::Bucket(_)));
    let remote = is_remote.then_some(&open_object as &iceberg::Remote<'_>);
    in_pool(|| {
        let described = read_tables(sources, &opened, fetched.export, remote, config)?;
        refuse_holes(&described.problems)?;
        let mut tables = described.tables;
        // Derived tables of different places may have one name.
        tables.sort_by(|a, b| (&a.name, &a.location).cmp(&(&b.name, &b.location)));
        let (listed, mut notes) = reports(&opened);
        let elsewhere = mark_gaps(&mut tables, &listed);
        let cache = Cache::open(&output);
        let most = request.footers.of_files();
        let reading = footers::Access { cache: Some(&cache), objects: Some(&store), most };
        let unread = match tables.iter().filter_map(|table| table.layout.as_ref()).any(Layout::has_objects) {
            // Whoever asks a bucket waits most of the time.
            true => ThreadPoolBuilder::new()
                .num_threads(request.reach.concurrency)
                .build()
                .context("cannot start threads")?
                .install(|| read_footers(&mut tables, sources, &reading)),
            false => read_footers(&mut tables, sources, &reading),
        };
        let history = fetched.history.records.iter().map(HistoryRead::of).collect();
        let content = snapshot::Content {
            tables: &tables,
            gaps: elsewhere,
            views: described.catalogued,
            machines: fetched.machines,
            history: fetched.history,
        };
        snapshot::write(&output, &shown, &content)?;
        bucket_source::forget(&output)?;
        let mut warnings = fetched.warnings;
        warnings.extend(described.lake.unreadable.iter().chain(&unread).map(line));
        let (footers_read, footers_reused) = (cache.read.load(Relaxed), cache.reused.load(Relaxed));
        warnings.extend(cache.save().err().map(|error| format!("{error:#}: the next scan reads every footer again")));
        let requests = access.requests();
        let gaps = fetched.gaps.into_iter().chain(listed).collect();
        notes.extend(opened.iter().filter_map(|source| match &source.kind {
            Kind::Aggregated(aggregation) => aggregation.bill(),
            _ => None,
        }));
        let done = Scanned { output: shown, footers_read, footers_reused, warnings, ..summary(&tables) };
        Ok(Scanned { history, requests, requests_usd: access.requests_usd(), gaps, notes, ..done })
    })
}

/// The sources of a scan. None of them may be a snapshot, or a folder that the snapshot would become a part of.
fn open(sources: &Sources, output: &Path, shown: &str) -> Result<Vec<LakeSource>> {
    let is_file = |source: &&String| {
        bucket_source::place(&sources.base, source).is_none() && !bucket_source::is_report(&sources.base, source)
    };
    let files: Vec<String> = sources.lake.iter().filter(is_file).cloned().collect();
    let mut opened = LakeSource::open_all(&sources.base, &files)?;
    for source in &mut opened {
        if source.is_snapshot() {
            bail!("`{}` is a snapshot: scan the folder or listing that it was taken of", source.shown);
        }
        let folder = source.path.canonicalize().unwrap_or_else(|_| source.path.clone());
        let existing = output.ancestors().find_map(|folder| Some((folder, folder.canonicalize().ok()?)));
        let output = existing.and_then(|(folder, real)| Some(real.join(output.strip_prefix(folder).ok()?)));
        let below = output.as_deref().and_then(|output| output.strip_prefix(&folder).ok());
        let is_hidden = |below: &Path| below.iter().any(|part| part.to_string_lossy().starts_with(['.', '_']));
        if matches!(source.kind, Kind::Folder) && below.is_some_and(|below| !is_hidden(below)) {
            bail!("`{shown}` lies in `{}`, which is scanned: write the snapshot to another folder", source.shown);
        }
        make_relative(&mut source.shown);
    }
    Ok(opened)
}

/// The buckets among the sources, each once.
fn open_buckets(
    sources: &Sources,
    request: &ScanRequest,
    access: &Access<'_>,
    output: &Path,
) -> Result<Vec<LakeSource>> {
    let places: BTreeSet<Location> =
        sources.lake.iter().filter_map(|source| bucket_source::place(&sources.base, source)).collect();
    // Objects below two of them count once.
    let is_inner = |place: &&Location| !places.iter().any(|other| other != *place && other.contains(place));
    let open = |place: &Location| {
        let bucket = BucketSource::open(place, request, access, output)?;
        Ok(LakeSource::of_bucket(place.clone(), bucket))
    };
    places.iter().filter(is_inner).map(open).collect()
}

/// The inventories among the sources whose manifests are in buckets, each once.
fn open_reports(sources: &Sources, store: &Store<'_>, output: &Path) -> Result<Vec<LakeSource>> {
    let locations: BTreeSet<&String> =
        sources.lake.iter().filter(|source| bucket_source::is_report(&sources.base, source)).collect();
    let open = |location: &String| {
        let copies = bucket_source::journals(output);
        let (manifest, remote) =
            Remote::open(store, location, copies).with_context(|| format!("cannot read lake source `{location}`"))?;
        Ok(LakeSource::of_report(location, manifest, remote))
    };
    locations.into_iter().map(open).collect()
}

/// What could not be listed, and what else there is to say about listings.
fn reports(opened: &[LakeSource]) -> (Vec<Gap>, Vec<String>) {
    let report =
        |source: &LakeSource| if let Kind::Bucket(bucket) = &source.kind { Some(bucket.report()) } else { None };
    let reports: Vec<_> = opened.iter().filter_map(report).collect();
    let gaps = reports.iter().flat_map(|report| report.gaps.clone()).collect();
    (gaps, reports.into_iter().flat_map(|report| report.notes).collect())
}

/// Marks what is missing from the numbers of tables; gives what is missing where no table is known.
fn mark_gaps(tables: &mut [Table], gaps: &[Gap]) -> Vec<Gap> {
    let mut elsewhere = Vec::new();
    for gap in gaps {
        let mut is_marked = false;
        let place = Location::parse(&gap.prefix);
        for table in tables.iter_mut() {
            let touches = |location: &Location| location.contains(&place) || place.contains(location);
            let is_touched = table.location.as_ref().is_some_and(touches);
            if let Some(layout) = table.layout.as_mut().filter(|_| is_touched) {
                layout.gaps.push(gap.clone());
                is_marked = true;
            }
        }
        if !is_marked {
            elsewhere.push(gap.clone());
        }
    }
    elsewhere
}

/// Reads the footers of all tables; gives what cannot be read.
fn read_footers(tables: &mut [Table], sources: &Sources, access: &footers::Access<'_>) -> Vec<Unreadable> {
    let measure = |table: &mut Table| {
        let (mut read, problem) = footers::measure(table, &sources.base, access)?;
        read.unreadable.iter_mut().for_each(make_relative);
        table.layout.as_mut()?.footers = Some(read);
        if table.declared_by == DeclaredBy::Layout && table.columns.is_empty() {
            layout::find_columns(table, access.objects);
        }
        problem
    };
    tables.par_iter_mut().filter_map(measure).collect()
}

/// A snapshot is the same on every machine: of a path that starts at the root only the last part is kept.
fn make_relative(path: &mut String) {
    if path.starts_with('/') || Path::new(&*path).is_absolute() {
        *path = Path::new(&*path).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    }
}

/// A snapshot with holes would make every later estimate too low without a word.
fn refuse_holes(problems: &[Unreadable]) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = problems.iter().map(line).collect();
    bail!("the lake cannot be read as a whole, nothing is written\n{}", lines.join("\n"))
}

fn line(problem: &Unreadable) -> String {
    match &problem.place {
        Place::Path(path) => format!("`{path}`: {}: {}", problem.message, problem.help),
        Place::Span(_) | Place::File(_) | Place::Lake => format!("{}: {}", problem.message, problem.help),
    }
}

impl HistoryRead {
    fn of(record: &Record) -> HistoryRead {
        let pasts = || record.statements.iter().chain(record.models.values().filter(|_| record.statements.is_empty()));
        HistoryRead {
            source: record.source.clone(),
            statements: pasts().count() as u64 + record.left_out,
            runs: pasts().map(|past| past.runs + past.reused).sum::<u64>() + record.left_out_runs,
        }
    }
}

fn summary(tables: &[Table]) -> Scanned {
    let layouts = || tables.iter().filter_map(|table| table.layout.as_ref());
    Scanned {
        tables: tables.len(),
        without_layout: tables.iter().filter(|t| t.layout.is_none()).map(|t| t.name.clone()).collect(),
        partitions: layouts().map(|layout| layout.partitions.len() as u64).sum(),
        files: layouts().map(|layout| layout.files()).sum(),
        bytes: Bytes(layouts().map(|layout| layout.bytes().0).sum()),
        ..Scanned::default()
    }
}
