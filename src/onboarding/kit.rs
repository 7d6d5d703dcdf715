//! The hook and the jobs for CI. `docs/getting-started.md` shows the same texts.

use super::{quoted, shell_word};
use crate::input;

pub(crate) const HOOK: &str = ".pre-commit-config.yaml";
pub(crate) const GITHUB: &str = ".github/workflows/lakelint.yml";
pub(crate) const GITLAB: &str = ".gitlab/lakelint.yml";

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

/// A workflow of GitHub, which runs in a folder of the repository.
pub(crate) fn github(folder: &str) -> String {
    let workflow = at_this_version(include_str!("github.yaml"));
    match folder {
        "" => workflow,
        folder => {
            let runner = "    runs-on: ubuntu-latest\n";
            let defaults = format!("    defaults:\n      run:\n        working-directory: {}\n", quoted(folder));
            workflow.replacen(runner, &format!("{runner}{defaults}"), 1)
        }
    }
}

/// A job of GitLab, which runs in a folder of the repository.
pub(crate) fn gitlab(folder: &str) -> String {
    let job = at_this_version(include_str!("gitlab.yaml"));
    match folder {
        "" => job,
        folder => {
            let script = "  script:\n";
            let enter = quoted(&format!("cd {}", shell_word(folder)));
            job.replacen(script, &format!("{script}    - {enter}\n"), 1)
        }
    }
}

/// What `.gitlab-ci.yml` needs for the job to run.
pub(crate) fn include() -> String {
    format!("include:\n  - local: {GITLAB}\n")
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
            let (hook, github, gitlab) = (read(&hook(folder)), read(&github(folder)), read(&gitlab(folder)));
            let hook = &hook.get("repos").and_then(Node::as_list).expect("repos")[0];
            let hook = &hook.get("hooks").and_then(Node::as_list).expect("hooks")[0];
            let package = &hook.get("additional_dependencies").and_then(Node::as_list).expect("packages")[0];
            assert_eq!(package.as_str(), Some(concat!("lakelint==", env!("CARGO_PKG_VERSION"))));
            let files = hook.get("files").and_then(Node::as_str);
            let within = github.at(&["jobs", "lakelint", "defaults", "run", "working-directory"]);
            let script = gitlab.at(&["lakelint", "script"]).and_then(Node::as_list).expect("a script");
            let files = regex::Regex::new(files.expect("files")).expect("a pattern");
            let below = |name: &str| if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") };
            assert!(input::extensions().all(|ending| files.is_match(&below(&format!("x/a.{ending}")))));
            assert!(
                files.is_match(&below("A.SQL")) && !files.is_match(&below("sql")) && !files.is_match(&below("a.sqlx"))
            );
            assert_eq!(files.is_match("other/q.sql"), folder.is_empty());
            match folder {
                "" => assert!(within.is_none()),
                folder => {
                    assert_eq!(within.and_then(Node::as_str), Some(folder));
                    assert_eq!(script[0].as_str(), Some(&*format!("cd {}", shell_word(folder))));
                }
            }
        }
        assert!(
            !hook("").contains("FILES")
                && !hook("").contains("VERSION")
                && !github("").contains("VERSION")
                && !gitlab("").contains("VERSION")
        );
    }
}
