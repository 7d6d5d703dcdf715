//! Statements that templates save in Athena: named queries, prepared statements and views.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::holes::open_clause;
use super::machines::{Step, Steps};
use super::read::Reading;
use super::{Missing, views};
use crate::document::{Text, substitute_text};
use crate::lake::{FileId, Lake, Span, TableName};
use crate::shown_path::{shown_path, without_dots};

/// A statement as its resource declares it.
#[derive(Debug, Clone)]
pub(in crate::input) struct SavedQuery {
    /// The name in Athena, else the logical one.
    pub name: String,
    /// Where tables without a database are.
    pub database: Option<String>,
    /// The logical name, where the resource is declared.
    pub span: Span,
    pub sql: SavedSql,
    /// Where it is to run: its module, and the workgroup as that names it.
    pub workgroup: Option<(Arc<str>, String)>,
    /// The view whose query it is.
    pub view: Option<TableName>,
}

/// Where the SQL is.
#[derive(Debug, Clone)]
pub(in crate::input) enum SavedSql {
    /// In the template; what only the deployment knows stands in it as `${...}`.
    Written(Text),
    /// In a file of its own, relative to the module.
    File {
        path: String,
        span: Span,
        /// What `${key}` in the file is.
        substitutions: BTreeMap<String, String>,
    },
}

impl SavedQuery {
    fn missing(&self, reason: &str) -> Missing {
        let span = match &self.sql {
            SavedSql::File { span, .. } => *span,
            SavedSql::Written(_) => self.span,
        };
        Missing::sql(span, self.name.clone(), reason.to_string())
    }
}

impl SavedSql {
    /// A text, or why it is none that can be read: the end of a sentence that starts with the SQL.
    pub fn written(text: Text) -> Result<SavedSql, String> {
        let trimmed = text.value.trim().trim_end_matches(';').trim_end();
        let whole = trimmed.strip_prefix("${").and_then(|rest| Some((rest, rest.find('}')? + 1)));
        match whole {
            _ if trimmed.is_empty() => Err("is empty".to_string()),
            _ if trimmed.starts_with("{{resolve:") => Err(format!("is `{trimmed}`, which only the deployment knows")),
            Some((rest, end)) if end == rest.len() => Err(format!("is `{trimmed}`, which only the deployment knows")),
            _ => Ok(SavedSql::Written(text)),
        }
    }
}

/// Adds the SQL of saved statements to the sources, under the names of their resources, and gives those that are not there to be read. A
/// file that discovery has met is read in the place of what it was taken for.
pub(super) fn add(queries: Vec<SavedQuery>, reading: &Reading, steps: &mut Steps, lake: &mut Lake) -> Vec<Missing> {
    let mut of_files: BTreeMap<PathBuf, Vec<SavedQuery>> = BTreeMap::new();
    // A local or a parameter may be the SQL of several.
    let mut of_texts: BTreeMap<(Span, Arc<str>), (Text, Vec<SavedQuery>)> = BTreeMap::new();
    for query in queries {
        match &query.sql {
            SavedSql::Written(text) => {
                let key = (text.map.span(0..text.value.len()), text.value.clone());
                let text = text.clone();
                of_texts.entry(key).or_insert_with(|| (text, Vec::new())).1.push(query);
            }
            SavedSql::File { path, .. } => {
                let template = Path::new(&lake.sources.get(query.span.file).path);
                let folder = template.parent().unwrap_or(Path::new(""));
                let path = without_dots(&reading.base.join(folder).join(path));
                of_files.entry(path).or_default().push(query);
            }
        }
    }
    let mut missing = Vec::new();
    for (text, queries) in of_texts.into_values() {
        let text = match view_of(&queries) {
            Some(view) => views::statement(view, &text, text.map.file()),
            None => text,
        };
        if let Some((at, reason)) = open_clause(&text) {
            missing.extend(queries.into_iter().map(|query| Missing::sql(at, query.name, reason.clone())));
            continue;
        }
        let file = lake.sources.add_inside(text.value, text.map);
        steps.insert(file, together(&queries).0);
    }
    let met: BTreeMap<PathBuf, FileId> = match of_files.is_empty() {
        true => BTreeMap::new(),
        false => {
            let files = lake.sources.iter().filter(|(_, source)| source.inside.is_none());
            files.map(|(file, source)| (without_dots(&reading.base.join(&source.path)), file)).collect()
        }
    };
    for (path, queries) in of_files {
        match add_file(&path, met.get(&path).copied(), &queries, reading, steps, lake) {
            Ok(unread) => missing.extend(unread),
            Err(reason) => missing.extend(queries.iter().map(|query| query.missing(&reason))),
        }
    }
    missing
}

/// Gives the statements that cannot be read, or why none can. Who asks about a template asks about the statements in the files that it names.
fn add_file(
    path: &Path,
    met: Option<FileId>,
    queries: &[SavedQuery],
    reading: &Reading,
    steps: &mut Steps,
    lake: &mut Lake,
) -> Result<Vec<Missing>, String> {
    let is_asked = queries.iter().any(|query| !lake.sources.get(query.span.file).is_context);
    let file = match met {
        Some(file) => {
            if is_asked {
                lake.sources.ask(file);
            }
            file
        }
        None => {
            let text = reading.text_of(path, queries[0].span.file, &lake.sources)?;
            let shown = shown_path(&reading.base, path);
            if is_asked { lake.sources.add(shown, text) } else { lake.sources.add_context(shown, text) }
        }
    };
    let text = Text::of_file(file, &lake.sources.get(file).text.clone());
    let mut missing = Vec::new();
    let alike = with_one_text_each(queries);
    for queries in &alike {
        let (step, substitutions) = together(queries);
        let lookup = |name: &str| substitutions.get(name).cloned();
        let substituted = substitute_text(&text, &lookup);
        let view = view_of(queries);
        match met {
            // As it is written, so that it can be mended there.
            Some(file) if substituted.value == text.value && view.is_none() && alike.len() == 1 => {
                steps.insert(file, step);
            }
            // What Terraform's directives leave of it, nobody knows.
            _ if text.value.contains("%{") => {
                return Err(format!(
                    "is in `{}`, a template with `%{{ ... }}` directives",
                    lake.sources.get(file).path
                ));
            }
            _ => {
                steps.replace(file);
                let substituted = view.map_or(substituted.clone(), |view| views::statement(view, &substituted, file));
                if let Some((_, reason)) = open_clause(&substituted) {
                    let reason = format!("is in `{}`, and {reason}", lake.sources.get(file).path);
                    missing.extend(queries.iter().map(|query| query.missing(&reason)));
                    continue;
                }
                let inside = lake.sources.add_inside(substituted.value, substituted.map);
                steps.insert(inside, step);
            }
        }
    }
    Ok(missing)
}

/// Texts that one file is read as; of more, what all of its statements agree on is read.
const MOST_TEXTS: usize = 100;

/// The statements of a file by what its template is given, each set of variables by itself.
fn with_one_text_each(queries: &[SavedQuery]) -> Vec<Vec<SavedQuery>> {
    let mut groups: Vec<Vec<SavedQuery>> = Vec::new();
    let given = |query: &SavedQuery| match &query.sql {
        SavedSql::File { substitutions, .. } => Some(substitutions.clone()),
        SavedSql::Written(_) => None,
    };
    for query in queries {
        match groups.iter().position(|group| given(&group[0]) == given(query)) {
            Some(at) => groups[at].push(query.clone()),
            None if groups.len() == MOST_TEXTS => return vec![queries.to_vec()],
            None => groups.push(vec![query.clone()]),
        }
    }
    groups
}

/// The view whose query a text is.
fn view_of(queries: &[SavedQuery]) -> Option<&TableName> {
    let view = queries.first()?.view.as_ref()?;
    queries.iter().all(|query| query.view.as_ref() == Some(view)).then_some(view)
}

/// Several statements with one text: what they agree on.
fn together(queries: &[SavedQuery]) -> (Step, BTreeMap<String, String>) {
    let names: BTreeSet<&String> = queries.iter().map(|query| &query.name).collect();
    let databases: BTreeSet<&Option<String>> = queries.iter().map(|query| &query.database).collect();
    let name = queries.first().filter(|_| names.len() == 1).map(|query| query.name.clone());
    let database = queries.first().filter(|_| databases.len() == 1).and_then(|query| query.database.clone());
    let workgroups: BTreeSet<_> = queries.iter().map(|query| &query.workgroup).collect();
    let workgroup = queries.first().filter(|_| workgroups.len() == 1).and_then(|query| query.workgroup.clone());
    let mut all = queries.iter().filter_map(|query| match &query.sql {
        SavedSql::File { substitutions, .. } => Some(substitutions),
        SavedSql::Written(_) => None,
    });
    let mut substitutions = all.next().cloned().unwrap_or_default();
    all.for_each(|other| substitutions.retain(|key, text| other.get(key) == Some(text)));
    (Step::saved(name, database).in_workgroup(workgroup), substitutions)
}
