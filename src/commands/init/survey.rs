//! The repository as `lakelint check` will see it: read with the configuration that counts from now on.

use std::path::PathBuf;

use crate::cli::ReadArgs;
use crate::commands::Env;
use crate::commands::progress::Progress;
use crate::commands::reading::Purpose;
use crate::config::{self, Config, ConfigFile, FILE_NAME, Loaded};
use crate::expr::AsOf;
use crate::input::{self, Landmarks};
use crate::lake::Lake;
use crate::onboarding::{Seen, settings};
use crate::rules::Settings;
use crate::shown_path::shown_path;

/// What was seen, and what comes of it.
pub(super) struct Survey {
    pub seen: Seen,
    /// The configuration to write, where none counts yet.
    pub draft: Option<String>,
    /// Path of the configuration that counts.
    pub config: PathBuf,
    pub warnings: Vec<String>,
}

/// Reads everything. Only a fault of our own makes it fail: what is wrong in the repository is a warning.
pub(super) fn survey(env: &Env<'_>) -> anyhow::Result<Survey> {
    let progress = Progress::start(env.progress);
    progress.phase("looking around");
    let base = &env.base;
    let mut landmarks = input::landmarks(base);
    let mut warnings = std::mem::take(&mut landmarks.problems);
    let args = ReadArgs::default();
    let mut loaded = match args.load_config(base, &[], &[]) {
        Ok(loaded) => loaded,
        Err(error) => {
            warnings.push(format!("{error:#}"));
            broken(base.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file()))?
        }
    };
    let mut draft = None;
    if loaded.file.is_none() {
        let has_snapshot = !sources(env, &loaded).lake.is_empty();
        draft = Some(settings(&landmarks, has_snapshot));
        adopt(&mut loaded, draft.as_deref().unwrap_or_default(), env)?;
        if let Err(error) = read(env, &loaded) {
            // A listing that cannot be read must not break the first check.
            warnings.push(format!("{error:#}"));
            let without = Landmarks { lake: Vec::new(), ..landmarks.clone() };
            draft = Some(settings(&without, has_snapshot));
            adopt(&mut loaded, draft.as_deref().unwrap_or_default(), env)?;
        }
    }
    progress.phase("reading files");
    let lake = read(env, &loaded).unwrap_or_else(|error| {
        let error = format!("{error:#}");
        if !warnings.contains(&error) {
            warnings.push(error);
        }
        Lake::default()
    });
    let config = loaded.file.as_ref().map_or_else(|| base.join(FILE_NAME), |file| file.path.clone());
    Ok(Survey { seen: Seen { landmarks, lake, sources: shown_sources(env, &loaded) }, draft, config, warnings })
}

fn sources(env: &Env<'_>, loaded: &Loaded) -> input::Sources {
    let as_of = AsOf(chrono::DateTime::UNIX_EPOCH.naive_utc());
    ReadArgs::default().sources(&env.base, loaded, as_of, Purpose::Check)
}

fn read(env: &Env<'_>, loaded: &Loaded) -> anyhow::Result<Lake> {
    Ok(ReadArgs::default().read_from(&sources(env, loaded), loaded, Purpose::Check)?.0)
}

/// Takes a configuration that is not written yet for the one that counts.
fn adopt(loaded: &mut Loaded, text: &str, env: &Env<'_>) -> anyhow::Result<()> {
    loaded.config = config::parse(FILE_NAME, text)?;
    loaded.project = Some(env.base.clone());
    let (path, shown) = (env.base.join(FILE_NAME), FILE_NAME.to_string());
    loaded.file = Some(ConfigFile { path, shown, text: text.to_string() });
    Ok(())
}

/// In place of a configuration that cannot be read: nothing is set.
fn broken(path: Option<PathBuf>) -> anyhow::Result<Loaded> {
    let config = Config::default();
    let settings = Settings::resolve(&config.rules, &[], &[]).map_err(|error| anyhow::anyhow!(error.message))?;
    let project = path.as_ref().and_then(|path| path.parent()).map(PathBuf::from);
    let file = path.map(|path| ConfigFile { path, shown: FILE_NAME.to_string(), text: String::new() });
    Ok(Loaded { config, settings, file, project })
}

/// As the configuration names them, or the snapshot that was found.
fn shown_sources(env: &Env<'_>, loaded: &Loaded) -> Vec<String> {
    match loaded.config.lake.sources.is_empty() {
        true => sources(env, loaded).lake.iter().map(|path| shown_path(&env.base, path.as_ref())).collect(),
        false => loaded.config.lake.sources.clone(),
    }
}
