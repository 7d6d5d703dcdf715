//! Files of values beside the modules of the run: Terraform loads `terraform.tfvars`, then `*.auto.tfvars` by name.

use std::path::Path;

use super::InfraText;
use super::terraform::Folders;
use crate::input::{self, text_file};
use crate::lake::Sources;
use crate::shown_path::{shown_path, without_dots};

const FIRST: &str = "terraform.tfvars";

/// Adds the files of values to the sources, each folder's in the order of loading. Who asks about a module asks about its values. Links are
/// not followed: they may lead anywhere.
pub(super) fn add(modules: &Folders, run: &input::Sources, sources: &mut Sources) -> Folders {
    let mut added = Folders::new();
    for (folder, files) in modules {
        let is_asked = files.iter().any(|(file, _)| !sources.get(*file).is_context);
        let disk = without_dots(&run.base.join(folder));
        for path in paths(&disk) {
            let path = disk.join(path);
            let is_file = path.symlink_metadata().is_ok_and(|about| about.is_file());
            if !is_file || run.compared.leaves_out(&path) {
                continue;
            }
            let Ok(text) = text_file::read(Some(&path)) else { continue };
            let shown = shown_path(&run.base, &path);
            let file = if is_asked { sources.add(shown, text) } else { sources.add_context(shown, text) };
            added.entry(folder.clone()).or_default().push((file, sources.get(file).text.clone()));
        }
    }
    added
}

/// The files of Terraform, by folder.
pub(super) fn modules(texts: &[InfraText], sources: &Sources) -> Folders {
    let mut folders = Folders::new();
    for text in texts.iter().filter(|text| text.is_terraform) {
        let source = sources.get(text.file);
        let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        folders.entry(folder.to_string()).or_default().push((text.file, source.text.clone()));
    }
    folders
}

fn paths(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name == FIRST || name.ends_with(".auto.tfvars")).collect();
    names.sort_by_key(|name| (name != FIRST, name.clone()));
    names
}
