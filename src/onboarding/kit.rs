//! The hook and the jobs for CI. `docs/getting-started.md` shows the same texts.

use super::{quoted, shell_word};
use crate::input;

pub(crate) const HOOK: &str = ".pre-commit-config.yaml";
pub(crate) const WORKFLOWS: &str = ".github/workflows";
pub(crate) const GITLAB_CI: &str = ".gitlab-ci.yml";
/// Where files go that `.gitlab-ci.yml` includes.
pub(crate) const GITLAB_JOBS: &str = ".gitlab";
/// The name of the job, and of its file.
pub(crate) const JOB: &str = "lakelint";
/// Whether the package index has this version: a release needs its section of the changelog.
const IS_RELEASED: bool =
    has(include_str!("../../CHANGELOG.md").as_bytes(), concat!("\n## [", env!("CARGO_PKG_VERSION"), "]").as_bytes());

/// What to know of what was written before there is a release.
pub(crate) fn before_release() -> Option<&'static str> {
    (!IS_RELEASED).then_some(concat!(
        "hook and job install `lakelint==",
        env!("CARGO_PKG_VERSION"),
        "`, which the package index has from its first release on: until then, write `language: system` in place of the hook's two \
         lines of Python, and build lakelint in the job in place of `pip install`"
    ))
}

/// Looks at build time, so that the program does not hold the changelog.
const fn has(text: &[u8], part: &[u8]) -> bool {
    let mut at = 0;
    while at + part.len() <= text.len() {
        let mut same = 0;
        while same < part.len() && text[at + same] == part[same] {
            same += 1;
        }
        if same == part.len() {
            return true;
        }
        at += 1;
    }
    false
}

/// The text with the version that is running: the same one tomorrow and on every machine.
fn at_this_version(text: &str) -> String {
    text.replace("lakelint==VERSION", concat!("lakelint==", env!("CARGO_PKG_VERSION")))
}

/// A whole configuration of pre-commit.
pub(crate) fn hook(folder: &str) -> String {
    format!("# See https://pre-commit.com: `pre-commit install` turns it on.\nrepos:\n{}", hook_entry(folder))
}

/// The entry of its `repos`. Below a folder, whose configuration counts, only the files of that folder are checked.
pub(crate) fn hook_entry(folder: &str) -> String {
    let files = match folder {
        "" => files(),
        folder => format!("^{}/.*{}", regex::escape(folder), files()),
    };
    at_this_version(include_str!("hook.yaml")).replacen("FILES", &quoted(&files), 1)
}

/// What pre-commit is to name: its own kinds of files know few of the endings.
fn files() -> String {
    format!(r"\.(?i:{})$", input::extensions().collect::<Vec<_>>().join("|"))
}

/// A name for a file beside those that are there, and for the job in it: that of the folder, when the plain one is taken.
pub(crate) fn free_name(folder: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_-".contains(c) { c } else { '-' };
    let folder: String = if folder.is_empty() { "root".to_string() } else { folder.chars().map(plain).collect() };
    let own = format!("{JOB}-{folder}");
    let numbered = (2..).map(|number| format!("{own}-{number}"));
    let names = [JOB.to_string(), own.clone()].into_iter().chain(numbered);
    names.into_iter().find(|name| !is_taken(name)).unwrap_or(own)
}

/// A workflow of GitHub, which runs in a folder of the repository.
pub(crate) fn github(folder: &str, name: &str) -> String {
    let mut workflow = at_this_version(include_str!("github.yaml"));
    workflow = workflow.replacen("name: lakelint\n", &format!("name: {name}\n"), 1);
    match folder {
        "" => workflow,
        folder => {
            let runner = "    runs-on: ubuntu-latest\n";
            let defaults = format!("    defaults:\n      run:\n        working-directory: {}\n", quoted(folder));
            workflow.replacen(runner, &format!("{runner}{defaults}"), 1)
        }
    }
}

/// A job of GitLab, which runs in a folder of the repository. `stage` is one that the pipeline has, where the usual one is missing.
pub(crate) fn gitlab(folder: &str, name: &str, stage: Option<&str>) -> String {
    let mut job = at_this_version(include_str!("gitlab.yaml"));
    let stage = stage.map_or(String::new(), |stage| format!("  stage: {}\n", quoted(stage)));
    job = job.replacen("\nlakelint:\n", &format!("\n{name}:\n{stage}"), 1);
    match folder {
        "" => job,
        folder => {
            let script = "  script:\n";
            let enter = quoted(&format!("cd {}", shell_word(folder)));
            job.replacen(script, &format!("{script}    - {enter}\n"), 1)
        }
    }
}

/// What `.gitlab-ci.yml` needs for a job to run: the item of its list alone, where there is one.
pub(crate) fn include(path: &str, has_list: bool) -> String {
    let item = format!("  - local: {path}\n");
    if has_list { item } else { format!("include:\n{item}") }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::{Node, Text, parse_yaml};
    use crate::lake::FileId;

    fn read(text: &str) -> Node {
        parse_yaml(&Text::of_file(FileId(0), &Arc::from(text))).expect("YAML").root
    }

    #[test]
    fn the_hooks_of_this_repository_are_those_that_are_written() {
        let written = hook("");
        let lines: Vec<&str> = written.lines().map(str::trim).collect();
        let is_shared = |line: &&str| line.starts_with("entry:") || line.starts_with("files:");
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
        let hooks = std::fs::read_to_string(path).expect("there");
        let ours: Vec<&str> = hooks.lines().map(str::trim).filter(is_shared).collect();
        let shared: Vec<&str> = lines.into_iter().filter(|line| is_shared(line)).collect();
        assert_eq!(shared.len(), 2);
        assert_eq!(ours, shared.repeat(hooks.matches("- id:").count()));
    }

    #[test]
    fn every_text_is_yaml_that_names_this_version_and_the_folder() {
        for folder in ["", "a b", "it's \"x\": #1+", "-x"] {
            let github = read(&github(folder, JOB));
            let gitlab = read(&gitlab(folder, "lakelint-x", Some("a: b")));
            let hook = read(&hook(folder));
            let hook = &hook.get("repos").and_then(Node::as_list).expect("repos")[0];
            let hook = &hook.get("hooks").and_then(Node::as_list).expect("hooks")[0];
            let package = &hook.get("additional_dependencies").and_then(Node::as_list).expect("packages")[0];
            assert_eq!(package.as_str(), Some(concat!("lakelint==", env!("CARGO_PKG_VERSION"))));
            let files = hook.get("files").and_then(Node::as_str);
            let within = github.at(&["jobs", "lakelint", "defaults", "run", "working-directory"]);
            let script = gitlab.at(&["lakelint-x", "script"]).and_then(Node::as_list).expect("a script");
            let files = regex::Regex::new(files.expect("files")).expect("a pattern");
            let below = |name: &str| if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") };
            assert!(input::extensions().all(|ending| files.is_match(&below(&format!("x/a.{ending}")))));
            assert!(
                files.is_match(&below("A.SQL")) && !files.is_match(&below("sql")) && !files.is_match(&below("a.sqlx"))
            );
            assert_eq!(files.is_match("other/q.sql"), folder.is_empty());
            assert_eq!(gitlab.at(&["lakelint-x", "stage"]).and_then(Node::as_str), Some("a: b"));
            match folder {
                "" => assert!(within.is_none()),
                folder => {
                    assert_eq!(within.and_then(Node::as_str), Some(folder));
                    assert_eq!(script[0].as_str(), Some(&*format!("cd {}", shell_word(folder))));
                }
            }
        }
        let texts = [hook(""), github("", JOB), gitlab("", JOB, None)];
        assert!(texts.iter().all(|text| !text.contains("FILES") && !text.contains("VERSION")), "{texts:?}");
    }

    #[test]
    fn names_beside_others_say_whose_the_job_is() {
        let name = |folder: &str, taken: &[&str]| free_name(folder, |name| taken.contains(&name));
        assert_eq!(name("team-b", &[]), "lakelint");
        assert_eq!(name("team b/é", &["lakelint"]), "lakelint-team-b--");
        assert_eq!(name("", &["lakelint"]), "lakelint-root");
        assert_eq!(name("b", &["lakelint", "lakelint-b"]), "lakelint-b-2");
    }
}
