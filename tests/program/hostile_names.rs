//! Names that want to leave their place, and what must not come of them.

use std::collections::BTreeSet;
use std::path::Path;

/// What must never reach a terminal.
pub const TITLE: &str = "\u{1b}]0;owned\u{7}";
pub const FORGED: &str = "\nerror: forged\r\n::error::forged\n";

/// Only line feeds and tabs, and no line that a name has made.
pub fn assert_plain(what: &str, text: &str) {
    let turning = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let bad = text.char_indices().find(|(_, c)| (c.is_control() && !"\n\t".contains(*c)) || turning(*c));
    let around = bad.map(|(at, _)| text.chars().skip(text[..at].chars().count().saturating_sub(40)).take(80));
    assert_eq!(bad, None, "{what}: {:?}", around.map(String::from_iter));
    let forged = text.lines().find(|line| line.starts_with("error: forged") || line.starts_with("::error::forged"));
    assert_eq!(forged, None, "{what}:\n{text}");
}

/// Every file below a folder.
pub fn files(folder: &Path) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), vec![folder.to_path_buf()]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).expect("a folder").flatten() {
            match entry.file_type().expect("a kind").is_dir() {
                true => open.push(entry.path()),
                false => drop(found.insert(entry.path().strip_prefix(folder).expect("below").display().to_string())),
            }
        }
    }
    found
}
