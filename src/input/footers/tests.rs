//! Files written by the format's own library, read back; and files that are none.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::*;
use crate::expr::{ColumnType, Value};
use crate::lake::ChunkValues;

/// A file with the columns `Id` and `Note` (wide) and so many row groups of three rows.
pub(in crate::input) fn write_parquet(path: &Path, groups: i64) {
    let schema = parse_message_type("message m { required int64 Id; optional binary Note (UTF8); }").expect("schema");
    let file = File::create(path).expect("file");
    let mut writer =
        SerializedFileWriter::new(file, Arc::new(schema), Arc::new(WriterProperties::default())).expect("writer");
    for number in 0..groups {
        let mut group = writer.next_row_group().expect("group");
        let mut column = group.next_column().expect("column").expect("id");
        let ids: Vec<i64> = (0..3).map(|i| number * 10 + i).collect();
        column.typed::<Int64Type>().write_batch(&ids, None, None).expect("ids");
        column.close().expect("close");
        let mut column = group.next_column().expect("column").expect("note");
        let notes: Vec<ByteArray> =
            (0..2).map(|i| ByteArray::from(format!("{i}{}", "x".repeat(4000)).into_bytes())).collect();
        column.typed::<ByteArrayType>().write_batch(&notes, Some(&[1, 0, 1]), None).expect("notes");
        column.close().expect("close");
        group.close().expect("close");
    }
    writer.close().expect("close");
}

fn local(path: &Path, partition: u32) -> ColumnarFile {
    let bytes = path.metadata().map_or(0, |metadata| metadata.len());
    ColumnarFile { at: FileAt::Disk(path.to_path_buf()), bytes, modified: None, partition }
}

#[test]
fn footers_tell_bytes_values_and_where_row_groups_start() {
    let dir = tempfile::tempdir().expect("tempdir");
    let path = dir.path().join("a.parquet");
    write_parquet(&path, 2);
    let Reading { footers, files, failures } = read(&[local(&path, 7)], 5, dir.path(), &Access::default());
    assert_eq!((files, failures, footers.of_files), (vec![0], vec![], 5));
    assert_eq!(footers.files[0].partition, 7);
    assert_eq!(footers.files[0].row_groups, 0..2);
    assert_eq!(footers.rows, [3, 3]);
    assert_eq!(footers.starts[0], 4);
    let [id, note] = &footers.columns[..] else { panic!("two columns") };
    assert_eq!((id.path.as_str(), note.path.as_str()), ("id", "note"));
    assert_eq!((&id.data_type, &note.data_type), (&ColumnType::Integer(8), &ColumnType::String));
    assert_eq!(id.values[1], ChunkValues { range: Some((Value::Int(10), Value::Int(12))), nulls: Some(0) });
    assert_eq!(note.values[0].nulls, Some(1));
    // All that is in the file: magic number, chunks, page indexes, footer.
    let chunks: u64 = footers.columns.iter().flat_map(|column| &column.bytes).sum();
    assert_eq!(4 + chunks + footers.files[0].indexes + footers.files[0].footer, footers.files[0].bytes);
    assert_eq!(footers.starts[1], 4 + id.bytes[0] + note.bytes[0]);
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_measured() {
    let dir = tempfile::tempdir().expect("tempdir");
    let mut files = Vec::new();
    let good = dir.path().join("good.parquet");
    write_parquet(&good, 1);
    let bytes = std::fs::read(&good).expect("bytes");
    let end = bytes.len();
    let mut long = bytes.clone();
    long[end - 8..end - 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut corrupt = bytes.clone();
    corrupt[end - 60..end - 8].fill(0xff);
    let mut encrypted = bytes.clone();
    encrypted[end - 1] = b'E';
    let cases: [(&str, &[u8], &str); 7] = [
        ("a-empty", b"", "it is too short to have a footer"),
        ("b-short", b"PAR1", "its footer of 8 bytes is longer than the file"),
        ("c-text", b"id,note\n1,x\n2,y\n", "it does not end with a Parquet or ORC footer"),
        ("d-cut", &bytes[..end - 100], "it does not end with a Parquet or ORC footer"),
        ("e-long", &long, "its footer of 4294967303 bytes is longer than the file"),
        ("f-corrupt", &corrupt, "its Parquet footer is corrupt"),
        ("g-encrypted", &encrypted, "its Parquet footer is encrypted"),
    ];
    for (name, content, _) in &cases {
        std::fs::write(dir.path().join(name), content).expect("file");
        files.push(local(&dir.path().join(name), 0));
    }
    files.push(local(&good, 0));
    files.push(local(&dir.path().join("h-gone"), 0));
    let reading = read(&files, 9, dir.path(), &Access::default());
    assert_eq!(reading.files, [7]);
    let mut expected: Vec<(String, String)> =
        cases.iter().map(|(name, _, reason)| (name.to_string(), reason.to_string())).collect();
    expected.push(("h-gone".to_string(), "it is gone".to_string()));
    let failures: Vec<(String, String)> = reading.failures.into_iter().map(|f| (f.path, f.reason)).collect();
    assert_eq!(failures, expected);
    assert_eq!(reading.footers.unreadable, ["a-empty", "b-short", "c-text"]);
    assert_eq!(reading.footers.rows, [3]);
}

#[test]
fn a_file_that_changes_between_listing_and_reading_is_not_measured() {
    let dir = tempfile::tempdir().expect("tempdir");
    let path = dir.path().join("a.parquet");
    write_parquet(&path, 1);
    let listed = local(&path, 0);
    write_parquet(&path, 2);
    let reading = read(&[listed], 1, dir.path(), &Access::default());
    let reasons: Vec<&str> = reading.failures.iter().map(|failure| failure.reason.as_str()).collect();
    assert_eq!(reasons, ["it has changed since it was listed"]);
}

#[test]
fn a_table_is_reported_once() {
    let mut table = Table::new(crate::lake::TableName::parse("lake.t"), crate::lake::DeclaredBy::Ddl);
    let failure = |path: &str| Failure { path: path.into(), reason: "it is gone".into() };
    let reading = Reading { failures: vec![failure("b"), failure("a")], files: vec![2], ..Reading::default() };
    let problem = problem(&table, &reading).expect("problem");
    assert_eq!(problem.place, Place::Path("a".into()));
    assert_eq!(problem.message, "the footers of 2 of 3 files of `lake.t` cannot be read: of this one, it is gone");
    assert!(measure(&table, Path::new("."), &Access::default()).is_none());
    table.layout = Some(crate::lake::Layout::default());
    assert!(measure(&table, Path::new("."), &Access::default()).is_none(), "no files, no footers");
}

#[test]
fn no_files_give_no_footers() {
    assert_eq!(read(&[], 3, Path::new("."), &Access::default()).footers, Footers { of_files: 3, ..Footers::default() });
}

#[test]
fn a_cache_answers_instead_of_the_disk() {
    struct Held;
    impl FooterCache for Held {
        fn get(&self, file: &ColumnarFile) -> Option<Footer> {
            (file.modified == Some(1)).then(|| Footer {
                length: 8,
                starts: vec![4],
                rows: vec![9],
                ..Footer::default()
            })
        }
    }
    let file = |modified| ColumnarFile { at: FileAt::Disk("gone".into()), bytes: 20, modified, partition: 0 };
    let reading =
        read(&[file(Some(1)), file(None)], 2, Path::new("."), &Access { cache: Some(&Held), ..Access::default() });
    assert_eq!((reading.footers.rows, reading.failures.len()), (vec![9], 1));
}

#[test]
fn objects_are_read_in_part_and_only_where_there_is_a_way_to_them() {
    struct Bucket {
        file: Vec<u8>,
        asked: std::sync::Mutex<Vec<(u64, u64)>>,
    }
    impl Objects for Bucket {
        fn range(&self, object: &str, start: u64, length: u64) -> Result<Vec<u8>, String> {
            self.asked.lock().expect("lock").push((start, length));
            match object {
                "s3://b/t/a.parquet" => Ok(self.file[start as usize..(start + length) as usize].to_vec()),
                _ => Err("access denied".to_string()),
            }
        }
    }
    let dir = tempfile::tempdir().expect("tempdir");
    let path = dir.path().join("a.parquet");
    write_parquet(&path, 1);
    let on_disk = local(&path, 0);
    let bucket = Bucket { file: std::fs::read(&path).expect("file"), asked: std::sync::Mutex::default() };
    let object = |key: &str| ColumnarFile { at: FileAt::Object(key.into()), ..on_disk.clone() };
    let files = [object("s3://b/t/a.parquet"), object("s3://b/t/secret.parquet")];
    let access = Access { objects: Some(&bucket), ..Access::default() };
    let reading = read(&files, 2, Path::new("."), &access);
    assert_eq!(reading.footers.rows, read(&[on_disk], 1, Path::new("."), &Access::default()).footers.rows);
    let failure = Failure { path: "s3://b/t/secret.parquet".into(), reason: "access denied".into() };
    assert_eq!(reading.failures, [failure]);
    let offline = read(&files, 2, Path::new("."), &Access::default());
    assert_eq!((offline.footers.files.len(), offline.failures.len()), (0, 2));
    let most = bucket.asked.lock().expect("lock").iter().map(|(_, length)| *length).max();
    assert!(most.is_some_and(|most| most <= 16 << 10), "never more than the end: {most:?}");
}

#[test]
fn columns_are_those_of_the_last_readable_file_and_what_only_the_first_has() {
    let dir = tempfile::tempdir().expect("tempdir");
    let (good, bad) = (dir.path().join("a.parquet"), dir.path().join("b.parquet"));
    write_parquet(&good, 1);
    std::fs::write(&bad, "PAR1 no footer").expect("file");
    let found = columns(&[local(&good, 0), local(&bad, 1)], None);
    assert_eq!(found[0], Column { name: "id".into(), data_type: ColumnType::Integer(8) });
    assert_eq!(found[1], Column { name: "note".into(), data_type: ColumnType::String });
    assert_eq!(found.len(), 2);
    assert_eq!(columns(&[local(&bad, 0)], None), []);
}

#[test]
fn damaged_footers_never_panic() {
    let dir = tempfile::tempdir().expect("tempdir");
    let path = dir.path().join("a.parquet");
    write_parquet(&path, 2);
    let bytes = std::fs::read(&path).expect("bytes");
    let start = bytes.len() - 700;
    for position in (start..bytes.len()).step_by(3) {
        for value in [0x00, 0x19, 0x7f, 0xff] {
            let mut damaged = bytes.clone();
            damaged[position] = value;
            std::fs::write(&path, &damaged).expect("file");
            let reading = read(&[local(&path, 0)], 1, dir.path(), &Access::default());
            assert_eq!(reading.files.len() + reading.failures.len(), 1);
        }
    }
}
