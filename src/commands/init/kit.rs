//! What belongs to the top of the repository: its hook and its jobs for CI, which of them are there, and which are offered.

use std::fs;
use std::path::Path;

use super::NewFile;
use crate::commands::baseline;
use crate::input::git::Repository;
use crate::onboarding::{
    GITLAB_CI, GITLAB_JOBS, HOOK, Row, WORKFLOWS, free_name, github, gitlab, hook, hook_covers, hook_entry, include,
    pipeline, pipeline_covers, workflow_covers,
};
use crate::shown_path::shown_path;

/// What there is for a repository.
#[derive(Default)]
pub(super) struct Kit {
    pub files: Vec<NewFile>,
    /// What is there already, as shown.
    pub there: Vec<String>,
    /// What goes into files that are there, with the place.
    pub to_add: Vec<(String, String)>,
    pub rows: Vec<Row>,
    pub notes: Vec<String>,
}

impl Kit {
    /// Hooks and jobs run in a repository.
    pub(super) fn without_git(base: &Path, error: &anyhow::Error) -> Kit {
        let note = match base.ancestors().any(|folder| folder.join(".git").exists()) {
            true => {
                // What git says stands on several lines, with tabs.
                let said = error.root_cause().to_string();
                format!("no hook and no job for CI are written: {}", said.split_whitespace().collect::<Vec<_>>().join(" "))
            }
            false => "no hook and no job for CI are written, as this is no git repository: after `git init`, run `lakelint init` \
                      again"
                .to_string(),
        };
        Kit { notes: vec![format!("{note}\n")], ..Kit::default() }
    }
}

/// Looks at a repository whose configuration is in a folder of it.
pub(super) fn kit(repository: &Repository, folder: &Path, base: &Path) -> Kit {
    let below = repository.below(folder).unwrap_or_default();
    let Some(below) = below.to_str() else {
        let note = "no hook and no job for CI are written: the name of this folder is no UTF-8\n".to_string();
        return Kit { notes: vec![note], ..Kit::default() };
    };
    let around = Around { repository, base, below };
    let mut kit = Kit::default();
    let baseline = folder.join(baseline::FILE);
    if baseline.is_file() {
        let text = format!("`{}`: known findings do not count", shown_path(base, &baseline));
        kit.rows.push(Row { label: "baseline", text });
    }
    around.add_hook(&mut kit);
    let hosts: Vec<String> = repository.remotes().iter().map(|remote| host(remote)).collect();
    let hosted = |name: &str| hosts.iter().find(|host| host.split('.').any(|label| label == name)).cloned();
    let (on_github, on_gitlab) = (hosted("github"), hosted("gitlab"));
    let (has_github, has_gitlab) = (around.has(".github"), around.has(GITLAB_CI));
    let (is_github, is_gitlab) = (has_github || on_github.is_some(), has_gitlab || on_gitlab.is_some());
    if is_github {
        around.add_github(on_github, &mut kit);
    }
    if is_gitlab {
        around.add_gitlab(on_gitlab, &mut kit);
    }
    if !is_github && !is_gitlab {
        kit.notes.push(format!(
            "no job for CI is written: there is no `.github/`, no `{GITLAB_CI}` and no remote on GitHub or GitLab"
        ));
    }
    kit
}

/// Where the kit belongs.
struct Around<'a> {
    repository: &'a Repository,
    base: &'a Path,
    /// Folder of the configuration, from the root.
    below: &'a str,
}

impl Around<'_> {
    fn has(&self, path: &str) -> bool {
        self.repository.root.join(path).exists()
    }

    fn shown(&self, path: &str) -> String {
        self.repository.shown(Path::new(path), self.base)
    }

    /// Empty where nothing can be read.
    fn text(&self, path: &str) -> String {
        let bytes = fs::read(self.repository.root.join(path)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// A name that no file of a folder has.
    fn free_name(&self, folder: &str) -> String {
        let file = |name: &str| self.repository.root.join(folder).join(format!("{name}.yml"));
        free_name(self.below, |name| fs::symlink_metadata(file(name)).is_ok())
    }

    fn new_file(&self, below: &str, text: String, about: &str) -> NewFile {
        let (root, shown) = (self.repository.root.clone(), self.shown(below));
        NewFile { root, below: below.to_string(), shown, text, about: about.to_string() }
    }

    fn add_hook(&self, kit: &mut Kit) {
        if !self.has(HOOK) {
            let about = "a hook for pre-commit, over the files of a commit, offline";
            kit.files.push(self.new_file(HOOK, hook(self.below), about));
            return;
        }
        kit.rows.push(Row { label: "pre-commit", text: format!("`{}`", self.shown(HOOK)) });
        match hook_covers(&self.text(HOOK), self.below) {
            true => kit.there.push(self.shown(HOOK)),
            false => {
                let place = format!("`{}`, which is left as it is, below `repos:`", self.shown(HOOK));
                kit.to_add.push((place, hook_entry(self.below)));
            }
        }
    }

    fn add_github(&self, host: Option<String>, kit: &mut Kit) {
        let workflows = self.yaml_files(WORKFLOWS);
        let text = match (workflows.len(), host) {
            (0, Some(host)) => format!("a remote on `{host}`"),
            (0, None) => "`.github/`".to_string(),
            (1, _) => format!("1 workflow in `{}/`", self.shown(WORKFLOWS)),
            (n, _) => format!("{n} workflows in `{}/`", self.shown(WORKFLOWS)),
        };
        kit.rows.push(Row { label: "GitHub", text });
        match workflows.iter().find(|path| workflow_covers(&self.text(path), self.below)) {
            Some(path) => kit.there.push(self.shown(path)),
            None => {
                let about =
                    "checks what a pull request changes, and says what it adds to the bill; may read and nothing else";
                let name = self.free_name(WORKFLOWS);
                let text = github(self.below, &name);
                kit.files.push(self.new_file(&format!("{WORKFLOWS}/{name}.yml"), text, about));
            }
        }
    }

    /// Those of a folder, from the root, sorted.
    fn yaml_files(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.repository.root.join(folder));
        let names = entries.into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let is_yaml = |name: &String| name.ends_with(".yml") || name.ends_with(".yaml");
        let mut paths: Vec<String> = names.filter(is_yaml).map(|name| format!("{folder}/{name}")).collect();
        paths.sort();
        paths
    }

    fn add_gitlab(&self, host: Option<String>, kit: &mut Kit) {
        let has_pipeline = self.has(GITLAB_CI);
        let text = match host.filter(|_| !has_pipeline) {
            Some(host) => format!("a remote on `{host}`"),
            None => format!("`{}`", self.shown(GITLAB_CI)),
        };
        kit.rows.push(Row { label: "GitLab", text });
        let text = self.text(GITLAB_CI);
        if pipeline_covers(&text, self.below) {
            kit.there.push(self.shown(GITLAB_CI));
            return;
        }
        let pipeline = pipeline(&text);
        let mut files = self.yaml_files(GITLAB_JOBS);
        files.extend(pipeline.included.iter().cloned());
        let path = match files.into_iter().find(|path| pipeline_covers(&self.text(path), self.below)) {
            Some(path) => {
                kit.there.push(self.shown(&path));
                path
            }
            None => {
                let name = self.free_name(GITLAB_JOBS);
                let path = format!("{GITLAB_JOBS}/{name}.yml");
                let about = "a job that checks what a merge request changes, and says what it adds to the bill";
                let job = gitlab(self.below, &name, pipeline.stage.as_deref());
                kit.files.push(self.new_file(&path, job, about));
                path
            }
        };
        if pipeline.includes(&path) {
            return;
        }
        let place = match (has_pipeline, pipeline.has_include) {
            (true, true) => format!("the list below `include:` in `{}`, which is left as it is", self.shown(GITLAB_CI)),
            (true, false) => format!("`{}`, which is left as it is", self.shown(GITLAB_CI)),
            (false, _) => format!("a new `{}`", self.shown(GITLAB_CI)),
        };
        kit.to_add.push((place, include(&path, pipeline.has_include)));
    }
}

/// The host of a remote: `https://github.com/o/r`, `git@github.com:o/r`, `ssh://git@github.com:22/o/r`; empty for a path.
fn host(remote: &str) -> String {
    let is_url = remote.contains("://");
    let rest = remote.split_once("://").map_or(remote, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    if !is_url && !authority.contains(':') {
        return String::new();
    }
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.split(':').next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_says_is_one_line() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join(".git")).expect("made");
        let error = anyhow::anyhow!("git: whose is it?\nTo trust it, call:\n\n\tgit config x").context("revisions");
        let expected = "no hook and no job for CI are written: git: whose is it? To trust it, call: git config x\n";
        assert_eq!(Kit::without_git(folder.path(), &error).notes, [expected]);
    }

    #[test]
    fn hosts_are_those_of_remotes() {
        for (remote, expected) in [
            ("https://github.com/o/r.git", "github.com"),
            ("https://user:token@GitHub.com/o/r", "github.com"),
            ("git@github.com:o/r.git", "github.com"),
            ("ssh://git@gitlab.example.com:2222/o/r", "gitlab.example.com"),
            ("/srv/github.com/r.git", ""),
            ("../github.com", ""),
            ("https://git.example.com/github.com/r", "git.example.com"),
            ("", ""),
        ] {
            assert_eq!(host(remote), expected, "{remote}");
        }
    }
}
