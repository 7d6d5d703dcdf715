//! Bytes to the lake: the only folder that touches disk, standard input or the clock.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

use crate::config::Config;
use crate::expr::AsOf;
use crate::finding::Place;
use crate::lake::{
    Catalog, FileId, Lake, NotAnalysed, SourceFile, Table, TableId, TableName, Unreadable, UnreadableKind,
};
use crate::shown_path::shown_path;
use crate::sql::{self, FileFacts, OtherDatabase, Outline, STACK_BYTES, View, Views};
use dbt::Dbt;
use discover::{Input, Language};
use glue_json::Export;
use iceberg::{Around, Remote};
use infra::{InfraText, Steps};
use lake_source::LakeSource;
use layers::Layers;
use snapshot::{Stored, Wanted};
use spark::SparkText;
use text_file::Problem;

pub use crate::dbt::Options as DbtOptions;
pub use discover::Compared;
pub(crate) use discover::{extensions, is_sql};
pub use landmarks::{DbtProject, LakeFile, Landmarks, landmarks};
pub use reach::Reach;
pub use scan::{FooterLimit, InventoryPlan, InventoryRequest, ScanRequest, Scanned, plan_inventory, scan};

#[cfg(feature = "aws")]
mod aggregate;
pub(crate) mod asl;
mod assemble;
mod athena_view;
#[cfg(feature = "aws")]
mod aws;
#[cfg(not(feature = "aws"))]
#[path = "aws_missing.rs"]
mod aws;
mod bucket_source;
mod catalogs;
mod configured_ignores;
mod dbt;
mod discover;
mod document_ignores;
mod fetch;
pub(crate) mod footers;
pub(crate) mod git;
mod glue_json;
mod history;
mod iceberg;
mod infra;
mod inventory;
mod lake_source;
mod landmarks;
mod layers;
mod layout;
mod python;
mod reach;
mod scan;
mod snapshot;
mod spark;
mod store;
mod text_file;

/// What a run reads.
#[derive(Debug, Clone)]
pub struct Sources {
    /// Working directory: shown paths are relative to it.
    pub base: PathBuf,
    /// Files and folders named on the command line; a named file is always read. `-` is standard input.
    pub paths: Vec<PathBuf>,
    /// Root of the project that the paths belong to: its other SQL files are read for the tables and views they define, so that
    /// one changed file can be checked alone.
    pub project: Option<PathBuf>,
    /// Name shown for standard input.
    pub stdin_filename: Option<String>,
    /// `--lake` and `[lake] sources`: folders, listings, Glue exports; `s3://bucket/prefix=PATH` says where a folder or
    /// listing belongs.
    pub lake: Vec<String>,
    /// The configuration file and its text, for the places of `[[ignore]]` entries.
    pub config_file: Option<(PathBuf, String)>,
    /// Of the files that are found, only these are asked about; the others are read for what they define.
    pub only: Option<git::Changed>,
    /// `exclude` counts for named paths too.
    pub force_exclude: bool,
    pub compared: Compared,
    pub as_of: AsOf,
    pub snapshot_tables: SnapshotTables,
    pub dbt: DbtOptions,
}

impl Sources {
    /// All files below a folder as they are on disk, without a lake.
    pub fn of(base: impl Into<PathBuf>, as_of: AsOf) -> Sources {
        Sources {
            base: base.into(),
            paths: vec![PathBuf::from(".")],
            project: None,
            stdin_filename: None,
            lake: Vec::new(),
            config_file: None,
            only: None,
            force_exclude: false,
            compared: Compared::default(),
            as_of,
            snapshot_tables: SnapshotTables::All,
            dbt: DbtOptions::default(),
        }
    }
}

/// Which tables of a snapshot are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotTables {
    All,
    /// Those that some SQL text or the configuration names.
    Named,
    /// As `Named` when only a part of the project is asked about, which rules about tables do not concern.
    NamedInPartialRuns,
}

/// The buckets among the sources of a scan, for people.
pub fn buckets(base: &Path, sources: &[String]) -> Vec<String> {
    sources.iter().filter_map(|source| bucket_source::place(base, source)).map(|place| place.to_string()).collect()
}

/// Whether a source, as `--lake` names it, is a snapshot.
pub fn is_snapshot(base: &Path, source: &str) -> bool {
    snapshot::is_snapshot(&base.join(source))
}

/// Reads everything. Fails only when a named input cannot be read; whatever discovery finds and cannot be read is in
/// [`Lake::unreadable`].
pub fn read(sources: &Sources, config: &Config) -> Result<Lake> {
    in_pool(|| read_all(sources, config))
}

/// Runs on threads with stacks that are large enough for deep trees.
fn in_pool<T: Send>(run: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    let pool = ThreadPoolBuilder::new().stack_size(STACK_BYTES).build().context("cannot start threads")?;
    pool.install(run)
}

fn read_all(sources: &Sources, config: &Config) -> Result<Lake> {
    let opened = LakeSource::open_all(&sources.base, &sources.lake)?;
    let described = read_tables(sources, &opened, Export::default(), None, config)?;
    let Described { mut lake, tables, problems, mut outlines, views, steps, dbt, spark, .. } = described;
    lake.catalog = Catalog::new(tables);
    lake.unreadable.extend(problems);

    outlines.retain(|outline| !lake.sources.get(outline.file).is_context);
    let read_file = |outline: &Outline| sql::read(outline, &lake.sources, &lake.catalog, &views, sources.as_of);
    let facts: Vec<FileFacts> = outlines.par_iter().map(read_file).collect();
    lake.statements = outlines.iter().map(|o| o.statements.len()).sum();
    let files: Vec<FileId> = outlines.iter().map(|outline| outline.file).collect();
    let ignores = dbt.ignores(outlines.into_iter().flat_map(|o| o.ignores), &lake);
    lake.ignores.extend(ignores);
    for (mut file, id) in facts.into_iter().zip(files) {
        dbt.take(&mut file, id, &mut lake);
        if let Some(OtherDatabase { name, sign, statements }) = file.other_database {
            let what = format!("for {name}: Athena has no `{}`", lake.sources.text(sign));
            lake.other_sql.push(NotAnalysed::statements(statements, &what, sign));
        }
        lake.queries.extend(file.queries);
        lake.unreadable.extend(file.unreadable);
    }
    steps.name_queries(&mut lake);
    spark::read(spark, sources.as_of, &mut lake);
    read_footers(sources, &mut lake);
    history::read(&opened, sources, &mut lake)?;
    history::attach(&mut lake);
    add_configured_ignores(sources, config, &mut lake);
    Ok(lake)
}

/// The footers of the tables that queries of this run read, and of no others: a run over one file stays fast.
fn read_footers(sources: &Sources, lake: &mut Lake) {
    let read: BTreeSet<TableId> = lake.queries.iter().flat_map(|q| &q.reads).map(|read| read.table).collect();
    let measure =
        |id: TableId| Some((id, footers::measure(lake.catalog.get(id), &sources.base, &footers::Access::default())?));
    let measured: Vec<_> = read.into_par_iter().filter_map(measure).collect();
    for (id, (footers, problem)) in measured {
        lake.catalog.set_footers(id, footers);
        lake.unreadable.extend(problem);
    }
}

/// What is known before queries are read.
struct Described {
    /// With its texts, without tables and queries.
    lake: Lake,
    tables: Vec<Table>,
    /// What could not be read of the lake's sources.
    problems: Vec<Unreadable>,
    outlines: Vec<Outline>,
    views: Views,
    /// Statements of the views that catalogs of this run describe.
    catalogued: BTreeMap<TableName, String>,
    /// Which texts are the SQL of which states and saved statements.
    steps: Steps,
    dbt: Dbt,
    spark: Vec<SparkText>,
}

/// Reads all texts, and every table that some source describes; `export` is what is known of catalogs already, `remote` opens objects
/// of buckets where the run may.
fn read_tables(
    sources: &Sources,
    opened: &[LakeSource],
    mut export: Export,
    remote: Option<&Remote<'_>>,
    config: &Config,
) -> Result<Described> {
    let (folders, files): (Vec<_>, Vec<_>) = opened.iter().partition(|source| source.is_folder());
    let folders: Vec<PathBuf> = folders.iter().map(|source| source.path.clone()).collect();
    let mut found = discover::find(sources, &config.exclude, &folders)?;
    let mut machines = BTreeMap::new();
    for source in opened.iter().filter(|source| source.is_snapshot()) {
        machines.extend(snapshot::machines(&source.path, &source.shown)?);
    }
    found.add_definitions(machines.keys().cloned().collect(), sources);
    if let Some(only) = &sources.only {
        found.narrow(only);
    }
    let is_partial = sources.only.is_some();
    // Of what changed, the lake's files are no part.
    let files = if is_partial { 0 } else { files.len() };
    let (unreadable, left_out) = (found.unreadable, found.left_out);
    let mut lake = Lake { files, unreadable, left_out, is_partial, ..Lake::default() };
    let (infra_texts, programs) = read_texts(&found.inputs, sources.only.is_some(), &mut lake)?;
    let is_infra: HashSet<FileId> = infra_texts.iter().map(|text| text.file).chain(programs.iter().copied()).collect();
    let discovered = lake.sources.iter().count();
    let infra::Read { mut steps, tables: in_templates, places } =
        infra::read(&infra_texts, sources, machines, &mut lake);
    let mut dbt = dbt::read(&found.inputs, sources, &mut lake);
    let spark = python::read(&programs, &mut steps, &mut lake);
    // A definition that only a template names comes after what discovery has met; it is no SQL, unlike the texts inside of it.
    let is_named_definition = |id: FileId, file: &SourceFile| id.0 as usize >= discovered && file.inside.is_none();
    let asked = lake.sources.iter().filter(|(_, file)| !file.is_context);
    lake.files += asked.filter(|(id, file)| is_named_definition(*id, file)).count();
    let is_sql = |id: FileId, file: &SourceFile| {
        !is_infra.contains(&id) && !is_named_definition(id, file) && !steps.is_replaced(id) && !dbt.is_template(id)
    };
    let of_sql = lake.sources.iter().filter(|(id, file)| is_sql(*id, file));
    let texts: Vec<(FileId, Arc<str>)> = of_sql.map(|(id, file)| (id, file.text.clone())).collect();

    let mut outlines: Vec<Outline> = texts.par_iter().map(|(file, text)| sql::outline(*file, text)).collect();
    outlines.iter_mut().for_each(|outline| steps.set_database(outline));
    let in_texts = outlines.iter_mut().flat_map(|o| std::mem::take(&mut o.tables));
    let seeds = std::mem::take(&mut dbt.seeds);
    let declared = in_templates.into_iter().chain(in_texts).chain(seeds).collect();
    let mut views: Vec<View> = outlines.iter_mut().flat_map(|o| std::mem::take(&mut o.views)).collect();
    let mut problems = catalogs::read_exports(opened, &mut export)?;
    views.extend(catalogs::views(opened, &export, &views, &mut lake)?);
    let wanted = Wanted { which: sources.snapshot_tables, config, lake: &lake, views: &views };
    let mut stored = Stored::read(opened, &wanted)?;
    lake.gaps = std::mem::take(&mut stored.gaps);
    let catalogued = std::mem::take(&mut export.views);
    let (mut tables, unreadable) = describe(
        sources,
        opened,
        config,
        Declared { tables: declared, places, export, stored, remote },
        &mut lake.unreadable,
    )?;
    problems.extend(unreadable);
    let config_folder = sources.config_file.as_ref().and_then(|(path, _)| path.parent());
    let layers = Layers::new(&config.layers, &sources.base, config_folder)?;
    for table in &mut tables {
        table.layer = layers.of(table, &lake.sources);
    }
    let writes = lake.jobs.iter_mut().flat_map(|job| &mut job.writes);
    writes.for_each(|write| write.layer = layers.of_write(write, &lake.sources));
    for model in &mut lake.models {
        model.layer = layers.of_model(model, &lake.sources);
    }
    Ok(Described { lake, tables, problems, outlines, views: Views::new(views), catalogued, steps, dbt, spark })
}

/// Who describes tables besides the configuration.
struct Declared<'a> {
    /// Of templates and SQL texts.
    tables: Vec<Table>,
    places: infra::Places,
    export: Export,
    stored: Stored,
    remote: Option<&'a Remote<'a>>,
}

/// Every table that some source describes, with its layout where one is known, and what is wrong with the sources. What leaves a
/// single table without a layout is told apart: the rest is as known as ever.
fn describe(
    sources: &Sources,
    opened: &[LakeSource],
    config: &Config,
    declared: Declared<'_>,
    without_layout: &mut Vec<Unreadable>,
) -> Result<(Vec<Table>, Vec<Unreadable>)> {
    let Declared { tables: declared, places, mut export, stored, remote } = declared;
    let mut described = std::mem::take(&mut export.tables);
    described.extend(declared);
    stored.declare(&mut described);
    let mut tables = assemble::merge(described, &config.tables);
    infra::place(&mut tables, places, opened);
    assemble::register(&mut tables, export.partitions);
    assemble::place(&mut tables, export.places);

    let mut layouts = layout::read(opened, &sources.base, &tables)?;
    let mut problems = layouts.unreadable;
    for (index, layout) in layouts.described {
        tables[index].layout = Some(layout);
    }
    let around = Around { sources: opened, base: &sources.base, folders: &layouts.metadata, remote };
    without_layout.extend(iceberg::attach(&mut tables, &mut layouts.derived, &around));
    assemble::add_derived(&mut tables, layouts.derived);
    problems.extend(stored.attach(&mut tables));
    Ok((tables, problems))
}

/// Reads the texts in parallel and adds them in order, those of infrastructure code and of programs last; gives these. A template
/// that did not change may name a definition that did, or declare the table of a query. A named file that cannot be opened is an
/// error.
fn read_texts(inputs: &[Input], with_infra: bool, lake: &mut Lake) -> Result<(Vec<InfraText>, Vec<FileId>)> {
    let inputs: Vec<&Input> = inputs.iter().collect();
    let texts: Vec<_> = inputs.par_iter().map(|input| text_file::read(input.path.as_deref())).collect();
    let is_infra = |(input, text): &(&Input, std::result::Result<String, Problem>)| match input.language {
        Language::Sql | Language::Python => false,
        Language::Infra => true,
        Language::Unknown => text.as_ref().is_ok_and(|text| infra::is_document(text)),
    };
    let (infra, others): (Vec<_>, Vec<_>) = inputs.into_iter().zip(texts).partition(is_infra);
    let (programs, sql): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|(input, _)| input.language == Language::Python);
    for (input, text) in sql {
        match text {
            Ok(text) if input.context => {
                lake.is_partial = true;
                lake.sources.add_context(input.shown.as_str(), text);
            }
            Ok(text) => {
                lake.files += 1;
                lake.sources.add(input.shown.as_str(), text);
            }
            Err(_) if input.context => {}
            Err(Problem::Io(error)) if input.named => {
                return Err(error).with_context(|| format!("cannot read `{}`", input.shown));
            }
            Err(problem) => {
                lake.files += 1;
                lake.unreadable.push(Unreadable {
                    kind: UnreadableKind::Sql,
                    place: Place::Path(input.shown.clone()),
                    message: problem.message(),
                    help: problem.help().to_string(),
                });
            }
        }
    }
    Ok((infra::add_texts(infra, with_infra, lake)?, python::add_texts(programs, lake)?))
}

/// The configuration file becomes a source only when some ignore points into it.
fn add_configured_ignores(sources: &Sources, config: &Config, lake: &mut Lake) {
    if config.ignore.is_empty() {
        return;
    }
    let Some((path, text)) = &sources.config_file else { return };
    let file = lake.sources.add(shown_path(&sources.base, path), text.as_str());
    lake.ignores.extend(configured_ignores::ignores(&config.ignore, file, text));
}

#[cfg(test)]
mod tests;
