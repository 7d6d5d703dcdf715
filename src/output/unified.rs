//! Changes of files as one patch, which `git apply` takes.

use diffy::{DiffOptions, PatchFormatter};

use super::{Look, Preview, from_root};

/// Paths are those from the repository's root, where `git apply` takes all of them: below it, it takes what lies there.
pub fn unified(preview: &Preview, look: &Look) -> String {
    let formatter = if look.color { PatchFormatter::new().with_color() } else { PatchFormatter::new() };
    let mut text = String::new();
    for (path, old, new) in &preview.files {
        let path = from_root(path, look).unwrap_or_else(|| path.clone());
        let mut options = DiffOptions::new();
        options.set_original_filename(format!("a/{path}")).set_modified_filename(format!("b/{path}"));
        let patch = options.create_patch(old, new);
        // The names as they are quoted, if they have to be.
        let plain = patch.to_string();
        let mut names = plain.lines().filter_map(|line| Some(line.split_once(' ')?.1));
        if let (Some(a), Some(b)) = (names.next(), names.next()) {
            text.push_str(&format!("diff --git {a} {b}\n"));
        }
        text.push_str(&formatter.fmt_patch(&patch).to_string());
    }
    text
}

impl std::fmt::Display for Preview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let s = |n: usize| if n == 1 { "" } else { "s" };
        match (self.findings, self.files.len()) {
            (_, 0) => f.write_str("nothing to change: no finding has a fix"),
            (n, files) => write!(
                f,
                "{n} change{} in {files} file{}, not made: add `--yes` to make what the patch shows, or take parts of it with `git apply`",
                s(n),
                s(files)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preview(path: &str, old: &str, new: &str) -> Preview {
        Preview { findings: 1, files: vec![(path.to_string(), old.into(), new.to_string())] }
    }

    #[test]
    fn a_patch_has_three_lines_around_a_change_and_keeps_line_ends() {
        let old = "1\r\n2\r\n3\r\n4\r\n5\r\n6";
        assert_eq!(
            unified(&preview("a b/c.json", old, &old.replace('6', "7")), &Look::default()),
            "diff --git a/a b/c.json b/a b/c.json\n--- a/a b/c.json\n+++ b/a b/c.json\n@@ -3,4 +3,4 @@\n 3\r\n 4\r\n 5\r\n-6\n\\ No newline at end of file\n+7\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn names_stay_in_their_line() {
        let preview = preview("a\n\"b", "1\n", "2\n");
        let plain = "diff --git \"a/a\\n\\\"b\" \"b/a\\n\\\"b\"\n--- \"a/a\\n\\\"b\"\n+++ \"b/a\\n\\\"b\"\n@@ -1 +1 @@\n-1\n+2\n";
        assert_eq!(unified(&preview, &Look::default()), plain);
        assert!(unified(&preview, &Look { color: true, ..Look::default() }).contains("\u{1b}[32m+2"));
    }
}
