//! What a run finds, as lines that a file holds.

use std::path::Path;

use serde_json::Value;

/// The text that a finding points to.
pub fn marked(folder: &Path, finding: &Value) -> String {
    let number = |key: &str| finding[key].as_u64().expect("a number") as usize;
    let name = finding["file"].as_str().expect("a file");
    let file = std::fs::read_to_string(folder.join(name)).expect("read");
    let (first, last) = (number("line"), number("end_line"));
    let part = |(i, line): (usize, &str)| {
        let from = if i + 1 == first { number("column") } else { 1 };
        let to = if i + 1 == last { number("end_column") } else { usize::MAX };
        line.chars().skip(from - 1).take(to - from).collect::<String>()
    };
    let lines = file.lines().enumerate().take(last).skip(first - 1);
    lines.map(part).collect::<Vec<_>>().join("\n")
}

/// `file:line:column severity rule: message`, and the text that the finding points to.
pub fn told(folder: &Path, finding: &Value) -> String {
    let text = |key: &str| finding[key].as_str().unwrap_or_default();
    let place = format!("{}:{}:{}", text("file"), finding["line"], finding["column"]);
    let marked = marked(folder, finding).replace('\n', "\n    ");
    format!("{place} {} {}: {}\n    {marked}\n", text("severity"), text("rule"), text("message"))
}

/// Holds a text to the file where it is written down; `UPDATE=1` writes it anew, for somebody to read.
pub fn compare(path: &Path, now: &str) {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, now).expect("written");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == now, "{} says something else, now it is:\n{now}\n`UPDATE=1` writes it down", path.display());
}
