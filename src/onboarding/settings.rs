//! The text of `lakelint.toml`: every setting with its default as a comment, and what is certain of the repository in force.

use std::fmt::Write as _;

use super::quoted;
use crate::input::{LakeFile, Landmarks};
use crate::rules::RULES;

/// What the file says about the sections that belong to no rule.
const HEAD: &str = include_str!("lakelint.toml");
/// The lines of it that give way to what was found.
const LAKE: &str = "# [lake]\n# sources = [\"listing.txt\"]\n";

/// The head, then every rule's stanza, each line of it a comment. Where a snapshot is, it tells of the lake: sources would take its
/// place.
pub(crate) fn settings(landmarks: &Landmarks, has_snapshot: bool) -> String {
    let lake = if has_snapshot { LAKE.to_string() } else { lake(landmarks) };
    let mut text = HEAD.replacen(LAKE, &lake, 1);
    for rule in RULES {
        let page = rule.page();
        let _ = write!(text, "\n# {}\n", page.summary);
        for line in page.defaults.lines() {
            let _ = writeln!(text, "{}", format!("# {line}").trim_end());
        }
    }
    text
}

/// One listing at the top is the lake's. Of several nobody knows whether they are of several days, and what lies deeper may be an
/// example.
fn lake(landmarks: &Landmarks) -> String {
    let is_top = |path: &str| !path.contains('/');
    let listings = landmarks.lake.iter().filter(|file| file.is_listing && is_top(&file.path)).count();
    let is_certain = |path: &str, is_listing: bool| is_top(path) && (!is_listing || listings == 1);
    let (certain, others): (Vec<_>, Vec<_>) =
        landmarks.lake.iter().partition(|file| is_certain(&file.path, file.is_listing));
    let list = |files: &[&LakeFile]| files.iter().map(|file| quoted(&file.path)).collect::<Vec<_>>().join(", ");
    let more = match others.is_empty() {
        true => String::new(),
        false => format!("# Found as well, for those that tell of the lake as it is today: {}\n", list(&others)),
    };
    match certain.is_empty() {
        true => format!("{more}{LAKE}"),
        false => format!(
            "{more}# Where a listing has no tables, `\"s3://bucket=listing.txt\"` says of which bucket it is.\n[lake]\nsources = [{}]\n",
            list(&certain)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, FILE_NAME};

    /// Takes `# ` off every line that is a setting once it is gone.
    fn uncommented(text: &str) -> String {
        let setting = |line: &str| line.starts_with('[') || line.contains(" = ") && !line.starts_with('#');
        text.lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if setting(rest) => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect()
    }

    fn file(path: &str, is_listing: bool) -> LakeFile {
        LakeFile { path: path.to_string(), is_listing }
    }

    #[test]
    fn without_landmarks_it_changes_nothing_and_is_valid_when_uncommented() {
        let text = settings(&Landmarks::default(), false);
        assert_eq!(text.parse::<toml::Table>().expect("valid"), toml::Table::new());
        let whole = uncommented(&text);
        let config = config::parse(FILE_NAME, &whole).expect("valid when uncommented");
        assert_eq!(config.rules.len(), RULES.len());
        assert!(config.runs.len() == 3 && config.budget.month_usd.is_some() && config.price.usd_per_tb.is_some());
        assert!(!config.tables.is_empty() && !config.layers.is_empty() && !config.ignore.is_empty());
        assert!(!config.exclude.is_empty() && !config.lake.sources.is_empty());
    }

    #[test]
    fn what_was_found_is_in_force() {
        let landmarks = Landmarks {
            lake: vec![file("glue.json", false), file("listing.txt", true), file("tests/x.txt", true)],
            ..Landmarks::default()
        };
        let config = config::parse(FILE_NAME, &settings(&landmarks, false)).expect("valid");
        assert_eq!(config.lake.sources, ["glue.json", "listing.txt"]);
        let with_snapshot = config::parse(FILE_NAME, &settings(&landmarks, true)).expect("valid");
        assert!(with_snapshot.lake.sources.is_empty());
    }

    #[test]
    fn of_several_listings_none_is_in_force() {
        let lake = vec![file("2024.txt", true), file("2025.txt", true)];
        let text = settings(&Landmarks { lake, ..Landmarks::default() }, false);
        assert!(config::parse(FILE_NAME, &text).expect("valid").lake.sources.is_empty());
        assert!(text.contains("today: \"2024.txt\", \"2025.txt\"\n"), "{text}");
    }
}
