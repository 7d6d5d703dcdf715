//! Objects to partitions: folders and listings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use rayon::prelude::*;

use super::aws::athena::Aggregation;
use super::bucket_source::Piece;
use super::lake_source::{Kind, LakeSource};
use super::{footers, iceberg, inventory};
use crate::finding::Place;
use crate::lake::{Count, Layout, PartitionPlace, Table, Unreadable, UnreadableKind};

mod collector;
mod finish;
mod folder;
pub(super) mod instant;
mod list_objects;
mod listing;
mod matching;
mod object;
mod partition_path;
mod plain_folders;
mod sample;
mod scope;
mod seen;
mod spelling;
mod tally;

pub(crate) use collector::Collector;
pub(crate) use finish::Collected;
pub(super) use list_objects::Page;
pub(crate) use object::{CODECS, FORMATS, HIDDEN_STARTS, MARKER_END, Object, STRAYS, State};
use partition_path::Scheme;
pub(crate) use partition_path::unescape;
pub(crate) use scope::Scope;
pub(crate) use tally::{EXAMPLES, Kind as TallyKind, LARGEST, Name as TallyName, Run, Sampling, Sums, Tally};

/// Whether a partition is registered where its table's own folders would have it.
pub(super) fn lies_in_own_folder(table: &Table, partition: &PartitionPlace) -> bool {
    let (Some(root), place) = (&table.location, &partition.location) else { return false };
    let is_inside = root.contains(place) && root.bucket == place.bucket;
    let below = place.path.get(root.path.len()..).unwrap_or_default().trim_start_matches('/');
    is_inside && Scheme::of(table).names(below, &partition.values)
}

/// Whether a file's first line is one of `aws s3 ls`.
pub(super) fn looks_like_listing(first_line: &str) -> bool {
    listing::looks_like(first_line)
}

/// Layouts of described tables, and the tables that only folders describe.
#[derive(Debug, Default)]
pub(super) struct Layouts {
    /// Table index and layout.
    pub described: Vec<(usize, Layout)>,
    /// With their layouts.
    pub derived: Vec<Table>,
    pub unreadable: Vec<Unreadable>,
    /// Local folders that hold metadata of Iceberg tables.
    pub metadata: BTreeSet<PathBuf>,
}

/// Reads all objects of the sources and matches them to the tables.
pub(super) fn read(sources: &[LakeSource], base: &Path, tables: &[Table]) -> Result<Layouts> {
    let mut collector = Collector::default();
    let mut unreadable = Vec::new();
    let mut metadata = BTreeSet::new();
    for source in sources {
        collector.start();
        unreadable.extend(collect(source, base, tables, &mut collector, &mut metadata)?);
    }
    let Collected { layouts, mut derived, unreadable: ambiguous } = collector.finish(tables);
    unreadable.extend(ambiguous);
    derived.par_iter_mut().for_each(|table| find_columns(table, None));
    Ok(Layouts { described: layouts.into_iter().collect(), derived, unreadable, metadata })
}

/// Streams one source into the collector; gives what is wrong with it.
fn collect(
    source: &LakeSource,
    base: &Path,
    tables: &[Table],
    collector: &mut Collector,
    metadata: &mut BTreeSet<PathBuf>,
) -> Result<Vec<Unreadable>> {
    let fail = || format!("cannot read lake source `{}`", source.shown);
    match &source.kind {
        Kind::Folder => {
            let scope = folder_scope(source, tables);
            folder::read(&source.path, base, &mut |object, local| {
                if iceberg::is_metadata(object.key) {
                    metadata.extend(local.path.parent().map(Path::to_path_buf));
                }
                collector.add(&scope, tables, object, Some(local));
            })
        }
        Kind::Listing => {
            let scope = listing_scope(source, None, tables);
            let report = listing::read(source.content()?, &mut |object| collector.add(&scope, tables, object, None));
            Ok(listing_problems(source, &report.with_context(fail)?))
        }
        Kind::ListObjects(pages) => {
            let bucket = pages.iter().find_map(|p| p.name.clone());
            let scope = listing_scope(source, bucket, tables);
            let encoded = pages.iter().any(|p| p.encoding_type.as_deref() == Some("url"));
            let content = source.content()?;
            list_objects::read(content, encoded, &mut |object| collector.add(&scope, tables, object, None))
                .with_context(fail)?;
            Ok(pages.last().filter(|p| p.ends_early()).map(|_| truncated(source)).into_iter().collect())
        }
        Kind::Bucket(bucket) => {
            let scope = listing_scope(source, None, tables);
            collector.start_sampling(bucket.sampling());
            bucket.list(&mut |piece| match piece {
                Piece::Object(object) => collector.add(&scope, tables, object, None),
                Piece::Tally(tally) => collector.add_tally(&scope, tables, tally),
            })?;
            Ok(Vec::new())
        }
        Kind::Inventory(manifest, remote) => {
            let scope = listing_scope(source, Some(manifest.source_bucket.clone()), tables);
            let shared = Mutex::new(collector);
            let add = |folder: &str, run: &Run| {
                // A worker that panicked has ended the run.
                let mut collector = shared.lock().unwrap_or_else(PoisonError::into_inner);
                collector.add_run(&scope, tables, folder, run);
            };
            inventory::read(manifest, &source.path, remote.as_ref(), &add).with_context(fail)?;
            Ok(Vec::new())
        }
        Kind::Aggregated(aggregation) => {
            collect_aggregation(source, aggregation, tables, collector)?;
            Ok(Vec::new())
        }
        Kind::Glue | Kind::AthenaHistory | Kind::DbtRunResults | Kind::Snapshot | Kind::Empty => Ok(Vec::new()),
    }
}

/// Streams the tallies of an inventory table, which may hold several buckets.
fn collect_aggregation(
    source: &LakeSource,
    aggregation: &Aggregation,
    tables: &[Table],
    collector: &mut Collector,
) -> Result<()> {
    let mut scopes: BTreeMap<String, Scope> = BTreeMap::new();
    let mut last = String::new();
    aggregation.collect(&mut |bucket, tally| {
        if bucket != last {
            // Folders of two buckets may have one name.
            collector.start();
            last = bucket.to_string();
        }
        let new = || Scope::of_keys(&source.shown, Some(bucket.to_string()), "", tables);
        collector.add_tally(scopes.entry(bucket.to_string()).or_insert_with(new), tables, tally);
    })
}

fn listing_scope(source: &LakeSource, bucket: Option<String>, tables: &[Table]) -> Scope {
    match &source.place {
        Some(place) => Scope::of_keys(&source.shown, place.bucket.clone(), &place.path, tables),
        None => Scope::of_keys(&source.shown, bucket, "", tables),
    }
}

fn folder_scope(source: &LakeSource, tables: &[Table]) -> Scope {
    if let Some(place) = &source.place {
        return Scope::of_placed_folder(&source.shown, place, tables);
    }
    // `.` has no name of its own.
    let full = source.path.canonicalize().unwrap_or_else(|_| source.path.clone());
    let name = full.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    Scope::of_folder(&source.shown, &name, tables)
}

fn listing_problems(source: &LakeSource, report: &listing::Report) -> Vec<Unreadable> {
    let place = Place::Path(source.shown.clone());
    let mut problems = Vec::new();
    if let Some((line, text)) = &report.first_malformed {
        let more = match report.malformed {
            1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        problems.push(Unreadable {
            kind: UnreadableKind::Sql,
            place: place.clone(),
            message: format!("line {line}{more} of this listing cannot be read: `{text}`"),
            help: "expected `2024-01-05 12:00:00  1234 key` as `aws s3 ls --recursive` writes it".to_string(),
        });
    }
    if report.folders > 0 {
        let folders = match report.folders {
            1 => "1 folder".to_string(),
            n => format!("{} folders", Count(n)),
        };
        problems.push(Unreadable {
            kind: UnreadableKind::Sql,
            place,
            message: format!("this listing does not go into {folders} (`PRE` lines)"),
            help: "list with `aws s3 ls --recursive`".to_string(),
        });
    }
    problems
}

fn truncated(source: &LakeSource) -> Unreadable {
    Unreadable {
        kind: UnreadableKind::Sql,
        place: Place::Path(source.shown.clone()),
        message: "this listing is truncated: objects are missing after its last page".to_string(),
        help: "list without `--max-items` and `--no-paginate`, or append the following pages to the file".to_string(),
    }
}

/// Nobody declares the columns of a derived table: its files tell them.
pub(super) fn find_columns(table: &mut Table, objects: Option<&dyn footers::Objects>) {
    let files = table.layout.as_ref().map_or(&[][..], |layout| &layout.columnar);
    let mut columns = footers::columns(files, objects);
    columns.retain(|column| table.key_index(&column.name).is_none());
    table.columns = columns;
}

#[cfg(test)]
mod tests;
