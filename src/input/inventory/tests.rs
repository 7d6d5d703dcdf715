//! Whole reports, written here and read end to end.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::objects::Entry;
use super::*;
use crate::input::layout::{Run, Sums, TallyKind};
use crate::input::tests::write;
use crate::lake::StorageClass;

/// What came of a report: by folder and kind.
type Found = BTreeMap<(String, TallyKind), Sums>;

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("gzip");
    encoder.finish().expect("gzip")
}

/// A report of these files in `data/` beside the folder of its manifest.
fn report(dir: &Path, format: &str, schema: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let entry = |(name, bytes): &(&str, &[u8])| {
        write(dir, &format!("data/{name}"), bytes);
        format!(
            r#"{{"key": "p/lake/all/data/{name}", "size": {}, "MD5checksum": "{}"}}"#,
            bytes.len(),
            checksum::of(bytes)
        )
    };
    let files: Vec<String> = files.iter().map(entry).collect();
    let text = format!(
        r#"{{"sourceBucket": "lake", "version": "2016-11-30", "fileFormat": "{format}", "fileSchema": "{schema}", "files": [{}]}}"#,
        files.join(", ")
    );
    write(dir, "2024-01-05T00-00Z/manifest.json", &text);
    write(dir, "2024-01-05T00-00Z/manifest.checksum", checksum::of(text.as_bytes()));
    dir.join("2024-01-05T00-00Z/manifest.json")
}

fn found(path: &Path) -> Result<Found> {
    let manifest: Manifest = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let found = Mutex::new(Found::new());
    let add = |folder: &str, run: &Run| keep(&mut found.lock().expect("no panic"), folder, run);
    read(&manifest, path, None, &add)?;
    Ok(found.into_inner().expect("no panic"))
}

fn keep(found: &mut Found, folder: &str, run: &Run) {
    for (kind, sums) in run.sums() {
        let kept = found.entry((folder.to_string(), *kind)).or_default();
        kept.objects += sums.objects;
        kept.bytes += sums.bytes;
        kept.newest = kept.newest.max(sums.newest);
    }
}

/// `folder kind objects bytes newest`.
fn lines(found: &Found) -> Vec<String> {
    let kind = |kind: &TallyKind| match kind {
        TallyKind::Current { class, .. } => format!("{class:?}"),
        other => format!("{other:?}"),
    };
    let line = |((folder, of), sums): (&(String, TallyKind), &Sums)| {
        let newest = sums.newest.map_or("-".to_string(), |newest| newest.to_string());
        format!("{folder} {} {} {} {newest}", kind(of), sums.objects, sums.bytes)
    };
    found.iter().map(line).collect()
}

const VERSIONS: &str = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass";

fn error(path: &Path) -> String {
    format!("{:#}", found(path).expect_err("an error"))
}

#[test]
fn csv_files_with_versions_are_read() {
    let first = r#""lake","t/dt%3D1/a.csv","v1","true","false","5","1970-01-01T00:00:10.000Z","e","STANDARD"
"lake","t/dt%3D1/a.csv","v0","false","false","7","1970-01-01T00:00:09.000Z","e","STANDARD"
"lake","t/dt%3D1/b.csv","v1","true","true","","1970-01-01T00:00:08.000Z","",""
"lake","t/dt%3D2/a+b.csv","v1","true","false","6","","e","GLACIER"
"#;
    let second = "lake,t/dt%3D1/c.csv,v1,true,false,50,1970-01-01T00:00:11.000Z,e,STANDARD\r\nlake,top.csv,v,true,false,1,,e,STANDARD_IA";
    let dir = tempfile::tempdir().expect("tempdir");
    let path = report(
        dir.path(),
        "CSV",
        VERSIONS,
        &[("1.csv.gz", &gzip(first)), ("2.csv.gz", &gzip(second)), ("3.csv.gz", &gzip(""))],
    );
    let expected = [
        " Some(StandardIa) 1 1 -",
        "t/dt=1 Some(Standard) 2 55 11",
        "t/dt=1 Noncurrent 1 7 9",
        "t/dt=1 DeleteMarker 1 0 8",
        "t/dt=2 Some(Glacier) 1 6 -",
    ];
    assert_eq!(lines(&found(&path).expect("read")), expected);
}

#[test]
fn a_report_of_nothing_is_read() {
    let dir = tempfile::tempdir().expect("tempdir");
    for format in ["CSV", "ORC", "Parquet"] {
        assert!(found(&report(dir.path(), format, "Key, Size", &[])).expect("read").is_empty());
    }
}

#[test]
fn what_is_wrong_is_named() {
    let dir = tempfile::tempdir().expect("tempdir");
    let good = gzip("\"a\",\"5\"\n");
    let schema = "Key, Size";
    let path = report(dir.path(), "CSV", schema, &[("1.csv.gz", &good)]);
    assert!(found(&path).is_ok());

    write(dir.path(), "2024-01-05T00-00Z/manifest.checksum", "0123");
    assert!(error(&path).contains("`manifest.checksum` says `0123`"), "{}", error(&path));

    let path = report(dir.path(), "CSV", schema, &[("1.csv.gz", &good)]);
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    write(dir.path(), "data/1.csv.gz", &flipped);
    assert!(error(&path).starts_with("its file `p/lake/all/data/1.csv.gz`: has the MD5 sum `"), "{}", error(&path));

    write(dir.path(), "data/1.csv.gz", &good[..good.len() - 1]);
    assert!(error(&path).contains("bytes, and the manifest says"), "{}", error(&path));
    std::fs::remove_file(dir.path().join("data/1.csv.gz")).expect("removed");
    assert!(error(&path).contains("its file `p/lake/all/data/1.csv.gz` is missing"), "{}", error(&path));

    for (text, expected) in [
        ("\"a\",\"5\",\"6\"\n", "record 1 has 3 columns, and `fileSchema` has 2"),
        ("a,5\n\"a\n", "record 2 ends within quotes"),
        ("a,5\nb,-\n", "record 2: `-` is no size"),
    ] {
        let path = report(dir.path(), "CSV", schema, &[("1.csv.gz", &gzip(text))]);
        assert!(error(&path).contains(expected), "{}", error(&path));
    }
    let path = report(dir.path(), "CSV", schema, &[("1.csv.gz", b"plain text")]);
    assert!(error(&path).contains("cannot be unpacked"), "{}", error(&path));
    let path = report(dir.path(), "Parquet", schema, &[("1.parquet", b"plain text")]);
    assert!(error(&path).contains("cannot be read as Parquet"), "{}", error(&path));
}

/// A Parquet file of a report with versions, its times in the given type.
fn parquet(time: &str, units: i64) -> Vec<u8> {
    let schema = format!(
        "message s3.inventory {{ required binary bucket (UTF8); required binary key (UTF8); optional binary version_id (UTF8);
            optional boolean is_latest; optional boolean is_delete_marker; optional int64 size; optional {time};
            optional binary storage_class (UTF8); }}"
    );
    let schema = Arc::new(parse_message_type(&schema).expect("schema"));
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::default()).expect("writer");
    let texts = |texts: &[&str]| texts.iter().map(|text| ByteArray::from(*text)).collect::<Vec<_>>();
    for group in 0..2 {
        let mut columns = writer.next_row_group().expect("group");
        let mut number = 0;
        while let Some(mut column) = columns.next_column().expect("column") {
            let all: &[i16] = &[1, 1, 1];
            let keys = [format!("t/dt={group}/a.csv"), format!("t/dt={group}/b.csv"), format!("t/dt={group}/c.csv")];
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            match number {
                0 => column.typed::<ByteArrayType>().write_batch(&texts(&["lake"; 3]), None, None),
                1 => column.typed::<ByteArrayType>().write_batch(&texts(&keys), None, None),
                2 => column.typed::<ByteArrayType>().write_batch(&[], Some(&[0, 0, 0]), None),
                3 => column.typed::<BoolType>().write_batch(&[true, false, true], Some(all), None),
                4 => column.typed::<BoolType>().write_batch(&[false, false, true], Some(all), None),
                5 => column.typed::<Int64Type>().write_batch(&[5, 6], Some(&[1, 1, 0]), None),
                6 => column.typed::<Int64Type>().write_batch(&[10 * units, 9 * units, 8 * units], Some(all), None),
                _ => column.typed::<ByteArrayType>().write_batch(
                    &texts(&["STANDARD", "STANDARD"]),
                    Some(&[1, 1, 0]),
                    None,
                ),
            }
            .expect("values");
            column.close().expect("column");
            number += 1;
        }
        columns.close().expect("group");
    }
    writer.close().expect("file");
    bytes
}

#[test]
fn parquet_files_with_versions_are_read() {
    let expected = [
        "t/dt=0 Some(Standard) 1 5 10",
        "t/dt=0 Noncurrent 1 6 9",
        "t/dt=0 DeleteMarker 1 0 8",
        "t/dt=1 Some(Standard) 1 5 10",
        "t/dt=1 Noncurrent 1 6 9",
        "t/dt=1 DeleteMarker 1 0 8",
    ];
    let times = [
        ("int64 last_modified_date (TIMESTAMP_MILLIS)", 1_000),
        ("int64 last_modified_date (TIMESTAMP_MICROS)", 1_000_000),
        ("int64 last_modified_date (TIMESTAMP(NANOS,true))", 1_000_000_000),
    ];
    let dir = tempfile::tempdir().expect("tempdir");
    for (time, units) in times {
        let path = report(dir.path(), "Parquet", "key size", &[("1.parquet", &parquet(time, units))]);
        assert_eq!(lines(&found(&path).expect("read")), expected, "{time}");
    }
    let path = report(dir.path(), "Parquet", "key size", &[("1.parquet", &parquet("int64 last_modified_date", 1))]);
    assert!(error(&path).contains("`last_modified_date` has a type that is not expected"), "{}", error(&path));
}

/// Files that pyarrow has written (`tests/orc/write.py`), texts stored directly and as dictionaries.
#[test]
fn orc_files_with_versions_are_read() {
    let mut expected = Found::new();
    for i in 0..2000_u64 {
        let is_marker = i % 20 == 0;
        let entry = Entry {
            size: match is_marker {
                true => None,
                false if i % 97 == 0 => Some(5_000_000_000_000 + i),
                false => Some(i * 37 % 1000),
            },
            modified: Some(1_704_067_200 + (i * i) as i64),
            class: match is_marker {
                true => None,
                false if i % 11 == 0 => Some(StorageClass::Glacier),
                false => Some(StorageClass::Standard),
            },
            is_latest: i % 5 != 1,
            is_delete_marker: is_marker,
        };
        let shared = Mutex::new(&mut expected);
        let add = |folder: &str, run: &Run| keep(&mut shared.lock().expect("no panic"), folder, run);
        let mut objects = Objects::new(&add);
        objects.add(&format!("t/dt={}/part-{:05}.parquet", i % 3, i * 7919 % 2000), entry);
        objects.end();
    }
    let dir = tempfile::tempdir().expect("tempdir");
    for name in ["direct", "dictionary"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/orc/inventory-{name}.orc"));
        let bytes = std::fs::read(path).expect("file");
        let path = report(dir.path(), "ORC", "struct<key:string,size:bigint>", &[("1.orc", &bytes)]);
        assert_eq!(lines(&found(&path).expect("read")), lines(&expected), "{name}");
        let cut = bytes.len() / 2;
        let path = report(dir.path(), "ORC", "struct<key:string,size:bigint>", &[("1.orc", &bytes[cut..])]);
        assert!(error(&path).contains("cannot be read as ORC"), "{}", error(&path));
    }
}

#[test]
fn a_manifest_is_a_source_of_a_lake() {
    let dir = tempfile::tempdir().expect("tempdir");
    let text =
        "\"lake\",\"raw/events/dt%3D2024-01-01/a.csv\",\"5\"\n\"lake\",\"raw/events/dt%3D2024-01-02/a.csv\",\"6\"\n";
    report(dir.path(), "CSV", "Bucket, Key, Size", &[("1.csv.gz", &gzip(text))]);
    let mut sources = crate::input::tests::sources(dir.path(), &[]);
    sources.lake = vec!["2024-01-05T00-00Z/manifest.json".to_string()];
    for config in ["", "[[tables]]\nname = \"e\"\npartition-keys = [\"dt\"]\nlocation = \"s3://lake/raw/events/\"\n"] {
        let config = toml::from_str(config).expect("config");
        let lake = crate::input::read(&sources, &config).expect("lake");
        let tables: Vec<_> = lake.catalog.iter().map(|(_, table)| table).collect();
        let layout = tables[0].layout.as_ref().expect("layout");
        assert_eq!((tables.len(), layout.partitions.len(), layout.bytes().0), (1, 2, 11));
        assert_eq!(tables[0].location.as_ref().expect("location").to_string(), "s3://lake/raw/events/");
    }
    std::fs::remove_file(dir.path().join("data/1.csv.gz")).expect("removed");
    let error = crate::input::read(&sources, &Default::default()).expect_err("missing");
    let error = format!("{error:#}");
    assert!(error.starts_with("cannot read lake source `2024-01-05T00-00Z/manifest.json`: its file `"), "{error}");
    sources.lake = vec!["s3://x=2024-01-05T00-00Z/manifest.json".to_string()];
    let error = crate::input::read(&sources, &Default::default()).expect_err("placed").to_string();
    assert!(error.contains("knows its bucket"), "{error}");
}
