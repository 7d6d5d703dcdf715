//! What dbt would refuse of a project, and what of it is not read.

use std::collections::BTreeMap;

use super::Dbt;
use crate::dbt::{File, Missing, Project, Read, Stopped, Warehouse, cycles};
use crate::finding::Place;
use crate::lake::{Count, Lake, NotAnalysed, Span, Unreadable, UnreadableKind};

/// Says of a project for another warehouse that its queries are not read.
pub(super) fn leave_out(warehouse: &Warehouse, files: &[File], lake: &mut Lake) {
    let is_asked = |file: &&File| file.is_query() && !lake.sources.get(file.file).is_context;
    let mut asked = files.iter().filter(is_asked);
    let Some(first) = asked.next() else { return };
    let count = 1 + asked.count();
    let queries = if count == 1 { "query" } else { "queries" };
    lake.other_sql.push(NotAnalysed {
        kind: UnreadableKind::Sql,
        span: Span::new(first.file, 0..0),
        reason: format!(
            "{} {queries} of a dbt project for {}: {}",
            Count(count as u64),
            warehouse.name,
            warehouse.told_by
        ),
    });
}

/// Says why a query cannot be rendered.
pub(super) fn stopped(stopped: Stopped, file: &File, lake: &mut Lake) {
    lake.unreadable.push(Unreadable {
        kind: UnreadableKind::Sql,
        place: Place::Span(Span::new(file.file, stopped.file)),
        message: format!("this template cannot be rendered: {}", stopped.message),
        help: "check the construct, or run `dbt compile`: what it writes into `target` is read instead".to_string(),
    });
}

/// Files of macros that are no templates.
pub(super) fn of_macros(project: &Project, files: &[File], dbt: &Dbt, lake: &mut Lake) {
    for (name, (_, stopped)) in project.problems().iter().map(|problem| (&problem.0, problem)) {
        let of = files.iter().find(|file| format!("{}/{}", file.package, file.path) == *name);
        let Some(file) = of.filter(|file| dbt.templates.contains(&file.file)) else { continue };
        if !lake.sources.get(file.file).is_context {
            lake.unreadable.push(Unreadable {
                kind: UnreadableKind::Sql,
                place: Place::Span(Span::new(file.file, stopped.file.clone())),
                message: format!("these macros cannot be read: {}", stopped.message),
                help: "models that call them cannot be rendered".to_string(),
            });
        }
    }
}

/// Most models of a circle that are named.
const NAMED: usize = 8;

/// Models that read each other in a circle: dbt refuses to run the project.
pub(super) fn circles(refs: &[(&File, Vec<String>)], lake: &mut Lake) {
    let reads: BTreeMap<&str, &[String]> = refs.iter().map(|(file, refs)| (file.name(), refs.as_slice())).collect();
    for circle in cycles(&reads) {
        let next = circle.get(1).unwrap_or(&circle[0]);
        let of = refs.iter().find(|(file, _)| file.name() == circle[0]);
        let Some((file, _)) = of.filter(|(file, _)| !lake.sources.get(file.file).is_context) else { continue };
        let mut names: Vec<String> = circle.iter().chain([&circle[0]]).map(|name| format!("`{name}`")).collect();
        if names.len() > NAMED {
            let between = names.len() - NAMED;
            names.splice(NAMED - 1..names.len() - 1, [format!("{between} others")]);
        }
        lake.unreadable.push(Unreadable {
            kind: UnreadableKind::Sql,
            place: Place::Span(Span::new(file.file, file.reference(next).unwrap_or(0..0))),
            message: format!("models read each other in a circle: {}", names.join(" reads ")),
            help: "let one of them read a source or `{{ this }}` instead: dbt does not run a project like this"
                .to_string(),
        });
    }
}

/// What dbt or Athena would refuse of a query: models and sources that it asks for and that are not there, and that it is none.
pub(super) fn of_read(read: &Read, file: &File, lake: &mut Lake) {
    if read.has_no_query {
        lake.unreadable.push(Unreadable {
            kind: UnreadableKind::Sql,
            place: Place::Span(read.model.span),
            message: format!("`{}` has no query: only comments and configuration", read.model.name),
            help: "write one, take the file out, or set `enabled=false`: dbt runs it, and Athena refuses that"
                .to_string(),
        });
    }
    for (missing, range) in &read.missing {
        not_there(missing, Span::new(file.file, range.clone()), lake);
    }
}

/// One of them, where it is asked for.
pub(super) fn not_there(missing: &Missing, span: Span, lake: &mut Lake) {
    let (why, help) = match missing.is_disabled {
        true => ("is disabled", "enable it, or take the reference out: dbt does not run what refers to it"),
        false => (
            "is declared nowhere in this project",
            "declare it, mend the name, or run `dbt deps` if it is that of a package",
        ),
    };
    lake.unreadable.push(Unreadable {
        kind: UnreadableKind::Sql,
        place: Place::Span(span),
        message: format!("{} {why}", missing.what),
        help: help.to_string(),
    });
}
