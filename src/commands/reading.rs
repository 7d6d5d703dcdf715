//! What every command that looks at a project does first: configuration, date, lake.

use std::path::{Path, PathBuf};

use anyhow::bail;
use chrono::{NaiveDateTime, Utc};

use crate::cli::ReadArgs;
use crate::config::{self, Loaded};
use crate::expr::AsOf;
use crate::input::{self, SnapshotTables};
use crate::lake::Lake;

/// What a lake is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Findings about queries and tables.
    Check,
    /// Estimates of queries.
    Estimate,
    /// Both, of the whole lake.
    Audit,
}

/// Where `lakelint scan` writes and every other command looks when no source is named.
pub(super) const SNAPSHOT: &str = ".lakelint/lake";

/// Standard input among the paths.
const STDIN: &str = "-";

impl ReadArgs {
    /// The configuration that counts for these paths.
    pub(super) fn load_config(&self, base: &Path, select: &[String], ignore: &[String]) -> anyhow::Result<Loaded> {
        if self.stdin_filename.is_some() && !self.reads_stdin() {
            bail!("`--stdin-filename` names standard input: give `-` as a path as well");
        }
        config::load(base, self.config.as_deref(), &self.checked_paths(), select, ignore)
    }

    /// `--as-of` at midnight, or now.
    pub(super) fn as_of(&self) -> AsOf {
        AsOf(self.as_of.map_or_else(|| Utc::now().naive_utc(), NaiveDateTime::from))
    }

    pub(super) fn reads_stdin(&self) -> bool {
        self.paths.iter().any(|path| path == Path::new(STDIN))
    }

    /// Whether standard input is the only path.
    pub(super) fn reads_only_stdin(&self) -> bool {
        self.paths.len() == 1 && self.reads_stdin()
    }

    /// The paths whose configuration is wanted: standard input is where its name says.
    fn checked_paths(&self) -> Vec<PathBuf> {
        let named = |path: &PathBuf| match &self.stdin_filename {
            Some(name) if path == Path::new(STDIN) => PathBuf::from(name),
            _ => path.clone(),
        };
        self.paths.iter().map(named).collect()
    }

    /// The lake, and the paths that were asked for as shown to the user.
    pub(super) fn read(
        &self,
        base: &Path,
        loaded: &Loaded,
        as_of: AsOf,
        purpose: Purpose,
    ) -> anyhow::Result<(Lake, Vec<String>)> {
        self.read_from(&self.sources(base, loaded, as_of, purpose), loaded, purpose)
    }

    /// As [`ReadArgs::read`], from sources that were made before.
    pub(super) fn read_from(
        &self,
        sources: &input::Sources,
        loaded: &Loaded,
        purpose: Purpose,
    ) -> anyhow::Result<(Lake, Vec<String>)> {
        let mut read = input::read(sources, &loaded.config)?;
        // A lake that the command line names is asked about, however few files are.
        read.is_partial &= self.lake.is_empty() && purpose != Purpose::Audit;
        Ok((read, sources.paths.iter().map(|path| path.display().to_string()).collect()))
    }

    /// What is known of the runs of dbt: flags count before the configuration.
    fn dbt(&self, loaded: &Loaded) -> input::DbtOptions {
        let config = &loaded.config.dbt;
        let mut vars = config.vars.clone();
        vars.extend(self.vars.iter().flat_map(|vars| vars.0.clone()));
        input::DbtOptions { target: self.target.clone().or_else(|| config.target.clone()), vars }
    }

    /// What is read: the paths, and the lake that the command line, the configuration or the snapshot names.
    pub(super) fn sources(&self, base: &Path, loaded: &Loaded, as_of: AsOf, purpose: Purpose) -> input::Sources {
        let mut paths = self.paths.clone();
        if paths.is_empty() {
            paths.push(PathBuf::from("."));
        }
        let mut lake = self.lake.clone();
        lake.extend(loaded.lake_sources());
        if lake.is_empty() {
            lake.extend(default_snapshot(base, loaded.project.as_deref()));
        }
        input::Sources {
            paths,
            project: loaded.project.clone(),
            stdin_filename: self.stdin_filename.clone(),
            lake,
            config_file: loaded.file.as_ref().map(|file| (file.path.clone(), file.text.clone())),
            snapshot_tables: match purpose {
                Purpose::Estimate => SnapshotTables::Named,
                Purpose::Check if self.lake.is_empty() => SnapshotTables::NamedInPartialRuns,
                Purpose::Check | Purpose::Audit => SnapshotTables::All,
            },
            dbt: self.dbt(loaded),
            ..input::Sources::of(base, as_of)
        }
    }
}

/// The snapshot that `lakelint scan` wrote into the project, or into the working directory inside of it.
fn default_snapshot(base: &Path, project: Option<&Path>) -> Option<String> {
    let own = Some(base).filter(|base| project.is_none_or(|project| base.starts_with(project)));
    let folders = project.into_iter().chain(own).map(|folder| folder.join(SNAPSHOT));
    folders.map(|folder| folder.display().to_string()).find(|folder| input::is_snapshot(base, folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(stdin_filename: &str, paths: &[&str]) -> ReadArgs {
        ReadArgs {
            paths: paths.iter().map(PathBuf::from).collect(),
            stdin_filename: Some(stdin_filename.to_string()),
            ..ReadArgs::default()
        }
    }

    #[test]
    fn a_name_for_standard_input_needs_it_and_says_whose_configuration_counts() {
        let error = args("a.sql", &["b.sql"]).load_config(Path::new("/repo"), &[], &[]).expect_err("no `-`");
        assert!(error.to_string().contains("give `-`"), "{error}");
        let named = args("x/a.sql", &["-", "b.sql"]);
        assert_eq!(named.checked_paths(), [PathBuf::from("x/a.sql"), PathBuf::from("b.sql")]);
        let unnamed = ReadArgs { stdin_filename: None, ..args("", &["-"]) };
        assert_eq!(unnamed.checked_paths(), [PathBuf::from("-")]);
    }
}
