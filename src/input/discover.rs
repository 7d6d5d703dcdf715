//! Which files of a tree are SQL, and which may hold state machines or SQL: a gitignore-aware walk, sorted by shown path.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::Sources;
use super::git::{Changed, Outside};
use crate::finding::Place;
use crate::lake::{Unreadable, UnreadableKind};
use crate::shown_path::{shown_path, without_dots};

const SQL_EXTENSIONS: [&str; 3] = ["sql", "ddl", "hql"];

/// Of definitions, templates and Terraform modules. Few files of these names are of interest: their contents decide.
const INFRA_EXTENSIONS: [&str; 10] = ["json", "jsonc", "yaml", "yml", "tf", "asl", "template", "tpl", "tmpl", "tftpl"];

/// Of programs and notebooks.
const PYTHON_EXTENSIONS: [&str; 2] = ["py", "ipynb"];

/// Larger files with these extensions are data. A definition has at most 1 MiB
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>), a template too
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>).
const MAX_INFRA_BYTES: u64 = 4 << 20;

/// Notebooks hold pictures beside their code.
const MAX_PYTHON_BYTES: u64 = 16 << 20;

/// What a text is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Language {
    Sql,
    /// JSON, YAML or HCL: it may hold state machines or resources around them.
    Infra,
    /// A program or a notebook: it may hold SQL.
    Python,
    /// Its name does not say; its content does.
    Unknown,
}

/// One text to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Input {
    /// Relative to the working directory where possible, with `/`.
    pub shown: String,
    /// `None` is standard input.
    pub path: Option<PathBuf>,
    /// Named on the command line: a failure to open it is an error, not a finding.
    pub named: bool,
    /// Read only for its definitions.
    pub context: bool,
    pub language: Language,
}

/// What a comparison with another revision knows of the files.
#[derive(Debug, Clone, Default)]
pub struct Compared {
    /// Files that are read as none.
    pub outside: Option<Arc<Outside>>,
    /// Files that are asked about wherever the project has them, as the other revision has them below the paths.
    pub moved: BTreeSet<PathBuf>,
}

impl Compared {
    /// Whether a file has no part in the comparison.
    pub(crate) fn leaves_out(&self, path: &Path) -> bool {
        self.outside.as_ref().is_some_and(|outside| outside.has(path))
    }
}

/// What discovery met.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Sorted by shown path, once each.
    pub inputs: Vec<Input>,
    /// Named paths that `exclude` leaves out.
    pub left_out: usize,
    /// Folders that could not be listed.
    pub unreadable: Vec<Unreadable>,
}

impl Found {
    /// Asks about what changed only.
    pub(super) fn narrow(&mut self, only: &Changed) {
        for input in &mut self.inputs {
            input.context |= input.path.as_ref().is_some_and(|path| !only.contains(path));
            input.named &= !input.context;
        }
    }

    /// Adds definitions of state machines that no walk meets. A run over single files is not asked about them.
    pub(super) fn add_definitions(&mut self, files: Vec<PathBuf>, sources: &Sources) {
        let context = !sources.paths.iter().any(|path| sources.base.join(path).is_dir());
        let input = |path: PathBuf| Input {
            shown: shown_path(&sources.base, &path),
            path: Some(path),
            named: false,
            context,
            language: Language::Infra,
        };
        self.inputs.extend(files.into_iter().map(input));
        self.inputs.sort_by(|a, b| (&a.shown, a.context, !a.named).cmp(&(&b.shown, b.context, !b.named)));
        self.inputs.dedup_by(|a, b| a.shown == b.shown && a.path == b.path);
    }
}

/// Finds the files under the named paths. Folders of the lake are not looked into for templates: their JSON files are data. Links to folders are not followed, so a loop of links ends nowhere; a link to a
/// file is read like the file.
pub(super) fn find(sources: &Sources, exclude: &[String], lake_folders: &[PathBuf]) -> Result<Found> {
    let exclude = Exclude::new(sources, exclude)?;
    let walk = Walk { base: &sources.base, exclude: &exclude, lake_folders, compared: &sources.compared };
    let mut found = Found::default();
    let is_left_out = |path: &Path| {
        let full = sources.base.join(path);
        sources.force_exclude && exclude.matches(&full, full.is_dir())
    };
    for path in &sources.paths {
        let is_stdin = path == Path::new("-");
        let name = sources.stdin_filename.as_deref().filter(|_| is_stdin);
        if name.map(Path::new).or((!is_stdin).then_some(path)).is_some_and(is_left_out) {
            found.left_out += 1;
            continue;
        }
        if is_stdin {
            let shown = name.map_or_else(|| "-".to_string(), |name| shown_path(&sources.base, Path::new(name)));
            let language = name.and_then(|name| language_of(Path::new(name))).unwrap_or(Language::Unknown);
            found.inputs.push(Input { shown, path: None, named: true, context: false, language });
            continue;
        }
        let full = sources.base.join(path);
        let metadata = full.metadata().with_context(|| format!("cannot read `{}`", path.display()))?;
        if metadata.is_dir() {
            // An unreadable root is an error: nothing that the user asked for was checked.
            full.read_dir().with_context(|| format!("cannot read `{}`", path.display()))?;
            walk.files(&full, &mut found);
        } else {
            let shown = shown_path(&sources.base, &full);
            let language = language_of(&full).unwrap_or(Language::Unknown);
            found.inputs.push(Input { shown, path: Some(full), named: true, context: false, language });
        }
    }
    if let Some(project) = &sources.project {
        add_context(project, &walk, &mut found);
    }
    let moved = &sources.compared.moved;
    for input in found.inputs.iter_mut().filter(|input| input.path.as_ref().is_some_and(|path| moved.contains(path))) {
        input.context = false;
    }
    // A named file comes before the same file met in a folder, so that it stays named; so does standard input, which is what an
    // editor holds of the file.
    found.inputs.sort_by(|a, b| (&a.shown, a.context, !a.named).cmp(&(&b.shown, b.context, !b.named)));
    // Names that are no UTF-8 may be shown alike.
    let name = |input: &Input| input.path.as_ref().and_then(|path| path.file_name()).map(OsStr::to_owned);
    let is_same = |a: &Input, b: &Input| a.path.is_none() || b.path.is_none() || name(a) == name(b);
    found
        .inputs
        .dedup_by(|a, b| a.shown == b.shown && is_same(a, b) && (!a.named || a.path.is_some() == b.path.is_some()));
    Ok(found)
}

/// Adds the project's other files for the tables, views and resources that they define. What cannot be read there is not this
/// run's business.
fn add_context(project: &Path, walk: &Walk<'_>, found: &mut Found) {
    let mut others = Found::default();
    walk.files(project, &mut others);
    found.inputs.extend(others.inputs.into_iter().map(|input| Input { context: true, ..input }));
}

/// How folders are walked.
struct Walk<'a> {
    base: &'a Path,
    exclude: &'a Exclude,
    lake_folders: &'a [PathBuf],
    compared: &'a Compared,
}

impl Walk<'_> {
    fn files(&self, root: &Path, found: &mut Found) {
        let (filter, compared) = (self.exclude.clone(), self.compared.clone());
        let is_left_out = move |path: &Path, is_dir: bool| filter.matches(path, is_dir) || compared.leaves_out(path);
        let walk = walker(root)
            .filter_entry(move |entry| {
                entry.depth() == 0 || !is_left_out(entry.path(), entry.file_type().is_some_and(|t| t.is_dir()))
            })
            .build();
        for entry in walk {
            match entry {
                Ok(entry) => {
                    let Some(language) = language_of(entry.path()) else { continue };
                    if self.is_of_interest(root, entry.path(), language) {
                        let shown = shown_path(self.base, entry.path());
                        let path = Some(entry.into_path());
                        found.inputs.push(Input { shown, path, named: false, context: false, language });
                    }
                }
                Err(error) => {
                    let help = "allow reading it, or leave it out with `exclude` in lakelint.toml";
                    found.unreadable.push(unlisted(&error, root, self.base, help));
                }
            }
        }
    }

    fn is_of_interest(&self, root: &Path, path: &Path, language: Language) -> bool {
        let Ok(metadata) = path.metadata() else { return false };
        let in_lake = |folder: &PathBuf| path.starts_with(folder) && !root.starts_with(folder);
        let most = match language {
            Language::Sql | Language::Unknown => u64::MAX,
            Language::Infra => MAX_INFRA_BYTES,
            Language::Python => MAX_PYTHON_BYTES,
        };
        metadata.is_file()
            && (language == Language::Sql || metadata.len() <= most && !self.lake_folders.iter().any(in_lake))
    }
}

/// A walk as `.gitignore` files have it. In a repository they are those from its top on, as git reads them; elsewhere those from the
/// folder on: one above it, such as that of a home folder whose owner keeps it in git, is about something else.
pub(super) fn walker(root: &Path) -> ignore::WalkBuilder {
    let real = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let is_in_repository = real.ancestors().any(|folder| folder.join(".git").exists());
    let mut walker = ignore::WalkBuilder::new(root);
    walker.require_git(is_in_repository).parents(is_in_repository);
    walker
}

/// What the name of a file says about it.
pub(super) fn language_of(path: &Path) -> Option<Language> {
    let extension = path.extension().and_then(OsStr::to_str)?;
    let is_one_of = |known: &[&str]| known.iter().any(|known| extension.eq_ignore_ascii_case(known));
    match () {
        () if is_one_of(&SQL_EXTENSIONS) => Some(Language::Sql),
        () if is_one_of(&INFRA_EXTENSIONS) => Some(Language::Infra),
        () if is_one_of(&PYTHON_EXTENSIONS) => Some(Language::Python),
        () => None,
    }
}

/// The endings of names of files that a walk reads, without the dot.
pub(crate) fn extensions() -> impl Iterator<Item = &'static str> {
    SQL_EXTENSIONS.into_iter().chain(INFRA_EXTENSIONS).chain(PYTHON_EXTENSIONS)
}

/// Whether a file is named like SQL.
pub(crate) fn is_sql(path: impl AsRef<Path>) -> bool {
    language_of(path.as_ref()) == Some(Language::Sql)
}

/// A folder under `root` that could not be listed.
pub(super) fn unlisted(error: &ignore::Error, root: &Path, base: &Path, help: &str) -> Unreadable {
    Unreadable {
        kind: UnreadableKind::Sql,
        place: Place::Path(shown_path(base, path_of(error).unwrap_or(root))),
        message: format!("cannot list this folder: {}", reason(error)),
        help: help.to_string(),
    }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// The error without the path, which the place shows already.
fn reason(error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithPath { err, .. } | ignore::Error::WithDepth { err, .. } => reason(err),
        ignore::Error::Io(error) => error.kind().to_string(),
        other => other.to_string(),
    }
}

/// The `exclude` globs, with the meaning of a `.gitignore` beside the configuration file.
#[derive(Debug, Clone)]
struct Exclude {
    root: PathBuf,
    globs: Gitignore,
}

impl Exclude {
    fn new(sources: &Sources, globs: &[String]) -> Result<Exclude> {
        let file = sources.config_file.as_ref().map(|(path, _)| sources.base.join(path));
        let root = without_dots(file.as_deref().and_then(Path::parent).unwrap_or(&sources.base));
        let mut builder = GitignoreBuilder::new(&root);
        builder.allow_unclosed_class(false);
        for glob in globs {
            if let Err(error) = builder.add_line(None, glob) {
                bail!("invalid glob `{glob}` in `exclude`: {error}");
            }
        }
        let globs = builder.build().context("invalid globs in `exclude`")?;
        Ok(Exclude { root, globs })
    }

    fn matches(&self, path: &Path, is_dir: bool) -> bool {
        match without_dots(path).strip_prefix(&self.root) {
            Ok(relative) if !relative.as_os_str().is_empty() => {
                self.globs.matched_path_or_any_parents(relative, is_dir).is_ignore()
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::tests::{sources, write};

    fn shown(found: &Found) -> Vec<&str> {
        found.inputs.iter().map(|i| i.shown.as_str()).collect()
    }

    #[test]
    fn the_walk_honours_gitignore_extensions_and_exclude_and_sorts() {
        let dir = tempfile::tempdir().expect("tempdir");
        for name in [
            "b.sql",
            "a/x.HQL",
            "a/y.ddl",
            "a/readme.md",
            "target/t.sql",
            "gen/g.sql",
            "a/old.gen.sql",
            ".hidden/h.sql",
        ] {
            write(dir.path(), name, "select 1");
        }
        write(dir.path(), ".gitignore", "target/\n");
        let exclude = ["gen/".to_string(), "*.gen.sql".to_string()];
        let found = find(&sources(dir.path(), &["."]), &exclude, &[]).expect("found");
        assert_eq!(shown(&found), ["a/x.HQL", "a/y.ddl", "b.sql"]);
        assert!(found.unreadable.is_empty());
    }

    #[test]
    fn a_gitignore_counts_from_the_top_of_the_repository_or_of_the_walk() {
        let dir = tempfile::tempdir().expect("tempdir");
        write(dir.path(), ".gitignore", "*\n");
        write(dir.path(), "p/.gitignore", "m/a.sql\n");
        for name in ["p/m/a.sql", "p/m/b.sql", "p/q/.gitignore", "p/q/c.sql"] {
            write(dir.path(), name, "select 1\n");
        }
        let project = dir.path().join("p");
        let walked = |path: &str| {
            let found = find(&sources(&project, &[path]), &[], &[]).expect("found");
            found.inputs.into_iter().map(|input| input.shown).collect::<Vec<String>>()
        };
        assert_eq!(walked("."), ["m/b.sql", "q/c.sql"]);
        assert_eq!(walked("m"), ["m/a.sql", "m/b.sql"], "no repository: the folder that is asked about is the top");
        std::fs::create_dir(project.join(".git")).expect("made");
        assert_eq!(walked("."), ["m/b.sql", "q/c.sql"]);
        assert_eq!(walked("m"), ["m/b.sql"]);
        // Of a linked work tree or a submodule.
        std::fs::remove_dir(project.join(".git")).expect("removed");
        write(&project, ".git", "gitdir: ../elsewhere\n");
        assert_eq!(walked("m"), ["m/b.sql"]);
    }

    #[test]
    fn named_files_are_read_whatever_their_name_and_once() {
        let dir = tempfile::tempdir().expect("tempdir");
        write(dir.path(), "gen/query.txt", "select 1");
        write(dir.path(), "b.sql", "select 1");
        let found =
            find(&sources(dir.path(), &["gen/query.txt", "./b.sql", "."]), &["gen/".to_string()], &[]).expect("found");
        assert_eq!(shown(&found), ["b.sql", "gen/query.txt"]);
        assert!(found.inputs.iter().all(|i| i.named));
    }

    #[test]
    fn exclude_counts_for_what_is_named_when_it_is_forced_to() {
        let dir = tempfile::tempdir().expect("tempdir");
        write(dir.path(), "gen/a.sql", "select 1");
        write(dir.path(), "b.sql", "select 1");
        let exclude = ["gen/".to_string()];
        let names = ["gen/a.sql", "gen", "-", "b.sql"];
        let mut sources = Sources { force_exclude: true, ..sources(dir.path(), &names) };
        let found = find(&sources, &exclude, &[]).expect("found");
        assert_eq!((shown(&found), found.left_out), (vec!["-", "b.sql"], 2));
        sources.stdin_filename = Some("gen/c.sql".to_string());
        let found = find(&sources, &exclude, &[]).expect("found");
        assert_eq!((shown(&found), found.left_out), (vec!["b.sql"], 3));
        // A name that is wrong stays an error.
        sources.paths.push("gone.sql".into());
        assert!(find(&sources, &exclude, &[]).is_err());
    }

    #[test]
    fn standard_input_has_its_shown_name() {
        let dir = tempfile::tempdir().expect("tempdir");
        let mut sources = sources(dir.path(), &["-"]);
        sources.stdin_filename = Some("./models/a.sql".to_string());
        let stdin = || Input {
            shown: "models/a.sql".to_string(),
            path: None,
            named: true,
            context: false,
            language: Language::Sql,
        };
        assert_eq!(find(&sources, &[], &[]).expect("found").inputs, [stdin()]);
        // It stands for the file of that name in the project and in folders.
        write(dir.path(), "models/a.sql", "select 1");
        sources.project = Some(dir.path().to_path_buf());
        assert_eq!(find(&sources, &[], &[]).expect("found").inputs, [stdin()]);
        sources.paths.push(".".into());
        assert_eq!(find(&sources, &[], &[]).expect("found").inputs, [stdin()]);
        sources.paths.push("models/a.sql".into());
        assert_eq!(find(&sources, &[], &[]).expect("found").inputs.len(), 2);
    }

    #[test]
    fn a_named_path_that_does_not_exist_and_a_bad_glob_are_errors_that_name_it() {
        let dir = tempfile::tempdir().expect("tempdir");
        let error = find(&sources(dir.path(), &["missing.sql"]), &[], &[]).expect_err("missing");
        assert!(format!("{error:#}").contains("cannot read `missing.sql`"), "{error:#}");
        let error = find(&sources(dir.path(), &["."]), &["a[".to_string()], &[]).expect_err("glob");
        assert!(format!("{error:#}").contains("`a[`"), "{error:#}");
    }

    #[cfg(unix)]
    #[test]
    fn loops_of_links_end_and_links_to_files_are_read() {
        let dir = tempfile::tempdir().expect("tempdir");
        write(dir.path(), "a/x.sql", "select 1");
        std::os::unix::fs::symlink(dir.path(), dir.path().join("a/loop")).expect("link");
        std::os::unix::fs::symlink("x.sql", dir.path().join("a/y.sql")).expect("link");
        std::os::unix::fs::symlink("nowhere.sql", dir.path().join("a/z.sql")).expect("link");
        let found = find(&sources(dir.path(), &["."]), &[], &[]).expect("found");
        assert_eq!(shown(&found), ["a/x.sql", "a/y.sql"]);
    }
}
