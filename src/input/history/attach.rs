//! Which statements of the repository are those that have run.

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;

use crate::lake::{Identity, Lake, Model, ModelKind, Past, Query, Sameness};
use crate::sql;

/// Gives every statement what the history knows of it.
pub(in crate::input) fn attach(lake: &mut Lake) {
    if lake.history.is_empty() {
        return;
    }
    let known = lake.history.known();
    let past = |query: &Query| {
        let mut identity = sql::identity(lake.sources.text(query.span), &[]);
        // Which schema its tables are in, and what dbt puts around it, is the deployment's.
        identity.has_relation |= lake.model(query).is_some_and(Model::reads);
        let past = known.past(&identity, model(query, lake));
        (identity, past)
    };
    let (identities, mut pasts): (Vec<Identity>, Vec<Option<Past>>) = lake.queries.par_iter().map(past).unzip();
    share(&identities, &mut pasts);
    let elsewhere = lake.history.elsewhere_than(&identities);
    for (query, past) in lake.queries.iter_mut().zip(pasts) {
        query.past = past;
    }
    lake.history.elsewhere = elsewhere;
}

/// Statements that are the same to the history have its runs together: copies of a text, and texts whose values never ran.
fn share(identities: &[Identity], pasts: &mut [Option<Past>]) {
    let mut claims: HashMap<_, u32> = HashMap::new();
    let claim = |identity: &Identity, past: &Past| {
        let literals = identity.literals.filter(|_| past.sameness == Sameness::Same);
        (identity.fingerprint, identity.loose, literals)
    };
    for (identity, past) in identities.iter().zip(&*pasts) {
        if let Some(past) = past.as_ref().filter(|past| past.sameness != Sameness::SameName) {
            *claims.entry(claim(identity, past)).or_default() += 1;
        }
    }
    for (identity, past) in identities.iter().zip(pasts) {
        if let Some(past) = past.as_mut().filter(|past| past.sameness != Sameness::SameName) {
            past.shared_by = claims.get(&claim(identity, past)).copied().unwrap_or(1);
        }
    }
}

/// The name of a statement that is a dbt model: its model's, or that of its file outside a project.
fn model<'a>(query: &'a Query, lake: &'a Lake) -> Option<&'a str> {
    if let Some(model) = lake.model(query) {
        return matches!(model.kind, ModelKind::Model | ModelKind::Snapshot).then_some(&model.name);
    }
    let path = Path::new(&lake.sources.get(query.span.file).path);
    let is_of_file = |name: &&str| path.file_stem().is_some_and(|stem| stem == *name);
    query.name.as_deref().filter(is_of_file).filter(|_| path.extension().is_some_and(|ending| ending == "sql"))
}
