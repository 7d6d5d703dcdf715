//! Which statements of the repository are those that have run.

use std::path::Path;

use rayon::prelude::*;

use crate::lake::{Lake, Past, Query};
use crate::sql;

/// Gives every statement what the history knows of it.
pub(in crate::input) fn attach(lake: &mut Lake) {
    if lake.history.is_empty() {
        return;
    }
    let known = lake.history.known();
    let past = |query: &Query| {
        let identity = sql::identity(lake.sources.text(query.span), &[]);
        known.past(&identity, model(query, &lake.sources.get(query.span.file).path))
    };
    let pasts: Vec<Option<Past>> = lake.queries.par_iter().map(past).collect();
    for (query, past) in lake.queries.iter_mut().zip(pasts) {
        query.past = past;
    }
}

/// The name of a statement that is a dbt model: that of its file.
fn model<'a>(query: &'a Query, path: &str) -> Option<&'a str> {
    let path = Path::new(path);
    let is_of_file = |name: &&str| path.file_stem().is_some_and(|stem| stem == *name);
    query.name.as_deref().filter(is_of_file).filter(|_| path.extension().is_some_and(|ending| ending == "sql"))
}
