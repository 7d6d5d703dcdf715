//! Which tables have metadata that can be read, and which of its versions is the current one.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::metadata::Metadata;
use super::places::{Places, Remote};
use super::{Described, describe, take, undeclared};
use crate::finding::Place;
use crate::input::lake_source::LakeSource;
use crate::lake::{FileAt, Layout, Location, Oddity, Table, TableKind, TableName, Unreadable, UnreadableKind, Usage};
use crate::shown_path::shown_path;

/// Versions with one number that are compared by the time of their last change.
const MOST_EQUALS: usize = 8;

/// What is around tables.
pub(in crate::input) struct Around<'a> {
    pub sources: &'a [LakeSource],
    /// Shown paths are relative to it.
    pub base: &'a Path,
    /// Folders that hold files called `*.metadata.json`.
    pub folders: &'a BTreeSet<PathBuf>,
    /// Reads objects of buckets, where a run may.
    pub remote: Option<&'a Remote<'a>>,
}

/// Whether a file's name is one of a table's metadata.
pub(in crate::input) fn is_metadata(name: &str) -> bool {
    name.ends_with(".metadata.json") || name.ends_with(".metadata.json.gz")
}

/// Gives every Iceberg table whose metadata can be read its columns, keys and layout from there, and adds those that nobody describes.
/// Gives what cannot be read: such a table has no known layout.
pub(in crate::input) fn attach(
    tables: &mut Vec<Table>,
    derived: &mut Vec<Table>,
    around: &Around<'_>,
) -> Vec<Unreadable> {
    let places = Places::of(around.sources, around.remote);
    let mut problems = Vec::new();
    let mut done = BTreeSet::new();
    for (index, table) in tables.iter_mut().enumerate() {
        let Some(name) = table.metadata_location.clone().filter(|name| places.can_open(name)) else { continue };
        let opened = places.open(&name, None).and_then(Metadata::read);
        let shown = shown_name(&name);
        let described = opened
            .map_err(|e| format!("`{shown}`: {e}"))
            .and_then(|metadata| describe(&metadata, &shown, &|file| places.open(file, None)));
        done.insert(index);
        lay_over(table, described, &shown, &mut problems);
    }
    for folder in around.folders {
        let Some(root) = folder.parent() else { continue };
        let shown = shown_path(around.base, folder);
        match newest(folder) {
            Ok((metadata, file)) => {
                let shown = shown_name(&shown_path(around.base, &file));
                let open = |name: &str| places.open(name, Some((&metadata.location, root)));
                let at = named(tables, &metadata, root);
                if at.is_some_and(|at| done.contains(&at)) {
                    continue;
                }
                let described = describe(&metadata, &shown, &open);
                match at {
                    Some(at) => lay_over(&mut tables[at], described, &shown, &mut problems),
                    None => replace(tables, derived, described, root, around, &shown, &mut problems),
                }
            }
            Err(reason) => problems.push(unreadable(None, &shown, &reason)),
        }
    }
    problems.extend(tables.iter().filter_map(|table| unmeasured(table, &places)));
    problems
}

/// An Iceberg table that is known by what lies in its folders alone.
fn unmeasured(table: &Table, places: &Places<'_>) -> Option<Unreadable> {
    let name = table.metadata_location.as_ref().filter(|_| table.kind == TableKind::Iceberg)?;
    let layout = table.layout.as_ref().filter(|layout| layout.iceberg.is_none())?;
    let shown = shown_name(name);
    if places.can_open(name) {
        return None;
    }
    Some(Unreadable {
        kind: UnreadableKind::Sql,
        place: Place::Path(shown),
        message: format!(
            "the metadata of `{}` was not read, no source of this run holds it: all files of {} count, those of old snapshots too",
            table.name, layout.source
        ),
        help: "give a folder with the table's `metadata` folder as a source, or let `lakelint scan --glue` read it"
            .to_string(),
    })
}

/// Gives a table what its metadata says, or nothing when that cannot be read.
fn lay_over(table: &mut Table, described: Result<Described, String>, shown: &str, problems: &mut Vec<Unreadable>) {
    match described {
        Ok(mut described) => {
            merge_listing(&mut described.layout, table.layout.take());
            take(table, described);
        }
        Err(reason) => {
            table.layout = None;
            problems.push(unreadable(Some(&table.name), shown, &reason));
        }
    }
}

/// Adds a table that nobody describes, in place of what its folders looked like.
fn replace(
    tables: &mut Vec<Table>,
    derived: &mut Vec<Table>,
    described: Result<Described, String>,
    root: &Path,
    around: &Around<'_>,
    shown: &str,
    problems: &mut Vec<Unreadable>,
) {
    let (inside, others) = std::mem::take(derived).into_iter().partition(|table| is_below(table, root, around));
    *derived = others;
    match described {
        Ok(mut described) => {
            if described.location.bucket.is_none() {
                described.location = Location::parse(&shown_name(&shown_path(around.base, root)));
            }
            let is_data =
                |table: &Table| table.location.as_ref().and_then(|place| place.segments().last()) != Some("metadata");
            let listed: Vec<Layout> =
                inside.into_iter().filter(is_data).filter_map(|table: Table| table.layout).collect();
            merge_listing(&mut described.layout, joined(listed));
            let table = undeclared(described);
            match tables.iter().any(|known| known.name.matches(&table.name)) {
                true => {}
                false => tables.push(table),
            }
        }
        Err(reason) => problems.push(unreadable(None, shown, &reason)),
    }
}

/// The described table that metadata is of: at the same place, or of the same name without another place.
fn named(tables: &[Table], metadata: &Metadata, root: &Path) -> Option<usize> {
    let location = Location::parse(&metadata.location);
    let is_there = |table: &Table| {
        let same = |place: &Location| place.path == location.path && place.contains(&location);
        table.location.as_ref().is_some_and(same)
    };
    if let Some(at) = tables.iter().position(is_there) {
        return Some(at);
    }
    let folders: Vec<String> =
        root.components().rev().take(2).map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
    let name = TableName::new(folders.iter().rev().map(|folder| folder.trim_end_matches(".db")));
    let mut same = (0..tables.len()).filter(|at| {
        let table = &tables[*at];
        table.kind == TableKind::Iceberg && table.name.matches(&name)
    });
    match (same.next(), same.next()) {
        (Some(at), None) => Some(at),
        _ => None,
    }
}

/// Whether a table that was derived from folders lies in the folder of an Iceberg table.
fn is_below(table: &Table, root: &Path, around: &Around<'_>) -> bool {
    let file = table.layout.as_ref().and_then(|layout| layout.columnar.first()).map(|file| &file.at);
    if let Some(FileAt::Disk(path)) = file {
        return path.starts_with(root);
    }
    let Some(location) = &table.location else { return false };
    let is_at =
        |place: &Location| place.contains(&Location { bucket: place.bucket.clone(), path: location.path.clone() });
    let placed = around.sources.iter().filter_map(|source| {
        let below = root.strip_prefix(&source.path).ok()?;
        let place = source.place.as_ref()?;
        Some(Location { bucket: place.bucket.clone(), path: format!("{}/{}", place.path, below.to_string_lossy()) })
    });
    placed.chain([Location::parse(&shown_path(around.base, root))]).any(|place| is_at(&Location::parse(&place.path)))
}

/// Several folders of one table as one listing.
fn joined(listed: Vec<Layout>) -> Option<Layout> {
    listed.into_iter().reduce(|mut all, more| {
        all.partitions.extend(more.partitions);
        all.gaps.extend(more.gaps);
        for (class, usage) in more.classes {
            let sum = all.classes.entry(class).or_default();
            *sum = Usage { files: sum.files + usage.files, bytes: sum.bytes + usage.bytes };
        }
        all
    })
}

/// Keeps what only a listing tells, and how much of it the current snapshot does not name.
fn merge_listing(layout: &mut Layout, listed: Option<Layout>) {
    let Some(listed) = listed else { return };
    let beside = [&listed.oddities.outside_partitions, &listed.oddities.inconsistent_names];
    let (files, bytes) = (listed.files(), listed.bytes().0);
    let files = beside.iter().fold(files, |sum, odd| sum.saturating_add(odd.objects));
    let bytes = beside.iter().fold(bytes, |sum, odd| sum.saturating_add(odd.bytes));
    if let Some(facts) = &mut layout.iceberg {
        let deletes = facts.deletes();
        let named = Usage {
            files: facts.data.files.saturating_add(deletes.files),
            bytes: facts.data.bytes.saturating_add(deletes.bytes),
        };
        // A listing that holds less than the table is of a part of it.
        let rest = files.checked_sub(named.files).zip(bytes.checked_sub(named.bytes));
        facts.unnamed = rest
            .filter(|_| listed.gaps.is_empty() && listed.parts.is_empty())
            .map(|(files, bytes)| Usage { files, bytes });
    }
    layout.gaps = listed.gaps;
    layout.classes = listed.classes;
    layout.oddities = listed.oddities;
    // Metadata knows what lies there and why.
    layout.oddities.outside_partitions = Oddity::default();
    layout.oddities.inconsistent_names = Oddity::default();
    layout.oddities.stray = Oddity::default();
}

/// The newest metadata of a folder: the one that `version-hint.text` names, else the one with the highest number, of equals the one
/// that was changed last.
fn newest(folder: &Path) -> Result<(Metadata, PathBuf), String> {
    let entries = folder.read_dir().map_err(|error| format!("this folder cannot be listed: {error}"))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut versions: Vec<(u64, String)> =
        names.filter(|name| is_metadata(name)).map(|name| (version(&name).unwrap_or(0), name)).collect();
    versions.sort();
    let hint = std::fs::read_to_string(folder.join("version-hint.text")).ok();
    let hint = hint.and_then(|text| text.trim().parse::<u64>().ok());
    let is_there = |wanted: &u64| versions.iter().any(|(version, _)| version == wanted);
    let wanted = hint.filter(is_there).or(versions.last().map(|(version, _)| *version));
    let candidates = versions.iter().rev().filter(|(version, _)| Some(*version) == wanted).take(MOST_EQUALS);
    let mut found: Option<(Metadata, PathBuf)> = None;
    for (_, name) in candidates {
        let path = folder.join(name);
        let metadata = File::open(&path).map_err(|e| format!("it cannot be opened: {e}")).and_then(Metadata::read);
        let metadata = metadata.map_err(|e| format!("`{name}`: {e}"))?;
        if found.as_ref().is_none_or(|(known, _)| known.last_updated_ms < metadata.last_updated_ms) {
            found = Some((metadata, path));
        }
    }
    found.ok_or_else(|| "this folder holds no metadata".to_string())
}

/// A name in metadata for people. A snapshot is the same on every machine: of a path on this one only the last part is kept.
fn shown_name(name: &str) -> String {
    match !name.starts_with("file:") && !name.starts_with('/') {
        true => name.to_string(),
        false => name.rsplit('/').next().unwrap_or(name).to_string(),
    }
}

/// `00003-<uuid>.metadata.json`, `v3.metadata.json`, `v3.gz.metadata.json`.
fn version(name: &str) -> Option<u64> {
    let digits = name.strip_prefix('v').unwrap_or(name);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

fn unreadable(table: Option<&TableName>, shown: &str, reason: &str) -> Unreadable {
    let whose = table.map_or("an Iceberg table".to_string(), |name| format!("`{name}`"));
    Unreadable {
        kind: UnreadableKind::Sql,
        place: Place::Path(shown.to_string()),
        message: format!("the metadata of {whose} cannot be read: {reason}"),
        help: "give all of the table's `metadata` folder, as its last commit left it; until then its files and bytes are unknown"
            .to_string(),
    }
}
