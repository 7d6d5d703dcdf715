//! Ignores at work: what each silences, and whether one that silences nothing is proven idle.

use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

use super::Sift;
use super::positions::shown_path;
use crate::finding::{Finding, Place};
use crate::ignore::{Ignore, Scope};
use crate::lake::{FileId, Lake, Lookup, Query, Span, TableName};
use crate::rules::{self, Check, IgnoreUse};

/// The ignores of a run and how often each was used.
pub(super) struct Silencer<'a> {
    lake: &'a Lake,
    sift: &'a Sift<'a>,
    ignores: Vec<Watched<'a>>,
}

struct Watched<'a> {
    ignore: &'a Ignore,
    silenced: Vec<usize>,
    expired: bool,
    globs: Globs,
}

/// The compiled globs of a configured ignore; absent ones match everything.
#[derive(Default)]
struct Globs {
    path: Option<Vec<GlobMatcher>>,
    table: Option<Vec<GlobMatcher>>,
    object: Option<Vec<GlobMatcher>>,
}

impl<'a> Silencer<'a> {
    pub(super) fn new(lake: &'a Lake, sift: &'a Sift<'a>) -> Self {
        let today = sift.as_of.0.date();
        let watch = |ignore: &'a Ignore| Watched {
            ignore,
            silenced: vec![0; ignore.rules.len()],
            expired: ignore.until.is_some_and(|until| until < today),
            globs: Globs::of(&ignore.scope),
        };
        Silencer { lake, sift, ignores: lake.ignores.iter().map(watch).collect() }
    }

    /// Whether some ignore silences a finding; every one that does counts it.
    pub(super) fn silences(&mut self, finding: &Finding) -> bool {
        let mut silenced = false;
        let (lake, sift) = (self.lake, self.sift);
        for watched in self.ignores.iter_mut().filter(|watched| !watched.expired) {
            let named: Vec<usize> =
                (0..watched.silenced.len()).filter(|i| watched.ignore.rules[*i].0 == finding.rule).collect();
            if !named.is_empty() && watched.covers(finding, lake, sift) {
                silenced = true;
                named.into_iter().for_each(|i| watched.silenced[i] += 1);
            }
        }
        silenced
    }

    /// What each ignore did so far.
    pub(super) fn uses(&self) -> Vec<IgnoreUse<'a>> {
        let ran = |watched: &Watched<'a>, rule: &str, silenced: usize| {
            let on = self.sift.settings.get(rule).is_some();
            on && (silenced > 0 || watched.is_provably_idle(rule, self.lake, self.sift))
        };
        self.ignores
            .iter()
            .map(|watched| IgnoreUse {
                ignore: watched.ignore,
                silenced: watched.silenced.clone(),
                ran: watched
                    .ignore
                    .rules
                    .iter()
                    .zip(&watched.silenced)
                    .map(|((rule, _), n)| ran(watched, rule, *n))
                    .collect(),
                expired: watched.expired,
            })
            .collect()
    }
}

impl Watched<'_> {
    fn covers(&self, finding: &Finding, lake: &Lake, sift: &Sift<'_>) -> bool {
        match &self.ignore.scope {
            Scope::Statement(scope) => match &finding.place {
                Place::Span(span) => scope.contains(span),
                Place::Lake => declared_in(finding, lake).is_some_and(|span| scope.contains(&span)),
                Place::File(_) | Place::Path(_) => false,
            },
            Scope::File(file) => match &finding.place {
                Place::Span(span) => span.file == *file,
                Place::File(place) => place == file,
                Place::Path(path) => *path == lake.sources.get(*file).path,
                Place::Lake => declared_in(finding, lake).is_some_and(|span| span.file == *file),
            },
            Scope::Configured { .. } => self.globs.match_finding(finding, lake, sift),
        }
    }

    /// Whether the run saw enough to say that this ignore is of no use: a hook that reads one changed file knows few
    /// tables, and a run without a layout knows no sizes.
    fn is_provably_idle(&self, rule: &str, lake: &Lake, sift: &Sift<'_>) -> bool {
        // The rules about ignores have the last word: nothing runs after them that could prove them idle.
        let Some(rule) = rules::find(rule) else { return false };
        if matches!(rule.check, Check::Ignores(_)) {
            return false;
        }
        // What an entry of the configuration is for may lie in a file that this run was not asked about.
        if lake.is_partial && matches!(self.ignore.scope, Scope::Configured { .. }) {
            return false;
        }
        let within = |span: &Span| match &self.ignore.scope {
            Scope::Statement(scope) => scope.contains(span),
            Scope::File(file) => span.file == *file,
            Scope::Configured { .. } => self.globs.match_file(span.file, lake, sift),
        };
        let unknown = |query: &Query| !query.unknown_tables.is_empty() && within(&query.span);
        if rule.id != "unreadable-sql" && lake.queries.iter().any(unknown) {
            return false;
        }
        if rule.id != "unreadable-sql"
            && lake.unreadable.iter().any(|u| matches!(&u.place, Place::Span(s) if within(s)))
        {
            return false;
        }
        let needs_layout = !matches!(rule.check, Check::Query(_));
        let bare = |span: &Span| within(span) && needs_layout;
        if lake.catalog.iter().any(|(_, table)| table.layout.is_none() && table.declared_at.as_ref().is_some_and(bare))
        {
            return false;
        }
        self.globs.were_seen(lake, sift)
    }
}

impl Globs {
    fn of(scope: &Scope) -> Self {
        let Scope::Configured { path, table, object } = scope else { return Globs::default() };
        Globs {
            // A folder stands for everything in it.
            path: path.as_ref().map(|glob| {
                let glob = glob.trim_start_matches("./").trim_end_matches('/');
                [compile(glob, true), compile(&format!("{glob}/**"), true)].into_iter().flatten().collect()
            }),
            table: table.as_ref().map(|glob| compile(&glob.to_lowercase(), false).into_iter().collect()),
            object: object.as_ref().map(|glob| compile(glob, false).into_iter().collect()),
        }
    }

    fn match_finding(&self, finding: &Finding, lake: &Lake, sift: &Sift<'_>) -> bool {
        let file = shown_path(&finding.place, lake).map(|shown| from_config(shown, sift));
        let names = finding.table.as_deref().map(|name| table_names(name, lake)).unwrap_or_default();
        matches(&self.path, file.as_slice())
            && matches(&self.table, &names)
            && matches(&self.object, finding.object.clone().as_slice())
    }

    fn match_file(&self, file: FileId, lake: &Lake, sift: &Sift<'_>) -> bool {
        matches(&self.path, &[from_config(&lake.sources.get(file).path, sift)])
    }

    /// Whether the run met a file and a table that the globs name, so that silence means something.
    fn were_seen(&self, lake: &Lake, sift: &Sift<'_>) -> bool {
        let file = self.path.is_none() || lake.sources.iter().any(|(file, _)| self.match_file(file, lake, sift));
        let described = |name: &TableName| matches(&self.table, &table_names(&name.to_string(), lake));
        let table = self.table.is_none() || lake.catalog.iter().any(|(_, table)| described(&table.name));
        // Objects come from layouts.
        let object = self.object.is_none() || lake.catalog.iter().any(|(_, table)| table.layout.is_some());
        file && table && object
    }
}

/// Whether one of the texts fits; an absent glob needs none.
fn matches(globs: &Option<Vec<GlobMatcher>>, texts: &[String]) -> bool {
    match globs {
        None => true,
        Some(globs) => texts.iter().any(|text| globs.iter().any(|glob| glob.is_match(text))),
    }
}

/// `None` for a glob that cannot be compiled: the configuration rejects those before.
fn compile(glob: &str, slashes_separate: bool) -> Option<GlobMatcher> {
    GlobBuilder::new(glob).literal_separator(slashes_separate).build().ok().map(|glob| glob.compile_matcher())
}

/// The ways to name a table: as written, in full, and by its last part.
fn table_names(written: &str, lake: &Lake) -> Vec<String> {
    let name = TableName::parse(written);
    let mut names = vec![name.to_string(), name.table().to_string()];
    if let Lookup::Found(id) = lake.catalog.lookup(&name) {
        names.push(lake.catalog.get(id).name.to_string());
    }
    names
}

/// Where the table of a finding is declared.
fn declared_in(finding: &Finding, lake: &Lake) -> Option<Span> {
    match lake.catalog.lookup(&TableName::parse(finding.table.as_deref()?)) {
        Lookup::Found(id) => lake.catalog.get(id).declared_at,
        _ => None,
    }
}

/// A shown path as seen from the configuration file; as shown when it lies elsewhere.
fn from_config(shown: &str, sift: &Sift<'_>) -> String {
    let Some(folder) = sift.globs_from else { return shown.to_string() };
    let whole = lexically_normal(&sift.base.join(shown));
    match whole.strip_prefix(lexically_normal(folder)) {
        Ok(below) => below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"),
        Err(_) => shown.to_string(),
    }
}

/// Takes `.` and `..` out without asking the file system.
fn lexically_normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}
