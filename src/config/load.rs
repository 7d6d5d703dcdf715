//! Finding and reading the configuration, with errors that name line and column.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use super::{Config, did_you_mean};
use crate::cost::Pricing;
use crate::rules::{Settings, SettingsError};

/// Name of the file that is looked for.
pub const FILE_NAME: &str = "lakelint.toml";

/// A configuration file as read.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// Absolute.
    pub path: PathBuf,
    /// As shown to the user.
    pub shown: String,
    pub text: String,
}

/// The configuration of a run.
#[derive(Debug)]
pub struct Loaded {
    pub config: Config,
    pub settings: Settings,
    /// `None` when there is no file: everything is at its default.
    pub file: Option<ConfigFile>,
    /// Root of the project that the checked paths belong to; `None` when nothing marks one.
    pub project: Option<PathBuf>,
}

/// A fault in the configuration file; shown as `path:line:column: message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    pub path: String,
    /// 1-based; the column counts characters.
    pub line: usize,
    pub column: usize,
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.path, self.line, self.column, self.message)
    }
}

impl std::error::Error for ConfigError {}

impl ConfigError {
    fn at(path: &str, text: &str, offset: usize, message: String) -> Self {
        let before = text.get(..offset.min(text.len())).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        ConfigError {
            path: path.to_string(),
            line: 1 + before.matches('\n').count(),
            column: 1 + before[line_start..].chars().count(),
            message,
        }
    }
}

/// Place and path of `s3://bucket/prefix=PATH`, the path as seen from a folder. Both may hold `=`: the first split whose path exists
/// counts. `None` of anything else.
pub(crate) fn split_place<'a>(source: &'a str, folder: &Path) -> Option<(&'a str, PathBuf)> {
    let signs = source.match_indices('=').filter(|(at, _)| source.starts_with("s3://") && *at > "s3://".len());
    let splits = signs.map(|(at, _)| (&source[..at], folder.join(&source[at + 1..])));
    let splits: Vec<(&str, PathBuf)> = splits.filter(|(_, path)| !path.as_os_str().is_empty()).collect();
    splits.iter().find(|(_, path)| path.exists()).or(splits.first()).cloned()
}

/// A source of a lake, which is named as seen from a folder, as seen from anywhere.
pub(crate) fn seen_from(source: &str, folder: &Path) -> String {
    match split_place(source, folder) {
        Some((place, path)) => format!("{place}={}", path.display()),
        None if source.starts_with("s3://") => source.to_string(),
        None => folder.join(source).display().to_string(),
    }
}

impl Loaded {
    /// `[lake] sources`, as seen from anywhere.
    pub fn lake_sources(&self) -> impl Iterator<Item = String> {
        let folder = self.file.as_ref().and_then(|file| file.path.parent());
        self.config.lake.sources.iter().map(move |source| match folder {
            Some(folder) => seen_from(source, folder),
            None => source.clone(),
        })
    }
}

impl Loaded {
    /// The price that counts, with the flags of the command line over `[price]`.
    pub fn pricing(&self, region: Option<&str>, usd_per_tb: Option<f64>) -> anyhow::Result<Pricing> {
        Pricing::of(&self.config.price.choice(region, usd_per_tb)).map_err(|error| match &self.file {
            Some(file) if region.is_none() => {
                let offset = value_span(&file.text, "price", "region").map_or(0, |span| span.start);
                ConfigError::at(&file.shown, &file.text, offset, error.to_string()).into()
            }
            _ => anyhow::anyhow!("--region: {error}"),
        })
    }
}

/// Where the value of a section's key stands.
fn value_span(text: &str, section: &str, key: &str) -> Option<Range<usize>> {
    let document = DeTable::parse(text).ok()?;
    let (_, section) = document.get_ref().iter().find(|(name, _)| name.get_ref() == section)?;
    let (_, value) = table(section.get_ref())?.iter().find(|(name, _)| name.get_ref() == key)?;
    Some(value.span())
}

/// Reads the named file, or the one that is nearest to what the run checks, and lays it over the pages' defaults.
pub fn load(
    base: &Path,
    named: Option<&Path>,
    checked: &[PathBuf],
    select: &[String],
    ignore: &[String],
) -> anyhow::Result<Loaded> {
    let folder = shared_folder(base, checked);
    let project = project(&folder);
    let path = named.map(|path| base.join(path)).or_else(|| find(&folder));
    let Some(path) = path else {
        let config = Config::default();
        let settings = resolve(&config, None, select, ignore)?;
        return Ok(Loaded { config, settings, file: None, project });
    };
    let shown = path.strip_prefix(base).unwrap_or(&path).display().to_string();
    let bytes = std::fs::read(&path).with_context(|| format!("the configuration `{shown}` cannot be read"))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        ConfigError::at(&shown, &text, valid, "the configuration is not UTF-8".to_string())
    })?;
    let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_string);
    let config = parse(&shown, &text)?;
    let settings = resolve(&config, Some((&shown, &text)), select, ignore)?;
    Ok(Loaded { config, settings, file: Some(ConfigFile { path, shown, text }), project })
}

/// The deepest folder that holds everything that is checked: a project's own file is found from wherever the tool is run, and
/// the order of the arguments does not matter. Standard input belongs to the working directory.
fn shared_folder(base: &Path, checked: &[PathBuf]) -> PathBuf {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let real_base = real(base);
    let folder = |path: &PathBuf| match path.to_str() {
        Some("-") => real_base.clone(),
        _ => match real(&base.join(path)) {
            full if full.is_dir() => full,
            // A pipe belongs to nobody's folder.
            full if full.exists() && !full.is_file() => real_base.clone(),
            full => full.parent().map_or_else(|| real_base.clone(), real),
        },
    };
    let common = |a: PathBuf, b: PathBuf| -> PathBuf {
        a.components().zip(b.components()).take_while(|(a, b)| a == b).map(|(part, _)| part).collect()
    };
    let shared = checked.iter().map(folder).reduce(common).unwrap_or_else(|| real_base.clone());
    // As the user names it, where a link leads to the working directory.
    shared.strip_prefix(&real_base).map(|below| base.join(below)).unwrap_or(shared)
}

/// The nearest folder upwards with a `lakelint.toml` or a `.git`.
fn project(folder: &Path) -> Option<PathBuf> {
    let is_root = |folder: &&Path| folder.join(FILE_NAME).is_file() || folder.join(".git").exists();
    folder.ancestors().find(is_root).map(Path::to_path_buf)
}

/// `lakelint.toml` in a folder or the nearest one above it; the folder with `.git` is the last one looked at.
fn find(base: &Path) -> Option<PathBuf> {
    for folder in base.ancestors() {
        let path = folder.join(FILE_NAME);
        if path.is_file() {
            return Some(path);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// Reads a TOML text; an unknown key is an error with its place and the nearest known one.
pub(crate) fn read_toml<T: DeserializeOwned>(path: &str, text: &str) -> Result<T, ConfigError> {
    toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let is_key = !text[offset..].starts_with(['"', '\'']);
        ConfigError::at(path, text, offset, reworded(error.message(), is_key))
    })
}

/// Reads the text of a configuration, without a byte order mark; `path` is for messages.
pub fn parse(path: &str, text: &str) -> Result<Config, ConfigError> {
    let config: Config = read_toml(path, text)?;
    check_globs(&config).map_err(|(glob, message)| {
        let quoted = ['"', '\''].map(|quote| text.find(&format!("{quote}{glob}{quote}")));
        let offset = quoted.into_iter().flatten().min().unwrap_or(0);
        ConfigError::at(path, text, offset, message)
    })?;
    Ok(config)
}

/// The first glob that is none, with what is wrong with it.
fn check_globs(config: &Config) -> Result<(), (String, String)> {
    let ignored = config.ignore.iter().flat_map(|i| [&i.path, &i.table, &i.object]).flatten();
    for glob in config.exclude.iter().chain(config.layers.values().flatten()).chain(ignored) {
        globset::Glob::new(glob).map_err(|error| (glob.clone(), format!("`{glob}` is no glob: {}", error.kind())))?;
    }
    Ok(())
}

/// serde's words in ours: ``unknown field `x`, expected one of `a`, `b` `` becomes ``unknown key `x`, did you mean `a`?``
fn reworded(message: &str, is_key: bool) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (what, known) = match message {
        m if m.starts_with("unknown field ") => ("unknown key", quoted.get(1..).unwrap_or_default()),
        m if m.starts_with("unknown variant ") && is_key => ("unknown key", quoted.get(1..).unwrap_or_default()),
        m if m.starts_with("unknown variant ") => ("unknown value", quoted.get(1..).unwrap_or_default()),
        _ => return plain(message),
    };
    let written = quoted.first().copied().unwrap_or_default();
    match did_you_mean(written, known) {
        near if near.is_empty() => {
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("{what} `{written}`, expected {}", known.join(", "))
        }
        near => format!("{what} `{written}`{near}"),
    }
}

/// A message in the words of TOML.
fn plain(message: &str) -> String {
    let text = message.lines().map(str::trim).collect::<Vec<_>>().join(", ");
    // `invalid type: string "x", expected a sequence`; what was met stands at the place that is shown.
    let text = match text.strip_prefix("invalid ").and_then(|rest| rest.rsplit_once("expected ")) {
        Some((_, expected)) => format!("expected {expected}"),
        None => text,
    };
    let words = [
        ("missing field", "missing key"),
        ("wanted string or table", "expected a string"),
        ("a sequence", "a list"),
        ("a map", "a table"),
        ("expected a nonzero u32", "expected a whole number from 1 on"),
        ("expected u32", "expected a whole number"),
    ];
    let struct_name = text.find("expected struct ");
    let text = struct_name.map_or(text.clone(), |at| format!("{}expected a table", &text[..at]));
    words.iter().fold(text, |text, (from, to)| text.replace(from, to))
}

fn resolve(
    config: &Config,
    file: Option<(&str, &str)>,
    select: &[String],
    ignore: &[String],
) -> anyhow::Result<Settings> {
    Settings::resolve(&config.rules, select, ignore).map_err(|error| match file {
        Some((path, text)) if config.rules.contains_key(&error.rule) => {
            let offset = overlay_span(text, &error).map_or(0, |span| span.start);
            ConfigError::at(path, text, offset, error.message).into()
        }
        _ => {
            let option = if select.contains(&error.rule) { "--select" } else { "--ignore" };
            anyhow::anyhow!("{option}: {}", error.message)
        }
    })
}

/// Where the key of a rejected overlay stands, or the rule's own key when that is what is wrong.
fn overlay_span(text: &str, error: &SettingsError) -> Option<Range<usize>> {
    let document = DeTable::parse(text).ok()?;
    let (_, rules) = document.get_ref().iter().find(|(key, _)| key.get_ref() == "rules")?;
    let (rule_key, rule) = table(rules.get_ref())?.iter().find(|(key, _)| *key.get_ref() == error.rule)?;
    let Some(wanted) = &error.key else { return Some(rule_key.span()) };
    let (key, _) = table(rule.get_ref())?.iter().find(|(key, _)| key.get_ref() == wanted)?;
    Some(key.span())
}

fn table<'a, 'i>(value: &'a DeValue<'i>) -> Option<&'a DeTable<'i>> {
    value.as_table()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join(FILE_NAME), text).expect("written");
        load(folder.path(), None, &[], &[], &[]).expect_err("an error").to_string()
    }

    #[test]
    fn unknown_keys_sections_and_values_are_named_with_their_place() {
        let cases = [
            ("fail_on = \"high\"", "1:1: unknown key `fail_on`, did you mean `fail-on`?"),
            ("\n[layer]\nraw = []", "2:2: unknown key `layer`, did you mean `layers`?"),
            ("[layers]\nrow = []", "2:1: unknown key `row`, did you mean `raw`?"),
            ("fail-on = \"hihg\"", "1:11: unknown value `hihg`, did you mean `high`?"),
            (
                "[[tables]]\nname = \"t\"\npartition_keys = []",
                "3:1: unknown key `partition_keys`, did you mean `partition-keys`?",
            ),
            ("\n[[ignore]]\nrule = \"x\"", "2:1: missing key `reason`"),
            (
                "[rules.missing-partition-filters]\nseverity = \"low\"",
                "1:8: unknown rule `missing-partition-filters`, did you mean `missing-partition-filter`?",
            ),
            (
                "[rules.missing-partition-filter]\nmin-table-size = \"1 GB\"\n  severty = \"low\"",
                "3:3: `missing-partition-filter` has no setting `severty`, did you mean `severity`?",
            ),
            (
                "[rules.missing-partition-filter]\nseverity = \"hihg\"",
                "2:1: expected \"high\", \"medium\", \"low\" or \"off\"",
            ),
            ("rules.missing-partition-filter.min-table-size = \"big\"", "1:32: expected a size such as \"1 GB\""),
            ("exclude = [\"a\", \"é\", \"[\"]", "1:22: `[` is no glob: unclosed character class; missing ']'"),
            ("fail-on = 3", "1:11: expected a string"),
            ("exclude = \"a\"", "1:11: expected a list"),
            ("layers = 1", "1:10: expected a table"),
            ("tables = [1]", "1:11: expected a table"),
            ("lake = 1", "1:8: expected a table"),
            ("[[tables]]\nname = \" \"", "2:8: expected some text"),
            ("[[tables]]\nname = \"t\"\nmax-range-days = -3", "3:18: expected a whole number"),
            (
                "[[tables]]\nname = \"t\"\npartition-keys = [\"a\", \"dt dat\"]",
                "3:18: unknown type `dat`, expected a key such as \"dt\" or \"dt date\"",
            ),
            ("[[tables]]\nname = \"t\"\npartition-keys = [\"\"]", "3:18: expected a key such as \"dt\" or \"dt date\""),
            (
                "[[tables]]\nname = \"t\"\nkey-format = \"qqq\"",
                "3:14: `qqq` is no date pattern, expected one such as \"yyyy-MM-dd\"",
            ),
            ("[[ignore]]\nrule = \"x\"\nreason = \"\"", "3:10: expected some text"),
            (
                "[runs]\n\"a.sql\" = \"30/moth\"",
                "2:11: expected a frequency such as \"30/month\", \"4/day\", \"rate(1 hour)\" or \"cron(0 6 * * ? *)\"",
            ),
            ("[runs]\n\"a.sql\" = 30", "2:11: expected a string"),
            ("exclude = [", "1:12: unclosed array, expected `]`"),
            (
                "zzzzzz = 1",
                "1:1: unknown key `zzzzzz`, expected `fail-on`, `exclude`, `rules`, `layers`, `tables`, `lake`, `price`, `runs`, `budget`, `dbt`, `ignore`",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(error(text), format!("lakelint.toml:{expected}"), "{text}");
        }
    }

    #[test]
    fn an_unknown_rule_on_the_command_line_is_no_fault_of_the_file() {
        let folder = tempfile::tempdir().expect("folder");
        let error = |select: &[String], ignore: &[String]| {
            load(folder.path(), None, &[], select, ignore).expect_err("an error").to_string()
        };
        let unknown = ["missing-partition-filtr".to_string()];
        assert!(error(&unknown, &[]).starts_with("--select: unknown rule `missing-partition-filtr`, did you mean"));
        assert!(error(&[], &unknown).starts_with("--ignore: unknown rule"));
    }

    #[test]
    fn the_nearest_file_wins_and_the_repository_is_the_limit() {
        let folder = tempfile::tempdir().expect("folder");
        let inner = folder.path().join("repo/models");
        std::fs::create_dir_all(&inner).expect("made");
        std::fs::write(folder.path().join(FILE_NAME), "fail-on = \"low\"").expect("written");
        assert_eq!(find(&inner), Some(folder.path().join(FILE_NAME)));
        std::fs::create_dir(folder.path().join("repo/.git")).expect("made");
        assert_eq!(find(&inner), None);
        std::fs::write(folder.path().join("repo").join(FILE_NAME), "").expect("written");
        assert_eq!(find(&inner), Some(folder.path().join("repo").join(FILE_NAME)));
    }

    #[test]
    fn the_file_belongs_to_what_is_checked() {
        let folder = tempfile::tempdir().expect("folder");
        for path in ["a/lakelint.toml", "a/x/1.sql", "a/y/2.sql", "b/3.sql"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, "").expect("written");
        }
        let found = |base: &str, checked: &[&str]| {
            let checked: Vec<PathBuf> = checked.iter().map(PathBuf::from).collect();
            load(&folder.path().join(base), None, &checked, &[], &[]).expect("valid").file.is_some()
        };
        assert!(found("", &["a"]) && found("", &["a/x/1.sql"]) && found("", &["a/x/1.sql", "a/y"]));
        assert!(found("a/x", &[]) && found("a/x", &["-"]) && found("b", &["../a/x"]));
        assert!(!found("", &["a", "b"]) && !found("", &["b/3.sql", "a/x/1.sql"]), "it is not for both");
        assert!(!found("b", &["-", "../a"]));
    }

    #[test]
    fn sources_are_seen_from_the_file() {
        let folder = tempfile::tempdir().expect("folder");
        let inner = folder.path().join("models");
        std::fs::create_dir_all(&inner).expect("made");
        let text = "[lake]\nsources = [\"listing.txt\", \"s3://b/p=lake\"]";
        std::fs::write(folder.path().join(FILE_NAME), text).expect("written");
        let sources: Vec<String> = load(&inner, None, &[], &[], &[]).expect("valid").lake_sources().collect();
        let at = |name: &str| folder.path().join(name).display().to_string();
        assert_eq!(sources, [at("listing.txt"), format!("s3://b/p={}", at("lake"))]);
    }

    #[test]
    fn a_region_that_is_billed_in_another_currency_needs_a_price() {
        let folder = tempfile::tempdir().expect("folder");
        let loaded = |text: &str| {
            std::fs::write(folder.path().join(FILE_NAME), text).expect("written");
            load(folder.path(), None, &[], &[], &[]).expect("valid")
        };
        let china = loaded("[price]\nregion = \"cn-northwest-1\"");
        let error = |region, usd| china.pricing(region, usd).err().map(|error| error.to_string());
        let message = "lakelint.toml:2:10: the price of `cn-northwest-1` is in CNY (34.34 per TB in cn-northwest-1 as of 2026-08), set `usd-per-tb`";
        assert_eq!(error(None, None).as_deref(), Some(message));
        assert_eq!(error(None, Some(4.8)), None);
        assert_eq!(error(Some("eu-west-1"), None), None);
        let message = "--region: the price of `cn-north-1` is in CNY (34.34 per TB in cn-northwest-1 as of 2026-08), set `usd-per-tb`";
        assert_eq!(error(Some("cn-north-1"), None).as_deref(), Some(message));
    }

    #[test]
    fn dates_may_be_written_bare() {
        let text = "[[ignore]]\nrule = \"a\"\nreason = \"b\"\nuntil = 2030-01-02";
        assert_eq!(parse("x", text).expect("valid").ignore[0].until.as_deref(), Some("2030-01-02"));
    }
}
