//! Files of two writers, made by `tests/orc/write.py`: Apache ORC in C++ (through pyarrow) and in Java (through Spark).

use std::path::{Path, PathBuf};

use super::*;
use crate::expr::Value;
use crate::lake::{ColumnarFile, FileAt};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/orc").join(format!("{name}.orc"))
}

fn on_disk(path: &Path) -> ColumnarFile {
    let bytes = path.metadata().map_or(0, |metadata| metadata.len());
    ColumnarFile { at: FileAt::Disk(path.to_path_buf()), bytes, modified: None, partition: 0 }
}

fn read(path: &Path) -> Result<Footer, String> {
    crate::input::footers::footer(&on_disk(path), None)
}

fn ranges(footer: &Footer, path: &str) -> Vec<Option<(Value, Value)>> {
    let column = footer.columns.iter().find(|column| column.path == path).expect(path);
    column.values.iter().map(|values| values.range.clone()).collect()
}

fn ints(low: i64, high: i64) -> Option<(Value, Value)> {
    Some((Value::Int(low), Value::Int(high)))
}

fn texts(low: &str, high: &str) -> Option<(Value, Value)> {
    Some((Value::String(low.into()), Value::String(high.into())))
}

#[test]
fn every_byte_of_a_file_is_counted_once() {
    for name in ["uncompressed", "zlib", "snappy", "lz4", "zstd", "java"] {
        let path = fixture(name);
        let footer = read(&path).expect(name);
        let size = path.metadata().expect("file").len();
        assert_eq!("ORC".len() as u64 + counted(&footer), size, "{name}");
        assert_eq!(footer.starts[0], 3, "{name}");
    }
}

#[test]
fn stripes_are_row_groups() {
    let footer = read(&fixture("uncompressed")).expect("footer");
    let paths: Vec<&str> = footer.columns.iter().map(|column| column.path.as_str()).collect();
    assert_eq!(paths, ["id", "note", "amount", "day", "user.name", "user.age", "tags.element.k"]);
    assert_eq!((footer.starts.len(), &footer.rows[..]), (2, &[60, 60][..]));
    assert_eq!(ranges(&footer, "id"), [ints(0, 59), ints(60, 119)]);
    assert_eq!(ranges(&footer, "note"), [texts("note-001", "note-059"), texts("note-061", "note-119")]);
    assert_eq!(ranges(&footer, "amount")[0], Some((Value::Float(-0.5), Value::Float(0.09))));
    assert_eq!(ranges(&footer, "user.age"), [ints(1, 59), ints(60, 118)]);
    let day = |text: &str| Value::Date(text.parse().expect("date"));
    assert_eq!(ranges(&footer, "day")[1], Some((day("2024-03-01"), day("2024-04-29"))));
    let nulls: Vec<Option<u64>> = footer.columns.iter().map(|column| column.values[0].nulls).collect();
    assert_eq!(nulls, [Some(0), Some(6), Some(0), Some(0), Some(9), Some(9), None]);
}

#[test]
fn compressions_say_the_same() {
    let plain = read(&fixture("zlib")).expect("footer");
    assert_eq!(ranges(&plain, "id"), [ints(0, 119)]);
    for name in ["snappy", "lz4", "zstd"] {
        let footer = read(&fixture(name)).expect(name);
        let values = |footer: &Footer| footer.columns.iter().map(|column| column.values.clone()).collect::<Vec<_>>();
        assert_eq!(values(&footer), values(&plain), "{name}");
    }
}

#[test]
fn the_java_writer_says_the_same() {
    let footer = read(&fixture("java")).expect("footer");
    assert_eq!(ranges(&footer, "id"), [ints(0, 49)]);
    assert_eq!(ranges(&footer, "c"), [texts("ab", "ab")]);
    assert_eq!(ranges(&footer, "s"), [texts("0", "9")]);
    assert_eq!(ranges(&footer, "d"), [Some((Value::Float(0.0), Value::Float(12.25)))]);
    let time = |text: &str| Value::Timestamp(text.parse().expect("time"));
    let expected = Some((time("2001-01-01T05:00:00.500"), time("2001-01-03T06:00:00.500999999")));
    assert_eq!(ranges(&footer, "ts"), [expected]);
    assert!(footer.indexes > 0, "row indexes and a bloom filter");
}

#[test]
fn columns_have_their_types() {
    let file = on_disk(&fixture("zstd"));
    let mut tail = Tail::open(&file, None).expect("tail");
    let columns: Vec<String> =
        fields(&mut tail).expect("fields").iter().map(|c| format!("{} {}", c.name, c.data_type)).collect();
    let expected = [
        "id bigint",
        "note string",
        "amount decimal(9,2)",
        "day date",
        "user struct<name:string,age:bigint>",
        "tags array<struct<k:string>>",
    ];
    assert_eq!(columns, expected);
}

#[test]
fn compressions_that_are_not_read_are_named() {
    let dir = tempfile::tempdir().expect("tempdir");
    let path = dir.path().join("a.orc");
    for (kind, reason) in [(3, "it is compressed with LZO, which is not read here"), (0, "its ORC footer is corrupt")] {
        let mut postscript = PostScript { compression: Some(kind), ..PostScript::default() }.encode_to_vec();
        // Field 8000, the magic number.
        postscript.extend([0x82, 0xf4, 0x03, 3, b'O', b'R', b'C']);
        postscript.push(postscript.len() as u8);
        std::fs::write(&path, [b"ORC", &postscript[..]].concat()).expect("file");
        assert_eq!(read(&path).expect_err("no footer"), reason);
    }
}

#[test]
fn damaged_files_never_panic() {
    let dir = tempfile::tempdir().expect("tempdir");
    let path = dir.path().join("a.orc");
    for name in ["zlib", "uncompressed", "zstd"] {
        let bytes = std::fs::read(fixture(name)).expect("bytes");
        for position in (bytes.len() - 500..bytes.len()).step_by(9) {
            for value in [0x00, 0x7f, 0xff] {
                let mut damaged = bytes.clone();
                damaged[position] = value;
                std::fs::write(&path, &damaged).expect("file");
                let _ = read(&path);
                let _ = Tail::open(&on_disk(&path), None).and_then(|mut tail| fields(&mut tail));
            }
        }
    }
}
