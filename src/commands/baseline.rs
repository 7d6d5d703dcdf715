//! The file of the baseline: found, read, written.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};

use crate::cli::CheckArgs;
use crate::config::Loaded;
use crate::lake::Lake;
use crate::shown_path::shown_path;
use crate::triage::{Baseline, Report};

/// Its name where the command line names none.
pub(super) const FILE: &str = "lakelint-baseline.json";

/// The baseline of a run.
pub(super) struct BaselineFile {
    path: PathBuf,
    /// As shown to the user.
    shown: String,
    /// Whether the command line names it.
    is_named: bool,
    /// Whether the run looks at all that it is about.
    is_whole: bool,
    /// Whether it looks at what changed only.
    is_of_changes: bool,
}

impl BaselineFile {
    pub(super) fn of(args: &CheckArgs, loaded: &Loaded, base: &Path) -> BaselineFile {
        let beside = || loaded.file.as_ref().and_then(|file| file.path.parent()).or(loaded.project.as_deref());
        let path = match &args.baseline {
            Some(named) => base.join(named),
            None => beside().unwrap_or(base).join(FILE),
        };
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let folder = real(path.parent().unwrap_or(base));
        let paths = &args.read.paths;
        let is_around = |asked: PathBuf| folder.starts_with(real(&asked));
        let is_whole = match paths.is_empty() {
            true => is_around(base.to_path_buf()),
            false => paths.iter().any(|path| is_around(base.join(path))),
        };
        BaselineFile {
            shown: shown_path(base, &path),
            path,
            is_named: args.baseline.is_some(),
            is_whole: is_whole && args.changed_since.is_none(),
            is_of_changes: args.changed_since.is_some(),
        }
    }

    /// `None` where there is no file and none was named.
    pub(super) fn read(&self) -> anyhow::Result<Option<Baseline>> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => {
                let read = Baseline::parse(text.strip_prefix('\u{feff}').unwrap_or(&text));
                read.map(Some).map_err(|why| anyhow!("{}:{why}", self.shown))
            }
            Err(error) if error.kind() == ErrorKind::NotFound && !self.is_named => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                bail!("the baseline `{}` is not there: `--write-baseline` writes it", self.shown)
            }
            Err(error) => Err(error).with_context(|| format!("the baseline `{}` cannot be read", self.shown)),
        }
    }

    /// Hides what is known.
    pub(super) fn hide(&self, baseline: &Baseline, report: &mut Report, lake: &Lake, base: &Path) {
        let is_partial = !self.is_whole || lake.is_partial;
        report.hidden = Some(baseline.hide(report, self.folder(), base, is_partial));
    }

    /// Writes the findings of a report, and says what was written. A file that is no baseline stays as it is.
    pub(super) fn write(&self, report: &Report, lake: &Lake, base: &Path) -> anyhow::Result<(Baseline, String)> {
        if lake.is_partial || !self.is_whole {
            let help =
                if self.is_of_changes { "leave out `--changed-since`" } else { "name no paths, and run it at the top" };
            bail!(
                "`--write-baseline` needs the whole project: findings of files that are not read would be lost; {help}"
            );
        }
        let before = match self.path.exists() {
            true => self.read()?,
            false => None,
        };
        let baseline = Baseline::of(report, self.folder(), base);
        let put = || -> std::io::Result<()> {
            // Where a link leads.
            let path = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
            let mut file = readable().tempfile_in(path.parent().unwrap_or(self.folder()))?;
            file.write_all(baseline.text().as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            Ok(())
        };
        put().with_context(|| format!("the baseline `{}` cannot be written", self.shown))?;
        let before = before.map_or(String::new(), |before| format!(", {} before", before.count()));
        Ok((baseline.clone(), format!("wrote {}: findings that are known: {}{before}\n", self.shown, baseline.count())))
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("/"))
    }
}

/// Files as any program makes them: others may read what is committed.
fn readable() -> tempfile::Builder<'static, 'static> {
    #[allow(unused_mut, reason = "elsewhere than on Unix nothing is set")]
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}
