//! S3 Inventory reports that lie in a bucket: read where they are, and compared with their sums.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use flate2::write::GzEncoder;
use md5::{Digest as _, Md5};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::child::{command, lakelint, printed};
use crate::server::{Fault, On, Server};

const MANIFEST: &str = "s3://reports/lake/all/2025-01-05T01-00Z/manifest.json";
const PARQUET: &str = "message s3.inventory { required binary key (UTF8); optional int64 size; }";

fn csv(rows: &[(&str, i64)]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    for (key, size) in rows {
        writeln!(encoder, "\"lake\",\"{}\",\"{size}\"", key.replace('=', "%3D")).expect("gzip");
    }
    encoder.finish().expect("gzip")
}

fn parquet(rows: &[(&str, i64)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let schema = Arc::new(parse_message_type(PARQUET).expect("schema"));
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::default()).expect("writer");
    let mut group = writer.next_row_group().expect("group");
    let keys: Vec<ByteArray> = rows.iter().map(|(key, _)| ByteArray::from(*key)).collect();
    let mut column = group.next_column().expect("column").expect("column");
    column.typed::<ByteArrayType>().write_batch(&keys, None, None).expect("values");
    column.close().expect("column");
    let sizes: Vec<i64> = rows.iter().map(|(_, size)| *size).collect();
    let mut column = group.next_column().expect("column").expect("column");
    column.typed::<Int64Type>().write_batch(&sizes, Some(&vec![1; rows.len()]), None).expect("values");
    column.close().expect("column");
    group.close().expect("group");
    writer.close().expect("file");
    bytes
}

fn sum(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Formats of reports: name, schema, and how files are written.
type Format = (&'static str, &'static str, fn(&[(&str, i64)]) -> Vec<u8>);
const FORMATS: [Format; 2] = [("CSV", "Bucket, Key, Size", csv), ("Parquet", PARQUET, parquet)];

/// Puts a report of two files into the bucket `reports`.
fn report(server: &Server, (format, schema, file): Format) {
    let first = [("orders/dt=1/a.parquet", 5), ("orders/dt=1/b.parquet", 6), ("orders/dt=2/a.parquet", 7)];
    let second = [("orders/dt=3/a.parquet", 8)];
    let mut entries = Vec::new();
    for (number, bytes) in [file(&first), file(&second)].into_iter().enumerate() {
        let key = format!("lake/all/data/{number}");
        entries.push(format!(r#"{{"key": "{key}", "size": {}, "MD5checksum": "{}"}}"#, bytes.len(), sum(&bytes)));
        server.put("reports", &key, bytes);
    }
    let manifest = format!(
        r#"{{"sourceBucket": "lake", "destinationBucket": "arn:aws:s3:::reports", "version": "2016-11-30",
            "creationTimestamp": "1736038800000", "fileFormat": "{format}", "fileSchema": "{schema}", "files": [{}]}}"#,
        entries.join(", ")
    );
    let folder = "lake/all/2025-01-05T01-00Z";
    server.put("reports", &format!("{folder}/manifest.checksum"), sum(manifest.as_bytes()));
    server.put("reports", &format!("{folder}/manifest.json"), manifest);
}

fn table(dir: &Path) -> String {
    let tables = std::fs::read_dir(dir.join(".lakelint/lake/tables")).expect("a snapshot");
    let files: Vec<_> = tables.flatten().collect();
    assert_eq!(files.len(), 1);
    std::fs::read_to_string(files[0].path()).expect("a table")
}

fn failed(dir: &Path, server: &Server, expected: &str) {
    let output = lakelint(dir, server, &["scan", MANIFEST]);
    assert_eq!(output.status.code(), Some(2), "{}", printed(&output));
    assert!(printed(&output).contains(expected), "{}", printed(&output));
    assert!(!dir.join(".lakelint/lake").exists() && !dir.join(".lakelint/lake.scan").exists());
}

#[test]
fn reports_are_read_from_their_bucket() {
    let mut tables = Vec::new();
    for format in FORMATS {
        let server = Server::start();
        report(&server, format);
        let dir = tempfile::tempdir().expect("folder");
        let output = lakelint(dir.path(), &server, &["scan", MANIFEST, MANIFEST]);
        assert!(output.status.success(), "{}", printed(&output));
        let counts = "1 table, 3 partitions, 4 files, 26 B";
        assert!(printed(&output).contains(counts), "{}", printed(&output));
        assert!(printed(&output).contains("made 4 requests"), "{}", printed(&output));
        assert!(!dir.path().join(".lakelint/lake.scan").exists());
        tables.push(table(dir.path()));
    }
    assert_eq!(tables[0], tables[1]);
}

#[test]
fn reports_of_orc_files_are_read_from_their_bucket_as_from_this_disk() {
    const ORC: &str = "struct<bucket:string,key:string,is_latest:boolean,is_delete_marker:boolean,size:bigint,\
                       last_modified_date:timestamp,storage_class:string>";
    let server = Server::start();
    let copy = tempfile::tempdir().expect("folder");
    report(&server, ("ORC", ORC, orc));
    for key in ["data/0", "data/1", "2025-01-05T01-00Z/manifest.json", "2025-01-05T01-00Z/manifest.checksum"] {
        let path = copy.path().join("report").join(key);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        let url = format!("/reports/lake/all/{key}");
        std::fs::write(path, bytes(&server.url(), &url)).expect("written");
    }
    server.forget();
    let scanned = |source: &str| {
        let dir = tempfile::tempdir_in(copy.path()).expect("folder");
        let output = lakelint(dir.path(), &server, &["scan", source]);
        assert!(output.status.success(), "{}", printed(&output));
        assert!(!dir.path().join(".lakelint/lake.scan").exists());
        (table(dir.path()), printed(&output))
    };
    let (there, text) = scanned(MANIFEST);
    assert!(text.contains("1 table, 3 partitions,") && text.contains("made 4 requests"), "{text}");
    let (here, _) = scanned("../report/2025-01-05T01-00Z/manifest.json");
    let parts = |text: &str| {
        let table: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let layout = &table["layout"];
        [&layout["partitions"], &layout["classes"], &layout["sizes"], &layout["oddities"]].map(Clone::clone)
    };
    assert_eq!(parts(&there), parts(&here));
    let files: u64 = parts(&there)[0]["files"].as_array().expect("a list").iter().filter_map(|n| n.as_u64()).sum();
    assert!(files > 2_000, "{files}");
    assert_eq!(server.count("GetObject"), 4);
}

/// Files of 2,000 rows each in three partitions, with versions; their rows are their own.
fn orc(rows: &[(&str, i64)]) -> Vec<u8> {
    let name = if rows.len() > 1 { "inventory-direct.orc" } else { "inventory-dictionary.orc" };
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/orc").join(name)).expect("an ORC file")
}

/// An object as it is stored.
fn bytes(url: &str, path: &str) -> Vec<u8> {
    use std::io::Read as _;
    let address = url.strip_prefix("http://").expect("an address");
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").expect("sent");
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).expect("an answer");
    let end = reply.windows(4).position(|part| part == b"\r\n\r\n").expect("a head");
    reply.split_off(end + 4)
}

#[test]
fn what_is_missing_or_damaged_ends_the_scan() {
    for format in FORMATS {
        let server = Server::start();
        report(&server, format);
        let dir = tempfile::tempdir().expect("folder");
        let (_, _, file) = format;
        server.put("reports", "lake/all/data/1", file(&[("orders/dt=3/a.parquet", 9)]));
        failed(dir.path(), &server, "its file `lake/all/data/1`: has the MD5 sum `");
        server.remove("reports", "lake/all/data/1");
        failed(dir.path(), &server, "`s3://reports/lake/all/data/1` cannot be read: it does not exist");
        server.fault(On::operation("GetObject").under("lake/all/data/"), Fault::AccessDenied);
        failed(dir.path(), &server, "allow `s3:GetObject` on `arn:aws:s3:::reports/lake/all/data/0`");
        server.heal();
        server.put("reports", "lake/all/2025-01-05T01-00Z/manifest.checksum", "0123");
        failed(dir.path(), &server, "`manifest.checksum` says `0123`");
        server.remove("reports", "lake/all/2025-01-05T01-00Z/manifest.json");
        failed(dir.path(), &server, "manifest.json` cannot be read: it does not exist");
    }
}

#[test]
fn nothing_is_asked_offline() {
    let server = Server::start();
    let (dir, home) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("home"));
    let mut offline = command(dir.path(), home.path(), &server.url(), &["scan", MANIFEST]);
    let output = offline.env("LAKELINT_OFFLINE", "1").output().expect("run");
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).contains("LAKELINT_OFFLINE is set"), "{}", printed(&output));
    assert!(server.requests().is_empty());
}
