//! Estimates over snapshots, and footers of local files: 1,000 queries over 200 tables of 1,000 partitions in under 1 s, one
//! query over a table of 1,000,000 partitions in under 0.5 s, both with loading the snapshot; 10,000 footers in under 5 s.
//!
//! `cargo bench --bench cost`; with `PYARROW=/path/to/python`, whose interpreter has pyarrow, the footers are read by pyarrow
//! too, in the same run, and the ratio is printed. With `LAKELINT_COST=/path/to/folder` the lakes are kept there.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser as _;
use criterion::Criterion;
use lakelint::cli::Cli;
use lakelint::commands::{self, Env, Status};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

const TABLES: usize = 200;
const PARTITIONS: usize = 1_000;
const QUERIES: usize = 1_000;
const MANY: usize = 1_000_000;
const FILES: usize = 10_000;
const COLUMNS: usize = 16;

/// Runs a command in a folder and gives what it prints.
fn lakelint(folder: &Path, words: &[&str]) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let cli = Cli::try_parse_from(std::iter::once(&"lakelint").chain(words)).expect("arguments");
    let status = commands::run(&cli, &mut Env::plain(folder.to_path_buf(), &mut out, &mut err));
    assert_eq!(status, Status::Clean, "{}", String::from_utf8_lossy(&err));
    String::from_utf8(out).expect("text")
}

fn write(path: PathBuf, text: &str) {
    std::fs::create_dir_all(path.parent().expect("parent")).expect("folder");
    std::fs::write(path, text).expect("file");
}

/// Tables of daily partitions with two files each, and queries that read some days and columns of one or two of them.
fn write_many_queries(folder: &Path) {
    let mut listing = std::io::BufWriter::new(std::fs::File::create(folder.join("listing.txt")).expect("listing"));
    let first = chrono::NaiveDate::from_ymd_opt(2022, 1, 1).expect("a date");
    let (mut ddl, mut queries) = (String::new(), String::new());
    for table in 0..TABLES {
        let columns: Vec<String> = (0..COLUMNS).map(|i| format!("c{i} bigint")).collect();
        let place = format!("LOCATION 's3://lake/t{table}/'");
        let columns = columns.join(", ");
        writeln!(
            ddl,
            "CREATE EXTERNAL TABLE t{table} ({columns}) PARTITIONED BY (dt string) STORED AS PARQUET {place};"
        )
        .expect("text");
        for day in first.iter_days().take(PARTITIONS) {
            for part in 0..2 {
                let size = 9_000_000 + part * 7_919;
                writeln!(listing, "2024-01-05 12:00:00 {size:>10} t{table}/dt={day}/part-{part:05}.parquet")
                    .expect("line");
            }
        }
    }
    for query in 0..QUERIES {
        let (table, day) = (query % TABLES, first + chrono::Days::new((query * 37 % 900) as u64));
        let until = day + chrono::Days::new(query as u64 % 60);
        writeln!(
            queries,
            "SELECT c{}, sum(c{}) FROM t{table} WHERE dt BETWEEN '{day}' AND '{until}' AND substr(dt, 9) <> '31' GROUP BY 1;",
            query % COLUMNS,
            query % 7
        )
        .expect("text");
    }
    listing.flush().expect("listing");
    write(folder.join("ddl.sql"), &ddl);
    write(folder.join("queries.sql"), &queries);
    lakelint(folder, &["scan", "s3://lake=listing.txt"]);
}

fn write_many_partitions(folder: &Path) {
    let mut listing = std::io::BufWriter::new(std::fs::File::create(folder.join("listing.txt")).expect("listing"));
    for id in 0..MANY {
        let size = 9_000_000 + id % 7_919;
        writeln!(listing, "2024-01-05 12:00:00 {size:>10} events/session=s{id:09}/part-00000.parquet").expect("line");
    }
    listing.flush().expect("listing");
    write(
        folder.join("query.sql"),
        "SELECT count(*) FROM events WHERE session BETWEEN 's000500000' AND 's000500999';\n",
    );
    lakelint(folder, &["scan", "s3://lake=listing.txt"]);
}

/// Many copies of one file of 16 columns and 3 row groups, a hundred to a partition.
fn write_many_files(folder: &Path) {
    let fields: Vec<String> = (0..COLUMNS)
        .map(|i| if i % 2 == 0 { format!("required int64 c{i};") } else { format!("required binary c{i} (UTF8);") })
        .collect();
    let schema = parse_message_type(&format!("message m {{ {} }}", fields.join(" "))).expect("schema");
    let one = folder.join("one.parquet");
    let mut writer =
        SerializedFileWriter::new(std::fs::File::create(&one).expect("file"), Arc::new(schema), Arc::default())
            .expect("writer");
    for group in 0..3i64 {
        let mut row_group = writer.next_row_group().expect("row group");
        let numbers: Vec<i64> = (0..100).map(|i| group * 100 + i).collect();
        let texts: Vec<ByteArray> =
            numbers.iter().map(|i| ByteArray::from(format!("value {i:09}").into_bytes())).collect();
        for index in 0..COLUMNS {
            let mut column = row_group.next_column().expect("column").expect("a column");
            match index % 2 {
                0 => column.typed::<Int64Type>().write_batch(&numbers, None, None),
                _ => column.typed::<ByteArrayType>().write_batch(&texts, None, None),
            }
            .expect("values");
            column.close().expect("column");
        }
        row_group.close().expect("row group");
    }
    writer.close().expect("file");
    for file in 0..FILES {
        let partition = folder.join(format!("lake/events/dt=d{:05}", file / 100));
        std::fs::create_dir_all(&partition).expect("folder");
        std::fs::copy(&one, partition.join(format!("part-{file:05}.parquet"))).expect("copy");
    }
    write(folder.join("query.sql"), "SELECT c3, count(*) FROM events WHERE c0 > 250 GROUP BY 1;\n");
}

/// Reads the same footers with pyarrow, once, and prints how much longer it takes.
fn against_pyarrow(folder: &Path, ours: Duration) {
    let Some(python) = std::env::var_os("PYARROW") else { return };
    let script = "import glob, time, pyarrow.parquet as pq\n\
                  start = time.time()\n\
                  for p in sorted(glob.glob('lake/events/*/*.parquet')):\n    \
                      m = pq.ParquetFile(p).metadata\n    \
                      [m.row_group(i).column(j).statistics.min for i in range(m.num_row_groups) for j in range(m.num_columns)]\n\
                  print(time.time() - start)";
    let output = std::process::Command::new(python).args(["-c", script]).current_dir(folder).output().expect("python");
    let seconds: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("pyarrow is installed");
    println!(
        "pyarrow: {seconds:.2} s, {:.1} times lakelint's {:.3} s",
        seconds / ours.as_secs_f64(),
        ours.as_secs_f64()
    );
}

fn main() {
    let kept = std::env::var_os("LAKELINT_COST").map(PathBuf::from);
    let temporary = tempfile::tempdir().expect("tempdir");
    let root = kept.unwrap_or_else(|| temporary.path().to_path_buf());
    let made = |name: &str, make: fn(&Path)| {
        let folder = root.join(name);
        if !folder.exists() {
            std::fs::create_dir_all(folder.join(".git")).expect("folder");
            make(&folder);
        }
        folder
    };
    let queries = made("queries", write_many_queries);
    let partitions = made("partitions", write_many_partitions);
    let files = made("files", write_many_files);
    let cost =
        |folder: &Path, file: &str| lakelint(folder, &["cost", "--as-of", "2025-01-01", "--format", "json", file]);
    let folder_cost = || lakelint(&files, &["cost", "--format", "json", "--lake", "lake", "query.sql"]);
    assert!(cost(&partitions, "query.sql").contains("\"high\": 1000"), "a thousand partitions are kept");
    assert!(folder_cost().contains("10,000 footers of 10,000 files"));

    let start = Instant::now();
    folder_cost();
    against_pyarrow(&files, start.elapsed());
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    criterion
        .bench_function("1,000 queries, 200 tables x 1,000 partitions", |b| b.iter(|| cost(&queries, "queries.sql")));
    criterion.bench_function("1 query, 1,000,000 partitions", |b| b.iter(|| cost(&partitions, "query.sql")));
    criterion.bench_function("10,000 local footers", |b| b.iter(folder_cost));
    criterion.final_summary();
}
