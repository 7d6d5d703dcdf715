//! Where a dbt project keeps what: the paths of its `dbt_project.yml`.

use std::path::{Component, Path};

use crate::document::Node;
use crate::shown_path::without_dots;

/// Name of the file that makes a folder a project.
pub(crate) const PROJECT_FILE: &str = "dbt_project.yml";

/// Folders of a project, relative to it, with `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paths {
    pub models: Vec<String>,
    pub macros: Vec<String>,
    pub seeds: Vec<String>,
    pub snapshots: Vec<String>,
    pub tests: Vec<String>,
    pub analyses: Vec<String>,
    /// Where dbt writes what it compiles and runs; `None` when only dbt knows.
    pub target: Option<String>,
    /// Where dbt puts the packages that it fetches; `None` when only dbt knows.
    pub packages: Option<String>,
}

/// What a file of a project is to dbt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Model,
    Macro,
    Seed,
    Snapshot,
    Test,
    Analysis,
    /// Rows that unit tests compare with (<https://docs.getdbt.com/reference/resource-properties/data-formats>).
    Fixture,
}

impl Default for Paths {
    fn default() -> Self {
        let one = |path: &str| vec![path.to_string()];
        Paths {
            models: one("models"),
            macros: one("macros"),
            seeds: one("seeds"),
            snapshots: one("snapshots"),
            tests: one("tests"),
            analyses: one("analyses"),
            // <https://docs.getdbt.com/reference/global-configs/json-artifacts>
            target: Some("target".to_string()),
            // <https://docs.getdbt.com/reference/project-configs/packages-install-path>
            packages: Some("dbt_packages".to_string()),
        }
    }
}

impl Paths {
    /// As `dbt_project.yml` has them (<https://docs.getdbt.com/reference/dbt_project.yml>).
    pub fn of(root: &Node) -> Paths {
        let default = Paths::default();
        // The second name is that of dbt before 1.0.
        let list = |names: [&str; 2], default: Vec<String>| {
            let written = names.iter().find_map(|name| root.get(name)?.as_list());
            // "." is the project's own folder, with all that is in it.
            let folder = |path: &str| {
                if without_dots(Path::new(path)).as_os_str().is_empty() { Some(String::new()) } else { plain(path) }
            };
            written.map_or(default, |paths| paths.iter().filter_map(Node::as_str).filter_map(folder).collect())
        };
        let one = |names: [&str; 2], default: Option<String>| match names.iter().find_map(|name| root.get(name)) {
            Some(written) => written.as_str().and_then(plain),
            None => default,
        };
        Paths {
            models: list(["model-paths", "source-paths"], default.models),
            macros: list(["macro-paths"; 2], default.macros),
            seeds: list(["seed-paths", "data-paths"], default.seeds),
            snapshots: list(["snapshot-paths"; 2], default.snapshots),
            tests: list(["test-paths"; 2], default.tests),
            analyses: list(["analysis-paths"; 2], default.analyses),
            target: one(["target-path"; 2], default.target),
            packages: one(["packages-install-path", "modules-path"], default.packages),
        }
    }

    /// Every folder of texts with what it holds.
    pub fn folders(&self) -> impl Iterator<Item = (&str, Role)> {
        [
            (&self.models, Role::Model),
            (&self.macros, Role::Macro),
            (&self.seeds, Role::Seed),
            (&self.snapshots, Role::Snapshot),
            (&self.tests, Role::Test),
            (&self.analyses, Role::Analysis),
        ]
        .into_iter()
        .flat_map(|(paths, role)| paths.iter().map(move |path| (path.as_str(), role)))
    }

    /// Folders of what dbt makes or fetches.
    pub fn made(&self) -> impl Iterator<Item = &str> {
        [&self.target, &self.packages].into_iter().flatten().map(String::as_str)
    }

    /// What a file is, by its path in the project, and the folders below the one that makes it so; `None` for files that are not
    /// dbt's.
    pub fn role<'p>(&self, path: &'p str) -> Option<(Role, &'p str)> {
        let below = |(folder, role): (&str, Role)| -> Option<(Role, &'p str)> {
            let rest = within(path, folder)?;
            let role = match role {
                // Generic tests lie in a folder of the tests (<https://docs.getdbt.com/best-practices/writing-custom-generic-tests>).
                Role::Test if rest.starts_with("generic/") => Role::Macro,
                Role::Test if rest.starts_with("fixtures/") => Role::Fixture,
                role => role,
            };
            Some((role, rest))
        };
        if self.made().any(|made| within(path, made).is_some()) {
            return None;
        }
        // The innermost of folders within each other.
        self.folders().filter_map(below).min_by_key(|(_, rest)| rest.len())
    }
}

/// The rest of a path below a folder.
fn within<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

/// A path inside of a project; `None` for others, and for what dbt renders first.
fn plain(path: &str) -> Option<String> {
    let inner = without_dots(Path::new(path));
    let is_inside = inner.components().all(|part| matches!(part, Component::Normal(_)));
    let parts: Option<Vec<&str>> = inner.components().map(|part| part.as_os_str().to_str()).collect();
    (is_inside && inner.file_name().is_some() && !path.contains("{{")).then(|| Some(parts?.join("/")))?
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::{Text, parse_yaml};
    use crate::lake::FileId;

    #[test]
    fn files_are_what_their_folder_holds() {
        let text =
            "model-paths: [models, extra/models]\ntest-paths: ['tests']\nmacro-paths: ['../shared', \"{{ x }}\"]\n";
        let root = parse_yaml(&Text::of_file(FileId(0), &Arc::from(text))).expect("YAML").root;
        let paths = Paths::of(&root);
        assert_eq!(paths.role("models/marts/a.sql"), Some((Role::Model, "marts/a.sql")));
        assert_eq!(paths.role("extra/models/a.sql"), Some((Role::Model, "a.sql")));
        assert_eq!(paths.role("tests/a.sql"), Some((Role::Test, "a.sql")));
        assert_eq!(paths.role("tests/generic/a.sql"), Some((Role::Macro, "generic/a.sql")));
        assert_eq!(paths.role("seeds/a.csv"), Some((Role::Seed, "a.csv")));
        assert_eq!(paths.role("modelsx/a.sql"), None);
        assert!(paths.macros.is_empty(), "a folder outside is no part of the project");
        assert_eq!(paths.packages.as_deref(), Some("dbt_packages"));
        assert_eq!(paths.role("tests/fixtures/a.sql"), Some((Role::Fixture, "fixtures/a.sql")));
        let text = "model-paths: [.]\ntarget-path: '.'\n";
        let root = parse_yaml(&Text::of_file(FileId(0), &Arc::from(text))).expect("YAML").root;
        let paths = Paths::of(&root);
        assert_eq!(paths.role("a.sql"), Some((Role::Model, "a.sql")));
        assert_eq!(paths.role("marts/a.sql"), Some((Role::Model, "marts/a.sql")));
        assert_eq!(paths.role("macros/a.sql"), Some((Role::Macro, "a.sql")));
        assert_eq!(paths.role("dbt_packages/x/models/a.sql"), None);
        assert_eq!(paths.target, None);
    }
}
