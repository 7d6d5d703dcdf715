//! One stored object, and what its name says about it.

use std::path::Path;

use crate::lake::{Codec, FileFormat, StorageClass};

/// An object of a listing or a file of a folder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Object<'a> {
    /// Path within the bucket (or under the folder), with `/`.
    pub key: &'a str,
    /// In bytes.
    pub size: u64,
    /// `None` where the source does not tell.
    pub class: Option<StorageClass>,
    /// Last change, in seconds since 1970; `None` where the source does not tell (`aws s3 ls` writes local times).
    pub modified: Option<i64>,
    pub state: State,
}

impl<'a> Object<'a> {
    /// A current object of which only key and size are known.
    pub(crate) fn new(key: &'a str, size: u64) -> Object<'a> {
        Object { key, size, class: None, modified: None, state: State::Current }
    }
}

/// Whether a query sees an entry of a bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum State {
    #[default]
    Current,
    /// An older version.
    Noncurrent,
    DeleteMarker,
    /// Parts of a multipart upload that nobody completed.
    Upload,
}

/// The file of a folder that an object is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Local<'a> {
    pub path: &'a Path,
    /// Last change, in nanoseconds since 1970.
    pub modified: Option<u64>,
}

/// What an extension says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Data(Option<FileFormat>, Codec),
    /// Clearly no table data, or compressed in a way that Athena does not recognise.
    Stray,
}

/// First characters of names that Athena does not read.
pub(crate) const HIDDEN_STARTS: [char; 2] = ['_', '.'];
/// Last characters of Hadoop's folder markers.
pub(crate) const MARKER_END: &str = "_$folder$";

/// Names that Athena does not read.
pub(super) fn is_hidden(name: &str) -> bool {
    name.starts_with(HIDDEN_STARTS)
}

/// A folder marker: `folder/` or Hadoop's `folder_$folder$`.
pub(super) fn is_marker(name: &str) -> bool {
    name.is_empty() || name.ends_with(MARKER_END)
}

/// Last extensions that Athena takes for the codec of a text file, in lower case only
/// (<https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html>).
pub(crate) const CODECS: [(&str, Codec); 8] = [
    ("gz", Codec::Gzip),
    ("gzip", Codec::Gzip),
    ("bz2", Codec::Bzip2),
    ("snappy", Codec::Snappy),
    ("zst", Codec::Zstd),
    ("zstd", Codec::Zstd),
    ("lz4", Codec::Lz4),
    ("lzo", Codec::Lzo),
];

/// Extensions of formats, in any case: the last one, or the one before a codec's.
pub(crate) const FORMATS: [(&str, FileFormat); 12] = [
    ("parquet", FileFormat::Parquet),
    ("parq", FileFormat::Parquet),
    ("orc", FileFormat::Orc),
    ("avro", FileFormat::Avro),
    ("csv", FileFormat::Csv),
    ("tsv", FileFormat::Csv),
    ("json", FileFormat::Json),
    ("jsonl", FileFormat::Json),
    ("ndjson", FileFormat::Json),
    ("txt", FileFormat::Text),
    ("log", FileFormat::Text),
    ("ion", FileFormat::Ion),
];

/// Extensions of what is no table data, in any case: the last one, or the one before a codec's.
pub(crate) const STRAYS: [&str; 18] = [
    "crc", "tmp", "md", "py", "sh", "sql", "ipynb", "jar", "zip", "tar", "tgz", "7z", "rar", "xls", "xlsx", "pdf",
    "png", "jpg",
];

/// Reads the extensions of a file name. Athena takes the codec of text files from a lower-case extension; the format is the
/// table's, so its extension is read in any case.
pub(super) fn content(name: &str) -> Content {
    let Some((stem, last)) = name.rsplit_once('.') else { return Content::Data(None, Codec::None) };
    match CODECS.iter().find(|(extension, _)| last.eq_ignore_ascii_case(extension)) {
        None => by_format(last, Codec::None),
        Some((extension, _)) if *extension != last => Content::Stray,
        Some((_, codec)) => match stem.rsplit_once('.') {
            Some((_, inner)) => by_format(inner, *codec),
            None => Content::Data(None, *codec),
        },
    }
}

fn by_format(extension: &str, codec: Codec) -> Content {
    if STRAYS.iter().any(|stray| extension.eq_ignore_ascii_case(stray)) {
        return Content::Stray;
    }
    let format = FORMATS.iter().find(|(known, _)| extension.eq_ignore_ascii_case(known));
    Content::Data(format.map(|(_, format)| *format), codec)
}

/// The end of a name, from a dot on, that alone decides its [`content`]: all names with this end have the same. `None` when the
/// whole name decides.
pub(super) fn deciding_end(name: &str) -> Option<&str> {
    let (stem, last) = name.rsplit_once('.')?;
    let is_codec = CODECS.iter().any(|(extension, _)| *extension == last);
    let dot = if is_codec { stem.rfind('.')? } else { stem.len() };
    Some(&name[dot..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_say_format_and_codec() {
        use FileFormat::*;
        let cases = [
            ("part-0.snappy.parquet", Some(Parquet), Codec::None),
            ("a.csv.gz", Some(Csv), Codec::Gzip),
            ("a.JSONL.zst", Some(Json), Codec::Zstd),
            ("a.txt", Some(Text), Codec::None),
            ("000000_0", None, Codec::None),
            ("20240101_120000_00012_abcde_0f3c.gz", None, Codec::Gzip),
            ("part-00000-0f3c.c000", None, Codec::None),
            ("events-2024.01.05.json.bz2", Some(Json), Codec::Bzip2),
        ];
        for (name, format, codec) in cases {
            assert_eq!(content(name), Content::Data(format, codec), "{name}");
        }
        for name in ["a.crc", "b.tar.gz", "c.csv.GZ", "d.zip", "README.md"] {
            assert_eq!(content(name), Content::Stray, "{name}");
        }
    }
}
