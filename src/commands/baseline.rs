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
const FILE: &str = "lakelint-baseline.json";

/// The baseline of a run.
pub(super) struct BaselineFile {
    path: PathBuf,
    /// As shown to the user.
    shown: String,
    /// Whether the command line names it.
    is_named: bool,
}

impl BaselineFile {
    pub(super) fn of(args: &CheckArgs, loaded: &Loaded, base: &Path) -> BaselineFile {
        let beside = || loaded.file.as_ref().and_then(|file| file.path.parent()).or(loaded.project.as_deref());
        let path = match &args.baseline {
            Some(named) => base.join(named),
            None => beside().unwrap_or(base).join(FILE),
        };
        BaselineFile { shown: shown_path(base, &path), path, is_named: args.baseline.is_some() }
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
        report.hidden = Some(baseline.hide(report, self.folder(), base, lake.is_partial));
    }

    /// Writes the findings of a report, and says what was written. A file that is no baseline stays as it is.
    pub(super) fn write(&self, report: &Report, lake: &Lake, base: &Path) -> anyhow::Result<(Baseline, String)> {
        if lake.is_partial {
            bail!("`--write-baseline` needs the whole project: findings of files that are not read would be lost");
        }
        let before = match self.path.exists() {
            true => self.read()?,
            false => None,
        };
        let baseline = Baseline::of(report, self.folder(), base);
        let put = || -> std::io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(self.folder())?;
            file.write_all(baseline.text().as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&self.path)?;
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
