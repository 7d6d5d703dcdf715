//! One file as UTF-8 text, or why it is none.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Largest file that is read, in bytes: 64 MiB. Athena refuses a statement over 262,144 bytes, so what is larger is data.
pub(super) const MAX_BYTES: u64 = 64 << 20;

/// Why a file is not text that we read.
#[derive(Debug)]
pub(super) enum Problem {
    Io(io::Error),
    TooLarge,
    /// It starts with a UTF-16 byte order mark, or with a letter of two bytes.
    Utf16,
    /// The first byte that is not UTF-8: its 0-based offset and 1-based line.
    NotUtf8 {
        offset: usize,
        line: usize,
    },
}

impl Problem {
    pub(super) fn message(&self) -> String {
        match self {
            Problem::Io(error) => format!("cannot read this file: {}", error.kind()),
            Problem::TooLarge => format!("this file is larger than {} MiB and was not read", MAX_BYTES >> 20),
            Problem::Utf16 => "this file is UTF-16 text, expected UTF-8".to_string(),
            Problem::NotUtf8 { offset, line } => {
                format!("this file is not UTF-8 text: invalid byte at offset {offset}, line {line}")
            }
        }
    }

    pub(super) fn help(&self) -> &'static str {
        match self {
            Problem::Io(_) => "allow reading it, or leave it out with `exclude` in lakelint.toml",
            Problem::TooLarge => "split it, or leave it out with `exclude` in lakelint.toml",
            Problem::Utf16 => "convert it: `iconv -f UTF-16 -t UTF-8`",
            Problem::NotUtf8 { .. } => {
                "save it as UTF-8 (`iconv -t UTF-8`), or leave it out with `exclude` in lakelint.toml"
            }
        }
    }
}

/// Reads a file, or standard input.
pub(super) fn read(path: Option<&Path>) -> Result<String, Problem> {
    let bytes = match path {
        Some(path) => File::open(path).and_then(read_limited),
        None => read_limited(io::stdin().lock()),
    };
    decode(bytes.map_err(Problem::Io)?)
}

/// At most one byte over the limit, so that neither a huge file nor an endless pipe fills the memory.
fn read_limited(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn decode(bytes: Vec<u8>) -> Result<String, Problem> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Problem::TooLarge);
    }
    // Half of every ASCII letter in UTF-16 is a zero byte.
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=u8::MAX, ..] | [1..=u8::MAX, 0, ..] = bytes[..] {
        return Err(Problem::Utf16);
    }
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..offset].iter().filter(|b| **b == b'\n').count();
        Problem::NotUtf8 { offset, line }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_utf8_says_where() {
        let problem = decode(b"select 1;\nselect '\xe9'".to_vec()).expect_err("latin-1");
        assert_eq!(problem.message(), "this file is not UTF-8 text: invalid byte at offset 18, line 2");
        assert!(matches!(decode(vec![0xff, 0xfe, b's', 0]), Err(Problem::Utf16)));
        assert!(matches!(decode(vec![0xfe, 0xff, 0, b's']), Err(Problem::Utf16)));
        assert!(matches!(decode(vec![b's', 0, b'e', 0]), Err(Problem::Utf16)));
        assert!(matches!(decode(vec![0, b's', 0, b'e']), Err(Problem::Utf16)));
        assert_eq!(decode(Vec::new()).expect("empty"), "");
    }

    #[test]
    fn an_endless_file_is_refused() {
        assert!(matches!(decode(read_limited(io::repeat(b' ')).expect("read")), Err(Problem::TooLarge)));
    }
}
