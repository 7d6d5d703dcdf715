//! `aws s3 ls --recursive` text as objects.

use std::io::{self, BufRead};

use super::object::Object;
use crate::lake::Bytes;

/// Units of `--human-readable`.
const UNITS: [&str; 8] = ["Byte", "Bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// What the lines of a listing were.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Report {
    pub objects: u64,
    /// `PRE folder/` lines: the listing does not go into folders.
    pub folders: u64,
    /// Lines that are nothing we know: how many, and number and text of the first.
    pub malformed: u64,
    pub first_malformed: Option<(u64, String)>,
}

/// One line.
#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    Object { key: &'a str, size: u64 },
    Folder,
    Other,
    Malformed,
}

/// Streams the objects of a listing.
pub(super) fn read(mut input: impl BufRead, each: &mut dyn FnMut(Object<'_>)) -> io::Result<Report> {
    let mut report = Report::default();
    let mut buffer = Vec::new();
    for number in 1.. {
        buffer.clear();
        if input.read_until(b'\n', &mut buffer)? == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&buffer);
        match line(text.trim_end_matches(['\n', '\r'])) {
            Line::Object { key, size } => {
                report.objects += 1;
                each(Object::new(key, size));
            }
            Line::Folder => report.folders += 1,
            Line::Other => {}
            Line::Malformed => {
                report.malformed += 1;
                report.first_malformed.get_or_insert_with(|| (number, text.trim().chars().take(60).collect()));
            }
        }
    }
    Ok(report)
}

/// Whether a text looks like a listing, from its first line that is not blank.
pub(super) fn looks_like(first_line: &str) -> bool {
    matches!(line(first_line), Line::Object { .. } | Line::Folder)
        || first_line.trim_start().starts_with("Total Objects:")
}

/// `2024-01-05 12:00:00       1234 path/with spaces.csv`; with `--human-readable` the size is `1.2 MiB`.
fn line(text: &str) -> Line<'_> {
    let trimmed = text.trim_start();
    if trimmed.is_empty() || trimmed.starts_with("Total Objects:") || trimmed.starts_with("Total Size:") {
        return Line::Other;
    }
    if trimmed.starts_with("PRE ") {
        return Line::Folder;
    }
    object(text.trim_start_matches('\u{feff}')).unwrap_or(Line::Malformed)
}

fn object(text: &str) -> Option<Line<'_>> {
    if !is_time_stamp(text.as_bytes().get(..19)?) || text.as_bytes().get(19) != Some(&b' ') {
        return None;
    }
    let (size, rest) = text[20..].trim_start().split_once(' ')?;
    if let Some((unit, key)) = rest.split_once(' ').filter(|(unit, _)| UNITS.contains(unit)) {
        let unit = if unit.starts_with("Byte") { "" } else { unit };
        let Bytes(size) = format!("{size}{unit}").parse().ok()?;
        return (!key.is_empty()).then_some(Line::Object { key, size });
    }
    let size = size.parse().ok()?;
    (!rest.is_empty()).then_some(Line::Object { key: rest, size })
}

/// `YYYY-MM-DD HH:MM:SS`.
fn is_time_stamp(bytes: &[u8]) -> bool {
    bytes.iter().zip(b"0000-00-00 00:00:00").all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        separator => byte == separator,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(text: &[u8]) -> (Vec<(String, u64)>, Report) {
        let mut found = Vec::new();
        let report = read(text, &mut |o| found.push((o.key.to_string(), o.size))).expect("read");
        (found, report)
    }

    #[test]
    fn keys_may_hold_spaces_and_sizes_may_be_human_readable() {
        let text = b"2024-01-05 12:00:00       1234 a/b c.csv\r\n2024-01-05 12:00:00    1.5 MiB a/d.csv\n\
            2024-01-05 12:00:00    1 Byte a/e\n2024-01-05 12:00:00   20 Bytes a/f\n2024-01-05 12:00:00          0  leading\n\
            \nTotal Objects: 5\n   Total Size: 1573000\n";
        let (found, report) = objects(text);
        let expected = [("a/b c.csv", 1234), ("a/d.csv", 1_572_864), ("a/e", 1), ("a/f", 20), (" leading", 0)];
        assert_eq!(found, expected.map(|(key, size)| (key.to_string(), size)));
        assert_eq!(report, Report { objects: 5, ..Report::default() });
    }

    #[test]
    fn folders_and_malformed_lines_are_counted() {
        let (found, report) = objects(b"                           PRE raw/\nhello\n2024-01-05 12:00 12 a\n\xff\xfe\n");
        assert!(found.is_empty());
        assert_eq!((report.folders, report.malformed), (1, 3));
        assert_eq!(report.first_malformed, Some((2, "hello".to_string())));
        assert!(looks_like("2024-01-05 12:00:00 1 a") && !looks_like("select 1"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let mut text = b"2024-01-05 12:00:00 ".to_vec();
            text.extend(&bytes);
            objects(&bytes);
            objects(&text);
        }
    }
}
