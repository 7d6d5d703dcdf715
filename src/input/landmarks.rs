//! What a repository holds beside the texts that are checked: dbt projects, a CDK app, and files that tell of a lake.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::discover::walker;
use super::lake_source::{Kind, LakeSource};
use super::layout::looks_like_listing;
use super::text_file;
use crate::dbt::{PROJECT_FILE, Paths};
use crate::document::{Node, Text, parse_yaml};
use crate::lake::FileId;
use crate::shown_path::shown_path;

const CDK_APP: &str = "cdk.json";
/// So much of a file says whether it is a listing.
const START: u64 = 4096;
/// What the start of a JSON file contains that tells of objects or tables: all others stay closed.
const JSON_MARKS: [&str; 3] = ["\"Contents\"", "\"Versions\"", "\"TableList\""];

/// What was met. Paths are relative to the folder that was looked at, with `/`, and sorted.
#[derive(Debug, Clone, Default)]
pub struct Landmarks {
    pub dbt: Vec<DbtProject>,
    pub lake: Vec<LakeFile>,
    /// Files that declare CDK apps.
    pub cdk: Vec<String>,
    /// What should have been read and could not be.
    pub problems: Vec<String>,
}

/// A folder with a `dbt_project.yml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbtProject {
    /// Empty for the folder that was looked at.
    pub folder: String,
    pub name: Option<String>,
    /// Folders of models.
    pub models: Vec<String>,
    /// Where dbt writes what it compiles and runs; `None` when only dbt knows.
    pub target: Option<String>,
    /// Where dbt puts the packages that it fetches; `None` when only dbt knows.
    pub packages: Option<String>,
}

/// A file that `[lake] sources` takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LakeFile {
    pub path: String,
    /// Of objects; else of tables, as Glue exports them.
    pub is_listing: bool,
}

/// Looks at the names of all files that git does not ignore, and into the few that matter.
pub fn landmarks(base: &Path) -> Landmarks {
    let mut found = Landmarks::default();
    // What cannot be listed is a finding of every check.
    for entry in walker(base).build().flatten().filter(|entry| entry.path().is_file()) {
        // A name that is no UTF-8 cannot stand in a configuration.
        let Some(path) = entry.path().strip_prefix(base).ok().and_then(slashed) else { continue };
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        match entry.file_name().to_str() {
            Some(PROJECT_FILE) => {
                let (project, problem) = dbt_project(entry.path(), folder);
                found.dbt.push(project);
                found.problems.extend(problem.map(|why| format!("`{path}`: {why}")));
            }
            Some(CDK_APP) => found.cdk.push(path),
            _ => found.lake.extend(lake_file(base, entry.path())),
        }
    }
    // What dbt fetches are projects too, and nobody's of this repository.
    let made: Vec<String> = found.dbt.iter().flat_map(|dbt| [&dbt.packages, &dbt.target]).flatten().cloned().collect();
    found.dbt.retain(|dbt| !made.iter().any(|folder| Path::new(&dbt.folder).starts_with(folder)));
    found.dbt.sort_by(|a, b| a.folder.cmp(&b.folder));
    found.lake.sort_by(|a, b| a.path.cmp(&b.path));
    found.cdk.sort();
    found.problems.sort();
    found
}

fn slashed(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

/// A project, and why its file cannot be read: what it would say is not guessed then.
fn dbt_project(path: &Path, folder: &str) -> (DbtProject, Option<String>) {
    let mut project = DbtProject {
        folder: folder.to_string(),
        name: None,
        models: vec![below(folder, "models")],
        target: None,
        packages: None,
    };
    let root = text_file::read(Some(path)).map_err(|problem| problem.message()).and_then(|text| {
        let read = parse_yaml(&Text::of_file(FileId(0), &Arc::from(text))).map_err(|problem| problem.message)?;
        read.root.as_map().is_some().then_some(read.root).ok_or("it has no keys".to_string())
    });
    match root {
        Ok(root) => {
            project.name = root.get("name").and_then(Node::as_str).map(str::to_string);
            let paths = Paths::of(&root);
            project.target = paths.target.map(|path| below(folder, &path));
            project.packages = paths.packages.map(|path| below(folder, &path));
            project.models = paths.models.iter().map(|path| below(folder, path)).collect();
            (project, None)
        }
        Err(why) => (project, Some(why)),
    }
}

fn below(folder: &str, path: &str) -> String {
    match (folder, path) {
        ("", path) => path.to_string(),
        (folder, "") => folder.to_string(),
        (folder, path) => format!("{folder}/{path}"),
    }
}

/// A listing or an export of tables, by its content.
fn lake_file(base: &Path, path: &Path) -> Option<LakeFile> {
    let extension = path.extension().and_then(OsStr::to_str)?.to_ascii_lowercase();
    let is_json = extension == "json";
    if !is_json && !["txt", "lst", "listing"].contains(&extension.as_str()) {
        return None;
    }
    let mut start = Vec::new();
    File::open(path).ok()?.take(START).read_to_end(&mut start).ok()?;
    let text = String::from_utf8_lossy(&start);
    let is_listing = match is_json {
        true if !JSON_MARKS.iter().any(|mark| text.contains(mark)) => return None,
        true => match LakeSource::open(base, &path.display().to_string()).ok()?.kind {
            Kind::ListObjects(_) => true,
            Kind::Glue => false,
            _ => return None,
        },
        false => {
            // The last line may be cut off.
            let whole = text.rfind('\n').map_or("", |end| &text[..end]);
            let mut lines = whole.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
            let is_total = |line: &str| line.trim_start().starts_with("Total Size:");
            let first = lines.next()?;
            if !looks_like_listing(first) || !lines.all(|line| looks_like_listing(line) || is_total(line)) {
                return None;
            }
            true
        }
    };
    Some(LakeFile { path: shown_path(base, path), is_listing })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::tests::write;

    fn looked(files: &[(&str, &str)]) -> Landmarks {
        let folder = tempfile::tempdir().expect("a folder");
        files.iter().for_each(|(name, text)| write(folder.path(), name, text));
        landmarks(folder.path())
    }

    #[test]
    fn projects_say_where_their_folders_are_and_those_of_packages_are_left_out() {
        let found = looked(&[
            ("dbt_project.yml", "name: shop\n"),
            ("dbt_packages/utils/dbt_project.yml", "name: utils\n"),
            ("a/dbt_project.yml", "name: a\ntarget-path: out/\npackages-install-path: ./deps\nmodel-paths: [m, n]\n"),
            ("a/deps/x/dbt_project.yml", "name: x\n"),
            ("b/dbt_project.yml", "name: b\ntarget-path: \"{{ env_var('T') }}\"\npackages-install-path: ../deps\n"),
            ("c/dbt_project.yml", "name: [\n"),
            ("ignored/dbt_project.yml", "name: d\n"),
            (".gitignore", "ignored/\n"),
        ]);
        let shown: Vec<_> = found
            .dbt
            .iter()
            .map(|dbt| (&*dbt.folder, dbt.name.as_deref(), dbt.target.as_deref(), dbt.packages.as_deref(), &dbt.models))
            .collect();
        let models = |paths: &[&str]| paths.iter().map(|path| path.to_string()).collect::<Vec<_>>();
        assert_eq!(
            shown,
            [
                ("", Some("shop"), Some("target"), Some("dbt_packages"), &models(&["models"])),
                ("a", Some("a"), Some("a/out"), Some("a/deps"), &models(&["a/m", "a/n"])),
                ("b", Some("b"), None, None, &models(&["b/models"])),
                ("c", None, None, None, &models(&["c/models"])),
            ]
        );
        assert_eq!(found.problems.len(), 1);
        assert!(found.problems[0].starts_with("`c/dbt_project.yml`: "), "{:?}", found.problems);
    }

    #[test]
    fn listings_and_exports_are_known_by_what_they_hold() {
        let found = looked(&[
            ("a.txt", "2025-06-30 00:00:00 100 t/dt=2025-06-10/a.parquet\n\nTotal Objects: 1\n   Total Size: 100\n"),
            ("b.txt", "2025-06-30 00:00:00 100 t/a.parquet\n2025-06-30 ERROR it broke\n"),
            ("c.txt", "read me\n"),
            ("d/e.json", "{\"Contents\": [{\"Key\": \"t/a\", \"Size\": 1}]}"),
            ("f.json", "{\"TableList\": []}"),
            ("g.json", "{\"Contents\": ["),
            ("h.json", "{\"name\": \"x\"}"),
            ("app/cdk.json", "{}"),
        ]);
        let shown: Vec<_> = found.lake.iter().map(|file| (&*file.path, file.is_listing)).collect();
        assert_eq!(shown, [("a.txt", true), ("d/e.json", true), ("f.json", false)]);
        assert_eq!(found.cdk, ["app/cdk.json"]);
        assert!(found.problems.is_empty());
    }
}
