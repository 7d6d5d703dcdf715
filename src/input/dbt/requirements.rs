//! What the Python environments of a project install: files of the project's folder, and of those around it.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use crate::dbt::adapters;
use crate::input::{Sources, text_file};
use crate::shown_path::{shown_path, without_dots};

/// Files that list packages, beside `requirements*.txt`; what people write before what tools write.
const FILES: [&str; 10] = [
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "Pipfile",
    "environment.yml",
    "environment.yaml",
    "Pipfile.lock",
    "pdm.lock",
    "poetry.lock",
    "uv.lock",
];

/// Larger files are no lists that people look at; a comparison with another revision does not have them.
const MOST_BYTES: u64 = 4 << 20;

/// The adapters that a file asks for, with its name for people.
type Asked = (String, BTreeSet<String>);

/// What the folders that were looked into ask for, each once.
#[derive(Debug, Default)]
pub(super) struct Requirements(HashMap<PathBuf, Vec<Asked>>);

impl Requirements {
    /// What a project's folder and those around it ask for, up to the top of the repository, else to that of the run: the nearest first.
    pub fn around(&mut self, project: &Path, run: &Sources) -> Vec<Asked> {
        let top = top(project, run);
        let mut all = Vec::new();
        for folder in project.ancestors().take_while(|folder| folder.starts_with(&top)) {
            let asked = self.0.entry(folder.to_path_buf()).or_insert_with_key(|folder| asked(folder, run));
            all.extend(asked.iter().cloned());
        }
        all
    }
}

fn top(project: &Path, run: &Sources) -> PathBuf {
    if let Some(top) = project.ancestors().find(|folder| folder.join(".git").exists()) {
        return top.to_path_buf();
    }
    let named = run.paths.iter().map(|path| run.base.join(path)).chain(run.project.clone()).chain([run.base.clone()]);
    let around = named.map(|folder| without_dots(&folder)).filter(|folder| project.starts_with(folder));
    around.min_by_key(|folder| folder.components().count()).unwrap_or_else(|| project.to_path_buf())
}

fn asked(folder: &Path, run: &Sources) -> Vec<Asked> {
    let names =
        folder.read_dir().into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let is_list = |name: &String| name.starts_with("requirements") && (name.ends_with(".txt") || name.ends_with(".in"));
    let mut names: Vec<String> = names.filter(|name| is_list(name) || FILES.contains(&name.as_str())).collect();
    names.sort_by_key(|name| (FILES.iter().position(|known| known == name), name.clone()));
    let read = |name: String| {
        let path = folder.join(&name);
        let is_small = path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= MOST_BYTES);
        let text = text_file::read(Some(&path)).ok().filter(|_| is_small && !run.compared.leaves_out(&path))?;
        let adapters = adapters(&name, &text);
        (!adapters.is_empty()).then(|| (shown_path(&run.base, &path), adapters))
    };
    names.into_iter().filter_map(read).collect()
}
