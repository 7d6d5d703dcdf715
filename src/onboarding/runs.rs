//! Whether a hook or a job that is there already runs lakelint over a folder of the repository: comments and other folders do not
//! count.

use std::sync::Arc;

use super::shell_word;
use crate::document::{Node, Text, Value, parse_yaml};
use crate::lake::FileId;

const NAME: &str = "lakelint";
/// Without `stages`, and for a job without `stage`: <https://docs.gitlab.com/ci/yaml/#stages>.
const DEFAULT_STAGE: &str = "test";

/// Whether a configuration of pre-commit does. A hook runs below its `files`, with the configuration that counts there.
pub(crate) fn hook_covers(text: &str, folder: &str) -> bool {
    let Some(root) = root(text) else { return says_so(text) };
    let hooks = || list(root.get("repos")).iter().flat_map(|repo| list(repo.get("hooks")));
    let file = if folder.is_empty() { "q.sql".to_string() } else { format!("{folder}/q.sql") };
    let is_ours = |hook: &Node| {
        let id = hook.get("id").and_then(Node::as_str).unwrap_or_default();
        id == NAME
            || id.strip_prefix(NAME).is_some_and(|rest| rest.starts_with('-'))
            || hook.get("entry").and_then(Node::as_str).is_some_and(names_it)
    };
    // A pattern that only Python knows may be about anything.
    let has_file = |hook: &Node| {
        let files = hook.get("files").and_then(Node::as_str).unwrap_or_default();
        regex::Regex::new(files).map_or(true, |files| files.is_match(&file))
    };
    hooks().any(|hook| is_ours(hook) && has_file(hook))
}

/// Whether a workflow of GitHub does.
pub(crate) fn workflow_covers(text: &str, folder: &str) -> bool {
    let Some(root) = root(text) else { return says_so(text) };
    let place = |node: &Node| Some(node.at(&["defaults", "run", "working-directory"])?.as_str()?.to_string());
    values(root.get("jobs")).any(|job| {
        let within = place(job).or_else(|| place(&root)).unwrap_or_default();
        // The job itself where another workflow is all of it.
        [job].into_iter().chain(list(job.get("steps"))).any(|step| {
            let parts = ["uses", "run", "with"].map(|key| step.get(key).map(scalars).unwrap_or_default());
            let own = step.get("working-directory").and_then(Node::as_str).unwrap_or(&within);
            names_it(&parts[..2].join("\n")) && covers(own, &parts.join("\n"), folder, text)
        })
    })
}

/// Whether a job of a GitLab pipeline does, or another project's that it includes.
pub(crate) fn pipeline_covers(text: &str, folder: &str) -> bool {
    let Some(root) = root(text) else { return says_so(text) };
    let scripts = values(Some(&root))
        .map(|job| ["before_script", "script"].map(|key| job.get(key).map(scalars).unwrap_or_default()).join("\n"));
    let others = includes(&root).iter().filter(|include| local(include).is_none()).map(scalars);
    scripts.chain(others.collect::<Vec<_>>()).any(|script| names_it(&script) && covers("", &script, folder, text))
}

/// What `.gitlab-ci.yml` says that a job has to fit.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Pipeline {
    pub has_include: bool,
    /// Files of the repository, from its root; some with `*`.
    pub included: Vec<String>,
    /// The stage of a job where the one of jobs that name none does not exist. Never `.pre`: a pipeline that has nothing but jobs of
    /// that stage does not run.
    pub stage: Option<String>,
}

pub(crate) fn pipeline(text: &str) -> Pipeline {
    let Some(root) = root(text) else { return Pipeline::default() };
    let included =
        includes(&root).iter().filter_map(local).map(|path| path.trim_start_matches('/').to_string()).collect();
    let stages = || list(root.get("stages")).iter().filter_map(Node::as_str);
    let stage = stages().find(|stage| !stage.starts_with('.')).filter(|_| stages().all(|stage| stage != DEFAULT_STAGE));
    Pipeline { has_include: root.get("include").is_some(), included, stage: stage.map(str::to_string) }
}

impl Pipeline {
    pub(crate) fn includes(&self, path: &str) -> bool {
        self.included.iter().any(|include| match include.split_once('*') {
            None => include == path,
            Some((start, rest)) => path.starts_with(start) && path.ends_with(rest.trim_start_matches(['*', '/'])),
        })
    }
}

fn includes(root: &Node) -> &[Node] {
    match root.get("include") {
        Some(node) => node.as_list().unwrap_or(std::slice::from_ref(node)),
        None => &[],
    }
}

/// The path of an include that is a file of the repository.
fn local(include: &Node) -> Option<&str> {
    let path = include.as_str().filter(|path| !path.contains("://"));
    path.or_else(|| include.get("local")?.as_str())
}

fn root(text: &str) -> Option<Node> {
    Some(parse_yaml(&Text::of_file(FileId(0), &Arc::from(text))).ok()?.root)
}

fn list(node: Option<&Node>) -> &[Node] {
    node.and_then(Node::as_list).unwrap_or_default()
}

fn values(node: Option<&Node>) -> impl Iterator<Item = &Node> {
    node.and_then(Node::as_map).into_iter().flat_map(|map| map.entries.iter().map(|entry| &entry.value))
}

/// All texts of a value, a line each.
fn scalars(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => format!("{}\n", text.value),
        Value::List(nodes) => nodes.iter().map(scalars).collect(),
        Value::Map(map) => map.entries.iter().map(|entry| scalars(&entry.value)).collect(),
        _ => String::new(),
    }
}

/// Whether a script has the name as a word of its own, outside of comments.
fn names_it(script: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "_-".contains(c);
    let lines = script.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.flat_map(|line| line.split(|c: char| !is_part(c))).any(|word| word == NAME)
}

/// What is no YAML, or none that can be read, is left to its owner.
fn says_so(text: &str) -> bool {
    names_it(text)
}

/// Whether a script that begins in a folder runs in the one that is asked about, or names it.
fn covers(within: &str, script: &str, folder: &str, whole: &str) -> bool {
    let lines = || script.lines().map(str::trim);
    let entered = lines().find_map(|line| line.strip_prefix("cd ")).map(|rest| match rest.find(['&', ';']) {
        Some(end) => rest[..end].trim(),
        None => rest.trim(),
    });
    let place = plain(entered.unwrap_or(within));
    // A matrix names its folders elsewhere.
    if place.contains('$') {
        return !folder.is_empty() && whole.contains(folder);
    }
    let is_word = |word: &str| plain(word) == folder;
    let words = || lines().flat_map(|line| line.split([' ', '=', ';', '"', '\'']));
    place == folder
        || entered == Some(&*shell_word(folder))
        || !folder.is_empty() && (words().any(is_word) || script.contains(&format!("'{folder}'")))
}

/// A folder without quotes, and without what changes nothing at its ends.
fn plain(folder: &str) -> &str {
    let folder = folder.trim_matches(['"', '\'']).trim_end_matches('/');
    match folder.trim_start_matches("./") {
        "." => "",
        folder => folder,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{github, gitlab, hook};
    use super::*;

    const FOLDERS: [&str; 5] = ["", "team-a", "a b/c", "it's", "team-a/deep"];

    #[test]
    fn what_is_written_for_a_folder_covers_it_and_no_other() {
        for own in FOLDERS {
            for asked in FOLDERS {
                let said = format!("{own:?} {asked:?}");
                assert_eq!(workflow_covers(&github(own, "x"), asked), own == asked, "{said}");
                assert_eq!(pipeline_covers(&gitlab(own, "x", None), asked), own == asked, "{said}");
                let is_within = own.is_empty() || asked == own || asked.starts_with(&format!("{own}/"));
                assert_eq!(hook_covers(&hook(own), asked), is_within, "{said}");
            }
        }
    }

    #[test]
    fn only_hooks_and_jobs_count() {
        for (text, expected) in [
            ("repos:\n  - repo: local\n    hooks: []  # TODO: add lakelint\n", false),
            ("repos:\n- repo: x/lakelint-fork\n  hooks: [{id: other}]\n", false),
            ("repos:\n- repo: x\n  hooks: [{id: lakelint-system}]\n", true),
            ("repos:\n- repo: local\n  hooks: [{id: a, entry: uv run lakelint check}]\n", true),
            ("repos:\n- repo: local\n  hooks: [{id: lakelint, files: '^x/(?!y)'}]\n", true),
            ("repos:\n- repo: local\n  hooks: [{id: lakelint, files: '^x/'}]\n", false),
            ("repos: [lakelint\n", true),
            ("", false),
        ] {
            assert_eq!(hook_covers(text, ""), expected, "{text}");
        }
        for (text, folder, expected) in [
            ("on: push\njobs: {} # lakelint check\n", "", false),
            ("on: push\njobs:\n  a:\n    steps:\n    - run: |\n        # lakelint\n        ls\n", "", false),
            ("on: push\njobs:\n  a:\n    steps:\n    - run: make && lakelint check\n", "", true),
            ("on: push\njobs:\n  a:\n    steps:\n    - run: lakelint check team-a/\n", "team-a", true),
            ("on: push\njobs:\n  a:\n    steps:\n    - run: lakelint check team-a/\n", "team-b", false),
            (
                "on: push\njobs:\n  a:\n    steps:\n    - uses: o/lakelint@v1\n      with: {paths: team-a}\n",
                "team-a",
                true,
            ),
            (
                "on: push\njobs:\n  a:\n    strategy: {matrix: {at: [a, b]}}\n    steps:\n    - run: lakelint check\n      working-directory: ${{ matrix.at }}\n",
                "b",
                true,
            ),
            ("on: push\njobs:\n  a:\n    uses: o/lakelint/.github/workflows/x.yml@v1\n", "", true),
        ] {
            assert_eq!(workflow_covers(text, folder), expected, "{folder}: {text}");
        }
        for (text, expected) in [
            ("# lakelint\na:\n  script: [ls]\n", false),
            ("a:\n  script: lakelint check\n", true),
            ("a:\n  script:\n    - [pip install lakelint, lakelint check]\n", true),
            ("include:\n  - component: example.com/o/lakelint@1\n", true),
            ("include: .gitlab/lakelint.yml\n", false),
        ] {
            assert_eq!(pipeline_covers(text, ""), expected, "{text}");
        }
    }

    #[test]
    fn a_pipeline_says_what_a_job_has_to_fit() {
        let stage = |text: &str| pipeline(text).stage;
        assert_eq!(stage("stages: [build, deploy]\n").as_deref(), Some("build"));
        assert_eq!(stage("stages: [.pre, deploy]\n").as_deref(), Some("deploy"));
        assert_eq!(stage("stages: [build, test]\n"), None);
        assert_eq!(stage("build:\n  script: ls\n"), None);
        let is_included = |text: &str| pipeline(text).includes(".gitlab/lakelint.yml");
        assert!(is_included("include: /.gitlab/lakelint.yml\n"));
        assert!(is_included("include:\n  - remote: https://x/y.yml\n  - local: .gitlab/*.yml\n"));
        assert!(is_included("include:\n  - local: .gitlab/**/*.yml\n"));
        assert!(!is_included(
            "include:\n  - local: .gitlab/other.yml\n  - project: a\n    file: .gitlab/lakelint.yml\n"
        ));
        assert_eq!(pipeline("include: [\n"), Pipeline::default());
    }
}
