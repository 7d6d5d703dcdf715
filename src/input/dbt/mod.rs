//! dbt projects among the files of a run: their models become the statements that dbt would run, at the places where the models
//! stand.

mod compiled;
mod folder;
mod packages;
mod problems;
mod requirements;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::Sources;
use super::discover::Input;
use crate::dbt::{File, PROJECT_FILE, Project, Read, Role};
use crate::expr::ColumnType;
use crate::ignore::{Ignore, Scope};
use crate::lake::{
    Column, DeclaredBy, FileId, Lake, Layout, Materialized, Model, ModelId, ModelKind, NotAnalysed, Partition, Table,
    TableName, UnreadableKind,
};
use crate::shown_path::without_dots;
use crate::sql::FileFacts;
use folder::Folder;
use packages::Roots;
use requirements::Requirements;

/// Which texts are queries of dbt projects.
#[derive(Debug, Default)]
pub(super) struct Dbt {
    /// Files that are templates: they are no SQL as they are.
    templates: HashSet<FileId>,
    by_text: BTreeMap<FileId, Text>,
    /// Texts that read all of a view, as a look at an exposure may; with its index among the lake's.
    looks: BTreeMap<FileId, usize>,
    /// Models by the paths of their files, with the relations that they build.
    built: HashSet<(String, TableName)>,
    /// Tables that dbt makes of files of rows.
    pub seeds: Vec<Table>,
}

/// A text that was rendered.
#[derive(Debug)]
struct Text {
    model: ModelId,
    /// What the model's relation is like; not what dbt runs.
    is_definition: bool,
    /// It asks for what only a run knows: that it cannot be read is not its own fault.
    is_guessed: bool,
}

/// Adds the rendered queries of all projects that the run's SQL files belong to.
pub(super) fn read(inputs: &[Input], run: &Sources, lake: &mut Lake) -> Dbt {
    let mut dbt = Dbt::default();
    let asked: BTreeSet<String> =
        inputs.iter().filter(|input| !input.context).map(|input| input.shown.clone()).collect();
    let mut requirements = Requirements::default();
    let projects = projects(run, lake);
    let roots = Roots::of(projects.keys());
    let mut folders = Vec::new();
    for (root, met) in projects {
        let mut folder = Folder::read(&root, &roots, &mut requirements, run);
        dbt.templates.extend(folder.adopt(met, run, lake));
        folder.tell_problems(run, &asked, lake);
        folders.push(folder);
    }
    // What a project uses comes before it: it uses all that its packages use, and them.
    folders.sort_by_key(|folder| folder.elsewhere.len());
    for folder in folders {
        match &folder.warehouse {
            Some(warehouse) => problems::leave_out(warehouse, &folder.files, lake),
            None => add_project(folder, run, &asked, &mut dbt, lake),
        }
    }
    dbt
}

fn add_project(mut folder: Folder, run: &Sources, asked: &BTreeSet<String>, dbt: &mut Dbt, lake: &mut Lake) {
    let settings = std::mem::take(&mut folder.settings);
    let mut project = Project::new(
        &folder.name,
        settings,
        &folder.files,
        &folder.needs,
        folder.target.clone(),
        &run.dbt,
        run.as_of.0,
    );
    add(&project, &folder, dbt, lake);
    for file in folder.files.iter().filter(|file| file.role == Role::Seed) {
        let name = project.built(file).filter(|name| !dbt.has(&folder, file, Some(name), lake));
        dbt.seeds.extend(name.map(|name| seed(name, file)));
    }
    let places: BTreeMap<FileId, FileId> = project
        .properties()
        .into_iter()
        .map(|index| (index, folder.add_properties(index.0 as usize, run, asked, lake)))
        .collect();
    project.place(|index| places[&index]);
    lake.dbt_sources.extend(project.own_sources());
    add_exposures(&project, dbt, lake);
    add_tests(&project, dbt, lake);
}

/// The files of each project, by its folder; those that dbt has fetched or made count with the project that they were fetched for.
fn projects(run: &Sources, lake: &Lake) -> BTreeMap<PathBuf, Vec<(PathBuf, FileId)>> {
    let mut known: HashMap<PathBuf, Option<PathBuf>> = HashMap::new();
    let mut projects: BTreeMap<PathBuf, Vec<(PathBuf, FileId)>> = BTreeMap::new();
    for (file, source) in lake.sources.iter().filter(|(_, source)| source.inside.is_none()) {
        if !super::is_sql(&source.path) {
            continue;
        }
        let path = without_dots(&run.base.join(&source.path));
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let root = known.entry(folder).or_insert_with_key(|folder| project_of(folder)).clone();
        if let Some(root) = root {
            projects.entry(root).or_default().push((path, file));
        }
    }
    projects
}

/// The innermost project, else the one that has fetched it: packages, and the projects that test them, lie within that.
fn project_of(folder: &Path) -> Option<PathBuf> {
    let mut projects = folder.ancestors().filter(|folder| folder.join(PROJECT_FILE).is_file());
    let inner = projects.next()?;
    let fetched = projects.filter(|outer| folder::fetches(outer, inner)).last();
    Some(fetched.unwrap_or(inner).to_path_buf())
}

/// Renders the queries of a project, in parallel, and adds them in order.
fn add(project: &Project, folder: &Folder, dbt: &mut Dbt, lake: &mut Lake) {
    let files = &folder.files;
    let is_read = |file: &&File| file.is_query() && !dbt.has(folder, file, project.built(file).as_ref(), lake);
    let queries: Vec<&File> = files.iter().filter(is_read).collect();
    // What cannot be rendered here, dbt may have compiled.
    let read = |file: &&File| {
        let rendered = project.read(file);
        let compiled = rendered.is_err().then(|| folder.compiled(file)).flatten();
        compiled.map_or(rendered, |compiled| Ok(Some(project.read_compiled(file, &compiled))))
    };
    let read: Vec<_> = queries.par_iter().map(read).collect();
    let mut refs = Vec::new();
    for (file, read) in queries.into_iter().zip(read) {
        let is_asked = !lake.sources.get(file.file).is_context;
        match read {
            Ok(None) => {}
            Ok(Some(read)) => {
                if is_asked {
                    problems::of_read(&read, file, lake);
                }
                if read.model.kind == ModelKind::Model {
                    refs.push((file, read.model.refs.clone()));
                }
                dbt.add(read, lake);
            }
            Err(stopped) if is_asked => problems::stopped(stopped, file, lake),
            Err(_) => {}
        }
    }
    problems::circles(&refs, lake);
    problems::of_macros(project, files, dbt, lake);
}

/// Adds what is made of the models outside of dbt.
fn add_exposures(project: &Project, dbt: &mut Dbt, lake: &mut Lake) {
    let is_view = |model: &&Model| model.kind == ModelKind::Model && model.materialized == Materialized::View;
    let views: HashSet<String> = lake.models.iter().filter(is_view).map(|model| model.name.clone()).collect();
    for (exposure, missing) in project.exposures() {
        if !lake.sources.get(exposure.span.file).is_context {
            missing.into_iter().for_each(|(missing, span)| problems::not_there(&missing, span, lake));
        }
        for (view, span) in exposure.refs.iter().filter(|(name, _)| views.contains(name)) {
            let Some(look) = project.look(view, *span) else { continue };
            let text = lake.sources.add_inside(look.text, look.map);
            dbt.looks.insert(text, lake.exposures.len());
        }
        lake.exposures.push(exposure);
    }
}

/// Adds the tests that YAML asks for. One that cannot be rendered, because its package was not fetched for one, is not analysed.
fn add_tests(project: &Project, dbt: &mut Dbt, lake: &mut Lake) {
    for (span, read) in project.tests() {
        match read {
            Ok(read) => dbt.add(read, lake),
            Err(stopped) => lake.not_analysed.push(NotAnalysed {
                kind: UnreadableKind::Sql,
                span,
                reason: format!("this test cannot be rendered: {}", stopped.message),
            }),
        }
    }
}

/// A seed is as large as its file, give or take what its format makes of that.
fn seed(name: TableName, file: &File) -> Table {
    let mut table = Table::new(name, DeclaredBy::Ctas);
    let bytes = file.text.len() as u64;
    let header = file.text.lines().next().unwrap_or_default().trim_start_matches('\u{feff}');
    let names = header.split(',').map(|name| name.trim().trim_matches('"').to_lowercase());
    let column = |name| Column { name, data_type: ColumnType::Other(String::new()) };
    table.columns = names.filter(|name| !name.is_empty()).map(column).collect();
    let rows = Partition { values: Vec::new(), files: 1, bytes, largest: bytes, newest: None };
    // One that cannot be read is of an unknown size.
    table.layout = (bytes > 0).then(|| Layout {
        source: format!("seed `{}`", file.path),
        partitions: vec![rows],
        ..Layout::default()
    });
    table
}

impl Dbt {
    /// Whether a file of a package is read already: by a project of the run that it is, which builds the same relation. What is
    /// built in another schema is another relation.
    fn has(&self, folder: &Folder, file: &File, relation: Option<&TableName>, lake: &Lake) -> bool {
        let has = |relation: &TableName| match file.role {
            Role::Seed => self.seeds.iter().any(|seed| seed.name == *relation),
            _ => self.built.contains(&(lake.sources.get(file.file).path.clone(), relation.clone())),
        };
        folder.elsewhere.contains(&file.package) && relation.is_none_or(has)
    }

    fn add(&mut self, read: Read, lake: &mut Lake) {
        let model = ModelId(lake.models.len() as u32);
        let path = lake.sources.get(read.model.span.file).path.clone();
        self.built.insert((path, read.model.relation.clone()));
        lake.models.push(read.model);
        for statement in read.statements {
            let text = lake.sources.add_inside(statement.text, statement.map);
            let is_definition = statement.is_definition;
            self.by_text.insert(text, Text { model, is_definition, is_guessed: read.is_guessed });
        }
    }

    /// Whether a file is a template, and so no SQL.
    pub(super) fn is_template(&self, file: FileId) -> bool {
        self.templates.contains(&file)
    }

    /// Ignores where their models' files have them. One is about all that stands for its model, which it is met in once for each of its
    /// statements.
    pub(super) fn ignores(&self, ignores: impl Iterator<Item = Ignore>, lake: &Lake) -> Vec<Ignore> {
        let mut met = HashSet::new();
        let on_disk = |mut ignore: Ignore| {
            let Some(text) = self.by_text.get(&ignore.span.file) else { return Some(ignore) };
            let head = lake.models[text.model.0 as usize].span;
            ignore.scope = match ignore.scope {
                Scope::Statement(span) => {
                    let span = lake.sources.on_disk(span);
                    Scope::Part(if span.file == head.file { span.join(head) } else { span })
                }
                Scope::File(_) => Scope::File(head.file),
                other => other,
            };
            ignore.rules.iter_mut().for_each(|(_, span)| *span = lake.sources.on_disk(*span));
            ignore.span = lake.sources.on_disk(ignore.span);
            met.insert(ignore.span).then_some(ignore)
        };
        ignores.filter_map(on_disk).collect()
    }

    /// Gives statements the names of their models, and takes out what dbt does not run. What a full refresh runs belongs to the model; a
    /// text that names what nobody knows and cannot be read is not analysed.
    pub(super) fn take(&self, facts: &mut FileFacts, file: FileId, lake: &mut Lake) {
        if let Some(exposure) = self.looks.get(&file) {
            lake.statements -= facts.queries.len();
            lake.exposures[*exposure].looks.append(&mut facts.queries);
        }
        let Some(text) = self.by_text.get(&file) else { return };
        let model = &mut lake.models[text.model.0 as usize];
        for query in &mut facts.queries {
            query.model = Some(text.model);
            query.name.get_or_insert_with(|| model.name.clone());
        }
        if text.is_guessed && !facts.unreadable.is_empty() {
            facts.unreadable.clear();
            let reason = format!("`{}` asks for what only a run of dbt knows", model.name);
            let missing = NotAnalysed { kind: UnreadableKind::Sql, span: model.span, reason };
            lake.not_analysed.push(missing);
        }
        if text.is_definition {
            let rebuild = facts.queries.drain(..).next();
            if matches!(model.materialized, Materialized::Incremental(_)) && model.asks_is_incremental {
                model.rebuild = rebuild.map(Box::new);
            }
        }
    }
}
