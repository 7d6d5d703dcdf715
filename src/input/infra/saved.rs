//! Statements that templates save in Athena: named queries and prepared statements.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::machines::{Step, Steps};
use super::read::Reading;
use crate::document::{Text, substitute_text};
use crate::input::text_file;
use crate::lake::{FileId, Lake, Span};
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
}

/// Where the SQL is.
#[derive(Debug, Clone)]
pub(in crate::input) enum SavedSql {
    /// In the template; what only the deployment knows stands in it as `${...}`.
    Written(Text),
    /// In a file of its own, relative to the module.
    File {
        path: String,
        /// What `${key}` in the file is.
        substitutions: BTreeMap<String, String>,
    },
}

impl SavedSql {
    /// A text; `None` when all of it is the deployment's.
    pub fn written(text: Text) -> Option<SavedSql> {
        let trimmed = text.value.trim().trim_end_matches(';');
        let is_open = trimmed.starts_with("{{resolve:")
            || trimmed.strip_prefix("${").and_then(|rest| rest.find('}')).is_some_and(|end| end + 3 == trimmed.len());
        (!is_open && !trimmed.is_empty()).then_some(SavedSql::Written(text))
    }
}

/// Adds the SQL of saved statements to the sources, under the names of their resources. A file that discovery has met is read in the
/// place of what it was taken for.
pub(super) fn add(queries: Vec<SavedQuery>, reading: &Reading, steps: &mut Steps, lake: &mut Lake) {
    let mut of_files: BTreeMap<PathBuf, Vec<SavedQuery>> = BTreeMap::new();
    for query in queries {
        match query.sql {
            SavedSql::Written(text) => {
                let file = lake.sources.add_inside(text.value, text.map);
                steps.insert(file, Step::saved(Some(query.name), query.database));
            }
            SavedSql::File { ref path, .. } => {
                let template = Path::new(&lake.sources.get(query.span.file).path);
                let folder = template.parent().unwrap_or(Path::new(""));
                let path = without_dots(&reading.base.join(folder).join(path));
                of_files.entry(path).or_default().push(query);
            }
        }
    }
    let met: BTreeMap<PathBuf, FileId> = match of_files.is_empty() {
        true => BTreeMap::new(),
        false => {
            let files = lake.sources.iter().filter(|(_, source)| source.inside.is_none());
            files.map(|(file, source)| (without_dots(&reading.base.join(&source.path)), file)).collect()
        }
    };
    for (path, queries) in of_files {
        add_file(&path, met.get(&path).copied(), queries, reading, steps, lake);
    }
}

/// Who asks about a template asks about the statements in the files that it names.
fn add_file(
    path: &Path,
    met: Option<FileId>,
    queries: Vec<SavedQuery>,
    reading: &Reading,
    steps: &mut Steps,
    lake: &mut Lake,
) {
    let is_asked = queries.iter().any(|query| !lake.sources.get(query.span.file).is_context);
    let file = match met {
        Some(file) => {
            if is_asked {
                lake.sources.ask(file);
            }
            file
        }
        None => {
            let template = queries[0].span.file;
            if reading.not_to_be_opened(path, template, &lake.sources).is_some() {
                return;
            }
            let Ok(text) = text_file::read(Some(path)) else { return };
            let shown = shown_path(&reading.base, path);
            if is_asked { lake.sources.add(shown, text) } else { lake.sources.add_context(shown, text) }
        }
    };
    let text = Text::of_file(file, &lake.sources.get(file).text.clone());
    let (step, substitutions) = together(queries);
    let lookup = |name: &str| substitutions.get(name).cloned();
    let substituted = substitute_text(&text, &lookup);
    match met {
        // As it is written, so that it can be mended there.
        Some(file) if substituted.value == text.value => steps.insert(file, step),
        // What Terraform's directives leave of it, nobody knows.
        _ if text.value.contains("%{") => {}
        _ => {
            steps.replace(file);
            let inside = lake.sources.add_inside(substituted.value, substituted.map);
            steps.insert(inside, step);
        }
    }
}

/// Several statements with one file: what they agree on.
fn together(queries: Vec<SavedQuery>) -> (Step, BTreeMap<String, String>) {
    let names: BTreeSet<&String> = queries.iter().map(|query| &query.name).collect();
    let databases: BTreeSet<&Option<String>> = queries.iter().map(|query| &query.database).collect();
    let name = queries.first().filter(|_| names.len() == 1).map(|query| query.name.clone());
    let database = queries.first().filter(|_| databases.len() == 1).and_then(|query| query.database.clone());
    let mut all = queries.into_iter().filter_map(|query| match query.sql {
        SavedSql::File { substitutions, .. } => Some(substitutions),
        SavedSql::Written(_) => None,
    });
    let mut substitutions = all.next().unwrap_or_default();
    all.for_each(|other| substitutions.retain(|key, text| other.get(key) == Some(text)));
    (Step::saved(name, database), substitutions)
}
