//! Changes of files as one patch, which `git apply` takes.

use std::fmt::Write as _;

use similar::TextDiff;

use super::Preview;
use crate::controls::visible_name;

/// In the unified format, without `diff --git` lines: git then counts the paths from the working directory.
pub fn unified(preview: &Preview, color: bool) -> String {
    let mut text = String::new();
    for (path, old, new) in &preview.files {
        let diff = TextDiff::from_lines(&**old, new);
        let (a, b) = (quoted("a/", path), quoted("b/", path));
        let _ = write!(text, "{}", diff.unified_diff().header(&a, &b));
    }
    match color {
        true => text.split_inclusive('\n').map(painted).collect(),
        false => text,
    }
}

/// A name as git writes it: in quotes when it would not stay in its line, and with a tab behind it when it has spaces.
fn quoted(side: &str, path: &str) -> String {
    if visible_name(path) == path && !path.contains(['"', '\\']) {
        let end = if path.contains(' ') { "\t" } else { "" };
        return format!("{side}{path}{end}");
    }
    let mut name = format!("\"{side}");
    for byte in path.bytes() {
        let _ = match byte {
            b'"' | b'\\' => write!(name, "\\{}", char::from(byte)),
            b' '..=b'~' => write!(name, "{}", char::from(byte)),
            _ => write!(name, "\\{byte:03o}"),
        };
    }
    name + "\""
}

fn painted(line: &str) -> String {
    let style = match line.as_bytes().first() {
        Some(b'-') => "\u{1b}[31m",
        Some(b'+') => "\u{1b}[32m",
        Some(b'@') => "\u{1b}[36m",
        _ => return line.to_string(),
    };
    let text = line.trim_end_matches(['\r', '\n']);
    format!("{style}{text}\u{1b}[0m{}", &line[text.len()..])
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
            unified(&preview("a b/c.json", old, &old.replace('6', "7")), false),
            "--- a/a b/c.json\t\n+++ b/a b/c.json\t\n@@ -3,4 +3,4 @@\n 3\r\n 4\r\n 5\r\n-6\n\\ No newline at end of file\n+7\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn names_stay_in_their_line_and_colours_in_theirs() {
        let text = unified(&preview("a\n\"b", "1\r\n", "2\r\n"), true);
        assert_eq!(
            text,
            "\u{1b}[31m--- \"a/a\\012\\\"b\"\u{1b}[0m\n\u{1b}[32m+++ \"b/a\\012\\\"b\"\u{1b}[0m\n\u{1b}[36m@@ -1 +1 @@\u{1b}[0m\n\u{1b}[31m-1\u{1b}[0m\r\n\u{1b}[32m+2\u{1b}[0m\r\n"
        );
    }
}
