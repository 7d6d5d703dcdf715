//! The packages of a dbt project: those that dbt has fetched, and those that lie in the repository
//! (<https://docs.getdbt.com/docs/build/packages>).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::folder::{project_file, yaml};
use crate::dbt::PROJECT_FILE;
use crate::document::Node;
use crate::input::Sources;
use crate::shown_path::without_dots;

/// Files that say which packages a project needs.
const PACKAGE_FILES: [&str; 2] = ["packages.yml", "dependencies.yml"];

/// The projects of a run, by what their folders really are.
#[derive(Debug, Default)]
pub(super) struct Roots(BTreeMap<PathBuf, PathBuf>);

impl Roots {
    pub fn of<'p>(folders: impl Iterator<Item = &'p PathBuf>) -> Roots {
        Roots(folders.map(|folder| (real(folder), folder.clone())).collect())
    }

    /// The project of the run that a folder is, whatever links lead to it.
    fn get(&self, folder: &Path) -> Option<&PathBuf> {
        self.0.get(&real(folder))
    }
}

fn real(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf())
}

/// One package that is there.
#[derive(Debug)]
pub(super) struct Package {
    pub folder: PathBuf,
    /// It is a project of the run by itself, which its findings belong to.
    pub is_elsewhere: bool,
}

/// What a project needs.
#[derive(Debug, Default)]
pub(super) struct Packages {
    /// Each once, in the order in which their macros and models are looked for.
    pub found: Vec<Package>,
    /// Names of those that it asks for and that have to be fetched.
    pub needs: BTreeSet<String>,
}

impl Packages {
    /// The packages of a project; `fetched` is where dbt puts those that it fetches.
    pub fn of(root: &Path, fetched: Option<&Path>, roots: &Roots, run: &Sources) -> Packages {
        let mut packages = Packages::default();
        let mut names = BTreeSet::new();
        let entries = fetched.and_then(|fetched| fetched.read_dir().ok()).into_iter().flatten().flatten();
        let is_package = |path: &PathBuf| path.join(PROJECT_FILE).is_file() && !run.compared.leaves_out(path);
        let mut there: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_package).collect();
        there.sort();
        for folder in there {
            names.extend(name_of(&folder));
            packages.add(&folder, roots);
        }
        packages.follow(root, root, &mut names, roots, run);
        packages
    }

    fn add(&mut self, folder: &Path, roots: &Roots) {
        // A link that dbt has made to a folder of the repository.
        let elsewhere = roots.get(folder);
        let folder = elsewhere.map_or(folder, PathBuf::as_path).to_path_buf();
        self.found.push(Package { folder, is_elsewhere: elsewhere.is_some() });
    }

    /// Takes in what the files of a project or package ask for. dbt takes paths from the root of the project, wherever they are written.
    fn follow(&mut self, asking: &Path, root: &Path, names: &mut BTreeSet<String>, roots: &Roots, run: &Sources) {
        for node in PACKAGE_FILES.iter().filter_map(|name| yaml(&asking.join(name)).ok()) {
            for package in node.get("packages").and_then(Node::as_list).unwrap_or_default() {
                let local = package.get("local").and_then(Node::as_str);
                let there = local.and_then(|path| {
                    let folders = [root, asking].map(|from| without_dots(&from.join(path)));
                    let folder = folders.into_iter().find(|folder| folder.join(PROJECT_FILE).is_file())?;
                    (!run.compared.leaves_out(&folder)).then_some(folder)
                });
                let Some((folder, name)) =
                    there.and_then(|folder| Some((name_of(&folder)?, folder))).map(|(n, f)| (f, n))
                else {
                    self.needs.extend(fetched_as(package));
                    continue;
                };
                if real(&folder) != real(root) && names.insert(name) {
                    self.add(&folder, roots);
                    self.follow(&folder, root, names, roots, run);
                }
            }
        }
    }
}

/// What a package calls itself.
fn name_of(folder: &Path) -> Option<String> {
    project_file(folder).ok()?.get("name").and_then(Node::as_str).map(str::to_string)
}

/// A package by the last part of where it is from: most are called like that.
fn fetched_as(package: &Node) -> Option<String> {
    let from = ["package", "git", "local", "tarball"].iter().find_map(|key| package.get(key)?.as_str())?;
    let last = from.trim_end_matches('/').trim_end_matches(".git").rsplit(['/', ':']).next()?;
    Some(last.replace('-', "_"))
}
