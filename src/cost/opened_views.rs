//! Who opens the views of dbt projects that leave less than they read.

use std::collections::{BTreeMap, HashMap};

use super::estimate::Estimator;
use crate::lake::{Exposure, Lake, Materialized, ModelId, ModelKind, Query, Span, TableName, TableRead};

/// What one statement, or one look at an exposure, reads through a view.
#[derive(Debug)]
pub struct Opened<'l> {
    pub by: Opener<'l>,
    /// Where the view is opened.
    pub at: Span,
    pub bytes: u64,
}

#[derive(Debug, Clone, Copy)]
pub enum Opener<'l> {
    Model,
    Test,
    Exposure(&'l Exposure),
}

/// Views and ephemeral models by their unqualified names.
type Views<'l> = HashMap<&'l str, Vec<ModelId>>;

/// The views and ephemeral models of a run that condense what they read, with those that open them.
pub fn views_opened<'l>(estimator: &Estimator<'l>) -> BTreeMap<ModelId, Vec<Opened<'l>>> {
    let lake = estimator.lake;
    let views = condensing(lake);
    let mut opened: BTreeMap<ModelId, Vec<Opened<'l>>> = BTreeMap::new();
    for query in &lake.queries {
        let by = match query.model.and_then(|model| lake.models.get(model.0 as usize)) {
            Some(user) if user.kind == ModelKind::Test => Opener::Test,
            Some(user) if user.is_built() => Opener::Model,
            _ => continue,
        };
        for (view, (at, bytes)) in through_views([query], &views, estimator) {
            opened.entry(view).or_default().push(Opened { by, at, bytes });
        }
    }
    for exposure in &lake.exposures {
        let by = Opener::Exposure(exposure);
        for (view, (at, bytes)) in through_views(&exposure.looks, &views, estimator) {
            opened.entry(view).or_default().push(Opened { by, at, bytes });
        }
    }
    opened
}

/// What statements read together through each of the views, and where they open it first.
fn through_views<'q>(
    queries: impl IntoIterator<Item = &'q Query>,
    views: &Views<'_>,
    estimator: &Estimator<'_>,
) -> BTreeMap<ModelId, (Span, u64)> {
    let mut here: BTreeMap<ModelId, (Span, u64)> = BTreeMap::new();
    for (query, read) in queries.into_iter().flat_map(|query| query.reads.iter().map(move |read| (query, read))) {
        let Some(view) = innermost(read, views, estimator.lake) else { continue };
        let Some(bytes) = estimator.read(query, read).bytes else { continue };
        let (_, sum) = here.entry(view).or_insert((read.place(), 0));
        *sum = sum.saturating_add(bytes.likely);
    }
    here
}

/// Views and ephemeral models whose result is smaller than what they read.
fn condensing(lake: &Lake) -> Views<'_> {
    let mut views = Views::new();
    for (index, model) in lake.models.iter().enumerate() {
        let is_view = matches!(model.materialized, Materialized::View | Materialized::Ephemeral);
        if is_view && model.condenses && model.kind == ModelKind::Model {
            views.entry(model.relation.table()).or_default().push(ModelId(index as u32));
        }
    }
    views
}

/// The last of these views that was opened on the way to a read: the others only hand on what it gives.
fn innermost(read: &TableRead, views: &Views<'_>, lake: &Lake) -> Option<ModelId> {
    read.through.iter().rev().find_map(|using| {
        let name = TableName::parse(lake.sources.text(*using));
        match views.get(name.table())?[..] {
            [view] if lake.models[view.0 as usize].relation.matches(&name) => Some(view),
            _ => None,
        }
    })
}
