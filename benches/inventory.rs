//! An S3 Inventory of 10,000,000 objects in 264,000 partition folders to a snapshot, beside DuckDB adding up the same files in the
//! same run: at most half of its CPU time for Parquet, at most two thirds for CSV, under 120 MB for both.
//!
//! `cargo bench --bench inventory --no-default-features`. The reports are made anew in a temporary folder, or once in the folder
//! that `LAKELINT_INVENTORY` names; `LAKELINT_INVENTORY_OBJECTS` changes how many objects they hold. DuckDB comes from a Python
//! environment that is made under `target/`; without Python only lakelint is measured.
#![allow(missing_docs)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use flate2::write::GzEncoder;
use md5::{Digest as _, Md5};
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

mod process;
#[path = "../tests/python/mod.rs"]
mod python;

use process::{measured, print};

/// Tables of a thousand daily partitions each.
const TABLES: usize = 264;
const DAYS: usize = 1_000;
const OBJECTS_PER_FILE: usize = 1_000_000;
const ROW_GROUP: usize = 100_000;

const CSV_SCHEMA: &str = "Bucket, Key, Size, LastModifiedDate, ETag, StorageClass";
const PARQUET_SCHEMA: &str = "message s3.inventory { required binary bucket (UTF8); required binary key (UTF8); optional int64 size; \
    optional int64 last_modified_date (TIMESTAMP_MILLIS); optional binary e_tag (UTF8); optional binary storage_class (UTF8); }";

/// The same aggregation in SQL: per folder objects, bytes, objects below 1 MiB, and the newest.
const AGGREGATE: &str = "
import duckdb, sys
source = sys.argv[1]
duckdb.sql('SET threads = 2')
duckdb.sql(f'''COPY (SELECT parse_dirpath(key, '/') AS folder, count(*) AS objects, sum(size) AS bytes,
    count(*) FILTER (size < 1048576) AS small, max(last_modified_date) AS newest FROM {source} GROUP BY 1) TO '{sys.argv[2]}' (FORMAT csv)''')
";

/// One object.
struct Row {
    key: String,
    size: i64,
    modified: i64,
    etag: String,
}

/// Rows in the order of their keys: the same number always gives the same.
fn row(number: usize, objects: usize) -> Row {
    let folder = number * (TABLES * DAYS) / objects;
    let first = NaiveDate::from_ymd_opt(2022, 1, 1).expect("a date");
    let day = first + chrono::Days::new((folder % DAYS) as u64);
    let mut mixed = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^= mixed >> 29;
    let more = mixed.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let part = number - (folder * objects).div_ceil(TABLES * DAYS);
    Row {
        key: format!(
            "lake/curated/table_{:03}/dt={day}/part-{part:05}-{:08x}-{:016x}.c000.snappy.parquet",
            folder / DAYS,
            mixed as u32,
            more
        ),
        size: (mixed % 4_000_000) as i64,
        modified: 1_704_067_200_000 + (more % 10_000_000_000) as i64,
        etag: format!("{mixed:016x}{more:016x}"),
    }
}

fn csv(numbers: std::ops::Range<usize>, objects: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    let mut line = String::new();
    for number in numbers {
        let Row { key, size, modified, etag } = row(number, objects);
        let time = DateTime::from_timestamp_millis(modified).expect("a time").format("%Y-%m-%dT%H:%M:%S%.3fZ");
        line.clear();
        writeln!(line, "\"bench-lake\",\"{}\",\"{size}\",\"{time}\",\"{etag}\",\"STANDARD\"", key.replace('=', "%3D"))
            .expect("line");
        encoder.write_all(line.as_bytes()).expect("gzip");
    }
    encoder.finish().expect("gzip")
}

fn parquet(numbers: std::ops::Range<usize>, objects: usize) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(PARQUET_SCHEMA).expect("schema"));
    let properties = Arc::new(WriterProperties::builder().set_compression(Compression::SNAPPY).build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).expect("writer");
    for start in numbers.clone().step_by(ROW_GROUP) {
        let rows: Vec<Row> = (start..(start + ROW_GROUP).min(numbers.end)).map(|number| row(number, objects)).collect();
        let there = vec![1_i16; rows.len()];
        let mut group = writer.next_row_group().expect("group");
        for column in 0..6 {
            let mut writer = group.next_column().expect("column").expect("column");
            let text = |of: &dyn Fn(&Row) -> ByteArray| rows.iter().map(of).collect::<Vec<_>>();
            let number = |of: &dyn Fn(&Row) -> i64| rows.iter().map(of).collect::<Vec<_>>();
            let (texts, numbers) = match column {
                0 => (text(&|_| ByteArray::from("bench-lake")), Vec::new()),
                1 => (text(&|row| ByteArray::from(row.key.as_str())), Vec::new()),
                2 => (Vec::new(), number(&|row| row.size)),
                3 => (Vec::new(), number(&|row| row.modified)),
                4 => (text(&|row| ByteArray::from(row.etag.as_str())), Vec::new()),
                _ => (text(&|_| ByteArray::from("STANDARD")), Vec::new()),
            };
            let levels = (column > 1).then_some(&there[..]);
            match column {
                2 | 3 => writer.typed::<Int64Type>().write_batch(&numbers, levels, None).expect("values"),
                _ => writer.typed::<ByteArrayType>().write_batch(&texts, levels, None).expect("values"),
            };
            writer.close().expect("column");
        }
        group.close().expect("group");
    }
    writer.close().expect("file");
    bytes
}

/// Writes a report, if it is not there; gives its manifest.
fn report(dir: &Path, format: &str, objects: usize) -> PathBuf {
    let (schema, extension) = if format == "CSV" { (CSV_SCHEMA, "csv.gz") } else { (PARQUET_SCHEMA, "parquet") };
    let dir = dir.join(format!("{}-{objects}", format.to_lowercase()));
    let manifest = dir.join("2025-01-05T00-00Z/manifest.json");
    if manifest.exists() {
        return manifest;
    }
    std::fs::create_dir_all(dir.join("data")).expect("folder");
    std::fs::create_dir_all(dir.join("2025-01-05T00-00Z")).expect("folder");
    let mut files = Vec::new();
    for (index, start) in (0..objects).step_by(OBJECTS_PER_FILE).enumerate() {
        let numbers = start..(start + OBJECTS_PER_FILE).min(objects);
        let bytes = if format == "CSV" { csv(numbers, objects) } else { parquet(numbers, objects) };
        let sum: String = Md5::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let name = format!("{index:04}.{extension}");
        files.push(format!(
            r#"{{"key": "bench-lake/all/data/{name}", "size": {}, "MD5checksum": "{sum}"}}"#,
            bytes.len()
        ));
        std::fs::write(dir.join("data").join(name), bytes).expect("file");
    }
    let text = format!(
        r#"{{"sourceBucket": "bench-lake", "version": "2016-11-30", "fileFormat": "{format}", "fileSchema": "{schema}", "files": [{}]}}"#,
        files.join(", ")
    );
    std::fs::write(&manifest, text).expect("manifest");
    manifest
}

fn main() {
    let objects =
        std::env::var("LAKELINT_INVENTORY_OBJECTS").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000_000);
    let temporary = tempfile::tempdir().expect("tempdir");
    let kept = std::env::var_os("LAKELINT_INVENTORY").map(PathBuf::from);
    let dir = kept.as_deref().unwrap_or(temporary.path());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("inventory");
    let with_duckdb =
        python::environment(&folder, &["duckdb"]).inspect_err(|reason| eprintln!("no DuckDB: {reason}")).ok();
    let python = with_duckdb.clone().unwrap_or_else(|| PathBuf::from("python3"));
    let declared = temporary.path().join("declared");
    std::fs::create_dir_all(&declared).expect("folder");
    let mut ddl = String::new();
    for table in 0..TABLES {
        writeln!(
            ddl,
            "CREATE EXTERNAL TABLE curated.table_{table:03} (id bigint) PARTITIONED BY (dt string) STORED AS PARQUET \
             LOCATION 's3://bench-lake/lake/curated/table_{table:03}/';"
        )
        .expect("line");
    }
    std::fs::write(declared.join("tables.sql"), ddl).expect("definitions");
    for (format, limit) in [("Parquet", 0.5), ("CSV", 2.0 / 3.0)] {
        let manifest = report(dir, format, objects);
        println!("{format}, {objects} objects");
        let scan = [env!("CARGO_BIN_EXE_lakelint"), "scan", manifest.to_str().expect("path"), "-o"];
        let mine = measured(&python, &[&scan[..], &["derived"]].concat(), temporary.path());
        print("lakelint scan", &mine);
        print("lakelint scan, declared", &measured(&python, &[&scan[..], &["snapshot"]].concat(), &declared));
        if with_duckdb.is_none() {
            println!("DuckDB is not there: it needs Python and its packages");
            continue;
        }
        let data = manifest.with_file_name("").join("../data");
        let source = match format {
            "CSV" => format!(
                "read_csv('{}/*.csv.gz', header = false, quote = '\"', compression = 'gzip', columns = {{'bucket': 'VARCHAR', \
                 'key': 'VARCHAR', 'size': 'BIGINT', 'last_modified_date': 'TIMESTAMP', 'e_tag': 'VARCHAR', 'storage_class': 'VARCHAR'}})",
                data.display()
            ),
            _ => format!("read_parquet('{}/*.parquet')", data.display()),
        };
        let python_path = python.to_str().expect("path");
        let theirs = measured(&python, &[python_path, "-c", AGGREGATE, &source, "out.csv"], temporary.path());
        print("DuckDB", &theirs);
        println!(
            "CPU {:.2} of DuckDB's (target {limit:.2}), memory {:.2}",
            mine.cpu / theirs.cpu,
            mine.megabytes / theirs.megabytes
        );
        let rows = std::fs::read_to_string(temporary.path().join("out.csv")).expect("result").lines().count();
        assert_eq!(rows, TABLES * DAYS + 1);
    }
}
