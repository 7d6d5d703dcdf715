//! Ignores at work: what each silences, and whether one that silences nothing is proven idle.

use std::collections::{BTreeMap, HashMap};

use globset::{GlobBuilder, GlobMatcher};

use super::Sift;
use super::positions::shown_path;
use crate::finding::{Finding, Place};
use crate::ignore::{Ignore, Scope};
use crate::lake::{FileId, Lake, Lookup, Span, TableName};
use crate::rules::{self, Check, IgnoreUse};
use crate::shown_path::seen_from;

/// The ignores of a run and how often each was used.
pub(super) struct Silencer<'a> {
    lake: &'a Lake,
    sift: &'a Sift<'a>,
    ignores: Vec<Watched<'a>>,
    /// Indices of the ignores that stand in a file: a finding meets those of its own file only.
    in_file: HashMap<FileId, Vec<usize>>,
    /// Indices of the configured ones.
    configured: Vec<usize>,
    gaps: BTreeMap<FileId, Gaps>,
}

/// What the run does not know about one file.
#[derive(Default)]
struct Gaps {
    /// Queries that read tables which no source describes.
    unknown_tables: Vec<Span>,
    /// Statements that could not be understood.
    unreadable: Vec<Span>,
    /// Declarations of tables without a layout.
    without_layout: Vec<Span>,
    /// State machines whose definition is computed.
    not_analysed: Vec<Span>,
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
        let today = sift.estimator.as_of.0.date();
        let watch = |ignore: &'a Ignore| Watched {
            ignore,
            silenced: vec![0; ignore.rules.len()],
            expired: ignore.until.is_some_and(|until| until < today),
            globs: Globs::of(&ignore.scope),
        };
        let mut in_file: HashMap<FileId, Vec<usize>> = HashMap::new();
        let mut configured = Vec::new();
        for (i, ignore) in lake.ignores.iter().enumerate() {
            match &ignore.scope {
                Scope::Statement(span) | Scope::Part(span) => in_file.entry(span.file).or_default().push(i),
                Scope::File(file) => in_file.entry(*file).or_default().push(i),
                Scope::Configured { .. } => configured.push(i),
            }
        }
        let ignores = lake.ignores.iter().map(watch).collect();
        Silencer { lake, sift, ignores, in_file, configured, gaps: gaps(lake) }
    }

    /// Whether some ignore silences a finding; every one that does counts it.
    pub(super) fn silences(&mut self, finding: &Finding) -> bool {
        let mut silenced = false;
        let (lake, sift) = (self.lake, self.sift);
        let places = text_places(finding, lake);
        let near = places.iter().flat_map(|(file, _)| self.in_file.get(file).into_iter().flatten());
        for index in near.chain(&self.configured) {
            let watched = &mut self.ignores[*index];
            if watched.expired || !watched.ignore.rules.iter().any(|(rule, _)| rule == finding.rule) {
                continue;
            }
            let mut spans = places.iter().filter_map(|(_, span)| *span);
            let covers = match &watched.ignore.scope {
                Scope::Statement(scope) => spans.any(|span| scope.contains(&span)),
                // What is said of a state is said of its retrier too, beside which the comment may stand.
                Scope::Part(scope) => spans.any(|span| scope.contains(&span) || span.contains(scope)),
                Scope::File(_) => true,
                Scope::Configured { .. } => watched.globs.match_finding(finding, lake, sift),
            };
            if covers {
                silenced = true;
                let rules = watched.ignore.rules.iter().zip(&mut watched.silenced);
                rules.filter(|((rule, _), _)| rule == finding.rule).for_each(|(_, count)| *count += 1);
            }
        }
        silenced
    }

    /// What each ignore did so far.
    pub(super) fn uses(&self) -> Vec<IgnoreUse<'a>> {
        let ran = |watched: &Watched<'a>, rule: &str, silenced: usize| {
            let on = self.sift.settings.get(rule).is_some();
            on && (silenced > 0 || watched.is_provably_idle(rule, self.lake, self.sift, &self.gaps))
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
    /// Whether the run saw enough to say that this ignore is of no use: a hook that reads one changed file knows few
    /// tables, and a run without a layout knows no sizes.
    fn is_provably_idle(&self, rule: &str, lake: &Lake, sift: &Sift<'_>, gaps: &BTreeMap<FileId, Gaps>) -> bool {
        // The rules about ignores have the last word: nothing runs after them that could prove them idle.
        let Some(rule) = rules::find(rule) else { return false };
        if matches!(rule.check, Check::Ignores(_)) {
            return false;
        }
        // What an entry of the configuration is for may lie in a file that this run was not asked about.
        if lake.is_partial && matches!(self.ignore.scope, Scope::Configured { .. }) {
            return false;
        }
        let hides = |gaps: &Gaps, within: &dyn Fn(&Span) -> bool| {
            let reads = !matches!(rule.id, "unreadable-sql" | "unreadable-state-machine");
            let needs_layout =
                !matches!(rule.check, Check::Query(_) | Check::Workflow(_) | Check::Resource(_) | Check::Job(_));
            let mut unread = gaps.unknown_tables.iter().chain(&gaps.unreadable);
            // What is not analysed is told once for all that a file holds of it.
            reads && unread.any(within)
                || gaps.not_analysed.iter().any(|span| !reads || within(span))
                || needs_layout && gaps.without_layout.iter().any(within)
        };
        let hidden = match &self.ignore.scope {
            Scope::Statement(scope) => {
                gaps.get(&scope.file).is_some_and(|gaps| hides(gaps, &|span| scope.contains(span)))
            }
            // A fault anywhere in a file may hide all that the file declares.
            Scope::Part(scope) => gaps.get(&scope.file).is_some_and(|gaps| hides(gaps, &|_| true)),
            Scope::File(file) => gaps.get(file).is_some_and(|gaps| hides(gaps, &|_| true)),
            Scope::Configured { .. } => {
                gaps.iter().any(|(file, gaps)| hides(gaps, &|_| true) && self.globs.match_file(*file, lake, sift))
            }
        };
        !hidden && self.globs.were_seen(lake, sift)
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
        let file = shown_path(&finding.place, lake).map(|shown| seen_from(sift.globs_from, sift.base, shown));
        let names = finding.table.as_deref().map(|name| table_names(name, lake)).unwrap_or_default();
        matches(&self.path, file.as_slice())
            && matches(&self.table, &names)
            && matches(&self.object, finding.object.clone().as_slice())
    }

    fn match_file(&self, file: FileId, lake: &Lake, sift: &Sift<'_>) -> bool {
        matches(&self.path, &[seen_from(sift.globs_from, sift.base, &lake.sources.get(file).path)])
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

/// What the run does not know, by file. What stands in a text inside of a file counts for the file as well.
fn gaps(lake: &Lake) -> BTreeMap<FileId, Gaps> {
    let mut gaps: BTreeMap<FileId, Gaps> = BTreeMap::new();
    let mut add = |span: Span, of: fn(&mut Gaps) -> &mut Vec<Span>| {
        for span in places(span, lake) {
            of(gaps.entry(span.file).or_default()).push(span);
        }
    };
    for query in lake.queries.iter().filter(|query| !query.unknown_tables.is_empty()) {
        add(query.span, |gaps| &mut gaps.unknown_tables);
    }
    for unreadable in &lake.unreadable {
        if let Place::Span(span) = unreadable.place {
            add(span, |gaps| &mut gaps.unreadable);
        }
    }
    for (_, table) in lake.catalog.iter().filter(|(_, table)| table.layout.is_none()) {
        if let Some(span) = table.declared_at {
            add(span, |gaps| &mut gaps.without_layout);
        }
    }
    for computed in lake.not_analysed.iter().chain(&lake.other_sql) {
        add(computed.span, |gaps| &mut gaps.not_analysed);
    }
    gaps
}

/// A place, and where it stands on disk if that is another one.
fn places(span: Span, lake: &Lake) -> impl Iterator<Item = Span> {
    let on_disk = Some(lake.sources.on_disk(span)).filter(|on_disk| *on_disk != span);
    std::iter::once(span).chain(on_disk)
}

/// The files, and the places in them, that ignore comments about a finding stand in: those of a text and of the file that it is
/// inside of. What is only in the lake belongs to the declaration of its table.
fn text_places(finding: &Finding, lake: &Lake) -> Vec<(FileId, Option<Span>)> {
    let span = match &finding.place {
        Place::Span(span) => Some(*span),
        Place::File(file) => return vec![(*file, None)],
        Place::Lake => declared_in(finding, lake),
        // What could not be read has no comments.
        Place::Path(_) => None,
    };
    span.into_iter().flat_map(|span| places(span, lake)).map(|span| (span.file, Some(span))).collect()
}

/// Where the table of a finding is declared.
fn declared_in(finding: &Finding, lake: &Lake) -> Option<Span> {
    match lake.catalog.lookup(&TableName::parse(finding.table.as_deref()?)) {
        Lookup::Found(id) => lake.catalog.get(id).declared_at,
        _ => None,
    }
}
