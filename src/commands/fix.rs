//! `lakelint check --fix`: makes changes, and looks again whether they helped; or shows them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::check::Checked;
use crate::finding::{Patch, Place};
use crate::lake::{FileId, Lake};
use crate::output::{Fixed, Preview};
use crate::patch;

/// Which changes are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    Safe,
    /// Also those that alter what runs.
    All,
}

impl Choice {
    /// Most times that the files are changed: patches that touch each other wait for the next time, and one change may call for
    /// another. What alters what runs is changed once: all of it was in the preview.
    fn passes(self) -> usize {
        match self {
            Choice::Safe => 10,
            Choice::All => 1,
        }
    }
}

/// Changes files until nothing that is meant is left, and leaves in `checked` what a check says of them then. A change after which
/// less of the file can be read, or a safe one that does not make its finding go away, is taken back and not tried again.
pub(super) fn fix(
    checked: &mut Checked,
    again: impl Fn() -> anyhow::Result<Checked>,
    choice: Choice,
    base: &Path,
    paths: &[PathBuf],
) -> anyhow::Result<Fixed> {
    let mut session = Session { base, roots: roots(base, paths), choice, spent: BTreeSet::new() };
    let (mut findings, mut files) = (0, BTreeSet::new());
    for _ in 0..choice.passes() {
        let changes = session.changes(checked);
        if changes.is_empty() {
            break;
        }
        session.make(&changes, &files)?;
        *checked = again()?;
        let found = session.counts(checked);
        let mut is_restored = false;
        for change in &changes {
            match change.useless(&found, &checked.lake, choice) {
                rules if rules.is_empty() => {
                    findings += change.gone(&found);
                    files.insert(change.path.clone());
                }
                rules => {
                    write(&change.on_disk, &change.path, &change.new, &change.old)?;
                    session.spent.extend(rules.into_iter().map(|rule| (change.path.clone(), rule)));
                    is_restored = true;
                }
            }
        }
        if is_restored {
            *checked = again()?;
        }
    }
    Ok(Fixed { findings, files: files.len() })
}

/// What [`fix`] would change first, without a file being touched.
pub(super) fn preview(checked: &Checked, choice: Choice, base: &Path, paths: &[PathBuf]) -> Preview {
    let session = Session { base, roots: roots(base, paths), choice, spent: BTreeSet::new() };
    let changes = session.changes(checked);
    let made = |change: &Change| change.rules.values().map(|(_, made)| *made).sum::<usize>();
    Preview {
        findings: changes.iter().map(made).sum(),
        files: changes.into_iter().map(|change| (change.path, change.old, change.new)).collect(),
    }
}

/// Rules by the file that their patches change, and how many patches each has.
type Counts = BTreeMap<(String, &'static str), usize>;

/// One run of `--fix`.
struct Session<'a> {
    base: &'a Path,
    /// What was asked for, without links.
    roots: Vec<PathBuf>,
    choice: Choice,
    /// Rules whose changes of a file did not help.
    spent: BTreeSet<(String, &'static str)>,
}

/// A file that was changed.
struct Change {
    /// As shown.
    path: String,
    /// Links followed: the file that they lead to is changed.
    on_disk: PathBuf,
    old: Arc<str>,
    new: String,
    /// How many patches of a rule there were, and how many of them were made.
    rules: BTreeMap<&'static str, (usize, usize)>,
    unread: usize,
}

impl Session<'_> {
    /// As many changes as are possible at once.
    fn changes(&self, checked: &Checked) -> Vec<Change> {
        let lake = &checked.lake;
        let patches: Vec<(&'static str, FileId, &Patch)> = self.patches(checked).collect();
        let applied = patch::apply(patches.iter().map(|(_, _, patch)| *patch), &lake.sources);
        let mut changes: Vec<Change> = Vec::new();
        for (file, new) in applied.texts {
            let source = lake.sources.get(file);
            let Ok(on_disk) = self.on_disk(&source.path) else { continue };
            // A file that links name as well is changed once.
            if changes.iter().any(|change| change.on_disk == on_disk) {
                continue;
            }
            let mut rules: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
            for ((rule, at, _), is_applied) in patches.iter().zip(&applied.is_applied) {
                if *at == file {
                    let (all, made) = rules.entry(rule).or_default();
                    *all += 1;
                    *made += usize::from(*is_applied);
                }
            }
            let (path, old) = (source.path.clone(), source.text.clone());
            changes.push(Change { unread: unread(lake, &path), path, on_disk, old, new, rules });
        }
        changes
    }

    /// Writes all of them, or none where one of them cannot be. `before` are files that were changed already.
    fn make(&self, changes: &[Change], before: &BTreeSet<String>) -> anyhow::Result<()> {
        let mut done: Vec<&str> = before.iter().map(String::as_str).collect();
        for change in changes {
            writable(&change.on_disk, &change.path, &change.old).map_err(|error| after(&done, error))?;
        }
        for change in changes {
            write(&change.on_disk, &change.path, &change.old, &change.new).map_err(|error| after(&done, error))?;
            done.push(&change.path);
        }
        Ok(())
    }

    /// The patches that are meant, of files that were asked about, with their rules and files.
    fn patches<'c>(&'c self, checked: &'c Checked) -> impl Iterator<Item = (&'static str, FileId, &'c Patch)> {
        checked.report.findings.iter().filter_map(|found| {
            let patch = found.finding.patch.as_ref().filter(|patch| patch.is_safe || self.choice == Choice::All)?;
            let file = patch.edits.first()?.span.file;
            let source = checked.lake.sources.get(file);
            let rule = found.finding.rule;
            let is_spent = self.spent.contains(&(source.path.clone(), rule));
            let is_asked = || self.on_disk(&source.path).is_ok_and(|path| self.is_asked_about(&path));
            (!is_spent && !source.is_context && is_asked()).then_some((rule, file, patch))
        })
    }

    fn counts(&self, checked: &Checked) -> Counts {
        let mut counts = Counts::new();
        for (rule, file, _) in self.patches(checked) {
            *counts.entry((checked.lake.sources.get(file).path.clone(), rule)).or_default() += 1;
        }
        counts
    }

    fn is_asked_about(&self, path: &Path) -> bool {
        self.roots.iter().any(|root| path.starts_with(root))
    }

    fn on_disk(&self, shown: &str) -> anyhow::Result<PathBuf> {
        self.base.join(shown).canonicalize().with_context(|| format!("`{shown}` cannot be written"))
    }
}

impl Change {
    /// The rules whose changes did not help; all of them when less of the file can be read now. Whoever has seen the changes
    /// wants them as they were shown.
    fn useless(&self, found: &Counts, lake: &Lake, choice: Choice) -> Vec<&'static str> {
        let reads_less = unread(lake, &self.path) > self.unread;
        let left = |rule: &'static str| found.get(&(self.path.clone(), rule)).copied().unwrap_or_default();
        let helped =
            |(rule, (all, made)): &(&&'static str, &(usize, usize))| choice == Choice::All || left(rule) + made <= *all;
        let made = self.rules.iter().filter(|(_, (_, made))| *made > 0);
        made.filter(|entry| reads_less || !helped(entry)).map(|(rule, _)| *rule).collect()
    }

    /// How many findings its changes made go away.
    fn gone(&self, found: &Counts) -> usize {
        let left = |rule: &'static str| found.get(&(self.path.clone(), rule)).copied().unwrap_or_default();
        self.rules.iter().map(|(rule, (all, _))| all.saturating_sub(left(rule))).sum()
    }
}

/// What could not be read of a file.
fn unread(lake: &Lake, path: &str) -> usize {
    let shown = |place: &Place| match place {
        Place::Span(span) => lake.sources.get(span.file).path == path,
        Place::File(file) => lake.sources.get(*file).path == path,
        Place::Path(shown) => shown == path,
        Place::Lake => false,
    };
    let computed = lake.not_analysed.iter().filter(|machine| lake.sources.get(machine.span.file).path == path);
    lake.unreadable.iter().filter(|unreadable| shown(&unreadable.place)).count() + computed.count()
}

fn roots(base: &Path, paths: &[PathBuf]) -> Vec<PathBuf> {
    let paths = if paths.is_empty() { vec![base.to_path_buf()] } else { paths.to_vec() };
    paths.iter().filter_map(|path| base.join(path).canonicalize().ok()).collect()
}

/// Says what was changed before an error.
fn after(done: &[&str], error: anyhow::Error) -> anyhow::Error {
    match done {
        [] => error.context("nothing was changed"),
        done => {
            let done: Vec<String> = done.iter().map(|path| format!("`{path}`")).collect();
            error.context(format!("only {} changed", done.join(", ")))
        }
    }
}

/// The permissions of a file that may be changed: it is as it was read, and not read-only.
fn writable(path: &Path, shown: &str, old: &str) -> anyhow::Result<fs::Permissions> {
    let fail = || format!("`{shown}` cannot be written");
    let permissions = fs::metadata(path).with_context(fail)?.permissions();
    if permissions.readonly() {
        bail!("`{shown}` cannot be written: it is read-only");
    }
    if fs::read(path).with_context(fail)? != old.as_bytes() {
        bail!("`{shown}` changed while it was checked and was left as it is: run again");
    }
    Ok(permissions)
}

/// Puts a new text in the place of the old one: at once and as a whole, with the file's permissions.
fn write(path: &Path, shown: &str, old: &str, new: &str) -> anyhow::Result<()> {
    let permissions = writable(path, shown, old)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.lakelint", std::process::id()));
    let put = || {
        let mut file = fs::File::create_new(&temporary)?;
        file.write_all(new.as_bytes())?;
        file.sync_all()?;
        fs::set_permissions(&temporary, permissions)?;
        fs::rename(&temporary, path)
    };
    put().inspect_err(|_| drop(fs::remove_file(&temporary))).with_context(|| format!("`{shown}` cannot be written"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::lake::Span;
    use crate::patch::Draft;
    use crate::triage::Fixture;

    const RULE: &str = "missing-partition-filter";

    /// A folder of files, checked by a rule that wants no 99 and changes it to what `better` says.
    struct World {
        folder: tempfile::TempDir,
        better: fn(usize) -> u64,
    }

    impl World {
        fn new(files: &[(&str, &str)], better: fn(usize) -> u64) -> World {
            let folder = tempfile::tempdir().expect("a folder");
            for (name, text) in files {
                fs::create_dir_all(folder.path().join(name).parent().expect("a folder")).expect("made");
                fs::write(folder.path().join(name), text).expect("written");
            }
            World { folder, better }
        }

        fn text(&self, name: &str) -> String {
            fs::read_to_string(self.folder.path().join(name)).expect("read")
        }

        fn check(&self, names: &[&str]) -> Checked {
            let mut fixture = Fixture::default();
            for name in names {
                fixture = fixture.file(name, &self.text(name));
            }
            for (file, name) in names.iter().enumerate() {
                for (nth, (at, bad)) in self.text(name).match_indices("99").enumerate() {
                    let span = Span::new(FileId(file as u32), at..at + bad.len());
                    let new = (self.better)(nth);
                    fixture = fixture
                        .found(RULE, Severity::High, Place::Span(span), &format!("99 at {at}"))
                        .patch(|lake| Draft::new(&lake.sources).replace_number(span, 99.0, new).safe());
                }
            }
            Checked { report: fixture.report(), lake: fixture.lake, paths: Vec::new() }
        }

        fn fix(&self, names: &[&str], paths: &[&str]) -> anyhow::Result<(Fixed, usize)> {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            let mut checked = self.check(names);
            let fixed = fix(&mut checked, || Ok(self.check(names)), Choice::Safe, self.folder.path(), &paths)?;
            Ok((fixed, checked.report.findings.len()))
        }

        /// Names of all files of the folder itself.
        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(self.folder.path()).expect("a folder");
            let mut names: Vec<_> = entries.map(|e| e.expect("e").file_name().to_string_lossy().into_owned()).collect();
            names.sort();
            names
        }
    }

    #[test]
    fn safe_changes_are_made_and_nothing_else() {
        let (a, b) = ("\u{feff}{ 99,\t99 } \r\n", "99");
        let world = World::new(&[("a", a), ("b", b), ("c/d", "99 x")], |_| 3);
        assert_eq!(world.fix(&["a", "b", "c/d"], &["a", "c"]).expect("fixed"), (Fixed { findings: 3, files: 2 }, 1));
        assert_eq!((world.text("a"), world.text("b")), (a.replace("99", "3"), b.to_string()));
        assert_eq!(world.text("c/d"), "3 x");
        assert_eq!(world.names(), ["a", "b", "c"]);
        assert_eq!(world.fix(&["a", "b", "c/d"], &[]).expect("fixed"), (Fixed { findings: 1, files: 1 }, 0));
    }

    #[test]
    fn a_change_that_does_not_help_is_taken_back() {
        let world = World::new(&[("a", "99 1")], |_| 9_999);
        assert_eq!(world.fix(&["a"], &[]).expect("no loop"), (Fixed::default(), 1));
        assert_eq!(world.text("a"), "99 1");
    }

    #[test]
    fn changes_that_touch_are_made_one_after_the_other() {
        let world = World::new(&[("a", "9999")], |nth| nth as u64);
        assert_eq!(world.fix(&["a"], &[]).expect("fixed"), (Fixed { findings: 2, files: 1 }, 0));
        assert_eq!(world.text("a"), "00");
    }

    #[test]
    fn a_file_that_changed_meanwhile_or_is_read_only_is_left_alone() {
        let world = World::new(&[("a", "99")], |_| 3);
        let mut checked = world.check(&["a"]);
        fs::write(world.folder.path().join("a"), "99 and more").expect("written");
        let again = || Ok(world.check(&["a"]));
        let error = fix(&mut checked, again, Choice::Safe, world.folder.path(), &[]).expect_err("changed");
        assert_eq!(
            format!("{error:#}"),
            "nothing was changed: `a` changed while it was checked and was left as it is: run again"
        );
        assert_eq!(world.text("a"), "99 and more");
        let path = world.folder.path().join("a");
        let mut permissions = fs::metadata(&path).expect("metadata").permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).expect("set");
        let error = world.fix(&["a"], &[]).expect_err("read-only");
        assert_eq!(format!("{error:#}"), "nothing was changed: `a` cannot be written: it is read-only");
        assert_eq!(world.names(), ["a"]);
    }

    #[test]
    fn no_file_is_changed_where_one_cannot_be() {
        let world = World::new(&[("a", "99"), ("b", "99")], |_| 3);
        let path = world.folder.path().join("b");
        let mut permissions = fs::metadata(&path).expect("metadata").permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).expect("set");
        let error = world.fix(&["a", "b"], &[]).expect_err("read-only");
        assert_eq!(format!("{error:#}"), "nothing was changed: `b` cannot be written: it is read-only");
        assert_eq!(world.text("a"), "99");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_a_link_names_as_well_is_changed_once() {
        let world = World::new(&[("a", "99 99")], |_| 3);
        std::os::unix::fs::symlink("a", world.folder.path().join("b")).expect("a link");
        assert_eq!(world.fix(&["a", "b"], &[]).expect("fixed").1, 0);
        assert_eq!(world.text("a"), "3 3");
        assert!(world.folder.path().join("b").is_symlink());
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let world = World::new(&[("a", "99")], |_| 3);
        let path = world.folder.path().join("a");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).expect("set");
        symlink("a", world.folder.path().join("b")).expect("a link");
        assert_eq!(world.fix(&["b"], &[]).expect("fixed"), (Fixed { findings: 1, files: 1 }, 0));
        assert!(world.folder.path().join("b").is_symlink());
        assert_eq!(
            (world.text("a").as_str(), fs::metadata(&path).expect("m").permissions().mode() & 0o777),
            ("3", 0o750)
        );
    }
}
