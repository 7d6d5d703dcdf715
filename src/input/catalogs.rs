//! What catalogs describe besides the project's own files: exports among the sources, snapshots, and what a scan has fetched.

use anyhow::{Context, Result};

use super::glue_json::{self, Export, Extent};
use super::lake_source::{Kind, LakeSource};
use super::snapshot::Snapshot;
use crate::finding::Place;
use crate::lake::{FileId, Lake, TableName, Unreadable, UnreadableKind};
use crate::sql::{self, View};

/// Adds the exports among the sources to what is known already; gives what is wrong with them.
pub(super) fn read_exports(opened: &[LakeSource], export: &mut Export) -> Result<Vec<Unreadable>> {
    let mut problems = Vec::new();
    for source in opened.iter().filter(|source| matches!(source.kind, Kind::Glue)) {
        let fail = || format!("cannot read lake source `{}`", source.shown);
        let mut own = Export::default();
        if glue_json::read(source.content()?, &mut own).with_context(fail)? == Extent::Truncated {
            // Which partitions are registered is not known then.
            own.partitions.clear();
            problems.push(Unreadable {
                kind: UnreadableKind::Sql,
                place: Place::Path(source.shown.clone()),
                message: "this Glue export is truncated: it ends with a `NextToken`".to_string(),
                help: "export without `--max-items` and `--no-paginate`, or append the following pages to the file"
                    .to_string(),
            });
        }
        export.extend(own);
    }
    Ok(problems)
}

/// The views of catalogs and of snapshots, each as a source of its own, so that statements are followed through them. A view that
/// the project defines itself is the project's, and one that this run's catalogs describe is theirs.
pub(super) fn views(opened: &[LakeSource], export: &Export, defined: &[View], lake: &mut Lake) -> Result<Vec<View>> {
    let mut texts = export.views.clone();
    for source in opened.iter().filter(|source| source.is_snapshot()) {
        for (name, text) in Snapshot::open(&source.path, &source.shown)?.views()? {
            texts.entry(name).or_insert(text);
        }
    }
    texts.retain(|name, _| !defined.iter().any(|view| view.name.matches(name)));
    let add = |(name, text): (&TableName, &String)| lake.sources.add_context(format!("view {name}"), text.as_str());
    let files: Vec<FileId> = texts.iter().map(add).collect();
    let mut views: Vec<View> =
        files.into_iter().flat_map(|file| sql::outline(file, &lake.sources.get(file).text).views).collect();
    for view in &mut views {
        view.database = view.name.database().map(str::to_string);
    }
    Ok(views)
}
