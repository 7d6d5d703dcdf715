//! Revisions of a repository, through git: its objects are read, the work tree and the index stay as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::discover::is_sql;
use crate::shown_path::{shown_path, without_dots};
use links::Links;
pub use outside::Outside;

mod links;
mod outside;

/// Larger files are data.
const LARGEST: u64 = 4 << 20;
/// What git says of folders that a clone has left away, and of contents.
const NO_TREE: [&str; 3] = ["not a tree object", "bad tree object", "unable to read tree"];
const NO_BLOB: &str = "lazy fetching disabled";
/// What git tells its hooks: with these it would take the folder it is called in for the top of the work tree.
const OF_HOOKS: [&str; 4] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX", "GIT_INDEX_FILE"];

/// The repository around a folder.
#[derive(Debug, Clone)]
pub struct Repository {
    /// Top of the work tree.
    pub root: PathBuf,
    /// From there to the folder: `models/`, or nothing.
    pub prefix: PathBuf,
}

/// What of a work tree is not as in a commit. Paths are without links: what a link leads to is what changes.
#[derive(Debug, Clone, Default)]
pub struct Changed {
    files: BTreeSet<PathBuf>,
    /// All that git can tell of: not what it ignores, nor what is in other repositories inside of this one.
    known: BTreeSet<PathBuf>,
}

impl Changed {
    /// Whether a file changed; one that git cannot tell of may have.
    pub fn contains(&self, path: &Path) -> bool {
        let real = real(path);
        self.files.contains(&real) || !self.known.contains(&real)
    }
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// A file of a revision.
struct Entry {
    object: String,
    /// From the root.
    path: PathBuf,
}

impl Repository {
    /// Fails where git is missing or the folder is in no work tree.
    pub fn around(folder: &Path) -> Result<Repository> {
        let line = |option: &str| -> Result<PathBuf> {
            let out = git(folder, &["rev-parse", option])?;
            Ok(PathBuf::from(text(out)?.trim_end_matches(['\n', '\r'])))
        };
        let root = line("--show-toplevel").context("revisions are compared within a git repository")?;
        Ok(Repository { root, prefix: line("--show-prefix")? })
    }

    /// The commit that a name stands for, as git writes it in full.
    pub fn commit(&self, name: &str) -> Result<String> {
        let parse = |asked: &str| git(&self.root, &["rev-parse", "--verify", "--quiet", "--end-of-options", asked]);
        if name.is_empty() {
            bail!("expected the name of a commit, such as `origin/main`, and it is empty");
        }
        if let Ok(commit) = parse(&format!("{name}^{{commit}}")) {
            return Ok(text(commit)?.trim().to_string());
        }
        if let Ok(object) = parse(name).and_then(text)
            && let Ok(kind) = git(&self.root, &["cat-file", "-t", object.trim()]).and_then(text)
        {
            bail!("`{name}` is no commit, but a {}", kind.trim());
        }
        if git(&self.root, &["rev-list", "--max-count=1", "--all"]).is_ok_and(|any| any.is_empty()) {
            bail!("git knows no commit `{name}`: the repository has none yet");
        }
        let fetched = name.strip_prefix("origin/").map_or_else(String::new, |branch| {
            format!(", as with `git fetch origin {branch}:refs/remotes/origin/{branch}`")
        });
        bail!("git knows no commit `{name}`: fetch it first{fetched}")
    }

    /// The commit that two that git knows have in common: what came to the base since then is no change of this branch.
    pub fn merge_base(&self, base: &str, head: &str) -> Result<String> {
        let out = git(&self.root, &["merge-base", base, head]).or_else(|_| {
            // In a repository without a commit there is no `HEAD`.
            self.commit(head)?;
            bail!(
                "git finds no commit that `{base}` and `{head}` share: fetch the whole history, as with `git fetch --unshallow` or \
                 `fetch-depth: 0` in a checkout step"
            )
        })?;
        Ok(text(out)?.trim().to_string())
    }

    /// Files that moved from a commit to another one, or to the work tree: old paths with new ones, both from the root.
    pub fn renames(&self, from: &str, to: Option<&str>) -> Result<BTreeMap<PathBuf, PathBuf>> {
        let mut arguments = vec!["diff", "--name-status", "--find-renames", "-l0", "--diff-filter=R", "-z", from];
        arguments.extend(to);
        let out = git(&self.root, &[&arguments[..], &["--no-ext-diff", "--ignore-submodules", "--"]].concat())?;
        let mut parts = out.split(|byte| *byte == 0).filter(|part| !part.is_empty());
        let mut renames = BTreeMap::new();
        while let (Some(_), Some(old), Some(new)) = (parts.next(), parts.next(), parts.next()) {
            renames.insert(path_of(old), path_of(new));
        }
        Ok(renames)
    }

    /// Files of the work tree that are not as in a commit, those that git does not know yet included.
    pub fn changed(&self, since: &str) -> Result<Changed> {
        let list = |arguments: &[&str]| -> Result<BTreeSet<PathBuf>> {
            let out = git(&self.root, arguments)?;
            let paths = out.split(|byte| *byte == 0).filter(|path| !path.is_empty());
            Ok(paths.map(|path| real(&self.root.join(path_of(path)))).collect())
        };
        let mut files =
            list(&["diff", "--name-only", "--diff-filter=d", "--no-ext-diff", "--no-renames", "-z", since, "--"])?;
        let mut known = list(&["ls-files", "-z"])?;
        let new = list(&["ls-files", "--others", "--exclude-standard", "-z"])?;
        known.extend(new.iter().cloned());
        files.extend(new);
        Ok(Changed { files, known })
    }

    /// Addresses of the remotes, as the repository's settings have them.
    pub fn remotes(&self) -> Vec<String> {
        // Where there is none, git fails.
        let out = git(&self.root, &["config", "-z", "--get-regexp", r"^remote\..*\.url$"]).unwrap_or_default();
        let text = String::from_utf8_lossy(&out);
        text.split('\0').filter_map(|entry| Some(entry.split_once('\n')?.1.to_string())).collect()
    }

    /// Where a path lies below the root; `None` outside of it.
    pub fn below(&self, path: &Path) -> Option<PathBuf> {
        let plain = without_dots(path);
        let within = |path: PathBuf| path.strip_prefix(&self.root).ok().map(Path::to_path_buf);
        // A folder that a link leads to; what is not there has none.
        let real = || Some(plain.parent()?.canonicalize().ok()?.join(plain.file_name()?));
        within(plain.clone()).or_else(|| within(plain.canonicalize().ok()?)).or_else(|| within(real()?))
    }

    /// Where a path lies below the root when the folders that links lead to are taken for what they are; `None` outside.
    pub fn below_links(&self, path: &Path) -> Option<PathBuf> {
        let plain = without_dots(path);
        let within = |real: PathBuf| real.strip_prefix(&self.root).ok().map(Path::to_path_buf);
        match plain.canonicalize() {
            Ok(real) if !plain.is_symlink() || real.is_dir() => within(real),
            // A link to a file has a name of its own, and so has what is not there.
            _ => match plain.parent().and_then(|folder| folder.canonicalize().ok()).zip(plain.file_name()) {
                Some((folder, name)) => within(folder.join(name)),
                None => self.below(&plain),
            },
        }
    }

    /// A path from the root, as shown in a working directory.
    pub fn shown(&self, path: &Path, base: &Path) -> String {
        let real = base.canonicalize().unwrap_or_else(|_| base.to_path_buf());
        shown_path(&real, &self.root.join(path))
    }

    /// Writes the files of a commit below a folder, those excepted that are data: large ones, and those below some folders, from the
    /// root; and those that a sparse checkout leaves out.
    pub fn write(&self, commit: &str, folder: &Path, data: &[PathBuf], sparse: &BTreeSet<PathBuf>) -> Result<()> {
        let mut entries = self.entries(commit, sparse)?;
        let is_data = |path: &Path| data.iter().any(|data| path.starts_with(data)) && !is_sql(path);
        entries.retain(|entry| !is_data(&entry.path));
        // Whoever looks for the top of the project stops here.
        std::fs::create_dir_all(folder.join(".git")).context("a folder for a revision")?;
        let mut child = command(&self.root, &["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("git cannot be run")?;
        let mut asked = child.stdin.take().context("git takes no input")?;
        let mut answers = BufReader::new(child.stdout.take().context("git gives no output")?);
        let objects: String = entries.iter().map(|entry| format!("{}\n", entry.object)).collect();
        let written = std::thread::scope(|scope| {
            // Beside the reading: both pipes are short.
            scope.spawn(move || asked.write_all(objects.as_bytes()));
            let written = entries.iter().try_for_each(|entry| put(entry, &contents(&mut answers, entry)?, folder));
            // After a failure nobody reads what it still has to say, and it would wait for that.
            if written.is_err() {
                child.kill().ok();
            }
            written
        });
        child.wait().ok();
        written
    }

    /// The files of a commit that are not large. A link is a file with the contents of the file that it leads to: a link that is made
    /// could lead anywhere.
    fn entries(&self, commit: &str, sparse: &BTreeSet<PathBuf>) -> Result<Vec<Entry>> {
        let out = git(&self.root, &["ls-tree", "-r", "-z", "-l", "--full-tree", commit])?;
        let (mut files, mut links) = (BTreeMap::new(), Links::default());
        for line in out.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            // `<mode> <type> <object> <size>\t<path>`
            let Some(tab) = line.iter().position(|byte| *byte == b'\t') else { continue };
            let about = String::from_utf8_lossy(&line[..tab]);
            let mut about = about.split_whitespace();
            let (Some(mode), Some("blob"), Some(object)) = (about.next(), about.next(), about.next()) else { continue };
            let is_small = about.next().and_then(|size| size.parse::<u64>().ok()).is_some_and(|size| size <= LARGEST);
            let path = path_of(&line[tab + 1..]);
            match mode {
                _ if !is_inside(&path) || sparse.contains(&path) => {}
                "120000" => links.add(path, path_of(&git(&self.root, &["cat-file", "blob", object])?), &self.root),
                _ if is_small || is_sql(&path) => drop(files.insert(path, object.to_string())),
                _ => {}
            }
        }
        let led = links.paths().filter_map(|link| Some((link.clone(), files.get(&links.end(link)?)?.clone())));
        let led: Vec<(PathBuf, String)> = led.collect();
        files.extend(led);
        let entries = files.iter().map(|(path, object)| Entry { object: object.clone(), path: path.clone() });
        // A crafted tree may hold a file and files below it.
        let is_below = |path: &Path| path.ancestors().skip(1).any(|folder| files.contains_key(folder));
        Ok(entries.filter(|entry| !is_below(&entry.path)).collect())
    }
}

/// A crafted tree may hold names that lead out of a folder.
fn is_inside(path: &Path) -> bool {
    let plain = |part: Component<'_>| matches!(part, Component::Normal(name) if !name.eq_ignore_ascii_case(".git"));
    path.components().all(plain)
}

/// The next object of `git cat-file --batch`: `<object> <type> <size>\n<contents>\n`.
fn contents(answers: &mut impl BufRead, entry: &Entry) -> Result<Vec<u8>> {
    let lacking = || {
        format!(
            "git has no contents of `{}`: fetch them, as a clone without blobs leaves them away",
            entry.path.display()
        )
    };
    let mut header = String::new();
    answers.read_line(&mut header).with_context(lacking)?;
    let size =
        header.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok()).with_context(lacking)?;
    let mut bytes = vec![0; size + 1];
    answers.read_exact(&mut bytes).with_context(lacking)?;
    bytes.pop();
    Ok(bytes)
}

fn put(entry: &Entry, contents: &[u8], folder: &Path) -> Result<()> {
    let path = folder.join(&entry.path);
    let put = || -> std::io::Result<()> {
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        std::fs::write(&path, contents)
    };
    put().with_context(|| format!("`{}` cannot be written", path.display()))
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// git without what a user's settings would change in its answers, and without the network.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("--no-optional-locks").arg("-C").arg(folder).args(arguments);
    for name in OF_HOOKS {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C").env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0");
    command
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>> {
    let done =
        command(folder, arguments).stdin(Stdio::null()).output().context("git cannot be run: is it installed?")?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        if NO_TREE.iter().any(|no_tree| said.contains(no_tree)) {
            bail!("git has no folders of the revision: fetch them, as a clone without trees leaves them away");
        }
        if said.contains(NO_BLOB) {
            bail!("git has no contents of some files: fetch them, as a clone without blobs leaves them away");
        }
        bail!("git: {}", said.trim().trim_start_matches("fatal: "));
    }
    Ok(done.stdout)
}

fn text(out: Vec<u8>) -> Result<String> {
    String::from_utf8(out).context("git writes something that is no UTF-8")
}
