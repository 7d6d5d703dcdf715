//! CSV files of a report: no header, gzip, columns as `fileSchema` lists them, keys URL-encoded
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html>, "Inventory list").

use std::borrow::Cow;
use std::io::{BufReader, Read};

use anyhow::{Context, Result, bail};
use flate2::bufread::MultiGzDecoder;
use memchr::{memchr, memchr2, memmem, memrchr};

use super::objects::{Classes, Entry, Objects};
use crate::input::layout::instant;

/// Bytes taken in at once, compressed and as text.
const COMPRESSED: usize = 1 << 17;
const TEXT: usize = 1 << 18;
/// No record is longer: a key has at most 1,024 bytes.
const LONGEST: usize = 1 << 20;

/// What is read of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Key,
    Size,
    Modified,
    Class,
    IsLatest,
    IsDeleteMarker,
}

const FIELDS: usize = 6;

/// Which field each column is; `None` is not read.
#[derive(Debug)]
pub(super) struct Columns(Vec<Option<Field>>);

impl Columns {
    /// From the names in a manifest.
    pub(super) fn of(names: &[&str]) -> Result<Columns> {
        let field = |name: &&str| match *name {
            "Key" => Some(Field::Key),
            "Size" => Some(Field::Size),
            "LastModifiedDate" => Some(Field::Modified),
            "StorageClass" => Some(Field::Class),
            "IsLatest" => Some(Field::IsLatest),
            "IsDeleteMarker" => Some(Field::IsDeleteMarker),
            _ => None,
        };
        let columns: Vec<Option<Field>> = names.iter().map(field).collect();
        for needed in [Field::Key, Field::Size] {
            if !columns.contains(&Some(needed)) {
                bail!("has no column `{needed:?}`: `fileSchema` is `{}`", names.join(", "));
            }
        }
        Ok(Columns(columns))
    }
}

/// Streams the objects of a file.
pub(super) fn read(input: impl Read, columns: &Columns, objects: &mut Objects<'_>) -> Result<()> {
    let mut text = MultiGzDecoder::new(BufReader::with_capacity(COMPRESSED, input));
    let mut records = Records { columns, classes: Classes::default(), folder: Vec::new(), number: 0 };
    let (mut buffer, mut filled) = (vec![0; TEXT], 0);
    loop {
        if filled == buffer.len() {
            if buffer.len() >= LONGEST {
                bail!("record {} is longer than {LONGEST} bytes", records.number + 1);
            }
            buffer.resize(buffer.len() * 2, 0);
        }
        let length = text.read(&mut buffer[filled..]).context("cannot be unpacked, it is cut off or damaged")?;
        filled += length;
        if length == 0 {
            break;
        }
        let used = records.add_all(&buffer[..filled], objects)?;
        buffer.copy_within(used..filled, 0);
        filled -= used;
    }
    buffer.truncate(filled);
    buffer.push(b'\n');
    match records.add_all(&buffer, objects)? == buffer.len() {
        true => Ok(()),
        false => bail!("record {} ends within quotes", records.number + 1),
    }
}

/// A field of a record: its bytes without the outer quotes, and whether quotes in it are doubled.
#[derive(Debug, Clone, Copy, Default)]
struct Text<'a> {
    bytes: &'a [u8],
    is_escaped: bool,
}

impl<'a> Text<'a> {
    fn get(self) -> Cow<'a, [u8]> {
        match self.is_escaped {
            false => Cow::Borrowed(self.bytes),
            true => {
                let mut text = Vec::with_capacity(self.bytes.len());
                let mut rest = self.bytes;
                while let [first, after @ ..] = rest {
                    text.push(*first);
                    rest = if *first == b'"' { after.get(1..).unwrap_or_default() } else { after };
                }
                Cow::Owned(text)
            }
        }
    }
}

/// The records of one file.
struct Records<'a> {
    columns: &'a Columns,
    classes: Classes,
    /// The encoded folder of the last key.
    folder: Vec<u8>,
    /// Records so far.
    number: u64,
}

impl Records<'_> {
    /// Adds all whole records; gives how many bytes they have.
    fn add_all(&mut self, text: &[u8], objects: &mut Objects<'_>) -> Result<usize> {
        let mut at = 0;
        while at < text.len() {
            if matches!(text[at], b'\n' | b'\r') {
                at += 1;
                continue;
            }
            let mut fields = [Text::default(); FIELDS];
            let Some((found, end)) = split(text, at, &self.columns.0, &mut fields) else { break };
            self.number += 1;
            if found != self.columns.0.len() {
                bail!("record {} has {found} columns, and `fileSchema` has {}", self.number, self.columns.0.len());
            }
            self.add(&fields, objects)?;
            at = end;
        }
        Ok(at)
    }

    fn add(&mut self, fields: &[Text<'_>; FIELDS], objects: &mut Objects<'_>) -> Result<()> {
        let field = |field: Field| fields[field as usize];
        let is_given = |wanted: Field| self.columns.0.contains(&Some(wanted));
        let (size, modified) = (field(Field::Size).bytes, field(Field::Modified).bytes);
        let entry = Entry {
            size: match number(size) {
                Some(size) => Some(size),
                None if size.is_empty() => None,
                None => {
                    bail!("record {}: `{}` is no size", self.number, String::from_utf8_lossy(size).escape_default())
                }
            },
            modified: std::str::from_utf8(modified).ok().and_then(instant::seconds),
            class: match field(Field::Class).bytes {
                b"" => None,
                name => self.classes.of(name),
            },
            is_latest: !is_given(Field::IsLatest) || is_true(field(Field::IsLatest).bytes),
            is_delete_marker: is_true(field(Field::IsDeleteMarker).bytes),
        };
        let key = field(Field::Key).get();
        let slash = memrchr(b'/', &key);
        let (folder, name) = slash.map_or((&[][..], &key[..]), |slash| (&key[..slash], &key[slash + 1..]));
        if memmem::find(name, b"%2").is_some_and(|_| decoded(name).contains('/')) {
            objects.add(&decoded(&key), entry);
            self.folder.clear();
            return Ok(());
        }
        if self.number == 1 || self.folder.is_empty() || self.folder != folder {
            objects.enter(&decoded(folder));
            self.folder.clear();
            self.folder.extend_from_slice(folder);
        }
        objects.add_here(&decoded(name), entry);
        Ok(())
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    let add = |sum: u64, digit: &u8| sum.checked_mul(10)?.checked_add(u64::from(digit.wrapping_sub(b'0')));
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    digits.iter().try_fold(0, add).filter(|_| is_number)
}

fn is_true(text: &[u8]) -> bool {
    text.eq_ignore_ascii_case(b"true")
}

/// The fields of the record that starts at `at`, how many columns it has, and where the next one starts. `None` where it does not
/// end.
fn split<'a>(
    text: &'a [u8],
    mut at: usize,
    columns: &[Option<Field>],
    fields: &mut [Text<'a>; FIELDS],
) -> Option<(usize, usize)> {
    for column in 0.. {
        let (field, end) = if text.get(at) == Some(&b'"') { quoted(text, at + 1)? } else { plain(text, at)? };
        if let Some(Some(wanted)) = columns.get(column) {
            fields[*wanted as usize] = field;
        }
        match *text.get(end)? {
            b',' => at = end + 1,
            b'\r' => return Some((column + 1, end + 2)),
            _ => return Some((column + 1, end + 1)),
        }
    }
    None
}

/// A field up to its comma or the end of the line.
fn plain(text: &[u8], at: usize) -> Option<(Text<'_>, usize)> {
    let end = at + memchr2(b',', b'\n', &text[at..])?;
    let end = if text[end] == b'\n' && end > at && text[end - 1] == b'\r' { end - 1 } else { end };
    Some((Text { bytes: &text[at..end], is_escaped: false }, end))
}

/// A field after its opening quote; what follows the closing one up to the comma is dropped.
fn quoted(text: &[u8], start: usize) -> Option<(Text<'_>, usize)> {
    let (mut from, mut is_escaped) = (start, false);
    loop {
        let quote = from + memchr(b'"', &text[from..])?;
        match *text.get(quote + 1)? {
            b'"' => (from, is_escaped) = (quote + 2, true),
            b',' | b'\n' => return Some((Text { bytes: &text[start..quote], is_escaped }, quote + 1)),
            _ => {
                let (_, end) = plain(text, quote + 1)?;
                return Some((Text { bytes: &text[start..quote], is_escaped }, end));
            }
        }
    }
}

/// A URL-decoded text: `+` is a space, `%XX` a byte; what is no valid escape stays.
fn decoded(text: &[u8]) -> Cow<'_, str> {
    if memchr2(b'%', b'+', text).is_none() {
        return String::from_utf8_lossy(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'+', _) => out.push(b' '),
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(digit(*high) << 4 | digit(*low));
                rest = after;
            }
            _ => out.push(*first),
        }
    }
    Cow::Owned(String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

fn digit(hex: u8) -> u8 {
    match hex {
        b'0'..=b'9' => hex - b'0',
        _ => (hex | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_split_whatever_their_quotes() {
        let columns = Columns::of(&["Bucket", "Key", "Size"]).expect("columns").0;
        let cases: [(&[u8], &str, &str); 6] = [
            (b"\"b\",\"a/b\",\"5\"\n", "a/b", "5"),
            (b"b,a/b,5\r\n", "a/b", "5"),
            (b"\"b\",\"a,\nb\",5\n", "a,\nb", "5"),
            (b"\"b\",\"say \"\"x\"\"\",\"\"\n", "say \"x\"", ""),
            (b"b,,\n", "", ""),
            (b"\"b\",\"\"\"\"\"\",\"5\"\r\n", "\"\"", "5"),
        ];
        for (text, key, size) in cases {
            let mut fields = [Text::default(); FIELDS];
            assert_eq!(split(text, 0, &columns, &mut fields), Some((3, text.len())), "{key}");
            let found = [Field::Key, Field::Size]
                .map(|f| String::from_utf8(fields[f as usize].get().into_owned()).expect("text"));
            assert_eq!(found, [key, size]);
            for cut in 0..text.len() {
                let mut fields = [Text::default(); FIELDS];
                let read = split(&text[..cut], 0, &columns, &mut fields);
                // A carriage return alone ends a line already.
                assert!(read.is_none() || (text[cut - 1] == b'\r'), "{key} {cut}");
            }
        }
        let mut fields = [Text::default(); FIELDS];
        assert_eq!(split(b"a,b\n", 0, &columns, &mut fields), Some((2, 4)));
    }

    #[test]
    fn keys_are_decoded() {
        assert_eq!(decoded(b"dt%3D2024-01-01/a+b%2Bc%zz%"), "dt=2024-01-01/a b+c%zz%");
        assert_eq!(decoded("%C3%A9".as_bytes()), "é");
        assert_eq!(decoded(b"%ff"), "\u{fffd}");
    }

    #[test]
    fn sizes_are_whole_numbers() {
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        for none in [&b"18446744073709551616"[..], b"", b"1.5", b"-1"] {
            assert_eq!(number(none), None);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_split_without_a_panic(text in proptest::collection::vec(proptest::sample::select(b"a\",\n\r%+/".to_vec()), 0..40)) {
            let columns = Columns::of(&["Key", "Size"]).expect("columns").0;
            let mut fields = [Text::default(); FIELDS];
            if let Some((_, end)) = split(&text, 0, &columns, &mut fields) {
                proptest::prop_assert!(end <= text.len() + 1);
            }
            decoded(&text);
        }
    }
}
