//! The folder of a dbt project: its own files and those of the packages that dbt has fetched into it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::WalkBuilder;
use rayon::prelude::*;

use super::compiled::Compiled;
use super::packages::{Packages, Roots};
use super::requirements::Requirements;
use crate::dbt::{
    File, PROJECT_FILE, Paths, Role, Settings, Target, Told, Warehouse, by_profile, by_requirements, by_settings,
};
use crate::document::{Node, Text, parse_yaml};
use crate::finding::Place;
use crate::input::document_ignores::in_comments;
use crate::input::{Sources, text_file};
use crate::lake::{FileId, Lake, Span, Unreadable, UnreadableKind};
use crate::shown_path::{shown_path, without_dots};

/// What a project's files say.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// Of the project, as its macros and settings name it.
    pub name: String,
    /// By package.
    pub settings: BTreeMap<String, Settings>,
    /// The project's own first, each package in the order of paths.
    pub files: Vec<File>,
    /// Packages that the project asks for.
    pub needs: BTreeSet<String>,
    /// YAML that cannot be read.
    problems: Vec<Broken>,
    pub target: Target,
    /// What its models are written for, where that is no SQL that is read here.
    pub warehouse: Option<Warehouse>,
    root: PathBuf,
    own: Paths,
    /// Files of properties, as tests name them before they have a place among the sources.
    properties: Vec<(PathBuf, Arc<str>)>,
    compiled: Compiled,
    /// Folders of packages.
    roots: BTreeMap<String, PathBuf>,
    paths: Vec<PathBuf>,
    /// Where files are among these, several parts of one at its last.
    by_file: HashMap<FileId, usize>,
    fetched: Vec<PathBuf>,
    /// Packages that are projects of the run by themselves.
    pub elsewhere: BTreeSet<String>,
}

/// A YAML file that cannot be read.
#[derive(Debug)]
pub(super) struct Broken {
    path: PathBuf,
    /// Where reading stopped, in a text; nowhere in a file that is none.
    at: Option<(Arc<str>, Range<usize>)>,
    why: String,
}

/// Whether a project fetches its packages into a folder that holds another one, or compiles into it.
pub(super) fn fetches(outer: &Path, inner: &Path) -> bool {
    let Ok(root) = project_file(outer) else { return false };
    let paths = Paths::of(&root);
    let folders = [paths.packages, paths.target];
    folders.into_iter().flatten().any(|folder| inner.starts_with(outer.join(folder)))
}

pub(super) fn project_file(folder: &Path) -> Result<Node, Broken> {
    yaml(&folder.join(PROJECT_FILE))
}

pub(super) fn yaml(path: &Path) -> Result<Node, Broken> {
    properties(path, FileId(0)).map(|(node, _)| node)
}

/// A YAML file with its text.
fn properties(path: &Path, file: FileId) -> Result<(Node, Arc<str>), Broken> {
    let broken = |at, why| Broken { path: path.to_path_buf(), at, why };
    let text = text_file::read(Some(path)).map_err(|problem| broken(None, problem.message()))?;
    let text = Arc::from(text);
    match parse_yaml(&Text::of_file(file, &text)) {
        Ok(document) => Ok((document.root, text)),
        Err(problem) => Err(broken(Some((text, problem.span.range())), problem.message)),
    }
}

impl Folder {
    /// Reads a project with its packages.
    pub fn read(root: &Path, roots: &Roots, requirements: &mut Requirements, run: &Sources) -> Folder {
        let mut folder = Folder::default();
        let own = match project_file(root) {
            Ok(node) => node,
            Err(problem) => {
                folder.problems.push(problem);
                return folder;
            }
        };
        let paths = Paths::of(&own);
        folder.name = folder.add_package(root, &own, &paths, run);
        let profiles = yaml(&root.join("profiles.yml")).ok();
        let profile = own.get("profile").and_then(Node::as_str);
        folder.target = Target::of(run.dbt.target.as_deref(), profiles.as_ref(), profile);
        let told = profiles.as_ref().zip(profile).map_or(Told::Nothing, |(root, profile)| by_profile(root, profile));
        let told = told.or(|| by_requirements(&requirements.around(root, run)));
        let told = told.or(|| by_settings(&folder.settings[&folder.name], &folder.files));
        folder.warehouse = told.other();
        let packages = paths.packages.as_ref().map(|packages| root.join(packages));
        let packages = Packages::of(root, packages.as_deref(), roots, run);
        for package in &packages.found {
            let node = match project_file(&package.folder) {
                Ok(node) => node,
                Err(problem) => {
                    folder.problems.push(problem);
                    continue;
                }
            };
            let name = folder.add_package(&package.folder, &node, &Paths::of(&node), run);
            if let Some(settings) = folder.settings.get_mut(&name).filter(|_| package.is_elsewhere) {
                // Tests and exposures are those of the project itself.
                settings.tests.clear();
                settings.exposures.clear();
                folder.elsewhere.insert(name);
            }
        }
        folder.needs = packages.needs;
        let target = paths.target.as_ref().map(|target| root.join(target));
        folder.compiled = Compiled::of(target.clone(), run);
        folder.fetched = packages.found.into_iter().map(|package| package.folder).chain(target).collect();
        (folder.root, folder.own) = (root.to_path_buf(), paths);
        folder
    }

    /// Tells of YAML that cannot be read: of what the run is asked about, and of the project's own file.
    pub fn tell_problems(&mut self, run: &Sources, asked: &BTreeSet<String>, lake: &mut Lake) {
        for Broken { path, at, why } in std::mem::take(&mut self.problems) {
            let shown = shown_path(&run.base, &path);
            let is_fetched = self.fetched.iter().any(|folder| path.starts_with(folder));
            if is_fetched || !(asked.contains(&shown) || path.ends_with(PROJECT_FILE)) {
                continue;
            }
            let place = match at {
                Some((text, range)) => Place::Span(Span::new(lake.sources.add(shown, text), range)),
                None => Place::Path(shown),
            };
            lake.unreadable.push(Unreadable {
                kind: UnreadableKind::Sql,
                place,
                message: format!("this file of a dbt project cannot be read: {why}"),
                help: "mend it: what it configures is not known".to_string(),
            });
        }
    }

    /// Adds the files of the project or of a package; gives its name.
    fn add_package(&mut self, root: &Path, node: &Node, paths: &Paths, run: &Sources) -> String {
        let mut settings = Settings::default();
        settings.add_project(node);
        let package = settings.name.clone();
        self.roots.insert(package.clone(), root.to_path_buf());
        let (texts, properties_files): (Vec<_>, Vec<_>) =
            listed(root, paths, run).into_iter().partition(|(path, _)| !is_yaml(path));
        let first = self.properties.len();
        let read =
            |(i, (path, _)): (usize, (PathBuf, (Role, String)))| (properties(&path, FileId((first + i) as u32)), path);
        let nodes: Vec<_> = properties_files.into_par_iter().enumerate().map(read).collect();
        for (parsed, path) in nodes {
            let text = parsed.map(|(node, text)| {
                settings.add_properties(&node);
                text
            });
            let text = text.map_err(|problem| self.problems.push(problem)).unwrap_or_default();
            self.properties.push((path, text));
        }
        let read = |(path, (role, below)): (PathBuf, (Role, String))| {
            // Of programs, and of what is too large or no UTF-8, only the name counts.
            let text = if has_extension(&path, "py") { Err(()) } else { text_file::read(Some(&path)).map_err(drop) };
            let text = text.unwrap_or_default();
            let (text, package) = (Arc::from(text), package.clone());
            (path, File { role, package, path: below, text, file: FileId(u32::MAX), part: None })
        };
        let read: Vec<(PathBuf, File)> = texts.into_par_iter().map(read).collect();
        self.paths.extend(read.iter().map(|(path, _)| path.clone()));
        self.files.extend(read.into_iter().map(|(_, file)| file));
        self.settings.insert(package.clone(), settings);
        package
    }

    /// What dbt compiled of a file, where the file has not changed since.
    pub fn compiled(&self, file: &File) -> Option<String> {
        let (path, root) = (self.paths.get(*self.by_file.get(&file.file)?)?, self.roots.get(&file.package)?);
        let below = path.strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
        self.compiled.query(&file.package, &below, path, &file.text)
    }

    /// Adds a file of properties to the sources, with the ignores in its comments: asked about if the run is.
    pub fn add_properties(&self, index: usize, run: &Sources, asked: &BTreeSet<String>, lake: &mut Lake) -> FileId {
        let (path, text) = &self.properties[index];
        let shown = shown_path(&run.base, path);
        let is_asked = asked.contains(&shown) && !self.fetched.iter().any(|folder| path.starts_with(folder));
        if !is_asked {
            return lake.sources.add_context(shown, text.clone());
        }
        let file = lake.sources.add(shown, text.clone());
        if let Ok(document) = parse_yaml(&Text::of_file(file, text)) {
            lake.ignores.extend(in_comments(file, text, &document));
        }
        file
    }

    /// Takes the files that the run has met, and adds those that it has not as read only for what they define. What dbt has fetched or
    /// made is nobody's who is asked. Gives the files that are templates.
    pub fn adopt(&mut self, met: Vec<(PathBuf, FileId)>, run: &Sources, lake: &mut Lake) -> HashSet<FileId> {
        let mut templates = HashSet::new();
        let mut known: BTreeMap<PathBuf, FileId> = BTreeMap::new();
        for (path, file) in met {
            // Whoever names what dbt has compiled asks about that.
            let is_named = |folder: &PathBuf| {
                run.paths.iter().any(|named| without_dots(&run.base.join(named)).starts_with(folder))
            };
            if let Some(folder) = self.fetched.iter().find(|folder| path.starts_with(folder))
                && !is_named(folder)
            {
                lake.files -= usize::from(!lake.sources.get(file).is_context);
                lake.sources.pass_over(file);
                templates.insert(file);
            }
            known.insert(path, file);
        }
        self.add_unsaved(&known, lake);
        let is_template = |path: &Path, file: &File| file.role != Role::Seed && !has_extension(path, "py");
        let read = self.paths.iter().zip(&mut self.files).filter(|(path, file)| is_template(path, file));
        for (path, file) in read {
            let id = *known
                .entry(path.clone())
                .or_insert_with(|| lake.sources.add_context(shown_path(&run.base, path), file.text.clone()));
            // What standard input or an editor holds goes before what is on disk.
            file.text = lake.sources.get(id).text.clone();
            file.file = id;
            templates.insert(id);
        }
        let whole = std::mem::take(&mut self.paths).into_iter().zip(std::mem::take(&mut self.files));
        let parts = whole.flat_map(|(path, file)| file.parts().into_iter().map(move |part| (path.clone(), part)));
        (self.paths, self.files) = parts.unzip();
        self.by_file = self.files.iter().enumerate().map(|(at, file)| (file.file, at)).collect();
        templates
    }

    /// Adds what standard input or an editor holds of a file that is not on disk yet.
    fn add_unsaved(&mut self, known: &BTreeMap<PathBuf, FileId>, lake: &Lake) {
        let on_disk: HashSet<PathBuf> = self.paths.iter().cloned().collect();
        for (path, id) in known.iter().filter(|(path, _)| !on_disk.contains(*path) && has_extension(path, "sql")) {
            let below = path.strip_prefix(&self.root).ok().and_then(Path::to_str).map(|path| path.replace('\\', "/"));
            let Some((role, below)) = below.as_deref().and_then(|below| self.own.role(below)) else { continue };
            let (package, text) = (self.name.clone(), lake.sources.get(*id).text.clone());
            self.files.push(File { role, package, path: below.to_string(), text, file: *id, part: None });
            self.paths.push(path.clone());
        }
    }
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension == wanted)
}

fn is_yaml(path: &Path) -> bool {
    has_extension(path, "yml") || has_extension(path, "yaml")
}

/// The files of a package that dbt reads, sorted. It does not look at `.gitignore`.
fn listed(root: &Path, paths: &Paths, run: &Sources) -> Vec<(PathBuf, (Role, String))> {
    let mut found = BTreeMap::new();
    for (folder, _) in paths.folders() {
        // dbt follows links, too; what loops is left out.
        let made: Vec<PathBuf> = paths.made().map(|made| root.join(made)).collect();
        let is_own = move |path: &Path| !made.iter().any(|made| path == made) && !path.join(PROJECT_FILE).is_file();
        let mut walk = WalkBuilder::new(root.join(folder));
        let walk = walk.standard_filters(false).hidden(true).follow_links(true);
        let walk = walk.filter_entry(move |entry| entry.depth() == 0 || is_own(entry.path())).build();
        for entry in walk.flatten().filter(|entry| entry.path().is_file()) {
            let path = without_dots(entry.path());
            let below = path.strip_prefix(root).ok().and_then(|path| path.to_str()).map(|path| path.replace('\\', "/"));
            let Some((role, below)) = below.as_deref().and_then(|below| paths.role(below)) else { continue };
            let is_read = match role {
                Role::Seed => has_extension(&path, "csv"),
                Role::Model if has_extension(&path, "py") => true,
                _ => has_extension(&path, "sql"),
            };
            if (is_read || is_yaml(&path)) && !run.compared.leaves_out(&path) {
                let below = below.to_string();
                found.insert(path, (role, below));
            }
        }
    }
    found.into_iter().collect()
}
